"""Levels: what lasts until the delivery after next, kits opened, closed weeks included, whatever is strange."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import levels
from inventory.demand import History
from inventory.errors import NotAllowed
from inventory.levels import Level, Moments, Period, level, mean_of_twelve_weeks
from inventory.opening_days import Calendar
from inventory.tables import ItemLevel, Supplier, SupplierItem

from .test_demand import brought, evening
from .workshop import DAY, Books

WEEKLY = Period(DAY, DAY + timedelta(days=7), DAY + timedelta(days=16))
"""Ordered once a week, delivered after ten days."""


def period_of(_: SupplierItem | None) -> Period:
    return WEEKLY


def ordered(books: Books, *items: str) -> None:
    supplier = Supplier(name="Modus Vivendi")
    books.session.add(supplier)
    books.session.flush()
    for item in items:
        books.session.add(SupplierItem(item_id=books.item(item).id, supplier_id=supplier.id))
    books.session.flush()


def of(books: Books, item: str) -> ItemLevel | None:
    return books.session.get(ItemLevel, books.item(item).id)


def compute(books: Books, today: date = DAY) -> int:
    return levels.compute(books.session, today=today, period_of=period_of)


def week(known: Mapping[date, int]) -> History:
    """Of a place open on Mondays and Thursdays."""
    return History(known, Calendar({0: date(2020, 1, 1), 3: date(2020, 1, 1)}), 1.0)


def test_open_days_take_what_the_known_ones_took() -> None:
    history = week({DAY: 10, DAY - timedelta(days=1): 20})
    monday = date(2026, 11, 23)
    found = mean_of_twelve_weeks(history, monday, monday + timedelta(days=13))
    assert found == Moments(4 * 15.0, 4 * 25.0)
    assert mean_of_twelve_weeks(week({}), monday, monday) == Moments()


def test_kits_are_opened_by_the_recipe_of_now(books: Books) -> None:
    """A kit takes two syringes and two cups; one in two evenings takes ten kits and no evening a loose cup."""
    ordered(books, "SER", "CUP")
    brought(books, "KIT", 1000, 30)
    brought(books, "CUP", 1000, 30)
    for back in range(1, 21):
        evening(books, back, {"KIT": 10 * (back % 2), "SER": 1})
    assert compute(books) == 3  # what bags would take nobody knows
    cup, kit = of(books, "CUP"), of(books, "KIT")
    assert cup is not None and kit is not None
    assert [kit.daily, cup.daily] == pytest.approx([5, 10])
    assert cup.spread == pytest.approx(2 * kit.spread) and kit.spread == pytest.approx(5)
    # 17 days of 10, and 1.645 × √17 × 10 for safety; then 7 days more.
    assert (cup.reorder_point, cup.order_up_to) == (238, 308)
    assert cup.known_days == 20
    leaflet = of(books, "LEAFLET")
    assert leaflet is None  # in the kits, but neither ordered nor made


def test_a_kit_bought_as_it_is_uses_none_of_our_components(books: Books) -> None:
    ordered(books, "KIT", "SER")
    brought(books, "KIT", 1000, 30)
    brought(books, "SER", 1000, 30)
    for back in range(1, 11):
        evening(books, back, {"KIT": 10})
    compute(books)
    syringe = of(books, "SER")
    assert syringe is not None and syringe.order_up_to == 0


def test_never_once_and_a_hundred_thousand(books: Books) -> None:
    ordered(books, "SER", "CUP", "LEAFLET")
    for item in ("SER", "CUP", "LEAFLET"):
        brought(books, item, 5_000_000, 100)
    for back in range(1, 85):
        once = {"CUP": 1} if back == 40 else {}
        evening(books, back, {"LEAFLET": 100_000, **once})
    compute(books)
    found = {item: of(books, item) for item in ("SER", "CUP", "LEAFLET")}
    assert {item: (row.reorder_point, row.order_up_to) for item, row in found.items() if row} == {
        "SER": (0, 0),
        "CUP": (1, 2),
        "LEAFLET": (1_700_000, 2_400_000),
    }


def test_a_whole_season_without_stock_keeps_the_level_of_before(books: Books) -> None:
    """Nothing is known, which is not that nobody wanted any."""
    ordered(books, "CUP")
    brought(books, "CUP", 30, 100)
    for back in range(90, 84, -1):
        evening(books, back, {"CUP": 5})
    compute(books, DAY - timedelta(days=84))
    before = of(books, "CUP")
    assert before is not None and before.order_up_to > 100
    known = before.order_up_to, before.computed_on
    for back in range(84, 0, -1):
        evening(books, back, {"SER": 1})
    compute(books)
    after = of(books, "CUP")
    assert after is not None and (after.order_up_to, after.computed_on) == known


def test_fixed_by_hand_it_stays_until_it_is_released(books: Books) -> None:
    ordered(books, "CUP")
    brought(books, "CUP", 1000, 30)
    for back in range(1, 11):
        evening(books, back, {"CUP": 10})
    item = books.item("CUP")
    levels.fix(books.session, item=item, reorder_point=5, order_up_to=9, note="fête", day=DAY)
    compute(books)
    row = of(books, "CUP")
    assert row is not None
    assert (row.reorder_point, row.order_up_to, row.note) == (5, 9, "fête")
    assert row.daily == pytest.approx(10)  # what it takes is told all the same
    levels.release(books.session, item=item)
    compute(books)
    assert (row.reorder_point, row.fixed) == (170, False)


@pytest.mark.parametrize(("point", "up_to"), [(-1, 5), (6, 5), (0, 10_000_001)])
def test_levels_that_are_none(books: Books, point: int, up_to: int) -> None:
    with pytest.raises(NotAllowed):
        levels.fix(
            books.session,
            item=books.item("CUP"),
            reorder_point=point,
            order_up_to=up_to,
            note="",
            day=DAY,
        )


@pytest.mark.parametrize("note", ["é" * 201, "a\x01b", "\u202egniht", "\ufffe"])
def test_notes_that_are_none(books: Books, note: str) -> None:
    item = books.item("CUP")
    with pytest.raises(NotAllowed, match="200 letters"):
        levels.fix(books.session, item=item, reorder_point=1, order_up_to=2, note=note, day=DAY)
    assert of(books, "CUP") is None


def test_a_note_is_one_line(books: Books) -> None:
    note = "  fête\n" + "é" * 195
    item = books.item("CUP")
    row = levels.fix(books.session, item=item, reorder_point=1, order_up_to=2, note=note, day=DAY)
    assert row.note == "fête " + "é" * 195


moments = st.builds(Moments, st.floats(0, 1e6), st.floats(0, 1e9))


@given(moments, moments, st.floats(0.5, 0.999), st.floats(0.5, 0.999))
def test_more_service_is_never_less_stock(
    one: Moments, other: Moments, service: float, better: float
) -> None:
    low, high = sorted((service, better))
    less, more = level(one, other, low), level(one, other, high)
    assert 0 <= less.reorder_point <= less.order_up_to
    assert less.reorder_point <= more.reorder_point


def runs_out(wanted: Level, chance: random.Random) -> float:
    """Part of the cycles that run out, over ten years of evenings that ask for one to thirty: reviewed every seven
    days, delivered ten days later."""
    stock, pipeline, cycles, short = wanted.order_up_to, dict[int, int](), 0, 0
    ran_out = False
    for day in range(3650):
        if day in pipeline:
            cycles, short, ran_out = cycles + 1, short + ran_out, False
            stock += pipeline.pop(day)
        if day % 7 == 0 and stock + sum(pipeline.values()) <= wanted.reorder_point:
            pipeline[day + 10] = wanted.order_up_to - stock - sum(pipeline.values())
        asked = chance.randint(1, 30)
        ran_out |= asked > stock
        stock = max(0, stock - asked)
    return short / cycles


def test_what_is_promised_is_kept(books: Books) -> None:
    """Levels computed from twelve weeks of chance last in nineteen of twenty cycles, and in hardly fewer."""
    chance = random.Random(20261122)
    ordered(books, "CUP")
    brought(books, "CUP", 10_000, 100)
    for back in range(1, 85):
        evening(books, back, {"CUP": chance.randint(1, 30)})
    compute(books)
    row = of(books, "CUP")
    assert row is not None
    wanted = Level(row.reorder_point, row.order_up_to)
    assert runs_out(wanted, chance) < 0.05
    assert runs_out(Level(wanted.reorder_point - 60, wanted.order_up_to - 60), chance) > 0.05
