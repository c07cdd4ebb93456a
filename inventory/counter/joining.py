"""Reads that arrive after their evening was closed: what they say becomes part of the shift that was closed.

Until that happens they are an open shift like any, so that undo, numbers and pairs of codes work over several batches.
It closes an hour after the last of them, when somebody says so, or when its station is used again on that day. Then its
totals are added to those of the closed shift, and its own row goes: a shift of one person would be a record of one.

How many came that evening was said at closing: a number that somebody typed or confirmed holds those people already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from inventory.counter.step import passages_at_closing
from inventory.counter.values import load_session
from inventory.tables import Booking, Evening, Place, PrintJob, Read, Shift

LATE = timedelta(minutes=1)
"""A read that arrives later than this was kept somewhere: it is no sign that the counter was opened again."""

IDLE = timedelta(hours=1)
"""How long after the last of them late reads are waited for."""


def closed_shift(session: Session, *, place_id: int, day: date) -> Shift | None:
    """The shift that late reads of a place and day belong to: the last one of a station that was closed.

    A sheet may be taken back, and what was picked up in the street undone: nothing else is added to those.
    """
    in_the_street = exists().where(Booking.shift_id == Shift.id)
    return session.scalar(
        select(Shift)
        .where(Shift.day == day, Shift.place_id == place_id, Shift.station_id.is_(None))
        .where(Shift.from_sheet.is_(False), ~in_the_street)
        .order_by(Shift.id.desc())
        .limit(1)
    )


def joined(session: Session, *, shift: Shift, evening: Evening) -> Shift | None:
    """The closed shift that this one becomes part of as it closes; None for one of its own, as where late reads named
    another channel or site."""
    if evening.joins_id is None:
        return None
    there = session.get_one(Shift, evening.joins_id, populate_existing=True)
    same = (there.channel, there.site_id) == (shift.channel, shift.site_id)
    return there if same else None


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


def follow(session: Session, *, closed: Shift) -> None:
    """The channel or site of a closed shift was corrected: what is about to join it goes along."""
    late = select(Evening.shift_id).where(Evening.joins_id == closed.id)
    session.execute(
        update(Shift)
        .where(Shift.id.in_(late))
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
    held: bool
    """Whether the number given at closing holds these people."""


def waiting(
    session: Session, *, first: date | None = None, last: date | None = None
) -> list[Waiting]:
    """All of a period, latest day first. One statement, and none for each of them: there are few."""
    there = aliased(Shift)
    made = select(func.count(Read.id)).where(Read.shift_id == Shift.id).scalar_subquery()
    query = (
        select(Shift.id, there.id, Shift.day, Place.name, made, Evening.session)
        .add_columns(there.passages_by_hand)
        .join(Evening, Evening.shift_id == Shift.id)
        .join(there, there.id == Evening.joins_id)
        .join(Place, Place.id == Shift.place_id)
        .order_by(Shift.day.desc(), Shift.id)
    )
    if first is not None:
        query = query.where(Shift.day >= first)
    if last is not None:
        query = query.where(Shift.day <= last)
    return [
        Waiting(number, joins, day, place, reads, passages_at_closing(load_session(state)), held)
        for number, joins, day, place, reads, state, held in session.execute(query)
    ]
