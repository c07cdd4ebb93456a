"""How long deliveries took, as orders and what came of them tell it, and what is made of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from inventory import cover, days, levels, orders, suppliers
from inventory.order_outcome import close
from inventory.suppliers import LATEST_DELIVERIES
from inventory.tables import Item, Supplier, SupplierClosed

from .ordering import came, sold, supplier, undo
from .workshop import Books


@pytest.fixture
def by(books: Books) -> Supplier:
    """Any day will do, and ten days are configured."""
    made = supplier(books, review="")
    sold(books, made, "CUP", 0, 10)
    return made


def at(day: date, hour: int = 12, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=days.ZONE, fold=fold)


def delivered(books: Books, by: Supplier, sent: datetime, *came_at: datetime) -> None:
    """An order that was sent, came in so many parts, and is over."""
    order = orders.draft(books.session, supplier=by, now=sent, empty=True)
    assert order is not None
    orders.set_line(books.session, order=order, item=books.item("CUP"), pieces=9, now=sent)
    orders.approve(books.session, order=order, now=sent)
    orders.mark_sent(books.session, order=order, now=sent)
    for moment in came_at:
        came(books, order, "CUP", 1, now=moment)
    if came_at:
        close(books.session, order=order, now=came_at[-1])


def taken(books: Books, by: Supplier) -> list[int]:
    return suppliers.deliveries(books.session).get(by.id, [])


MONDAY = date(2026, 9, 7)


def test_it_is_the_first_part_that_tells(books: Books, by: Supplier) -> None:
    assert suppliers.deliveries(books.session) == {}
    delivered(
        books, by, at(MONDAY), at(MONDAY + timedelta(days=6)), at(MONDAY + timedelta(days=40))
    )
    assert taken(books, by) == [6]


def test_it_counts_from_the_day_the_supplier_takes_orders(books: Books, by: Supplier) -> None:
    by.review, by.cutoff_hour = "FRI", 12
    books.session.flush()
    delivered(books, by, at(MONDAY), at(date(2026, 9, 18)))  # of Friday, the 11th
    friday = date(2026, 9, 18)
    delivered(books, by, at(friday, hour=13), at(date(2026, 10, 1)))  # too late: the 25th
    delivered(books, by, at(date(2026, 10, 5)), at(date(2026, 10, 7)))  # sooner than they said
    assert taken(books, by) == [0, 6, 7]


@pytest.mark.parametrize(
    ("sent", "arrived", "expected"),
    [
        (at(MONDAY), at(MONDAY, hour=18), 0),  # on the day it was sent
        (at(date(2027, 1, 31)), at(date(2027, 3, 1)), 29),  # over a short month
        (at(date(2028, 2, 28)), at(date(2028, 2, 29), hour=0), 1),
        (at(date(2026, 10, 24), hour=23), at(date(2026, 10, 25), hour=2, minute=30, fold=1), 1),
        (at(date(2026, 10, 25), hour=2, minute=30), at(date(2026, 10, 26), hour=0, minute=10), 1),
        (at(date(2027, 3, 28), hour=1, minute=59), at(date(2027, 3, 28), hour=3), 0),
        (at(date(2026, 12, 31), hour=23, minute=59), at(date(2027, 1, 1), hour=0), 1),
    ],
)
def test_days_are_those_of_the_calendar(
    books: Books, by: Supplier, sent: datetime, arrived: datetime, expected: int
) -> None:
    delivered(books, by, sent, arrived)
    assert taken(books, by) == [expected]


def test_three_closed_weeks_do_not_count(books: Books, by: Supplier) -> None:
    first = MONDAY + timedelta(days=2)
    books.session.add(
        SupplierClosed(supplier_id=by.id, first=first, last=first + timedelta(days=20))
    )
    books.session.flush()
    books.session.expire(by)
    delivered(books, by, at(MONDAY), at(MONDAY + timedelta(days=27)))
    assert taken(books, by) == [6]


def test_a_clock_set_back_teaches_nothing(books: Books, by: Supplier) -> None:
    delivered(books, by, at(MONDAY), at(MONDAY - timedelta(days=300)))
    assert taken(books, by) == []
    order = orders.order(books.session, number="2026-001")
    assert (order.status, order.closed_on) == ("closed", MONDAY - timedelta(days=300))


def test_what_has_not_come_or_was_taken_back_teaches_nothing(books: Books, by: Supplier) -> None:
    delivered(books, by, at(MONDAY))
    order = orders.order(books.session, number="2026-001")
    number, _ = came(books, order, "CUP", 1, now=at(MONDAY + timedelta(days=3)))
    assert taken(books, by) == [3]
    undo(books, number)
    assert taken(books, by) == []


def test_the_latest_teach_each_of_its_own_supplier(books: Books, by: Supplier) -> None:
    other = supplier(books, "Another", review="")
    for n in range(LATEST_DELIVERIES + 3):
        day = MONDAY + timedelta(weeks=4 * n)
        delivered(books, by, at(day), at(day + timedelta(days=n)))
    assert taken(books, by) == list(range(LATEST_DELIVERIES + 2, 2, -1))
    assert taken(books, other) == []


def late(books: Books, by: Supplier) -> datetime:
    """Four deliveries took thirty days each: twenty are to be expected. The moment after them."""
    for n in range(4):
        day = MONDAY + timedelta(weeks=5 * n)
        delivered(books, by, at(day), at(day + timedelta(days=30)))
    return at(MONDAY + timedelta(weeks=20))


def test_what_was_learned_is_expected_everywhere(books: Books, by: Supplier) -> None:
    now = late(books, by)
    comes = now.date() + timedelta(days=20)
    found = suppliers.schedule(by, now=now, taken=taken(books, by))
    assert (found.lead_days, found.expected) == (20, comes)
    cup: Item = books.item("CUP")
    assert cover.covers(books.session, now=now)[cup.id].comes == comes
    lasting = levels.lasting(by, now=now, taken=taken(books, by))
    assert lasting.last == levels.lasting(by, now=now).last + timedelta(days=10)
    delivered(books, by, now)
    order = orders.all_orders(books.session)[0]
    assert (order.taken_on, order.expected_on) == (now.date(), comes)
