"""What expires, and what of it nobody will have taken by then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import levels, position
from inventory.messages import Names
from inventory.position import OURS
from inventory.tables import Balance, Item, ItemLevel, Lot, Place

AHEAD = timedelta(days=182)
"""Half a year: what expires later is nobody's worry this morning."""


@dataclass(frozen=True, slots=True)
class Expiring:
    """Pieces of a lot that lie in places of ours, not on hold."""

    lot_id: int
    lot: str
    item: str
    names: Names
    expires: date
    pieces: int
    too_late: int
    """Of these: expired already, or not taken before they do if each day takes what it does on average."""


def left_over(lots: Iterable[tuple[date, int]], *, daily: float, today: date) -> list[int]:
    """How many pieces of each lot nobody takes in time, first expired first; the order of the lots stays.

    Where nobody knows what a day takes, only what has expired is left over.

    >>> day = date(2026, 11, 22)
    >>> left_over([(date(2026, 12, 2), 50), (date(2026, 12, 12), 10), (date(2026, 11, 21), 3)], daily=2.0, today=day)
    [28, 0, 3]
    """
    listed = list(lots)
    taken, left = 0, [0] * len(listed)
    for index in sorted(range(len(listed)), key=lambda one: listed[one]):
        expires, pieces = listed[index]
        if expires < today:
            left[index] = pieces
        elif daily > 0:
            # Usable on the day it expires, too.
            of_use = min(pieces, max(0, int(daily * ((expires - today).days + 1)) - taken))
            left[index] = pieces - of_use
            taken += of_use
    return left


def expiring(session: Session, *, today: date, until: date | None = None) -> list[Expiring]:
    """Lots that have expired or do up to a day (half a year ahead), the first to expire first. Two statements."""
    until = until or today + AHEAD
    rows = session.execute(
        select(Item, Lot.id, Lot.code, Lot.expires, func.sum(Balance.pieces))
        .join(Lot, Lot.item_id == Item.id)
        .join(Balance, Balance.lot_id == Lot.id)
        .join(Place, Place.id == Balance.place_id)
        .where(
            Place.kind.in_(OURS),
            Balance.pieces > 0,
            Lot.expires <= until,
            Lot.on_hold_since.is_(None),
        )
        .group_by(Item.id, Lot.id)
        .order_by(Lot.expires, Item.id, Lot.id)
    ).all()
    dated = [(*row[:3], row[3], int(row[4])) for row in rows if row[3] is not None]
    by_item: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for item, _, _, expires, pieces in dated:
        by_item[item.id].append((expires, pieces))
    daily, lying = _daily(session), position.lying(session, levels.made_here(session))
    left = {}
    for item_id, lots in by_item.items():
        # What lies in kits is taken too, by the same demand: behind the loose lots, it has their places in the queue.
        in_kits = lying[item_id].in_kits if item_id in lying else []
        others = [(one.expires, one.pieces) for one in in_kits if one.expires is not None]
        each_day = daily.get(item_id, 0.0)
        left[item_id] = iter(left_over([*lots, *others], daily=each_day, today=today))
    return [
        Expiring(lot_id, lot, item.code, item.names, expires, pieces, next(left[item.id]))
        for item, lot_id, lot, expires, pieces in dated
    ]


def _daily(session: Session) -> Mapping[int, float]:
    return dict(session.execute(select(ItemLevel.item_id, ItemLevel.daily)).all())
