"""Any operations in any order: no piece is lost or invented, and nothing is counted twice.

Everything goes through the real services into a database file built by the migrations. After every step the ledger is
held against itself, and what was counted against a model that knows neither lots nor holds.

With COMPTOIR_TESTS=long in the environment it tries for a quarter of an hour.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Callable
from datetime import UTC, date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, ledger, taking_apart, tally, unknown
from inventory.errors import ComponentsLacking, NotAllowed, NotEnoughStock
from inventory.statements import as_date
from inventory.tables import Assembly, Pack
from inventory.verify import verify
from tests import LONG

from . import house
from .house import NOW, REAL, TODAY, YESTERDAY
from .machine import AT_DESK, ITEM, LOT, PLACE, Counter, gesture

pytestmark = pytest.mark.long


class Ledger(Counter):
    """The stations, and what is booked at a desk."""

    @gesture(
        2,
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

    @gesture(
        3,
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

    @gesture(1, item=ITEM, lot=LOT, counted=st.integers(0, 30), place=PLACE)
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

    @gesture(2, count=st.integers(1, 5), version=st.sampled_from([1, 2]), source=PLACE, to=PLACE)
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

    @gesture(
        2,
        count=st.integers(1, 5),
        place=PLACE,
    )
    def take_apart(self, count: int, place: str, data: st.DataObject) -> None:
        with self.db.reading() as session:
            made = [(one.lot_id, one.recipe.version) for one in session.scalars(select(Assembly))]
        if not made:
            return
        lot_id, version = data.draw(st.sampled_from(sorted(made)))

        def work(session: Session) -> None:
            there = catalogue.place(session, place)
            taking_apart.take_apart(session, lot_id=lot_id, count=count, place=there, day=TODAY)

        if self.desk_work(work):
            self.kits_made(-count, house.RECIPES[version])

    @gesture(
        1, gtin=st.sampled_from(house.NOWHERE_LISTED), item=ITEM, pieces=st.sampled_from([1, 6])
    )
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
            self.at_the_end()

    def at_the_end(self) -> None:
        """What takes longer: `comptoir verify`, and the tally of each day."""
        with self.db.reading() as session:
            report = verify(session)
            assert report.ok, report.faults
            counted = [tallied(session, day) for day in (TODAY, YESTERDAY)]
        for n, expected in enumerate(
            (self.model.handed_out(), self.model.unknown(), self.model.returned())
        ):
            assert counted[0][n] + counted[1][n] == expected


Found = Count[tuple[date, str, str, str]]
"""By day, what, place and channel."""


def handed_out_and_held(session: Session) -> Found:
    """What was handed out, by the moves and the open journals."""
    rows = session.execute(HANDED_OUT_SQL)
    return Found({(as_date(day), *key): int(pieces) for day, *key, pieces in rows})


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
        assert row.handed_out > 0, "what came back unopened was handed out all the same"
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
    at_random(template.copy, examples=300 if LONG else 14)


@pytest.mark.postgres
def test_any_operations_on_postgresql(fresh_postgres: house.Fresh) -> None:
    at_random(fresh_postgres, examples=40 if LONG else 3)


def at_random(fresh: house.Fresh, *, examples: int) -> None:
    class Here(Ledger):
        pass

    Here.fresh = staticmethod(fresh)
    many = settings(max_examples=examples, stateful_step_count=80 if LONG else 40, deadline=None)
    run_state_machine_as_test(Here, settings=many)
