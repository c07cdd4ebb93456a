"""Timed jobs: the note that one ran is part of its work, so it ran wholly or not at all, and once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import outbox
from inventory.database import Database
from inventory.tables import JobRun, Mail
from web.jobs import AGAIN, WEEKLY, Job, run_due

from . import house

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
MINUTE = timedelta(minutes=1)


def tell(session: Session, now: datetime) -> None:
    outbox.queue(session, recipients=["a@example.org"], subject="x", body="x", now=now)


def told(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Mail)) or 0


def test_a_run_that_ends_half_way_never_began(database: Database) -> None:
    healthy = False

    def work(session: Session, now: datetime) -> None:
        tell(session, now)
        if not healthy:
            raise OSError("disk")

    job, failed = Job("daily", timedelta(days=1), work, at=time(6)), {}  # type: ignore[var-annotated]
    assert run_due(database, NOW, [job], failed) == [] and told(database) == 0
    with database.reading() as session:
        assert session.get(JobRun, "daily") is None
    healthy = True
    assert run_due(database, NOW + AGAIN - MINUTE, [job], failed) == []
    assert run_due(database, NOW + AGAIN, [job], failed) == ["daily"] and told(database) == 1
    # Its clock was wrong when it failed: nobody waits for that either.
    healthy = False
    run_due(database, NOW + timedelta(days=400), [job], failed)
    healthy = True
    assert run_due(database, NOW + timedelta(days=1), [job], failed) == ["daily"]


@pytest.mark.race
@pytest.mark.parametrize("of_one_moment", [False, True])
@pytest.mark.parametrize("ran_before", [False, True])
def test_of_many_workers_one_runs_it(
    database: Database, ran_before: bool, of_one_moment: bool
) -> None:
    if ran_before:
        with database.writing() as session:
            session.add(JobRun(name="hourly", last_run_at=NOW - timedelta(hours=2)))
    barrier = Barrier(6)

    def run(number: int) -> list[str]:
        barrier.wait(60)
        job = Job("hourly", timedelta(hours=1), tell, of_one_moment=of_one_moment)
        return run_due(database, NOW, [job])

    with ThreadPoolExecutor(6) as pool:
        ran = list(pool.map(run, range(6)))
    assert sorted(ran) == [[]] * 5 + [["hourly"]] and told(database) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("of_one_moment", [False, True])
def test_what_compares_tables_sees_one_moment(
    fresh_postgres: house.Fresh, of_one_moment: bool
) -> None:
    with fresh_postgres() as database, ThreadPoolExecutor(1) as elsewhere:
        seen = []

        def look_twice(session: Session, now: datetime) -> None:
            for _ in range(2):
                seen.append(session.scalar(select(func.count()).select_from(Mail)))
                elsewhere.submit(database.write, lambda other: tell(other, now)).result(60)

        job = Job("looks", timedelta(days=1), look_twice, of_one_moment=of_one_moment)
        assert run_due(database, NOW, [job]) == ["looks"]
        assert seen == ([0, 0] if of_one_moment else [0, 1])


def test_once_a_week_waits_for_its_day_and_for_whatever_holds_it(sqlite_database: Database) -> None:
    held = True
    job = Job("weekly", WEEKLY, tell, at=time(9), weekday=0, held=lambda session, now: held)
    monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
    held = False
    assert run_due(sqlite_database, NOW, [job]) == [] and job.next_after(NOW, NOW) == monday
    held = True
    assert run_due(sqlite_database, monday, [job]) == []
    held = False
    assert job.next_after(NOW, monday + 20 * MINUTE) == monday + 20 * MINUTE
    assert run_due(sqlite_database, monday + timedelta(days=2), [job]) == ["weekly"]
    assert run_due(sqlite_database, monday + timedelta(days=6), [job]) == []
    assert run_due(sqlite_database, monday + timedelta(days=7), [job]) == ["weekly"]
