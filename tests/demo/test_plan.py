"""The plan alone: what the days of a history hold, and that a seed says all of it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from web.demo import seasons
from web.demo.plan import Delivery, Donated, Lent, Lost, Plan, Recall
from web.demo.profile import EXAMPLE, SYRINGES

LAST = date(2026, 11, 22)
YEAR = Plan(EXAMPLE, 1, LAST - timedelta(days=365), LAST)

PUBLISHED = {"CLIP": (250, 9_522), "MEDIBUS": (93, 819), "rounds": (111, 284)}
"""Of a year: outings, and people with material."""
STREET_CONTACTS = 1_379


@pytest.fixture(scope="module")
def evenings() -> list[object]:
    return [evening for day in YEAR.days() for evening in day.evenings]


def test_the_same_seed_is_the_same_history_and_another_is_another() -> None:
    def drawn(seed: int) -> list[object]:
        return list(Plan(EXAMPLE, seed, LAST - timedelta(days=40), LAST).days())

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)
    assert Delivery(3, "2026-001") == Delivery(3, "2026-001")


def test_a_day_is_the_same_in_a_longer_history() -> None:
    longer = Plan(EXAMPLE, 1, LAST - timedelta(days=365), LAST)
    shorter = Plan(EXAMPLE, 1, LAST - timedelta(days=365), LAST - timedelta(days=100))
    day = LAST - timedelta(days=200)
    assert longer.evenings(day) == shorter.evenings(day)


@pytest.mark.parametrize("place", PUBLISHED)
def test_a_year_has_the_volumes_published_for_brussels(evenings, place) -> None:  # type: ignore[no-untyped-def]
    codes = ("SAC1", "SAC2") if place == "rounds" else (place,)
    mine = [one for one in evenings if one.outing.place in codes]
    outings, people = PUBLISHED[place]
    assert len(mine) == pytest.approx(outings, rel=0.15)
    assert sum(len(one.visits) for one in mine) == pytest.approx(people, rel=0.15)
    if place == "rounds":
        contacts = sum(len(one.visits) + one.contacts for one in mine)
        assert contacts == pytest.approx(STREET_CONTACTS, rel=0.15)


def test_syringes_are_a_part_of_those_of_the_city(evenings) -> None:  # type: ignore[no-untyped-def]
    """All of Brussels: 122,921 in 2017."""
    given = Counter[str]()
    for evening in evenings:
        for visit in evening.visits:
            given.update({take.item: take.pieces for take in visit.takes})
    syringes = sum(SYRINGES.get(item, 0) * pieces for item, pieces in given.items())
    assert 30_000 < syringes < 70_000
    assert given["KIT-CRACK"] > given["KIT-INJ"], "smoking matters as much"


def test_nobody_goes_out_on_holidays_nor_on_the_last_evening() -> None:
    for day in YEAR.days():
        if day.day == LAST or seasons.is_holiday(day.day):
            assert not day.evenings
        if seasons.is_holiday(day.day) and day.day.weekday() == 4:
            assert "CLIP" in day.closed


def test_days_after_payday_are_busier_and_people_bunch_at_opening(evenings) -> None:  # type: ignore[no-untyped-def]
    counter = [one for one in evenings if one.outing.place == "CLIP"]
    early = [len(one.visits) for one in counter if one.day.day <= seasons.PAID_UNTIL]
    late = [len(one.visits) for one in counter if one.day.day >= seasons.SHORT_FROM]
    assert sum(early) / len(early) > 1.15 * sum(late) / len(late)
    moments = [visit.after_s for one in counter for visit in one.visits]
    half = counter[0].outing.hours * 1800
    assert sum(moment < half for moment in moments) > 0.6 * len(moments)
    assert max(len(one.visits) for one in counter) > 70, "one evening saw about a hundred"
    for one in counter:
        assert all(a.after_s <= b.after_s for a, b in pairwise(one.visits))


def test_what_goes_wrong_in_a_year() -> None:
    days = list(YEAR.days())
    kinds = Counter(type(one) for day in days for one in day.events)
    assert kinds[Recall] == 2 and kinds[Lost] > 20 and kinds[Lent] >= 3 and kinds[Donated] >= 4
    forgotten = [one for day in days for one in day.evenings if not one.scanned]
    scanned_places = [one for one in forgotten if not one.outing.on_paper]
    assert any(one.typed_on is None for one in scanned_places)
    typed = [one for day in days for one in day.typed if not one.outing.on_paper]
    assert typed and all(one.typed_on and one.typed_on > one.day for one in typed)


def test_easter_and_the_holidays_it_moves() -> None:
    assert [seasons.easter(year) for year in (2024, 2025, 2026, 2038)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2038, 4, 25),
    ]
    assert {date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)} < seasons.holidays(2026)
    assert len(seasons.holidays(2026)) == 10
