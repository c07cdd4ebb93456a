"""What may happen to an order when, and what its tables can hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from sqlalchemy.exc import IntegrityError

from inventory import orders
from inventory.order_rules import Status, WrongState
from inventory.tables import (
    Base,
    Purchase,
)

from .ordering import NOW, drafted, history, lines, put, sold, supplier
from .workshop import DAY, Books

ACTIONS: dict[str, Callable[[Books, Purchase], object]] = {
    "change": lambda books, order: put(books, order, "CUP", 5),
    "approve": lambda books, order: orders.approve(books.session, order=order, now=NOW),
    "send": lambda books, order: orders.mark_sent(books.session, order=order, now=NOW),
    "confirm": lambda books, order: orders.confirm(books.session, order=order, now=NOW),
    "cancel": lambda books, order: orders.cancel(books.session, order=order, now=NOW),
}
MAY = {
    Status.DRAFT: {"change", "approve", "cancel"},
    Status.APPROVED: {"change", "send", "cancel"},
    Status.SENT: {"confirm", "cancel"},
    Status.CONFIRMED: {"confirm", "cancel"},
    Status.RECEIVED: set(),
    Status.CLOSED: set(),
    Status.CANCELLED: set(),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", Status)
def test_what_comes_too_early_or_too_late_changes_nothing(
    books: Books, status: Status, action: str
) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    order = drafted(books, by)
    order.status = status
    books.session.flush()
    if action in MAY[status]:
        ACTIONS[action](books, order)
        return
    with pytest.raises(WrongState):
        ACTIONS[action](books, order)
    books.session.expire_all()
    assert (order.status, history(order)) == (status, ["drafted"])
    assert lines(books, order) == {"CUP": (100, 100, 100)}
    assert (order.sent_on, order.expected_on, order.closed_on) == (None, None, None)


def test_no_column_can_hold_who_did_it_nor_at_what_hour() -> None:
    for name in ("purchase", "purchase_line", "purchase_event", "purchase_arrival", "booking"):
        table = Base.metadata.tables[name]
        pointed = {key.column.table.name for key in table.foreign_keys}
        assert pointed <= {"supplier", "item", "purchase", "booking", "lot", "receipt", "shift"}
        assert not [column for column in table.columns if "DATETIME" in str(column.type).upper()]


@pytest.mark.parametrize(
    ("status", "fits"), [("draft", False), ("approved", False), ("sent", True)]
)
def test_the_database_holds_one_open_order_of_a_supplier(
    books: Books, status: str, fits: bool
) -> None:
    by = supplier(books)
    for number, this in (("2026-001", status), ("2026-002", "draft")):
        books.session.add(Purchase(number=number, supplier_id=by.id, status=this, drafted_on=DAY))
    with nullcontext() if fits else pytest.raises(IntegrityError):
        books.session.flush()
