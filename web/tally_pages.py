"""The tally as a page: what left, what came back, how many came by."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inventory import tally as tallies
from inventory.messages import Message, Names
from inventory.tables import Place, Shift, Station
from inventory.tally import Tally
from inventory.words import PlaceKind
from web import access, language, words
from web.tally_formats import tally_csv, tally_dict, tally_xlsx

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


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: an article somewhere, and its pieces."""

    names: Names
    where: str
    pieces: int


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """Used material by how it was measured."""

    how: Message
    from_street: bool
    measured: str
    pieces: int


@bp.get("/tally")
def page() -> str:
    query = Query.from_address()
    with access.database().reading() as session:
        query = query.of_shift(session)
        tally = query.answer(session)
        places = _places_to_choose(session)
        stations = session.scalars(_stations_at(query.place)).all()
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
        kits=_lines(tally, kits=True),
        articles=_lines(tally, kits=False),
        contents=_contents(tally),
        returns=_returns(tally),
        contacts=[(words.CONTACTS[kind], times) for kind, times in tally.contacts.items()],
        short=_short(tally),
    )


@bp.get("/tally.<form>")
def download(form: str) -> Response:
    """The same figures as a file."""
    if form not in FILES:
        abort(404)
    make, mimetype = FILES[form]
    query = Query.from_address()
    with access.database().reading() as session:
        query = query.of_shift(session)
        tally = query.answer(session)
    days = dict.fromkeys(str(day) for day in (tally.first, tally.last) if day)
    name = "-".join(["tally", *days, *([query.place.lower()] if query.place else [])])
    response = Response(make(tally, language.current()), mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{form}")
    return response


def _json(tally: Tally, _language: str) -> bytes:
    return json.dumps(tally_dict(tally), default=date.isoformat, ensure_ascii=False).encode()


FILES: dict[str, tuple[Callable[[Tally, str], bytes], str]] = {
    "csv": (tally_csv, "text/csv"),
    "xlsx": (
        tally_xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "json": (_json, "application/json"),
}

ON_THE_PAGE = ("xlsx", "csv")


def _places_to_choose(session: Session) -> list[tuple[str, str]]:
    holding = [kind for kind in PlaceKind if kind.holds_stock]
    wanted = select(Place.code, Place.name).where(Place.kind.in_(holding)).order_by(Place.name)
    return [(code, name) for code, name in session.execute(wanted)]


def _stations_at(place: str | None) -> Select[str]:
    """The way back to the counter that somebody came from."""
    at = select(Station.name).join(Station.place).where(Place.code == place)
    return at.order_by(Station.name)


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


def _lines(tally: Tally, *, kits: bool) -> list[Line]:
    """In the order of the lists; channel and place are said only where there are several."""
    several = len({(row.channel, row.site) for row in tally.rows}) > 1
    rows = [row for row in tally.rows if tally.articles[row.item].is_kit == kits]
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        where = " · ".join((row.channel, tally.places[row.site])) if several else ""
        totals[row.item, where] += row.handed_out
    return _in_order(tally, totals)


def _contents(tally: Tally) -> list[Line]:
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for row in tally.contents:
        totals[row.item, ""] += row.pieces
    return _in_order(tally, totals)


def _short(tally: Tally) -> list[Line]:
    several = len({row.place for row in tally.short}) > 1
    places = {code: name if several else "" for code, name in tally.places.items()}
    return _in_order(tally, {(row.item, places[row.place]): row.pieces for row in tally.short})


def _in_order(tally: Tally, totals: dict[tuple[str, str], int]) -> list[Line]:
    def place_in_lists(key: tuple[str, str]) -> tuple[int, str]:
        return tally.articles[key[0]].number, key[1]

    return [
        Line(tally.articles[key[0]].names, key[1], totals[key])
        for key in sorted(totals, key=place_in_lists)
    ]


def _returns(tally: Tally) -> list[BroughtBack]:
    """One line per way of measuring, whatever the factor."""
    measured: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    pieces: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in tally.returns:
        key = (row.method, row.unit, row.origin)
        measured[key] += row.measured
        pieces[key] += row.pieces
    return [
        BroughtBack(
            words.returned(method, unit),
            origin == "street",
            words.with_unit(language.number(measured[method, unit, origin]), unit),
            pieces[method, unit, origin],
        )
        for method, unit, origin in measured
    ]
