"""Who may come in. The one place that says so: every route wants somebody signed in unless it is named here.

A signed-in person is known by a cookie whose secret the table `sign_in` holds as a hash. A request that changes
something must also carry a token derived from that secret, so that no other site can make a browser send it; the token
lives as long as the sign-in, so that a counter page left open all day keeps working.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from inventory import days, sign_ins
from inventory.database import Database
from inventory.tables import Person
from inventory.words import Role

PUBLIC = frozenset({"static", "health", "language.choose", "sign_in.form", "sign_in.enter"})
"""Endpoints that show nothing and need nobody."""

STATION_TOKEN = frozenset({"api.post_reads", "api.post_status"})
"""Endpoints that a station may also call; they check the token themselves, in the statement that finds the station."""

LOGISTICS = frozenset({Role.LOGISTICS, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

ONLY_FOR: dict[str, frozenset[Role]] = {}
"""Blueprints that are for some roles; every other page is for whoever is signed in."""

COOKIE = "sign_in"
COOKIE_LASTS_S = 30 * 24 * 3600
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def set_up(app: Flask) -> None:
    app.before_request(_guard)
    app.context_processor(lambda: {"person": signed_in, "csrf": csrf_token})


def signed_in() -> Person | None:
    """Whoever is signed in with this request's cookie."""
    if "person" not in g:
        token = request.cookies.get(COOKIE)
        g.person = person_of(database(), token) if token else None
    person: Person | None = g.person
    return person


def may(person: Person, blueprint: str | None) -> bool:
    """Whether the pages of a blueprint are for this person's role."""
    return Role(person.role) in ONLY_FOR.get(blueprint or "", frozenset(Role))


def bearer_token() -> str | None:
    """The station token that came with the request; None where none did, whatever else was sent."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def csrf_token() -> str:
    """What forms and scripts of the signed-in page send along; without a sign-in it is empty."""
    secret = request.cookies.get(COOKIE, "")
    return hmac.digest(secret.encode(), b"csrf", "sha256").hex() if secret else ""


def keep(response: AnyResponse, token: str) -> None:
    """Put the secret of a new sign-in into the browser."""
    response.set_cookie(
        COOKIE,
        token,
        # The table decides how long it is valid; a browser that is closed at night need not ask for the PIN again.
        max_age=COOKIE_LASTS_S,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )


def refuse_other_sites() -> None:
    """For what needs no sign-in yet: a form of another site may not fill it in."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden


def database() -> Database:
    found: Database = current_app.config["DATABASE"]
    return found


def _guard() -> AnyResponse | tuple[Response, int] | None:
    endpoint = request.endpoint
    if endpoint in PUBLIC:
        return None
    if endpoint in STATION_TOKEN and bearer_token() is not None:
        return None
    person = signed_in()
    if person is None:
        return _ask_to_sign_in()
    if not may(person, request.blueprint):
        raise Forbidden
    if request.method not in SAFE_METHODS:
        sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
        if not hmac.compare_digest(sent.encode(), csrf_token().encode()):
            raise Forbidden
    return None


def _ask_to_sign_in() -> AnyResponse | tuple[Response, int]:
    if request.path.startswith("/api/") or "text/event-stream" in request.accept_mimetypes.values():
        return jsonify({"error": "not_signed_in"}), 401
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else "/"
    return redirect(url_for("sign_in.form", next=back))


def person_of(database: Database, token: str) -> Person | None:
    """Whoever is signed in with a cookie's secret; its time is topped up where it runs out."""
    today = days.today()
    with database.reading() as session:
        sign_in = sign_ins.sign_in_of(session, token=token, today=today)
        if sign_in is None:
            return None
        person = sign_in.person
        runs_out = sign_in.until < today + sign_ins.LASTS
        session.expunge(person)
    if runs_out:
        database.write(lambda session: sign_ins.renew(session, token=token, today=today))
    return person
