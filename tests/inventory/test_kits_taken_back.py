"""Kits that a recount found beyond the books, taken apart or taken back: as if they had not been counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import bookings, catalogue, ledger, taking_apart, tally, trace
from inventory.database import Database
from inventory.errors import NotAllowed
from inventory.tables import Assembly, Lot
from tests import LONG

from . import benches, house
from .benches import TODAY, Table


def opened(database: Database, pieces: int | Mapping[str, int]) -> Table:
    """A table, and as many pieces of each part at the workshop."""
    benches.set_up(database)
    with database.writing() as session:
        for part in benches.PARTS:
            there = pieces if isinstance(pieces, int) else pieces[part]
            if there:
                benches.stock(session, part, "soon", there)
    return Table(database)


def the_kits(session: Session) -> Lot:
    return session.get_one(Lot, session.scalars(select(Assembly.lot_id)).one())


def by_item(session: Session) -> dict[tuple[str, str], int]:
    """By place and item; what is owed is below zero."""
    found = Counter[tuple[str, str]]()
    for (place, item, _), pieces in benches.balances(session).items():
        found[place, item] += pieces
    return {key: pieces for key, pieces in found.items() if pieces}


def told(session: Session) -> list[tuple[str, int, int]]:
    return [
        (one.place.code, one.kits, one.counted_away)
        for one in taking_apart.beyond_the_books(session)
    ]


STOCK = st.integers(2, 40)


@given(
    stock=st.fixed_dictionaries(dict.fromkeys(benches.PARTS, STOCK)),
    right=st.integers(1, 20),
    wrong=st.integers(1, 60),
)
@settings(max_examples=150 if LONG else 12, deadline=None)
def test_as_if_they_had_not_been_counted(
    template: house.Template, stock: dict[str, int], right: int, wrong: int
) -> None:
    with template.copy() as database:
        opened(database, stock).count(right)
        with database.reading() as session:
            expected = by_item(session)
    with template.copy() as database:
        opened(database, stock).count(right + wrong)
        with database.writing() as session:
            lot = the_kits(session)
            done = benches.take_apart(session, lot.id, wrong)
            assert by_item(session) == expected
            inside = trace.trace(session, lot_id=lot.id).components
            assert Counter({one.item: one.pieces for one in inside}) == {
                item: each * right for item, each in benches.RECIPE.items()
            }
            came_out = Counter[str]()
            for part in [*done.components, *done.settled]:
                came_out[part.item] += part.pieces
            assert came_out == {item: each * wrong for item, each in benches.RECIPE.items()}
            benches.assert_booked(session, [right + wrong])


def test_the_lead_is_told_and_takes_them_back(database: Database) -> None:
    """Of 999 typed for 9, where parts for 12 were there."""
    table = opened(database, {item: 12 * each for item, each in benches.RECIPE.items()})
    with database.reading() as session:
        before = benches.balances(session)
    table.count(999)
    with database.writing() as session:
        lot = the_kits(session)
        assert told(session) == [("SHOP", 987, 0)]
        taking_apart.take_back(session, lot_id=lot.id, count=987, day=TODAY)
        assert told(session) == []
        assert by_item(session) == {("SHOP", "KIT"): 12}
        benches.take_apart(session, lot.id, 12)
        assert benches.balances(session) == before
        benches.assert_booked(session, [999])


def test_no_more_than_is_beyond_by_now(database: Database) -> None:
    """Two leads at two pages: the second hears of it."""
    opened(database, 4).count(10)
    with database.writing() as session:
        lot = the_kits(session)
        ((_, kits, _),) = told(session)
        for count in (kits + 1, 0, -1):
            with pytest.raises(NotAllowed):
                taking_apart.take_back(session, lot_id=lot.id, count=count, day=TODAY)
        taking_apart.take_back(session, lot_id=lot.id, count=kits, day=TODAY)
        with pytest.raises(NotAllowed):
            taking_apart.take_back(session, lot_id=lot.id, count=kits, day=TODAY)
        benches.assert_booked(session, [10])


def test_a_kit_counted_right_is_not_told(database: Database) -> None:
    opened(database, 100).count(10)
    with database.writing() as session:
        assert told(session) == []
        with pytest.raises(NotAllowed):
            taking_apart.take_back(session, lot_id=the_kits(session).id, count=1, day=TODAY)


def test_a_later_count_of_the_kits_is_taken_back_with_them(database: Database) -> None:
    """The lead counted the kits before finding the button: they are in `unaccounted` then."""
    opened(database, {item: 12 * each for item, each in benches.RECIPE.items()}).count(50)
    with database.writing() as session:
        lot, place = the_kits(session), catalogue.place(session, "SHOP")
        ledger.correct(session, place=place, item=lot.item, lot=lot.code, counted=12, day=TODAY)
        assert told(session) == [("SHOP", 38, 38)]
        taking_apart.take_back(session, lot_id=lot.id, count=38, day=TODAY)
        assert by_item(session) == {("SHOP", "KIT"): 12}
        benches.assert_booked(session, [50])


def test_what_was_settled_otherwise_comes_back_to_the_place(database: Database) -> None:
    """The parts had come from the store, and the lead booked that: they are nobody's but ours."""
    table = opened(database, 4)
    with database.writing() as session:
        benches.stock(session, "CUP", "", 100, "STORE")
    table.count(10)
    with database.writing() as session:
        lot, cup = the_kits(session), catalogue.item(session, "CUP")
        owed = ledger.shortfall(session, item_id=cup.id)
        ledger.transfer(
            session,
            from_place=catalogue.place(session, "STORE"),
            to_place=catalogue.place(session, "unaccounted"),
            item=cup,
            pieces=owed,
            day=TODAY,
        )
        done = benches.take_apart(session, lot.id, 10)
        assert "CUP" not in {part.item for part in done.settled}
        there = by_item(session)
        assert there["SHOP", "CUP"] == 4 + owed and there["STORE", "CUP"] == 100 - owed
        assert not [place for place, _ in there if place == "unaccounted"]
        benches.assert_booked(session, [10])


@pytest.mark.parametrize("counted_away", [False, True])
def test_taking_back_is_undone_like_any_booking(database: Database, counted_away: bool) -> None:
    opened(database, 4).count(10)
    number = uuid4()
    with database.writing() as session:
        lot, place = the_kits(session), catalogue.place(session, "SHOP")
        if counted_away:
            ledger.correct(session, place=place, item=lot.item, lot=lot.code, counted=1, day=TODAY)
        before, said = benches.balances(session), told(session)
        booking = bookings.begin(session, number=number, content="x", day=TODAY)
        assert booking is not None
        taking_apart.take_back(
            session, lot_id=lot.id, count=said[0][1], day=TODAY, booking_id=booking.id
        )
        assert told(session) == []
        bookings.undo(session, number=number, day=TODAY)
        assert (benches.balances(session), told(session)) == (before, said)
        moves = bookings.moves_of(session, booking)
        assert len(moves) > 2 and not any(move.recorded_at for move in moves)
        benches.assert_booked(session, [10])


def test_each_batch_owes_its_own(database: Database) -> None:
    table = opened(database, {item: 7 * each for item, each in benches.RECIPE.items()})
    table.count(6)
    table.count(6)
    with database.writing() as session:
        first, second = session.scalars(select(Assembly.lot_id).order_by(Assembly.id))
        assert [one.lot.id for one in taking_apart.beyond_the_books(session)] == [second]
        assert taking_apart.beyond_the_books(session, lot_id=first) == []
        assert benches.take_apart(session, first, 6).settled == []
        assert told(session) == [("SHOP", 5, 0)]
        assert benches.take_apart(session, second, 5).components == []
        assert taking_apart.beyond_the_books(session) == []
        benches.assert_booked(session, [6, 6])


def test_the_tally_tells_kits_counted_from_what_was_handed_out(database: Database) -> None:
    """And nothing is left of it where they are taken back, on whatever day."""
    opened(database, {item: 7 * each for item, each in benches.RECIPE.items()}).count(10)
    cup = house.picture(database, "CUP")
    house.send(database, "CLIP-1", [house.raw_read(cup, house.NOW) for _ in range(2)])

    def short() -> list[tuple[str, str, int, bool]]:
        with database.reading() as session:
            found = tally.tally(session, first=TODAY - timedelta(days=9), last=TODAY).short
        return [(row.item, row.place, row.pieces, row.in_kits) for row in found]

    in_kits = [(item, "SHOP", 3 * each, True) for item, each in sorted(benches.RECIPE.items())]
    assert short() == [("CUP", "CLIP", 2, False), *in_kits]
    with database.writing() as session:
        lot_id = the_kits(session).id
        benches.take_apart(session, lot_id, 1)
    assert [row[2] for row in short()] == [
        2,
        *(2 * each for _, each in sorted(benches.RECIPE.items())),
    ]
    tomorrow = TODAY + timedelta(days=1)
    with database.writing() as session:
        taking_apart.take_back(session, lot_id=lot_id, count=2, day=tomorrow)
    assert short() == [("CUP", "CLIP", 2, False)]
