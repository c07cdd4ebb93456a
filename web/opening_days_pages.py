"""When places are open: their usual days, the days that differ, and the days nothing was noted for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import get_day_names
from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from inventory import days, opening_days
from inventory.counter import sheets as services
from inventory.database import SECRET
from inventory.errors import NotAllowed
from inventory.opening_days import Asked, Calendar
from inventory.tables import Setting
from web import access, language
from web.i18n import LOCALES
from web.sheet_pages import day_of, places_served

calendar = Blueprint("opening_days", __name__)
answers = Blueprint("unrecorded", __name__)

MOST_ASKED = 5
"""Questions at once; the others come when these are answered."""

KEPT_IN_SIGHT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """What the first page asks: some days, and how many more."""

    days: list[Asked]
    more: int


def unrecorded() -> Unrecorded:
    """Open days nothing was recorded for, for whoever may answer."""
    person = access.signed_in()
    if person is None or not access.may(person, answers.name):
        return Unrecorded([], 0)
    with access.database().reading() as session:
        found = opening_days.nothing_recorded(session, today=days.today())
    return Unrecorded(found[:MOST_ASKED], max(len(found) - MOST_ASKED, 0))


@answers.post("/unrecorded")
def answer() -> Response:
    """ "nothing" records a shift of zeros, "closed" an exception; either done twice is done once."""
    place, day = request.form.get("place", ""), _day()
    said = request.form.get("answer")
    try:
        if said == "nothing":
            access.database().write(lambda session: _nothing(session, place, day))
            access.database().forget_erased()
        elif said == "closed":
            access.database().write(
                lambda session: opening_days.was_closed(session, place=place, day=day)
            )
        else:
            raise BadRequest
    except NotAllowed:
        if day > days.today():
            raise
        # Somebody recorded the day meanwhile: the question has gone.
    return redirect("/", 303)


def _nothing(session: Session, place: str, day: date) -> None:
    secret = session.get_one(Setting, SECRET).value
    services.record_nothing(session, place=place, day=day, secret=secret, now=days.now())


@calendar.get("/opening-days")
def page() -> str:
    with access.database().reading() as session:
        places = places_served(session)
        chosen = request.args.get("place") or next(iter(places), ("", ""))[0]
        known = Calendar()
        name = ""
        if chosen:
            there = services.serving_place(session, chosen)
            name, known = there.name, opening_days.calendar(session, place_id=there.id)
    since = days.today() - KEPT_IN_SIGHT
    return render_template(
        "opening_days.html",
        places=places,
        place=chosen,
        name=name,
        weekdays=get_day_names("wide", locale=LOCALES[language.current()]),
        usual=known.since,
        exceptions={day: is_open for day, is_open in known.exceptions.items() if day >= since},
        saved="saved" in request.args,
    )


@calendar.post("/opening-days/usual")
def usual() -> Response:
    place = request.form.get("place", "")
    weekdays = {int(text) for text in request.form.getlist("weekday") if text in set("0123456")}
    access.database().write(
        lambda session: opening_days.set_usual(
            session, place=place, weekdays=weekdays, today=days.today()
        )
    )
    return _saved(place)


@calendar.post("/opening-days/exception")
def exception() -> Response:
    place, day = request.form.get("place", ""), _day()
    said = {"open": True, "closed": False, "usual": None}
    wanted = request.form.get("open", "")
    if wanted not in said:
        raise BadRequest
    access.database().write(
        lambda session: opening_days.set_exception(session, place=place, day=day, open=said[wanted])
    )
    return _saved(place)


def _saved(place: str) -> Response:
    return redirect(url_for("opening_days.page", place=place, saved=1), 303)


def _day() -> date:
    day = day_of(request.form.get("day"))
    if day is None:
        raise BadRequest
    return day
