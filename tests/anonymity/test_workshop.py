"""Those who make kits are not watched: of a batch nothing is left but what was booked, and the same file, byte by byte,
whoever made it, at how many tables, in which order and how fast.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy import Date, DateTime
from sqlalchemy.orm import Session

from inventory import days, printing
from inventory.database import Database
from inventory.tables import Assembly, Base, Batch, BatchLot, Bench
from tests.inventory import benches, house
from tests.inventory.benches import TABLES, Table
from tests.inventory.house import command, picture

KITS = 40

_TABLES = (Batch, BatchLot, Bench, Assembly)

Made = tuple[str, str, float]
"""A read: at which table, which code, after how many seconds."""


@pytest.fixture(scope="module")
def template() -> Iterator[house.Template]:
    made = house.Template()
    yield made
    made.remove()


def alone(parts: list[str], kits: list[str]) -> list[Made]:
    """One table makes all of them, one by one, in twenty minutes; the others only look."""
    rest = [(name, command("help"), 5.0) for name in TABLES[1:]]
    making = [(TABLES[0], code, 30.0) for code in kits]
    labels = [(TABLES[0], command(name), 5.0) for name in ("labels-20", "labels-10", "labels-10")]
    begun = [(TABLES[0], code, 5.0) for code in parts]
    return [*begun, *rest, *labels, *making, *recount(TABLES[0])]


def together(parts: list[str], kits: list[str]) -> list[Made]:
    """Three tables, in turns, one of them faster than the others, for hours; and another finishes."""
    chosen = [(TABLES[2], parts[0], 1.0)]
    joined = [(name, parts[0], 9.0) for name in TABLES[:2]]
    confirmed = [(TABLES[n % 3], code, 60.0) for n, code in enumerate(parts[1:])]
    turns = itertools.cycle((TABLES[1], TABLES[1], TABLES[2], TABLES[1], TABLES[0]))
    making = [(next(turns), code, 400.0) for code in kits]
    labels = [(name, command("labels-1"), 90.0) for name in TABLES]
    return [*chosen, *joined, *confirmed, *labels, *making, *recount(TABLES[1])]


def recount(table: str) -> list[Made]:
    return [(table, command(name), 3.0) for name in ("finish", "digit-4", "digit-1", "finish")]


def made(
    template: house.Template,
    way: Callable[[list[str], list[str]], list[Made]],
    *,
    at_once: bool = False,
    printer: str = "",
) -> bytes:
    """The file after a batch that was made in this way. The first table's labels come out at once, the others' only
    when everything is over: they still wait at the end of the batch."""
    numbers = random.Random(4)
    with template.copy() as database, patch("inventory.tables.lists.randbelow", numbers.randrange):
        with patch("inventory.days.now", lambda: datetime(2026, 11, 21, 9, tzinfo=days.ZONE)):
            benches.set_up(database, printer=printer)
            database.write(benches.plenty)
        parts = [picture(database, item) for item in ("KIT", *benches.PARTS)]
        _read(database, way(parts, [command("kits-1")] * KITS), at_once)
        with database.reading() as session:
            benches.assert_booked(session, [41])
        for name in TABLES:
            _print(database, name)
        database.close()
        file = Path(str(database.url.database))
        assert not Path(f"{file}-wal").exists()
        return file.read_bytes()


def _read(database: Database, reads: list[Made], at_once: bool) -> None:
    """Each by itself, under the same ids whatever the way; or those of a table that was off line at once."""
    at = datetime(2026, 11, 21, 10, tzinfo=days.ZONE)
    ids = random.Random(7)
    batches = itertools.groupby(reads, key=lambda one: one[0] if at_once else id(one))
    for _, batch in batches:
        raw = []
        for table, code, seconds in batch:
            at += timedelta(seconds=seconds)
            raw.append((table, house.raw_read(code, at, UUID(int=ids.getrandbits(128), version=4))))
        with patch("inventory.days.now", return_value=at):
            answers = house.send(database, raw[0][0], [one for _, one in raw])
            told = [answer["workshop"]["show"] for answer in answers]
            assert set(told) <= {"ok", "help", "note"}, answers
            if raw[0][0] == TABLES[0]:
                _print(database, TABLES[0])


def _print(database: Database, table: str) -> None:
    """What waits at a table comes out."""

    def work(session: Session) -> list[printing.Told]:
        station_id = benches.station(session, table).id
        waiting = printing.unfinished(session, station_id=station_id)
        return [_came_out(session, station_id, job.id) for job in waiting]

    told = database.write(work)
    assert all(one.taken for one in told)
    if any(one.erased for one in told):
        database.forget_erased()


def _came_out(session: Session, station_id: int, job_id: int) -> printing.Told:
    job = {"station_id": station_id, "job_id": job_id}
    assert printing.claim(session, **job)
    return printing.report(session, **job, state=printing.State.PRINTED)


def test_the_same_file_whoever_made_them(template: house.Template) -> None:
    one, other = made(template, alone), made(template, together)
    assert differing_pages(one, other) == []


def test_the_same_file_whose_labels_were_printed(template: house.Template) -> None:
    """Neither what came out nor what a table still waited for at the end says how many were made there."""
    printer = "tcp://192.0.2.7:9100"
    one = made(template, alone, printer=printer)
    assert differing_pages(one, made(template, together, printer=printer)) == []
    assert differing_pages(one, made(template, together, printer=printer, at_once=True)) == []


def test_the_same_file_where_a_table_had_no_network(template: house.Template) -> None:
    one, other = made(template, alone), made(template, together, at_once=True)
    assert differing_pages(one, other) == []


def differing_pages(one: bytes, other: bytes) -> list[int]:
    """But for the counters of changes in the header, which say how often the file was written to, not by whom."""
    size = int.from_bytes(one[16:18], "big")
    pages = range(max(len(one), len(other)) // size)
    files = [_without_counters(file) for file in (one, other)]
    both = [[file[n * size : (n + 1) * size] for n in pages] for file in files]
    return [n for n, (a, b) in enumerate(zip(*both, strict=True)) if a != b]


def _without_counters(file: bytes) -> bytes:
    """See https://www.sqlite.org/fileformat.html, 1.3: how often the log was cut off, and when the size was written."""
    return file[:24] + bytes(4) + file[28:92] + bytes(4) + file[96:]


def test_without_erasing_it_would_be_seen(template: house.Template) -> None:
    """The attacker of this test is one: without closing's care the files differ."""
    with patch.object(Database, "forget_erased", lambda self: True):
        assert differing_pages(made(template, alone), made(template, together)) != []


def test_no_table_of_the_workshop_has_a_time_or_a_person() -> None:
    """What a batch knows is a day, a place, lots and numbers of all tables together."""
    tables = [Base.metadata.tables[table.__tablename__] for table in _TABLES]
    columns = {table.name: set(table.columns.keys()) for table in tables}
    assert columns == {
        "batch": {"place_id", "kit_id", "recipe_id", "lot_id", "day", "ready", "labels"},
        "batch_lot": {"place_id", "kit_id", "lot_id"},
        "bench": {"station_id", "place_id", "kit_id", "counting", "counted", "doubted"},
        "assembly": {"id", "recipe_id", "lot_id", "kits", "day"},
    }
    for table in tables:
        assert not any(isinstance(column.type, DateTime) for column in table.columns)
        days_only = [column.name for column in table.columns if isinstance(column.type, Date)]
        assert days_only in ([], ["day"])


def test_a_day_is_all_that_is_known_of_when(template: house.Template) -> None:
    with template.copy() as database:
        benches.set_up(database)
        database.write(benches.plenty)
        table = Table(database)
        table.begin()
        table.finish(5)
        with database.reading() as session:
            rows = house.dump(session)
    assert (
        rows["batch"] == rows["batch_lot"] == rows["bench"] == rows["shift"] == rows["read"] == []
    )
    (assembly,) = rows["assembly"]
    assert assembly[3:] == (5, days.today()) and isinstance(assembly[4], date)
