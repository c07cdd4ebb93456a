"""The reads endpoint: the one contract that stations, pages and offline tablets share. See docs/api.md."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, Response, jsonify, request

from inventory.stations import hash_token
from web import access, language, reads

api = Blueprint("api", __name__, url_prefix="/api")

MOST_BYTES = 1_000_000
"""200 reads at their longest, and room."""


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
    )
    if done is None:
        return _failure(401, "unknown_station_or_token")
    # At the pace of reads, Flask's own encoder costs as much as a statement.
    body = msgspec.json.encode({"results": done.results, "session": done.session})
    return Response(body, mimetype="application/json")


@api.get("/stations/<station>/session")
def get_session(station: str) -> tuple[Response, int] | Response:
    """The open session of a station, for a page that opens; by a signed-in page only."""
    view = reads.current_session(access.database(), station=station)
    return jsonify({"session": view}) if view else _failure(404, "unknown_station")


def _body() -> Any:
    try:
        return request.get_json(force=True, silent=True)
    except RecursionError:  # brackets within brackets, by the thousand
        return None


def _failure(status: int, code: str) -> tuple[Response, int]:
    body: dict[str, Any] = {"error": code}
    return jsonify(body), status
