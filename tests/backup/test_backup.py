"""A backup is one file that holds everything but a journal; restoring it gives the same stock, or changes nothing."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from inventory import database as databases
from inventory import days, people, sign_ins
from inventory.backup import backup, restore
from inventory.database import Database, open_database, sqlite_url
from inventory.errors import DatabaseNotEmpty, NotABackup, NotAllowed
from inventory.stations import new_token
from inventory.stock import stock
from inventory.tables import (
    Base,
    Evening,
    Hold,
    Item,
    ItemLevel,
    Move,
    Place,
    Read,
    ReadSeen,
    Shift,
    SignIn,
    StationToken,
)
from inventory.verify import verify
from inventory.words import PlaceKind, Role
from tests import postgres
from tests.anonymity.evening import Evening as AnEvening

Content = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[AnEvening]:
    """A service in the middle of an evening: two open shifts."""
    (tmp_path / "data").mkdir()
    evening = AnEvening(tmp_path / "data")
    with evening.running():
        evening.serve(6)
        with evening.db.writing() as session:
            new_token(session, station="CLIP")
            person = people.add_person(session, name="Amal", role=Role.LOGISTICS, pin="4071")
            sign_ins.open_sign_in(session, person_id=person.id, today=days.today(), device="?")
        yield evening


def elsewhere(tmp_path: Path) -> Database:
    return Database(sqlite_url(tmp_path / "elsewhere" / "comptoir.db"))


def content(db: Database) -> Content:
    with db.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def count(db: Database, table: type[Base]) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def stock_of(db: Database) -> list[Any]:
    with db.reading() as session:
        return stock(session)


def test_the_same_stock_elsewhere(evening: AnEvening, tmp_path: Path) -> None:
    before = content(evening.db)
    file = tmp_path / "usb" / "one.backup"
    backup(evening.db, file)
    assert content(evening.db) == before  # the shifts stay open, nobody is signed out
    restored = elsewhere(tmp_path)
    restore(restored, file)
    assert stock_of(restored) == stock_of(evening.db)
    with restored.reading() as session:
        assert verify(session).faults == []
        assert session.scalars(select(Shift).where(Shift.station_id.is_not(None))).all() == []
    assert [count(restored, table) for table in (Evening, Hold, Read, SignIn)] == [0, 0, 0, 0]
    assert count(restored, StationToken) == 1
    assert count(restored, ReadSeen) == count(evening.db, Read)
    assert count(restored, Move) > count(evening.db, Move)
    restored.close()


def test_reads_of_an_evening_are_recognised_after_a_restore(
    evening: AnEvening, tmp_path: Path
) -> None:
    from web import reads

    backup(evening.db, tmp_path / "one.backup")
    restored = elsewhere(tmp_path)
    restore(restored, tmp_path / "one.backup")
    before = stock_of(restored)
    sent = evening.counters[0].sent
    raw = [{"id": str(r.id), "code": r.code, "at": r.at.isoformat()} for r in sent]
    done = reads.record(restored, station="CLIP", raw_reads=raw, language="fr")
    assert done is not None
    assert all(result["already_recorded"] for result in done.results if result["item"])
    assert stock_of(restored) == before
    restored.close()


def test_one_file_alone_that_only_its_owner_reads(evening: AnEvening, tmp_path: Path) -> None:
    file = tmp_path / "usb" / "one.backup"
    backup(evening.db, file)
    backup(evening.db, file)  # replaces
    assert [path.name for path in file.parent.iterdir()] == ["one.backup"]
    assert file.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(file) as opened:
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert opened.execute("PRAGMA freelist_count").fetchone() == (0,)


def test_while_the_service_writes(evening: AnEvening, tmp_path: Path) -> None:
    served, stop = threading.Event(), threading.Event()

    def serve() -> None:
        while not stop.is_set():
            evening.serve(1)
            served.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert served.wait(30)
        for number in range(3):
            backup(evening.db, tmp_path / f"{number}.backup")
    finally:
        stop.set()
        thread.join()
    for number in range(3):
        restored = open_database(sqlite_url(tmp_path / f"{number}.db"))
        restore(restored, tmp_path / f"{number}.backup")
        with restored.reading() as session:
            assert verify(session).faults == []
        restored.close()


def test_a_database_in_use_is_replaced_only_when_told(evening: AnEvening, tmp_path: Path) -> None:
    backup(evening.db, tmp_path / "one.backup")
    evening.serve(3)
    before = content(evening.db)
    with pytest.raises(DatabaseNotEmpty):
        restore(evening.db, tmp_path / "one.backup")
    assert content(evening.db) == before
    with evening.db.reading() as reader:
        moves = reader.scalar(select(func.count()).select_from(Move))
        restore(evening.db, tmp_path / "one.backup", force=True)
        # Somebody in the middle of a question goes on seeing the old.
        assert reader.scalar(select(func.count()).select_from(Move)) == moves
    assert count(evening.db, Hold) == 0
    assert count(evening.db, Move) > (moves or 0)


def test_the_database_itself_is_no_place_for_a_backup(evening: AnEvening) -> None:
    with pytest.raises(NotAllowed):
        backup(evening.db, evening.folder / "comptoir.db")
    with pytest.raises(NotAllowed):
        backup(evening.db, evening.folder / "stations")
    assert count(evening.db, Item) > 0


def damaged(file: Path, tmp_path: Path) -> Iterator[Path]:
    whole, rng = file.read_bytes(), random.Random(5)
    for number, length in enumerate((0, 1, 15, 16, 99, 100, 4096, len(whole) // 2, len(whole) - 1)):
        cut = tmp_path / f"cut-{number}"
        cut.write_bytes(whole[:length])
        yield cut
    noise = tmp_path / "noise"
    noise.write_bytes(rng.randbytes(len(whole)))
    yield noise
    holed = tmp_path / "holed"
    holed.write_bytes(whole[:8192] + bytes(4096 * 20) + whole[8192 + 4096 * 20 :])
    yield holed
    other = tmp_path / "other"
    with sqlite3.connect(other) as opened:
        opened.execute("CREATE TABLE item (id INTEGER PRIMARY KEY)")
    yield other
    yield tmp_path / "missing"
    yield tmp_path


def test_anything_else_is_refused_and_changes_nothing(evening: AnEvening, tmp_path: Path) -> None:
    backup(evening.db, tmp_path / "one.backup")
    before = content(evening.db)
    for file in (*damaged(tmp_path / "one.backup", tmp_path), evening.folder / "comptoir.db"):
        with pytest.raises(NotABackup):
            restore(evening.db, file, force=True)
    assert content(evening.db) == before


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A later version of Comptoir, whose migration changes something, until undone."""
    folder = tmp_path / "migrations"
    shutil.copytree(databases.MIGRATIONS, folder)
    (folder / "versions" / "9999_later.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '9999', '{databases.revisions()[-1]}'\n"
        "def upgrade():\n    op.execute(\"UPDATE item SET family = 'later'\")\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(databases, "MIGRATIONS", folder)
        yield patch


def test_an_older_backup_is_brought_up_to_date(
    evening: AnEvening, tmp_path: Path, newer: pytest.MonkeyPatch
) -> None:
    newer.undo()
    later = tmp_path / "migrations"
    backup(evening.db, tmp_path / "one.backup")
    newer.setattr(databases, "MIGRATIONS", later)
    restored = elsewhere(tmp_path)
    restore(restored, tmp_path / "one.backup")
    with restored.reading() as session:
        assert set(session.scalars(select(Item.family))) == {"later"}
    assert databases.current_revision(restored) == "9999"
    restored.close()


def test_a_newer_backup_is_refused(
    evening: AnEvening, tmp_path: Path, newer: pytest.MonkeyPatch
) -> None:
    databases.migrate(evening.db)
    backup(evening.db, tmp_path / "one.backup")
    newer.undo()
    with pytest.raises(NotABackup, match="newer"):
        restore(elsewhere(tmp_path), tmp_path / "one.backup")


@pytest.mark.postgres
def test_from_one_engine_to_the_other_and_back(
    evening: AnEvening, tmp_path: Path, postgres_url: str
) -> None:
    with evening.db.writing() as session:  # the only table with fractions
        item = session.scalars(select(Item.id).order_by(Item.id)).first()
        figures = {"daily": 1 / 3, "spread": 2.5, "computed_on": days.today()}
        session.add(ItemLevel(item_id=item, reorder_point=5, order_up_to=9, **figures))
    backup(evening.db, tmp_path / "one.backup")
    here = elsewhere(tmp_path)
    restore(here, tmp_path / "one.backup")
    there = Database(postgres.create(postgres_url))
    restore(there, tmp_path / "one.backup")
    assert content(there) == content(here)
    with pytest.raises(DatabaseNotEmpty):
        restore(there, tmp_path / "one.backup")
    restore(there, tmp_path / "one.backup", force=True)
    backup(there, tmp_path / "two.backup")
    back = Database(sqlite_url(tmp_path / "back.db"))
    restore(back, tmp_path / "two.backup")
    assert content(back) == content(here)
    with there.writing() as session:  # numbers go on after the highest
        highest = session.scalar(select(func.max(Place.id)))
        place = Place(code="NEW", name="new", kind=PlaceKind.STORE, channel="")
        session.add(place)
        session.flush()
        assert place.id == (highest or 0) + 1
    for db in (here, there, back):
        db.close()


@pytest.mark.postgres
def test_postgresql_keeps_no_read_and_no_order_in_its_tables(
    evening: AnEvening, tmp_path: Path, postgres_url: str
) -> None:
    """Its log (pg_wal) is another matter: see docs/anonymity.md."""
    from inventory.counter import shifts
    from web import reads

    backup(evening.db, tmp_path / "one.backup")
    db = Database(postgres.create(postgres_url))
    restore(db, tmp_path / "one.backup")
    at, ids = evening.counters[0].at, [evening.new_id() for _ in range(40)]
    codes = [article.code for article in evening.articles]
    for number, id_ in enumerate(ids):
        moment = (at + timedelta(seconds=number)).isoformat()
        raw = [{"id": str(id_), "code": codes[number % len(codes)], "at": moment}]
        assert reads.record(db, station="CLIP", raw_reads=raw, language="fr")
    with db.writing() as session:
        shifts.close_station(session, station="CLIP", secret=evening.secret)
    assert len(_transactions(db)) > 1
    assert db.forget_erased()
    assert len(_transactions(db)) == 1
    with db.engine.connect() as connection:
        own = connection.execution_options(isolation_level="AUTOCOMMIT")
        own.exec_driver_sql("CHECKPOINT")
    files = Path(str(db.url.query["host"])) / "data" / "base"
    held = [path.read_bytes() for path in files.rglob("*") if path.is_file()]
    assert len(held) > 100
    assert not [
        id_ for id_ in ids for data in held if id_.bytes in data or str(id_).encode() in data
    ]
    db.close()


def _transactions(db: Database) -> set[str]:
    """The transactions that wrote the balances: their numbers are the order in which things were last handed out."""
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT DISTINCT xmin::text FROM balance")
        return {row[0] for row in rows}
