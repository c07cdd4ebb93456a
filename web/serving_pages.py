"""A browser that stands at a station, and the opening of that station.

Somebody signed in gives a browser its station once. From then on a badge or a PIN opens the station for the day, and
whoever serves there needs no account.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from inventory import catalogue, days, printing, station_opening
from inventory.errors import ComptoirError
from inventory.tables import Person
from web import access, browsers, lost_prints, sign_in, station_badges
from web.limits import TooManyTries
from web.live_pages import hub
from web.print_pages import Sheet, sheet_of
from web.sign_in import Answer, Refused

bp = Blueprint("serving", __name__)


@bp.get("/stations/<name>/opening")
def page(name: str) -> AnyResponse | str:
    """What a browser at its closed station shows: a badge, or a name and a PIN."""
    at = access.standing()
    if at is None or at.station != name or at.is_open:
        return redirect(url_for("pages.counter", name=name))
    return _form(name)


@bp.post("/stations/<name>/opening")
def enter(name: str) -> AnyResponse | str | Answer:
    """Open the station that this browser stands at. Nobody is signed in by that."""
    at = access.standing()
    if at is None or at.station != name:
        raise NotFound
    try:
        person = _whose()
        _may_open(name, person)
    except (Refused, TooManyTries) as error:
        status = 429 if isinstance(error, TooManyTries) else 401
        return _form(name, error), status, sign_in.retry_after(error)
    today = days.today()
    opened = access.database().write(
        lambda session: station_opening.open_station(
            session, station=name, place_id=person.place_id, today=today
        )
    )
    if not opened.elsewhere:
        return redirect(url_for("pages.counter", name=name), 303)
    return render_template("station_opened.html", station=name, message=station_badges.told(opened))


@bp.get("/api/stations/<station>/opening")
def state(station: str) -> Response:
    """For a page that waits until somebody's badge is read at the station's own scanner."""
    at = access.standing()
    if at is None or at.station != station:
        return jsonify({"open": False, "paper": None})
    asked = _asked(station)
    return jsonify({"open": at.is_open, "paper": asked and asked.id})


@bp.post("/stations/<name>/paper")
def paper(name: str) -> AnyResponse:
    """Whether the paper came out that this station's closed page asks about."""
    at = access.standing()
    if at is None or at.station != name:
        raise NotFound
    number, printed = request.form.get("job", type=int), request.form.get("act") == "yes"

    def work(session: Session) -> None:
        asked = printing.question(session, station_id=catalogue.station(session, name).id)
        if asked is not None and asked.id == number:  # else somebody has answered meanwhile
            printing.settle(session, job=printing.job(session, job_id=asked.id), printed=printed)

    access.database().write(work)
    access.database().forget_erased()
    return redirect(url_for("serving.page", name=name), 303)


@bp.post("/stations/<name>/close")
def close(name: str) -> AnyResponse:
    """Close the station: its page wants a badge or a PIN again. The shift goes on, and reads are still recorded."""
    access.database().write(lambda session: station_opening.close_station(session, station=name))
    # Whoever is signed in sees the same page as before: it has to say what happened.
    closed = "yes" if access.signed_in() else None
    return redirect(url_for("pages.counter", name=name, closed=closed), 303)


@bp.post("/stations/<name>/pair")
def pair(name: str) -> AnyResponse:
    """This browser stands at this station from now on, which opens it: whoever says so has just given their PIN."""
    before, today, device = _cookie(), days.today(), browsers.device()

    def work(session: Session) -> str:
        station_opening.unpair(session, before)
        station_opening.open_station(session, station=name, place_id=None, today=today)
        return station_opening.pair(session, station=name, device=device, today=today)

    token = access.database().write(work)
    response = redirect(url_for("pages.counter", name=name), 303)
    access.set_cookie(response, access.STATION_COOKIE, token, max_age=access.STATION_COOKIE_LASTS_S)
    return response


@bp.post("/stations/<name>/leave")
def leave(name: str) -> AnyResponse:
    """This browser stands at no station any more."""
    before = _cookie()
    access.database().write(lambda session: station_opening.unpair(session, before))
    response = redirect(url_for("pages.counter", name=name), 303)
    response.delete_cookie(access.STATION_COOKIE)
    return response


def _whose() -> Person:
    badge = sign_in.badge_shown()
    if badge is not None:
        return sign_in.check_badge(badge)
    return sign_in.check_name(request.form.get("name", ""), request.form.get("pin", ""))


def _may_open(name: str, person: Person) -> None:
    with access.database().reading() as session:
        if not station_badges.may_open(session, person, station=name):
            raise Refused(station_badges.ANOTHER_STATION)


def _form(name: str, error: ComptoirError | None = None) -> str:
    message = error.message if error else None
    return render_template(
        "station_opening.html", station=name, message=message, paper=_asked(name)
    )


def _asked(name: str) -> Sheet | None:
    """The paper of which nobody knows whether it came out: the shift may have closed the station with it."""
    lost_prints.ask(access.database(), hub().statuses)
    with access.database().reading() as session:
        asked = printing.question(session, station_id=catalogue.station(session, name).id)
        return None if asked is None else sheet_of(asked)


def _cookie() -> str:
    return request.cookies.get(access.STATION_COOKIE, "")
