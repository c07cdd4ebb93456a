"""Cover: how long what lies here lasts, and whether something can come before it is gone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from inventory import days, orders, suppliers
from inventory.order_rules import Suggestion, Terms, suggestion
from inventory.position import Position
from inventory.tables import Item, ItemLevel, SupplierItem

LONGEST = 3650
"""Days: nobody plans further."""


class State(StrEnum):
    """How an item stands, the worst first."""

    OUT = "out"
    """Nothing of it lies anywhere, and it is asked for."""
    LOW = "low"
    """At its reorder point or below: to be ordered, or made."""
    WATCH = "watch"
    """Enough is on its way, but it is gone before an order made now could come: the delivery must not be late."""
    GOOD = "good"
    UNKNOWN = "unknown"
    """Nobody has taken any yet on a day that counts, so nobody knows how long it lasts."""


@dataclass(frozen=True, slots=True)
class Cover:
    """One item that is ordered or made here."""

    item: Item
    level: ItemLevel | None
    """None until a level was computed or fixed."""
    there: Position
    supply: SupplierItem | None
    """None for what is made here."""
    comes: date | None
    """When an order made at this moment comes."""
    today: date
    arriving: Sequence[tuple[date, int]] = ()
    """What is on its way and when it is expected, the first to come first."""

    @property
    def here(self) -> int:
        """Pieces that can be used, loose or inside kits."""
        return self.there.usable + self.there.in_kits

    @property
    def lasts(self) -> float:
        """Days of the calendar until nothing of what lies here is left."""
        daily = self.level.daily if self.level else 0.0
        return self.here / daily if daily > 0 else math.inf

    @property
    def until(self) -> date | None:
        """The last day on which some of what lies here is left; None where that is beyond every plan."""
        return self._day_after(self.lasts)

    @property
    def reach(self) -> float:
        """Days until nothing is left, with what comes before it is gone.

        >>> level, day = ItemLevel(daily=10.0), date(2026, 11, 22)
        >>> comes = [(date(2026, 11, 26), 30), (date(2026, 12, 3), 99)]
        >>> Cover(Item(), level, Position(usable=50), None, None, day, comes).reach
        8.0
        """
        daily, pieces = (self.level.daily if self.level else 0.0), self.here
        if daily <= 0:
            return math.inf
        for day, more in self.arriving:
            if (day - self.today).days <= pieces / daily:
                pieces += more
        return pieces / daily

    @property
    def reaches(self) -> date | None:
        """The last day of that."""
        return self._day_after(self.reach)

    def _day_after(self, days: float) -> date | None:
        return self.today + timedelta(days=int(days)) if days < LONGEST else None

    @property
    def is_low(self) -> bool:
        level = self.level
        return (
            level is not None and level.order_up_to > 0 and self.there.total <= level.reorder_point
        )

    @property
    def runs_out(self) -> bool:
        """Whether it is gone before an order made now can come, whatever is on its way."""
        return self._is_gone_by_then(self.reach)

    def _is_gone_by_then(self, days: float) -> bool:
        return self.comes is not None and days < (self.comes - self.today).days

    @property
    def state(self) -> State:
        if self.level is None or (self.level.daily <= 0 and not self.level.order_up_to):
            return State.UNKNOWN
        if self.here <= 0:
            return State.OUT
        if self.is_low:
            return State.LOW
        return State.WATCH if self._is_gone_by_then(self.lasts) else State.GOOD

    @property
    def lacks(self) -> Suggestion:
        """What fills it up, in what it comes in; nothing while it is not low."""
        if self.level is None or not self.is_low:
            return Suggestion()
        terms = Terms.of(self.supply) if self.supply is not None else Terms()
        return suggestion(self.level.order_up_to - self.there.total, terms)


def covers(session: Session, *, now: datetime) -> dict[int, Cover]:
    """By number of the item, in the order of the lists: everything that has a level or a supplier."""
    today = days.service_day(now)
    rows = session.execute(
        select(Item, ItemLevel, SupplierItem)
        .outerjoin(ItemLevel, ItemLevel.item_id == Item.id)
        .outerjoin(SupplierItem, SupplierItem.item_id == Item.id)
        .where(or_(ItemLevel.item_id.is_not(None), SupplierItem.item_id.is_not(None)))
        .options(joinedload(SupplierItem.supplier))
        .order_by(Item.id)
    )
    there, comes = orders.positions(session, today=today), _coming(session, now)
    arriving = orders.arriving(session, today=today)

    def cover(item: Item, level: ItemLevel | None, supply: SupplierItem | None) -> Cover:
        coming = None if supply is None else comes[supply.supplier_id]
        position = there.get(item.id, Position())
        return Cover(item, level, position, supply, coming, today, arriving.get(item.id, ()))

    return {row[0].id: cover(*row) for row in rows}


def _coming(session: Session, now: datetime) -> Mapping[int, date]:
    """When an order made now comes, by number of the supplier."""
    found, taken = suppliers.all_suppliers(session), suppliers.deliveries(session)
    return {
        one.id: suppliers.schedule(one, now=now, taken=taken.get(one.id, ())).expected
        for one in found
    }
