"""Alerts: what cannot wait is said at once, all else in few lines, and nothing twice."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from inventory import alerts, days, levels, on_hold
from inventory.alerts import Alert, Kind, digest
from inventory.messages import Message
from inventory.tables import Supplier, SupplierItem, UnknownCode

from .test_demand import brought, evening
from .workshop import DAY, Books

NOW = datetime.combine(DAY, time(9), days.ZONE)


def ordered(books: Books, item: str, *, essential: bool, lead_days: int = 10) -> None:
    supplier = Supplier(name=f"Supplier of {item}", lead_days=lead_days)
    books.session.add(supplier)
    books.session.flush()
    row = SupplierItem(item_id=books.item(item).id, supplier_id=supplier.id, essential=essential)
    books.session.add(row)
    books.session.flush()


def ten_evenings(books: Books, item: str, each: int) -> None:
    for back in range(1, 11):
        evening(books, back, {item: each})
    levels.nightly(books.session, now=NOW)


def said(books: Books) -> dict[str, str]:
    """Keys -> sentence."""
    return {",".join(one.keys): str(one.says) for one in alerts.alerts(books.session, now=NOW)}


def test_nothing_to_say(books: Books) -> None:
    assert said(books) == {}
    ordered(books, "NALOX", essential=True)
    assert said(books) == {}
    brought(books, "NALOX", 5, 20)
    ten_evenings(books, "SER", 0)
    assert said(books) == {}  # nobody takes any: five last for ever


@pytest.mark.parametrize(("lies", "runs_out"), [(9, True), (10, False), (200, False)])
def test_an_essential_that_does_not_last_until_an_order_comes(
    books: Books, lies: int, runs_out: bool
) -> None:
    """One an evening, and ten days to deliver."""
    ordered(books, "NALOX", essential=True)
    ordered(books, "CUP", essential=False)
    brought(books, "NALOX", lies + 10, 20)
    for back in range(1, 11):
        evening(books, back, {"NALOX": 1, "CUP": 1})
    levels.nightly(books.session, now=NOW)
    found = alerts.alerts(books.session, now=NOW)
    assert [one.keys for one in found if one.kind.at_once] == [("runs-out:NALOX",)] * runs_out
    assert any(one.kind is Kind.LOW for one in found)  # cups
    if runs_out:
        assert "2026-11-30" in str(found[0].says) and "2026-12-01" in str(found[0].says)


def test_a_recall_until_nothing_of_it_lies_anywhere(books: Books) -> None:
    lot = books.receive("SER", "a", 30)
    assert said(books) == {}
    on_hold.put(books.session, lot=lot, day=DAY)
    (sentence,) = said(books).values()
    assert "30 still lie somewhere" in sentence
    books.carry("SER", "a", 30, "STORE", "disposed")
    assert said(books) == {}


def test_low_and_expiring_wait_for_the_digest(books: Books) -> None:
    ordered(books, "CUP", essential=False)
    brought(books, "CUP", 101, 20)
    ten_evenings(books, "CUP", 10)
    soon = books.receive("SER", "soon", 3, DAY + timedelta(days=60))
    books.receive("SER", "later", 3, DAY + timedelta(days=61))
    books.receive("SER", "gone", 3, DAY - timedelta(days=1))
    books.session.add(
        UnknownCode(
            gtin="05410036306703",
            day=DAY,
            place_id=books.place("CLIP").id,
            channel="counter",
            pieces=2,
        )
    )
    books.session.flush()
    found = alerts.alerts(books.session, now=NOW)
    assert [one.kind for one in found] == [Kind.LOW, Kind.EXPIRING, Kind.UNKNOWN_CODES]
    assert [one.keys for one in found][:2] == [("low:CUP",), (f"expiring:{soon.id}",)]
    assert digest(found) == found
    assert digest(found, [key for one in found[:2] for key in one.keys]) == found[2:]


def test_what_expires_on_hold_is_told_as_a_recall_alone(books: Books) -> None:
    held, free = (books.receive("SER", code, 3, DAY + timedelta(days=9)) for code in ("a", "b"))
    on_hold.put(books.session, lot=held, day=DAY)
    found = {one.kind: one for one in alerts.alerts(books.session, now=NOW)}
    assert set(found) == {Kind.RECALL, Kind.EXPIRING}
    assert found[Kind.EXPIRING].keys == (f"expiring:{free.id}",)
    assert "1 lot expires" in str(found[Kind.EXPIRING].says)


def test_a_digest_has_five_lines_and_nothing_that_was_said_at_once() -> None:
    lines = [Alert(Kind.LOW, (f"low:{n}",), Message("low")) for n in range(7)]
    urgent = Alert(Kind.RECALL, ("recall:1",), Message("recall"))
    assert digest([urgent, *lines]) == lines[:5]
    assert digest([urgent, *lines], ["low:0", "low:3"]) == [*lines[1:3], *lines[4:7]]
