"""Replenishing: how much is brought, and pick lists read at both ends in any order, undone or not: booked once."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory import catalogue, days, ledger, picks, replenish
from inventory.database import Database
from inventory.replenish import in_packs, to_bring, total
from inventory.tables import Pick
from inventory.verify import verify
from inventory.words import Reason
from labels.house import Kind, house_code
from tests import LONG

from . import house
from .house import NOW, TODAY, command

SIZES = st.sets(st.integers(2, 500), max_size=4)


@pytest.fixture(autouse=True)
def one_evening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "now", lambda: NOW.astimezone(UTC))


# How much


@given(st.integers(1, 2000), st.integers(0, 2000), SIZES, st.integers(0, 3000))
def test_what_is_brought(level: int, there: int, packs: set[int], store: int) -> None:
    """Up to the level where the store has enough, never a quarter of the level beyond, never more than it has."""
    lacking = max(1, level - there)
    brought = to_bring(lacking, level=level, packs=packs, there=store)
    pieces = total(brought)
    assert all(count > 0 and size in {1, *packs} for count, size in brought)
    assert 0 <= pieces <= store
    assert pieces >= min(lacking, store)
    assert pieces - lacking <= level / 4
    small = [size for size in packs if size * 4 <= level]
    if small and store >= 2 * level + 500:
        assert not any(size == 1 for _, size in brought)


@given(st.integers(0, 5000), SIZES)
def test_packs_are_the_pieces(pieces: int, packs: set[int]) -> None:
    found = in_packs(pieces, packs)
    assert sum(count * size for count, size in found) == pieces
    assert all(size in {1, *packs} for _, size in found)


def stocked(database: Database, *, level: int = 120, store: int = 400, expired: int = 0) -> None:
    with database.writing() as session:
        clip = catalogue.place(session, "CLIP")
        if store:
            house.donate(session, "SER", "b", store, "STORE")
        if expired:
            made = catalogue.lot(
                session,
                item_id=catalogue.item(session, "SER").id,
                code="old",
                expires=TODAY - timedelta(days=1),
            )
            ledger.post(
                session,
                item_id=made.item_id,
                lot_id=made.id,
                pieces=expired,
                from_id=catalogue.place(session, "donation").id,
                to_id=catalogue.place(session, "STORE").id,
                reason=Reason.DONATION,
                day=TODAY,
            )
        replenish.set_levels(session, place=clip, levels={"SER": level})


def test_low_counts_open_shifts(database: Database) -> None:
    """As soon as something is handed out, not only when the shift closes."""
    stocked(database)
    with database.writing() as session:
        house.donate(session, "SER", "a", 121, "CLIP")

    def below() -> dict[str, int]:
        with database.reading() as session:
            place = catalogue.place(session, "CLIP")
            return {one.item: one.there for one in replenish.low(session, place_id=place.id)}

    assert below() == {}
    read = house.picture(database, "SER")
    house.send(database, "CLIP-1", [house.raw_read(read), house.raw_read(read)])
    assert below() == {"SER": 119}
    house.send(database, "CLIP-1", [house.raw_read(command("undo"))])
    assert below() == {}


def test_what_the_store_brings(database: Database) -> None:
    """In whole packs of ten, what expires first first, nothing expired, kits from the workshop, the rest said."""
    stocked(database, expired=50, store=95)
    with database.writing() as session:
        clip = catalogue.place(session, "CLIP")
        house.donate(session, "SER", "a", 3, "STORE")
        house.donate(session, "SER", "a", 2, "CLIP")
        house.donate(session, "KIT", "a", 30, "SHOP")
        replenish.set_levels(session, place=clip, levels={"KIT": 20, "CUP": 5})
        needs = replenish.needs(session, place=clip, day=TODAY)
    brought = {
        (round.store.code, line.low.item): (
            line.pieces,
            line.packs,
            [(lot.lot, lot.pieces) for lot in line.lots],
        )
        for round in needs.rounds
        for line in round.lines
    }
    assert brought == {
        ("STORE", "SER"): (98, [(9, 10), (8, 1)], [("a", 3), ("b", 95)]),
        ("SHOP", "KIT"): (20, [(20, 1)], [("a", 20)]),
    }
    assert [(low.item, lacks) for low, lacks in needs.short] == [("SER", 20), ("CUP", 5)]


def test_levels_are_set_and_taken_away(database: Database) -> None:
    with database.writing() as session:
        clip = catalogue.place(session, "CLIP")
        assert replenish.set_levels(session, place=clip, levels={"SER": 5, "CUP": 3}) == 2
        assert replenish.set_levels(session, place=clip, levels={"SER": 5, "CUP": None}) == 1
        assert replenish.levels(session, place_id=clip.id) == {"SER": 5}


# Both ends

TO_CLIP = {"STORE": ["mode-unload"], "CLIP-1": ["mode-load"]}
END = st.sampled_from(sorted(TO_CLIP))
LISTS = ["begin", "begin others", "finish", "a day passes"]
READS = st.tuples(END, st.sampled_from([0, 0, 1, 3, 10]))
STEPS = st.lists(READS, max_size=14)
"""Pieces read at an end, or 0 for undo there."""
MOMENTS = st.lists(st.one_of(READS, READS, st.sampled_from(LISTS)), min_size=12, max_size=20)
"""The same with lists begun again (with the item, or for others only) and finished, and days passing, at any moment."""


def begin(database: Database) -> None:
    """A list from the store to the counter, and stations that unload there and load here."""
    stocked(database)
    with database.writing() as session:
        clip, store = catalogue.place(session, "CLIP"), catalogue.place(session, "STORE")
        house.donate(session, "SER", "a", 30, "STORE")
        needs = replenish.needs(session, place=clip, day=TODAY)
        picks.start(session, round=needs.rounds[0], day=TODAY)
        codes = {
            "STORE": house_code(Kind.PLACE, clip.id),
            "CLIP-1": house_code(Kind.PLACE, store.id),
        }
    for station, modes in TO_CLIP.items():
        read(database, station, *map(command, modes), codes[station])


def read(database: Database, station: str, *codes: str) -> None:
    answers = house.send(database, station, [house.raw_read(code) for code in codes])
    assert all(answer["status"] in ("accepted", "ignored") for answer in answers), answers


def at_both_ends(database: Database, steps: list[tuple[str, int]]) -> None:
    begin(database)
    ser = house.picture(database, "SER")
    counted: dict[str, list[int]] = {station: [] for station in TO_CLIP}
    before = there(database)
    for station, pieces in steps:
        if pieces:
            read(database, station, *house.number(pieces), ser)
            counted[station].append(pieces)
        elif counted[station]:  # else undo would take back the mode
            read(database, station, command("undo"))
            counted[station].pop()
        picked, arrived = sum(counted["STORE"]), sum(counted["CLIP-1"])
        booked = max(picked, arrived)
        with database.reading() as session:
            house.assert_sound(session)
            (pick,) = picks.open_picks(session, today=TODAY)
            (line,) = picks.lines(session, pick=pick)
        assert (line.picked, line.arrived) == (picked, arrived)
        assert there(database) == before + Count({"CLIP": booked, "STORE": -booked})
    for station in TO_CLIP:
        read(database, station, command("close-shift"))
    with database.reading() as session:
        report = verify(session)
    assert report.ok, report.faults


def start_again(database: Database, *, others: bool) -> None:
    with database.writing() as session:
        clip, store = catalogue.place(session, "CLIP"), catalogue.place(session, "STORE")
        item = catalogue.item(session, "SER")
        low = replenish.Low(item.id, item.code, item.names, 0, 120)
        lines = [] if others else [replenish.Bring(low, 120, [(12, 10)], [])]
        places = replenish.Where.of(store), replenish.Where.of(clip)
        picks.start(session, round=replenish.Round(*places, lines), day=TODAY)


class Evenings:
    """Reads at both ends while lists come and go, beside the two sums they are to be booked by."""

    def __init__(self, database: Database) -> None:
        begin(database)
        self.database = database
        self.ser = house.picture(database, "SER")
        self.before = there(database)
        self.has_list, self.days_left = True, picks.LASTS.days
        self.counted = Count({"STORE": 0, "CLIP-1": 0})
        self.by_itself = 0
        self.reads: dict[str, list[tuple[int, bool]]] = {"STORE": [], "CLIP-1": []}

    def turn(self, moment: str) -> None:
        if moment.startswith("begin"):
            self.has_list = moment == "begin"
            start_again(self.database, others=not self.has_list)
        elif moment == "finish":
            self.has_list = False
            with self.database.writing() as session:
                for pick in picks.open_picks(session, today=TODAY):
                    picks.finish(session, pick=pick)
        elif self.days_left:
            self.days_left -= 1
            with self.database.writing() as session:
                for pick in session.query(Pick):
                    pick.day -= timedelta(days=1)

    def read(self, station: str, pieces: int) -> None:
        if pieces:
            read(self.database, station, *house.number(pieces), self.ser)
            on_list = self.has_list or self.counted["STORE"] != self.counted["CLIP-1"]
            self.reads[station].append((pieces, on_list))
        elif self.reads[station]:
            read(self.database, station, command("undo"))
            pieces, on_list = self.reads[station].pop()
            pieces = -pieces
        else:
            return
        if on_list:
            self.counted[station] += pieces
        else:
            self.by_itself += pieces

    def assert_booked_once(self) -> None:
        booked = max(self.counted.values()) + self.by_itself
        assert there(self.database) == self.before + Count({"CLIP": booked, "STORE": -booked})
        with self.database.reading() as session:
            house.assert_sound(session)


def over_evenings(database: Database, moments: list[str | tuple[str, int]]) -> None:
    evenings = Evenings(database)
    for moment in moments:
        if isinstance(moment, str):
            evenings.turn(moment)
        else:
            evenings.read(*moment)
        evenings.assert_booked_once()
    for station in TO_CLIP:
        read(database, station, command("close-shift"))
    evenings.assert_booked_once()
    with database.reading() as session:
        report = verify(session)
    assert report.ok, report.faults


@settings(max_examples=180 if LONG else 15, deadline=None)
@given(moments=MOMENTS)
def test_whatever_lists_begin_and_end(
    template: house.Template, moments: list[str | tuple[str, int]]
) -> None:
    with template.copy() as database:
        over_evenings(database, moments)


@pytest.mark.postgres
@settings(max_examples=5, deadline=None)
@given(moments=MOMENTS)
def test_whatever_lists_begin_and_end_on_postgresql(
    fresh_postgres: house.Fresh, moments: list[str | tuple[str, int]]
) -> None:
    with fresh_postgres() as database:
        over_evenings(database, moments)


@pytest.mark.parametrize(
    "between", [["begin"], ["begin others"], ["finish"], ["a day passes"] * 3, ["begin", "finish"]]
)
@pytest.mark.parametrize(("first", "second"), [("STORE", "CLIP-1"), ("CLIP-1", "STORE")])
def test_ten_pieces_on_their_way_are_ten(
    database: Database, first: str, second: str, between: list[str]
) -> None:
    """Picked, a list begun again or finished or a weekend later, and put away: ten pieces, not twenty."""
    over_evenings(database, [(first, 10), *between, (second, 10)])
    assert there(database)["STORE"] == 420


def there(database: Database) -> Count[str]:
    with database.reading() as session:
        stock = house.stock_by_place(session)
        found = Count({"CLIP": 0, "STORE": 0})
        found.update({place: n for (place, item), n in stock.items() if item == "SER"})
    return found


@settings(max_examples=360 if LONG else 30, deadline=None)
@given(steps=STEPS)
def test_pieces_are_booked_once(template: house.Template, steps: list[tuple[str, int]]) -> None:
    with template.copy() as database:
        at_both_ends(database, steps)


@pytest.mark.postgres
@settings(max_examples=5, deadline=None)
@given(steps=STEPS)
def test_pieces_are_booked_once_on_postgresql(
    fresh_postgres: house.Fresh, steps: list[tuple[str, int]]
) -> None:
    with fresh_postgres() as database:
        at_both_ends(database, steps)


@contextmanager
def list_after(database: Database, later: timedelta) -> Iterator[int]:
    """What a read at the counter books when the store has read the same 10 before."""
    begin(database)
    ser = house.picture(database, "SER")
    read(database, "STORE", *house.number(10), ser)
    with database.writing() as session:
        for pick in session.query(Pick):
            pick.day -= later
    before = there(database)["CLIP"]
    read(database, "CLIP-1", *house.number(10), ser)
    yield there(database)["CLIP"] - before


@pytest.mark.parametrize(("later", "books"), [(0, 0), (1, 0), (4, 0), (5, 10)])
def test_a_forgotten_list_is_over(database: Database, later: int, books: int) -> None:
    with list_after(database, timedelta(days=later)) as booked:
        assert booked == books


def test_a_finished_list_goes_on_until_its_ends_meet(database: Database) -> None:
    begin(database)
    ser = house.picture(database, "SER")
    read(database, "STORE", *house.number(10), ser)
    with database.writing() as session:
        (pick,) = picks.open_picks(session, today=TODAY)
        picks.finish(session, pick=pick)
    before = there(database)["CLIP"]
    read(database, "CLIP-1", *house.number(10), ser)
    assert there(database)["CLIP"] == before
    read(database, "CLIP-1", *house.number(4), ser)
    assert there(database)["CLIP"] == before + 4
    read(database, "STORE", command("undo"))
    assert there(database)["CLIP"] == before + 4, "the counter has seen them"
    with database.reading() as session:
        house.assert_sound(session)
