"""Timed jobs: when each is due, and that it runs once.

What is due is decided by rows: the last run of a job is one, written in the transaction of its work. So a run that was
missed while the machine was off is caught up once, a run that was killed half-way never began, and two workers by
mistake do nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from inventory import days
from inventory.database import Database
from inventory.tables import JobRun

DAILY, WEEKLY = timedelta(days=1), timedelta(days=7)

AGAIN = timedelta(minutes=10)
"""After which a job that failed is tried once more, where it is still due."""

_MOMENT = timedelta(microseconds=1)

log = logging.getLogger("comptoir.worker")

Work = Callable[[Session, datetime], bool | None]
"""Part of a transaction, which may be run again: nothing but the database is touched. True where something was erased
that no file is to keep."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due again `every` so often; at an hour of Brussels, where `at` says which, of each day or of one
    `weekday` (Monday is 0)."""

    name: str
    every: timedelta
    work: Work
    at: time | None = None
    weekday: int | None = None
    held: Callable[[Session, datetime], bool] | None = None
    """It waits as long as this says so, and runs then."""
    of_one_moment: bool = False
    """It compares many tables (see `Database.write`)."""

    def due_before(self, now: datetime) -> datetime:
        """It is due where its last run was before this moment: a run that was missed is caught up once."""
        return now - self.every if self.at is None else self._latest(now) - _MOMENT

    def is_due(self, last: datetime, now: datetime) -> bool:
        # A last run in the future was written while the clock was wrong: waiting for it could take years.
        return last <= self.due_before(now) or last > now + self.every

    def next_after(self, last: datetime | None, now: datetime) -> datetime:
        """When it runs next, unless it is held then."""
        if last is None and self.weekday is None:
            return now
        if last is not None and self.is_due(last, now):
            return now
        if self.at is None:
            return (last or now) + self.every
        return self.following(now)

    def following(self, now: datetime) -> datetime:
        """Its first moment after this one; of a job that has an hour."""
        today = days.local(now).date()
        moments = (
            self._on(today + timedelta(days=n)) for n in range(9) if self._falls_on(today, n)
        )
        return next(moment for moment in moments if moment > now)

    def _latest(self, now: datetime) -> datetime:
        today = days.local(now).date()
        moments = (
            self._on(today - timedelta(days=n)) for n in range(9) if self._falls_on(today, -n)
        )
        return next(moment for moment in moments if moment <= now)

    def _falls_on(self, today: date, later: int) -> bool:
        return self.weekday in (None, (today + timedelta(days=later)).weekday())

    def _on(self, day: date) -> datetime:
        """Its moment of a day, in UTC: where the clock changes, the same hour is not always as far away. One that is
        there twice is the first of the two; one that is not there is as much later."""
        assert self.at is not None
        return datetime.combine(day, self.at, days.ZONE).astimezone(UTC)


def run_due(
    database: Database,
    now: datetime,
    jobs: Iterable[Job],
    failed: dict[str, datetime] | None = None,
) -> list[str]:
    """Run each job that is due and that no other worker took; their names. `failed`: when each that failed did so,
    which the caller keeps from one time to the next."""
    failed = {} if failed is None else failed
    done = []
    for job in jobs:
        if timedelta(0) <= now - failed.get(job.name, now - AGAIN) < AGAIN:
            continue
        try:
            if _run(database, job, now):
                done.append(job.name)
            failed.pop(job.name, None)
        except Exception:
            log.exception("Job %s failed; it is tried again.", job.name)
            failed[job.name] = now
    return done


def at_once(database: Database, work: Work, now: datetime) -> None:
    """Work that is no job of a timetable."""
    if database.write(lambda session: work(session, now)):
        database.forget_erased()


def _run(database: Database, job: Job, now: datetime) -> bool:
    """Whether it ran."""
    with database.reading() as session:
        row = session.get(JobRun, job.name)
        if row is not None and not job.is_due(row.last_run_at, now):
            return False
        if job.held is not None and job.held(session, now):
            return False

    def work(session: Session) -> tuple[bool, bool]:
        return (True, bool(job.work(session, now))) if _claim(session, job, now) else (False, False)

    ran, erased = database.write(work, of_one_moment=job.of_one_moment)
    if erased:
        database.forget_erased()
    return ran


def _claim(session: Session, job: Job, now: datetime) -> bool:
    """Take the job by moving its last run to now: only one worker finds it still due, and others wait until this one
    has committed. What comes once a week waits for its day the first time, too."""
    if session.get(JobRun, job.name) is None:
        session.add(JobRun(name=job.name, last_run_at=now))
        session.flush()
        return job.weekday is None
    taken = session.scalar(
        update(JobRun)
        .where(
            JobRun.name == job.name,
            # As `Job.is_due` has it.
            or_(JobRun.last_run_at <= job.due_before(now), JobRun.last_run_at > now + job.every),
        )
        .values(last_run_at=now)
        .returning(JobRun.name)
    )
    return taken is not None


def planned(
    session: Session, jobs: Iterable[Job], *, now: datetime
) -> list[tuple[str, datetime | None, datetime]]:
    """Every job with its last and next run."""
    last = last_runs(session)
    return [(job.name, last.get(job.name), job.next_after(last.get(job.name), now)) for job in jobs]


def last_runs(session: Session) -> dict[str, datetime]:
    return {row.name: row.last_run_at for row in session.scalars(select(JobRun))}
