"""Orders on the books of both databases: drafted from what is there, changed as often as wanted, sent when approved."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from inventory import days, orders
from inventory.errors import NotAllowed, NotOnTheLists
from inventory.order_rules import Status, WrongState
from inventory.tables import (
    Purchase,
    PurchaseLine,
    SupplierItem,
)

from .ordering import NOW, drafted, history, lines, put, sent, sold, supplier
from .workshop import DAY, Books


def test_what_is_at_or_below_its_reorder_point_is_filled_up(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "SER", 100, 300, multiple=50)
    sold(books, by, "CUP", 100, 300)
    sold(books, by, "NALOX", 10, 40, minimum=100)
    sold(books, by, "LEAFLET", 10, 1000, multiple=60, quota=500)
    sold(books, supplier(books, "Another"), "BAG", 10, 20)
    books.receive("SER", "a", 100)
    books.receive("CUP", "b", 101)
    order = drafted(books, by)
    assert lines(books, order) == {
        "SER": (200, 200, 200),
        "NALOX": (100, 100, 100),
        "LEAFLET": (1020, 480, 480),
    }
    assert (order.number, order.status, order.drafted_on) == ("2026-001", "draft", DAY)
    assert history(order) == ["drafted"]


def test_where_nothing_is_needed_nothing_is_made(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 0, 0)
    sold(books, by, "SER", 10, 20)
    books.receive("SER", "a", 11)
    assert orders.draft(books.session, supplier=by, now=NOW) is None
    empty = orders.draft(books.session, supplier=by, now=NOW, empty=True)
    assert empty is not None and lines(books, empty) == {}
    with pytest.raises(NotAllowed):
        orders.approve(books.session, order=empty, now=NOW)
    assert (empty.status, history(empty)) == ("draft", ["drafted"])
    put(books, empty, "CUP", 7)
    assert lines(books, empty) == {"CUP": (0, 0, 7)}
    assert drafted(books, by).id == empty.id and lines(books, empty) == {"CUP": (0, 0, 7)}
    put(books, empty, "CUP", 0)
    assert drafted(books, by).id == empty.id and lines(books, empty) == {}


def test_kits_count_and_so_does_what_is_coming(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 100, 300)
    books.receive("KIT", "a", 20)  # with two cups each
    first = sent(books, by)
    assert lines(books, first) == {"CUP": (260, 260, 260)}
    today = days.service_day(NOW)
    cup = books.item("CUP").id
    there = orders.positions(books.session, today=today)[cup]
    assert (there.in_kits, there.on_order, there.total) == (40, 260, 300)
    assert orders.draft(books.session, supplier=by, now=NOW) is None


def test_only_what_the_supplier_owes_is_on_order(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    cup = books.item("CUP").id

    def of() -> dict[int, int]:
        return orders.on_order(books.session)

    order = drafted(books, by)
    assert of() == {}
    orders.approve(books.session, order=order, now=NOW)
    assert of() == {}
    orders.mark_sent(books.session, order=order, now=NOW)
    assert of() == {cup: 100}
    orders.confirm(books.session, order=order, now=NOW)
    assert of() == {cup: 100}
    line = books.session.get_one(PurchaseLine, (order.id, cup))
    line.received, order.status = 30, Status.RECEIVED
    books.session.flush()
    assert of() == {cup: 70}
    line.received = 130  # more than was ordered is owed by nobody
    books.session.flush()
    assert of() == {}
    line.received, order.status = 30, Status.CLOSED
    books.session.flush()
    assert of() == {}


def test_cancelled_it_is_needed_again(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    order = sent(books, by)
    orders.cancel(books.session, order=order, now=NOW)
    assert (order.status, order.closed_on) == ("cancelled", DAY)
    assert history(order) == ["drafted", "approved", "sent", "cancelled"]
    again = drafted(books, by)
    assert (again.number, lines(books, again)) == ("2026-002", {"CUP": (100, 100, 100)})


def test_drafted_again_it_keeps_what_somebody_changed(books: Books) -> None:
    by = supplier(books)
    for item in ("SER", "CUP", "NALOX", "LEAFLET"):
        sold(books, by, item, 10, 100)
    order = drafted(books, by)
    put(books, order, "SER", 60, "fête en juillet")
    put(books, order, "NALOX", 100, "as it was, with a note")
    for item in ("SER", "CUP"):
        books.receive(item, "a", 5)
    books.receive("LEAFLET", "a", 50)
    assert drafted(books, by).id == order.id
    assert lines(books, order) == {
        "SER": (95, 95, 60),
        "CUP": (95, 95, 95),
        "NALOX": (100, 100, 100),
    }
    assert [line.note for line in order.lines if line.item.code == "SER"] == ["fête en juillet"]
    put(books, order, "SER", 95)  # as suggested: nobody's figure any more
    books.receive("SER", "a", 5)
    drafted(books, by)
    assert lines(books, order)["SER"] == (90, 90, 90)
    assert history(order) == ["drafted"]


def test_a_figure_that_the_suggestion_meets_by_chance_is_still_somebodys(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    order = drafted(books, by)
    put(books, order, "CUP", 95)
    for _ in range(2):
        books.receive("CUP", "a", 5)
        drafted(books, by)
    assert lines(books, order) == {"CUP": (90, 90, 95)}


def test_changed_once_approved_it_is_a_draft_again(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    order = drafted(books, by)
    orders.approve(books.session, order=order, now=NOW)
    books.receive("CUP", "a", 5)
    assert drafted(books, by).id == order.id
    assert (order.status, lines(books, order)) == ("approved", {"CUP": (100, 100, 100)})
    put(books, order, "CUP", 80)
    assert (order.status, history(order)) == ("draft", ["drafted", "approved", "changed"])
    with pytest.raises(WrongState):
        orders.mark_sent(books.session, order=order, now=NOW)
    assert (order.status, order.sent_on) == ("draft", None)


def test_packs_are_told_and_not_forced(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100, multiple=50, minimum=100, quota=500)
    order = drafted(books, by)
    assert len(put(books, order, "CUP", 70).warnings) == 2
    assert lines(books, order) == {"CUP": (100, 100, 70)}
    assert put(books, order, "CUP", 150).warnings == []


@pytest.mark.parametrize(
    ("item", "pieces", "note"),
    [
        ("BAG", 1, ""),
        ("CUP", -1, ""),
        ("CUP", 10_000_001, ""),
        ("CUP", 1, "x" * 201),
        ("CUP", 1, "a\x01b"),
        ("CUP", 1, "\u202egniht"),
    ],
)
def test_what_cannot_be_ordered_changes_nothing(
    books: Books, item: str, pieces: int, note: str
) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    sold(books, supplier(books, "Another"), "BAG", 10, 20)
    order = drafted(books, by)
    orders.approve(books.session, order=order, now=NOW)
    with pytest.raises(NotAllowed):
        put(books, order, item, pieces, note)
    assert (order.status, lines(books, order)) == ("approved", {"CUP": (100, 100, 100)})


def test_what_stands_at_the_head_of_the_form_is_a_line(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    order = drafted(books, by)
    orders.set_note(books.session, order=order, note=" Livrer par\n la cour\u00a0! ", now=NOW)
    for wrong in ("x" * 201, "a\x07b", "\u2066a"):
        with pytest.raises(NotAllowed, match="control characters"):
            orders.set_note(books.session, order=order, note=wrong, now=NOW)
    assert order.note == "Livrer par la cour !"


def test_what_comes_from_another_supplier_by_now_can_be_struck_out(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    order = drafted(books, by)
    row = books.session.get_one(SupplierItem, books.item("CUP").id)
    row.supplier_id = supplier(books, "Another").id
    assert put(books, order, "CUP", 0).line.pieces == 0


def test_it_comes_when_the_supplier_says(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    order = sent(books, by)
    friday = date(2026, 11, 27)
    assert (order.sent_on, order.expected_on) == (DAY, friday + timedelta(days=10))
    orders.confirm(books.session, order=order, now=NOW)
    assert order.expected_on == friday + timedelta(days=10)
    orders.confirm(books.session, order=order, expected=date(2026, 12, 1), now=NOW)
    assert (order.status, order.expected_on) == ("confirmed", date(2026, 12, 1))
    with pytest.raises(NotAllowed):
        orders.confirm(books.session, order=order, expected=date(2026, 11, 20), now=NOW)
    assert order.expected_on == date(2026, 12, 1)


def test_numbers_count_up_within_a_year(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)

    def made(now: datetime) -> str:
        found = orders.draft(books.session, supplier=by, now=now)
        assert found is not None
        orders.cancel(books.session, order=found, now=now)
        return found.number

    assert [made(NOW) for _ in range(3)] == ["2026-001", "2026-002", "2026-003"]
    last = books.session.scalar(select(Purchase).where(Purchase.number == "2026-003"))
    assert last is not None
    last.number = "2026-999"
    assert [made(NOW) for _ in range(2)] == ["2026-1000", "2026-1001"]
    midnight = datetime(2027, 1, 1, 0, 30, tzinfo=days.ZONE)
    assert [made(midnight), made(midnight)] == ["2027-001", "2027-002"]
    assert made(midnight - timedelta(hours=1)) == "2026-1002"


def test_an_order_is_found_by_its_number(books: Books) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 10, 100)
    order = drafted(books, by)
    assert orders.order(books.session, number=" 2026-001 ").id == order.id
    assert [one.id for one in orders.all_orders(books.session)] == [order.id]
    with pytest.raises(NotOnTheLists):
        orders.order(books.session, number="2026-002")
