"""Demand: zero is a figure; closed, unknown and empty days are none; what nobody had on the books was asked for."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import days, ledger, opening_days
from inventory.counter import sheets
from inventory.counter.sheets import Sheet
from inventory.demand import History, histories
from tests import LONG

from .workshop import DAY, Books, Workshop

NOW = datetime.combine(DAY, time(12), days.ZONE)
SECRET = "00" * 32


def evening(books: Books, back: int, items: dict[str, int], place: str = "CLIP") -> None:
    """An evening typed in, so many days ago."""
    sheet = Sheet(uuid4(), place, DAY - timedelta(days=back), passages=1, items=items)
    sheets.record_sheet(books.session, sheet=sheet, secret=SECRET, now=NOW)


def brought(books: Books, item: str, pieces: int, back: int, place: str = "CLIP") -> None:
    ledger.transfer(
        books.session,
        from_place=books.place("donation"),
        to_place=books.place(place),
        item=books.item(item),
        pieces=pieces,
        day=DAY - timedelta(days=back),
        lot="a",
    )


def of(books: Books, item: str, place: str = "CLIP") -> History | None:
    key = books.place(place).id, books.item(item).id
    return histories(books.session, today=DAY).get(key)


def taken(books: Books, item: str, place: str = "CLIP") -> dict[int, int]:
    """Pieces by how many days ago."""
    found = of(books, item, place)
    return {} if found is None else {(DAY - day).days: n for day, n in found.known.items()}


def test_zero_counts_closed_and_unknown_do_not(books: Books) -> None:
    brought(books, "CUP", 100, 90)
    opening_days.set_usual(books.session, place="CLIP", weekdays=range(7), today=DAY)
    evening(books, 5, {"CUP": 4})
    evening(books, 4, {"SER": 1})
    opening_days.set_exception(books.session, place="CLIP", day=DAY - timedelta(days=3), open=False)
    assert taken(books, "CUP") == {5: 4, 4: 0}


def test_a_day_with_nothing_there_all_through_is_none(books: Books) -> None:
    brought(books, "CUP", 5, 6)
    for back in (6, 5, 4, 3):
        evening(books, back, {"CUP": 5} if back == 6 else {"SER": 1})
    brought(books, "CUP", 3, 4)
    assert taken(books, "CUP") == {6: 5, 4: 0, 3: 0}


def test_what_the_books_did_not_have_was_asked_for(books: Books) -> None:
    evening(books, 2, {"CUP": 7})
    evening(books, 1, {"CUP": 0, "SER": 1})
    assert taken(books, "CUP") == {2: 7}


def test_today_and_what_is_long_ago_are_left_out(books: Books) -> None:
    brought(books, "CUP", 1000, 200)
    for back in (0, 1, 84, 85):
        evening(books, back, {"CUP": back + 1})
    assert taken(books, "CUP") == {1: 2, 84: 85}


def test_a_place_that_never_had_it_says_nothing(books: Books) -> None:
    brought(books, "CUP", 10, 5)
    evening(books, 2, {"CUP": 1})
    evening(books, 2, {"SER": 1}, "VAN")
    assert of(books, "CUP", "VAN") is None


def test_expected_open_days_by_the_calendar_or_by_what_was_seen(books: Books) -> None:
    """Before anybody says when it is open, as often as it was."""
    brought(books, "CUP", 10, 80)
    for back in (2, 4, 6, 8):
        evening(books, back, {"CUP": 1})
        day = DAY - timedelta(days=back - 1)
        opening_days.set_exception(books.session, place="CLIP", day=day, open=False)
    found = of(books, "CUP")
    assert found is not None and found.share == 0.5
    week = DAY + timedelta(days=1), DAY + timedelta(days=7)
    assert found.open_days(*week) == 3.5
    opening_days.set_usual(books.session, place="CLIP", weekdays=(1, 4), today=DAY)
    found = of(books, "CUP")
    assert found is not None and found.open_days(*week) == 2


day = st.tuples(
    st.sampled_from(["closed", "nobody noted", "open", "open", "open"]),
    st.integers(0, 6),
    st.sampled_from([0, 0, 0, 3, 9]),
)
"""What it was, pieces asked for, pieces brought before."""


@settings(
    max_examples=360 if LONG else 30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(evenings=st.lists(day, min_size=1, max_size=20))
def test_against_a_shelf_walked_through_day_by_day(
    workshop: Workshop, evenings: list[tuple[str, int, int]]
) -> None:
    expected, lying = {}, 0
    with workshop.books() as books:
        for number, (what, asked, more) in enumerate(evenings):
            back = len(evenings) - number
            if more:
                brought(books, "CUP", more, back)
            before, lying = lying, lying + more
            if what == "open":
                evening(books, back, {"CUP": asked} if asked else {"SER": 1})
                if before or more or asked:
                    expected[back] = asked
                lying = max(0, lying - asked)
            elif what == "closed":
                opening_days.set_exception(
                    books.session, place="CLIP", day=DAY - timedelta(days=back), open=False
                )
        assert taken(books, "CUP") == expected


@pytest.mark.parametrize("settled", [True, False])
def test_a_shortfall_settled_later_changes_nothing_before(books: Books, settled: bool) -> None:
    evening(books, 5, {"CUP": 7})
    evening(books, 4, {"SER": 1})
    brought(books, "CUP", 10, 3)
    if settled:
        ledger.transfer(
            books.session,
            from_place=books.place("CLIP"),
            to_place=books.place("unaccounted"),
            item=books.item("CUP"),
            pieces=7,
            day=DAY - timedelta(days=2),
        )
    evening(books, 1, {"CUP": 2})
    assert taken(books, "CUP") == {5: 7, 1: 2}
