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


def check_off(
    session: Session, *, place_id: int, lot_id: int, pieces: int
) -> tuple[int | None, int]:
    """Check pieces off the latest delivery that still announces some of this lot: its line, and how many."""
    line = session.execute(
        _lines(place_id)
        .where(ReceiptLine.lot_id == lot_id)
        .with_only_columns(ReceiptLine.id, ReceiptLine.pieces - ReceiptLine.checked)
    ).first()
    if line is None:
        return None, 0
    checked = min(pieces, line[1])
    _add(session, line[0], checked)
    return line[0], checked


def uncheck(session: Session, *, line_id: int, pieces: int) -> None:
    _add(session, line_id, -pieces)


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
