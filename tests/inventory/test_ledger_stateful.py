"""Any operations in any order: no piece is lost or invented, and nothing is counted twice.

Everything goes through the real services into a database file built by the migrations. After every step the ledger is
held against itself, and what was counted against a model that knows neither lots nor holds.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, ledger, tally, unknown
from inventory.counter import shifts
from inventory.database import SECRET, Database
from inventory.errors import ComponentsLacking, NotAllowed, NotEnoughStock
from inventory.tables import Assembly, Item, Lot, Pack, Setting
from inventory.verify import verify
from inventory.words import Mode
from labels.house import Kind, house_code

from . import house
from .house import LOTS, NOW, REAL, STATIONS, TODAY, YESTERDAY, Raw, command
from .model import Evening, Model

LONG = os.environ.get("COMPTOIR_TESTS") == "long"

STATION = st.integers(0, 2)
"""One of the stations that this run is about: where few take part, more happens to each."""
LATE = st.integers(0, 3).map(lambda n: n == 3)
TIMES = st.sampled_from([1, 1, 1, 2, 5, 12])
AT_DESK = st.integers(1, 40)
ITEM = st.sampled_from(house.ITEMS)
LOT = st.sampled_from(sorted(LOTS))
PLACE = st.sampled_from(REAL)
HOW = {
    "returned-declared-20": ("person:declared:piece:1", 20_000, False),
    "returned-estimated": ("person:estimated:piece:1", 1000, True),
    "returned-bottle-1.5l": ("person:container:bottle-1.5l:87", 1000, False),
    "returned-kilograms": ("person:weight:kg:5000/39", 1000, True),
}
"""Command, what is counted, thousandths of it each, whether a number must be read first."""

GARBAGE = ("not a code", "", "1199999999", "5410036306704", "\x1d", house_code(Kind.LOT, 999_999))
BADGE = house_code(Kind.BADGE, 7)


class Ledger(RuleBasedStateMachine):
    """Four stations, two of them at one counter, and a desk."""

    template: house.Template

    @initialize(
        stations=st.lists(st.sampled_from(sorted(STATIONS)), min_size=1, max_size=3, unique=True)
    )
    def open(self, stations: list[str]) -> None:
        self.stations = stations
        self.steps = 0
        self._file = self.template.copy()
        self.db: Database = self._file.__enter__()
        self.model = Model()
        self.clocks = {day: NOW - timedelta(hours=9) - (TODAY - day) for day in (TODAY, YESTERDAY)}
        self.sent: dict[str, list[tuple[Raw, str]]] = {name: [] for name in STATIONS}
        self.notes = 0

    def teardown(self) -> None:
        if hasattr(self, "_file"):
            self.every_promise_is_kept()
            self._file.__exit__(None, None, None)

    # Reads

    def station(self, number: int) -> str:
        return self.stations[number % len(self.stations)]

    def evening(self, number: int, late: bool) -> Evening:
        return self.model.evening(self.station(number), YESTERDAY if late else TODAY)

    def at_s(self, evening: Evening) -> int:
        return int(self.clocks[evening.day].timestamp())

    def read(self, evening: Evening, *codes: str, later_s: int = 1) -> dict[str, Any]:
        """Reads a second apart, the first `later_s` after the one before; the last answer."""
        batch = []
        for code in codes:
            self.clocks[evening.day] += timedelta(seconds=later_s)
            later_s = 1
            batch.append(house.raw_read(code, self.clocks[evening.day]))
        results = house.send(self.db, evening.station, batch)
        self.sent[evening.station] += [
            (raw, result["status"]) for raw, result in zip(batch, results, strict=True)
        ]
        assert not any("already_recorded" in result for result in results)
        return results[-1]

    def drop_number(self, evening: Evening, typed: list[str]) -> None:
        """What a person does when a number was not used."""
        if typed:
            self.read(evening, command("clear"))
            evening.forget_waiting()

    @rule(
        station=STATION,
        late=LATE,
        item=ITEM,
        times=TIMES,
        how=st.sampled_from(["picture", "box", "with lot", "two codes", "label"]),
        lot=LOT,
        later_s=st.sampled_from([1, 1, 1, 61]),
        data=st.data(),
    )
    def product(
        self,
        station: int,
        late: bool,
        item: str,
        times: int,
        how: str,
        lot: str,
        later_s: int,
        data: st.DataObject,
    ) -> None:
        evening = self.evening(station, late)
        codes, pieces, named_lot = self.codes_of(item, how, lot)
        if how == "label":
            number, item, named_lot = data.draw(st.sampled_from(self.labels()))
            codes, pieces = [house_code(Kind.LOT, number)], 1
        typed = house.number(times) if times != 1 else []
        if data.draw(st.booleans()) and times in (2, 5):
            typed = [command(f"times-{times}")]
        answer = self.read(evening, *typed, codes[0], later_s=later_s)
        at_s = self.at_s(evening)
        if typed:
            evening.forget_waiting()
        self.model.product(evening, item, times * pieces, lot=named_lot, at_s=at_s)
        if evening.mode is Mode.HAND_OUT:
            assert answer["status"] == "accepted", "a hand-out is never refused"
            assert answer["pieces"] == times * pieces
        counted = evening.mode in (Mode.HAND_OUT, Mode.RECEIVE) or (
            evening.mode in (Mode.LOAD, Mode.UNLOAD) and self.model.far_end(evening)
        )
        if not counted or evening.training:
            self.drop_number(evening, typed)
        for code in codes[1:]:
            self.read(evening, code)
            self.model.details(evening, lot, self.at_s(evening))

    def codes_of(self, item: str, how: str, lot: str) -> tuple[list[str], int, str | None]:
        """What is scanned, the pieces of it, and the lot the first code names."""
        if how == "picture" or item not in house.GTINS:
            return [house.picture(self.db, item)], 1, None
        gtin, pieces = house.GTINS[item]
        if how == "with lot":
            return [house.element_string(gtin, lot)], pieces, lot
        first = gtin.removeprefix("0")
        return (
            ([first, house.details(lot, pieces)] if how == "two codes" else [first]),
            pieces,
            None,
        )

    def labels(self) -> list[tuple[int, str, str]]:
        with self.db.reading() as session:
            rows = session.execute(
                select(Lot.id, Item.code, Lot.code).join(Lot.item).order_by(Lot.id)
            )
            found = [(number, item, lot) for number, item, lot in rows]
        if not found:
            self.donate("KIT", "a", 3, "CLIP")
            return self.labels()
        return found

    @rule(station=STATION, late=LATE, lot=LOT)
    def details(self, station: int, late: bool, lot: str) -> None:
        """The second code of a box, by itself."""
        evening = self.evening(station, late)
        self.read(evening, house.details(lot))
        self.model.details(evening, lot, self.at_s(evening))

    @rule(station=STATION, late=LATE, gtin=st.sampled_from(house.NOWHERE_LISTED), times=TIMES)
    def unlisted(self, station: int, late: bool, gtin: str, times: int) -> None:
        evening = self.evening(station, late)
        typed = house.number(times) if times != 1 else []
        answer = self.read(evening, *typed, gtin)
        if typed:
            evening.forget_waiting()
        at_s = self.at_s(evening)
        if gtin in self.model.named:
            item, each = self.model.named[gtin]
            self.model.product(evening, item, times * each, lot=None, at_s=at_s)
        else:
            assert answer["status"] == "unknown"
            self.model.unlisted(evening, gtin, times, at_s)
        if evening.mode is not Mode.HAND_OUT or evening.training:
            self.drop_number(evening, typed)

    @rule(station=STATION, late=LATE, which=st.sampled_from(sorted(HOW)), times=st.integers(2, 30))
    def came_back(self, station: int, late: bool, which: str, times: int) -> None:
        evening = self.evening(station, late)
        how, thousandths, counts = HOW[which]
        typed = house.number(times) if counts else []
        self.read(evening, *typed, command(which))
        if typed:
            evening.forget_waiting()
        total = thousandths * (times if counts else 1)
        self.model.came_back(evening, how, total, self.at_s(evening))
        if evening.mode in (Mode.LOOK_UP, Mode.COUNT, Mode.ASSEMBLE) or evening.training:
            self.drop_number(evening, typed)

    @rule(station=STATION, late=LATE, times=st.integers(1, 3))
    def undo(self, station: int, late: bool, times: int) -> None:
        evening = self.evening(station, late)
        for _ in range(times):
            self.read(evening, command("undo"))
            self.model.undo(evening)

    @rule(station=STATION, late=LATE, item=ITEM, pieces=st.integers(0, 30))
    def correct_line(self, station: int, late: bool, item: str, pieces: int) -> None:
        evening = self.evening(station, late)
        if evening.mode is Mode.HAND_OUT and not evening.training:
            codes = [*house.number(pieces), command("correct-line"), house.picture(self.db, item)]
            self.read(evening, *codes)
            self.model.correct(evening, item, pieces)

    @rule(station=STATION, late=LATE)
    def next_person(self, station: int, late: bool) -> None:
        evening = self.evening(station, late)
        if evening.mode is Mode.HAND_OUT:
            self.read(evening, command("next-person"))
            self.model.next_person(evening)

    @rule(station=STATION, late=LATE, which=st.sampled_from(["passages-plus", "contact-shower"]))
    def counted(self, station: int, late: bool, which: str) -> None:
        evening = self.evening(station, late)
        self.read(evening, command(which))
        self.model.counted(evening)

    @rule(
        station=STATION,
        late=LATE,
        mode=st.sampled_from([*Mode, Mode.HAND_OUT, Mode.RECEIVE, Mode.LOAD, Mode.UNLOAD]),
    )
    def set_mode(self, station: int, late: bool, mode: Mode) -> None:
        evening = self.evening(station, late)
        self.read(evening, command(f"mode-{mode}"))
        self.model.set_mode(evening, mode)

    @rule(station=STATION, late=LATE)
    def training(self, station: int, late: bool) -> None:
        evening = self.evening(station, late)
        self.read(evening, command("training"))
        self.model.toggle_training(evening)

    @rule(station=STATION, late=LATE, place=st.sampled_from(sorted(house.PLACES)))
    def place(self, station: int, late: bool, place: str) -> None:
        """The site of a shift, or the other end of a load."""
        evening = self.evening(station, late)
        self.read(evening, self.place_code(place))
        if evening.mode not in (Mode.LOOK_UP, Mode.COUNT, Mode.ASSEMBLE) and not evening.training:
            evening.forget_waiting()
            if evening.mode is not Mode.HAND_OUT:
                evening.other = place

    @rule(station=STATION, late=LATE)
    def channel(self, station: int, late: bool) -> None:
        evening = self.evening(station, late)
        self.read(evening, command("correct-channel"), self.place_code("MIDI"))
        evening.forget_waiting()
        if evening.mode not in (Mode.LOOK_UP, Mode.COUNT, Mode.ASSEMBLE) and not evening.training:
            evening.channel = house.PLACES["MIDI"][1]

    def place_code(self, place: str) -> str:
        with self.db.reading() as session:
            return house_code(Kind.PLACE, catalogue.place(session, place).id)

    @rule(station=STATION, late=LATE, item=ITEM)
    def look_up(self, station: int, late: bool, item: str) -> None:
        evening = self.evening(station, late)
        self.read(evening, command("look-up"), house.picture(self.db, item))
        evening.forget_waiting()

    @rule(station=STATION, late=LATE, code=st.sampled_from([*GARBAGE, BADGE]))
    def garbage(self, station: int, late: bool, code: str) -> None:
        """Announced and dropped: not a row changes."""
        with self.unchanged():
            answer = self.read(self.evening(station, late), code)
            assert answer["status"] == ("ignored" if code == BADGE else "refused")

    # Sending again

    @rule(station=STATION, data=st.data())
    def again(self, station: int, data: st.DataObject) -> None:
        """Any former reads, in any order and any batches, also after closing: nothing changes."""
        former = self.sent[self.station(station)]
        if not former:
            return
        chosen = data.draw(st.lists(st.sampled_from(range(len(former))), min_size=1, max_size=30))
        split = data.draw(st.integers(0, len(chosen)))
        with self.unchanged():
            for part in (chosen[:split], chosen[split:]):
                results = house.send(self.db, self.station(station), [former[n][0] for n in part])
                for n, result in zip(part, results, strict=True):
                    raw, status = former[n]
                    assert result["status"] == status
                    kept = status != "refused" and raw["code"] != BADGE
                    assert result.get("already_recorded", False) == kept

    @rule(station=STATION, data=st.data())
    def id_of_another_code(self, station: int, data: st.DataObject) -> None:
        former = [raw for raw, status in self.sent[self.station(station)] if status == "accepted"]
        if former:
            raw = data.draw(st.sampled_from(former))
            other = house.raw_read(house.picture(self.db, "CUP"), NOW)
            with self.unchanged():
                (result,) = house.send(self.db, self.station(station), [{**other, "id": raw["id"]}])
            if raw["code"] != other["code"]:
                assert result["status"] == "conflict" or result["already_recorded"]

    def unchanged(self) -> Unchanged:
        return Unchanged(self.db)

    # Closing

    @rule(station=STATION, late=LATE)
    def close_by_read(self, station: int, late: bool) -> None:
        self.read(self.evening(station, late), command("close-shift"))
        self.model.close_command(self.evening(station, late))

    @rule(station=STATION)
    def close_by_lead(self, station: int) -> None:
        def work(session: Session) -> None:
            secret = session.get_one(Setting, SECRET).value
            shifts.close_station(session, station=self.station(station), secret=secret)

        self.db.write(work)
        self.model.close_station(self.station(station))

    # The desk

    @rule(item=ITEM, lot=LOT, pieces=AT_DESK, place=PLACE)
    def donate(self, item: str, lot: str, pieces: int, place: str) -> None:
        self.db.write(lambda session: house.donate(session, item, lot, pieces, place))
        self.model.desk[item] += pieces

    @rule(
        item=st.sampled_from(["SER", "AIG"]),
        lot=LOT,
        pieces=st.integers(1, 400),
        place=st.sampled_from(["STORE", "CLIP"]),
    )
    def deliver(self, item: str, lot: str, pieces: int, place: str) -> None:
        if (place, item, lot) in self.model.announced:
            return
        self.notes += 1
        note = str(self.notes)
        self.db.write(lambda session: house.deliver(session, note, item, lot, pieces, place))
        self.model.announced[place, item, lot] = pieces
        self.model.desk[item] += pieces

    @rule(
        item=ITEM,
        lot=st.one_of(st.none(), LOT, st.just("unknown")),
        pieces=AT_DESK,
        source=PLACE,
        to=st.sampled_from([*REAL, "unaccounted", "disposed", "lost"]),
    )
    def transfer(self, item: str, lot: str | None, pieces: int, source: str, to: str) -> None:
        """Between places, into `unaccounted` to settle, or out of the house."""

        def work(session: Session) -> None:
            ledger.transfer(
                session,
                from_place=catalogue.place(session, source),
                to_place=catalogue.place(session, to),
                item=catalogue.item(session, item),
                pieces=pieces,
                lot=lot,
                day=TODAY,
            )

        if self.desk_work(work) and to in ("disposed", "lost"):
            self.model.desk[item] -= pieces

    @rule(item=ITEM, lot=LOT, counted=st.integers(0, 30), place=PLACE)
    def count(self, item: str, lot: str, counted: int, place: str) -> None:
        def work(session: Session) -> None:
            ledger.correct(
                session,
                place=catalogue.place(session, place),
                item=catalogue.item(session, item),
                lot=lot,
                counted=counted,
                day=TODAY,
            )

        self.desk_work(work)
        with self.db.reading() as session:
            item_id = catalogue.item(session, item).id
            known = catalogue.known_lot(session, item_id=item_id, code=lot)
            place_id = catalogue.place(session, place).id
            assert known is not None
            there = house.balances(session).get((place_id, item_id, known.id), 0)
        assert there == counted

    @rule(count=st.integers(1, 5), version=st.sampled_from([1, 2]), source=PLACE, to=PLACE)
    def assemble(self, count: int, version: int, source: str, to: str) -> None:
        def work(session: Session) -> None:
            kits.assemble(
                session,
                kit=catalogue.item(session, "KIT"),
                count=count,
                version=version,
                from_place=catalogue.place(session, source),
                to_place=catalogue.place(session, to),
                day=TODAY,
            )

        if self.desk_work(work):
            self.kits_made(count, house.RECIPES[version])

    def kits_made(self, count: int, contents: dict[str, int]) -> None:
        self.model.desk["KIT"] += count
        for item, each in contents.items():
            self.model.desk[item] -= each * count

    @rule(count=st.integers(1, 5), place=PLACE, data=st.data())
    def take_apart(self, count: int, place: str, data: st.DataObject) -> None:
        with self.db.reading() as session:
            made = [(one.lot_id, one.recipe.version) for one in session.scalars(select(Assembly))]
        if not made:
            return
        lot_id, version = data.draw(st.sampled_from(sorted(made)))

        def work(session: Session) -> None:
            there = catalogue.place(session, place)
            kits.take_apart(session, lot_id=lot_id, count=count, place=there, day=TODAY)

        if self.desk_work(work):
            self.kits_made(-count, house.RECIPES[version])

    @precondition(lambda self: len(self.model.named) < len(house.NOWHERE_LISTED))
    @rule(gtin=st.sampled_from(house.NOWHERE_LISTED), item=ITEM, pieces=st.sampled_from([1, 6]))
    def name(self, gtin: str, item: str, pieces: int) -> None:
        """A list names a code that was handed out before."""
        if gtin in self.model.named:
            return

        def work(session: Session) -> int:
            item_id = catalogue.item(session, item).id
            session.add(Pack(item_id=item_id, pieces=pieces, level="box", gtin=gtin))
            session.flush()
            return unknown.book_named(session, gtin=gtin)

        kept = sum(n for key, n in self.model.closed_unknown.items() if key[1] == gtin)
        assert self.db.write(work) == kept * pieces
        self.model.name(gtin, item, pieces)

    def desk_work(self, work: Callable[[Session], None]) -> bool:
        """Whether it was possible; what was not leaves no trace."""
        with self.db.reading() as session:
            before = house.dump(session)
        try:
            self.db.write(work)
        except (NotEnoughStock, NotAllowed, ComponentsLacking):
            with self.db.reading() as session:
                assert house.dump(session) == before
            return False
        return True

    # What must hold after every step

    @invariant()
    def the_ledger_is_sound_and_complete(self) -> None:
        if not hasattr(self, "db"):
            return
        self.steps += 1
        with self.db.reading() as session:
            house.assert_sound(session)
            assert house.pieces_by_item(session) == self.model.pieces_by_item()
            assert handed_out_and_held(session) == self.model.handed_out()
        if self.steps % 8 == 0:
            self.every_promise_is_kept()

    def every_promise_is_kept(self) -> None:
        """What takes longer: `comptoir verify`, and the tally of each day."""
        with self.db.reading() as session:
            report = verify(session)
            assert report.ok, report.faults
            counted = [tallied(session, day) for day in (TODAY, YESTERDAY)]
        for n, expected in enumerate(
            (self.model.handed_out(), self.model.unknown(), self.model.returned())
        ):
            assert counted[0][n] + counted[1][n] == expected


class Unchanged:
    """Not a row of any table differs at the end of the block."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def __enter__(self) -> None:
        with self.db.reading() as session:
            self.before = house.dump(session)

    def __exit__(self, failed: object, *_: object) -> None:
        if failed is None:
            with self.db.reading() as session:
                assert house.dump(session) == self.before


Found = Counter[tuple[date, str, str, str]]
"""By day, what, place and channel."""


def handed_out_and_held(session: Session) -> Found:
    """What was handed out, by the moves and the open journals."""
    rows = session.execute(HANDED_OUT_SQL)
    return Found({(date.fromisoformat(day), *key): pieces for day, *key, pieces in rows})


HANDED_OUT_SQL = text(
    """
    SELECT day, item.code, place.code, out.channel, sum(pieces) FROM (
        SELECT day, item_id, from_id, channel, pieces FROM move WHERE to_id = 8
        UNION ALL
        SELECT shift.day, hold.item_id, hold.from_id, shift.channel, hold.pieces
        FROM hold JOIN shift ON shift.id = hold.shift_id WHERE hold.to_id = 8 AND hold.pieces > 0
    ) out
    JOIN item ON item.id = out.item_id JOIN place ON place.id = out.from_id
    GROUP BY day, item.code, place.code, out.channel
    """
)


def tallied(session: Session, day: date) -> tuple[Found, Found, Found]:
    """Handed out, not listed, and brought back on a day, as the tally says."""
    found = tally.tally(session, first=day, last=day)
    handed_out, not_listed, returned = Found(), Found(), Found()
    for row in found.rows:
        handed_out[day, row.item, row.place, row.channel] += row.handed_out
    for code in found.unknown:
        not_listed[day, code.gtin, code.place, code.channel] += code.pieces
    for back in found.returns:
        what = f"{back.origin}:{back.method}:{back.unit}:{back.factor}"
        returned[day, what, back.place, back.channel] += int(back.measured * 1000)
    return handed_out, not_listed, returned


@pytest.fixture(autouse=True)
def one_evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands at nine in the evening, whatever the hour of the test."""
    monkeypatch.setattr(days, "now", lambda: NOW.astimezone(UTC))


def test_any_operations_in_any_order(template: house.Template) -> None:
    Ledger.template = template
    many = settings(
        max_examples=250 if LONG else 20,
        stateful_step_count=80 if LONG else 40,
        deadline=None,
    )
    run_state_machine_as_test(Ledger, settings=many)
