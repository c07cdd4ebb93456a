"""Two people at one order, or at two, at once."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import levels, orders
from inventory.database import Database
from inventory.order_rules import WrongState
from inventory.tables import (
    Item,
    Purchase,
    PurchaseEvent,
    PurchaseLine,
    Supplier,
    SupplierItem,
)

from . import house, racing
from .workshop import DAY


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
        orders.approve(session, order=orders.order(session, number="2026-001"), now=house.NOW)

    try:
        database.write(work)
    except WrongState:
        return False
    return True


@pytest.mark.race
@pytest.mark.xdist_group("races")
def test_two_drafts_at_once_make_one(database: Database) -> None:
    ready(database)
    numbers = racing.threads(database, [draft_of("Modus Vivendi", again=False)] * 4)
    assert set(numbers) == {"2026-001"}
    with database.reading() as session:
        assert len(session.scalars(select(Purchase)).all()) == 1
        assert [one.what for one in session.scalars(select(PurchaseEvent))] == ["drafted"]
        assert len(session.scalars(select(PurchaseLine)).all()) == 2


@pytest.mark.race
@pytest.mark.xdist_group("races")
def test_two_suppliers_at_once_have_a_number_each(database: Database) -> None:
    ready(database)
    jobs = [draft_of("Modus Vivendi"), draft_of("Another")] * 2
    numbers = racing.threads(database, jobs)
    assert set(numbers[::2]) | set(numbers[1::2]) == {"2026-001", "2026-002"}
    assert len(set(numbers[::2])) == len(set(numbers[1::2])) == 1


@pytest.mark.race
@pytest.mark.xdist_group("races")
def test_two_approvals_at_once_are_one(database: Database) -> None:
    ready(database)
    draft_of("Modus Vivendi")(database)
    assert sorted(racing.threads(database, [approval] * 4)) == [False, False, False, True]
    with database.reading() as session:
        events = [one.what for one in session.scalars(select(PurchaseEvent))]
    assert events == ["drafted", "approved"]
