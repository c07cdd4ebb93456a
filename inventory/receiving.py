"""Checking a delivery by reading its boxes.

The imported delivery note has put its pieces on the books. Reading the boxes checks them off; only what the note does
not announce is booked by the read itself. Boxes read against an order that no note announces make a delivery of their
own, which grows with each of them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, true, update
from sqlalchemy.orm import Session

from inventory.errors import NotAllowed
from inventory.messages import Message
from inventory.tables import Lot, Place, Receipt, ReceiptLine

RECENT = 20
"""Lines of the same lot to look through: one lot seldom comes on more notes than that."""


def check_off(
    session: Session, *, place_id: int, lot_id: int, pieces: int, receipt_id: int | None = None
) -> int:
    """Check pieces off the deliveries that still announce some of this lot, latest first, or off one of them: how many
    they announced."""
    left = pieces
    lines = session.execute(
        _lines(place_id)
        .where(ReceiptLine.lot_id == lot_id, _of(receipt_id))
        .with_only_columns(ReceiptLine.id, ReceiptLine.pieces - ReceiptLine.checked)
    )
    for line_id, announced in lines.all():
        part = min(left, announced)
        if not part:
            break
        _add(session, line_id, part)
        left -= part
    return pieces - left


def uncheck(
    session: Session, *, place_id: int, lot_id: int, pieces: int, receipt_id: int | None = None
) -> None:
    """Take back what was checked off a lot; which of its deliveries announces it again says nothing more, unless one
    is named."""
    lines = session.execute(
        select(ReceiptLine.id, ReceiptLine.checked)
        .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
        .where(_imported(place_id), ReceiptLine.lot_id == lot_id, ReceiptLine.checked > 0)
        .where(_of(receipt_id))
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
        .where(_imported(place_id), ReceiptLine.checked < ReceiptLine.pieces)
        .order_by(Receipt.day.desc(), ReceiptLine.id)
    )


def _imported(place_id: int) -> ColumnElement[bool]:
    """Notes alone announce anything: what was read of an order is checked as it comes."""
    return and_(Receipt.place_id == place_id, Receipt.from_boxes.is_(False))


def _of(receipt_id: int | None) -> ColumnElement[bool]:
    return true() if receipt_id is None else ReceiptLine.receipt_id == receipt_id


# Deliveries of an order


def announcing(
    session: Session, *, supplier: str, note: str, since: date | None, place_id: int, lot_id: int
) -> list[Receipt]:
    """Imported notes of a supplier that still announce some of a lot, latest first: this one where `note` says, else
    those of no earlier day."""
    wanted = _lines(place_id).where(ReceiptLine.lot_id == lot_id).with_only_columns(Receipt)
    return [
        one
        for one in session.scalars(wanted).unique()
        if _same(one.supplier, supplier)
        and (_same(one.note, note) if note else since is None or one.day >= since)
    ]


def still_announced(session: Session, *, supplier: str, note: str) -> list[tuple[Lot, int]]:
    """What an imported note announces and nobody has read yet, in its order."""
    receipt = _known(session, supplier, note)
    if receipt is None or receipt.from_boxes:
        return []
    left = ReceiptLine.pieces - ReceiptLine.checked
    wanted = (
        select(Lot, left)
        .join(ReceiptLine, ReceiptLine.lot_id == Lot.id)
        .where(ReceiptLine.receipt_id == receipt.id, left > 0)
        .order_by(ReceiptLine.id)
    )
    return [(lot, pieces) for lot, pieces in session.execute(wanted)]


def of_boxes(
    session: Session, *, supplier: str, note: str, place: Place, day: date
) -> Receipt | None:
    """The delivery of that number that grows as boxes are read, made if need be; None where that note was imported: it
    is what it was. Raises NotAllowed for one that went elsewhere."""
    found = _known(session, supplier, note)
    if found is None:
        found = Receipt(supplier=supplier, note=note, day=day, place_id=place.id, from_boxes=True)
        session.add(found)
        session.flush()
    elif found.place_id != place.id:
        raise NotAllowed(
            Message(
                "Delivery %(note)s went to %(place)s: what comes elsewhere has a number of its own.",
                note=found.note,
                place=session.get_one(Place, found.place_id).name,
            )
        )
    return found if found.from_boxes else None


def grow(session: Session, *, receipt: Receipt, lot: Lot, pieces: int) -> None:
    """So many pieces more of such a delivery, or fewer: each is checked."""
    wanted = select(ReceiptLine).where(
        ReceiptLine.receipt_id == receipt.id, ReceiptLine.lot_id == lot.id
    )
    line = session.scalar(wanted)
    if line is None:
        line = ReceiptLine(receipt_id=receipt.id, item_id=lot.item_id, lot_id=lot.id)
        line.pieces = line.checked = 0
        session.add(line)
    line.pieces += pieces
    line.checked += pieces
    session.flush()


def _known(session: Session, supplier: str, note: str) -> Receipt | None:
    for found in session.execute(select(Receipt.id, Receipt.supplier, Receipt.note)):
        if _same(found.supplier, supplier) and _same(found.note, note):
            return session.get_one(Receipt, found.id)
    return None


def _same(one: str, other: str) -> bool:
    """Without regard to capitals. Those beyond ASCII are the database's own business, so they are compared here;
    suppliers send few notes."""
    return one.casefold() == other.casefold()
