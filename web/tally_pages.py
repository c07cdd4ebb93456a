"""The tally as a page: what left, what came back, how many came by."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inventory import catalogue, printing, replenish
from inventory import tally as tallies
from inventory.tables import Place, Shift, Station
from inventory.tally import Tally
from inventory.words import PlaceKind
from web import access, joining_pages, language, tally_lines
from web.downloads import attachment
from web.tally_formats import tally_csv, tally_dict, tally_xlsx
from web.tally_pdf import tally_pdf

bp = Blueprint("tally", __name__)


@dataclass(frozen=True, slots=True)
class Query:
    """What the address asks for; dates nobody can read are taken for none."""

    first: date | None
    last: date | None
    place: str | None
    shift: int | None = None

    @classmethod
    def from_address(cls) -> Query:
        return cls(
            _date(request.args.get("from")),
            _date(request.args.get("to")),
            request.args.get("place") or None,
            _number(request.args.get("shift")),
        )

    def of_shift(self, session: Session) -> Query:
        """A shift, as the code on a receipt asks for it, has its place; 404 where there is none."""
        if self.shift is None:
            return self
        shift = session.get(Shift, self.shift)
        return abort(404) if shift is None else replace(self, place=shift.place.code)

    def answer(self, session: Session) -> Tally:
        if self.shift is not None:
            return tallies.tally(session, shift_id=self.shift)
        return tallies.tally(session, first=self.first, last=self.last, place=self.place)


@bp.get("/tally")
def page() -> str:
    query = Query.from_address()
    with access.database().reading() as session:
        query = query.of_shift(session)
        tally = query.answer(session)
        places = _places_to_choose(session)
        stations = session.scalars(_stations_at(query.place)).all()
        low = _low(session, query.place)
        unprinted = printing.tallies_waiting(session, place=query.place) if query.place else 0
    address: dict[str, Any] = {
        name: request.args[name]
        for name in ("from", "to", "place", "shift")
        if name in request.args
    }
    return render_template(
        "tally.html",
        tally=tally,
        asked=query,
        places=places,
        stations=stations,
        files=[
            (form.upper(), url_for("tally.download", form=form, **address)) for form in ON_THE_PAGE
        ],
        place=tally.places.get(query.place or ""),
        **tally_lines.tables(tally, language.current()),
        low=low,
        unprinted=unprinted,
        came_late=joining_pages.waiting(tally.first, tally.last),
    )


@bp.get("/tally.<form>")
def download(form: str) -> Response:
    """The same figures as a file."""
    if form not in FILES:
        abort(404)
    query = Query.from_address()
    with access.database().reading() as session:
        query = query.of_shift(session)
        tally = query.answer(session)
    days = dict.fromkeys(str(day) for day in (tally.first, tally.last) if day)
    name = "-".join(["tally", *days, *([query.place.lower()] if query.place else [])])
    place = tally.places.get(query.place or "")
    return attachment(FILES[form](tally, language.current(), place), f"{name}.{form}")


def _json(tally: Tally) -> bytes:
    return json.dumps(tally_dict(tally), default=date.isoformat, ensure_ascii=False).encode()


FILES: dict[str, Callable[[Tally, str, str | None], bytes]] = {
    "pdf": lambda tally, code, place: tally_pdf(tally, code, place=place),
    "csv": lambda tally, code, place: tally_csv(tally, code),
    "xlsx": lambda tally, code, place: tally_xlsx(tally, code),
    "json": lambda tally, code, place: _json(tally),
}

ON_THE_PAGE = ("pdf", "xlsx", "csv")


def _places_to_choose(session: Session) -> list[tuple[str, str]]:
    holding = [kind for kind in PlaceKind if kind.holds_stock]
    wanted = select(Place.code, Place.name).where(Place.kind.in_(holding)).order_by(Place.name)
    return [(code, name) for code, name in session.execute(wanted)]


def _stations_at(place: str | None) -> Select[str]:
    """The way back to the counter that somebody came from."""
    at = select(Station.name).join(Station.place).where(Place.code == place)
    return at.order_by(Station.name)


def _low(session: Session, place: str | None) -> int:
    """How many articles are below their level at the place that somebody looks at."""
    if place is None:
        return 0
    return len(replenish.low(session, place_id=catalogue.place(session, place).id))


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    """A row's number; what is none is 0, which no row has."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
