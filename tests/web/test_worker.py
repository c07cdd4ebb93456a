"""The timed jobs: what is due is decided by rows, and by nothing that a restart forgets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days
from inventory.counter import sheets, shifts
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database, sqlite_url
from inventory.kits import recipe
from inventory.tables import Item, ItemLevel, JobRun, Move, Setting, Shift
from inventory.words import HANDED_OUT
from labels.house import Kind, house_code
from tests import templates
from web import reads
from web.jobs import Job, run_due
from web.mail_settings import Mailing
from web.worker import jobs, run_all_due

JOBS = jobs(Mailing())
SIX_HOURS = shifts.IDLE + timedelta(minutes=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(sqlite_url(templates.example(tmp_path / "comptoir.db")))) as database:
        yield database


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
    run_due(database, days.now() + shifts.IDLE - timedelta(minutes=10), JOBS)
    assert open_places(database) == ["CLIP"]
    run_due(database, days.now() + SIX_HOURS, JOBS)
    assert open_places(database) == []
    with database.reading() as session:
        moved = session.scalars(select(Move.pieces).where(Move.to_id == HANDED_OUT)).all()
        assert moved == [1]
        assert session.scalars(select(Shift.station_id)).all() == [None]


def test_a_van_that_is_quiet_is_only_away(database: Database) -> None:
    hand_out(database, "MEDIBUS")
    run_due(database, days.now() + SIX_HOURS, JOBS)
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


def at_night(hour: int, minute: int = 30) -> tuple[Job, list[datetime]]:
    runs: list[datetime] = []
    job = Job("night", timedelta(days=1), lambda _, now: runs.append(now), at=time(hour, minute))
    return job, runs


@pytest.mark.parametrize(("first", "nights"), [("2026-03-27", 5), ("2026-10-23", 5)])
@pytest.mark.parametrize("hour", [1, 2, 3, 4])
def test_once_a_night_whatever_the_clock_does(
    database: Database, first: str, nights: int, hour: int
) -> None:
    """Ticked every ten minutes over both changes, also at an hour that is not there or comes twice."""
    job, runs = at_night(hour)
    start = datetime.fromisoformat(f"{first}T12:00").replace(tzinfo=days.ZONE).astimezone(UTC)
    database.write(lambda session: session.add(JobRun(name="night", last_run_at=start)))
    for tick in range(nights * 24 * 6):
        run_due(database, start + timedelta(minutes=10 * tick), (job,))
    assert [days.local(run).date().day for run in runs] == [
        (start + timedelta(days=n)).day for n in range(1, nights + 1)
    ]
    assert {days.local(run).hour for run in runs} <= {hour, hour + 1}


def test_a_night_that_was_missed_is_caught_up_once(database: Database) -> None:
    job, runs = at_night(4)
    start = datetime(2026, 11, 20, 12, tzinfo=UTC)
    run_due(database, start, (job,))
    back = start + timedelta(days=3)
    assert job.next_after(start, back) == back
    for minute in range(3):
        run_due(database, back + timedelta(minutes=minute), (job,))
    assert runs == [start, back]
    assert job.next_after(back, back) == datetime(2026, 11, 24, 3, 30, tzinfo=UTC)


def test_a_clock_that_was_wrong_is_not_waited_for(database: Database) -> None:
    job, runs = at_night(4)
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    run_due(database, now + timedelta(days=4000), (job,))
    run_due(database, now, (job,))
    run_due(database, now + timedelta(minutes=1), (job,))
    assert runs[1:] == [now]


def test_a_job_that_another_worker_ran_meanwhile_is_not_run_for_a_day_that_is_over(
    database: Database,
) -> None:
    """A worker is kept from running for days between two jobs: asleep with its machine, say."""
    began = days.now()
    awake = began + timedelta(days=3)
    worked: list[datetime] = []

    def sleep(session: Session, now: datetime) -> None:
        context.enter_context(days.played_at(awake))
        session.add(JobRun(name="drafts", last_run_at=awake - timedelta(seconds=1)))

    def draft(session: Session, now: datetime) -> None:
        worked.append(now)

    both = Job("sleeps", timedelta(hours=1), sleep), Job("drafts", timedelta(days=1), draft)
    with ExitStack() as context:
        context.enter_context(days.played_at(began))
        run_all_due(database, both, {}, threading.Event())
    assert worked == []


def test_no_job_begins_once_the_worker_is_to_stop(database: Database) -> None:
    stopping, worked = threading.Event(), []

    def work(_session: Session, now: datetime) -> None:
        worked.append(now)
        stopping.set()

    both = [Job(name, timedelta(hours=1), work) for name in ("first", "second")]
    run_all_due(database, both, {}, stopping)
    assert len(worked) == 1


def test_the_night_computes_levels(database: Database) -> None:
    """By the suppliers of the example: what was taken last week is what is ordered for."""
    now = datetime(2026, 11, 21, 3, 31, tzinfo=UTC)
    with database.writing() as session:
        secret = session.get_one(Setting, SECRET).value
        for back in range(1, 8):
            sheet = Sheet(uuid4(), "CLIP", date(2026, 11, 21 - back), items={"KIT-INJ": 20})
            sheets.record_sheet(session, sheet=sheet, secret=secret, now=now)
    assert "compute-levels" in run_due(database, now, JOBS)
    with database.reading() as session:
        found = {row.item.code: row for row in session.scalars(select(ItemLevel))}
        water = found["EAU5"]
        assert water.daily == pytest.approx(20 * pieces_in(session, "KIT-INJ", "EAU5"))
        assert 0 < found["KIT-INJ"].reorder_point < found["KIT-INJ"].order_up_to
        assert water.order_up_to > 17 * water.daily


def pieces_in(session: Session, kit: str, item: str) -> int:
    lines = recipe(session, kit=catalogue.item(session, kit)).lines
    return sum(line.pieces for line in lines if line.item.code == item)


def test_a_job_that_fails_stops_no_other(database: Database) -> None:
    def fail(_: Session, now: datetime) -> None:
        raise OSError("disk")

    assert run_due(database, days.now(), (Job("fails", timedelta(hours=1), fail), *JOBS)) == [
        job.name for job in JOBS if job.weekday is None
    ]
