"""The small moves the state machine is made of: counting, remembering for undo, numbers, and what is said."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from msgspec.structs import replace

from inventory import days
from inventory.counter.values import (
    Act,
    Details,
    Feedback,
    Lane,
    Line,
    Pending,
    Product,
    ReadAt,
    Session,
    Status,
)
from inventory.messages import Message
from inventory.words import Mode

QUIET_S = 60
"""Silence after which the next thing handed out is for the next person."""

FIRST_HOUR = days.DAY_BEGINS // timedelta(hours=1)

MOST_PIECES = 1_000_000
"""More than any evening; a number beyond it is a slip of the keypad."""

TIMES = "×"
"""Begins a number that a "× n" code gave at once; one without it was typed digit by digit."""

MOST_ACTS = 24
"""How far undo goes back."""

WHOLE_SHIFT = -1
"""The hour of a count that is kept for the whole shift: where few come, an hour would be a person; and of passages
counted by hand where nothing was read."""

MOST_LINES = 100
"""What is remembered of the current person, or of the load in hand: a session never grows with the evening."""


def count(session: Session, key: str, change: int) -> Session:
    """One counter changed; a counter at zero is gone."""
    counters = {**session.counters, key: session.counters.get(key, 0) + change}
    if not counters[key]:
        del counters[key]
    return replace(session, counters=counters)


def remember(session: Session, act: Act) -> tuple[Act, ...]:
    return (*session.acts, act)[-MOST_ACTS:]


def with_line(session: Session, line: Line) -> tuple[Line, ...]:
    return (*session.lines, line)[-MOST_LINES:]


def of_the_current_person(lane: Lane) -> list[Act]:
    """What undo can take back that was done since the last person, in order."""
    found: list[Act] = []
    for act in reversed(lane.acts):
        if act.afterwards is not None or act.mode is not None:
            break
        found.append(act)
    return found[::-1]


def somebody(lane: Lane) -> bool:
    """Whether there is a current person: who only brought something back, or took something no list has, is one."""
    return bool(lane.lines) or any(
        act.brought_back or (act.count and act.count[0].startswith(("return:", "unknown:")))
        for act in of_the_current_person(lane)
    )


def is_served(lane: Lane) -> bool:
    """Whether somebody is being served there who is not counted yet."""
    return lane.mode is Mode.HAND_OUT and not lane.afterwards and somebody(lane)


def passage_at(epoch_s: int) -> str:
    """The counter of the passages of a moment's hour."""
    return f"passage:{days.hour_of(epoch_s)}"


def hours(session: Session) -> list[str]:
    """The counters of passages, in the order of a service day: what follows midnight comes last."""
    keys = [key for key in session.counters if key.startswith("passage:")]
    return sorted(keys, key=lambda key: (int(key.partition(":")[2]) - FIRST_HOUR) % 24)


def next_person(session: Session, read: ReadAt, *, quiet: bool = False) -> Session:
    """Close the current person's lines; a passage is counted unless it was counted earlier."""
    key = f"passage:{read.at.hour}"
    counted = None if session.afterwards else (key, 1)
    act = Act(
        read.id, lines=session.lines, count=counted, afterwards=session.afterwards, quiet=quiet
    )
    session = replace(
        session, acts=remember(session, act), lines=(), pending=None, afterwards=False
    )
    return count(session, key, 1) if counted else session


def at_work(session: Session, read: ReadAt) -> int:
    """The second silence is counted from after a read.

    One that comes a little late makes none: whoever was served after it was still there. One of long before is of a
    batch that comes late as a whole: its persons are told apart by their own silences.
    """
    a_little_late = 0 < session.last_at_s - read.at_s < QUIET_S
    return session.last_at_s if a_little_late else read.at_s


def after_quiet(session: Session, read: ReadAt) -> Session:
    """60 s without a read: what comes now is for the next person."""
    quiet = read.at_s - session.last_at_s >= QUIET_S
    serving = session.mode is Mode.HAND_OUT and somebody(session)
    return next_person(session, read, quiet=True) if serving and quiet else session


def quiet_from(lane: Lane) -> int | None:
    """The second from which what is handed out there is for the next person; None where it is anyway."""
    serving = lane.mode is Mode.HAND_OUT and (lane.afterwards or somebody(lane))
    return lane.last_at_s + QUIET_S if serving else None


def after_adding(session: Session, read: ReadAt) -> Session:
    """60 s without a read end adding afterwards too: whoever forgets "next person" loses no passage."""
    if not session.afterwards or read.at_s - session.last_at_s < QUIET_S:
        return session
    return replace(after_quiet(session, read), afterwards=False)


def half_pair(session: Session, read: ReadAt) -> Pending | None:
    """The other of a box's two codes, if it was read less than a minute ago: later, this is another box."""
    pending = session.pending
    if pending is None or read.at_s - pending.at_s >= QUIET_S:
        return None
    return pending


def whole_number(session: Session) -> tuple[int | None, Session]:
    """The number read before, one where there was none, None where it is no whole number; used up."""
    number, session = any_number(session)
    if number is None:
        return 1, session
    return (int(number) if number == number.to_integral_value() else None), session


def any_number(session: Session) -> tuple[Decimal | None, Session]:
    """The number read before, None where there was none or only a point; used up."""
    try:
        number = Decimal(session.number.removeprefix(TIMES)) if session.number else None
    except InvalidOperation:
        number = None
    return number, replace(session, number="")


def recorded(product: Product, pieces: int) -> Feedback:
    return Feedback(
        Status.ACCEPTED,
        Message("Recorded."),
        item=product.item,
        lot=product.lot,
        expires=product.expires,
        gtin=product.gtin,
        pieces=pieces,
    )


def scan_other(details: Details) -> Feedback:
    return Feedback(
        Status.ACCEPTED,
        Message("Kept: now the other code of the box."),
        lot=details.lot,
        expires=details.expires,
        pieces=details.count,
    )


def ignored(message: Message) -> Feedback:
    return Feedback(Status.IGNORED, message)


def refused(message: Message) -> Feedback:
    return Feedback(Status.REFUSED, message)


def refused_number() -> Feedback:
    return refused(
        Message("Not a number of pieces: a whole number up to %(most)d.", most=MOST_PIECES)
    )


MODE_NAMES = {
    Mode.HAND_OUT: Message("hand out"),
    Mode.RECEIVE: Message("receive"),
    Mode.ASSEMBLE: Message("assemble"),
    Mode.LOAD: Message("load"),
    Mode.UNLOAD: Message("unload"),
    Mode.COUNT: Message("count"),
    Mode.LOOK_UP: Message("look up"),
}
