"""What comes for an order beside its delivery notes, and what is taken back, on the books of both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from inventory import bookings, order_outcome, orders, receiving, trace
from inventory.errors import NotEnoughStock
from inventory.tables import Purchase, Receipt

from .ordering import (
    NOW,
    announce,
    arrived,
    came,
    deliveries,
    history,
    is_sound,
    quarantine,
    received,
    result,
    undo,
)
from .workshop import DAY, Books


@pytest.mark.parametrize("note", ["", "bl-7"])
def test_what_a_note_announces_is_checked_off_and_counts_once(
    books: Books, order: Purchase, note: str
) -> None:
    announce(books, "BL-7", "CUP", 200)
    number, _ = came(books, order, "CUP", 150, note=note)
    assert deliveries(books) == {"BL-7": {"CUP": (200, 150)}}
    assert books.on_hand() == {("STORE", "CUP", "L"): 200}
    came(books, order, "CUP", 100, note=note)  # fifty more than it announces
    assert books.on_hand() == {("STORE", "CUP", "L"): 250}
    assert received(books, order)["CUP"] == 250
    assert deliveries(books)["BL-7"] == {"CUP": (200, 200)}
    assert is_sound(books)
    undo(books, number)
    assert deliveries(books)["BL-7"] == {"CUP": (200, 50)}
    assert books.on_hand() == {("STORE", "CUP", "L"): 250}
    assert received(books, order)["CUP"] == 100
    assert is_sound(books)


@pytest.mark.parametrize(("by", "note"), [("Another", ""), ("Modus Vivendi", "BL-8")])
def test_what_another_delivery_announces_is_not_this_one(
    books: Books, order: Purchase, by: str, note: str
) -> None:
    announce(books, "BL-7", "CUP", 200, by)
    came(books, order, "CUP", 100, note=note)
    assert books.on_hand() == {("STORE", "CUP", "L"): 300}
    assert deliveries(books) == {
        "BL-7": {"CUP": (200, 0)},
        note or order.number: {"CUP": (100, 100)},
    }


@pytest.mark.parametrize(("note", "there"), [("", 250), ("BL-7", 200)])
def test_a_note_older_than_the_order_is_of_another_unless_somebody_says(
    books: Books, order: Purchase, note: str, there: int
) -> None:
    """Many a note is never read: what came long ago must not swallow what comes now."""
    announce(books, "BL-7", "CUP", 200)
    books.session.scalars(select(Receipt)).one().day = DAY - timedelta(days=1)
    books.session.flush()
    came(books, order, "CUP", 50, note=note)
    assert books.on_hand() == {("STORE", "CUP", "L"): there} and is_sound(books)


def test_a_counter_neither_checks_off_nor_gives_back_what_an_order_booked(
    books: Books, order: Purchase
) -> None:
    announce(books, "BL-8", "CUP", 10)
    came(books, order, "CUP", 50, note="BL-7")
    where = {"place_id": books.place("STORE").id, "lot_id": books.lot("CUP", "L").id}
    assert receiving.check_off(books.session, **where, pieces=50) == 10
    receiving.uncheck(books.session, **where, pieces=50)
    assert deliveries(books) == {"BL-8": {"CUP": (10, 0)}, "BL-7": {"CUP": (50, 50)}}
    assert receiving.check_off(books.session, **where, pieces=50) == 10


@pytest.mark.parametrize("refused", [False, True])
def test_what_a_note_booked_and_is_no_good_leaves_the_books(
    books: Books, order: Purchase, refused: bool
) -> None:
    quarantine(books)
    announce(books, "BL-7", "CUP", 200)
    number, _ = came(books, order, "CUP", 50, refused=refused, damaged=not refused)
    aside = {} if refused else {("Q", "CUP", "L"): 50}
    assert books.on_hand() == {("STORE", "CUP", "L"): 150, **aside} and is_sound(books)
    undo(books, number)
    assert books.on_hand() == {("STORE", "CUP", "L"): 200}
    assert deliveries(books) == {"BL-7": {"CUP": (200, 0)}} and is_sound(books)
    books.carry("CUP", "L", 180, "STORE", "VAN")
    with pytest.raises(NotEnoughStock):
        came(books, order, "CUP", 50, refused=refused, damaged=not refused)


# Once, and taken back


def test_the_same_form_twice_counts_once(books: Books, order: Purchase) -> None:
    number, _ = came(books, order, "CUP", 100)
    assert bookings.begin(books.session, number=number, content="", day=DAY) is None
    with pytest.raises(bookings.SentBefore):
        bookings.begin(books.session, number=number, content="other", day=DAY)


@pytest.mark.parametrize("confirmed", [False, True])
def test_taken_back_nothing_of_it_came(books: Books, order: Purchase, confirmed: bool) -> None:
    if confirmed:
        orders.confirm(books.session, order=order, now=NOW)
    quarantine(books)
    first, _ = came(books, order, "CUP", 100)
    second, _ = came(books, order, "CUP", 20, damaged=True)
    undo(books, first)
    assert (order.status, received(books, order)["CUP"]) == ("received", 0)
    assert books.on_hand() == {("Q", "CUP", "L"): 20}
    assert deliveries(books) == {order.number: {"CUP": (20, 20)}} and is_sound(books)
    undo(books, second)
    assert not bookings.undo(books.session, number=second, day=DAY)
    assert order.status == ("confirmed" if confirmed else "sent")
    assert history(order)[-2:] == ["received", "taken back"]
    assert arrived(books) == [] and books.on_hand() == {} and deliveries(books) == {}
    assert is_sound(books)
    came(books, order, "CUP", 100)
    assert order.status == "received" and history(order)[-1] == "received" and is_sound(books)


def test_what_was_taken_back_is_no_origin_of_its_lot(books: Books, order: Purchase) -> None:
    first, _ = came(books, order, "CUP", 100, note="BL-1")
    came(books, order, "CUP", 20, note="BL-2")
    undo(books, first)
    found = trace.trace(books.session, lot_id=books.lot("CUP", "L").id)
    assert [(one.note, one.pieces) for one in found.from_] == [("BL-2", 20)]


def test_pieces_that_went_on_are_not_taken_back(books: Books, order: Purchase) -> None:
    number, _ = came(books, order, "CUP", 100)
    books.carry("CUP", "L", 1, "STORE", "VAN")
    savepoint = books.session.begin_nested()
    with pytest.raises(NotEnoughStock):
        undo(books, number)
    savepoint.rollback()
    books.session.expire_all()
    assert received(books, order)["CUP"] == 100 and is_sound(books)


def test_taken_back_once_closed_it_says_how_much_more_never_came(
    books: Books, order: Purchase
) -> None:
    number, _ = came(books, order, "CUP", 300)
    order_outcome.close(books.session, order=order, now=NOW)
    undo(books, number)
    assert order.status == "closed" and orders.on_order(books.session) == {}
    assert result(books, order)["CUP"].short == 300
    assert is_sound(books)
