"""What the form of an order says, stock audit and order in one: all that the supplier sells, beside what there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import orders
from inventory.messages import Names
from inventory.position import Position
from inventory.tables import Item, ItemLevel, Purchase, PurchaseLine, SupplierItem

WEEK = 7


@dataclass(frozen=True, slots=True)
class SheetLine:
    """Pieces of one item; `on_order` leaves this order itself out, `weekly` is what a week takes on average."""

    code: str
    reference: str
    names: Names
    usable: int
    in_kits: int
    on_order: int
    lent: int
    weekly: float
    ordered: int
    note: str


def sheet(session: Session, *, order: Purchase, today: date) -> list[SheetLine]:
    """A line for everything that comes from this supplier, ordered or not, in the order of the lists."""
    lines = {
        line.item_id: line
        for line in session.scalars(
            select(PurchaseLine).where(PurchaseLine.purchase_id == order.id)
        )
    }
    supplied = select(SupplierItem).where(SupplierItem.supplier_id == order.supplier_id)
    references = {row.item_id: row.reference for row in session.scalars(supplied)}
    found = session.execute(
        select(Item, ItemLevel.daily)
        .outerjoin(ItemLevel, ItemLevel.item_id == Item.id)
        .where(Item.id.in_({*lines, *references}))
        .order_by(Item.id)
    )
    there = orders.positions(session, today=today)
    own = orders.still_to_come(order.status, lines.values())
    return [
        _line(
            item,
            references.get(item.id, ""),
            there.get(item.id, Position()),
            own.get(item.id, 0),
            (daily or 0.0) * WEEK,
            lines.get(item.id),
        )
        for item, daily in found
    ]


def _line(
    item: Item,
    reference: str,
    there: Position,
    own: int,
    weekly: float,
    line: PurchaseLine | None,
) -> SheetLine:
    return SheetLine(
        code=item.code,
        reference=reference,
        names=item.names,
        usable=there.usable,
        in_kits=there.in_kits,
        on_order=there.on_order - own,
        lent=there.lent,
        weekly=weekly,
        ordered=line.pieces if line else 0,
        note=line.note if line else "",
    )
