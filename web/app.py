"""The web application: pages and API over one database."""

from __future__ import annotations

from flask import Flask, Response, jsonify, render_template, request
from sqlalchemy import text
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import Database
from inventory.errors import ComptoirError, NotOnTheLists
from inventory.tables.base import MOST_NUMBER
from web import (
    access,
    account_pages,
    api,
    assets,
    delivery_pages,
    devices_pages,
    items_pages,
    jobs_pages,
    joining_pages,
    kit_pages,
    label_pages,
    language,
    late_pages,
    live_pages,
    lot_pages,
    movement_pages,
    opening_days_pages,
    order_pages,
    orders_pages,
    pages,
    people_pages,
    print_api,
    print_pages,
    recipe_pages,
    replenish_pages,
    screen_pages,
    serving_pages,
    sheet_pages,
    shift_pages,
    sign_in,
    simulator_pages,
    stock_pages,
    tally_pages,
    workshop_pages,
)
from web.access import signed_in
from web.i18n import say
from web.limits import TooManyTries
from web.live import Live
from web.mail_settings import Mailing

__all__ = ["create_app", "signed_in"]

MOST_BYTES = 2_000_000
"""A request; the reads endpoint has its own, lower limit."""

HEADERS = {
    # Scripts and styles are files of ours; nothing inline, nothing from elsewhere.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        # A station's process tells the page on its own machine how many reads it keeps.
        "connect-src 'self' http://127.0.0.1:*; media-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
}

STATUSES: dict[type[ComptoirError], int] = {
    NotOnTheLists: 404,
    access.NotForThisRole: 403,
    TooManyTries: 429,
}
"""What is not a mistake in what was sent."""

API_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


BLUEPRINTS = (
    account_pages.bp,
    api.api,
    delivery_pages.bp,
    devices_pages.bp,
    items_pages.bp,
    items_pages.photo_bp,
    jobs_pages.bp,
    joining_pages.bp,
    kit_pages.bp,
    label_pages.bp,
    late_pages.bp,
    live_pages.bp,
    lot_pages.bp,
    movement_pages.bp,
    opening_days_pages.answers,
    opening_days_pages.calendar,
    order_pages.bp,
    orders_pages.bp,
    pages.bp,
    people_pages.bp,
    print_api.bp,
    print_pages.bp,
    recipe_pages.bp,
    replenish_pages.bp,
    replenish_pages.levels_bp,
    screen_pages.bp,
    serving_pages.bp,
    sheet_pages.bp,
    shift_pages.bp,
    simulator_pages.bp,
    stock_pages.bp,
    tally_pages.bp,
)


class RowNumber(IntegerConverter):
    """The number of a row in an address; one that no database could hold is no page."""

    def __init__(self, addresses: Map, max: int = MOST_NUMBER) -> None:
        super().__init__(addresses, max=max)


def create_app(
    database: Database, *, secure_cookies: bool = False, mailing: Mailing | None = None
) -> Flask:
    """The WSGI application. `secure_cookies` where browsers reach it over https; `mailing`: how orders leave."""
    app = Flask(__name__)
    app.config.update(
        DATABASE=database,
        LIVE=Live(),
        MAILING=mailing or Mailing(),
        MAX_CONTENT_LENGTH=MOST_BYTES,
        SESSION_COOKIE_SECURE=secure_cookies,
    )
    app.jinja_options = app.jinja_options | {"trim_blocks": True, "lstrip_blocks": True}
    language.set_up(app)
    app.before_request(_no_nul_in_the_address)
    access.set_up(app)
    app.before_request(_no_nul_in_the_form)  # read only for those who may come in
    assets.set_up(app)
    sign_in.set_up(app)
    app.url_map.converters["int"] = RowNumber
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    workshop_pages.set_up(app)
    app.add_url_rule("/health", "health", _health)
    app.after_request(_finish)
    app.register_error_handler(ComptoirError, _comptoir_error)
    app.register_error_handler(HTTPException, _http_error)
    return app


def _health() -> Response:
    """For whoever watches that the service is alive: it answers and its database too."""
    with access.database().reading() as session:
        session.execute(text("SELECT 1"))
    return jsonify({"ok": True})


NUL = "\0"
"""A letter that nobody types and PostgreSQL holds in no text."""


def _no_nul_in_the_address() -> None:
    if NUL in request.path or _holds_nul(request.args):
        raise BadRequest


def _no_nul_in_the_form() -> None:
    # What the API takes is JSON, whatever it calls itself: its views read it.
    if not request.path.startswith("/api/") and _holds_nul(request.form):
        raise BadRequest


def _holds_nul(fields: MultiDict[str, str]) -> bool:
    return any(NUL in name or NUL in value for name, value in fields.items(multi=True))


def _finish(response: Response) -> Response:
    if request.blueprint == "api":  # data, at the counter's pace: nothing in it to load or to frame
        for name, value in API_HEADERS.items():
            response.headers[name] = value
        return response
    response.headers.extend(HEADERS)
    if request.endpoint == "static":
        assets.keep(response)
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _comptoir_error(error: ComptoirError) -> tuple[Response | str, int, dict[str, str]]:
    status, headers = STATUSES.get(type(error), 400), sign_in.retry_after(error)
    if request.path.startswith("/api/"):
        message = say(error.message, language.current())
        return jsonify({"error": error.code, "message": message}), status, headers
    page = render_template("error.html", status=status, message=error.message)
    return page, status, headers


def _http_error(error: HTTPException) -> AnyResponse | tuple[Response | str, int]:
    status = error.code or InternalServerError.code
    if status < 400:
        return error.get_response()
    if request.path.startswith("/api/"):
        return jsonify({"error": error.name.lower().replace(" ", "_")}), status
    return render_template("error.html", status=status), status
