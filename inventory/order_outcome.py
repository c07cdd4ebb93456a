"""What came of an order beside what was ordered, and its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory.messages import Message
from inventory.order_rules import Action, Condition
from inventory.orders import day_of, done, may
from inventory.tables import Item, Purchase, PurchaseArrival, PurchaseLine

REOPENED = "reopened"
"""Its word in the history."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Pieces of one item: ordered, and what came of it. `received` counts against the order, those that expire too
    `soon` too; what is `refused` is in nothing else."""

    item: Item
    ordered: int = 0
    received: int = 0
    soon: int = 0
    damaged: int = 0
    wrong: int = 0
    refused: int = 0

    @property
    def short(self) -> int:
        return max(0, self.ordered - self.received)

    @property
    def over(self) -> int:
        return max(0, self.received - self.ordered)


def outcome(session: Session, *, order: Purchase) -> list[Outcome]:
    """What came beside what was ordered, in the order of the lists; while it is open, short is what may still come."""
    found = {line.item_id: {"ordered": line.pieces} for line in _lines(session, order)}
    for item_id, what, pieces in _came(session, order):
        of_it = found.setdefault(item_id, {})
        for name in _counted_as(what):
            of_it[name] = of_it.get(name, 0) + pieces
    items = session.scalars(select(Item).where(Item.id.in_(found)).order_by(Item.id))
    return [Outcome(item, **found[item.id]) for item in items]


def _lines(session: Session, order: Purchase) -> Iterable[PurchaseLine]:
    return session.scalars(select(PurchaseLine).where(PurchaseLine.purchase_id == order.id))


def _came(session: Session, order: Purchase) -> Iterable[tuple[int, Condition | None, int]]:
    """Condition and pieces by number of the item; no condition is what was refused."""
    columns = (PurchaseArrival.item_id, PurchaseArrival.condition, PurchaseArrival.refused)
    rows = session.execute(
        select(*columns, func.sum(PurchaseArrival.pieces))
        .where(PurchaseArrival.purchase_id == order.id)
        .group_by(*columns)
    )
    for item_id, condition, refused, pieces in rows:
        yield item_id, None if refused else Condition(condition), int(pieces)


def _counted_as(condition: Condition | None) -> tuple[str, ...]:
    match condition:
        case None:
            return ("refused",)
        case Condition.GOOD:
            return ("received",)
        case Condition.SOON:
            return ("received", "soon")
    return (condition.value,)


def differences(found: Iterable[Outcome]) -> list[Message]:
    """What did not come as ordered, a sentence each."""
    said = []
    for one in found:
        for name, text in _DIFFERENT.items():
            if pieces := getattr(one, name):
                said.append(Message(text.text, item=one.item.names, pieces=pieces))
    return said


_DIFFERENT = {
    "short": Message("%(item)s: %(pieces)d never came."),
    "over": Message("%(item)s: %(pieces)d more than ordered."),
    "wrong": Message("%(item)s: %(pieces)d came and were not ordered."),
    "damaged": Message("%(item)s: %(pieces)d came damaged."),
    "soon": Message("%(item)s: %(pieces)d expire too soon."),
    "refused": Message("%(item)s: %(pieces)d were sent back."),
}


def close(session: Session, *, order: Purchase, now: datetime) -> list[Outcome]:
    """Nothing more is expected; what never came is not on order any more. Raises WrongState while nothing came: such
    an order is cancelled."""
    status = may(session, order, Action.CLOSE)
    order.closed_on = day_of(now)
    done(session, order, status, status, order.closed_on)
    return outcome(session, order=order)


def reopen(session: Session, *, order: Purchase, now: datetime) -> None:
    """Completed by mistake, or the rest comes after all: what never came is on order again. Raises WrongState."""
    status = may(session, order, Action.REOPEN)
    order.closed_on = None
    done(session, order, status, REOPENED, day_of(now))
