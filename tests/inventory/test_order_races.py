"""Two people at one order, or at two, at once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import bookings, catalogue, levels, order_receiving, orders
from inventory.database import Database
from inventory.order_receiving import Arrival
from inventory.order_rules import WrongState
from inventory.tables import (
    Balance,
    Item,
    Purchase,
    PurchaseEvent,
    PurchaseLine,
    ReceiptLine,
    Supplier,
    SupplierItem,
)
from inventory.verify import verify

from . import house, racing
from .workshop import DAY

FIRST, SECOND = (f"{house.TODAY.year}-{n:03}" for n in (1, 2))


def ready(database: Database) -> None:
    """A supplier of cups and syringes, of which nothing is there."""
    with database.writing() as session:
        by = Supplier(name="Modus Vivendi")
        other = Supplier(name="Another")
        session.add_all([by, other])
        session.flush()
        for code, owner in (("CUP", by), ("SER", by), ("AIG", other)):
            item = session.scalars(select(Item).where(Item.code == code)).one()
            session.add(SupplierItem(item_id=item.id, supplier_id=owner.id))
            levels.fix(session, item=item, reorder_point=5000, order_up_to=9000, note="", day=DAY)


def draft_of(name: str, *, again: bool = True) -> racing.Job:
    """`again`: when another took the same number first."""

    def job(database: Database) -> str:
        def work(session: Session) -> str:
            by = session.scalars(select(Supplier).where(Supplier.name == name)).one()
            found = orders.draft(session, supplier=by, now=house.NOW)
            assert found is not None
            return found.number

        if again:
            return database.write(work)
        with database.writing() as session:
            return work(session)

    return job


def approval(database: Database) -> bool:
    def work(session: Session) -> None:
        orders.approve(session, order=orders.order(session, number=FIRST), now=house.NOW)

    try:
        database.write(work)
    except WrongState:
        return False
    return True


@pytest.mark.race
def test_two_drafts_at_once_make_one(database: Database) -> None:
    ready(database)
    numbers = racing.threads(database, [draft_of("Modus Vivendi", again=False)] * 4)
    assert set(numbers) == {FIRST}
    with database.reading() as session:
        assert len(session.scalars(select(Purchase)).all()) == 1
        assert [one.what for one in session.scalars(select(PurchaseEvent))] == ["drafted"]
        assert len(session.scalars(select(PurchaseLine)).all()) == 2


@pytest.mark.race
def test_two_suppliers_at_once_have_a_number_each(database: Database) -> None:
    ready(database)
    jobs = [draft_of("Modus Vivendi"), draft_of("Another")] * 2
    numbers = racing.threads(database, jobs)
    assert set(numbers[::2]) | set(numbers[1::2]) == {FIRST, SECOND}
    assert len(set(numbers[::2])) == len(set(numbers[1::2])) == 1


@pytest.mark.race
def test_two_approvals_at_once_are_one(database: Database) -> None:
    ready(database)
    draft_of("Modus Vivendi")(database)
    assert sorted(racing.threads(database, [approval] * 4)) == [False, False, False, True]
    with database.reading() as session:
        events = [one.what for one in session.scalars(select(PurchaseEvent))]
    assert events == ["drafted", "approved"]


# Boxes


def receiving(number: UUID) -> racing.Job:
    """Ten cups of the order, under that number of the form."""

    def job(database: Database) -> bool:
        def work(session: Session) -> bool:
            booking = bookings.begin(session, number=number, content="", day=house.TODAY)
            if booking is None:
                return False
            order_receiving.receive(
                session,
                order=orders.order(session, number=FIRST),
                arrivals=[Arrival(catalogue.item(session, "CUP"), 10)],
                place=order_receiving.destination(session),
                booking_id=booking.id,
                note="BL-7",
                now=house.NOW,
            )
            return True

        return database.write(work)

    return job


def undoing(number: UUID) -> racing.Job:
    def job(database: Database) -> bool:
        return database.write(
            lambda session: bookings.undo(session, number=number, day=house.TODAY)
        )

    return job


def on_its_way(database: Database) -> None:
    ready(database)
    draft_of("Modus Vivendi")(database)
    approval(database)
    with database.writing() as session:
        order = orders.order(session, number=FIRST)
        orders.mark_sent(session, order=order, now=house.NOW)


def cups(session: Session) -> tuple[int, int, int]:
    """Received of the order, on hand, and in the delivery."""
    item = catalogue.item(session, "CUP").id
    line = session.scalars(select(PurchaseLine).where(PurchaseLine.item_id == item)).one()
    there = session.scalars(select(Balance.pieces).where(Balance.item_id == item))
    of_note = session.scalars(select(ReceiptLine.pieces).where(ReceiptLine.item_id == item))
    return line.received, sum(there), sum(of_note)


@pytest.mark.race
def test_boxes_at_once_all_count_and_each_once(database: Database) -> None:
    on_its_way(database)
    forms = [uuid4() for _ in range(4)]
    done = racing.threads(database, [receiving(number) for number in forms for _ in range(2)])
    assert sorted(done) == [False] * 4 + [True] * 4
    with database.reading() as session:
        assert cups(session) == (40, 40, 40)
        assert verify(session).faults == []
        came = [one.what for one in session.scalars(select(PurchaseEvent))]
    assert came.count("received") == 1
    jobs = [undoing(number) for number in forms for _ in range(2)]
    done = racing.threads(database, [*jobs, receiving(uuid4()), receiving(uuid4())])
    assert sorted(done) == [False] * 4 + [True] * 6
    with database.reading() as session:
        assert cups(session) == (20, 20, 20)
        assert verify(session).faults == []
