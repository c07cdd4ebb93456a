"""The timed jobs: what is due is decided by rows, and by nothing that a restart forgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from inventory import days
from inventory.counter import shifts
from inventory.database import Database, open_database, sqlite_url
from inventory.tables import Item, Move, Shift
from inventory.words import HANDED_OUT
from labels.house import Kind, house_code
from web import reads
from web.example import load_example
from web.worker import JOBS, Job, run_due

SIX_HOURS = shifts.IDLE + timedelta(minutes=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(sqlite_url(tmp_path / "comptoir.db"))
    load_example(database)
    yield database
    database.close()


def hand_out(database: Database, station: str) -> None:
    with database.reading() as session:
        kit = session.scalars(select(Item.id).where(Item.code == "KIT-INJ")).one()
    read = {
        "id": str(uuid4()),
        "code": house_code(Kind.ITEM, kit),
        "at": days.now().isoformat(),
    }
    done = reads.record(database, station=station, raw_reads=[read], language="fr")
    assert done is not None and done.results[0]["status"] == "accepted"


def open_places(database: Database) -> list[str]:
    with database.reading() as session:
        return [shift.place.code for shift in shifts.open_shifts(session)]


def test_a_counter_nobody_closed_closes_itself_after_six_hours(database: Database) -> None:
    hand_out(database, "CLIP")
    run_due(database, days.now() + shifts.IDLE - timedelta(minutes=10))
    assert open_places(database) == ["CLIP"]
    run_due(database, days.now() + SIX_HOURS)
    assert open_places(database) == []
    with database.reading() as session:
        moved = session.scalars(select(Move.pieces).where(Move.to_id == HANDED_OUT)).all()
        assert moved == [1]
        assert session.scalars(select(Shift.station_id)).all() == [None]


def test_a_van_that_is_quiet_is_only_away(database: Database) -> None:
    hand_out(database, "MEDIBUS")
    run_due(database, days.now() + SIX_HOURS)
    assert open_places(database) == ["MEDIBUS"]


def test_two_workers_by_mistake_run_a_job_once(database: Database) -> None:
    runs: list[datetime] = []
    job = Job("test", timedelta(hours=1), lambda _, now: runs.append(now))
    now = days.now()
    assert run_due(database, now, (job,)) == ["test"]
    assert run_due(database, now + timedelta(seconds=1), (job,)) == []
    # Missed while the machine was off for a day: caught up once.
    assert run_due(database, now + timedelta(days=1), (job,)) == ["test"]
    assert run_due(database, now + timedelta(days=1, seconds=1), (job,)) == []
    assert len(runs) == 2


def test_a_job_that_fails_stops_no_other(database: Database) -> None:
    def fail(_: Database, now: datetime) -> None:
        raise OSError("disk")

    assert run_due(database, days.now(), (Job("fails", timedelta(hours=1), fail), *JOBS)) == [
        job.name for job in JOBS
    ]
