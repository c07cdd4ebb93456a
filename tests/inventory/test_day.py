"""A day of the example organisation on either database, from the lists to a backup that is restored on the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, ledger, stock, tally, trace
from inventory.backup import backup, restore
from inventory.database import Database, open_database, sqlite_url
from inventory.verify import verify
from labels.house import Kind, house_code
from tests import postgres
from web.example import load_example

from . import house
from .house import command

MADE = 20
COMPONENTS = 200
"""Pieces of each component that come as a gift, so that the kits can be made."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = sqlite_url(tmp_path / "day.db")
    if request.param == "postgresql":
        url = postgres.create(request.getfixturevalue("postgres_url"))
    with closing(open_database(url)) as database:
        load_example(database)
        yield database


def test_a_day(example: Database, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    today = days.today()
    lot = example.write(lambda session: make_kits(session, today))
    batch = [
        house_code(Kind.LOT, lot),
        command("times-5"),
        house_code(Kind.LOT, lot),
        command("next-person"),
        house_code(Kind.LOT, lot),
        command("undo"),
        command("times-20"),
        house_code(Kind.LOT, lot),
        command("returned-declared-20"),
    ]
    answers = house.send(example, "CLIP", [house.raw_read(code, days.now()) for code in batch])
    assert {answer["status"] for answer in answers} == {"accepted"}
    assert_counted(example, today, open_shifts=1)

    house.send(example, "CLIP", [house.raw_read(command("close-shift"), days.now())])
    assert_counted(example, today, open_shifts=0)
    with example.reading() as session:
        found = trace.trace(session, lot_id=lot)
        assert sum(row.pieces for row in found.handed_out) == 26
        assert {row.item for row in found.components} >= {"SER1", "CUP"}
        there = stock.stock(session)

    backup(example, tmp_path / "backup.db")
    for url in other_places(request, tmp_path):
        with closing(Database(url)) as elsewhere:
            restore(elsewhere, tmp_path / "backup.db")
            assert_counted(elsewhere, today, open_shifts=0)
            with elsewhere.reading() as session:
                assert stock.stock(session) == there
            # Sequences go on where they stopped.
            house.send(elsewhere, "CLIP", [house.raw_read(house_code(Kind.LOT, lot), days.now())])


def make_kits(session: Session, today: date) -> int:
    """Components by donation, kits out of them, and the kits brought to the counter."""
    kit = catalogue.item(session, "KIT-INJ")
    store = catalogue.place(session, "RESERVE")
    for line in kits.recipe(session, kit=kit).lines:
        ledger.transfer(
            session,
            from_place=catalogue.place(session, "donation"),
            to_place=store,
            item=line.item,
            pieces=COMPONENTS,
            day=today,
        )
    counter = catalogue.place(session, "CLIP")
    made = kits.assemble(
        session, kit=kit, count=MADE, from_place=store, to_place=counter, day=today
    )
    return made.lot_id


def assert_counted(database: Database, today: date, *, open_shifts: int) -> None:
    with database.reading() as session:
        report = verify(session)
        assert report.ok, report.faults
        found = tally.tally(session)
        assert (found.first, found.open_shifts) == (today, open_shifts)
        handed_out: Counter[str] = Counter()
        for row in found.rows:
            handed_out[row.item] += row.handed_out
        assert handed_out == {"KIT-INJ": 26}
        assert found.shortfall == 26 - MADE
        assert found.returned == 20


def other_places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A file, and where there is a server also a database on it."""
    yield sqlite_url(tmp_path / "restored.db")
    if request.node.get_closest_marker("postgres"):
        yield postgres.create(request.getfixturevalue("postgres_url"))
