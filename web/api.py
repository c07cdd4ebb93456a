"""The reads endpoint: the one contract that stations, pages and offline tablets share. See docs/api.md."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import msgspec
from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from inventory import days, stations
from inventory.stations import hash_token
from web import access, language, lost_prints, reads, sign_in, station_status, workshop
from web.live import last_result
from web.live_pages import hub
from web.scanners import ScannerSetting

api = Blueprint("api", __name__, url_prefix="/api")

MOST_BYTES = 1_000_000
"""200 reads at their longest, and room."""

MOST_STATUS_BYTES = 200_000
"""As many devices as are told of, with their rules."""


@api.post("/stations/<station>/reads")
def post_reads(station: str) -> tuple[Response, int] | Response:
    """Record a batch of reads. By station token, or by a signed-in page."""
    if (request.content_length or 0) > MOST_BYTES:
        return _failure(413, "too_large")
    sent = _body()
    batch = sent.get("reads") if isinstance(sent, dict) else None
    if not isinstance(batch, list):
        return _failure(400, "not_a_batch")
    if len(batch) > reads.MOST_READS:
        return _failure(413, "too_many_reads")
    token = access.bearer_token()
    done = reads.record(
        access.database(),
        station=station,
        raw_reads=batch,
        # A station has no cookie to look for.
        language=language.current() if token is None else language.accepted(),
        token_hash=None if token is None else hash_token(token),
        attempts=sign_in.attempts(),
        sent=sent.get("sent"),
    )
    if done is None:
        return _failure(401, "unknown_station_or_token")
    hub().publish(station, done.answered, open_after=done.session["open"])
    # At the pace of reads, Flask's own encoder costs as much as a statement.
    session = {**done.session, "now": _now_s()}
    answer = {"results": done.results, "session": session}
    if done.batch is not None:
        answer["batch"] = done.batch
    body = msgspec.json.encode(answer)
    return Response(body, mimetype="application/json")


@api.get("/stations/<station>/session")
def get_session(station: str) -> tuple[Response, int] | Response:
    """The open session of a station, for a page that opens or that polls; by a signed-in page only."""
    view = lost_prints.current_session(access.database(), hub().statuses, station=station)
    if view is None:
        return _failure(404, "unknown_station")
    last = hub().poll(station, is_open=view["open"])
    told = {"status": hub().statuses.view(station), "last": last_result(last, language.current())}
    return jsonify({"session": {**view, "now": _now_s()}, **told})


@api.get("/stations/<station>/batch")
def get_batch(station: str) -> tuple[Response, int] | AnyResponse:
    """What a bench of the workshop shows; by a signed-in page, or one that stands at the open station."""
    lost_prints.ask(access.database(), hub().statuses)
    view = workshop.current(access.database(), station=station)
    if view is None:
        return _failure(404, "unknown_station")
    answer = Response(msgspec.json.encode(view), mimetype="application/json")
    answer.add_etag()
    return answer.make_conditional(request)


@api.post("/stations/<station>/status")
def post_status(station: str) -> tuple[Response, int] | Response:
    """How a station's process is; the answer is which scanners are on its list, and what somebody who sets up devices
    asks for. By station token only."""
    token = access.bearer_token()
    with access.database().reading() as session:
        if token is None or not stations.is_token(session, station=station, token=token):
            return _failure(401, "unknown_station_or_token")
        scanners = [
            asdict(ScannerSetting.listed(one))
            for one in stations.scanners(session, station=station)
        ]
    hub().statuses.heard(station)  # though it may be of another version, and not understood
    if (request.content_length or 0) > MOST_STATUS_BYTES:
        return _failure(413, "too_large")
    status = station_status.parse(request.get_data())
    if status is None:
        return _failure(400, "not_a_status")
    hub().status(station, status)
    return jsonify({"scanners": scanners, **hub().statuses.wish(station)})


def _now_s() -> float:
    """What the clock shows here, in seconds since 1970: the moments of a session are by it."""
    return round(days.now().timestamp(), 3)


def _body() -> Any:
    sent = request.get_data(cache=False)
    try:
        return msgspec.json.decode(sent)
    except (msgspec.DecodeError, RecursionError):
        return _generously(sent)


def _generously(sent: bytes) -> Any:
    """What strict reading refuses, such as half a surrogate pair: one such read is refused, not its whole batch."""
    try:
        return json.loads(sent)
    except (ValueError, RecursionError):  # the latter: brackets within brackets, by the thousand
        return None


def _failure(status: int, code: str) -> tuple[Response, int]:
    body: dict[str, Any] = {"error": code}
    return jsonify(body), status
