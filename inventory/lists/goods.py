"""Pieces of an item and lot: the part that deliveries and opening stock have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.lists import fields
from inventory.lists.checking import Directory, Line
from inventory.messages import Message
from inventory.tables import Item, Lot


def known_items(session: Session) -> Directory[Item]:
    """All items, read in one query."""
    items = session.scalars(select(Item))
    return Directory(((item.code, item) for item in items), missing=Message("an item of the lists"))


@dataclass(slots=True)
class Lots:
    """Expiries of the lots in the database and in the rows read so far."""

    expiries: dict[tuple[int, str], date | None] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session) -> Lots:
        rows = session.execute(select(Lot.item_id, Lot.code, Lot.expires))
        return cls({(item_id, code): expires for item_id, code, expires in rows})

    def remember(self, item: Item, lot: str, expires: date | None) -> None:
        known = self.expiries.get((item.id, lot))
        self.expiries[item.id, lot] = known or expires


def read_lot(line: Line, item: Item | None, lots: Lots) -> tuple[str | None, date | None]:
    """Lot and expiry of a row, checked against the item and against what is known of the lot.

    Items with a shelf life need both; for others they are kept where given, an expiry only with a lot.
    """
    lot = line.get("lot", fields.lot)
    expires = line.get("expires", fields.optional(fields.day))
    if item is None:
        return lot, expires
    if item.dated and line.blank("lot"):
        line.fault("lot", Message("the lot as on the box: this item has a shelf life"))
    if item.dated and line.blank("expires"):
        line.fault("expires", Message("the expiry as on the box: this item has a shelf life"))
    if not item.dated and line.blank("lot") and not line.blank("expires"):
        line.fault("lot", Message("the lot that this expiry belongs to"))
    known = lots.expiries.get((item.id, lot)) if lot else None
    if known and expires and known != expires:
        line.fault("expires", Message("%(day)s, as this lot is known already", day=known))
    return lot, expires
