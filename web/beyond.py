"""Kits counted beyond the books, as the pages of kits and lots show them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from inventory import taking_apart
from inventory.messages import Counted, Message


@dataclass(frozen=True, slots=True)
class Told:
    """Kits of a lot, and the form that takes them back once."""

    lot_id: int
    kits: int
    place_id: int
    said: Message
    button: Message
    number: str


def told(session: Session, *, lot_id: int | None = None) -> list[Told]:
    """Of every lot, or of one."""
    return [_told(one) for one in taking_apart.beyond_the_books(session, lot_id=lot_id)]


def sentence(one: taking_apart.Beyond) -> Message:
    """What the lead is told."""
    return Counted(
        "%(item)s, lot %(lot)s: the books have nothing of which %(count)d kit that was counted "
        "could be made.",
        "%(item)s, lot %(lot)s: the books have nothing of which %(count)d kits that were counted "
        "could be made.",
        count=one.kits,
        item=one.lot.item.names,
        lot=one.lot.code,
    )


def _told(one: taking_apart.Beyond) -> Told:
    return Told(
        lot_id=one.lot.id,
        kits=one.kits,
        place_id=one.place.id,
        said=sentence(one),
        button=Counted("Take %(count)d kit back", "Take %(count)d kits back", count=one.kits),
        number=str(uuid4()),
    )
