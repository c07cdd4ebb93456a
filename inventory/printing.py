"""The print queue: queued → sending → printed, or unknown; cancelled; failed, where no paper can be made of it.

A job is a row, written in the same transaction as what it reports. Silence of a printer is *unknown*, never *fine*:
somebody is asked whether the paper came out. Nothing is printed twice unless somebody says so, and then it says COPY,
but for labels: they go on bags.

Labels of kits leave no row: it would say at which table so many were asked for. It goes when they are printed or
cancelled, be their batch over or not: the kits want them all the same.

A station asks about one job at a time, the oldest first, on its page and at its scanner alike. An answer is one to the
question that was asked when it was given: read before, it counts for no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session as DbSession

from inventory import days
from inventory.errors import NotAllowed
from inventory.messages import Message
from inventory.tables import Batch, Evening, Lot, Place, PrintJob, Shift, Station
from inventory.words import NO_LOT, UNKNOWN_LOT

TALLY = "tally"
KIT_LABELS = "kit-labels"
TRIAL = "trial"

KEPT = timedelta(days=7)
"""A job that nobody printed nor cancelled is given up after so many days."""

LATE = timedelta(minutes=10)
"""A command that comes later than this after it was read prints nothing: paper would come out unexpected."""


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    PRINTED = "printed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    FAILED = "failed"


UNFINISHED = (State.QUEUED, State.SENDING, State.UNKNOWN)
OVER = (State.PRINTED, State.CANCELLED)


# What queues a job


def queue_closed(session: DbSession, *, shift: Shift, evening: Evening) -> None:
    """The tally of a shift that closes now, where its station has a printer; what waited of the open shift is no
    longer of use."""
    if shift.station_id is None:  # a sheet typed in: no station, no printer
        return
    station = session.get_one(Station, shift.station_id)
    if not station.printer:
        return
    of_this_shift = [PrintJob.station_id == station.id, PrintJob.shift_id == shift.id]
    _cancel(session, *of_this_shift, PrintJob.state.in_((State.QUEUED, State.UNKNOWN)))
    job = _job(station, TALLY, shift_id=shift.id)
    job.began_at_s, job.ended_at_s = evening.opened_at_s, evening.last_read_at_s
    _queue(session, job)


def tally(session: DbSession, *, station_id: int, shift_id: int | None) -> None:
    """The tally so far of the open shift, or, where none is open, that of the last one closed today, again."""
    station = _with_printer(session, station_id)
    if shift_id is None:
        again(session, station_id=station_id)
        return
    of_this_shift = [PrintJob.station_id == station_id, PrintJob.shift_id == shift_id]
    if not _held(
        session, *of_this_shift, PrintJob.state == State.QUEUED
    ):  # else it comes with the figures of that moment
        _queue(session, _job(station, TALLY, shift_id=shift_id))


def kit_labels(session: DbSession, *, station_id: int, lot_id: int, copies: int) -> None:
    """Labels of a lot of kits, so many; each request prints as many more. NotAllowed without a printer."""
    station = _with_printer(session, station_id)
    of_it = (PrintJob.station_id == station_id, PrintJob.lot_id == lot_id)
    for failed in _held(session, *of_it, PrintJob.state == State.FAILED):
        _remove(session, failed)  # these are asked for in its stead
    _queue(session, _job(station, KIT_LABELS, lot_id=lot_id, copies=copies))


class NoLabel(NotAllowed):
    """Kits of this lot are not to be used, or nobody knows which lot they are of."""


def trial(session: DbSession, *, station_id: int) -> None:
    """A receipt that shows what the station's printer can do. NotAllowed without a printer."""
    station = _with_printer(session, station_id)
    waiting = (PrintJob.station_id == station_id, PrintJob.what == TRIAL)
    if not _held(session, *waiting, PrintJob.state == State.QUEUED):
        _queue(session, _job(station, TRIAL))


def check_label(lot: Lot) -> None:
    """Labels go on kits that somebody may use: raises `NoLabel`, with the reason, for others."""
    if lot.code in (NO_LOT, UNKNOWN_LOT):
        raise NoLabel(Message("These kits have no known lot: no label is made for them."))
    if lot.on_hold_since is not None:
        raise NoLabel(
            Message(
                "Lot %(lot)s is on hold since %(day)s: no label is made for it.",
                lot=lot.code,
                day=lot.on_hold_since,
            )
        )
    if lot.expires is not None and lot.expires < days.today():
        raise NoLabel(
            Message(
                "Lot %(lot)s expired on %(day)s: no label is made for it.",
                lot=lot.code,
                day=lot.expires,
            )
        )


def again(session: DbSession, *, station_id: int) -> None:
    """The station's last tally of today once more, as a copy; one that still waits is not doubled.

    Labels are none: the table asks for more of them itself.
    """
    station = _with_printer(session, station_id)
    tallies = (PrintJob.station_id == station_id, PrintJob.what == TALLY)
    jobs = _held(session, *tallies, PrintJob.day == days.today())
    if not jobs:
        raise NotAllowed(Message("Nothing was printed here today."))
    repeat(session, job=jobs[-1], station=station)


def repeat(session: DbSession, *, job: PrintJob, station: Station) -> None:
    """A copy of this job; NotAllowed while it is on its way."""
    match job.state:
        case State.QUEUED:
            return
        case State.SENDING:
            raise NotAllowed(Message("It is being printed at this moment."))
        case State.UNKNOWN:
            _once_more(session, job)
        case State.FAILED:  # nothing of it was on paper
            _become(session, job, State.QUEUED)
        case _:
            of = {"shift_id": job.shift_id, "lot_id": job.lot_id, "copies": job.copies}
            _queue(session, _job(station, job.what, copy=True, **of))


def _once_more(session: DbSession, job: PrintJob) -> bool:
    """A copy, for nobody knows where the first one is. Labels bear no mark: they go on bags that are handed out."""
    job.copy = job.what != KIT_LABELS
    return _become(session, job, State.QUEUED)


def _job(station: Station, what: str, **of: Any) -> PrintJob:
    return PrintJob(station_id=station.id, what=what, state=State.QUEUED, day=days.today(), **of)


def _queue(session: DbSession, job: PrintJob) -> None:
    session.add(job)
    session.flush()


def _with_printer(session: DbSession, station_id: int) -> Station:
    station = session.get_one(Station, station_id)
    if not station.printer:
        raise NotAllowed(Message("Station %(name)s has no printer.", name=station.name))
    return station


def obey(
    session: DbSession,
    *,
    what: str,
    station_id: int,
    shift_id: int | None,
    read_at: datetime,
    now: datetime,
) -> bool:
    """A command code about paper; NotAllowed, with the reason, where it is of no use.

    Whether something was erased: the caller then runs `Database.forget_erased`.
    """
    if now - read_at > LATE:
        raise NotAllowed(Message("This came too late: nothing is printed unasked."))
    match what:
        case "tally":
            tally(session, station_id=station_id, shift_id=shift_id)
        case "again":
            again(session, station_id=station_id)
        case _:
            return answer(session, station_id=station_id, printed=what == "yes", given_at=read_at)
    return False


# What becomes of it


def unfinished(session: DbSession, *, station_id: int) -> Sequence[PrintJob]:
    """What waits, is under way or asks whether it came out; oldest first."""
    query = select(PrintJob).where(
        PrintJob.station_id == station_id, PrintJob.state.in_(UNFINISHED)
    )
    return session.scalars(query.order_by(PrintJob.id)).all()


def tallies_waiting(session: DbSession, *, place: str) -> int:
    """How many tallies of a place's counters are not on paper yet."""
    query = select(func.count(PrintJob.id)).join(Station, Station.id == PrintJob.station_id)
    here = query.join(Place, Place.id == Station.place_id).where(Place.code == place)
    waits = here.where(PrintJob.what == TALLY, PrintJob.state.in_(UNFINISHED))
    return session.scalar(waits) or 0


def of_today(session: DbSession) -> Sequence[PrintJob]:
    """All jobs that a person may still do something about; newest first."""
    query = select(PrintJob).where(
        or_(PrintJob.state.in_(UNFINISHED), PrintJob.day == days.today())
    )
    return session.scalars(query.order_by(PrintJob.id.desc())).all()


def claim(session: DbSession, *, station_id: int, job_id: int) -> PrintJob | None:
    """Take a job that waits, so that nobody else sends it; None where somebody did, or it is gone."""
    taken = _of_station(session, station_id, job_id)
    if taken is None or taken.state != State.QUEUED:
        return None
    _become(session, taken, State.SENDING)
    return taken


def at_work(session: DbSession) -> Sequence[str]:
    """The stations that took a job and have not told yet what became of it, by name."""
    query = select(Station.name).join(PrintJob, PrintJob.station_id == Station.id)
    return session.scalars(query.where(PrintJob.state == State.SENDING).distinct()).all()


def lose(session: DbSession, *, station: str, is_away: Callable[[], bool]) -> bool:
    """What a station took and will not tell of is unknown: whether there was any such job.

    `is_away` is asked with the jobs held: a station that is back, and took one of them just now, was heard before.
    """
    there = PrintJob.station.has(Station.name == station)
    taken = _held(session, there, PrintJob.state == State.SENDING)
    if not taken or not is_away():
        return False
    for job in taken:
        _become(session, job, State.UNKNOWN)
    return True


@dataclass(frozen=True, slots=True)
class Told:
    """Whether a report was taken, and whether it erased something of which no file is to keep anything."""

    taken: bool
    erased: bool = False


def report(session: DbSession, *, station_id: int, job_id: int, state: State) -> Told:
    """What became of a job that was taken. Not taken where that is no longer the reporter's to say.

    Back to queued only where not one byte had left; failed where no paper can be made of it. What a station knows that
    was away counts until somebody answers. The caller runs `Database.forget_erased` where something was erased.
    """
    if state not in (State.QUEUED, State.PRINTED, State.UNKNOWN, State.FAILED):
        raise NotAllowed(Message("A printer does not say “%(state)s”.", state=state))
    told = _of_station(session, station_id, job_id)
    if told is None:
        return Told(False)
    doubted = told.state == State.UNKNOWN and state in (State.PRINTED, State.QUEUED)
    if told.state != State.SENDING and not doubted:
        return Told(told.state == state)
    return Told(True, _become(session, told, state))


def question(session: DbSession, *, station_id: int) -> PrintJob | None:
    """The job that the station asks about, if any."""
    return session.scalar(select(PrintJob).where(*_asked_at(station_id)))


def at_table(session: DbSession, *, station_id: int, lot_id: int | None) -> PrintJob | None:
    """What those who make kits of this lot see of paper: the job they are asked about, or else their last labels,
    unless they came out. Labels of another lot that cannot be printed are not their concern."""
    asked = question(session, station_id=station_id)
    if asked is not None:
        return asked
    labels = PrintJob.station_id == station_id, PrintJob.what == KIT_LABELS
    theirs = or_(PrintJob.state.in_(UNFINISHED), PrintJob.lot_id == lot_id)
    query = select(PrintJob).where(*labels, theirs).order_by(PrintJob.id.desc()).limit(1)
    return session.scalar(query)


def answer(session: DbSession, *, station_id: int, printed: bool, given_at: datetime) -> bool:
    """Somebody looked at the paper that the station asked about at this moment. Whether something was erased."""
    asked = _held(session, *_asked_at(station_id))
    if not asked:
        raise NotAllowed(Message("Nothing that was printed is in doubt."))
    if _ms(given_at) < (asked[0].asked_at_ms or 0):
        raise NotAllowed(
            Message("This answer is older than the question: look at the paper and answer again.")
        )
    return settle(session, job=asked[0], printed=printed)


def settle(session: DbSession, *, job: PrintJob, printed: bool) -> bool:
    """An unknown job came out, or it is queued again. Whether something was erased."""
    if job.state != State.UNKNOWN:
        raise NotAllowed(Message("Nothing that was printed is in doubt."))
    return _become(session, job, State.PRINTED) if printed else _once_more(session, job)


def cancel(session: DbSession, *, job: PrintJob) -> None:
    """No longer wanted; NotAllowed once it is being printed, or was."""
    if job.state not in (State.QUEUED, State.UNKNOWN):
        raise NotAllowed(Message("Too late to cancel: it is being printed, or was."))
    _become(session, job, State.CANCELLED)


def forget(session: DbSession, *, today: date) -> None:
    """Finished jobs go with their service day; those nobody cared for after a week."""
    over = and_(PrintJob.state.not_in(UNFINISHED), PrintJob.day < today)
    session.execute(delete(PrintJob).where(or_(over, PrintJob.day < today - KEPT)))
    in_doubt = select(PrintJob.station_id).where(PrintJob.state == State.UNKNOWN).distinct()
    for station_id in session.scalars(in_doubt).all():
        _ask(session, station_id)


def job(session: DbSession, *, job_id: int) -> PrintJob:
    """A job to act on: until the transaction ends the printer cannot take it. Raises NotAllowed."""
    found = _held(session, PrintJob.id == job_id)
    if not found:
        raise NotAllowed(Message("This print job is gone."))
    return found[0]


def _of_station(session: DbSession, station_id: int, job_id: int) -> PrintJob | None:
    found = _held(session, PrintJob.id == job_id, PrintJob.station_id == station_id)
    return found[0] if found else None


def _held(session: DbSession, *which: ColumnElement[bool]) -> Sequence[PrintJob]:
    """Jobs as they are now, oldest first, locked: what is decided of them holds when it is written."""
    query = select(PrintJob).where(*which).order_by(PrintJob.id).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).all()


def _become(session: DbSession, job: PrintJob, state: State) -> bool:
    """On paper, or given up, the two times of its shift have served, and nothing keeps them; nor what labels tell.

    Whether something was erased that no file is to keep: of labels whose batch is open that is the end of the batch.
    """
    job.state, job.asked_at_ms = state, None
    if state in OVER and job.what == KIT_LABELS:
        of_open_batch = exists().where(Batch.lot_id == job.lot_id)
        _remove(session, job)
        return not session.scalar(select(of_open_batch))
    erased = state not in UNFINISHED and job.began_at_s is not None
    if state not in UNFINISHED:
        job.began_at_s = job.ended_at_s = None
    session.flush()
    _ask(session, job.station_id)
    return erased


def _remove(session: DbSession, job: PrintJob) -> None:
    station_id = job.station_id
    session.delete(job)
    session.flush()
    _ask(session, station_id)


def _ask(session: DbSession, station_id: int) -> None:
    """Ask about the station's oldest unknown job, unless one is being asked about."""
    unknown = _held(session, PrintJob.station_id == station_id, PrintJob.state == State.UNKNOWN)
    if unknown and all(job.asked_at_ms is None for job in unknown):
        unknown[0].asked_at_ms = _ms(days.now())
        session.flush()


def _asked_at(station_id: int) -> tuple[ColumnElement[bool], ...]:
    return PrintJob.station_id == station_id, PrintJob.asked_at_ms.is_not(None)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _cancel(session: DbSession, *which: ColumnElement[bool]) -> None:
    for waiting in _held(session, *which):
        _become(session, waiting, State.CANCELLED)
