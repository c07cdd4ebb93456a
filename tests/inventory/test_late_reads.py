"""Reads that arrive late, and clocks that are wrong: two computers at one station, one of them off line for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from inventory import days
from inventory.database import Database
from inventory.tables import Place
from inventory.words import PlaceKind
from web import reads

from .house import (
    GTINS,
    command,
    deliver,
    donate,
    picture,
    raw_read,
    stock,
)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def read_elsewhere(
    database: Database, code: str, *, ago: int, slow: int = 0, status: str = "accepted"
) -> dict[str, Any]:
    """A read made so many seconds ago, by a computer whose clock is slow: what the session is after it."""
    shown = days.now() - timedelta(seconds=slow)
    done = reads.record(
        database,
        station="CLIP-1",
        raw_reads=[raw_read(code, shown - timedelta(seconds=ago))],
        language="en",
        sent=shown.isoformat(),
    )
    assert done is not None
    assert done.results[0]["status"] == status, done.results
    return done.session


def test_a_scanner_that_was_off_line_handed_out_before_the_mode_changed(database: Database) -> None:
    donate_and_change_mode(database, command("mode-unload"))
    session = read_elsewhere(database, picture(database, "KIT"), ago=60)
    assert (session["mode"], session["lines"]) == ("unload", [])
    assert (session["passages"], session["passages_at_closing"]) == (0, 1)
    assert stock(database)["CLIP", "KIT"] == 9
    session = read_elsewhere(database, picture(database, "KIT"), ago=10)
    assert len(session["lines"]) == 1
    assert stock(database)["CLIP", "KIT"] == 8
    assert stock(database)["STORE", "KIT"] == 1


def donate_and_change_mode(database: Database, code: str) -> None:
    database.write(lambda session: donate(session, "KIT", "a", 10, "CLIP"))
    read_elsewhere(database, code, ago=30)


@pytest.mark.parametrize("slow", [300, -300])
def test_a_wrong_clock_takes_nothing_for_a_late_read(database: Database, slow: int) -> None:
    """Only the sender's own clock can tell a read that comes late from a clock that is slow."""
    donate_and_change_mode(database, command("mode-unload"))
    session = read_elsewhere(database, picture(database, "KIT"), ago=0, slow=slow)
    assert len(session["lines"]) == 1
    read_elsewhere(database, picture(database, "KIT"), ago=60, slow=slow)
    assert stock(database)["STORE", "KIT"] == 1, "and one that does come late is late"
    assert stock(database)["CLIP", "KIT"] == 8


@pytest.mark.parametrize(
    "sent", [None, "", "yesterday", 3, [], "0001-01-01T00:00:00Z", "9998-01-01"]
)
def test_what_is_no_clock_corrects_nothing(database: Database, sent: object) -> None:
    done = reads.record(
        database,
        station="CLIP-1",
        raw_reads=[raw_read(picture(database, "KIT"), days.now())],
        language="en",
        sent=sent,
    )
    assert done is not None
    assert (done.results[0]["status"], done.session["day"]) == ("accepted", str(days.today()))


def test_the_page_sees_that_adding_afterwards_is_over(database: Database) -> None:
    """Nobody has to read anything for it."""
    read_elsewhere(database, command("afterwards"), ago=100)
    session = read_elsewhere(database, picture(database, "KIT"), ago=50)
    assert (session["afterwards"], len(session["lines"])) == (True, 1)
    read_elsewhere(database, command("next-person"), ago=45)
    read_elsewhere(database, command("afterwards"), ago=130)
    session = read_elsewhere(database, picture(database, "KIT"), ago=120)
    assert (session["afterwards"], session["lines"]) == (False, [])
    assert session["passages_at_closing"] == 0


def test_received_before_the_mode_changed_is_checked_off_its_delivery(database: Database) -> None:
    database.write(lambda session: deliver(session, "N1", "SER", "a", 100, "CLIP"))
    read_elsewhere(database, command("mode-receive"), ago=90)
    read_elsewhere(database, command("mode-hand-out"), ago=30)
    session = read_elsewhere(database, GTINS["SER"][0].removeprefix("0"), ago=60)
    assert (session["mode"], session["lines"]) == ("hand-out", [])
    assert stock(database)["CLIP", "SER"] == 100, "announced and booked with the note"
    session = read_elsewhere(database, command("undo"), ago=0)
    assert (session["mode"], session["lines"][0]["lot"]) == ("receive", "a")


def test_brought_back_and_refused_late_leaves_no_question(database: Database) -> None:
    """There is no quarantine: the code after it means what it always means."""
    database.write(lambda session: donate(session, "KIT", "a", 10, "CLIP"))

    def no_quarantine(session: Session) -> None:
        session.execute(delete(Place).where(Place.kind == PlaceKind.QUARANTINE))

    database.write(no_quarantine)
    read_elsewhere(database, command("mode-look-up"), ago=30)
    read_elsewhere(database, command("brought-back"), ago=62)
    read_elsewhere(database, picture(database, "KIT"), ago=61, status="ignored")
    read_elsewhere(database, picture(database, "KIT"), ago=60)
    assert stock(database)["CLIP", "KIT"] == 9


# The sender's clock


def sent_by(
    database: Database, *ages: timedelta, sent: str, code: str = "picture"
) -> tuple[list[str], dict[str, Any]]:
    """Reads made so long ago by a right clock, sent by one that shows `sent`: their statuses, and the session."""
    code = picture(database, "KIT") if code == "picture" else code
    made = [raw_read(code, days.now() - age) for age in ages]
    done = reads.record(database, station="CLIP-1", raw_reads=made, language="en", sent=sent)
    assert done is not None
    return [result["status"] for result in done.results], done.session


DEAD = "1970-01-01T00:01:00Z"


def test_a_clock_that_died_between_reading_and_sending_moves_no_read(database: Database) -> None:
    """Ten people of one evening, whatever time it is now."""
    noon = days.local(days.now()).replace(hour=12, minute=0)
    ages = [timedelta(days=1, minutes=-5 * person) for person in range(10)]
    with days.played_at(noon):
        statuses, session = sent_by(database, *ages, sent=DEAD)
        assert session["day"] == str(days.service_day(noon - ages[0]))
    assert statuses == ["accepted"] * 10
    assert session["passages_at_closing"] == 10


def test_what_is_too_old_is_not_made_young_by_a_dead_clock(database: Database) -> None:
    statuses, _ = sent_by(database, timedelta(days=420), sent=DEAD)
    assert statuses == ["ignored"]


@pytest.mark.parametrize("sent", ["2099-01-01T00:00:00Z", "9997-01-01T00:00:00Z"])
def test_a_clock_far_ahead_makes_no_read_old(database: Database, sent: str) -> None:
    statuses, _ = sent_by(database, timedelta(seconds=5), sent=sent)
    assert statuses == ["accepted"]


def test_the_way_here_is_no_slow_clock(database: Database) -> None:
    """Eight seconds on its way, made within a minute of the last: the same person."""
    now = days.now()
    sent_by(database, timedelta(seconds=63), sent=now.isoformat())
    shown = (now - timedelta(seconds=8)).isoformat()
    _, session = sent_by(database, timedelta(seconds=8), sent=shown)
    assert session["passages_at_closing"] == 1
