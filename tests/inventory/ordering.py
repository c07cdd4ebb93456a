"""Suppliers and orders on the books of a test."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from inventory import bookings, days, levels, order_outcome, order_receiving, orders
from inventory.order_receiving import Arrival, Received
from inventory.orders import Changed
from inventory.tables import (
    Place,
    Purchase,
    PurchaseArrival,
    PurchaseLine,
    Receipt,
    ReceiptLine,
    Supplier,
    SupplierItem,
)
from inventory.verify import verify
from inventory.words import PlaceKind

from .workshop import DAY, Books

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=days.ZONE)
"""A Saturday."""

LATER = NOW + timedelta(days=10)


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


def booked(books: Books, number: UUID | None = None) -> tuple[UUID, bytes]:
    """A booking of its own, and its number."""
    number = number or uuid4()
    booking = bookings.begin(books.session, number=number, content="", day=days.service_day(NOW))
    assert booking is not None
    return number, booking.id


def came(
    books: Books,
    order: Purchase,
    item: str,
    pieces: int,
    lot: str | None = "L",
    *,
    note: str = "",
    now: datetime = NOW,
    to: str = "STORE",
    **how: Any,
) -> tuple[UUID, Received]:
    """A box that is read against an order: the number that undoes it, and what was kept."""
    number, booking_id = booked(books)
    received = order_receiving.receive(
        books.session,
        order=order,
        arrivals=[Arrival(books.item(item), pieces, lot, **how)],
        place=books.place(to),
        booking_id=booking_id,
        note=note,
        now=now,
    )
    return number, received


# What came


def received(books: Books, order: Purchase) -> dict[str, int]:
    rows = books.session.scalars(select(PurchaseLine).where(PurchaseLine.purchase_id == order.id))
    return {row.item.code: row.received for row in rows}


def result(books: Books, order: Purchase) -> dict[str, order_outcome.Outcome]:
    return {one.item.code: one for one in order_outcome.outcome(books.session, order=order)}


def arrived(books: Books) -> list[tuple[str, int, str]]:
    rows = books.session.scalars(select(PurchaseArrival).order_by(PurchaseArrival.id))
    return [(row.item.code, row.pieces, row.condition) for row in rows]


def deliveries(books: Books) -> dict[str, dict[str, tuple[int, int]]]:
    """Pieces and how many of them are checked, by note and item."""
    rows = books.session.execute(
        select(Receipt.note, ReceiptLine.item_id, ReceiptLine.pieces, ReceiptLine.checked)
        .join(ReceiptLine, ReceiptLine.receipt_id == Receipt.id)
        .where(ReceiptLine.pieces > 0)
    )
    found: dict[str, dict[str, tuple[int, int]]] = {}
    codes = {books.item(code).id: code for code in ("CUP", "SER", "LEAFLET")}
    for note, item_id, pieces, checked in rows:
        found.setdefault(note, {})[codes[item_id]] = (pieces, checked)
    return found


def announce(books: Books, note: str, item: str, pieces: int, by: str = "Modus Vivendi") -> None:
    """A delivery note as importing one books it."""
    lot = books.receive(item, "L", pieces, note=note)
    receipt = books.session.scalars(select(Receipt).where(Receipt.note == note)).one()
    receipt.supplier = by
    books.session.add(
        ReceiptLine(receipt_id=receipt.id, item_id=lot.item_id, lot_id=lot.id, pieces=pieces)
    )
    books.session.flush()


def quarantine(books: Books) -> None:
    books.session.add(Place(code="Q", name="Quarantine", kind=PlaceKind.QUARANTINE))
    books.session.flush()


def is_sound(books: Books) -> bool:
    assert verify(books.session).faults == []
    return books.on_hand() == books.by_moves()


def undo(books: Books, number: UUID) -> None:
    bookings.undo(books.session, number=number, day=DAY)


def in_need(books: Books) -> Purchase:
    """Sent: 300 cups, 100 syringes; leaflets come from there too and are in no need."""
    by = supplier(books)
    sold(books, by, "CUP", 100, 300)
    sold(books, by, "SER", 10, 100)
    sold(books, by, "LEAFLET", 0, 0)
    return sent(books, by)
