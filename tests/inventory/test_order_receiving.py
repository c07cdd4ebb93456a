"""What comes for an order, on the books of both databases: in parts, by the note or by the box, taken back, closed."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from inventory import days, order_outcome, order_receiving, orders
from inventory.errors import NotAllowed, NotOnTheLists
from inventory.order_receiving import Arrival
from inventory.order_rules import Status, WrongState
from inventory.tables import (
    ItemLevel,
    Place,
    Purchase,
    PurchaseArrival,
    PurchaseLine,
    SupplierItem,
)
from inventory.verify import verify
from inventory.words import PlaceKind

from .ordering import (
    LATER,
    NOW,
    announce,
    arrived,
    booked,
    came,
    deliveries,
    history,
    is_sound,
    quarantine,
    received,
    result,
    sent,
    sold,
    supplier,
)
from .workshop import DAY, Books


def test_it_comes_in_parts_and_is_closed(books: Books, order: Purchase) -> None:
    cup, ser = books.item("CUP").id, books.item("SER").id
    came(books, order, "CUP", 100, note="BL-7")
    came(books, order, "CUP", 150, note="bl-7")
    assert (order.status, received(books, order)) == ("received", {"CUP": 250, "SER": 0})
    assert orders.on_order(books.session) == {cup: 50, ser: 100}
    assert books.on_hand() == {("STORE", "CUP", "L"): 250}
    assert deliveries(books) == {"BL-7": {"CUP": (250, 250)}}
    came(books, order, "SER", 100, "S", expires=date(2028, 1, 1), now=LATER)
    assert history(order) == ["drafted", "approved", "sent", "received", "received"]
    assert [event.day for event in order.events][-2:] == [DAY, DAY + timedelta(days=10)]

    found = order_outcome.close(books.session, order=order, now=LATER)
    assert {one.item.code: (one.received, one.short, one.over) for one in found} == {
        "CUP": (250, 50, 0),
        "SER": (100, 0, 0),
    }
    (said,) = order_outcome.differences(found)
    assert said.params["pieces"] == 50
    assert (order.status, order.closed_on) == ("closed", DAY + timedelta(days=10))
    assert orders.on_order(books.session) == {}
    assert is_sound(books)
    for late in (
        lambda: came(books, order, "CUP", 1),
        lambda: order_outcome.close(books.session, order=order, now=LATER),
    ):
        with pytest.raises(WrongState):
            late()


@pytest.mark.parametrize("status", [Status.DRAFT, Status.APPROVED, Status.CLOSED, Status.CANCELLED])
def test_nothing_comes_of_an_order_that_nobody_sent(
    books: Books, order: Purchase, status: Status
) -> None:
    order.status = status
    books.session.flush()
    with pytest.raises(WrongState):
        came(books, order, "CUP", 1)
    assert arrived(books) == [] and books.on_hand() == {} and deliveries(books) == {}
    with pytest.raises(WrongState):
        order_outcome.close(books.session, order=order, now=NOW)


def test_nothing_came_yet_so_there_is_nothing_to_close(books: Books, order: Purchase) -> None:
    with pytest.raises(WrongState):
        order_outcome.close(books.session, order=order, now=NOW)
    assert order.status == "sent" and order.closed_on is None


def test_more_than_was_ordered_is_told_and_kept(books: Books, order: Purchase) -> None:
    _, first = came(books, order, "SER", 60)
    _, second = came(books, order, "SER", 60)
    assert first.warnings == [] and [one.params["over"] for one in second.warnings] == [20]
    ser = result(books, order)["SER"]
    assert (ser.received, ser.over, ser.short) == (120, 20, 0)
    assert orders.on_order(books.session) == {books.item("CUP").id: 300}


@pytest.mark.parametrize("struck_out", [False, True])
def test_what_was_not_ordered_can_be_taken_in(
    books: Books, order: Purchase, struck_out: bool
) -> None:
    if struck_out:
        books.session.add(
            PurchaseLine(
                purchase_id=order.id,
                item_id=books.item("LEAFLET").id,
                wanted=0,
                suggested=0,
                pieces=0,
                by_hand=True,
                received=0,
            )
        )
        books.session.flush()
    _, kept = came(books, order, "LEAFLET", 40)
    assert arrived(books) == [("LEAFLET", 40, "wrong")] and len(kept.warnings) == 1
    assert books.on_hand() == {("STORE", "LEAFLET", "L"): 40}
    leaflet = result(books, order)["LEAFLET"]
    assert (leaflet.wrong, leaflet.over, leaflet.short) == (40, 0, 0)
    assert is_sound(books)


@pytest.mark.parametrize("has_quarantine", [True, False])
def test_damaged_pieces_are_put_aside_and_still_owed(
    books: Books, order: Purchase, has_quarantine: bool
) -> None:
    if has_quarantine:
        quarantine(books)
    came(books, order, "CUP", 30, damaged=True, note="BL-7")
    came(books, order, "CUP", 270, note="BL-7")
    assert arrived(books) == [("CUP", 30, "damaged"), ("CUP", 270, "good")]
    assert received(books, order)["CUP"] == 270
    assert deliveries(books) == {"BL-7": {"CUP": (300, 300)}}
    aside = {("Q", "CUP", "L"): 30} if has_quarantine else {}
    assert books.on_hand() == {("STORE", "CUP", "L"): 270, **aside}
    there = orders.positions(books.session, today=DAY)[books.item("CUP").id]
    assert (there.usable, there.on_order) == (270, 30)
    assert is_sound(books)


def test_what_is_refused_is_on_no_books(books: Books, order: Purchase) -> None:
    came(books, order, "CUP", 30, refused=True)
    assert books.on_hand() == {} and deliveries(books) == {}
    assert (order.status, received(books, order)["CUP"]) == ("received", 0)
    cup = result(books, order)["CUP"]
    assert (cup.refused, cup.received, cup.short) == (30, 0, 300)


# What expires too soon


@pytest.mark.parametrize(
    ("daily", "there", "expires", "pieces", "expected"),
    [
        (1.0, 0, date(2026, 12, 20), 30, "good"),  # thirty days, today and the last one too
        (1.0, 0, date(2026, 12, 20), 31, "soon"),
        (1.0, 10, date(2026, 12, 20), 21, "soon"),  # ten go first
        (1.0, 10, date(2026, 12, 20), 20, "good"),
        (0.0, 0, date(2026, 12, 20), 300, "good"),  # nobody knows what a day takes
        (0.0, 0, DAY - timedelta(days=1), 1, "soon"),
        (0.0, 0, DAY, 1, "good"),
        (1.0, 5000, None, 1, "good"),
    ],
)
def test_soon_is_before_it_would_be_used(
    books: Books,
    order: Purchase,
    daily: float,
    there: int,
    expires: date | None,
    pieces: int,
    expected: str,
) -> None:
    books.session.get_one(ItemLevel, books.item("CUP").id).daily = daily
    if there:
        books.receive("CUP", "before", there, date(2026, 12, 10))
        books.receive("CUP", "after", 1000, date(2028, 1, 1))
    _, kept = came(books, order, "CUP", pieces, expires=expires)
    assert arrived(books) == [("CUP", pieces, expected)]
    assert len(kept.warnings) == (expected == "soon")
    assert received(books, order)["CUP"] == pieces


def test_soon_counts_the_boxes_before_it(books: Books, order: Purchase) -> None:
    books.session.get_one(ItemLevel, books.item("CUP").id).daily = 1.0
    lot = {"lot": "L", "expires": date(2026, 12, 20)}
    boxes = [Arrival(books.item("CUP"), 20, **lot)] * 2  # type: ignore[arg-type]
    order_receiving.receive(
        books.session,
        order=order,
        arrivals=boxes,
        place=books.place("STORE"),
        booking_id=booked(books)[1],
        now=NOW,
    )
    assert [how for _, _, how in arrived(books)] == ["good", "soon"]


def test_what_an_imported_note_booked_is_not_counted_against_itself(
    books: Books, order: Purchase
) -> None:
    books.session.get_one(ItemLevel, books.item("CUP").id).daily = 1.0
    announce(books, "BL-7", "CUP", 30)
    books.lot("CUP", "L").expires = date(2026, 12, 20)
    books.session.flush()
    came(books, order, "CUP", 30)
    assert arrived(books) == [("CUP", 30, "good")]


# What is refused


@pytest.mark.parametrize(
    ("pieces", "lot", "expires"),
    [(0, "L", None), (-5, "L", None), (10_000_001, "L", None), (1, None, date(2028, 1, 1))],
)
def test_what_cannot_come_changes_nothing(
    books: Books, order: Purchase, pieces: int, lot: str | None, expires: date | None
) -> None:
    with pytest.raises(NotAllowed):
        came(books, order, "CUP", pieces, lot, expires=expires)
    assert books.on_hand() == {} and arrived(books) == []


def test_a_lot_expires_on_one_day(books: Books, order: Purchase) -> None:
    came(books, order, "CUP", 1, expires=date(2028, 1, 1))
    with pytest.raises(NotAllowed):
        came(books, order, "CUP", 1, expires=date(2028, 1, 2))


def test_what_carries_no_lots_has_none(books: Books, order: Purchase) -> None:
    books.item("CUP").shelf_life_months = None
    with pytest.raises(NotAllowed):
        came(books, order, "CUP", 5, "L")
    came(books, order, "CUP", 5, None)
    came(books, order, "SER", 5, None)
    assert books.on_hand() == {("STORE", "CUP", ""): 5, ("STORE", "SER", "unknown"): 5}


@pytest.mark.parametrize("note", ["x" * 61, ""])
def test_a_delivery_has_lines_and_a_number_that_fits(
    books: Books, order: Purchase, note: str
) -> None:
    with pytest.raises(NotAllowed):
        order_receiving.receive(
            books.session,
            order=order,
            arrivals=[Arrival(books.item("CUP"), 1)] if note else [],
            place=books.place("STORE"),
            booking_id=uuid4().bytes,
            note=note,
            now=NOW,
        )


def test_where_it_goes(books: Books) -> None:
    def code(named: str | None = None) -> str:
        return order_receiving.destination(books.session, code=named).code

    assert (code(), code("SHOP")) == ("STORE", "SHOP")
    with pytest.raises(NotAllowed):
        code("supplier")
    with pytest.raises(NotOnTheLists):
        code("NOWHERE")
    books.session.add(Place(code="S2", name="S2", kind=PlaceKind.STORE))
    books.session.flush()
    with pytest.raises(NotAllowed):
        code()
    assert code("S2") == "S2"


def test_one_number_is_of_one_place(books: Books, order: Purchase) -> None:
    came(books, order, "CUP", 5, note="BL-7")
    with pytest.raises(NotAllowed):
        came(books, order, "CUP", 5, note="BL-7", to="SHOP")
    came(books, order, "CUP", 5, note="BL-8", to="SHOP")
    assert is_sound(books)


# Traps


@pytest.mark.parametrize("pieces", [1, 100_000])
def test_one_piece_and_a_hundred_thousand(books: Books, pieces: int) -> None:
    by = supplier(books)
    sold(books, by, "CUP", 0, pieces)
    order = sent(books, by)
    assert orders.on_order(books.session) == {books.item("CUP").id: pieces}
    came(books, order, "CUP", pieces)
    (cup,) = order_outcome.close(books.session, order=order, now=NOW)
    assert (cup.ordered, cup.received, cup.short, cup.over) == (pieces, pieces, 0, 0)
    assert books.on_hand() == {("STORE", "CUP", "L"): pieces} and is_sound(books)


def test_an_item_the_supplier_no_longer_has_still_comes(books: Books, order: Purchase) -> None:
    row = books.session.get_one(SupplierItem, books.item("CUP").id)
    books.session.delete(row)
    books.session.flush()
    came(books, order, "CUP", 300)
    assert arrived(books) == [("CUP", 300, "good")]
    assert result(books, order)["CUP"].short == 0


def test_after_midnight_it_is_the_next_day_to_the_supplier(books: Books, order: Purchase) -> None:
    night = NOW.replace(hour=1) + timedelta(days=3)
    came(books, order, "CUP", 5, now=night)
    (row,) = books.session.scalars(select(PurchaseArrival))
    assert row.day == DAY + timedelta(days=3) == order.events[-1].day
    assert days.service_day(night) == DAY + timedelta(days=2)


def test_a_lot_on_hold_comes_and_is_told(books: Books, order: Purchase) -> None:
    books.receive("CUP", "L", 1)
    books.lot("CUP", "L").on_hold_since = DAY
    books.session.flush()
    assert len(came(books, order, "CUP", 5)[1].warnings) == 1
    assert is_sound(books)


def test_whoever_tampers_with_the_figures_is_found(books: Books, order: Purchase) -> None:
    came(books, order, "CUP", 5)
    assert is_sound(books)
    line = books.session.get_one(PurchaseLine, (order.id, books.item("CUP").id))
    line.received = 6
    books.session.flush()
    assert [fault.code for fault in verify(books.session).faults] == ["order"]
