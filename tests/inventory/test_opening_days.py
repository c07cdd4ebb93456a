"""A day without a shift: closed, or nobody noted anything; never zero by itself. On both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from inventory import catalogue, opening_days
from inventory.counter import sheets
from inventory.database import SECRET, Database
from inventory.errors import NotAllowed
from inventory.opening_days import Opening
from inventory.tables import Setting

from .house import NOW, TODAY, YESTERDAY, picture, raw_read, send

ALL_WEEK = range(7)
A_MONTH_AGO = TODAY - timedelta(days=30)


def usually(database: Database, place: str, *weekdays: int, since: date = A_MONTH_AGO) -> None:
    database.write(
        lambda session: opening_days.set_usual(session, place=place, weekdays=weekdays, today=since)
    )


def exception(database: Database, day: date, open: bool | None) -> None:
    database.write(
        lambda session: opening_days.set_exception(session, place="CLIP", day=day, open=open)
    )


def asked(database: Database) -> list[tuple[str, date]]:
    with database.reading() as session:
        found = opening_days.nothing_recorded(session, today=TODAY)
    return [(one.place, one.day) for one in found]


def known(database: Database, day: date) -> Opening:
    with database.reading() as session:
        place_id = catalogue.place(session, "CLIP").id
        return opening_days.opening(session, place_id=place_id, day=day)


def record_nothing(database: Database, day: date) -> int | None:
    def work(session: Session) -> int | None:
        secret = session.get_one(Setting, SECRET).value
        return sheets.record_nothing(session, place="CLIP", day=day, secret=secret, now=NOW)

    return database.write(work)


def test_nobody_is_asked_before_somebody_said_when_it_is_open(database: Database) -> None:
    assert asked(database) == []
    assert known(database, YESTERDAY) is Opening.UNKNOWN
    usually(database, "CLIP", *ALL_WEEK, since=TODAY)
    assert asked(database) == []


def test_past_open_days_of_a_fortnight_are_asked_about(database: Database) -> None:
    saturdays = TODAY.weekday()
    usually(database, "CLIP", saturdays)
    usually(database, "VAN", *ALL_WEEK)
    days = asked(database)
    assert [day for place, day in days if place == "CLIP"] == [
        TODAY - timedelta(days=7),
        TODAY - timedelta(days=14),
    ]
    assert [day for place, day in days if place == "VAN"] == [
        TODAY - timedelta(days=n) for n in range(1, 15)
    ]
    assert [day for _, day in days] == sorted((day for _, day in days), reverse=True)


def test_each_answer_ends_the_question(database: Database) -> None:
    usually(database, "CLIP", *ALL_WEEK, since=TODAY - timedelta(days=3))
    one, two, three = (TODAY - timedelta(days=n) for n in (1, 2, 3))
    assert asked(database) == [("CLIP", one), ("CLIP", two), ("CLIP", three)]
    assert {known(database, day) for day in (one, two, three)} == {Opening.UNKNOWN}
    assert record_nothing(database, one) is not None
    database.write(lambda session: opening_days.was_closed(session, place="CLIP", day=two))
    send(database, "CLIP-1", [raw_read(picture(database, "CUP"), NOW - timedelta(days=3))])
    assert asked(database) == []
    assert [known(database, day) for day in (one, two, three)] == [
        Opening.OPEN,
        Opening.CLOSED,
        Opening.OPEN,
    ]


def test_exceptions_and_weekdays(database: Database) -> None:
    weekday = YESTERDAY.weekday()
    usually(database, "CLIP", *(day for day in ALL_WEEK if day != weekday))
    assert known(database, YESTERDAY) is Opening.CLOSED
    exception(database, YESTERDAY, True)
    assert ("CLIP", YESTERDAY) in asked(database)
    assert known(database, YESTERDAY) is Opening.UNKNOWN
    exception(database, YESTERDAY, False)
    assert ("CLIP", YESTERDAY) not in asked(database)
    exception(database, YESTERDAY, None)
    assert known(database, YESTERDAY) is Opening.CLOSED
    assert known(database, A_MONTH_AGO - timedelta(days=1)) is Opening.UNKNOWN


def test_what_was_recorded_was_open_whatever_the_calendar_says(database: Database) -> None:
    usually(database, "CLIP", (YESTERDAY.weekday() + 1) % 7)
    assert record_nothing(database, YESTERDAY) is not None
    assert known(database, YESTERDAY) is Opening.OPEN
    with pytest.raises(NotAllowed):
        database.write(
            lambda session: opening_days.was_closed(session, place="CLIP", day=YESTERDAY)
        )


def test_days_that_stay_keep_their_beginning(database: Database) -> None:
    usually(database, "CLIP", 0, 1)
    usually(database, "CLIP", 1, 2, since=TODAY)
    with database.reading() as session:
        place_id = catalogue.place(session, "CLIP").id
        found = opening_days.calendar(session, place_id=place_id)
    assert found.since == {1: A_MONTH_AGO, 2: TODAY}


def test_only_places_that_serve_have_opening_days(database: Database) -> None:
    with pytest.raises(NotAllowed):
        usually(database, "STORE", 0)
