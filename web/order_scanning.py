"""The boxes of a delivery by the codes that are read off them: one code, or two that belong together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from inventory import catalogue
from inventory.counter.values import Command, Details, Nothing, Product, UnknownProduct
from inventory.messages import Message
from inventory.order_receiving import Arrival
from web import meanings


@dataclass(frozen=True, slots=True)
class Box:
    """An item or a pack of it; of a dated one the lot, where it was read."""

    item: str
    pieces: int
    lot: str | None = None
    expires: date | None = None

    def arrival(self, session: Session, *, damaged: bool = False, refused: bool = False) -> Arrival:
        """Raises NotOnTheLists."""
        item = catalogue.item(session, self.item)
        return Arrival(item, self.pieces, self.lot, self.expires, damaged, refused)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Half of what two codes say: a box without its lot, or a lot without its box."""

    box: Box | None = None
    details: Details | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one code came to: boxes that are complete now, what waits for the next code, and what is to be said of it.

    `undo` takes back the last box; `unusable` is what no box can be made of.
    """

    boxes: list[Box] = field(default_factory=list)
    waiting: Waiting | None = None
    says: Message | None = None
    undo: bool = False
    unusable: bool = False


def scan(session: Session, code: str, *, waiting: Waiting | None = None) -> Scanned:
    """One code, read after what is `waiting`. A box whose lot is not read before the next one is of an unknown lot."""
    before = waiting or Waiting()
    match meanings.meaning_of(session, code):
        case Product() as product:
            return _product(product, before)
        case Details() as details:
            return _details(details, before)
        case Command(name="undo"):
            # What waits is the last that was read: nothing is booked of it yet.
            return Scanned(undo=waiting is None, says=Message("Taken back."))
        case UnknownProduct(gtin):
            return _unusable(
                before, Message("No list has the code %(gtin)s: name it first.", gtin=gtin)
            )
        case Nothing(message):
            return _unusable(before, message)
        case _:
            return _unusable(before, Message("Nothing to do with this code here."))


def _product(product: Product, before: Waiting) -> Scanned:
    done = _boxes(before)
    if not product.dated:
        return Scanned([*done, Box(product.item, product.pieces)])
    if product.lot is not None:
        return Scanned([*done, Box(product.item, product.pieces, product.lot, product.expires)])
    box = Box(product.item, product.pieces)
    if before.details is not None:
        return Scanned([_with(box, before.details)])
    says = Message("Now the code with lot and expiry, on the same box.")
    return Scanned(done, Waiting(box=box), meanings.UNSURE_LOT if product.unsure else says)


def _details(details: Details, before: Waiting) -> Scanned:
    if before.box is not None:
        return Scanned([_with(before.box, details)])
    says = Message("Now the code that names the product, on the same box.")
    return Scanned(waiting=Waiting(details=details), says=says)


def _with(box: Box, details: Details) -> Box:
    """An expiry alone is of no lot, and so of nothing."""
    return replace(box, lot=details.lot, expires=details.expires if details.lot else None)


def _unusable(before: Waiting, says: Message) -> Scanned:
    """What waited goes on waiting: it was misread, and is read again."""
    waiting = before if before != Waiting() else None
    return Scanned(waiting=waiting, says=says, unusable=True)


def _boxes(before: Waiting) -> list[Box]:
    return [before.box] if before.box else []


def rest(waiting: Waiting | None) -> list[Box]:
    """What is complete because nothing more is read."""
    return _boxes(waiting or Waiting())
