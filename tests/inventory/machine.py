"""What can happen at the stations, step by step, for the tests that try any order of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from inventory import catalogue
from inventory.counter import shifts
from inventory.counter.modes import MOST_EARLIER
from inventory.counter.step import TRAINING_S
from inventory.database import SECRET, Database
from inventory.tables import Item, Lot, Setting
from inventory.words import Mode
from labels.house import Kind, house_code

from . import house
from .house import LOTS, NOW, REAL, STATIONS, TODAY, YESTERDAY, Raw, command
from .model import Evening, Lane, Model

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

LATELY_S = 200
COME_LATE = (
    *("product", "product", "product", "unlisted", "details", "came_back", "brought_back"),
    *("undo", "correct_line", "next_person", "counted", "afterwards", "look_up"),
)
"""What may have been read before a change of mode, in less than that, and arrive after it."""

GARBAGE = ("not a code", "", "1199999999", "5410036306704", "\x1d", house_code(Kind.LOT, 999_999))
BADGE = house_code(Kind.BADGE, 7)


F = TypeVar("F", bound=Callable[..., None])


def gesture(weight: int, **drawn: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Something that can happen, how often among the others, and what is drawn for it.

    Rules of Hypothesis would all be as likely, and some left out of each run: a hand-out, its channel and its closing
    then seldom meet.
    """

    def mark(method: F) -> F:
        method.__dict__["gesture"] = (weight, drawn)
        return method

    return mark


class Counter(RuleBasedStateMachine):
    """Four stations, two of them at one counter, and every read that can be made at them."""

    fresh: house.Fresh

    @initialize(
        stations=st.lists(st.sampled_from(sorted(STATIONS)), min_size=1, max_size=3, unique=True)
    )
    def open(self, stations: list[str]) -> None:
        self.stations = stations
        self.steps = 0
        self._file = type(self).fresh()
        self.db: Database = self._file.__enter__()
        self.model = Model()
        self.clocks = {day: NOW - timedelta(hours=9) - (TODAY - day) for day in (TODAY, YESTERDAY)}
        self.sent: dict[str, list[tuple[Raw, str]]] = {name: [] for name in STATIONS}
        self.notes = 0
        for place in ("STORE", "CLIP"):
            for item in house.ITEMS:
                self.donate(item, "a", 12, place)

    def teardown(self) -> None:
        if hasattr(self, "_file"):
            self.at_the_end()
            self._file.__exit__(None, None, None)

    @rule(data=st.data())
    def happens(self, data: st.DataObject) -> None:
        self.happens_now(data, None, False, data.draw(st.sampled_from(self.gestures())))

    def happens_now(self, data: st.DataObject, station: int | None, late: bool, name: str) -> None:
        """Do what was drawn: at a station, or at any."""
        method = getattr(self, name)
        drawn = {what: data.draw(values) for what, values in method.gesture[1].items()}
        if station is not None:
            drawn |= {"station": station, "late": late}
        if "data" in inspect.signature(method).parameters:
            drawn["data"] = data
        note(f"{name}({', '.join(f'{what}={value!r}' for what, value in drawn.items())})")
        method(**drawn)

    @classmethod
    def gestures(cls) -> list[str]:
        """The names of all that can happen, each as often as it weighs."""
        found = {name: getattr(cls, name).__dict__.get("gesture") for name in vars_of(cls)}
        return [name for name, weighs in sorted(found.items()) if weighs for _ in range(weighs[0])]

    def at_the_end(self) -> None:
        """What takes too long for every step."""

    # Reads

    def station(self, number: int) -> str:
        return self.stations[number % len(self.stations)]

    def evening(self, number: int, late: bool) -> Evening:
        """One of the evenings; training never runs out in the middle of what is done there."""
        evening = self.model.evening(self.station(number), YESTERDAY if late else TODAY)
        lasted_s = self.at_s(evening) - evening.training_from_s
        if evening.training and lasted_s > TRAINING_S - 300:
            self.clocks[evening.day] += timedelta(seconds=max(TRAINING_S - lasted_s, 0))
            evening.training = False
        return evening

    def at_s(self, evening: Evening) -> int:
        return int(self.clocks[evening.day].timestamp())

    def read(self, evening: Evening, *codes: str, later_s: int = 1) -> dict[str, Any]:
        """Reads a second apart, the first `later_s` after the one before; the last answer."""
        batch = []
        for code in codes:
            self.clocks[evening.day] += timedelta(seconds=later_s)
            later_s = 1
            self.model.adding_ends(evening, self.at_s(evening))
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

    @gesture(
        10,
        station=STATION,
        late=LATE,
        item=ITEM,
        times=TIMES,
        how=st.sampled_from(["picture", "box", "with lot", "two codes", "label"]),
        lot=LOT,
        later_s=st.sampled_from([1, 1, 1, 61]),
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
        if evening.mode is Mode.HAND_OUT and not evening.training:
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

    @gesture(2, item=ITEM, lot=LOT, pieces=AT_DESK, place=PLACE)
    def donate(self, item: str, lot: str, pieces: int, place: str) -> None:
        self.db.write(lambda session: house.donate(session, item, lot, pieces, place))
        self.model.desk[item] += pieces

    @gesture(1, station=STATION, late=LATE, lot=LOT)
    def details(self, station: int, late: bool, lot: str) -> None:
        """The second code of a box, by itself."""
        evening = self.evening(station, late)
        self.read(evening, house.details(lot))
        self.model.details(evening, lot, self.at_s(evening))

    @gesture(4, station=STATION, late=LATE, gtin=st.sampled_from(house.NOWHERE_LISTED), times=TIMES)
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

    @gesture(
        1, station=STATION, late=LATE, which=st.sampled_from(sorted(HOW)), times=st.integers(2, 30)
    )
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

    @gesture(2, station=STATION, late=LATE, times=st.integers(1, 3))
    def undo(self, station: int, late: bool, times: int) -> None:
        evening = self.evening(station, late)
        for _ in range(times):
            self.read(evening, command("undo"))
            self.model.undo(evening)

    @gesture(3, station=STATION, late=LATE, pieces=st.integers(0, 30))
    def correct_line(self, station: int, late: bool, pieces: int, data: st.DataObject) -> None:
        evening = self.evening(station, late)
        if evening.mode is not Mode.HAND_OUT:
            self.read(evening, *house.number(pieces), command("correct-line"))
            evening.forget_waiting()
        elif not evening.training:
            item = data.draw(st.sampled_from([line.item for line in evening.lines] or ["SER"]))
            codes = [*house.number(pieces), command("correct-line"), house.picture(self.db, item)]
            self.read(evening, *codes)
            self.model.correct(evening, item, pieces)

    @gesture(1, station=STATION, late=LATE)
    def next_person(self, station: int, late: bool) -> None:
        evening = self.evening(station, late)
        self.read(evening, command("next-person"))
        self.model.next_person(evening)

    @gesture(
        1, station=STATION, late=LATE, which=st.sampled_from(["passages-plus", "contact-shower"])
    )
    def counted(self, station: int, late: bool, which: str) -> None:
        evening = self.evening(station, late)
        self.read(evening, command(which))
        self.model.counted(evening)

    @gesture(
        2,
        station=STATION,
        late=LATE,
        mode=st.sampled_from([*Mode, Mode.HAND_OUT, Mode.RECEIVE, Mode.LOAD, Mode.UNLOAD]),
    )
    def set_mode(self, station: int, late: bool, mode: Mode) -> None:
        evening = self.evening(station, late)
        self.read(evening, command(f"mode-{mode}"), later_s=self.before_a_change(evening))
        self.model.set_mode(evening, mode, self.at_s(evening))

    def before_a_change(self, evening: Evening) -> int:
        """Seconds before a change of mode, for what was read in them and comes later."""
        return LATELY_S if self.clocks[evening.day].hour < 19 else 1

    @gesture(
        8,
        station=STATION,
        late=LATE,
        mode=st.sampled_from([None, *Mode, Mode.HAND_OUT]),
        changes=st.integers(1, MOST_EARLIER),
    )
    def comes_late(
        self, station: int, late: bool, mode: Mode | None, changes: int, data: st.DataObject
    ) -> None:
        """Read before one of the changes of mode, by another scanner that was off line."""
        evening = self.evening(station, late)
        if mode is not None:
            self.set_mode(station, late, mode)
        chain: list[Lane] = [evening, *evening.earlier()]
        changes = min(changes, len(chain) - 1)
        if evening.training or not changes:
            return
        until_s, from_s = (lane.mode_from_s for lane in chain[changes - 1 : changes + 1])
        if until_s - from_s < LATELY_S:
            return
        now = self.clocks[evening.day]
        earlier = datetime.fromtimestamp(until_s - LATELY_S + 5, now.tzinfo)
        with evening.as_it_was(changes):
            self.clocks[evening.day] = earlier
            self.happens_now(data, station, late, data.draw(st.sampled_from(COME_LATE)))
            assert from_s < self.at_s(evening) < until_s
            self.clocks[evening.day] = now

    @gesture(1, station=STATION, late=LATE)
    def afterwards(self, station: int, late: bool) -> None:
        evening = self.evening(station, late)
        self.read(evening, command("afterwards"))
        self.model.add_afterwards(evening, self.at_s(evening))

    @gesture(3, station=STATION, late=LATE, lane=st.sampled_from("ab"))
    def lane(self, station: int, late: bool, lane: str) -> None:
        evening = self.evening(station, late)
        self.read(evening, command(f"lane-{lane}"))
        evening.to_lane(lane)

    @gesture(
        3,
        station=STATION,
        late=LATE,
        item=ITEM,
        times=TIMES,
        how=st.sampled_from(["picture", "box", "with lot", "two codes"]),
        lot=LOT,
        later_s=st.sampled_from([1, 1, 61]),
    )
    def brought_back(
        self, station: int, late: bool, item: str, times: int, how: str, lot: str, later_s: int
    ) -> None:
        evening = self.evening(station, late)
        answer = self.read(evening, command("brought-back"), later_s=later_s)
        evening.forget_waiting()
        if evening.training:
            self.read(evening, command("clear"))
            return
        assert answer["status"] == ("accepted" if evening.mode is Mode.HAND_OUT else "ignored")
        if evening.mode is not Mode.HAND_OUT:
            return
        codes, pieces, named_lot = self.codes_of(item, how, lot)
        answer = self.read(evening, *(house.number(times) if times != 1 else []), codes[0])
        assert (answer["status"], answer["pieces"]) == ("accepted", times * pieces)
        self.model.brought(evening, item, times * pieces, lot=named_lot, at_s=self.at_s(evening))
        for code in codes[1:]:
            self.read(evening, code)
            self.model.details(evening, lot, self.at_s(evening))

    @gesture(1, station=STATION, late=LATE)
    def half_an_hour(self, station: int, late: bool) -> None:
        """Training ends by itself."""
        evening = self.evening(station, late)
        if self.clocks[evening.day].hour < 20:
            self.clocks[evening.day] += timedelta(minutes=30)
            self.read(evening, command("hide"))
            evening.training = False

    @gesture(1, station=STATION, late=LATE)
    def training(self, station: int, late: bool, data: st.DataObject) -> None:
        """Mostly left again soon: while it lasts nothing counts."""
        evening = self.evening(station, late)
        learned = [house.picture(self.db, "SER"), command("undo"), house.picture(self.db, "CUP")]
        self.read(evening, command("training"), *(learned if not evening.training else []))
        self.model.toggle_training(evening, self.at_s(evening))
        if evening.training and data.draw(st.integers(0, 3)):
            self.read(evening, command("training"))
            self.model.toggle_training(evening, self.at_s(evening))

    @gesture(1, station=STATION, late=LATE, place=st.sampled_from(sorted(house.PLACES)))
    def place(self, station: int, late: bool, place: str) -> None:
        """The site of a shift, or the other end of a load."""
        evening = self.evening(station, late)
        self.read(evening, self.place_code(place), later_s=self.before_a_change(evening))
        if evening.training:
            return
        if evening.mode in (Mode.RECEIVE, Mode.LOAD, Mode.UNLOAD):
            self.model.set_place(evening, place, self.at_s(evening))
        elif evening.mode is Mode.HAND_OUT:
            evening.forget_waiting()

    @gesture(1, station=STATION, late=LATE)
    def channel(self, station: int, late: bool) -> None:
        evening = self.evening(station, late)
        self.read(evening, command("correct-channel"), self.place_code("MIDI"))
        evening.forget_waiting()
        if evening.mode not in (Mode.LOOK_UP, Mode.COUNT, Mode.ASSEMBLE) and not evening.training:
            evening.channel = house.PLACES["MIDI"][1]

    def place_code(self, place: str) -> str:
        with self.db.reading() as session:
            return house_code(Kind.PLACE, catalogue.place(session, place).id)

    @gesture(1, station=STATION, late=LATE, item=ITEM)
    def look_up(self, station: int, late: bool, item: str) -> None:
        evening = self.evening(station, late)
        self.read(evening, command("look-up"), house.picture(self.db, item))
        evening.forget_waiting()

    @gesture(1, station=STATION, late=LATE, code=st.sampled_from([*GARBAGE, BADGE]))
    def garbage(self, station: int, late: bool, code: str) -> None:
        """Announced and dropped: not a row changes."""
        with self.unchanged():
            answer = self.read(self.evening(station, late), code)
            assert answer["status"] == ("ignored" if code == BADGE else "refused")

    # Sending again

    @gesture(
        2,
        station=STATION,
    )
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

    @gesture(
        1,
        station=STATION,
    )
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

    @gesture(2, station=STATION, late=LATE)
    def close_by_read(self, station: int, late: bool) -> None:
        self.read(self.evening(station, late), command("close-shift"))
        self.forget_closings()
        self.model.close_command(self.evening(station, late))

    @gesture(2, station=STATION)
    def close_by_lead(self, station: int) -> None:
        def work(session: Session) -> None:
            secret = session.get_one(Setting, SECRET).value
            shifts.close_station(session, station=self.station(station), secret=secret)

        self.db.write(work)
        self.forget_closings()
        self.model.close_station(self.station(station))

    def forget_closings(self) -> None:
        """As after a week: whatever comes is of a new opening. What joins a closed shift has tests of its own."""
        self.db.write(lambda session: session.execute(text("DELETE FROM closing")))


def vars_of(cls: type) -> set[str]:
    """The methods of a class and of those of ours that it extends."""
    ours = [one for one in cls.__mro__ if one.__module__.startswith(__package__ or "")]
    return {name for one in ours for name, value in vars(one).items() if inspect.isfunction(value)}


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
