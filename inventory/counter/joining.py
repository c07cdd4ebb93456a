"""Reads that arrive after their evening was closed: what they say becomes part of the shift that was closed.

A read belongs to the closed shift if it was made before that station's shift of that day was closed; how long it was on
its way says nothing, for a second opening may have been without a network. So the moment of each closing is kept for a
week.

Until they join, they are an open shift like any, so that undo, numbers and pairs of codes work over several batches. It
closes an hour after the last of them, when somebody says so, or with the first read of that day made after the closing.
Then its totals are added to those of the closed shift, and its own row goes: a shift of one person would be a record of
one.

How many came that evening was said at closing: a number that somebody typed or confirmed holds those people already.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from inventory.counter.step import passages_at_closing
from inventory.counter.values import load_session
from inventory.database import SECRET
from inventory.tables import Closing, Evening, Place, PrintJob, Read, Setting, Shift

KEPT = timedelta(days=7)
"""How long the moment of a closing is known. What comes later than that is a shift of its own."""

IDLE = timedelta(hours=1)
"""How long after the last of them late reads are waited for."""


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def keep_closing(session: Session, *, shift: Shift, at: datetime) -> None:
    """Remember when a station's shift was closed, and forget those of more than a week ago. A sheet has no station."""
    if shift.station_id is not None:
        when = {"day": shift.day, "closed_at_ms": ms(at)}
        session.add(Closing(shift_id=shift.id, station_id=shift.station_id, **when))
        session.flush()
    forget_closings(session, now=at)


def forget_closings(session: Session, *, now: datetime) -> None:
    session.execute(delete(Closing).where(Closing.closed_at_ms < ms(now - KEPT)))


def closing_after(session: Session, *, station_id: int, day: date, at: datetime) -> Closing | None:
    """The first closing after this moment, of a station's shifts of a day: a read made then belongs to that shift."""
    return session.scalar(
        select(Closing)
        .where(Closing.station_id == station_id, Closing.day == day, Closing.closed_at_ms > ms(at))
        .order_by(Closing.closed_at_ms)
        .limit(1)
    )


def alike(closed: type[Shift]) -> ColumnElement[bool]:
    """Whether a shift of late reads has the channel and site of the closed one still: only then it joins."""
    return and_(closed.channel == Shift.channel, closed.site_id == Shift.site_id)


def joined(session: Session, *, shift: Shift, evening: Evening) -> Shift | None:
    """The closed shift that this one becomes part of as it closes; None for one of its own, as where late reads named
    another channel or site."""
    if evening.joins_id is None:
        return None
    session.flush()
    there = aliased(Shift)
    same = select(there).join(Shift, alike(there))
    found = same.where(Shift.id == shift.id, there.id == evening.joins_id)
    return session.scalar(found, execution_options={"populate_existing": True})


def is_late(session: Session, shift: Shift) -> bool:
    """Whether an open shift is to become part of a closed one."""
    evening = session.get(Evening, shift.id)
    return evening is not None and evening.joins_id is not None


def forget(session: Session, *, shift: Shift, into: Shift) -> None:
    """The row of a shift that is part of another one by now."""
    of_it = update(PrintJob).where(PrintJob.shift_id == shift.id)
    session.execute(of_it.values(shift_id=into.id))
    session.delete(shift)
    session.flush()


def follow(session: Session, *, closed: Shift, channel: str, site_id: int) -> None:
    """A closed shift was corrected from this channel and site: what is about to join it goes along, but not what named
    another one itself."""
    late = select(Evening.shift_id).where(Evening.joins_id == closed.id)
    session.execute(
        update(Shift)
        .where(Shift.id.in_(late), Shift.channel == channel, Shift.site_id == site_id)
        .values(channel=closed.channel, site_id=closed.site_id)
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Late reads of one day and place that are not part of its shift yet."""

    shift_id: int
    joins_id: int
    day: date
    place: str
    reads: int
    passages: int
    """People they would be, by silence and "next person"."""
    joins: bool
    """Whether they become part of the closed shift; else they named another channel or site, and stay a shift of their
    own."""
    held: bool
    """Whether the number given at closing holds these people."""
    seen: str
    """Stands for all of this: who decides sends it along, for numbers of shifts are used again."""


def waiting(
    session: Session,
    *,
    first: date | None = None,
    last: date | None = None,
    shift_id: int | None = None,
) -> list[Waiting]:
    """All of a period, latest day first. One statement, and none for each of them: there are few."""
    there = aliased(Shift)
    made = select(func.count(Read.id)).where(Read.shift_id == Shift.id).scalar_subquery()
    query = (
        select(Shift.id, there.id, Shift.day, Place.name, made, Evening.session)
        .add_columns(Evening.opened_at_s, alike(there), there.passages_by_hand)
        .join(Evening, Evening.shift_id == Shift.id)
        .join(there, there.id == Evening.joins_id)
        .join(Place, Place.id == Shift.place_id)
        .order_by(Shift.day.desc(), Shift.id)
    )
    if first is not None:
        query = query.where(Shift.day >= first)
    if last is not None:
        query = query.where(Shift.day <= last)
    if shift_id is not None:
        query = query.where(Shift.id == shift_id)
    key = bytes.fromhex(session.get_one(Setting, SECRET).value)
    return [_waiting(key, *row) for row in session.execute(query)]


def _waiting(
    key: bytes,
    number: int,
    joins_id: int,
    day: date,
    place: str,
    reads: int,
    state: str,
    opened_at_s: int,
    joins: bool,
    by_hand: bool,
) -> Waiting:
    passages = passages_at_closing(load_session(state))
    held = joins and by_hand
    shown = repr((number, joins_id, reads, passages, joins, held, opened_at_s)).encode()
    seen = hashlib.blake2b(shown, key=key, digest_size=16).hexdigest()
    return Waiting(number, joins_id, day, place, reads, passages, joins, held, seen)
