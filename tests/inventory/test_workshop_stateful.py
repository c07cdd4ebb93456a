"""Whatever is read at three tables, in whatever order and however often: what was counted is what is booked, out of its
recipe times its kits; the books are sound; and of a batch that is finished nothing is left.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger, on_hold, taking_apart
from inventory.tables import Assembly, ReadSeen
from tests import LONG

from . import benches, house
from .benches import LASTS, PARTS, TABLES, TODAY, Table, lot_label
from .house import command

LOTS = ("soon", "later", "gone")


@dataclass
class Batch:
    """What the tables think they make."""

    lots: dict[str, set[str]] = field(default_factory=lambda: {part: set() for part in PARTS})
    ready: int = 0

    @property
    def begun(self) -> bool:
        return all(self.lots.values())

    @property
    def expires(self) -> date:
        return min(LASTS[lot] for lots in self.lots.values() for lot in lots if lot)


@dataclass
class At:
    """A table on the batch; `counted` is None until something was counted."""

    counting: bool = False
    counted: int | None = None
    doubted: int | None = None


class Workshop(RuleBasedStateMachine):
    template: house.Template  # set by the test

    @initialize()
    def open(self) -> None:
        self._copy = self.template.copy()
        self.db = self._copy.__enter__()
        benches.set_up(self.db)
        with self.db.writing() as session:
            for part in PARTS:
                for lot in LOTS:
                    benches.stock(session, part, lot, 5)
        self.tables = {name: Table(self.db, name) for name in TABLES}
        self.looked = 0
        self.batch: Batch | None = None
        self.at: dict[str, At] = {}
        self.held: set[tuple[str, str]] = set()
        self.booked: list[int] = []
        self.apart: list[int] = []
        with self.db.reading() as session:
            self.at_first = benches.balances(session)
        self.sent: list[tuple[str, UUID, str]] = []

    def teardown(self) -> None:
        if not hasattr(self, "db"):
            return
        with self.db.writing() as session:
            benches.assert_booked(session, self.booked)
            self.take_all_apart(session)
            benches.assert_booked(session, self.booked)
        self._copy.__exit__(None, None, None)

    def take_all_apart(self, session: Session) -> None:
        """The shelf is then what it was before the first kit, lot by lot."""
        lots = session.scalars(select(Assembly.lot_id).order_by(Assembly.id)).all()
        for lot_id, made, apart in zip(lots, self.booked, self.apart, strict=True):
            if made > apart:
                benches.take_apart(session, lot_id, made - apart)
        assert benches.balances(session) == self.at_first

    def read(self, table: str, code: str) -> str:
        number = uuid4()
        self.sent.append((table, number, code))
        done = self.tables[table].send([code], [number])
        told: str = done.results[0]["workshop"]["tell"]
        return told

    def where(self, data: st.DataObject) -> str:
        """A table, mostly one that is on the batch, and rather one that counts."""
        busy = sorted(self.at, key=lambda name: (not self.at[name].counting, name))
        return data.draw(st.sampled_from([*busy, *busy, *TABLES]))

    def press(self, table: str, name: str) -> str:
        return self.read(table, command(name))

    # Choosing and leaving

    @rule(table=st.sampled_from(TABLES))
    def choose(self, table: str) -> None:
        told = self.read(table, house.picture(self.db, "KIT"))
        if table in self.at:
            assert told == "not-here"
            return
        assert told == "chosen"
        self.batch = self.batch or Batch()
        self.at[table] = At()

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        table = self.where(data)
        told = self.press(table, "leave")
        if table not in self.at:
            assert told == "choose-first"
        elif self.at[table].counting:
            assert told == "making"
            self.at[table] = At()
        else:
            assert told == "left"
            del self.at[table]
            assert self.batch is not None
            if not self.at and not any(self.batch.lots.values()):
                self.batch = None

    # Lots

    @rule(table=st.sampled_from(TABLES), part=st.sampled_from(PARTS), lot=st.sampled_from(LOTS))
    def show_a_box(self, table: str, part: str, lot: str) -> None:
        lot = lot if part in house.DATED else ""
        told = self.read(table, lot_label(self.db, part, lot))
        if table not in self.at or self.batch is None:
            assert told == "choose-first"
        elif self.at[table].counting:
            assert told == "not-here"
        elif (part, lot) in self.held:
            assert told == "on-hold"
        elif lot == "gone":
            assert told == "expired"
        elif self.stopped():
            assert told == "lot-stopped"
        elif lot in self.batch.lots[part]:
            assert told == "already-confirmed"
        elif self.batch.begun and lot and LASTS[lot] < self.batch.expires:
            assert told == "before-label"
        else:
            before = self.batch.begun
            self.batch.lots[part].add(lot)
            assert told == ("all-confirmed" if self.batch.begun and not before else "confirmed")

    @rule(data=st.data(), part=st.sampled_from(PARTS))
    def untick(self, data: st.DataObject, part: str) -> None:
        """A box touched by mistake, until every part has one."""
        table = self.where(data)
        told, at = self.read(table, house.unticked(self.db, part)), self.at.get(table)
        if at is None or self.batch is None or at.counting or self.batch.begun:
            assert told == "not-here"
        elif not self.batch.lots[part]:
            assert told == "lots-first"
        else:
            self.batch.lots[part] = set()
            assert told == "unchecked"

    @rule(part=st.sampled_from([p for p in PARTS if p in house.DATED]), lot=st.sampled_from(LOTS))
    def hold_or_release(self, part: str, lot: str) -> None:
        with self.db.writing() as session:
            item = catalogue.item(session, part)
            known = catalogue.known_lot(session, item_id=item.id, code=lot)
            assert known is not None
            if (part, lot) in self.held:
                on_hold.release(session, lot=known)
            else:
                on_hold.put(session, lot=known, day=TODAY)
        self.held ^= {(part, lot)}

    @precondition(lambda self: self.batch is None)
    @rule(table=st.sampled_from(TABLES))
    def begin(self, table: str) -> None:
        """Every part at once: else few runs would come to making."""
        self.choose(table)
        for part in PARTS:
            self.show_a_box(table, part, "later")

    # Kits

    def stopped(self) -> bool:
        assert self.batch is not None
        return any(
            (part, lot) in self.held for part, lots in self.batch.lots.items() for lot in lots
        )

    def more(self, table: str, kits: int, told: str) -> None:
        at = self.at.get(table)
        assert self.batch is not None and at is not None
        if at.counting:
            assert told == "counted"
            at.counted = (at.counted or 0) + kits
        elif self.stopped():
            assert told == "lot-stopped"
        else:
            assert told == "ready"
            self.batch.ready += kits

    @rule(data=st.data(), kits=st.sampled_from([1, 5, 10]))
    def made(self, data: st.DataObject, kits: int) -> None:
        table = self.where(data)
        told = self.press(table, f"kits-{kits}")
        if table not in self.at or self.batch is None:
            assert told == "not-under-way"
        elif not self.batch.begun:
            assert told == "lots-first"
        else:
            self.more(table, kits, told)

    @precondition(lambda self: self.batch is not None and self.batch.begun and self.at)
    @rule(data=st.data())
    def scan_a_label(self, data: st.DataObject) -> None:
        table = data.draw(st.sampled_from(sorted(self.at)))
        told = self.read(table, benches.kit_label(self.tables[table].shows))
        self.more(table, 1, told)

    @rule(data=st.data())
    def redo(self, data: st.DataObject) -> None:
        table = self.where(data)
        told, at = self.press(table, "redo"), self.at.get(table)
        if at is None or self.batch is None:
            assert told == "not-under-way"
        elif not self.batch.begun:
            assert told == "lots-first"
        elif not (at.counted if at.counting else self.batch.ready):
            assert told == "none-to-redo"
        elif at.counting:
            at.counted = (at.counted or 0) - 1
        else:
            self.batch.ready -= 1

    # The recount

    @precondition(lambda self: any(at.counting for at in self.at.values()))
    @rule(data=st.data(), digit=st.integers(0, 9))
    def type_a_digit(self, data: st.DataObject, digit: int) -> None:
        table = self.where(data)
        told, at = self.press(table, f"digit-{digit}"), self.at.get(table)
        if at is None or not at.counting:
            assert told == "not-here"
        elif (at.counted or 0) * 10 + digit > 9_999:
            assert told == "too-many"
        else:
            at.counted = (at.counted or 0) * 10 + digit

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        self.finish_at(self.where(data))

    @precondition(lambda self: self.batch is not None and self.batch.begun and self.at)
    @rule(data=st.data(), kits=st.sampled_from([1, 5, 10]))
    def recount(self, data: st.DataObject, kits: int) -> None:
        """The whole of it."""
        table = data.draw(st.sampled_from(sorted(self.at)))
        if not self.at[table].counting:
            self.finish_at(table)
        self.more(table, kits, self.press(table, f"kits-{kits}"))
        self.finish_at(table)

    def finish_at(self, table: str) -> None:
        told, at = self.press(table, "finish"), self.at.get(table)
        if at is None or self.batch is None:
            assert told == "not-under-way"
        elif not self.batch.begun:
            assert told == "finished-none"
            self.over(0)
        elif not at.counting:
            assert told == "counting"
            self.at[table] = At(counting=True)
        elif at.counted is None:
            assert told == "count-first"
        elif at.counted != at.doubted and abs(at.counted - self.batch.ready) > max(
            10, self.batch.ready // 2
        ):
            assert told == "count-again"
            at.counted, at.doubted = None, at.counted
        else:
            assert told.startswith("finished")
            self.over(at.counted)

    def over(self, counted: int) -> None:
        event(f"{'some' if counted else 'no'} kits booked")
        self.booked += [counted] if counted else []
        self.apart += [0] if counted else []
        self.batch, self.at = None, {}

    # Taken apart, and taken back

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), kits=st.integers(1, 12))
    def take_apart(self, data: st.DataObject, kits: int) -> None:
        number = data.draw(st.integers(0, len(self.booked) - 1))
        with self.db.writing() as session:
            lot_id = session.scalars(select(Assembly.lot_id).order_by(Assembly.id)).all()[number]
            kits = min(kits, self.booked[number] - self.apart[number])
            if kits:
                benches.take_apart(session, lot_id, kits)
        self.apart[number] += kits

    @precondition(lambda self: self.booked)
    @rule()
    def take_back(self) -> None:
        """All that is beyond the books, of every lot: nothing is owed then."""
        with self.db.writing() as session:
            lots = list(session.scalars(select(Assembly.lot_id).order_by(Assembly.id)))
            for one in taking_apart.beyond_the_books(session):
                event("kits taken back")
                taking_apart.take_back(session, lot_id=one.lot.id, count=one.kits, day=TODAY)
                self.apart[lots.index(one.lot.id)] += one.kits
            for part in PARTS:
                item_id = catalogue.item(session, part).id
                assert ledger.shortfall(session, item_id=item_id) == 0

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        table, number, code = data.draw(st.sampled_from(self.sent))
        done = self.tables[table].send([code], [number])
        assert done.results[0]["already_recorded"]

    # What must hold

    @invariant()
    def every_table_shows_what_is_so(self) -> None:
        """One after each step, in turn: looking costs more than all that was done."""
        if not hasattr(self, "tables"):
            return
        self.looked += 1
        for name in TABLES if LONG else TABLES[self.looked % len(TABLES) :][:1]:
            shows, at = self.tables[name].shows, self.at.get(name)
            if at is None or self.batch is None:
                assert shows["phase"] == "choose"
                assert shows["kits"][0]["under_way"] == (self.batch is not None)
                continue
            assert (shows["ready"], shows["counted"]) == (self.batch.ready, at.counted)
            lots = {one["item"]: {lot["lot"] for lot in one["lots"]} for one in shows["components"]}
            assert lots == self.batch.lots
            phase = "counting" if at.counting else "making" if self.batch.begun else "lots"
            assert shows["phase"] == phase
            if self.batch.begun:
                assert shows["expires"] == self.batch.expires.isoformat()

    @invariant()
    def what_was_counted_is_booked(self) -> None:
        if not hasattr(self, "db"):
            return
        with self.db.reading() as session:
            kits = session.scalars(select(Assembly.kits).order_by(Assembly.id)).all()
            assert list(kits) == self.booked
            if self.batch is None:
                assert benches.left_open(session) == 0
            house.assert_sound(session)
            self.pieces_are_on_the_shelf_in_kits_or_owed(session)
            assert len(session.scalars(select(ReadSeen)).all()) == len(
                {number for _, number, _ in self.sent}
            )

    def pieces_are_on_the_shelf_in_kits_or_owed(self, session: Session) -> None:
        kits = sum(self.booked) - sum(self.apart)
        there, first = Counter[str](), Counter[str]()
        for found, balances in ((there, benches.balances(session)), (first, self.at_first)):
            for (_, item, _), pieces in balances.items():
                found[item] += pieces
        assert there["KIT"] == kits
        for part in PARTS:
            assert there[part] + benches.RECIPE[part] * kits == first[part]


def test_any_reads_in_any_order(template: house.Template) -> None:
    Workshop.template = template
    many = settings(max_examples=150 if LONG else 8, stateful_step_count=50, deadline=None)
    run_state_machine_as_test(Workshop, settings=many)
