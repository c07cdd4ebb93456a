"""Alerts are told once as long as they last, and in the hours in which somebody wants to hear them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from inventory import days, opening_days, telling
from inventory.alerts import Alert, Kind
from inventory.messages import Message
from inventory.telling import Quiet
from inventory.words import PlaceKind

from .workshop import PLACES, Books

DAY = date(2026, 11, 20)  # a Friday
RECALL = Alert(Kind.RECALL, ("recall:1",), Message("recall"))
RUNS_OUT = Alert(Kind.RUNS_OUT, ("runs-out:SER",), Message("runs out"))
LOW = Alert(Kind.LOW, tuple(f"low:A{n}" for n in range(500)), Message("low"))
EXPIRING = Alert(Kind.EXPIRING, ("expiring:a",), Message("expires"))
EVERYTHING = [RECALL, RUNS_OUT, LOW, EXPIRING]


def test_told_once_as_long_as_it_lasts(books: Books) -> None:
    telling.note(books.session, EVERYTHING, today=DAY)
    assert telling.untold(books.session, EVERYTHING) == EVERYTHING
    telling.told(books.session, [RECALL, LOW], today=DAY)
    for day in range(1, 100, 6):  # what swings around its limit
        telling.note(books.session, [], today=DAY + timedelta(days=day - 1))
        telling.note(books.session, [LOW], today=DAY + timedelta(days=day))
        assert telling.untold(books.session, [LOW]) == []
    assert telling.digest(books.session, EVERYTHING) == [EXPIRING]
    telling.note(books.session, [RECALL], today=DAY + timedelta(days=100))
    assert telling.untold(books.session, [RECALL]) == [RECALL]  # back after months


def test_it_is_news_where_something_joins_and_none_where_something_goes(books: Books) -> None:
    def low(*codes: str) -> Alert:
        return Alert(Kind.LOW, tuple(f"low:{code}" for code in codes), Message("low"))

    def news(found: Alert) -> bool:
        telling.note(books.session, [found], today=DAY)
        said = telling.digest(books.session, [found])
        telling.told(books.session, said, today=DAY)
        return bool(said)

    assert news(low("CUP", "SER"))
    assert not news(low("SER")) and not news(low("SER", "CUP"))
    assert news(low("NALOX", "SER")) and not news(low("NALOX"))


def test_what_is_at_once_does_not_come_again_in_the_digest(books: Books) -> None:
    telling.note(books.session, EVERYTHING, today=DAY)
    assert telling.digest(books.session, EVERYTHING) == [LOW, EXPIRING]


def test_at_night_only_a_recall_is_told() -> None:
    assert telling.at_once(EVERYTHING, hushed=True) == [RECALL]
    assert telling.at_once(EVERYTHING, hushed=False) == [RECALL, RUNS_OUT]


@pytest.mark.parametrize(
    ("day", "clock", "silent"),
    [
        *((date(2026, 11, 20), f"{hour:02}:00", not 8 <= hour < 21) for hour in (0, 7, 8, 20, 21)),
        # Both changes of the clock: 02:30 is not there, or there twice, and night all the same.
        *((date(2026, month, day), "02:30", True) for month, day in ((3, 29), (10, 25))),
        *((date(2026, month, day), "08:00", False) for month, day in ((3, 29), (10, 25))),
    ],
)
def test_the_night(books: Books, day: date, clock: str, silent: bool) -> None:
    at = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=days.ZONE)
    for fold in (0, 1):
        moment = at.replace(fold=fold)
        assert telling.silent(books.session, now=moment, quiet=Quiet()) is silent


def test_a_day_on_which_everything_is_closed(books: Books) -> None:
    serving = [
        code for code, kind in PLACES.items() if kind in (PlaceKind.COUNTER, PlaceKind.VEHICLE)
    ]
    assert len(serving) == 2
    noon = datetime(2026, 11, 20, 12, tzinfo=days.ZONE)

    def silent() -> bool:
        return telling.silent(books.session, now=noon, quiet=Quiet())

    for place in serving:
        assert not silent()  # nobody has said of all of them that they are closed
        opening_days.set_exception(books.session, place=place, day=DAY, open=False)
    assert silent()
    opening_days.set_exception(books.session, place=serving[0], day=DAY, open=True)
    assert not silent()
