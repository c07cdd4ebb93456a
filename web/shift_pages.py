"""The shifts there were: their totals, the wrong channel or site of one corrected, and a sheet taken back."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import days, shift_list
from inventory import tally as tallies
from inventory.counter import correcting, taking_back
from inventory.counter.correcting import Where
from inventory.errors import NotAllowed
from inventory.messages import Message, Names
from inventory.tables import Shift
from inventory.tally import Tally
from web import access, language, tally_lines, words
from web.sheet_pages import day_of, places_served

bp = Blueprint("shifts", __name__)

SHOWN = timedelta(days=13)
"""How far the list goes back where nobody says."""


@bp.get("/services")
def page() -> str:
    last = day_of(request.args.get("to")) or days.today()
    first = day_of(request.args.get("from")) or last - SHOWN
    place = request.args.get("place") or None
    with access.database().reading() as session:
        rows = shift_list.shifts_of(session, first=first, last=last, place=place)
        places = places_served(session)
    return render_template(
        "shifts.html",
        rows=rows,
        first=first,
        last=last,
        place=place,
        places=places,
        already="already" in request.args,
    )


@bp.get("/services/<int:shift_id>")
def one(shift_id: int) -> Response | str:
    return _one(shift_id) or redirect(url_for("shifts.page"))


@bp.post("/services/<int:shift_id>/where")
def correct(shift_id: int) -> Response | tuple[str, int]:
    """Another channel or site for the whole shift; done already, it is simply so."""
    seen = Where(request.form.get("seen-channel", ""), request.form.get("seen-site", ""))
    wanted = Where(request.form.get("channel", ""), request.form.get("site", ""))

    def work(session: Session) -> None:
        if session.get(Shift, shift_id) is not None:
            correcting.correct(session, shift_id=shift_id, seen=seen, wanted=wanted)

    try:
        access.database().write(work)
    except NotAllowed as error:
        told = _one(shift_id, fault=error.message)
        return (told, 409) if told else redirect(url_for("shifts.page"))
    return redirect(url_for("shifts.one", shift_id=shift_id, corrected=1), 303)


@bp.get("/services/<int:shift_id>/take-back")
def before_taking_back(shift_id: int) -> Response | str:
    """What taking a sheet back changes, before anything does: there is no way back from it but to type it in anew."""
    with access.database().reading() as session:
        shift = session.get(Shift, shift_id)
        if shift is None or shift.taken_back or not shift.from_sheet:
            return redirect(url_for("shifts.one", shift_id=shift_id))
        tally = tallies.tally(session, shift_id=shift_id)
        return render_template("take_back.html", shift=shift, **_totals(tally))


@bp.post("/services/<int:shift_id>/take-back")
def take_back(shift_id: int) -> Response | tuple[str, int]:
    """A sheet typed in by mistake counts no longer; sent twice it is taken back once."""

    def work(session: Session) -> None:
        if session.get(Shift, shift_id) is not None:
            taking_back.take_back(session, shift_id=shift_id)

    try:
        access.database().write(work)
    except NotAllowed as error:
        told = _one(shift_id, fault=error.message)
        return (told, 409) if told else redirect(url_for("shifts.page"))
    return redirect(url_for("shifts.one", shift_id=shift_id), 303)


def _one(shift_id: int, *, fault: Message | None = None) -> str | None:
    """The totals of a shift; None where there is none of that number."""
    with access.database().reading() as session:
        shift = session.get(Shift, shift_id)
        if shift is None:
            return None
        tally = tallies.tally(session, shift_id=shift_id)
        return render_template(
            "shift.html",
            shift=shift,
            tally=tally,
            **tally_lines.tables(tally, language.current()),
            channels=correcting.channels(session),
            sites=correcting.sites(session, place_id=shift.place_id),
            fault=fault,
            recorded="recorded" in request.args,
            corrected="corrected" in request.args,
        )


def _totals(tally: Tally) -> dict[str, Any]:
    return {
        "tally": tally,
        "rows": _handed_out(tally),
        "contacts": [(words.CONTACTS[kind], times) for kind, times in tally.contacts.items()],
    }


def _handed_out(tally: Tally) -> list[tuple[Names, int]]:
    """Kits first, then the articles in the order of the lists."""
    totals: dict[str, int] = defaultdict(int)
    for row in tally.rows:
        totals[row.item] += row.handed_out
    articles = tally.articles

    def order(item: str) -> tuple[bool, int]:
        return not articles[item].is_kit, articles[item].number

    return [(articles[item].names, totals[item]) for item in sorted(totals, key=order)]
