"""What was told already, and when it is better to keep silent.

An alert is told once, however long it lasts, and again only when it comes back after a week without it: what swings
around its limit from one day to the next is one thing. One of several things is told again where one has joined them.
What is not told yet waits, and is never forgotten as long as it lasts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory import days, opening_days
from inventory.alerts import Alert, Kind
from inventory.alerts import digest as lines_of
from inventory.counter.sheets import SERVING
from inventory.tables import KnownAlert, Place

GONE = timedelta(days=7)
"""Seen no more for so long, an alert is over."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of Brussels in which nobody is disturbed: from the first, up to the second; the same twice: never.

    >>> [Quiet(21, 8).holds(hour) for hour in (20, 21, 0, 7, 8)]
    [False, True, True, True, False]
    >>> any(Quiet(8, 8).holds(hour) for hour in range(24)), Quiet(0, 6).holds(5)
    (False, True)
    """

    begins: int = 21
    ends: int = 8

    def holds(self, hour: int) -> bool:
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


def silent(session: Session, *, now: datetime, quiet: Quiet) -> bool:
    """At night, and on a day on which every place of which anybody knows is closed."""
    clock = days.local(now)
    return quiet.holds(clock.hour) or _closed(session, clock.date())


def _closed(session: Session, day: date) -> bool:
    places = session.scalars(select(Place.id).where(Place.kind.in_(SERVING))).all()
    said = [opening_days.calendar(session, place_id=one).says(day) for one in places]
    return bool(said) and all(opens is False for opens in said)


def note(session: Session, found: Iterable[Alert], *, today: date) -> None:
    """Keep that these were there today; those that have gone for a week are over."""
    there = {one.key: one for one in session.scalars(select(KnownAlert).with_for_update())}
    for key in dict.fromkeys(key for one in found for key in one.keys):
        if key in there:
            there[key].until = today
        else:
            session.add(KnownAlert(key=key, first_day=today, until=today))
    session.flush()
    session.execute(delete(KnownAlert).where(KnownAlert.until < today - GONE))


def untold(session: Session, found: Collection[Alert]) -> list[Alert]:
    """Those with something of which nobody was told."""
    told = _told(session)
    return [one for one in found if one.is_news(told)]


def at_once(found: Collection[Alert], *, hushed: bool) -> list[Alert]:
    """What is told now. A recall at any hour: whoever put the lot on hold is at work, and others may be handing it out.
    What runs out lasts until the morning."""
    return [one for one in found if one.kind.at_once and (one.kind is Kind.RECALL or not hushed)]


def digest(session: Session, found: Collection[Alert]) -> list[Alert]:
    """The lines of a digest: what changed since the last one."""
    return lines_of(found, _told(session))


def _told(session: Session) -> set[str]:
    return set(session.scalars(select(KnownAlert.key).where(KnownAlert.told_day.is_not(None))))


def told(session: Session, which: Iterable[Alert], *, today: date) -> None:
    """These were told: to be written together with the message that tells them."""
    for one in which:
        for key in one.keys:
            session.get_one(KnownAlert, key).told_day = today
    session.flush()
