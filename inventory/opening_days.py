"""When places are open, and what a day without a shift means: closed, or nobody noted anything.

Zero is a figure, closed and unknown are none: a forecast takes the first for demand and leaves the others out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.counter.sheets import SERVING, serving_place
from inventory.errors import NotAllowed
from inventory.ledger import lock
from inventory.messages import Message
from inventory.tables import Booking, OpeningException, Place, Shift, UsualOpening

ASKED_DAYS = 14
"""How many past days are asked about: longer ago, nobody remembers."""


class Opening(StrEnum):
    """What is known of a day at a place."""

    OPEN = "open"
    """Something was recorded, if only that nothing was handed out: its figures count, zero too."""
    CLOSED = "closed"
    UNKNOWN = "unknown"
    """It was open and nobody noted anything, or nobody has said whether it was open: no figure, not zero."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The usual opening days of a place (weekday, since when) and the days that differ."""

    since: Mapping[int, date] = field(default_factory=dict)
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    _counted: dict[tuple[date, date], tuple[int, int]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def says(self, day: date) -> bool | None:
        """Whether the place is open; None before anybody had said.

        >>> fridays = Calendar({4: date(2026, 11, 1)}, {date(2026, 11, 20): False})
        >>> [fridays.says(date(2026, 11, day)) for day in (13, 14, 20)]
        [True, False, False]
        >>> fridays.says(date(2026, 10, 30)) is None
        True
        """
        if day in self.exceptions:
            return self.exceptions[day]
        if not self.since or day < min(self.since.values()):
            return None
        known_since = self.since.get(day.weekday())
        if known_since is None:
            return False
        return True if day >= known_since else None

    def count(self, first: date, last: date) -> tuple[int, int]:
        """How many days of a period, both ends included, it is open, and of how many nobody has said."""
        if (first, last) not in self._counted:  # every item of a place asks for the same periods
            said = [self.says(day) for day in _days(first, last)]
            self._counted[first, last] = said.count(True), said.count(None)
        return self._counted[first, last]


@dataclass(frozen=True, slots=True)
class Asked:
    """A day on which a place was open and nothing was recorded."""

    place: str
    name: str
    day: date


def calendar(session: Session, *, place_id: int) -> Calendar:
    """What was said of one place."""
    return calendars(session, place_ids=[place_id])[place_id]


def calendars(session: Session, *, place_ids: Collection[int]) -> dict[int, Calendar]:
    """The same of several, by their numbers. Two statements."""
    usual = select(UsualOpening.place_id, UsualOpening.weekday, UsualOpening.since)
    differs = select(OpeningException.place_id, OpeningException.day, OpeningException.open)
    since: dict[int, dict[int, date]] = defaultdict(dict)
    exceptions: dict[int, dict[date, bool]] = defaultdict(dict)
    for place_id, weekday, first in session.execute(
        usual.where(UsualOpening.place_id.in_(place_ids))
    ):
        since[place_id][weekday] = first
    of_them = differs.where(OpeningException.place_id.in_(place_ids))
    for place_id, day, is_open in session.execute(of_them.order_by(OpeningException.day)):
        exceptions[place_id][day] = is_open
    return {one: Calendar(since[one], exceptions[one]) for one in place_ids}


def openings(session: Session, *, place_id: int, first: date, last: date) -> dict[date, Opening]:
    """What is known of each day of a period, both ends included."""
    known = calendar(session, place_id=place_id)
    recorded = _recorded(session, first, last).get(place_id, set())
    return {day: _judged(known, recorded, day) for day in _days(first, last)}


def opening(session: Session, *, place_id: int, day: date) -> Opening:
    """What is known of one day."""
    return openings(session, place_id=place_id, first=day, last=day)[day]


def nothing_recorded(session: Session, *, today: date) -> list[Asked]:
    """Past days of the last fortnight on which a place was open and no shift is recorded, latest first."""
    first, last = today - timedelta(days=ASKED_DAYS), today - timedelta(days=1)
    recorded = _recorded(session, first, last)
    wanted = select(Place).where(Place.kind.in_(SERVING)).order_by(Place.id)
    places = session.scalars(wanted).all()
    calendar_of = calendars(session, place_ids=[place.id for place in places])
    found = []
    for place in places:
        known = calendar_of[place.id]
        there = recorded.get(place.id, set())
        for day in _days(first, last):
            if known.says(day) and day not in there:
                found.append(Asked(place.code, place.name, day))
    return sorted(found, key=lambda asked: asked.day, reverse=True)


def never_said(session: Session) -> list[Place]:
    """Places that serve, by what is recorded, and whose usual days nobody has said: every day to come counts as open
    there, which is more than there are."""
    wanted = select(Place).where(
        Place.kind.in_(SERVING),
        Place.id.in_(select(Shift.place_id).where(Shift.taken_back.is_(False))),
        Place.id.not_in(select(UsualOpening.place_id)),
    )
    return list(session.scalars(wanted.order_by(Place.name)))


def set_usual(session: Session, *, place: str, weekdays: Collection[int], today: date) -> None:
    """The weekdays (Monday is 0) on which a place is open from today; those that stay keep their beginning."""
    place_id = serving_place(session, place).id
    lock(session, (place_id,))
    known = calendar(session, place_id=place_id).since
    session.execute(delete(UsualOpening).where(UsualOpening.place_id == place_id))
    for weekday in sorted(set(weekdays)):
        since = known.get(weekday, today)
        session.add(UsualOpening(place_id=place_id, weekday=weekday, since=since))
    session.flush()


def set_exception(session: Session, *, place: str, day: date, open: bool | None) -> None:
    """A day is open or closed whatever it usually is; None: as usual."""
    place_id = serving_place(session, place).id
    lock(session, (place_id,))
    row = session.get(OpeningException, (place_id, day))
    if open is None:
        if row is not None:
            session.delete(row)
    elif row is not None:
        row.open = open
    else:
        session.add(OpeningException(place_id=place_id, day=day, open=open))
    session.flush()


def was_closed(session: Session, *, place: str, day: date) -> None:
    """Somebody says that a place was closed; NotAllowed where a shift of that day is recorded, for then it was not."""
    place_id = serving_place(session, place).id
    lock(session, (place_id,))
    if day in _recorded(session, day, day).get(place_id, ()):
        raise NotAllowed(Message("A shift of that day is recorded: the place was open."))
    set_exception(session, place=place, day=day, open=False)


def _judged(known: Calendar, recorded: Collection[date], day: date) -> Opening:
    if day in recorded:
        return Opening.OPEN
    return Opening.CLOSED if known.says(day) is False else Opening.UNKNOWN


def _recorded(session: Session, first: date, last: date) -> dict[int, set[date]]:
    """The days with a shift, open or closed, by place."""
    found: dict[int, set[date]] = {}
    # What was picked up in the street is typed at a desk, by day.
    street = select(Booking.shift_id).where(Booking.shift_id.is_not(None))
    wanted = (
        select(Shift.place_id, Shift.day)
        .where(Shift.day.between(first, last), Shift.id.not_in(street), Shift.taken_back.is_(False))
        .distinct()
    )
    for place_id, day in session.execute(wanted):
        found.setdefault(place_id, set()).add(day)
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
