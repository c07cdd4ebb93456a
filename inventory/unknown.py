"""Codes that no list has: kept by day until somebody names them, then booked as hand-outs of that day."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.fefo import Taken, allocate
from inventory.tables import Item, Move, Pack, Shift, UnknownCode
from inventory.words import HANDED_OUT, UNACCOUNTED, UNKNOWN_LOT, Reason


def keep_unknown(session: Session, *, gtin: str, shift: Shift, pieces: int) -> None:
    """Add to the day's count of a code; never with a lot."""
    key = (gtin, shift.day, shift.place_id, shift.channel)
    row = session.get(UnknownCode, key)
    if row is None:
        row = UnknownCode(
            gtin=gtin, day=shift.day, place_id=shift.place_id, channel=shift.channel, pieces=0
        )
        session.add(row)
    row.pieces += pieces
    session.flush()


def book_named(session: Session, *, gtin: str) -> int:
    """A list has named `gtin`: book what was handed out under it. Returns the number of pieces."""
    pack = session.scalar(select(Pack).where(Pack.gtin == gtin))
    if pack is None:
        return 0
    rows = session.scalars(
        select(UnknownCode)
        .where(UnknownCode.gtin == gtin)
        .order_by(UnknownCode.day, UnknownCode.place_id, UnknownCode.channel)
    ).all()
    for row in rows:
        _hand_out(session, session.get_one(Item, pack.item_id), row, row.pieces * pack.pieces)
    session.execute(delete(UnknownCode).where(UnknownCode.gtin == gtin))
    return sum(row.pieces for row in rows) * pack.pieces


def _hand_out(session: Session, item: Item, row: UnknownCode, pieces: int) -> None:
    ledger.lock(session, (row.place_id,))
    there = ledger.available(session, place_id=row.place_id, item_id=item.id)
    taken, missing = allocate(there, pieces)
    if missing:
        lot_id = catalogue.lot(session, item_id=item.id, code=UNKNOWN_LOT).id
        _post(session, item, row, Taken(lot_id, missing), (UNACCOUNTED, row.place_id))
        taken.append(Taken(lot_id, missing))
    for part in taken:
        _post(session, item, row, part, (row.place_id, HANDED_OUT))


def _post(
    session: Session, item: Item, row: UnknownCode, part: Taken, way: tuple[int, int]
) -> Move:
    from_id, to_id = way
    move = ledger.post(
        session,
        item_id=item.id,
        lot_id=part.lot_id,
        pieces=part.pieces,
        from_id=from_id,
        to_id=to_id,
        reason=Reason.HAND_OUT if to_id == HANDED_OUT else Reason.SHORTFALL,
        day=row.day,
    )
    move.recorded_at = None
    if to_id == HANDED_OUT:
        move.channel, move.site_id = row.channel, row.place_id
    return move
