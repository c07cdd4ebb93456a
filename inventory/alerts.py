"""What somebody has to know: at once, or in the digest of the week.

At once is said what cannot wait for anybody to look: a lot on hold that still lies somewhere, or an essential that runs
out before the next delivery can come. All else waits for the digest: at most five lines, the worst first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import days, on_hold, opening_days, orders, suppliers
from inventory.messages import Counted, Message
from inventory.position import OURS, Position
from inventory.tables import (
    Balance,
    Item,
    ItemLevel,
    Lot,
    Place,
    Supplier,
    SupplierItem,
    UnknownCode,
)

LINES = 5
"""Of a digest: more are not read."""

EXPIRES_SOON = timedelta(days=60)


class Kind(StrEnum):
    """What it is about, the worst first."""

    RECALL = "recall"
    RUNS_OUT = "runs-out"
    LOW = "low"
    EXPIRING = "expiring"
    UNKNOWN_CODES = "unknown-codes"
    NOTHING_RECORDED = "nothing-recorded"

    @property
    def at_once(self) -> bool:
        return self in (Kind.RECALL, Kind.RUNS_OUT)


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to know. The same `key` is the same thing: it is not said again as long as it lasts."""

    kind: Kind
    key: str
    says: Message


def alerts(session: Session, *, now: datetime) -> list[Alert]:
    """Everything there is to say at this moment, the worst first."""
    today = days.service_day(now)
    stock = _stock(session, today)
    found = [
        *_recalls(session),
        *_running_out(session, stock, now=now),
        *_low(stock),
        *_expiring(session, today),
        *_unknown_codes(session),
        *_nothing_recorded(session, today),
    ]
    return sorted(found, key=lambda one: list(Kind).index(one.kind))


def digest(found: Collection[Alert], told: Collection[str] = ()) -> list[Alert]:
    """The lines of a digest: what waits for it and is not among the keys of the last one."""
    return [one for one in found if not one.kind.at_once and one.key not in told][:LINES]


@dataclass(frozen=True, slots=True)
class _Stocked:
    """An item that has a level, and what can be counted on."""

    item: Item
    level: ItemLevel
    there: Position

    @property
    def lasts(self) -> float:
        """Days of the calendar until nothing that lies here is left."""
        here = self.there.usable + self.there.in_kits
        return here / self.level.daily if self.level.daily > 0 else float("inf")


def _stock(session: Session, today: date) -> dict[int, _Stocked]:
    rows = session.execute(
        select(Item, ItemLevel).join(ItemLevel, ItemLevel.item_id == Item.id).order_by(Item.id)
    ).all()
    found = orders.positions(session, today=today)
    return {item.id: _Stocked(item, level, found.get(item.id, Position())) for item, level in rows}


def _recalls(session: Session) -> list[Alert]:
    return [
        Alert(
            Kind.RECALL,
            f"recall:{lot.lot_id}:{lot.since}",
            Message(
                "Lot %(lot)s of %(item)s is on hold: %(pieces)d still lie somewhere, and %(kits)d kits hold some.",
                lot=lot.lot,
                item=lot.names,
                pieces=sum(pieces for _, pieces in lot.there),
                kits=sum(kits.pieces for kits in lot.in_kits if not kits.on_hold),
            ),
        )
        for lot in on_hold.lots(session)
        if lot.there or any(not kits.on_hold for kits in lot.in_kits)
    ]


def _running_out(session: Session, stock: Mapping[int, _Stocked], *, now: datetime) -> list[Alert]:
    """Essentials of which less lies here than is taken until an order made now can come."""
    today = days.service_day(now)
    rows = session.execute(
        select(SupplierItem.item_id, Supplier)
        .join(Supplier, Supplier.id == SupplierItem.supplier_id)
        .where(SupplierItem.essential.is_(True))
        .order_by(SupplierItem.item_id)
    ).all()
    comes = {one.id: suppliers.schedule(one, now=now).expected for _, one in rows}
    found = []
    for item_id, supplier in rows:
        one = stock.get(item_id)
        until = comes[supplier.id]
        if one is None or one.lasts >= (until - today).days:
            continue
        says = Message(
            "%(item)s lasts until %(day)s; an order to %(supplier)s comes on %(until)s at the earliest.",
            item=one.item.names,
            day=today + timedelta(days=int(one.lasts)),
            supplier=supplier.name,
            until=until,
        )
        found.append(Alert(Kind.RUNS_OUT, f"runs-out:{one.item.code}", says))
    return found


def _low(stock: Mapping[int, _Stocked]) -> list[Alert]:
    low = [one for one in stock.values() if one.level.order_up_to > 0 and _is_low(one)]
    if not low:
        return []
    worst = min(low, key=lambda one: one.lasts)
    says = Counted(
        "%(count)d article is at its reorder point or below: %(item)s.",
        "%(count)d articles are at their reorder point or below, %(item)s first.",
        count=len(low),
        item=worst.item.names,
    )
    return [Alert(Kind.LOW, "low:" + ",".join(one.item.code for one in low), says)]


def _is_low(one: _Stocked) -> bool:
    return one.there.total <= one.level.reorder_point


def _expiring(session: Session, today: date) -> list[Alert]:
    until = today + EXPIRES_SOON
    rows = session.execute(
        select(Item, Lot.code, Lot.expires, func.sum(Balance.pieces))
        .join(Lot, Lot.item_id == Item.id)
        .join(Balance, Balance.lot_id == Lot.id)
        .join(Place, Place.id == Balance.place_id)
        .where(Lot.expires.between(today, until), Place.kind.in_(OURS), Balance.pieces > 0)
        .group_by(Item.id, Lot.id)
        .order_by(Lot.expires, Item.id)
    ).all()
    if not rows:
        return []
    item, lot, expires, _ = rows[0]
    says = Counted(
        "%(count)d lot expires before %(until)s: lot %(lot)s of %(item)s, on %(day)s.",
        "%(count)d lots expire before %(until)s, lot %(lot)s of %(item)s first, on %(day)s.",
        count=len(rows),
        until=until,
        lot=lot,
        item=item.names,
        day=expires,
    )
    return [Alert(Kind.EXPIRING, "expiring:" + ",".join(sorted(row[1] for row in rows)), says)]


def _unknown_codes(session: Session) -> list[Alert]:
    codes = session.scalars(select(UnknownCode.gtin).distinct().order_by(UnknownCode.gtin)).all()
    if not codes:
        return []
    says = Counted(
        "%(count)d code that no list has was handed out: name it.",
        "%(count)d codes that no list has were handed out: name them.",
        count=len(codes),
    )
    return [Alert(Kind.UNKNOWN_CODES, "unknown-codes:" + ",".join(codes), says)]


def _nothing_recorded(session: Session, today: date) -> list[Alert]:
    asked = opening_days.nothing_recorded(session, today=today)
    if not asked:
        return []
    says = Counted(
        "%(count)d evening has nothing noted, at %(place)s on %(day)s.",
        "%(count)d evenings have nothing noted, the last at %(place)s on %(day)s.",
        count=len(asked),
        place=asked[0].name,
        day=asked[0].day,
    )
    key = ",".join(f"{one.place}:{one.day}" for one in asked)
    return [Alert(Kind.NOTHING_RECORDED, f"nothing-recorded:{key}", says)]
