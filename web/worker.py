"""`comptoir worker`: the timed jobs.

APScheduler is only the timer. What is due is decided by rows: the last run of a job is one, so that a run missed while
the machine was off is caught up once, and two workers by mistake do nothing twice.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from inventory import days, levels, printing, sign_ins
from inventory.counter import joining, shifts
from inventory.database import SECRET, Database
from inventory.days import service_day
from inventory.tables import JobRun, Setting

TICK_S = 20

log = logging.getLogger("comptoir.worker")


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due again `every` so often; once a day, at an hour of Brussels, where `at` says which."""

    name: str
    every: timedelta
    work: Callable[[Database, datetime], None]
    at: time | None = None

    def due_before(self, now: datetime) -> datetime:
        """It is due where its last run was before this moment: a run that was missed is caught up once."""
        if self.at is None:
            return now - self.every
        today = days.local(now).date()
        latest = self._on(today)
        return (latest if latest <= now else self._on(today - timedelta(days=1))) - _MOMENT

    def next_after(self, last: datetime | None, now: datetime) -> datetime:
        """When it runs next."""
        if last is None or self.is_due(last, now):
            return now
        if self.at is None:
            return last + self.every
        today = days.local(now).date()
        latest = self._on(today)
        return latest if latest > now else self._on(today + timedelta(days=1))

    def _on(self, day: date) -> datetime:
        """Its moment of a day, in UTC: where the clock changes, the same hour is not always as far away."""
        assert self.at is not None
        return datetime.combine(day, self.at, days.ZONE).astimezone(UTC)

    def is_due(self, last: datetime, now: datetime) -> bool:
        # A last run in the future was written while the clock was wrong: waiting for it could take years.
        return last <= self.due_before(now) or last > now + self.every


_MOMENT = timedelta(microseconds=1)


def close_idle_shifts(database: Database, now: datetime) -> None:
    """A counter nobody closed closes itself six hours after its last read."""
    with database.writing() as session:
        secret = session.get_one(Setting, SECRET).value
        closed = shifts.close_all(session, shifts.idle_shifts(session, now=now), secret, at=now)
    if closed:
        database.forget_erased()


def forget_old(database: Database, now: datetime) -> None:
    """What is too old to be of use goes: hashes of reads after thirteen months, sign-ins that ended."""
    with database.writing() as session:
        shifts.forget_old_reads(session, today=service_day(now))
        joining.forget_closings(session, now=now)
        printing.forget(session, today=service_day(now))
        sign_ins.forget_ended(session, today=service_day(now))
    # Also the second try for a closing whose write-ahead log a long reader held back.
    database.forget_erased()


def compute_levels(database: Database, now: datetime) -> None:
    """When and how much is to be ordered, from what was taken until yesterday."""
    database.write(lambda session: levels.nightly(session, now=now))


NIGHT = time(4, 30)
"""Nobody is served, and neither change of the clock falls on it."""

JOBS = (
    Job("close-idle-shifts", timedelta(minutes=5), close_idle_shifts),
    Job("forget-old", timedelta(hours=1), forget_old),
    Job("compute-levels", timedelta(days=1), compute_levels, at=NIGHT),
)


def run_due(database: Database, now: datetime, jobs: tuple[Job, ...] = JOBS) -> list[str]:
    """Run each job that is due and that no other worker took; their names."""
    done = []
    for job in jobs:
        if database.write(lambda session, job=job: _claim(session, job, now)):  # type: ignore[misc]
            try:
                job.work(database, now)
                done.append(job.name)
            except Exception:
                log.exception("Job %s failed; it is tried again when next due.", job.name)
    return done


def _claim(session: Session, job: Job, now: datetime) -> bool:
    """Take the job by moving its last run to now: only one worker finds it still due."""
    if session.get(JobRun, job.name) is None:
        session.add(JobRun(name=job.name, last_run_at=now))
        session.flush()
        return True
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


def planned(session: Session) -> list[tuple[str, datetime | None, datetime]]:
    """Every job with its last and next run."""
    now, last = days.now(), {row.name: row.last_run_at for row in session.scalars(select(JobRun))}
    return [(job.name, last.get(job.name), job.next_after(last.get(job.name), now)) for job in JOBS]


def work_forever(database: Database) -> None:
    """Tick until told to stop."""
    # Whoever was killed between closing a shift and erasing its traces left them behind.
    database.forget_erased()
    scheduler = BlockingScheduler(timezone=days.ZONE)
    scheduler.add_job(
        lambda: run_due(database, days.now()),
        "interval",
        seconds=TICK_S,
        next_run_time=days.now(),
        max_instances=1,
        coalesce=True,
    )
    signal.signal(signal.SIGTERM, lambda *_: scheduler.shutdown(wait=False))
    try:
        scheduler.start()
    except KeyboardInterrupt:
        pass
    finally:
        database.close()
