"""What a check finds, and the words every check shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.messages import Message
from inventory.tables import Item, Lot, Place
from inventory.words import UNACCOUNTED, PlaceKind


@dataclass(frozen=True, slots=True)
class Fault:
    """A promise that is broken. `code` never changes; `message` says where."""

    code: str
    message: Message


@dataclass(frozen=True, slots=True)
class Report:
    """How many things of each kind were looked at, and everything that is wrong with them."""

    checked: dict[str, int]
    faults: list[Fault]

    @property
    def ok(self) -> bool:
        return not self.faults

    def with_more(self, what: str, count: int, faults: Iterable[Fault]) -> Report:
        """The same with what somebody else has checked, such as the outboxes of the stations."""
        return Report({**self.checked, what: count}, [*self.faults, *faults])


_KINDS: dict[str, PlaceKind] = {kind.value: kind for kind in PlaceKind}


class LotFacts(NamedTuple):
    item_id: int
    code: str
    expires: date | None


@dataclass(frozen=True, slots=True)
class Lists:
    """The items, lots and places, by number; a number that none of them has is shown as it is."""

    items: dict[int, str]
    lots: dict[int, LotFacts]
    places: dict[int, tuple[str, str]]

    @classmethod
    def of(cls, session: Session) -> Lists:
        return cls(
            dict(session.execute(select(Item.id, Item.code)).all()),
            {
                number: LotFacts(item_id, code, expires)
                for number, item_id, code, expires in session.execute(
                    select(Lot.id, Lot.item_id, Lot.code, Lot.expires)
                )
            },
            {
                number: (code, kind)
                for number, code, kind in session.execute(select(Place.id, Place.code, Place.kind))
            },
        )

    def item(self, number: int) -> str:
        return self.items.get(number, f"#{number}")

    def lot(self, number: int) -> str:
        return self.lots[number].code if number in self.lots else f"#{number}"

    def place(self, number: int) -> str:
        return self.places[number][0] if number in self.places else f"#{number}"

    def kind(self, number: int) -> PlaceKind | None:
        """None for a place that does not exist, or of a kind nobody knows."""
        kind = self.places[number][1] if number in self.places else ""
        return _KINDS.get(kind)

    def is_real(self, place_id: int) -> bool:
        kind = self.kind(place_id)
        return kind is not None and kind.holds_stock

    def keeps_balance(self, place_id: int) -> bool:
        return place_id == UNACCOUNTED or self.is_real(place_id)
