"""Checking a delivery by reading its boxes.

The imported delivery note has put its pieces on the books. Reading the boxes checks them off; only what the note does
not announce is booked by the read itself.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from inventory.tables import Lot, Receipt, ReceiptLine

RECENT = 20
"""Lines of the same lot to look through: one lot seldom comes on more notes than that."""


def check_off(session: Session, *, place_id: int, lot_id: int, pieces: int) -> int:
    """Check pieces off the deliveries that still announce some of this lot, latest first: how many they announced."""
    left = pieces
    lines = session.execute(
        _lines(place_id)
        .where(ReceiptLine.lot_id == lot_id)
        .with_only_columns(ReceiptLine.id, ReceiptLine.pieces - ReceiptLine.checked)
    )
    for line_id, announced in lines.all():
        part = min(left, announced)
        if not part:
            break
        _add(session, line_id, part)
        left -= part
    return pieces - left


def uncheck(session: Session, *, place_id: int, lot_id: int, pieces: int) -> None:
    """Take back what was checked off a lot; which of its deliveries announces it again says nothing more."""
    lines = session.execute(
        select(ReceiptLine.id, ReceiptLine.checked)
        .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
        .where(Receipt.place_id == place_id, ReceiptLine.lot_id == lot_id, ReceiptLine.checked > 0)
        .order_by(Receipt.day, ReceiptLine.id.desc())
    )
    for line_id, checked in lines.all():
        part = min(pieces, checked)
        if not part:
            break
        _add(session, line_id, -part)
        pieces -= part


def _add(session: Session, line_id: int, pieces: int) -> None:
    session.execute(
        update(ReceiptLine)
        .where(ReceiptLine.id == line_id)
        .values(checked=ReceiptLine.checked + pieces)
        .execution_options(synchronize_session=False)
    )


def announced(
    session: Session, *, place_id: int, item_id: int
) -> tuple[tuple[str, date | None], ...]:
    """The lots of an item that deliveries to a place still announce, latest delivery first."""
    rows = session.execute(
        _lines(place_id)
        .join(Lot, Lot.id == ReceiptLine.lot_id)
        .where(ReceiptLine.item_id == item_id)
        .with_only_columns(Lot.code, Lot.expires)
        .limit(RECENT)
    )
    return tuple(dict.fromkeys((code, expires) for code, expires in rows))


def _lines(place_id: int) -> Select[Any]:
    return (
        select(ReceiptLine)
        .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
        .where(Receipt.place_id == place_id, ReceiptLine.checked < ReceiptLine.pieces)
        .order_by(Receipt.day.desc(), ReceiptLine.id)
    )
