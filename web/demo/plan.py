"""What happens on each day: drawn from a seed, the day and nothing else, so that a day is the same in any history.

Whether it can be done (whether what somebody wants is there) is for `play` to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random

from inventory.counter.commands import PER_KILOGRAM
from web.demo import seasons
from web.demo.profile import SYRINGES, Outing, Profile, Want

PEAK, PEAK_CHANCE = 2.4, 0.012
"""One evening saw about a hundred people at a counter for thirty."""

FOUND_ANYWAY = 0.5
"""How often what the books do not have lies there all the same, as a box somebody fetched without a word."""

SMOKING_GROWS = 0.06
"""More each year than the year before."""

FORGOTTEN, NEVER_TYPED = 0.02, 0.25
"""Evenings nobody scanned, and how many of those nobody typed in later."""

LAST_FORGOTTEN = 3
"""Days before the end: the last evening that nobody scanned is still asked about."""

EXPIRING_DAYS = 11
"""Before the end somebody gives what will not all be used in time."""

BACK = 0.65
"""Used syringes that come back, of those handed out."""


@dataclass(frozen=True, slots=True)
class Take:
    item: str
    pieces: int
    anyway: bool = False
    """It is found, whatever the books say."""


@dataclass(frozen=True, slots=True)
class Visit:
    after_s: int
    """Seconds after opening."""
    takes: tuple[Take, ...]


@dataclass(frozen=True, slots=True)
class Evening:
    """One outing on its day."""

    outing: Outing
    day: date
    visits: tuple[Visit, ...]
    contacts: int
    returned_g: int
    """Used material, weighed at the end."""
    scanned: bool = True
    typed_on: date | None = None
    """Of one that was not scanned; None: never."""


@dataclass(frozen=True, slots=True)
class Lost:
    place: str
    item: str
    part: float
    """Of what lies there."""
    broken: bool


@dataclass(frozen=True, slots=True)
class Donated:
    item: str
    pieces: int
    lasts_days: int
    """Before it expires, where it does."""


EXPIRING = Donated("SERUM", 400, lasts_days=45)


@dataclass(frozen=True, slots=True)
class Lent:
    """To a partner, or, where `borrowed`, from one; all of it goes back on a later day."""

    item: str
    pieces: int
    borrowed: bool
    back_on: date


@dataclass(frozen=True, slots=True)
class Recall:
    """The largest lot of an item is doubted, until it is released or thrown away."""

    item: str
    until: date
    destroyed: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """What the month left to settle, and a shelf that is counted."""

    place: str
    item: str
    missing: int


Event = Lost | Donated | Lent | Recall | Counted


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    closed: frozenset[str] = frozenset()
    """Places that would be open on this weekday and are not."""
    evenings: tuple[Evening, ...] = ()
    typed: tuple[Evening, ...] = ()
    """Of days before, typed in this morning."""
    events: tuple[Event, ...] = ()


LATE_DAYS = (0, 0, 0, 0, 1, 1, 2, 4)
SHORT, FOLLOWS, DAMAGED, LEFT_BEHIND, OVERRULED = 0.04, 0.6, 0.01, 0.4, 0.08


@dataclass(frozen=True, slots=True)
class Delivery:
    """What becomes of an order, known by its number; of its lines, by the number of their item."""

    seed: int
    number: str

    @property
    def late_days(self) -> int:
        return self._luck("late").choice(LATE_DAYS)

    @property
    def rest_after(self) -> int:
        """Days until what did not come at once follows; 0: never."""
        luck = self._luck("rest")
        return luck.randint(3, 8) if luck.random() < FOLLOWS else 0

    def is_overruled(self, item_id: int) -> bool:
        """Somebody wants more of it than was suggested."""
        return self._luck("overruled", item_id).random() < OVERRULED

    def is_short(self, item_id: int) -> bool:
        return self._luck("short", item_id).random() < SHORT

    def is_damaged(self, item_id: int) -> bool:
        return self._luck("damaged", item_id).random() < DAMAGED

    def is_left_behind(self, item_id: int) -> bool:
        """Of an order that is not complete at the end: it has yet to come."""
        return self._luck("left", item_id).random() < LEFT_BEHIND

    def freshness(self, item_id: int) -> float:
        """What is left of its shelf life when it comes."""
        return self._luck("fresh", item_id).uniform(0.5, 0.9)

    def _luck(self, *about: object) -> Random:
        return _luck(self.seed, "order", self.number, *about)


def _luck(seed: int, *about: object) -> Random:
    return Random(f"{seed}:" + ":".join(map(str, about)))


@dataclass(frozen=True)
class Plan:
    """From the first day to the last, whose morning is played and whose evening is not."""

    profile: Profile
    seed: int
    first: date
    last: date

    def days(self) -> Iterator[Day]:
        waiting: list[Evening] = []
        for n in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=n)
            evenings = self.evenings(day) if day < self.last else ()
            typed = tuple(one for one in waiting if one.typed_on == day)
            waiting = [one for one in (*waiting, *evenings) if one.typed_on and one.typed_on > day]
            yield Day(day, self.closed(day), evenings, typed, self._events.get(day, ()))

    def closed(self, day: date) -> frozenset[str]:
        usual = (one for one in self.profile.outings if day.weekday() in one.weekdays)
        return frozenset(one.place for one in usual if not self._goes_out(one, day))

    def evenings(self, day: date) -> tuple[Evening, ...]:
        usual = [one for one in self.profile.outings if day.weekday() in one.weekdays]
        return tuple(self._evening(one, day) for one in usual if self._goes_out(one, day))

    def _goes_out(self, outing: Outing, day: date) -> bool:
        off = self._luck("off", outing.place, day).random() < outing.called_off
        return not (off or seasons.is_holiday(day))

    def _luck(self, *about: object) -> Random:
        return _luck(self.seed, *about)

    def _evening(self, outing: Outing, day: date) -> Evening:
        luck = self._luck("evening", outing.place, day)
        busy = seasons.season(day, outing.winter) * seasons.money(day)
        if luck.random() < PEAK_CHANCE:
            busy *= PEAK
        visits = tuple(self._visits(outing, day, many(luck, outing.visits * busy), luck))
        given = sum(
            SYRINGES.get(take.item, 0) * take.pieces for one in visits for take in one.takes
        )
        returned = round(given * BACK * luck.uniform(0.4, 1.6) * 1000 / PER_KILOGRAM)
        scanned, typed_on = self._noted(outing, day, luck)
        contacts = many(luck, outing.contacts * busy)
        return Evening(outing, day, visits, contacts, returned, scanned, typed_on)

    def _noted(self, outing: Outing, day: date, luck: Random) -> tuple[bool, date | None]:
        if outing.on_paper:
            return False, day + timedelta(days=1)
        if day == self._last_forgotten(outing):
            return False, None
        if luck.random() >= FORGOTTEN:
            return True, None
        never = luck.random() < NEVER_TYPED
        return False, None if never else day + timedelta(days=luck.randint(1, 6))

    def _last_forgotten(self, outing: Outing) -> date | None:
        """Of the first place alone."""
        if outing.place != self.profile.outings[0].place:
            return None
        before = (self.last - timedelta(days=LAST_FORGOTTEN + n) for n in range(7))
        return next((day for day in before if self._is_open(outing, day)), None)

    def _is_open(self, outing: Outing, day: date) -> bool:
        return day.weekday() in outing.weekdays and self._goes_out(outing, day)

    def _visits(self, outing: Outing, day: date, count: int, luck: Random) -> Iterator[Visit]:
        """People bunch at opening."""
        moments = sorted(luck.betavariate(1.1, 2.2) * outing.hours * 3600 for _ in range(count))
        kinds, weights = list(outing.crowd), list(outing.crowd.values())
        if "smoking" in outing.crowd:
            years = (day - self.first).days / 365.25
            weights[kinds.index("smoking")] *= (1 + SMOKING_GROWS) ** years
        for moment in moments:
            kind = luck.choices(kinds, weights)[0]
            yield Visit(int(moment), self._takes(kind, luck))

    def _takes(self, kind: str, luck: Random) -> tuple[Take, ...]:
        wants = (*self.profile.wants[kind], *self.profile.everybody)
        found = tuple(_take(one, luck) for one in wants if luck.random() < one.chance)
        return found or (_take(max(wants, key=lambda one: one.chance), luck),)

    # Beside the evenings

    @cached_property
    def _events(self) -> dict[date, tuple[Event, ...]]:
        found: dict[date, list[Event]] = {}
        month = self.first.replace(day=1)
        while month <= self.last:
            for day, event in self._of_month(month):
                if self.first < day <= self.last:
                    found.setdefault(day, []).append(event)
            month = (month + timedelta(days=31)).replace(day=1)
        given_on = max(self.first, self.last - timedelta(days=EXPIRING_DAYS))
        found.setdefault(given_on, []).append(EXPIRING)
        return {day: tuple(events) for day, events in found.items()}

    def _of_month(self, month: date) -> Iterable[tuple[date, Event]]:
        luck = self._luck("month", month)
        items = self.profile.loose
        yield month, Counted("RESERVE", luck.choice(items), luck.randint(1, 8))
        for place, part in (("RESERVE", 0.02), ("CLIP", 0.15)):
            lost = Lost(place, luck.choice(items), part, luck.random() < 0.4)
            yield _day_of(month, luck), lost
        if month.month % 3 == 2:
            yield _day_of(month, luck), Donated(luck.choice(items), 10 * luck.randint(3, 20), 500)
        if month.month % 3 == 0:
            day = _day_of(month, luck)
            back = day + timedelta(days=luck.randint(20, 75))
            yield day, Lent(luck.choice(items), 10 * luck.randint(2, 20), luck.random() < 0.4, back)
        if month.month % 6 == 4:
            day = _day_of(month, luck)
            until = day + timedelta(days=luck.randint(5, 12))
            yield day, Recall(luck.choice(_DATED), until, luck.random() < 0.5)


_DATED = ("SER1", "CUP", "EAU5", "TAMP", "ACIT")


def _day_of(month: date, luck: Random) -> date:
    """A day of a month that every month has, and no Sunday."""
    day = month + timedelta(days=luck.randint(2, 26))
    return day + timedelta(days=day.weekday() == 6)


def _take(want: Want, luck: Random) -> Take:
    return Take(want.item, luck.choice(want.pieces), luck.random() < FOUND_ANYWAY)


def many(luck: Random, mean: float) -> int:
    """A number of people: Poisson, by the times between them."""
    count, until = 0, luck.expovariate(1.0)
    while until < mean:
        count += 1
        until += luck.expovariate(1.0)
    return count
