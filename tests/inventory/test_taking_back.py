"""A sheet typed in by mistake is taken back in one act: as if it had not been, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger, opening_days, shift_list, trace
from inventory.counter import correcting, sheets, taking_back
from inventory.counter.correcting import Where
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database
from inventory.errors import NotAllowed
from inventory.opening_days import Opening
from inventory.stock import stock
from inventory.tables import Lot, Move, Setting, Shift
from inventory.tally import Tally, tally
from inventory.verify import verify
from tests import LONG

from .house import (
    NOW,
    TODAY,
    YESTERDAY,
    Template,
    assert_sound,
    balances,
    donate,
    picture,
    pieces_by_item,
    raw_read,
    send,
    stock_by_place,
)

NOBODY: tuple[object, ...] = (0, 0, {}, [], [], [], [], [])


def evening(**totals: object) -> Sheet:
    """A sheet of yesterday with a kit, two lots, a shortfall, passages, contacts and returns."""
    usual = {
        "passages": 40,
        "items": {"SER": 30, "CUP": 12, "KIT": 3},
        "returns": {"kilograms": 780},
        "contacts": {"shower": 4},
    }
    return Sheet(id=uuid4(), place="CLIP", day=YESTERDAY, **{**usual, **totals})  # type: ignore[arg-type]


def stocked(database: Database) -> None:
    with database.writing() as session:
        donate(session, "SER", "b", 50, "CLIP")
        donate(session, "SER", "a", 20, "CLIP")
        donate(session, "KIT", "c", 5, "CLIP")


def record(database: Database, sheet: Sheet) -> int | None:
    def work(session: Session) -> int | None:
        secret = session.get_one(Setting, SECRET).value
        return sheets.record_sheet(session, sheet=sheet, secret=secret, now=NOW)

    return database.write(work)


def recorded(database: Database, sheet: Sheet | None = None) -> int:
    shift_id = record(database, sheet or evening())
    assert shift_id is not None
    return shift_id


def take_back(database: Database, shift_id: int) -> bool:
    return database.write(lambda session: taking_back.take_back(session, shift_id=shift_id))


def told(database: Database) -> Tally:
    with database.reading() as session:
        return tally(session, first=YESTERDAY, last=YESTERDAY)


def figures(found: Tally) -> tuple[object, ...]:
    counted = (found.shifts, found.passages, found.contacts)
    return (*counted, found.rows, found.contents, found.returns, found.short, found.unknown)


def sound(database: Database) -> None:
    with database.reading() as session:
        assert_sound(session)
        assert verify(session).faults == []


def test_all_of_it_is_as_if_it_had_not_been(database: Database) -> None:
    stocked(database)
    with database.reading() as session:
        before = balances(session)
    shift_id = recorded(database)
    assert told(database).shortfall == 12
    assert take_back(database, shift_id)
    assert figures(told(database)) == NOBODY
    with database.reading() as session:
        assert balances(session) == before
        assert figures(tally(session, shift_id=shift_id))[1:] == NOBODY[1:]
        assert not session.scalar(select(func.count(Move.recorded_at)).where(Move.shift_id > 0))
        lot = session.scalars(select(Lot.id).where(Lot.code == "a")).one()
        assert trace.trace(session, lot_id=lot).handed_out == []
        (listed,) = shift_list.shifts_of(session, first=YESTERDAY, last=YESTERDAY)
    assert (listed.taken_back, listed.passages, listed.pieces, listed.returned) == (True, 0, 0, 0)
    sound(database)


def test_no_move_that_was_written_changes(database: Database) -> None:
    def moves() -> list[tuple[object, ...]]:
        with database.reading() as session:
            columns = Move.__table__.columns
            return [tuple(row) for row in session.execute(select(*columns).order_by(Move.id))]

    stocked(database)
    shift_id = recorded(database)
    before = moves()
    assert take_back(database, shift_id)
    assert moves()[: len(before)] == before


def test_done_twice_is_done_once(database: Database) -> None:
    shift_id = recorded(database)
    assert take_back(database, shift_id)
    with database.reading() as session:
        moves = session.scalar(select(func.count(Move.id)))
    assert not take_back(database, shift_id)
    with database.reading() as session:
        assert session.scalar(select(func.count(Move.id))) == moves
    sound(database)


@pytest.mark.race
def test_two_people_at_once(database: Database) -> None:
    stocked(database)
    with database.reading() as session:
        before = balances(session)
    shift_id = recorded(database)
    start = threading.Barrier(4)
    done: list[bool] = []

    def click() -> None:
        start.wait()
        done.append(take_back(database, shift_id))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]
    with database.reading() as session:
        assert balances(session) == before
    sound(database)


def test_it_is_typed_in_anew_and_the_old_form_sent_late_adds_nothing(database: Database) -> None:
    stocked(database)
    wrong, right = evening(), evening(passages=41)
    assert take_back(database, recorded(database, wrong))
    assert record(database, wrong) is None
    assert figures(told(database)) == NOBODY
    recorded(database, right)
    found = told(database)
    assert (found.shifts, found.passages, found.returned, found.shortfall) == (1, 41, 100, 12)
    sound(database)


def test_the_day_is_asked_about_again(database: Database) -> None:
    def asked() -> bool:
        with database.reading() as session:
            found = opening_days.nothing_recorded(session, today=TODAY)
            place_id = catalogue.place(session, "CLIP").id
            known = opening_days.opening(session, place_id=place_id, day=YESTERDAY)
        again = YESTERDAY in [one.day for one in found]
        assert again == (known is Opening.UNKNOWN)
        return again

    def nothing(session: Session) -> int | None:
        secret = session.get_one(Setting, SECRET).value
        return sheets.record_nothing(session, place="CLIP", day=YESTERDAY, secret=secret, now=NOW)

    with database.writing() as session:
        opening_days.set_usual(session, place="CLIP", weekdays=range(7), today=YESTERDAY)
    assert asked()
    first = recorded(database)
    assert not asked()
    assert take_back(database, first)
    assert asked()
    zero = database.write(nothing)  # a shift of zeros is a sheet too
    assert zero is not None and not asked()
    assert take_back(database, zero)
    assert asked()
    with database.writing() as session:
        opening_days.was_closed(session, place="CLIP", day=YESTERDAY)
    assert not asked()


def test_after_a_correction_of_its_channel(database: Database) -> None:
    stocked(database)
    with database.reading() as session:
        before = balances(session)
    shift_id = recorded(database)
    here, there = Where("counter", "CLIP"), Where("rounds", "MIDI")
    with database.writing() as session:
        assert correcting.correct(session, shift_id=shift_id, seen=here, wanted=there)
    assert take_back(database, shift_id)
    assert figures(told(database)) == NOBODY
    with database.reading() as session:
        assert balances(session) == before
    with pytest.raises(NotAllowed, match="taken back"), database.writing() as session:
        correcting.correct(session, shift_id=shift_id, seen=there, wanted=here)
    sound(database)


def test_only_a_sheet(database: Database) -> None:
    send(database, "CLIP-1", [raw_read(picture(database, "CUP"))])
    with database.reading() as session:
        shift_id = session.scalars(select(Shift.id)).one()
    with pytest.raises(NotAllowed, match="Only a sheet"):
        take_back(database, shift_id)


def counted(session: Session) -> None:
    count(session, "SER", "b", 45)


def count(session: Session, item: str, lot: str, pieces: int, place: str = "CLIP") -> Move | None:
    return ledger.correct(
        session,
        place=catalogue.place(session, place),
        item=catalogue.item(session, item),
        lot=lot,
        counted=pieces,
        day=TODAY,
    )


def settled(session: Session) -> None:
    donate(session, "CUP", "", 20, "STORE")
    ledger.transfer(
        session,
        from_place=catalogue.place(session, "STORE"),
        to_place=catalogue.place(session, "unaccounted"),
        item=catalogue.item(session, "CUP"),
        pieces=12,
        day=TODAY,
    )


def there(database: Database, at: date | None = None) -> dict[tuple[str, str, str], int]:
    """Pieces by place, article and lot."""
    with database.reading() as session:
        rows = stock(session, at=at)
    return {(row.place, row.item, row.lot): row.pieces for row in rows}


def test_what_was_counted_since_keeps_the_books_of_its_count(database: Database) -> None:
    """The sheet was a mistake: 50 lay there all the time, and a count had found 10 more than the books said."""
    stocked(database)
    before, yesterday = there(database), there(database, at=YESTERDAY)
    shift_id = recorded(database)
    assert there(database)["CLIP", "SER", "b"] == 40
    with database.writing() as session:
        count(session, "SER", "b", 50)
    assert there(database)["unaccounted", "SER", "b"] == -10
    assert take_back(database, shift_id)
    assert (there(database), there(database, at=YESTERDAY)) == (before, yesterday)
    assert figures(told(database)) == NOBODY
    sound(database)


def test_what_was_short_and_counted_since(database: Database) -> None:
    """None on the books, 12 on the sheet, 5 on the shelf: without the sheet the count alone is owed."""
    shift_id = recorded(database)
    with database.writing() as session:
        count(session, "CUP", "", 5)
    assert there(database)["unaccounted", "CUP", ""] == -5
    assert there(database)["unaccounted", "CUP", "unknown"] == -12
    assert take_back(database, shift_id)
    assert there(database) == {("CLIP", "CUP", ""): 5, ("unaccounted", "CUP", ""): -5}
    sound(database)


def test_what_was_settled_since_is_found_by_a_count(database: Database) -> None:
    """Pieces were taken from the store for what had never left: they are owed to it until it is counted."""
    stocked(database)
    shift_id = recorded(database)
    with database.writing() as session:
        settled(session)
    assert take_back(database, shift_id)
    assert there(database)["STORE", "CUP", ""] == 8
    assert there(database)["unaccounted", "CUP", ""] == 12, "and no longer -12 of the lot unknown"
    with database.writing() as session:
        count(session, "CUP", "", 20, "STORE")
    assert ("unaccounted", "CUP", "") not in there(database)
    sound(database)


@pytest.mark.parametrize("before", [counted, settled])
def test_what_was_counted_before_does_not(
    database: Database, before: Callable[[Session], None]
) -> None:
    stocked(database)
    recorded(database)  # an earlier sheet: what it was short of is settled before the next
    with database.writing() as session:
        before(session)
    assert take_back(database, recorded(database))
    sound(database)


numbers = st.integers(0, 60)
typed = st.builds(
    evening,
    passages=numbers,
    items=st.dictionaries(st.sampled_from(["SER", "CUP", "KIT"]), numbers),
    returns=st.dictionaries(st.sampled_from(["kilograms", "declared"]), numbers),
    contacts=st.dictionaries(st.sampled_from(sheets.CONTACTS), numbers),
)


@given(history=st.lists(st.tuples(typed, st.booleans()), min_size=1, max_size=6), data=st.data())
@settings(deadline=None, max_examples=150 if LONG else 12)
def test_whatever_was_typed_only_what_stands_counts(
    template: Template, history: list[tuple[Sheet, bool]], data: st.DataObject
) -> None:
    """Some sheets are taken back, in any order: the rest is as if those had never been typed."""
    wrong = [sheet for sheet, goes in history if goes]
    right = [sheet for sheet, goes in history if not goes]
    with template.copy() as one, template.copy() as other:
        for database in (one, other):
            stocked(database)
        with one.reading() as session:
            before = balances(session)
        numbers = {sheet.id: recorded(one, sheet) for sheet, _ in history}
        for sheet in data.draw(st.permutations(wrong)):
            assert take_back(one, numbers[sheet.id])
        for sheet in right:
            recorded(other, sheet)
        kept, expected = told(one), told(other)
        # Which sheet was short, and of which lot, depends on their order: all in all it is the same.
        assert (figures(kept)[:4], kept.returns) == (figures(expected)[:4], expected.returns)
        with one.reading() as session, other.reading() as expecting:
            assert pieces_by_item(session) == pieces_by_item(expecting)
            assert right or balances(session) == before
        sound(one)


cups = st.tuples(numbers, st.booleans())


@given(
    counted=st.integers(0, 80),
    before=st.lists(cups, max_size=5),
    after=st.lists(numbers, max_size=3),
)
@settings(deadline=None, max_examples=150 if LONG else 12)
def test_whatever_was_typed_before_a_count_only_the_count_stands(
    template: Template, counted: int, before: list[tuple[int, bool]], after: list[int]
) -> None:
    """Each piece is where it would be had the wrong sheets never been typed: what is owed, too."""
    found = []
    for mistakes in (True, False):
        with template.copy() as database:
            database.write(lambda session: donate(session, "CUP", "", 60, "CLIP"))
            typed = [
                (recorded(database, evening(items={"CUP": n})), wrong)
                for n, wrong in before
                if mistakes >= wrong
            ]
            # One that finds what the books say leaves no trace.
            assume(database.write(lambda session: count(session, "CUP", "", counted)) is not None)
            for pieces in after:
                recorded(database, evening(items={"CUP": pieces}))
            assert all(take_back(database, shift_id) for shift_id, wrong in typed if wrong)
            with database.reading() as session:
                found.append(stock_by_place(session))
            sound(database)
    assert found[0] == found[1]
