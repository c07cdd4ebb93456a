"""Many at once on one lot: nothing is lost, nothing counted twice, and a shortfall is exactly what was not there.

The same tests on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, ledger, tally
from inventory.counter import shifts
from inventory.database import SECRET, Database
from inventory.errors import NotEnoughStock
from inventory.lists import ListKind, import_lists
from inventory.tables import Hold, Move, Setting, Shift
from inventory.verify import verify
from inventory.words import HANDED_OUT

from . import house, racing
from .house import command

pytestmark = [pytest.mark.race]

THREADS = 16
EACH = 10


def stocked(database: Database, pieces: int, place: str = "CLIP") -> None:
    database.write(lambda session: house.donate(session, "SER", "a", pieces, place))


def label(database: Database) -> str:
    """A read that names the lot: no other may be taken for it."""
    return house.element_string(house.GTINS["SER"][0], "a")


def assert_exact(database: Database, *, handed_out: int, there: int, place: str = "CLIP") -> None:
    """Handed out exactly, short by exactly what was not there, and the ledger sound."""
    with database.reading() as session:
        house.assert_sound(session)
        report = verify(session)
        assert report.ok, report.faults
        found = tally.tally(session, first=days.today(), last=days.today())
        assert sum(row.handed_out for row in found.rows if row.item == "SER") == handed_out
        item_id = catalogue.item(session, "SER").id
        short = ledger.shortfall(session, item_id=item_id)
        stock = house.stock_by_place(session)
    assert short == max(0, handed_out - there)
    assert stock.get((place, "SER"), 0) == max(0, there - handed_out)


def test_threads_on_one_lot(database: Database) -> None:
    """Boxes of ten, half of them beyond the books, from two stations at one counter."""
    there = THREADS * EACH * 10 // 2 + 5
    stocked(database, there)
    jobs = [
        racing.reading(f"CLIP-{1 + n % 2}", racing.one_by_one([label(database)] * EACH))
        for n in range(THREADS)
    ]
    answers = racing.threads(database, jobs)
    assert all(answer["status"] == "accepted" for part in answers for answer in part)
    assert_exact(database, handed_out=THREADS * EACH * 10, there=there)


def test_processes_on_one_lot(database: Database) -> None:
    there = 6 * EACH * 10 - 35
    stocked(database, there)
    code = house.GTINS["SER"][0]
    jobs = [racing.reading(f"CLIP-{1 + n % 2}", racing.one_by_one([code] * EACH)) for n in range(6)]
    racing.processes(url_of(database), jobs)
    assert_exact(database, handed_out=6 * EACH * 10, there=there)


def test_undo_among_the_others(database: Database) -> None:
    """Each thread has a station of its own kind of evening: two of three reads are taken back."""
    stocked(database, 25)
    piece = house.picture(database, "SER")
    taken_back = [command("times-5"), piece, command("undo")]
    jobs = [
        racing.reading(station, [[house.raw_read(code, days.now()) for code in codes]])
        for _ in range(EACH)
        for station in ("CLIP-1", "CLIP-2")
        for codes in (taken_back, [command("times-2"), piece])
    ]
    racing.threads(database, jobs)
    assert_exact(database, handed_out=EACH * 2 * 2, there=25)


def test_closing_at_the_same_time(database: Database) -> None:
    """Shifts are closed by several at once while reads go on: each piece is posted once."""
    there = 95
    stocked(database, there)
    reads = [
        racing.reading(f"CLIP-{1 + n % 2}", racing.one_by_one([label(database)] * 4))
        for n in range(8)
    ]
    closings = [partial(close_often, station=f"CLIP-{1 + n % 2}") for n in range(6)]
    answers = racing.threads(database, [*reads, *closings])
    posted = sum(sum(part) for part in answers[len(reads) :])
    assert_exact(database, handed_out=8 * 4 * 10, there=there)
    with database.reading() as session:
        moved = session.scalars(select(Move.pieces).where(Move.to_id == HANDED_OUT)).all()
        held = session.scalars(select(Hold.pieces).where(Hold.to_id == HANDED_OUT)).all()
    assert posted == sum(moved)
    assert posted + sum(held) == 8 * 4 * 10


def close_often(database: Database, *, station: str) -> list[int]:
    def work(session: Session) -> int:
        secret = session.get_one(Setting, SECRET).value
        closed = shifts.close_station(session, station=station, secret=secret)
        return sum(row.pieces for one in closed for row in one.posted)

    return [database.write(work) for _ in range(5)]


def test_processes_read_undo_and_close(database: Database) -> None:
    stocked(database, 40)
    piece = house.picture(database, "SER")
    codes = [[command("times-3"), piece], [piece, command("undo")]] * 5
    codes.append([command("close-shift")])
    jobs = [racing.reading(f"CLIP-{1 + n % 2}", batches_of(codes)) for n in range(4)]
    racing.processes(url_of(database), jobs)
    assert_exact(database, handed_out=4 * 5 * 3, there=40)


def batches_of(batches: list[list[str]]) -> list[list[house.Raw]]:
    """Each batch at one moment: which of two came first is told in milliseconds, and another's closing or change of
    mode in the very one between a number and its article would part them."""
    moments = [days.now() for _ in batches]
    return [
        [house.raw_read(code, at) for code in batch]
        for batch, at in zip(batches, moments, strict=True)
    ]


@pytest.mark.parametrize("closing", [False, True])
def test_the_same_ids_at_once(database: Database, closing: bool) -> None:
    """An outbox that is sent by two: each read counts once, and one of them hears that it was known."""
    stocked(database, 60)
    batches = racing.one_by_one([label(database)] * EACH)
    if closing:
        batches.insert(EACH // 2, [house.raw_read(command("close-shift"), days.now())])
    answers = racing.threads(database, [racing.reading("CLIP-1", batches) for _ in range(6)])
    assert_exact(database, handed_out=EACH * 10, there=60)
    first_told = Counter(
        answer["id"] for part in answers for answer in part if "already_recorded" not in answer
    )
    assert set(first_told.values()) == {1}
    assert len(first_told) == len(batches)


def test_the_same_ids_at_two_stations(database: Database) -> None:
    stocked(database, 1000)
    batches = racing.one_by_one([label(database)] * EACH)
    stations = ("CLIP-1", "VAN", "CLIP-2", "VAN")
    racing.threads(database, [racing.reading(name, batches) for name in stations])
    with database.reading() as session:
        house.assert_sound(session)
        found = tally.tally(session, first=days.today(), last=days.today())
        assert sum(row.handed_out for row in found.rows) == EACH * 10


def test_the_first_reads_open_one_shift(database: Database) -> None:
    jobs = [racing.reading("CLIP-1", racing.one_by_one([label(database)])) for _ in range(THREADS)]
    racing.threads(database, jobs)
    with database.reading() as session:
        assert len(session.scalars(select(Shift)).all()) == 1
    assert_exact(database, handed_out=THREADS * 10, there=0)


def test_a_store_is_not_emptied_twice(database: Database) -> None:
    """A desk refuses what is not there: sixteen want seven pieces each out of fifty."""
    stocked(database, 50, "STORE")
    done = racing.threads(database, [partial(take, to="VAN")] * 8 + [partial(take, to="CLIP")] * 8)
    assert sum(done) == 7
    with database.reading() as session:
        house.assert_sound(session)
        stock = house.stock_by_place(session)
    assert stock["STORE", "SER"] == 50 - 7 * 7
    assert sum(stock.get((place, "SER"), 0) for place in ("VAN", "CLIP")) == 7 * 7


def take(database: Database, *, to: str) -> int:
    try:
        database.write(partial(_take, to=to))
    except NotEnoughStock:
        return 0
    return 1


def _take(session: Session, *, to: str) -> Any:
    return ledger.transfer(
        session,
        from_place=catalogue.place(session, "STORE"),
        to_place=catalogue.place(session, to),
        item=catalogue.item(session, "SER"),
        pieces=7,
        day=days.today(),
    )


def test_loading_from_one_store(database: Database) -> None:
    """Counter and van load from the store, take loads back, hand out, and the desk carries the other way."""
    for place in ("STORE", "VAN", "CLIP"):
        stocked(database, 60, place)
    piece = house.picture(database, "SER")
    load = [command("mode-load"), command("times-20"), piece]
    give = [command("mode-hand-out"), command("times-3"), piece]
    jobs = [
        racing.reading(station, batches_of([load, [*load, command("undo")], give]))
        for station in ("VAN", "CLIP-1", "CLIP-2", "VAN")
    ]
    jobs += [partial(bring, source=source) for source in ("VAN", "CLIP")] * 2
    racing.threads(database, jobs)
    with database.reading() as session:
        house.assert_sound(session)
        assert verify(session).ok
        assert house.pieces_by_item(session) == {"SER": 180 - 4 * 3}


def test_one_list_imported_by_several_at_once(database: Database, tmp_path: Path) -> None:
    counted = tmp_path / "stock.csv"
    counted.write_text("lieu;article;pièces;lot;péremption\nSTORE;SER;70;z;2028-01-31\n")
    answers = racing.threads(database, [partial(import_stock, path=counted)] * 6)
    assert sorted(answers) == [0] * 5 + [1]
    with database.reading() as session:
        house.assert_sound(session)
        assert house.pieces_by_item(session) == {"SER": 70}


def import_stock(database: Database, *, path: Path) -> int:
    def work(session: Session) -> int:
        done = import_lists(
            session, kind=ListKind.STOCK, files=[path], normalise_gtin=lambda gtin: gtin
        )
        return done.imported

    return database.write(work)


def bring(database: Database, *, source: str) -> None:
    def work(session: Session) -> None:
        ledger.transfer(
            session,
            from_place=catalogue.place(session, source),
            to_place=catalogue.place(session, "STORE"),
            item=catalogue.item(session, "SER"),
            pieces=1,
            day=days.today(),
        )

    for _ in range(5):
        database.write(work)


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)
