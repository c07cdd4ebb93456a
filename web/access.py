"""Who may come in, and to what: every route wants somebody signed in whose role may see it, unless `rights` names it.

A signed-in person is known by a cookie whose secret the table `sign_in` holds as a hash. A browser that stands at a
station has a cookie of its own: while that station is open it needs nobody's account for serving there. A request that
changes something must also carry a token derived from one of these secrets, so that no other site can make a browser
send it; the token lives as long as its cookie, so that a counter page left open all day keeps working.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, redirect, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from inventory import days, sign_ins, station_opening
from inventory.database import Database
from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.tables import Person, Place, Station
from inventory.words import PlaceKind, Role
from web.mail_settings import Mailing
from web.rights import (
    ADMINISTRATORS,
    AT_A_STATION,
    BY_BADGE,
    ONLY_FOR,
    PUBLIC,
    STATION_TOKEN,
    WHILE_OPEN,
    WITH_PIN,
)

COOKIE = "sign_in"
STATION_COOKIE = "station"
COOKIE_LASTS_S = 30 * 24 * 3600
STATION_COOKIE_LASTS_S = 400 * 24 * 3600
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotForThisRole(ComptoirError):
    code = "not_for_this_role"

    def __init__(self) -> None:
        super().__init__(
            Message("This page is for other roles. Ask an administrator if you need it.")
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """The station that a browser stands at."""

    station: str
    place: str
    is_open: bool
    was_open: bool


def set_up(app: Flask) -> None:
    app.before_request(_guard)
    app.context_processor(
        lambda: {"person": signed_in, "csrf": csrf_token, "standing": standing, "may": may_see}
    )


def signed_in() -> Person | None:
    """Whoever is signed in with this request's cookie."""
    if "person" not in g:
        token = request.cookies.get(COOKIE)
        g.person, g.by_badge = _sign_in_of(database(), token) if token else (None, False)
    person: Person | None = g.person
    return person


def by_badge() -> bool:
    """Whether a badge alone signed them in."""
    return signed_in() is not None and bool(g.by_badge)


def standing() -> Standing | None:
    """The station that this request's browser stands at, if it was given one."""
    if "standing" not in g:
        token = request.cookies.get(STATION_COOKIE)
        g.standing = _standing_of(database(), token) if token else None
    found: Standing | None = g.standing
    return found


def may(person: Person, blueprint: str | None) -> bool:
    """Whether the pages of a blueprint are for this person's role."""
    return _is_for(Role(person.role), blueprint)


def may_see(endpoint: str) -> bool:
    """Whether whoever is signed in may open a page; for links in templates."""
    person = signed_in()
    return person is not None and may(person, endpoint.partition(".")[0])


def bearer_token() -> str | None:
    """The station token that came with the request; None where none did, whatever else was sent."""
    scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def csrf_token() -> str:
    """What forms and scripts of a page send along; without a sign-in or a station it is empty."""
    return _csrf_of(COOKIE if signed_in() else STATION_COOKIE)


def keep(response: AnyResponse, token: str) -> None:
    """Put the secret of a new sign-in into the browser."""
    # The table decides how long it is valid; a browser that is closed at night need not ask for the PIN again.
    set_cookie(response, COOKIE, token, max_age=COOKIE_LASTS_S)


def set_cookie(
    response: AnyResponse, name: str, value: str, *, max_age: int, samesite: str = "Lax"
) -> None:
    """A cookie that scripts cannot read, and that only goes over https where this request came so."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure,
        samesite=samesite,
    )


def refuse_other_sites() -> None:
    """What changes something comes from a page of ours, as browsers say themselves."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise Forbidden


def mailing() -> Mailing:
    """How mail leaves."""
    found: Mailing = current_app.config["MAILING"]
    return found


def database() -> Database:
    found: Database = current_app.config["DATABASE"]
    return found


def still_welcome(station: str) -> Callable[[], bool]:
    """Whether this request's browser may go on looking at a station: asked again while a stream lasts."""
    here, cookies = database(), request.cookies

    def is_welcome() -> bool:
        if person_of(here, cookies.get(COOKIE, "")) is not None:
            return True
        at = _standing_of(here, cookies.get(STATION_COOKIE, ""))
        return at is not None and at.is_open and at.station == station

    return is_welcome


def person_of(database: Database, token: str) -> Person | None:
    """Whoever is signed in with a cookie's secret."""
    return _sign_in_of(database, token)[0]


def _guard() -> AnyResponse | tuple[Response, int] | None:
    endpoint = request.endpoint
    if endpoint in PUBLIC:
        return None
    if endpoint in STATION_TOKEN and bearer_token() is not None:
        return None
    refusal = _refusal()
    if refusal is None and request.method not in SAFE_METHODS:
        refuse_other_sites()
        sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
        if not _is_csrf(sent):
            raise Forbidden
    return refusal


def _refusal() -> AnyResponse | tuple[Response, int] | None:
    """What to answer instead of the page; None for whoever may see it."""
    person = signed_in()
    if person is not None and _is_theirs(person) and not _lacks_pin(person):
        return None
    at = standing()
    if at is not None and _serves(at):
        return None
    if person is None:
        return _way_at(at) if at is not None else _ask_to_sign_in()
    if not _is_theirs(person):
        raise NotForThisRole
    return _ask("sign_in.ask_pin")


def _is_theirs(person: Person) -> bool:
    return may(person, request.blueprint) and _may_stand_there(Role(person.role))


def _lacks_pin(person: Person) -> bool:
    role = Role(person.role)
    lowered = BY_BADGE.get(role, role)
    return by_badge() and (request.endpoint in WITH_PIN or not _is_for(lowered, request.blueprint))


def _is_for(role: Role, blueprint: str | None) -> bool:
    # No blueprint: there is no such page, which everybody may be told.
    return blueprint is None or role in ONLY_FOR.get(blueprint, ADMINISTRATORS)


def _station() -> str | None:
    """The station that the address names."""
    if not request.path.startswith(("/stations/", "/api/stations/")):
        return None
    named = request.view_args or {}
    found: str | None = named.get("station") or named.get("name")
    return found


def _may_stand_there(role: Role) -> bool:
    """Those who work at the workshop have no business at an open counter: people they know may stand there."""
    station = _station()
    if role is not Role.WORKSHOP or station is None:
        return True
    with database().reading() as session:
        query = select(Place.kind).join(Station, Station.place_id == Place.id)
        kind = session.scalar(query.where(Station.name == station))
    return kind is None or works_at(role, kind)


def works_at(role: Role, kind: str) -> bool:
    """Whether stations at a place of this kind are for a role."""
    return role is not Role.WORKSHOP or kind == PlaceKind.WORKSHOP


def _serves(at: Standing) -> bool:
    """What a browser that stands at a station may see without an account: serving there, today's tally, its sheet."""
    if request.endpoint == "tally.page":
        return at.was_open and dict(request.args) == _tally_of_today(at)
    if request.endpoint == "photos.photo":
        return at.is_open
    if request.endpoint == "sheets.printed":
        return at.is_open and dict(request.args) == {"place": at.place}
    if _station() not in (None, at.station):
        return False
    return request.endpoint in AT_A_STATION or (at.is_open and request.endpoint in WHILE_OPEN)


def _way_at(at: Standing) -> AnyResponse | tuple[Response, int]:
    """Where a browser that stands at a station goes instead."""
    if _station() == at.station and request.endpoint in WHILE_OPEN:
        if _wants_data():
            return jsonify({"error": "not_open"}), 401
        return redirect(url_for("serving.page", name=at.station))
    if (
        request.endpoint == "tally.page"
        and at.was_open
        and dict(request.args) == {"place": at.place}
    ):
        today = _tally_of_today(at)
        return redirect(url_for("tally.page", **today))
    if request.path == "/":
        return redirect(url_for("pages.counter", name=at.station))
    return _ask_to_sign_in()


def _tally_of_today(at: Standing) -> dict[str, Any]:
    today = days.today().isoformat()
    return {"place": at.place, "from": today, "to": today}


def _ask_to_sign_in() -> AnyResponse | tuple[Response, int]:
    if _wants_data():
        return jsonify({"error": "not_signed_in"}), 401
    return _ask("sign_in.form")


def _ask(endpoint: str) -> AnyResponse:
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else "/"
    return redirect(url_for(endpoint, next=back))


def _wants_data() -> bool:
    return (
        request.path.startswith("/api/") or "text/event-stream" in request.accept_mimetypes.values()
    )


def _csrf_of(cookie: str) -> str:
    secret = request.cookies.get(cookie, "")
    return hmac.digest(secret.encode(), b"csrf", "sha256").hex() if secret else ""


def _is_csrf(sent: str) -> bool:
    """A page opened by somebody who has been signed out since goes on at its open station, and the other way round."""
    tokens = [token for token in map(_csrf_of, (COOKIE, STATION_COOKIE)) if token]
    return any(hmac.compare_digest(sent.encode(), token.encode()) for token in tokens)


def _sign_in_of(database: Database, token: str) -> tuple[Person | None, bool]:
    """Whoever is signed in with a cookie's secret, and whether by badge alone. Once a day its time is topped up."""
    today = days.today()
    with database.reading() as session:
        sign_in = sign_ins.sign_in_of(session, token=token, today=today)
        if sign_in is None:
            return None, False
        person, with_badge = sign_in.person, sign_in.by_badge
        runs_out = sign_in.until < today + sign_ins.LASTS
        session.expunge(person)
    if runs_out:
        database.write(lambda session: sign_ins.renew(session, token=token, today=today))
    return person, with_badge


def _standing_of(database: Database, token: str) -> Standing | None:
    today = days.today()
    with database.reading() as session:
        station = station_opening.station_of(session, token)
        if station is None:
            return None
        return Standing(
            station.name,
            station.place.code,
            station_opening.is_open(station, today),
            station_opening.was_open(station, today),
        )
