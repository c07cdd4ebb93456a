"""Suppliers and orders on the books of a test."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from inventory import days, levels, orders
from inventory.orders import Changed
from inventory.tables import (
    Purchase,
    PurchaseLine,
    Supplier,
    SupplierItem,
)

from .workshop import DAY, Books

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=days.ZONE)
"""A Saturday."""


def supplier(books: Books, name: str = "Modus Vivendi", **rules: object) -> Supplier:
    made = Supplier(name=name, **{"review": "FRI", "lead_days": 10, **rules})
    books.session.add(made)
    books.session.flush()
    return made


def sold(books: Books, by: Supplier, item: str, point: int, up_to: int, **terms: object) -> None:
    """An item of this supplier, and its levels."""
    number = books.item(item).id
    books.session.add(SupplierItem(item_id=number, supplier_id=by.id, **terms))
    books.session.flush()
    levels.fix(
        books.session,
        item=books.item(item),
        reorder_point=point,
        order_up_to=up_to,
        note="",
        day=DAY,
    )


def drafted(books: Books, by: Supplier) -> Purchase:
    found = orders.draft(books.session, supplier=by, now=NOW)
    assert found is not None
    return found


def lines(books: Books, order: Purchase) -> dict[str, tuple[int, int, int]]:
    """By code: wanted, suggested, pieces; as the database has them."""
    rows = books.session.scalars(
        select(PurchaseLine).where(PurchaseLine.purchase_id == order.id)
    ).all()
    return {row.item.code: (row.wanted, row.suggested, row.pieces) for row in rows}


def history(order: Purchase) -> list[str]:
    return [event.what for event in order.events]


def put(books: Books, order: Purchase, item: str, pieces: int, note: str = "") -> Changed:
    return orders.set_line(
        books.session, order=order, item=books.item(item), pieces=pieces, note=note, now=NOW
    )


def sent(books: Books, by: Supplier) -> Purchase:
    order = drafted(books, by)
    orders.approve(books.session, order=order, now=NOW)
    orders.mark_sent(books.session, order=order, now=NOW)
    return order
