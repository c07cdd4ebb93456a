"""A plan is played: each day in one transaction, by the services that a counter, a workshop and a desk use."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, ledger, opening_days, replenish
from inventory.counter import shifts
from inventory.database import SECRET, Database
from inventory.errors import NotAllowed
from inventory.messages import Message
from inventory.tables import Item, Move, Place, Setting, SupplierItem
from inventory.words import OPENING
from web.demo import evenings, incidents, profile, seasons, store
from web.demo.evenings import Numbers
from web.demo.ordering import Ordering
from web.demo.plan import Day, Event, Plan

MORNING, NIGHT = time(9), time(23)
MAKES_KITS = (profile.WEDNESDAY,)
"""Days of the week at the workshop."""

TABLES_SINCE = timedelta(weeks=6)
"""Before the end: until then the lead noted which kits were made, since then the tables read for themselves."""

OPENING_WEEKS = 9
"""The history begins with stock for so long."""

TENS = 10
"""What is counted at the beginning is counted so, upwards."""

THROWS_AWAY = profile.MONDAY


class AlreadyInUse(NotAllowed):
    """There is something that a history would be mixed with."""

    code = "already_in_use"


def is_in_use(session: Session) -> bool:
    """Whether anything was ever booked."""
    return session.scalar(select(Move.id).limit(1)) is not None


def refuse_in_use(session: Session) -> None:
    """Raises AlreadyInUse."""
    if is_in_use(session):
        raise AlreadyInUse(
            Message(
                "There is stock already, and a simulated history must not mix with it. "
                "Nothing was changed: take an empty folder, COMPTOIR_DATA=./demo comptoir demo"
            )
        )


def play(database: Database, plan: Plan) -> Iterator[Day]:
    """Play a plan on lists that have no stock yet; each day once it is played."""
    player = _Player(database, plan, Ordering(plan.seed, plan.last))
    player.begin()
    for day in plan.days():
        player.play(day)
        yield day
    player.end()


@dataclass(slots=True)
class _Player:
    database: Database
    plan: Plan
    ordering: Ordering
    later: dict[date, list[Callable[[Session, date], None]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @contextmanager
    def _at(self, day: date, hour: time) -> Iterator[Session]:
        """A transaction of that moment; of the last morning, none that is yet to come."""
        moment = datetime.combine(day, hour, days.ZONE)
        with (
            days.played_at(min(moment, days.now())),
            self.database.writing() as session,
            _kept_loaded(session),
        ):
            yield session

    def begin(self) -> None:
        """Places with their levels and opening days, and the stock that was counted."""
        wanted_by, first = self.plan.profile, self.plan.first
        with self._at(first, MORNING) as session:
            for place, wanted in wanted_by.levels.items():
                at = catalogue.place(session, place)
                replenish.set_levels(session, place=at, levels=dict(wanted))
            for outing in wanted_by.outings:
                opening_days.set_usual(
                    session, place=outing.place, weekdays=outing.weekdays, today=first
                )
            _opening_stock(session, _first_weeks(self.plan), day=first)

    def play(self, day: Day) -> None:
        with self._at(day.day, MORNING) as session:
            self._morning(session, day)
        with self._at(day.day, NIGHT) as session:
            self._evening(session, day)

    def end(self) -> None:
        with self._at(self.plan.last, MORNING) as session:
            self.ordering.last_morning(session)
        self.database.forget_erased()

    def _numbers(self, day: Day, what: str) -> Numbers:
        return Numbers(Random(f"{self.plan.seed}:{what}:{day.day}"))

    def _morning(self, session: Session, day: Day) -> None:
        secret, numbers = _secret(session), self._numbers(day, "morning")
        for evening in day.typed:
            evenings.type_in(session, evening, numbers=numbers, secret=secret)
        for follow in self.later.pop(day.day, ()):
            follow(session, day.day)
        for one in day.events:
            self._happen(session, one, day.day)
        if day.day.weekday() == THROWS_AWAY:
            store.throw_away_expired(session, day=day.day)
            shifts.forget_old_reads(session, today=day.day)
        self.ordering.morning(session, day=day.day, numbers=numbers)
        if day.day.weekday() in MAKES_KITS and not seasons.is_holiday(day.day):
            at_tables = day.day > self.plan.last - TABLES_SINCE
            store.make_kits(session, day=day.day, numbers=numbers, at_tables=at_tables)
        for place in sorted(day.closed):
            opening_days.set_exception(session, place=place, day=day.day, open=False)
        for outing in self.plan.profile.outings:
            weekday = outing.weekdays[0] if outing.on_paper else day.day.weekday()
            if day.day.weekday() == weekday and weekday in outing.weekdays:
                store.fill_up(session, catalogue.place(session, outing.place), day=day.day)

    def _happen(self, session: Session, one: Event, day: date) -> None:
        follows = incidents.happen(session, one, day=day)
        if follows is not None:
            when, follow = follows
            self.later[when].append(follow)

    def _evening(self, session: Session, day: Day) -> None:
        secret, items = _secret(session), evenings.item_numbers(session)
        for evening in day.evenings:
            if evening.scanned:
                numbers = self._numbers(day, evening.outing.place)
                evenings.record(session, evening, numbers=numbers, items=items, secret=secret)


@contextmanager
def _kept_loaded(session: Session) -> Iterator[None]:
    """What was loaded once is not loaded again within a transaction: a session forgets what nobody holds."""
    held: list[object] = []

    def hold(_session: Session, one: object) -> None:
        held.append(one)

    event.listen(session, "loaded_as_persistent", hold)
    try:
        yield
    finally:
        event.remove(session, "loaded_as_persistent", hold)


def _secret(session: Session) -> str:
    return session.get_one(Setting, SECRET).value


def _first_weeks(plan: Plan) -> Counter[str]:
    """What people will want at first; kits as they are."""
    wanted: Counter[str] = Counter()
    for n in range(OPENING_WEEKS * 7):
        for evening in plan.evenings(plan.first + timedelta(days=n)):
            for visit in evening.visits:
                wanted.update({take.item: take.pieces for take in visit.takes})
    return wanted


def _opening_stock(session: Session, wanted: Counter[str], *, day: date) -> None:
    """In the store, by lots; of everything that is ordered, some."""
    numbers = evenings.item_numbers(session)
    pieces = kits.explode(session, {numbers[item]: count for item, count in wanted.items()})
    source, place = session.get_one(Place, OPENING), catalogue.place(session, store.STORE)
    for row in session.scalars(select(SupplierItem).order_by(SupplierItem.item_id)).all():
        item: Item = row.item
        count = max(pieces.get(item.id, 0), row.multiple)
        months = item.shelf_life_months
        ledger.transfer(
            session,
            from_place=source,
            to_place=place,
            item=item,
            pieces=-(-count // TENS) * TENS,
            lot=f"{item.code}-A" if months else None,
            expires=day + timedelta(days=months * 20) if months else None,
            day=day,
        )
