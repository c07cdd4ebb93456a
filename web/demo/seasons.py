"""What makes one day busier than another: holidays, the season, the week, and the days after people are paid."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)
"""Days from Easter Sunday to Easter Monday, Ascension and Whit Monday."""

PAID_UNTIL, SHORT_FROM = 5, 22
"""Days of the month: money came with the first of it, and is gone towards its end."""


@cache
def holidays(year: int) -> frozenset[date]:
    """The ten public holidays of Belgium (law of 4 January 1974, royal decree of 18 April 1974)."""
    sunday = easter(year)
    moving = (sunday + timedelta(days=days) for days in _AFTER_EASTER)
    return frozenset({*(date(year, month, day) for month, day in _FIXED), *moving})


def easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian computus.

    >>> easter(2026), easter(2027)
    (datetime.date(2026, 4, 5), datetime.date(2027, 3, 28))
    """
    golden, century = year % 19, year // 100
    leap, of_century = century // 4, year % 100
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    return day in holidays(day.year)


def season(day: date, swing: float) -> float:
    """About one over the year: a winter more by `swing`, a summer less by as much; negative where summer is busier."""
    since_january = (day - date(day.year, 1, 15)).days
    return 1 + swing * math.cos(2 * math.pi * since_january / 365.25)


def money(day: date) -> float:
    """About one over the month: more while money lasts, less before the next comes."""
    if day.day <= PAID_UNTIL:
        return 1.25
    return 0.88 if day.day >= SHORT_FROM else 1.0
