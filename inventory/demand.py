"""Demand: what was taken at each place on the days of which something is known.

Zero is a figure. A closed day is none, and neither is a day on which it was open and nobody noted anything, nor one on
which the place had nothing of the item from morning to evening: nobody could take any. What was handed out beyond the
books was asked for, so it is demand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import opening_days
from inventory.counter.sheets import SERVING
from inventory.opening_days import Calendar, Opening
from inventory.tables import Balance, Hold, Move, Place
from inventory.words import HANDED_OUT

WEEKS = 12
"""How far back demand is looked at: a season, and not the one before it."""


@dataclass(frozen=True, slots=True)
class History:
    """One item at one place: the pieces taken on each known day, and when the place is open."""

    known: Mapping[date, int]
    calendar: Calendar
    share: float
    """Part of the days of which it is known that were open, for days the calendar says nothing of."""

    def open_days(self, first: date, last: date) -> float:
        """How many days it is expected to be open in a period, both ends included."""
        is_open, unsaid = self.calendar.count(first, last)
        return is_open + self.share * unsaid


Key = tuple[int, int]
"""Number of the place, number of the item."""


def histories(session: Session, *, today: date) -> dict[Key, History]:
    """Every item at every place that serves, over the last twelve weeks, today left out; kits are items of their own.

    What a place never had in that time has no history there. Three statements, and three for each place.
    """
    first, last = today - timedelta(weeks=WEEKS), today - timedelta(days=1)
    places = session.scalars(select(Place.id).where(Place.kind.in_(SERVING))).all()
    flows = _Flows.of(session, places, first)
    found: dict[Key, History] = {}
    for place_id in places:
        openings = opening_days.openings(session, place_id=place_id, first=first, last=last)
        calendar = opening_days.calendar(session, place_id=place_id)
        share = _share(openings)
        open_on = [day for day, opening in openings.items() if opening is Opening.OPEN]
        for item_id in flows.items_of(place_id):
            known = flows.known(place_id, item_id, open_on, today)
            found[place_id, item_id] = History(known, calendar, share)
    return found


def _share(openings: Mapping[date, Opening]) -> float:
    was_open = sum(one is Opening.OPEN for one in openings.values())
    known = sum(one is not Opening.UNKNOWN for one in openings.values())
    return was_open / known if known else 0.0


@dataclass(frozen=True, slots=True)
class _Flows:
    """What came to and left each place by item and day, and what lies there now."""

    came: Mapping[Key, Mapping[date, int]]
    left: Mapping[Key, Mapping[date, int]]
    handed: Mapping[Key, Mapping[date, int]]
    there: Mapping[Key, int]

    @classmethod
    def of(cls, session: Session, places: Collection[int], first: date) -> _Flows:
        came: dict[Key, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        left: dict[Key, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        handed: dict[Key, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        rows = session.execute(
            select(Move.day, Move.item_id, Move.from_id, Move.to_id, func.sum(Move.pieces))
            .where(Move.day >= first, Move.from_id.in_(places) | Move.to_id.in_(places))
            .group_by(Move.day, Move.item_id, Move.from_id, Move.to_id)
        )
        for day, item_id, from_id, to_id, pieces in rows:
            if to_id == HANDED_OUT:
                handed[from_id, item_id][day] += int(pieces)
            elif from_id == HANDED_OUT:
                handed[to_id, item_id][day] -= int(pieces)
            came[to_id, item_id][day] += int(pieces)
            left[from_id, item_id][day] += int(pieces)
        return cls(came, left, handed, _there(session, places))

    def items_of(self, place_id: int) -> list[int]:
        found = {*self.there, *self.came, *self.left, *self.handed}
        return sorted(item_id for place, item_id in found if place == place_id)

    def known(
        self, place_id: int, item_id: int, open_on: Collection[date], today: date
    ) -> dict[date, int]:
        """Pieces taken on each open day, those left out on which nothing was there from morning to evening."""
        key = place_id, item_id
        came, left, handed = (one.get(key, {}) for one in (self.came, self.left, self.handed))
        lying, known = self.there.get(key, 0), {}
        for day in sorted({*open_on, *came, *left, today}, reverse=True):
            taken = max(0, handed.get(day, 0))
            if day in open_on and (lying > 0 or came.get(day) or left.get(day) or taken):
                known[day] = taken
            lying += left.get(day, 0) - came.get(day, 0)
        return known


def _there(session: Session, places: Collection[int]) -> dict[Key, int]:
    """What lies there by the moves alone: what open shifts hold is of today."""
    rows = session.execute(
        select(Balance.place_id, Balance.item_id, func.sum(Balance.pieces))
        .where(Balance.place_id.in_(places))
        .group_by(Balance.place_id, Balance.item_id)
    )
    there = {(place_id, item_id): int(pieces) for place_id, item_id, pieces in rows}
    held = session.execute(
        select(Hold.from_id, Hold.to_id, Hold.item_id, func.sum(Hold.pieces)).group_by(
            Hold.from_id, Hold.to_id, Hold.item_id
        )
    )
    for from_id, to_id, item_id, pieces in held:
        for place_id, sign in ((from_id, 1), (to_id, -1)):
            if place_id in places:
                key = place_id, item_id
                there[key] = there.get(key, 0) + sign * int(pieces)
    return there
