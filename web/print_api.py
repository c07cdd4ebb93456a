"""The print queue as a station's process sees it: what waits, taking a job, and what became of it. See docs/api.md."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy.orm import Session

from inventory import catalogue, days, printing, stations
from inventory.errors import NotOnTheLists
from inventory.printing import NoLabel, State
from inventory.tables import PrintJob, Station
from labels.errors import LabelError
from web import access
from web.live_pages import hub
from web.print_jobs import job_bytes

bp = Blueprint("print_api", __name__, url_prefix="/api")

log = logging.getLogger("comptoir.printing")

Answer = tuple[Response, int]


@bp.get("/stations/<station>/jobs")
def jobs(station: str) -> Answer:
    """The address of the station's printer, and its jobs that are not done. By station token only."""
    with access.database().reading() as session:
        here = _station(session, station)
        if here is None:
            return _refused()
        waiting = [
            {
                "id": job.id,
                "what": job.what,
                "copy": job.copy,
                "state": job.state,
                "asked": job.asked_at_ms is not None,
            }
            for job in printing.unfinished(session, station_id=here.id)
        ]
        return jsonify({"printer": here.printer or None, "jobs": waiting}), 200


@bp.post("/stations/<station>/jobs/<int(max=2147483647):number>")
def job(station: str, number: int) -> Answer:
    """Take a job ("sending": the answer holds its bytes), or tell what became of it. By station token only."""
    sent = request.get_json(force=True, silent=True)
    state = sent.get("state") if isinstance(sent, dict) else None
    return _take(station, number) if state == State.SENDING else _tell(station, number, state)


def _take(station: str, number: int) -> Answer:
    """Rendering is slow, so it comes after the job is taken, where nobody waits to write."""

    def claim(session: Session) -> Answer | int:
        here = _station(session, station)
        if here is None:
            return _refused()
        taken = printing.claim(session, station_id=here.id, job_id=number)
        return _gone() if taken is None else here.id

    claimed = access.database().write(claim)
    if not isinstance(claimed, int):
        return claimed
    address = current_app.config.get("ADDRESS") or request.url_root.rstrip("/")
    try:
        with access.database().reading() as session:
            taken = session.get(PrintJob, number)
            if taken is None:  # given up meanwhile
                return _gone()
            data = job_bytes(session, taken, now=days.now(), address=address)
    except (LabelError, NoLabel) as error:  # another time it could not be made either
        log.error("A print job cannot be made: %s", error.code)
        _cannot_be_made(claimed, number)
        return _gone()
    except Exception:  # not one byte has left: it waits as before
        access.database().write(
            lambda session: printing.report(
                session, station_id=claimed, job_id=number, state=State.QUEUED
            )
        )
        raise
    return jsonify({"state": State.SENDING, "data": b64encode(data).decode()}), 200


def _cannot_be_made(station_id: int, number: int) -> None:
    told = access.database().write(
        lambda session: printing.report(
            session, station_id=station_id, job_id=number, state=State.FAILED
        )
    )
    if told.erased:
        access.database().forget_erased()


def _tell(station: str, number: int, state: Any) -> Answer:
    def work(session: Session) -> tuple[Answer, bool]:
        here = _station(session, station)
        return (_refused(), False) if here is None else _report(session, here, number, state)

    answer, erased = access.database().write(work)
    if erased:
        access.database().forget_erased()
    return answer


def _report(session: Session, here: Station, number: int, state: Any) -> tuple[Answer, bool]:
    if state not in (State.QUEUED, State.PRINTED, State.UNKNOWN):
        return (jsonify({"error": "not_a_state"}), 400), False
    told = printing.report(session, station_id=here.id, job_id=number, state=State(state))
    return (jsonify({"state": state}), 200) if told.taken else _gone(), told.erased


def _station(session: Session, name: str) -> Station | None:
    """The station, if the request carries its token."""
    token = access.bearer_token()
    try:
        known = token is not None and stations.is_token(session, station=name, token=token)
    except NotOnTheLists:
        return None
    if not known:
        return None
    hub().statuses.heard(name)  # before its transaction ends: what it takes now is not lost
    return catalogue.station(session, name)


def _refused() -> Answer:
    return jsonify({"error": "unknown_station_or_token"}), 401


def _gone() -> Answer:
    """Somebody else took it, cancelled it, or answered for it; or no paper can be made of it."""
    return jsonify({"error": "not_yours"}), 409
