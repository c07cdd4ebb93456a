"""The values the workshop's rule works on. Items and lots go by the codes people see; nothing knows the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from inventory.counter.values import Told


class Phase(StrEnum):
    """What a bench is at."""

    CHOOSE = "choose"
    LOTS = "lots"
    MAKING = "making"
    COUNTING = "counting"


@dataclass(frozen=True, slots=True)
class LotSeen:
    """A lot as it is known now; an expiry is the last day of use."""

    code: str
    expires: date | None = None
    on_hold: bool = False

    def is_usable(self, day: date) -> bool:
        return not self.on_hold and not self.has_expired(day)

    def has_expired(self, day: date) -> bool:
        return self.expires is not None and self.expires < day


def earliest(lots: Iterable[LotSeen]) -> date | None:
    """When kits made of these expire; None where nothing in them has a date."""
    return min((lot.expires for lot in lots if lot.expires), default=None)


def is_sooner(one: date | None, other: date | None) -> bool:
    """No date is later than any."""
    return one is not None and (other is None or one < other)


@dataclass(frozen=True, slots=True)
class Part:
    """A component: pieces in each kit, and the lots confirmed for it."""

    item: str
    pieces: int
    lots: tuple[LotSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Kits being made, of all tables together. `lot` is theirs, once every component is confirmed."""

    kit: str
    parts: tuple[Part, ...]
    lot: LotSeen | None = None
    ready: int = 0
    labels: int = 0

    @property
    def lots(self) -> list[LotSeen]:
        """Every lot confirmed."""
        return [lot for part in self.parts for lot in part.lots]

    def stopped(self, day: date) -> tuple[str, LotSeen] | None:
        """An item and its lot of which no more kits may be made, since it was confirmed: see `may_use`."""
        seen = [(part.item, lot) for part in self.parts for lot in part.lots]
        seen += [(self.kit, self.lot)] if self.lot is not None else []
        return next((one for one in seen if not self.may_use(one[1], day)), None)

    def may_use(self, lot: LotSeen, day: date) -> bool:
        """Not on hold, not expired, nor known by now to expire before the date that may be on labels."""
        return lot.is_usable(day) and not self.is_before_label(lot)

    def is_before_label(self, lot: LotSeen) -> bool:
        """Labels with the kits' date may hang on kits as soon as it is known: a desk prints them too."""
        return self.lot is not None and is_sooner(lot.expires, self.lot.expires)


@dataclass(frozen=True, slots=True)
class Bench:
    """A station: the batch it is on, if any, and its recount; `counted` is None before anything was counted, `doubted`
    a count that was asked for once more."""

    batch: Batch | None = None
    counting: bool = False
    counted: int | None = None
    doubted: int | None = None
    prints: bool = False

    @property
    def phase(self) -> Phase:
        if self.batch is None:
            return Phase.CHOOSE
        if self.counting:
            return Phase.COUNTING
        return Phase.LOTS if self.batch.lot is None else Phase.MAKING


# What was read


@dataclass(frozen=True, slots=True)
class Article:
    """An item's code. `lot` is the one read, or the one proposed for a component where none was."""

    item: str
    lot: LotSeen | None = None
    is_kit: bool = False
    """Whether it has a recipe."""
    is_booked: bool = False
    """Whether its lot is of kits made here and already recounted."""
    scan_other: bool = False
    """Whether it named no lot that can be believed, and the lot proposed may not be the one in hand."""
    none_left: bool = False
    """Whether a picture was touched of which the books have nothing here."""
    expires: date | None = None
    """The expiry it said without such a lot."""


@dataclass(frozen=True, slots=True)
class Press:
    """A command code: what it does, and its number."""

    what: str
    number: int = 1
    late: bool = False
    """Whether it was read so long ago that paper would come out unexpected."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A product or a lot that no list has."""


@dataclass(frozen=True, slots=True)
class OfNoUse:
    """A sound code that does nothing where kits are made."""

    expires: date | None = None
    """The expiry it said without saying of what."""


@dataclass(frozen=True, slots=True)
class Uncheck:
    """The picture of a component that was checked, touched again."""

    item: str


WorkshopRead = Article | Press | Unlisted | OfNoUse | Uncheck


# What is to be done beside the bench becoming what it becomes


@dataclass(frozen=True, slots=True)
class Take:
    """Join the batch of this kit, or begin one."""

    kit: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """A lot is used for the batch; if `makes_lot`, the lot of its kits is made now."""

    item: str
    lot: LotSeen
    makes_lot: bool = False


@dataclass(frozen=True, slots=True)
class Unconfirm:
    """No lot of this item is used for the batch after all."""

    item: str


@dataclass(frozen=True, slots=True)
class PrintLabels:
    copies: int


@dataclass(frozen=True, slots=True)
class Leave:
    """This bench lets the batch go."""


@dataclass(frozen=True, slots=True)
class Book:
    """The kits counted are booked, and the batch is over for all its tables."""

    kits: int


Entry = Take | Confirm | Unconfirm | PrintLabels | Leave | Book


@dataclass(frozen=True, slots=True)
class Done:
    bench: Bench
    told: Told
    entries: tuple[Entry, ...] = ()
