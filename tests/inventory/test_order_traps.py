"""What ordering trips over, each with what proves that it does not; those that nothing else proves are proved here."""

from __future__ import annotations

import ast
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from inventory import days, ledger, levels, order_days, orders, recipes
from inventory.cover import State, covers
from inventory.tables import ItemLevel, Supplier, SupplierClosed, SupplierItem

from .ordering import lines, supplier
from .test_demand import brought, evening
from .workshop import DAY, Books

TRAPS = {
    "both changes of the clock": {
        "inventory/test_suppliers.py": "test_hours_are_those_of_clocks_in_brussels_on_both_sides_of_a_change",
        "mail/test_alert_mail.py": "test_the_digest_on_the_days_on_which_the_clock_changes",
        "mail/test_order_mail.py": "test_in_the_weeks_in_which_the_clock_changes",
        "web/test_worker.py": "test_once_a_night_whatever_the_clock_does",
        "e2e/test_low_stock_becomes_an_order.py": "test_from_the_shelf_to_the_supplier_and_back",
    },
    "ends of months": {
        "inventory/test_suppliers.py": "test_month_ends_and_a_leap_day test_a_month_may_have_no_fifth_friday",
    },
    "a supplier closed for three weeks": {
        "inventory/test_suppliers.py": "test_three_closed_weeks_are_passed_over",
        "inventory/test_lead_times.py": "test_three_closed_weeks_do_not_count",
        "inventory/test_order_traps.py": "test_before_three_closed_weeks_more_is_ordered_and_during_them_nothing",
    },
    "handed out once, or never": {
        "inventory/test_levels.py": "test_never_once_and_a_hundred_thousand",
        "inventory/test_order_traps.py": "test_what_was_handed_out_once_or_never_is_not_ordered_for_ever",
    },
    "one piece, and a hundred thousand": {
        "inventory/test_levels.py": "test_never_once_and_a_hundred_thousand",
        "inventory/test_order_receiving.py": "test_one_piece_and_a_hundred_thousand",
        "inventory/test_order_template.py": "test_figures_are_numbers",
    },
    "out of stock all month": {
        "inventory/test_demand.py": "test_a_day_with_nothing_there_all_through_is_none",
        "inventory/test_levels.py": "test_a_whole_season_without_stock_keeps_the_level_of_before",
        "inventory/test_order_traps.py": "test_out_of_stock_all_month_as_much_is_ordered_as_before",
    },
    "another recipe": {
        "inventory/test_levels.py": "test_kits_are_opened_by_the_recipe_of_now",
        "inventory/test_order_traps.py": "test_with_another_recipe_other_components_are_ordered",
    },
    "a clock that jumps": {
        "inventory/test_lead_times.py": "test_a_clock_set_back_teaches_nothing",
        "inventory/test_outbox.py": "test_a_clock_that_was_wrong_is_not_waited_for",
        "web/test_worker.py": "test_a_clock_that_was_wrong_is_not_waited_for",
        "e2e/test_worker_clock.py": "test_a_clock_that_is_set_back_a_year_stops_no_worker",
    },
}
"""By trap: files below `tests`, and tests in them."""


@pytest.mark.parametrize("trap", TRAPS)
def test_each_has_its_tests(trap: str) -> None:
    for file, names in TRAPS[trap].items():
        module = ast.parse((Path(__file__).parents[1] / file).read_text(encoding="utf-8"))
        there = {one.name for one in ast.walk(module) if isinstance(one, ast.FunctionDef)}
        assert set(names.split()) <= there


def night(books: Books, day: date) -> datetime:
    """Levels as the worker computes them; its moment."""
    now = datetime.combine(day, time(6), days.ZONE)
    levels.nightly(books.session, now=now)
    return now


def test_before_three_closed_weeks_more_is_ordered_and_during_them_nothing(books: Books) -> None:
    """Ordered on Fridays, delivered after a week. What is ordered on the 27th of November lasts until what is ordered
    on the 25th of December has come, for the three Fridays in between are closed."""
    by = supplier(books, lead_days=7)
    comes_from(books, by, "CUP")
    brought(books, "CUP", 400, 30)
    for back in range(1, 15):
        evening(books, back, {"CUP": 10})
    thursday = date(2026, 11, 26)
    night(books, thursday)
    assert level(books, "CUP") == (140, 210)  # two weeks of ten, and one more
    assert drafts(books, thursday) == []
    weeks = SupplierClosed(supplier_id=by.id, first=date(2026, 12, 1), last=date(2026, 12, 21))
    books.session.add(weeks)
    books.session.flush()
    books.session.expire(by)
    night(books, thursday)
    assert level(books, "CUP") == (350, 350 + 280)
    assert drafts(books, thursday) == [date(2026, 11, 27), date(2026, 12, 25)]
    (order,) = orders.all_orders(books.session)
    assert lines(books, order)["CUP"][2] == 630 - 260


def drafts(books: Books, first: date) -> list[date]:
    """The days of five weeks on which one is made or brought up to date."""
    found = []
    for ahead in range(35):
        now = datetime.combine(first + timedelta(days=ahead), time(6), days.ZONE)
        if order_days.draft_due(books.session, now=now, next_run=now + timedelta(days=1)):
            found.append(days.local(now).date())
    return found


def test_what_was_handed_out_once_or_never_is_not_ordered_for_ever(books: Books) -> None:
    """All of it is gone: of what went once a few, of what never did nothing."""
    by = supplier(books, review="")
    comes_from(books, by, "CUP", "SER")
    brought(books, "CUP", 1, 84)
    brought(books, "SER", 30, 84)
    for back in range(84, 0, -1):
        evening(books, back, {"CUP": 1} if back == 40 else {})
    ledger.transfer(
        books.session,
        from_place=books.place("CLIP"),
        to_place=books.place("disposed"),
        item=books.item("SER"),
        pieces=30,
        day=DAY - timedelta(days=1),
    )
    now = night(books, DAY)
    order = orders.draft(books.session, supplier=by, now=now)
    assert order is not None
    (cup,) = order.lines
    assert (cup.item.code, cup.pieces) == ("CUP", 3)


def test_out_of_stock_all_month_as_much_is_ordered_as_before(books: Books) -> None:
    """The month says nothing; not that nobody wanted any."""
    by = supplier(books, review="")
    comes_from(books, by, "CUP")
    brought(books, "CUP", 56 * 5, 84)
    for back in range(84, 28, -1):
        evening(books, back, {"CUP": 5})
    night(books, DAY - timedelta(days=28))
    before = level(books, "CUP")
    for back in range(28, 0, -1):
        evening(books, back, {"SER": 1})
    now = night(books, DAY)
    assert level(books, "CUP") == before and before[0] > 50
    assert covers(books.session, now=now)[books.item("CUP").id].state is State.OUT
    order = orders.draft(books.session, supplier=by, now=now)
    assert order is not None and lines(books, order)["CUP"][2] == before[1]


def test_with_another_recipe_other_components_are_ordered(books: Books) -> None:
    """As many of the new ones as of the old before, from the next night on; of what is in no kit any more nothing."""
    by = supplier(books, review="")
    comes_from(books, by, "SER", "CUP", "NALOX")
    brought(books, "KIT", 210, 30)
    for back in range(1, 21):
        evening(books, back, {"KIT": 10})
    now = night(books, DAY)
    before = {code: level(books, code) for code in ("SER", "CUP")}
    assert before["SER"] == before["CUP"] and level(books, "NALOX") == (0, 0)
    contents = {books.item("SER").id: 4, books.item("NALOX").id: 2}
    recipes.new_version(books.session, kit=books.item("KIT"), contents=contents, seen=2)
    now = night(books, DAY + timedelta(days=1))
    assert level(books, "SER") == tuple(2 * pieces for pieces in before["SER"])
    assert level(books, "NALOX") == before["CUP"]
    assert level(books, "CUP") == (0, 0)
    order = orders.draft(books.session, supplier=by, now=now)
    assert order is not None and "CUP" not in lines(books, order)


def comes_from(books: Books, by: Supplier, *items: str) -> None:
    for code in items:
        books.session.add(SupplierItem(item_id=books.item(code).id, supplier_id=by.id))
    books.session.flush()


def level(books: Books, item: str) -> tuple[int, int]:
    row = books.session.get(ItemLevel, books.item(item).id)
    return (row.reorder_point, row.order_up_to) if row is not None else (0, 0)
