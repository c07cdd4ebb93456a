"""The timed jobs, for administrators: when each ran last and runs next, and whether a worker is there to run them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_datetime
from flask import Blueprint, render_template

from inventory import days
from inventory.messages import Message
from web import access, language
from web.i18n import LOCALES
from web.postman import SEND_MAIL

bp = Blueprint("jobs", __name__)

NAMES = {
    "close-idle-shifts": Message("Close what stayed open at a counter"),
    "forget-old": Message("Forget what is too old to keep"),
    "compute-levels": Message("Work out the levels"),
    "draft-orders": Message("Draft the orders of the day"),
    "tell-recalls": Message("Tell of lots on hold"),
    "tell-at-once": Message("Tell of essentials that run out"),
    "weekly-digest": Message("Send the digest of the week"),
    SEND_MAIL: Message("Send mail"),
}

LATE = timedelta(minutes=10)
"""What is due for so long nobody runs."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A job as the page shows it."""

    name: str
    says: Message
    last: str | None
    next: str | None
    late: bool


@bp.get("/jobs")
def page() -> str:
    """Every timed job, in the order in which a worker runs them."""
    # APScheduler comes with it, which no other page needs.
    from web.worker import timetable

    now, mailing = days.now(), access.mailing()
    with access.database().reading() as session:
        found = timetable(session, mailing, now=now)
    rows = [
        Timed(name, NAMES[name], _clock(last), _clock(due), _is_late(name, last, due, now))
        for name, last, due in found
    ]
    return render_template("jobs.html", jobs=rows, mailing=mailing, idle=_nobody_works(rows))


def _is_late(name: str, last: datetime | None, due: datetime | None, now: datetime) -> bool:
    """Due, and not run since it was; mail that waits for its server is not."""
    if name == SEND_MAIL or due is None:
        return False
    return due <= now and (last is None or now - last > LATE)


def _nobody_works(rows: Sequence[Timed]) -> bool:
    """Whether no worker runs: what is due every five minutes was not run."""
    return any(row.late for row in rows if row.name in ("close-idle-shifts", "tell-recalls"))


def _clock(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return format_datetime(days.local(moment), "short", locale=LOCALES[language.current()])
