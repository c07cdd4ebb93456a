"""Recording reads: the one way into the counter, for a scanner, a touch on a picture and a late outbox alike.

Whoever makes a read makes its id. A read already recorded is answered as it was the first time and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session as DbSession

from inventory import days, printing, statements
from inventory.counter import joining, modes, shifts, telling
from inventory.counter import meaning as meanings
from inventory.counter.journal import Journal
from inventory.counter.lanes import earlier, to_lane
from inventory.counter.late import Late
from inventory.counter.station_now import OpenShift, StationNow
from inventory.counter.step import step
from inventory.counter.values import (
    Assemble,
    BringBack,
    Carry,
    Close,
    Entry,
    Feedback,
    GiveBack,
    HandOut,
    Known,
    Meaning,
    Nothing,
    Print,
    Product,
    ReadAt,
    Session,
    SetChannel,
    SetSite,
    Status,
    Step,
    dump_session,
)
from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.tables import Shift
from inventory.words import Mode
from inventory.workshop import batches

CLOCK_AHEAD = timedelta(minutes=10)
"""A station whose clock is further ahead than this is read as if it were now."""

TOO_OLD = timedelta(days=390)
"""Thirteen months, less what months differ in length: an older read may be a repeat that is no longer recognised."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A well-formed read, as its maker sent it."""

    id: UUID
    code: str
    at: datetime
    lane: str = ""
    """The lane it belongs to, whichever is current; empty: the current one."""
    separator_lost: bool = False
    """Whether what read it loses the separator of GS1 codes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one read."""

    read: Incoming
    feedback: Feedback
    already_recorded: bool = False


def _nothing_kept(_badge: Incoming) -> Feedback:
    return Feedback(Status.IGNORED, Message("A badge: nothing of it is kept."))


def record(
    here: StationNow,
    reads: Iterable[Incoming],
    *,
    meaning_of: Callable[[DbSession, Incoming], Meaning | None],
    now: datetime,
    badge_read: Callable[[Incoming], Feedback] = _nothing_kept,
) -> list[Answer]:
    """Record reads in the order they were made. `meaning_of` gives None for a badge: nothing of it is kept, and what it
    does is the caller's."""
    answers = [_record(here, read, meaning_of, now, badge_read) for read in reads]
    for shift in here.by_day.values():
        _save(here, shift, now)
    return answers


def _record(
    here: StationNow,
    read: Incoming,
    meaning_of: Callable[[DbSession, Incoming], Meaning | None],
    now: datetime,
    badge_read: Callable[[Incoming], Feedback],
) -> Answer:
    meaning = meaning_of(here.session, read)
    if meaning is None:
        return Answer(read, badge_read(read))
    known = statements.KNOWN(
        here.session, id=read.id.bytes, hash=shifts.read_hash(here.secret, read.id.bytes)
    ).first()
    if known is not None:
        return _repeat(here.session, read, meaning, *known)
    if read.at < now - TOO_OLD and not isinstance(meaning, Nothing):
        return _set_aside(here, read, meaning)
    at = days.local(min(read.at, now) if read.at > now + CLOCK_AHEAD else read.at)
    shift = _shift_of(here, at, now)
    if isinstance(meaning, Product) and _receives(shift.state):
        meaning = meanings.with_announced(here.session, meaning, place_id=here.place_id)
    done = step(shift.state, ReadAt(str(read.id), at, read.lane), meaning)
    if done.entries and isinstance(done.entries[0], Assemble):
        return _assemble(here, shift, read, done.entries[0].meaning, now)
    if any(isinstance(entry, Close) for entry in done.entries) and not _can_close(here, shift, at):
        done = Step(shift.state, Feedback(Status.IGNORED, Message("No shift is open.")))
    if done.session != shift.state or done.entries:
        done = _carry_out(here, shift, done, at, now, read.lane)
    told = telling.told(done.feedback, meaning)
    if not done.entries and shift.state.training is None:
        told = telling.with_lot_on_hold(here.session, told, meaning)
    if told.status is not Status.REFUSED:
        _keep_read(here, shift, read, told.status)
        if done.entries and isinstance(done.entries[-1], Close):
            _close(here, shift, done.entries[-1], at, now)
    return Answer(read, told)


def _can_close(here: StationNow, shift: OpenShift, at: datetime) -> bool:
    """Whether there is a shift that a close read of this moment is for; one that holds nothing but a number is erased.

    Else whoever closes twice, or from two pages, would count the number twice.
    """
    if shift.shift_id is None:
        return False
    if shift.joins_before_ms is None and joining.ms(at) < shift.closed_ms:
        return False  # it was of the shift before
    if not shifts.is_empty(here.session, shift_id=shift.shift_id, state=shift.state):
        return True
    shifts.drop(here.session, shift=_shift_row(here, shift), secret=here.secret)
    here.erased = True
    _fresh(here, shift)
    return False


def _carry_out(
    here: StationNow, shift: OpenShift, done: Step, at: datetime, now: datetime, lane: str
) -> Step:
    """Write what a step asks for; where that is refused, nothing of it."""
    opened = shift.shift_id
    try:
        with _whole(here.session, done.entries):
            on_hold = _apply(here, shift, done, at, now)
    except ComptoirError as error:
        shift.shift_id = opened
        state = modes.without_question(to_lane(shift.state, lane), int(at.timestamp()))
        shift.changed |= state != shift.state
        shift.state = state
        return Step(shift.state, telling.refused(error))
    return replace(done, feedback=telling.warned(done.feedback)) if on_hold else done


def _assemble(
    here: StationNow, shift: OpenShift, read: Incoming, meaning: Known, now: datetime
) -> Answer:
    """What is read where kits are made opens no shift, and nothing but its keyed hash is kept."""
    answer = batches.read(
        here.session,
        station_id=here.station_id,
        meaning=meaning,
        day=shift.day,
        late=now - read.at > printing.LATE,
    )
    here.made_kits = True
    here.erased |= answer.finished
    told = telling.told(answer.feedback, meaning)
    _keep_hash(here, read, told.status, shift.day)
    return Answer(read, told)


def _receives(state: Session) -> bool:
    """Whether a read may be of a delivery: now, before training, or before a change of mode if it comes late."""
    lanes = (state, state.real)
    return any(lane.mode is Mode.RECEIVE for one in lanes for lane in (one, *earlier(one)))


def _whole(session: DbSession, entries: tuple[Entry, ...]) -> AbstractContextManager[object]:
    """What may be refused half-way is undone to the last row; a hand-out is never refused and need not pay for it."""
    carries = any(isinstance(entry, Carry | BringBack) for entry in entries)
    return session.begin_nested() if carries else nullcontext()


def _repeat(
    session: DbSession, read: Incoming, meaning: Meaning, status: str, code: str | None
) -> Answer:
    if code is not None and code != read.code:
        message = Message(
            "This read's number was already used for another code. Nothing was changed."
        )
        return Answer(read, Feedback(Status.CONFLICT, message))
    message = Message("Already recorded.")
    told = Feedback(Status(status), message, command=telling.command(meaning))
    told = telling.with_lot_on_hold(session, told, meaning)
    return Answer(read, told, already_recorded=True)


def _apply(here: StationNow, shift: OpenShift, done: Step, at: datetime, now: datetime) -> bool:
    """Write what a step asks for. Whether it was of a lot on hold."""
    entries, on_hold = done.entries, False
    if entries and isinstance(entries[0], Print):  # opens no shift
        _print(here, shift, entries[0], now)
    elif shift.shift_id is None:
        _open(here, shift, at, now)
    if shift.shift_id is not None:
        on_hold = _write(here, shift, entries)
    shift.state = done.session
    shift.changed = True
    return on_hold


def _shift_of(here: StationNow, at: datetime, now: datetime) -> OpenShift:
    """The shift that a read made at this moment is of."""
    shift = here.shift(days.service_day(at))
    until = None if shift.shift_id is None else shift.joins_before_ms
    if until is not None and joining.ms(at) >= until:
        _close(here, shift, Close(), at, now)  # made after that closing: of another shift
    return shift


def _open(here: StationNow, shift: OpenShift, at: datetime, now: datetime) -> None:
    closing = None
    if joining.ms(at) < shift.closed_ms:
        closing = joining.closing_after(
            here.session, station_id=here.station_id, day=shift.day, at=at
        )
    row = shifts.open_shift(
        here.session,
        station_id=here.station_id,
        place_id=here.place_id,
        channel=shift.channel,
        day=shift.day,
        now=now,
        joins=None if closing is None else here.session.get_one(Shift, closing.shift_id),
    )
    shift.shift_id, shift.channel = row.id, row.channel
    shift.joins_before_ms = None if closing is None else closing.closed_at_ms


def _print(here: StationNow, shift: OpenShift, entry: Print, now: datetime) -> None:
    here.made_kits |= shift.state.mode is Mode.ASSEMBLE  # a table is asked about its labels
    here.erased |= printing.obey(
        here.session,
        what=entry.what,
        station_id=here.station_id,
        shift_id=shift.shift_id,
        read_at=datetime.fromtimestamp(entry.at_s, UTC),
        now=now,
    )
    here.paper = True


def _write(here: StationNow, shift: OpenShift, entries: tuple[Entry, ...]) -> bool:
    assert shift.shift_id is not None
    journal = Journal(here.session, shift.shift_id, here.place_id)
    for entry in entries:
        match entry:
            case HandOut():
                journal.hand_out(entry)
            case Carry():
                journal.carry(entry)
            case BringBack():
                journal.bring_back(entry)
            case GiveBack():
                journal.give_back(entry)
            case SetSite():
                _shift_row(here, shift).site_id = statements.PLACE_BY_CODE(
                    here.session, code=entry.place
                ).one()[0]
            case SetChannel():
                shift.channel = _shift_row(here, shift).channel = entry.channel
            case Close() | Print() | Assemble():
                pass  # after the read itself is kept, see _record; or done already
    return journal.on_hold is not None


def _shift_row(here: StationNow, shift: OpenShift) -> Shift:
    return here.session.get_one(Shift, shift.shift_id)


def _keep_read(here: StationNow, shift: OpenShift, read: Incoming, status: Status) -> None:
    if shift.shift_id is not None:
        statements.READ(
            here.session,
            id=read.id.bytes,
            shift=shift.shift_id,
            code=read.code,
            status=status.value,
        )
        return
    # Nothing is open that could be closed, so nothing more than the hash is ever kept.
    _keep_hash(here, read, status, shift.day)


def _keep_hash(here: StationNow, read: Incoming, status: Status, day: date) -> None:
    statements.SEEN(
        here.session,
        hash=shifts.read_hash(here.secret, read.id.bytes),
        status=status.value,
        month=shifts.month_of(day),
    )


def _set_aside(here: StationNow, read: Incoming, meaning: Meaning) -> Answer:
    """Too old to tell a repeat from a first time: shown to the lead, never applied."""
    if here.late is None:
        here.late = Late(here.session, here.place_id, Session(mode=here.mode))
    here.late.set_aside(ReadAt(str(read.id), days.local(read.at)), meaning)
    _keep_hash(here, read, Status.IGNORED, days.today())
    message = Message("Read more than thirteen months ago: set aside for the logistics lead.")
    return Answer(read, Feedback(Status.IGNORED, message))


def _close(here: StationNow, shift: OpenShift, entry: Close, at: datetime, now: datetime) -> None:
    _save(here, shift, now)
    row = here.session.get(Shift, shift.shift_id)
    if row is not None:
        late, at = shift.joins_before_ms is not None, min(at, now)
        # A number that came late itself is of the evening that was closed, not of what is added to it.
        passages = None if late else entry.passages
        here.closed.append(
            shifts.close(here.session, shift=row, secret=here.secret, passages=passages, at=at)
        )
        here.paper = True
        if not late:
            shift.closed_ms = max(shift.closed_ms, joining.ms(at))
    _fresh(here, shift)


def _fresh(here: StationNow, shift: OpenShift) -> None:
    """Nothing is open any more."""
    shift.shift_id, shift.joins_before_ms, shift.changed = None, None, False
    shift.channel = here.place_channel
    shift.state = Session(mode=here.mode)


def _save(here: StationNow, shift: OpenShift, now: datetime) -> None:
    if shift.changed and shift.shift_id is not None:
        statements.EVENING(
            here.session,
            session=dump_session(shift.state),
            now_s=int(now.timestamp()),
            shift=shift.shift_id,
        )
    shift.changed = False
