"""The desk's page of paper: the printer of each station, what waits for it, and what somebody must look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from inventory import catalogue, days, printing
from inventory.counter import shifts
from inventory.errors import NotAllowed
from inventory.messages import Message
from inventory.printing import NoLabel, State
from inventory.tables import Lot, PrintJob, Station
from inventory.words import Mode
from inventory.workshop import batches
from web import access, lost_prints
from web.live_pages import hub

bp = Blueprint("prints", __name__)

STATES = {
    State.QUEUED: Message("Waits for the printer"),
    State.SENDING: Message("Is being printed"),
    State.PRINTED: Message("Printed"),
    State.UNKNOWN: Message("Did the paper come out?"),
    State.CANCELLED: Message("Cancelled"),
    State.FAILED: Message(
        "Cannot be printed on this paper: a text is too long, or a code would not scan. Labels "
        "can be printed on sheets."
    ),
}

PRINTERS = {
    "ready": ("ok", Message("Printer: ready")),
    "near-end": ("warn", Message("Printer: soon out of paper. Have a new roll ready.")),
    "paper-out": (
        "bad",
        Message("Printer: no paper. Put in a new roll: what waits is printed by itself."),
    ),
    "cover-open": (
        "bad",
        Message("Printer: cover open. Close it: what waits is printed by itself."),
    ),
    "off-line": (
        "bad",
        Message(
            "Printer: off-line. Look at its lamps and its buttons; if need be switch it off and on."
        ),
    ),
    "silent": (
        "bad",
        Message("Printer: no answer. Is it on, and is its cable in? If so, switch it off and on."),
    ),
    "forbidden": (
        "bad",
        Message("Printer: this computer may not use it. Call whoever looks after the computers."),
    ),
}

NOT_HEARD = (
    "warn",
    Message("The station's process is away: what waits is printed when it is back."),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tally, labels of a lot or a trial, as shown; `times` as they are on its paper, while they are kept."""

    id: int
    day: date
    times: tuple[str, str] | None
    state: str
    says: Message
    copy: bool
    lot: str | None
    copies: int
    trial: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of kits being made at a place: of all its tables together, for no row says what one of them printed."""

    lot: str
    copies: int


@dataclass(frozen=True, slots=True)
class Queue:
    """A station with a printer: how that is (a colour and a sentence), and its jobs, the newest first."""

    station: str
    place: str
    colour: str
    says: Message
    sheets: list[Sheet]
    makes_kits: bool
    labels: list[Labels]


@bp.get("/prints")
def page() -> str:
    lost_prints.ask(access.database(), hub().statuses)
    with access.database().reading() as session:
        jobs = printing.of_today(session)
        with_printer = select(Station).where(Station.printer != "").order_by(Station.name)
        queues = [_queue(session, one, jobs) for one in session.scalars(with_printer)]
    return render_template("prints.html", queues=queues, told=request.args.get("told"))


@bp.post("/prints/<int(max=2147483647):number>")
def job(number: int) -> Response:
    """Answer for a job, print it again, or cancel it."""
    act = _ACTS.get(request.form.get("act", ""))
    if act is None:
        raise BadRequest
    told = "ok"
    try:
        access.database().write(lambda session: act(session, printing.job(session, job_id=number)))
        access.database().forget_erased()
    except NotAllowed:
        told = "late"  # it went on meanwhile: the page shows how it stands
    return redirect(url_for("prints.page", told=told), 303)


@bp.post("/prints")
def tally() -> Response:
    """The tally of a station: so far, or of the shift that closed last today."""

    def work(session: Session) -> None:
        station = catalogue.station(session, request.form.get("station", ""))
        opened = shifts.open_shifts(session, station_id=station.id)
        today = [shift.id for shift in opened if shift.day == days.today()]
        printing.tally(session, station_id=station.id, shift_id=today[0] if today else None)

    told = "ok"
    try:
        access.database().write(work)
    except NotAllowed:
        told = "nothing"
    return redirect(url_for("prints.page", told=told), 303)


def _queue(session: Session, station: Station, jobs: Any) -> Queue:
    status = hub().statuses.view(station.name)
    colour, says = NOT_HEARD
    if status["station"] == "here" and status["printer"]:
        colour, says = PRINTERS[status["printer"]["state"]]
    sheets = [sheet_of(one) for one in jobs if one.station_id == station.id]
    labels = [
        Labels(one.lot.code, one.labels)
        for one in batches.under_way(session, place_id=station.place_id)
        if one.lot is not None and one.labels
    ]
    makes_kits = bool(labels) or Mode(station.mode) is Mode.ASSEMBLE
    return Queue(station.name, station.place.name, colour, says, sheets, makes_kits, labels)


def sheet_of(job: PrintJob) -> Sheet:
    """A job in words."""
    times = None
    if job.began_at_s is not None and job.ended_at_s is not None:
        times = days.clock(job.began_at_s), days.clock(job.ended_at_s)
    day = job.day if job.shift is None else job.shift.day
    says = _failed(job.lot) if job.state == State.FAILED else STATES[State(job.state)]
    lot = None if job.lot is None else job.lot.code
    trial = job.what == printing.TRIAL
    return Sheet(job.id, day, times, job.state, says, job.copy, lot, job.copies, trial)


def _failed(lot: Lot | None) -> Message:
    """Why it cannot be printed: nobody may use the lot, or else it does not go on this paper."""
    try:
        if lot is not None:
            printing.check_label(lot)
    except NoLabel as error:
        return error.message
    return STATES[State.FAILED]


def _again(session: Session, job: PrintJob) -> None:
    printing.repeat(session, job=job, station=job.station)


_ACTS: dict[str, Callable[[Session, PrintJob], object]] = {
    "yes": lambda session, job: printing.settle(session, job=job, printed=True),
    "no": lambda session, job: printing.settle(session, job=job, printed=False),
    "again": _again,
    "cancel": lambda session, job: printing.cancel(session, job=job),
}
