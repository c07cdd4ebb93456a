"""The wrong channel or site of a shift, corrected in one act: every report agrees, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import shift_list, trace
from inventory.counter import correcting, sheets, shifts
from inventory.counter.correcting import Where
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database
from inventory.errors import NotAllowed
from inventory.shift_list import ShiftRow
from inventory.tables import Lot, Move, Setting, Shift
from inventory.tally import Tally, tally
from inventory.verify import verify

from .house import (
    NOW,
    NOWHERE_LISTED,
    TODAY,
    assert_sound,
    donate,
    picture,
    raw_read,
    send,
    stock_by_place,
)

COUNTER, ROUNDS, MIDI = Where("counter", "CLIP"), Where("rounds", "CLIP"), Where("rounds", "MIDI")


@pytest.fixture
def evening(database: Database) -> int:
    """A closed shift with two lots, a kit, a shortfall, passages, contacts and returns."""
    sheet = Sheet(
        id=uuid4(),
        place="CLIP",
        day=TODAY,
        passages=40,
        items={"SER": 30, "CUP": 12, "KIT": 3},
        returns={"kilograms": 780},
        contacts={"shower": 4},
    )
    with database.writing() as session:
        donate(session, "SER", "b", 50, "CLIP")
        donate(session, "SER", "a", 20, "CLIP")
        donate(session, "KIT", "c", 5, "CLIP")
        secret = session.get_one(Setting, SECRET).value
        shift_id = sheets.record_sheet(session, sheet=sheet, secret=secret, now=NOW)
    assert shift_id is not None
    return shift_id


def correct(database: Database, shift_id: int, seen: Where, wanted: Where) -> bool:
    return database.write(
        lambda session: correcting.correct(session, shift_id=shift_id, seen=seen, wanted=wanted)
    )


def told(database: Database, **scope: Any) -> Tally:
    with database.reading() as session:
        return tally(session, **(scope or {"first": TODAY, "last": TODAY}))


def sound(database: Database) -> None:
    with database.reading() as session:
        assert_sound(session)
        assert verify(session).faults == []


def rows(found: Tally) -> set[tuple[str, str, str, int]]:
    return {(row.item, row.channel, row.site, row.handed_out) for row in found.rows}


def test_everything_of_the_shift_goes_along(database: Database, evening: int) -> None:
    before = told(database)
    with database.reading() as session:
        books = stock_by_place(session)
    assert correct(database, evening, COUNTER, MIDI)
    after = told(database)
    assert rows(after) == {(item, "rounds", "MIDI", n) for item, _, _, n in rows(before)}
    assert told(database, shift_id=evening) == after
    assert after.indicators == before.indicators
    for found in (after.counts, after.returns, after.contents):
        assert {row.channel for row in found} == {"rounds"}
    assert (after.passages, after.returned, after.contacts) == (40, 100, {"shower": 4})
    assert after.shortfall == before.shortfall == 12
    assert told(database, first=TODAY, last=TODAY, channel="rounds").passages == 40
    assert told(database, first=TODAY, last=TODAY, place="MIDI").rows == after.rows
    left = told(database, first=TODAY, last=TODAY, channel="counter")
    assert (left.rows, left.counts, left.returns, left.contents, left.short) == ([], [], [], [], [])
    with database.reading() as session:
        assert stock_by_place(session) == books  # not a piece has moved
        assert not session.scalar(select(func.count(Move.recorded_at)).where(Move.shift_id > 0))
    sound(database)


def test_the_trace_of_a_lot_follows(database: Database, evening: int) -> None:
    assert correct(database, evening, COUNTER, MIDI)
    with database.reading() as session:
        lot = session.scalars(select(Lot.id).where(Lot.code == "a")).one()
        (gone,) = trace.trace(session, lot_id=lot).handed_out
    assert (gone.channel, gone.place, gone.site, gone.pieces) == ("rounds", "CLIP", "MIDI", 20)
    assert (gone.first_day, gone.last_day) == (TODAY, TODAY)


def test_there_and_back_again_is_as_it_was(database: Database, evening: int) -> None:
    before = told(database)
    assert correct(database, evening, COUNTER, ROUNDS)
    assert correct(database, evening, ROUNDS, MIDI)
    assert correct(database, evening, MIDI, COUNTER)
    assert told(database) == before
    sound(database)


def test_the_list_of_shifts_counts_a_corrected_one_once(database: Database, evening: int) -> None:
    send(database, "CLIP-2", [raw_read(picture(database, "CUP"))])
    assert correct(database, evening, COUNTER, MIDI)
    with database.reading() as session:
        listed = shift_list.shifts_of(session, first=TODAY, last=TODAY)
        closed = [row for row in listed if not row.is_open]
        (open_one,) = [row for row in listed if row.is_open]
        assert shift_list.shifts_of(session, first=TODAY, last=TODAY, place="VAN") == []
    expected = ShiftRow(evening, TODAY, "CLIP", "MIDI", "rounds", False, 40, 45, 100)
    assert closed == [expected]
    assert (open_one.channel, open_one.pieces) == ("counter", 1)


def test_done_twice_is_done_once(database: Database, evening: int) -> None:
    assert correct(database, evening, COUNTER, ROUNDS)
    moves = count_moves(database)
    assert not correct(database, evening, COUNTER, ROUNDS)
    assert count_moves(database) == moves


def test_somebody_else_was_first(database: Database, evening: int) -> None:
    assert correct(database, evening, COUNTER, ROUNDS)
    with pytest.raises(NotAllowed, match="meanwhile"):
        correct(database, evening, COUNTER, Where("counter", "MIDI"))
    assert {row.channel for row in told(database).rows} == {"rounds"}


@pytest.mark.race
def test_two_people_at_once(database: Database, evening: int) -> None:
    start = threading.Barrier(4)
    done: list[bool] = []

    def click() -> None:
        start.wait()
        done.append(correct(database, evening, COUNTER, ROUNDS))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]
    assert {row.channel for row in told(database).rows} == {"rounds"}
    sound(database)


@pytest.mark.parametrize(
    "wanted", [Where("nobody's", "CLIP"), Where("rounds", "STORE"), Where("", "CLIP")]
)
def test_only_what_the_lists_have(database: Database, evening: int, wanted: Where) -> None:
    with pytest.raises(NotAllowed):
        correct(database, evening, COUNTER, wanted)
    assert {row.channel for row in told(database).rows} == {"counter"}


def test_an_open_shift_is_corrected_before_it_is_posted(database: Database) -> None:
    send(database, "CLIP-1", [raw_read(picture(database, "CUP"))])
    with database.reading() as session:
        shift_id = session.scalars(select(Shift.id)).one()
    assert correct(database, shift_id, COUNTER, MIDI)
    send(database, "CLIP-1", [raw_read(picture(database, "SER"))])
    expected = {("CUP", "rounds", "MIDI", 1), ("SER", "rounds", "MIDI", 1)}
    assert rows(told(database)) == expected
    close(database)
    assert rows(told(database)) == expected
    with database.reading() as session:
        assert session.scalar(select(func.count(Move.id)).where(Move.reason == "correction")) == 0
    sound(database)


def test_codes_no_list_has_go_along(database: Database) -> None:
    send(database, "CLIP-1", [raw_read(f"]E0{NOWHERE_LISTED[0][1:]}")])
    close(database)
    with database.reading() as session:
        shift_id = session.scalars(select(Shift.id)).one()
    assert [row.channel for row in told(database).unknown] == ["counter"]
    assert correct(database, shift_id, COUNTER, ROUNDS)
    found = told(database).unknown
    assert [(row.channel, row.pieces) for row in found] == [("rounds", 1)]


def test_a_shift_that_was_corrected_can_be_told_from_another(
    database: Database, evening: int
) -> None:
    """Two shifts of a day and place: only the one that was meant changes."""
    other = Sheet(id=uuid4(), place="CLIP", day=TODAY, passages=2, items={"CUP": 1})

    def work(session: Session) -> None:
        secret = session.get_one(Setting, SECRET).value
        sheets.record_sheet(session, sheet=replace(other), secret=secret, now=NOW)

    database.write(work)
    assert correct(database, evening, COUNTER, ROUNDS)
    left = told(database, first=TODAY, last=TODAY, channel="counter")
    assert (rows(left), left.passages) == ({("CUP", "counter", "CLIP", 1)}, 2)
    sound(database)


def close(database: Database) -> None:
    def work(session: Session) -> None:
        secret = session.get_one(Setting, SECRET).value
        shifts.close_station(session, station="CLIP-1", secret=secret)

    database.write(work)


def count_moves(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Move.id))) or 0
