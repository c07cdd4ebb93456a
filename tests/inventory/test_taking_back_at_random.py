"""Sheets taken back after anything else: a lot is as if they had never been typed, but keeps what it was counted to."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from inventory import bookings, catalogue, ledger
from inventory.counter.sheets import Sheet
from inventory.database import Database
from tests import LONG

from .house import TODAY, YESTERDAY, Fresh, Template, command, donate, picture, raw_read, send
from .house import number as digits
from .test_taking_back import count, evening, recorded, sound, take_back, there

LOT = {"SER": "a", "CUP": ""}
STOCKED, OWED = 1_000, 20_000
"""Of each lot at the place; and of each article elsewhere, so that there is something to settle. No step comes near
either, for what is short takes another lot."""


@dataclass
class Step:
    """Pieces that a lot gained (`change`), or what it was counted to; of which sheet, and of what to undo."""

    item: str
    change: int = 0
    counted: int | None = None
    sheet: int | None = None
    settled: bool = False


@dataclass
class Story:
    """What was done so far, to a database and in words."""

    database: Database
    steps: list[Step] = field(default_factory=list)
    sheets: dict[int, bool] = field(default_factory=dict)
    """By shift: whether it was taken back."""
    bookings: dict[UUID, Step] = field(default_factory=dict)
    handed_out: Step | None = None

    def act(self, what: str, item: str, pieces: int) -> None:
        getattr(self, f"_{what}")(item, pieces)
        assert {lot: self.found(lot) for lot in LOT} == {lot: self.expected(lot) for lot in LOT}

    def found(self, item: str) -> tuple[int, int]:
        """Pieces at the place, and in `unaccounted`."""
        rows = there(self.database)
        return tuple(rows.get((at, item, LOT[item]), 0) for at in ("CLIP", "unaccounted"))  # type: ignore[return-value]

    def expected(self, item: str) -> tuple[int, int]:
        here, unaccounted = STOCKED, 0
        for step in self.steps:
            if step.item != item or (step.sheet is not None and self.sheets[step.sheet]):
                continue
            after = here + step.change if step.counted is None else step.counted
            if step.counted is not None or step.settled:
                unaccounted += here - after
            here = after
        return here, unaccounted

    def _sheet(self, item: str, pieces: int) -> None:
        both = {"SER": pieces, "CUP": 2 * pieces}
        shift_id = recorded(self.database, evening(items=both))
        self.sheets[shift_id] = False
        self.steps += [Step(code, -n, sheet=shift_id) for code, n in both.items()]

    def _take_back(self, item: str, which: int) -> None:
        if self.sheets:
            shift_id = sorted(self.sheets)[which % len(self.sheets)]
            assert take_back(self.database, shift_id) != self.sheets[shift_id]
            self.sheets[shift_id] = True

    def _hand_out(self, item: str, pieces: int) -> None:
        self.scan(*digits(pieces), picture(self.database, item))
        self.handed_out = Step(item, -pieces)
        self.steps.append(self.handed_out)

    def _undo(self, item: str, pieces: int) -> None:
        if self.handed_out is not None:
            self.scan(command("undo"))
            self.steps.append(Step(self.handed_out.item, -self.handed_out.change))
            self.handed_out = None

    def scan(self, *codes: str) -> None:
        send(self.database, "CLIP-1", [raw_read(code) for code in codes])

    def _count(self, item: str, pieces: int) -> None:
        counted = 600 + 10 * pieces
        # What finds what the books say leaves no trace.
        counted += counted == self.found(item)[0]
        with self.database.writing() as session:
            assert count(session, item, LOT[item], counted)
        self.steps.append(Step(item, counted=counted))

    def _settle(self, item: str, pieces: int) -> None:
        number = uuid4()
        self.database.write(lambda session: settle(session, item, pieces, number))
        self.bookings[number] = Step(item, -pieces, settled=True)
        self.steps.append(self.bookings[number])

    def _undo_settling(self, item: str, which: int) -> None:
        if self.bookings:
            number = sorted(self.bookings)[which % len(self.bookings)]
            done = self.bookings.pop(number)
            with self.database.writing() as session:
                assert bookings.undo(session, number=number, day=TODAY)
            self.steps.append(Step(done.item, -done.change, settled=True))


def settle(session: Session, item: str, pieces: int, number: UUID) -> None:
    booking = bookings.begin(session, number=number, content="", day=TODAY)
    assert booking is not None
    ledger.transfer(
        session,
        from_place=catalogue.place(session, "CLIP"),
        to_place=catalogue.place(session, "unaccounted"),
        item=catalogue.item(session, item),
        pieces=pieces,
        day=TODAY,
        booking_id=booking.id,
    )


def begun(database: Database) -> Story:
    with database.writing() as session:
        for item, lot in LOT.items():
            donate(session, item, lot, STOCKED, "CLIP")
    recorded(database, Sheet(uuid4(), "VAN", YESTERDAY, items=dict.fromkeys(LOT, OWED)))
    return Story(database)


@pytest.mark.parametrize(("undone", "left"), [(False, 49), (True, 50)])
def test_what_was_settled_from_there_is_no_count(
    database: Database, undone: bool, left: int
) -> None:
    """One piece for what the van was short of: the sheet's ten come back all the same, settled or undone."""
    number = uuid4()
    with database.writing() as session:
        donate(session, "SER", "a", 50, "CLIP")
    recorded(database, Sheet(uuid4(), "VAN", YESTERDAY, items={"SER": 3}))
    shift_id = recorded(database, evening(items={"SER": 10}))
    database.write(lambda session: settle(session, "SER", 1, number))
    if undone:
        assert database.write(lambda session: bookings.undo(session, number=number, day=TODAY))
    assert take_back(database, shift_id)
    found = there(database)
    assert found["CLIP", "SER", "a"] == left
    assert found.get(("unaccounted", "SER", "a"), 0) == 50 - left
    sound(database)


Acts = list[tuple[str, str, int]]
KINDS = ("sheet", "take_back", "hand_out", "undo", "count", "settle", "undo_settling")
acts = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(sorted(LOT)), st.integers(1, 40)),
    max_size=14,
)
UNDONE = [("sheet", "SER", 10), ("settle", "SER", 3), ("undo_settling", "SER", 1)]
"""A lot settled from, and put back: nobody counted it."""


def told(fresh: Fresh, done: Acts) -> None:
    with fresh() as database:
        story = begun(database)
        for what, item, pieces in done:
            story.act(what, item, pieces)
        for which in range(len(story.sheets)):
            story.act("take_back", "", which)
        sound(database)


@given(done=acts)
@example(done=[("sheet", "SER", 10), ("settle", "SER", 1)])
@example(done=UNDONE)
@example(done=[*UNDONE, ("count", "SER", 39), ("settle", "SER", 1), ("sheet", "SER", 4)])
@settings(deadline=None, max_examples=240 if LONG else 20)
def test_whatever_happened_since(template: Template, done: Acts) -> None:
    told(template.copy, done)


@pytest.mark.postgres
def test_whatever_happened_since_on_postgresql(fresh_postgres: Fresh) -> None:
    @given(done=acts)
    @example(done=UNDONE)
    @settings(deadline=None, max_examples=8)
    def at_random(done: Acts) -> None:
        told(fresh_postgres, done)

    at_random()
