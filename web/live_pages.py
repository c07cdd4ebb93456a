"""The stream of a station, for its pages: `GET /stations/<name>/live`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, current_app, jsonify, request

from web import access, language, reads
from web.live import Live, Stream

bp = Blueprint("live", __name__)


def hub() -> Live:
    """The application's publisher."""
    found: Live = current_app.config["LIVE"]
    return found


@bp.get("/stations/<name>/live")
def stream(name: str) -> Response | tuple[Response, int]:
    """Server-sent events: the session, each read, and how the station's process is. 503 where the page shall poll."""
    database, live = access.database(), hub()
    if reads.current_session(database, station=name) is None:
        return jsonify({"error": "unknown_station"}), 404
    listener = live.listen(name, _browser())
    if listener is None:
        return jsonify({"poll": True}), 503
    told = Stream(
        live,
        listener,
        database,
        language.current(),
        still_welcome=access.still_welcome(name),
        gone=_gone(),
    )
    response = Response(iter(told), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy in front shall not hold events back
    response.call_on_close(lambda: live.leave(listener))
    return response


def _browser() -> str:
    """Whose share of the streams this is: by the cookie that let the browser in, not by one it made up."""
    cookie = access.STATION_COOKIE if access.signed_in() is None else access.COOKIE
    return request.cookies.get(cookie, "")


def _gone() -> Callable[[], bool]:
    """Whether the browser has hung up, where the server can tell."""
    found: Callable[[], bool] = request.environ.get("waitress.client_disconnected", lambda: False)
    return found
