"""Suppliers: the days on which they take orders, and when what was ordered comes.

Rules but for the end of the file. Days are those of the calendar in Brussels, not service days: a supplier's day begins
at midnight.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from inventory import days
from inventory.errors import ComptoirError, NotOnTheLists
from inventory.messages import Message
from inventory.tables import Purchase, PurchaseArrival, Supplier

PRIOR_DELIVERIES = 4
"""How many deliveries the configured lead time weighs as much as."""

LATEST_DELIVERIES = 12
"""How many are learned from: a supplier changes."""

MAX_RULE = 60
"""Characters of a rule, as the table keeps it."""

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

# As people write them, whole or in three letters: English, French, Dutch. Not in two: "ma" is Tuesday to some and
# Monday to others.
_WORDS = """
    mon monday lun lundi maa maandag
    tue tuesday mar mardi din dinsdag
    wed wednesday mer mercredi woe woensdag
    thu thursday jeu jeudi don donderdag
    fri friday ven vendredi vri vrijdag
    sat saturday sam samedi zat zaterdag
    sun sunday dim dimanche zon zondag
"""
_WEEKDAY_OF = {
    word: weekday for weekday, line in enumerate(_WORDS.split("\n")[1:8]) for word in line.split()
}
_REVIEW_DAY = re.compile(r"([a-z]+)\.?([1-5]?)", re.IGNORECASE)


class NotAReview(ComptoirError):
    """The text is no rule of `Review`."""

    code = "not_a_review"


@dataclass(frozen=True, slots=True)
class Review:
    """The days on which a supplier takes orders: weekdays (Monday is 0), each with 1 to 5 for the first to fifth of a
    month or 0 for all of them. No days at all: any day will do."""

    days: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Review:
        """Raises NotAReview.

        >>> str(Review.parse("VEN3, FRI1")), str(Review.parse("")), str(Review.parse("jeudi mardi"))
        ('FRI1 FRI3', '', 'TUE THU')
        """
        found: set[tuple[int, int]] = set()
        for word in re.split(r"[\s,]+", text.strip()) if text.strip() else ():
            read = _REVIEW_DAY.fullmatch(word)
            weekday = _WEEKDAY_OF.get(read[1].lower()) if read else None
            if read is None or weekday is None:
                raise NotAReview(
                    Message(
                        "“%(word)s” is no day on which orders are taken: write FRI for every Friday, "
                        "or FRI1 FRI3 for the first and third of the month.",
                        word=word[:20],
                    )
                )
            found.add((weekday, int(read[2] or 0)))
        # Where every Friday is, the first of them says nothing more.
        review = cls(tuple(sorted(one for one in found if one[1] == 0 or (one[0], 0) not in found)))
        if len(str(review)) > MAX_RULE:
            raise NotAReview(Message("These are too many days: name the weekdays alone."))
        return review

    def takes(self, day: date) -> bool:
        """Whether it is such a day, whatever is closed."""
        nth = (day.day + 6) // 7
        return not self.days or any((day.weekday(), n) in self.days for n in (0, nth))

    def __str__(self) -> str:
        return " ".join(f"{WEEKDAYS[weekday]}{nth or ''}" for weekday, nth in self.days)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


Closed = Collection[Period]
"""When a supplier neither takes orders nor delivers."""


def next_review(rule: Review, closed: Closed, cutoff_hour: int, now: datetime) -> date:
    """The first day on which an order made at this moment is taken: today only before the hour (24: all day)."""
    clock = days.local(now)
    first = clock.date() + timedelta(days=clock.hour >= cutoff_hour)
    return next(day for day in _open_days(first, closed) if rule.takes(day))


def following_review(rule: Review, closed: Closed, after: date) -> date:
    """The first day after this one on which orders are taken."""
    first = after + timedelta(days=1)
    return next(day for day in _open_days(first, closed) if rule.takes(day))


def expected(ordered: date, lead_days: int, closed: Closed) -> date:
    """The day a delivery comes: so many days after the order, of which those in a closed period do not count.

    An order sent while it is closed is found on the day it opens again.
    """
    return next(islice(_open_days(ordered, closed), lead_days, None))


def days_taken(ordered: date, arrived: date, closed: Closed) -> int:
    """How long a delivery took, by the same count as `expected`; 0 where it was there before the order."""
    span = (ordered + timedelta(days=n) for n in range((arrived - ordered).days + 1))
    return max(0, sum(not _is_closed(day, closed) for day in span) - 1)


def learned_lead(configured: int, taken: Collection[int]) -> float:
    """Days from order to delivery, from what was configured and what deliveries took (`days_taken`).

    >>> learned_lead(10, []), learned_lead(10, [20, 20, 20, 20])
    (10.0, 15.0)
    """
    return (PRIOR_DELIVERIES * configured + sum(taken)) / (PRIOR_DELIVERIES + len(taken))


def _open_days(first: date, closed: Closed) -> Iterator[date]:
    """Never ends before the calendar does, so there is always a next one."""
    day = first
    while True:
        if not _is_closed(day, closed):
            yield day
        day += timedelta(days=1)


def _is_closed(day: date, closed: Iterable[Period]) -> bool:
    return any(day in period for period in closed)


# What is kept of suppliers


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the rules of a supplier make of this moment."""

    review: date
    """The day on which an order made now is taken."""
    following: date
    """The next one after that: until then nothing more can be ordered."""
    expected: date
    """When an order of the first comes."""
    lead_days: int
    """How long that takes, as far as its deliveries have taught."""


def all_suppliers(session: Session) -> list[Supplier]:
    """By name, with their closed periods."""
    wanted = select(Supplier).options(selectinload(Supplier.closed)).order_by(Supplier.name)
    return list(session.scalars(wanted))


def supplier(session: Session, *, name: str) -> Supplier:
    """By its name, without regard to capitals. Raises NotOnTheLists."""
    # Capitals beyond ASCII are the database's own business, so they are compared here; suppliers are few.
    wanted = " ".join(name.split()).casefold()
    for found in session.scalars(select(Supplier).order_by(Supplier.id)):
        if found.name.casefold() == wanted:
            return found
    raise NotOnTheLists(Message("Supplier"), name)


def closed_periods(supplier: Supplier) -> list[Period]:
    return [Period(row.first, row.last) for row in supplier.closed]


def schedule(supplier: Supplier, *, now: datetime, taken: Collection[int] = ()) -> Schedule:
    """`taken`: the days that past deliveries took (`deliveries`)."""
    rule, closed = Review.parse(supplier.review), closed_periods(supplier)
    review = next_review(rule, closed, supplier.cutoff_hour, now)
    lead = round(learned_lead(supplier.lead_days, taken))
    following = following_review(rule, closed, review)
    return Schedule(review, following, expected(review, lead, closed), lead)


def deliveries(session: Session) -> dict[int, list[int]]:
    """By number of the supplier, the days that its latest deliveries took: from the day on which it took the order to
    the first of it that came.

    What came before it was sent says that a clock was wrong, and nothing of the supplier.
    """
    first = func.min(PurchaseArrival.day)
    rows = session.execute(
        select(Purchase.supplier_id, Purchase.taken_on, first)
        .join(PurchaseArrival, PurchaseArrival.purchase_id == Purchase.id)
        .group_by(Purchase.id, Purchase.supplier_id, Purchase.sent_on, Purchase.taken_on)
        .having(first >= Purchase.sent_on)
        .order_by(first.desc(), Purchase.id.desc())
    ).all()
    closed = {one.id: closed_periods(one) for one in all_suppliers(session)} if rows else {}
    found: dict[int, list[int]] = defaultdict(list)
    for supplier_id, ordered, arrived in rows:
        if ordered is not None and len(found[supplier_id]) < LATEST_DELIVERIES:
            found[supplier_id].append(days_taken(ordered, arrived, closed[supplier_id]))
    return found
