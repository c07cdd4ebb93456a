"""`comptoir worker`: the timed jobs, and the outbox. APScheduler is only the timer; see `web.jobs`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from time import monotonic
from time import time as epoch

from apscheduler.job import Job as Tick
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session

from inventory import days, levels, order_days, outbox, printing, sign_ins, telling
from inventory.counter import joining, shifts
from inventory.database import SECRET, Database
from inventory.days import service_day
from inventory.tables import Setting
from web import alert_mail
from web.i18n import say
from web.jobs import DAILY, WEEKLY, Job, last_runs, planned, run_due
from web.mail_settings import Mailing
from web.postman import SEND_MAIL, Postman
from web.settings import terminal_language
from web.signals import ToldToStop

TICK_S = 20

WATCH_S = 1.0
"""How often the clock is looked at, and how far it may run away from the machine's own in between."""

STALE = timedelta(minutes=1)
"""So long the jobs of one tick may take it for now."""

STOP_WITHIN_S = 5
"""How long a mail that is on its way may take once the worker is told to stop. What does not get through in time is as
good as killed (see `inventory.outbox`)."""

NIGHT = time(4, 30)
"""Nobody is served, and neither change of the clock falls on it."""

log = logging.getLogger("comptoir.worker")


def close_idle_shifts(session: Session, now: datetime) -> bool:
    """A counter nobody closed closes itself six hours after its last read."""
    secret = session.get_one(Setting, SECRET).value
    return bool(shifts.close_all(session, shifts.idle_shifts(session, now=now), secret, at=now))


def forget_old(session: Session, now: datetime) -> bool:
    """What is too old to be of use goes: hashes of reads after thirteen months, sign-ins that ended."""
    shifts.forget_old_reads(session, today=service_day(now))
    joining.forget_closings(session, now=now)
    printing.forget(session, today=service_day(now))
    sign_ins.forget_ended(session, today=service_day(now))
    outbox.forget(session, today=days.local(now).date())
    # Also the second try for a closing whose write-ahead log a long reader held back.
    return True


def compute_levels(session: Session, now: datetime) -> None:
    """When and how much is to be ordered, from what was taken until yesterday."""
    levels.nightly(session, now=now)


def jobs(mailing: Mailing) -> tuple[Job, ...]:
    """All of them, at the hours that the service sets."""

    def draft_orders(session: Session, now: datetime) -> None:
        order_days.draft_due(session, now=now, next_run=drafting.following(now))

    def tell_recalls(session: Session, now: datetime) -> None:
        alert_mail.tell_recalls(session, mailing=mailing, now=now)

    def tell_at_once(session: Session, now: datetime) -> None:
        alert_mail.tell_at_once(session, mailing=mailing, now=now)

    def tell_digest(session: Session, now: datetime) -> None:
        alert_mail.tell_digest(session, mailing=mailing, now=now)

    def silent(session: Session, now: datetime) -> bool:
        return telling.silent(session, now=now, quiet=mailing.quiet)

    drafting = Job("draft-orders", DAILY, draft_orders, at=mailing.draft.at, of_one_moment=True)
    digest = mailing.digest
    return (
        Job("close-idle-shifts", timedelta(minutes=5), close_idle_shifts),
        Job("forget-old", timedelta(hours=1), forget_old),
        Job("compute-levels", DAILY, compute_levels, at=NIGHT, of_one_moment=True),
        drafting,
        Job("tell-recalls", timedelta(minutes=5), tell_recalls),
        # Not more often: a message that goes out with a hand-out would be its clock.
        Job("tell-at-once", timedelta(hours=1), tell_at_once, of_one_moment=True),
        Job(
            "weekly-digest",
            WEEKLY,
            tell_digest,
            at=digest.at,
            weekday=digest.weekday,
            held=silent,
            of_one_moment=True,
        ),
    )


def run_all_due(
    database: Database,
    all_jobs: Iterable[Job],
    failed: dict[str, datetime],
    stopping: threading.Event,
) -> None:
    """Every job that is due until it is to stop, in their order, all at one time: levels are computed once what lies
    open is closed.

    Where that time is past, the next tick goes on: a worker that slept on its way would find that another has run a job
    since, take that for a clock that was wrong, and do the work of a day that is over.
    """
    now = days.now()
    for job in all_jobs:
        if stopping.is_set() or abs(days.now() - now) > STALE:
            return
        run_due(database, now, [job], failed)


def timetable(
    session: Session, mailing: Mailing, *, now: datetime
) -> list[tuple[str, datetime | None, datetime | None]]:
    """Every job with its last and next run, and the outbox, which has work whenever something is queued."""
    sent = last_runs(session).get(SEND_MAIL)
    due = outbox.next_due(session, ways=mailing.ways)
    return [*planned(session, jobs(mailing), now=now), (SEND_MAIL, sent, due)]


def work_forever(database: Database, mailing: Mailing) -> None:
    """Tick until told to stop. Raises SystemExit where the timer or a postman has died, for a worker that does half its
    work is none: whoever keeps it running starts it again."""
    told_to_stop, stopping, broken = ToldToStop(), threading.Event(), threading.Event()

    def note_death(death: threading.ExceptHookArgs) -> None:
        threading.__excepthook__(death)
        broken.set()

    threading.excepthook = note_death
    scheduler = BackgroundScheduler(timezone=days.ZONE)
    # No threads of the scheduler's: Python would wait for them at the end, however long a server takes.
    postmen = [
        threading.Thread(
            target=Postman(database, mailing, ways=[way]).run, args=[stopping], daemon=True
        )
        for way in mailing.ways
    ]
    failed: dict[str, datetime] = {}
    tick = scheduler.add_job(
        lambda: run_all_due(database, jobs(mailing), failed, stopping),
        "interval",
        seconds=TICK_S,
        next_run_time=days.now(),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    try:
        # Whoever was killed between closing a shift and erasing its traces left them behind.
        database.forget_erased()
        if not mailing.tells:
            log.warning("%s", say(alert_mail.NOBODY_IS_TOLD, terminal_language()))
        if told_to_stop.wait(0):
            return
        for postman in postmen:
            postman.start()
        scheduler.start()
        _watch_clock(tick, told_to_stop, broken)
    finally:
        stopping.set()
        if scheduler.running:
            scheduler.shutdown(wait=False)
        until = monotonic() + STOP_WITHIN_S
        for postman in postmen:
            if postman.is_alive():
                postman.join(max(0.0, until - monotonic()))
        database.close()


def _watch_clock(tick: Tick, told_to_stop: ToldToStop, broken: threading.Event) -> None:
    """Until told to stop: tick at once where somebody has set the clock, or the machine slept. The scheduler waits for
    the hour it knew, which may be a year away by now. Raises SystemExit where something is broken."""
    ahead = epoch() - monotonic()
    while not told_to_stop.wait(WATCH_S):
        if broken.is_set():
            log.error("A part of the worker has died: it ends, to be started again.")
            raise SystemExit(1)
        before, ahead = ahead, epoch() - monotonic()
        if abs(ahead - before) > WATCH_S:
            log.warning("The clock was set, or the machine slept: what is due runs now.")
            tick.modify(next_run_time=days.now())
