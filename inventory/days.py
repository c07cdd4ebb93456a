"""Service days: the Brussels date of a moment, days beginning at 05:00."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Brussels")
DAY_BEGINS = timedelta(hours=5)


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)


def service_day(moment: datetime) -> date:
    """The day a read belongs to.

    >>> service_day(datetime(2026, 11, 22, 2, 30, tzinfo=ZONE))
    datetime.date(2026, 11, 21)
    """
    # Wall-clock arithmetic on purpose: on the night of a clock change the day still begins when clocks show 05:00.
    return (local(moment).replace(tzinfo=None) - DAY_BEGINS).date()


def hour_of(epoch_s: int) -> int:
    """The hour clocks in Brussels show at a moment given in seconds since 1970."""
    return datetime.fromtimestamp(epoch_s, ZONE).hour


def clock(epoch_s: int) -> str:
    """What clocks in Brussels show at a moment given in seconds since 1970: hours and minutes."""
    return f"{datetime.fromtimestamp(epoch_s, ZONE):%H:%M}"


_played: ContextVar[datetime | None] = ContextVar("_played", default=None)


def now() -> datetime:
    return _played.get() or datetime.now(UTC)


@contextmanager
def played_at(moment: datetime) -> Iterator[None]:
    """What is done within is done at this moment: a history that is played, as `comptoir demo` does."""
    token = _played.set(moment)
    try:
        yield
    finally:
        _played.reset(token)


def today() -> date:
    return service_day(now())
