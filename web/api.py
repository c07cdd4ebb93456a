"""The reads endpoint: the one contract that stations, pages and offline tablets share. See docs/api.md."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request

from inventory.database import Database
from web import reads
from web.i18n import best_language

api = Blueprint("api", __name__, url_prefix="/api")

MOST_BYTES = 1_000_000
"""200 reads at their longest, and room."""


def bearer_hash() -> bytes | None:
    """SHA-256 of the station token that came with the request, if one did."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    return hashlib.sha256(token.strip().encode()).digest()


@api.post("/stations/<station>/reads")
def post_reads(station: str) -> tuple[Response, int] | Response:
    """Record a batch of reads. By station token, or by a signed-in page."""
    if (request.content_length or 0) > MOST_BYTES:
        return _failure(413, "too_large")
    body = request.get_json(force=True, silent=True)
    batch = body.get("reads") if isinstance(body, dict) else None
    if not isinstance(batch, list):
        return _failure(400, "not_a_batch")
    if len(batch) > reads.MOST_READS:
        return _failure(413, "too_many_reads")
    done = reads.record(
        _database(),
        station=station,
        raw_reads=batch,
        language=_language(),
        token_hash=bearer_hash(),
    )
    if done is None:
        return _failure(401, "unknown_station_or_token")
    return jsonify({"results": done.results, "session": done.session})


@api.get("/stations/<station>/session")
def get_session(station: str) -> tuple[Response, int] | Response:
    """The open session of a station, for a page that opens; by a signed-in page only."""
    view = reads.current_session(_database(), station=station)
    return jsonify({"session": view}) if view else _failure(404, "unknown_station")


def _database() -> Database:
    database: Database = current_app.config["DATABASE"]
    return database


def _language() -> str:
    language: str = g.get("language") or best_language(request.headers.get("Accept-Language"))
    return language


def _failure(status: int, code: str) -> tuple[Response, int]:
    body: dict[str, Any] = {"error": code}
    return jsonify(body), status
