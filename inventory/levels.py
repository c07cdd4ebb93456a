"""Levels: when an item is ordered or made, and up to how many pieces.

The rule is that of a stock reviewed now and then (Silver, Pyke and Thomas, Inventory and Production Management in
Supply Chains, 4th edition, section 6.6): what is ordered at a review must last until what is ordered at the next one
has come, so the *reorder point* is the demand expected until then and a safety stock, and the *order-up-to level* is
that and the demand between two reviews.

Demand is a mean and a variance, so a kit's adds to its components' as often as they are in it; what each place takes is
taken for independent of the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import NormalDist

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import days, suppliers
from inventory.demand import History, histories
from inventory.errors import NotAllowed
from inventory.kits import Recipes
from inventory.messages import Message
from inventory.tables import Item, ItemLevel, Move, Supplier, SupplierItem
from inventory.words import HANDED_OUT

SERVICE_LEVEL = 0.95
"""Part of the times between two orders in which nothing is to run out."""

YEAR = 365

MOST_PIECES = 10_000_000
"""No level is above it: whoever needs more counts in boxes."""

LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Moments:
    """What a period takes: the mean in pieces, and the variance in pieces squared."""

    mean: float = 0.0
    variance: float = 0.0

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.mean + other.mean, self.variance + other.variance)

    def times(self, pieces: int) -> Moments:
        """That of what comes so many to one.

        >>> Moments(10, 4).times(3)
        Moments(mean=30, variance=36)
        """
        return Moments(self.mean * pieces, self.variance * pieces * pieces)


Engine = Callable[[History, date, date], Moments]
"""What a period, both ends included, is expected to take of one item at one place: to be replaced by a forecast."""


def mean_of_twelve_weeks(history: History, first: date, last: date) -> Moments:
    """Each open day takes what the known ones did on average, and differs from it as they did."""
    if not history.known:
        return Moments()
    taken, count = history.known.values(), len(history.known)
    total, squares = sum(taken), sum(pieces * pieces for pieces in taken)
    days = history.open_days(first, last)
    # Pieces are whole, so this loses nothing; the library's own way takes twenty times as long.
    return Moments(total / count * days, (count * squares - total * total) / count**2 * days)


@dataclass(frozen=True, slots=True)
class Period:
    """From a review to the day before the delivery that was ordered at the review after it."""

    first: date
    review: date
    """The review after it."""
    last: date


@dataclass(frozen=True, slots=True)
class Level:
    """Pieces: ordered at or below the first, up to the second."""

    reorder_point: int
    order_up_to: int


def level(until_delivery: Moments, until_review: Moments, service: float = SERVICE_LEVEL) -> Level:
    """The level of what must last until the delivery after next, reviewed as often as the second says.

    >>> level(Moments(100, 400), Moments(30, 120))
    Level(reorder_point=133, order_up_to=163)
    >>> level(Moments(), Moments())
    Level(reorder_point=0, order_up_to=0)
    """
    safety = NormalDist().inv_cdf(service) * math.sqrt(until_delivery.variance)
    # A hair above a whole piece is that piece: floating point, not somebody's wish.
    point = math.ceil(round(until_delivery.mean + safety, 6))
    up_to = point + math.ceil(round(until_review.mean, 6))
    return Level(min(point, MOST_PIECES), min(up_to, MOST_PIECES))


Contents = Mapping[int, Mapping[int, int]]
"""Number of a kit -> number of each component -> pieces in one kit."""


def made_here(session: Session) -> Contents:
    """The latest recipe of every kit; those bought as they are use up none of our components."""
    recipes, bought = Recipes.of(session), set(session.scalars(select(SupplierItem.item_id)))
    latest = {
        kit_id: recipes.contents[versions[-1]] for kit_id, versions in recipes.versions.items()
    }
    return {kit_id: inside for kit_id, inside in latest.items() if kit_id not in bought}


def left_out(session: Session, contents: Contents) -> set[int]:
    """Components of former recipes that are in no kit made here any more, and were never handed out by themselves:
    nobody wants any. Of what was, once nothing is left of it for a season, nobody knows."""
    recipes = Recipes.of(session)
    before = {item_id for inside in recipes.contents.values() for item_id in inside}
    before.difference_update(*contents.values())
    loose = select(Move.item_id).where(Move.item_id.in_(before), Move.to_id == HANDED_OUT)
    return before.difference(session.scalars(loose.distinct())) if before else before


def expected(
    found: Mapping[tuple[int, int], History],
    contents: Contents,
    *,
    engine: Engine,
    first: date,
    last: date,
) -> dict[int, Moments]:
    """What a period takes of each item, by itself and inside kits that are made here."""
    total: dict[int, Moments] = {}

    def add(item_id: int, more: Moments) -> None:
        total[item_id] = total.get(item_id, Moments()) + more
        for inner_id, each in contents.get(item_id, {}).items():
            add(inner_id, more.times(each))

    for (_, item_id), history in found.items():
        add(item_id, engine(history, first, last))
    return total


def known_days(found: Mapping[tuple[int, int], History], contents: Contents) -> dict[int, int]:
    """How many days of figures there are of each item, where it is known best; those inside kits too."""
    total: dict[int, int] = {}

    def add(item_id: int, days: int) -> None:
        total[item_id] = max(total.get(item_id, 0), days)
        for inner_id in contents.get(item_id, {}):
            add(inner_id, days)

    for (_, item_id), history in found.items():
        add(item_id, len(history.known))
    return total


def compute(
    session: Session,
    *,
    today: date,
    period_of: Callable[[SupplierItem | None], Period],
    service: float = SERVICE_LEVEL,
    engine: Engine = mean_of_twelve_weeks,
) -> int:
    """Levels of everything that is ordered or made, from what was taken before today; how many were written.

    Those fixed by hand stay, and so do those of items of which no day is known: nothing came, and nobody could take
    any; what another recipe has left out is wanted no more. `period_of` gives how long an order must last: by its
    supplier, None for what is made here.
    """
    found, contents = histories(session, today=today), made_here(session)
    known, gone = known_days(found, contents), left_out(session, contents)

    def takes(first: date, last: date) -> dict[int, Moments]:
        return expected(found, contents, engine=engine, first=first, last=last)

    year = takes(today, today + timedelta(days=YEAR - 1))
    written = 0
    for period, items in _by_period(session, contents, period_of).items():
        until_delivery = takes(period.first, period.last)
        until_review = takes(period.first, period.review - timedelta(days=1))
        for item_id in (one for one in items if known.get(one) or one in gone):
            row, none = _row(session, item_id), Moments()
            if not row.fixed:
                wanted = level(
                    until_delivery.get(item_id, none), until_review.get(item_id, none), service
                )
                row.reorder_point, row.order_up_to = wanted.reorder_point, wanted.order_up_to
            row.daily = year.get(item_id, none).mean / YEAR
            row.spread = math.sqrt(year.get(item_id, none).variance / YEAR)
            row.known_days, row.computed_on = known.get(item_id, 0), today
            written += 1
    session.flush()
    return written


def nightly(session: Session, *, now: datetime) -> int:
    """Levels by the rules of each supplier; kits are made every week."""
    today = days.service_day(now)
    week = timedelta(days=7)
    making = Period(today, today + week, today + week - timedelta(days=1))
    taken = suppliers.deliveries(session)
    ordering = {
        one.id: lasting(one, now=now, taken=taken.get(one.id, ()))
        for one in suppliers.all_suppliers(session)
    }

    def period_of(row: SupplierItem | None) -> Period:
        return making if row is None else ordering[row.supplier_id]

    return compute(session, today=today, period_of=period_of)


def lasting(supplier: Supplier, *, now: datetime, taken: Collection[int] = ()) -> Period:
    """How long what is ordered at the next review must last; `taken` are the days that past deliveries took."""
    at = suppliers.schedule(supplier, now=now, taken=taken)
    after = suppliers.expected(at.following, at.lead_days, suppliers.closed_periods(supplier))
    return Period(at.review, at.following, max(at.review, after - timedelta(days=1)))


def _by_period(
    session: Session, contents: Contents, period_of: Callable[[SupplierItem | None], Period]
) -> dict[Period, list[int]]:
    """Items that are ordered, and kits that are made here."""
    ordered = {row.item_id: row for row in session.scalars(select(SupplierItem))}
    found: dict[Period, list[int]] = {}
    for item_id in sorted({*ordered, *contents}):
        found.setdefault(period_of(ordered.get(item_id)), []).append(item_id)
    return found


def _row(session: Session, item_id: int) -> ItemLevel:
    row = session.get(ItemLevel, item_id)
    if row is None:
        row = ItemLevel(item_id=item_id, fixed=False, note="")
        session.add(row)
    return row


def fix(
    session: Session, *, item: Item, reorder_point: int, order_up_to: int, note: str, day: date
) -> ItemLevel:
    """Levels that somebody knows better; they stay until they are released. Raises NotAllowed."""
    if not 0 <= reorder_point <= order_up_to <= MOST_PIECES:
        raise NotAllowed(
            Message(
                "The reorder point lies between 0 and the level, and the level is at most %(most)d.",
                most=MOST_PIECES,
            )
        )
    note = note_line(note)
    row = _row(session, item.id)
    row.reorder_point, row.order_up_to = reorder_point, order_up_to
    row.fixed, row.note, row.computed_on = True, note, day
    session.flush()
    return row


def note_line(note: str) -> str:
    """A note as it is kept: one line. Raises NotAllowed."""
    line = " ".join(note.split())
    if len(line) > LONGEST_NOTE or not line.isprintable():
        raise NotAllowed(
            Message(
                "A note is a line of at most %(longest)d letters, without control characters.",
                longest=LONGEST_NOTE,
            )
        )
    return line


def release(session: Session, *, item: Item) -> None:
    """The next night computes it again; until then it stays as it is."""
    row = session.get(ItemLevel, item.id)
    if row is not None:
        row.fixed, row.note = False, ""
        session.flush()
