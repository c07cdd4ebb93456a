"""A tick sheet was typed in by mistake: taken back as a whole, in one act. Afterwards it can be typed in anew.

The ledger is append-only, so what the sheet handed out comes back by further moves of the same shift and day, without a
time, and what it was short of is owed no longer. Passages, contacts and returns are totals and not moves: they go.

A lot that was counted at the place since keeps the pieces it was counted to: what comes back of it goes on to
`unaccounted`, on the day of the count, which had taken it from there. What was settled from the place since is no
count: it stays settled, and the sheet's pieces come back all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from inventory import ledger
from inventory.counter.correcting import Stands, standing
from inventory.errors import NotAllowed
from inventory.messages import Message
from inventory.tables import Move, Shift, ShiftCount, ShiftReturn
from inventory.words import HANDED_OUT, UNACCOUNTED, Reason


def take_back(session: Session, *, shift_id: int) -> bool:
    """Take a sheet back; False, and nothing changes, where it was taken back before.

    Raises NotAllowed for a shift that was read at a station.
    """
    place_id = session.get_one(Shift, shift_id).place_id
    ledger.lock(session, (place_id,))
    shift = session.get_one(Shift, shift_id, populate_existing=True)
    if shift.taken_back:
        return False
    if not shift.from_sheet:
        raise NotAllowed(Message("Only a sheet that was typed in can be taken back as a whole."))
    for move in list(_moves_back(session, shift)):
        ledger.write(session, move)
        # One by one, so that on every database the moves stand in this order.
        session.flush()
    for totals in (ShiftCount, ShiftReturn):
        session.execute(delete(totals).where(totals.shift_id == shift.id))
    shift.taken_back = True
    session.flush()
    return True


def _moves_back(session: Session, shift: Shift) -> Iterator[Move]:
    """What the sheet handed out comes back; what it was short of, and what was counted since, goes on."""
    counted, short = _counted_since(session, shift), _short(session, shift)
    back = {one: pieces for one, pieces in sorted(standing(session, shift).items()) if pieces > 0}
    lots: dict[tuple[int, int], int] = defaultdict(int)
    for one, pieces in back.items():
        lots[one.item_id, one.lot_id] += pieces
        yield _handed_back(shift, one, pieces)
    for lot, pieces in lots.items():
        _, lot_id = lot
        owed = short.get(lot_id, 0)
        if owed:
            yield _written_off(shift, lot, owed, shift.day)
        if lot_id in counted and pieces > owed:
            yield _written_off(shift, lot, pieces - owed, counted[lot_id])


def _counted_since(session: Session, shift: Shift) -> dict[int, date]:
    """Lots of the sheet that somebody counted at its place since: on which day first."""
    mine = select(Move.lot_id).where(Move.shift_id == shift.id)
    first = select(func.min(Move.id)).where(Move.shift_id == shift.id).scalar_subquery()
    # The first of them is the last to stay.
    rows = session.execute(
        select(Move.lot_id, Move.day)
        .where(
            # By lot, for the moves of a lot have an index.
            Move.lot_id.in_(mine),
            or_(Move.from_id == shift.place_id, Move.to_id == shift.place_id),
            Move.reason == Reason.COUNT,
            Move.id > first,
        )
        .order_by(Move.id.desc())
    )
    return {row.lot_id: row.day for row in rows}


def _short(session: Session, shift: Shift) -> dict[int, int]:
    """Pieces that the sheet handed out beyond the books, by lot."""
    rows = session.execute(
        select(Move.lot_id, func.sum(Move.pieces))
        .where(Move.shift_id == shift.id, Move.reason == Reason.SHORTFALL)
        .group_by(Move.lot_id)
    )
    return {lot_id: int(pieces) for lot_id, pieces in rows}


def _handed_back(shift: Shift, one: Stands, pieces: int) -> Move:
    return Move(
        item_id=one.item_id,
        lot_id=one.lot_id,
        pieces=pieces,
        from_id=HANDED_OUT,
        to_id=one.place_id,
        reason=Reason.CORRECTION,
        day=shift.day,
        shift_id=shift.id,
        channel=one.channel,
        site_id=one.site_id,
        project=shift.project,
    )


def _written_off(shift: Shift, lot: tuple[int, int], pieces: int, day: date) -> Move:
    item_id, lot_id = lot
    return Move(
        item_id=item_id,
        lot_id=lot_id,
        pieces=pieces,
        from_id=shift.place_id,
        to_id=UNACCOUNTED,
        reason=Reason.CORRECTION,
        day=day,
        shift_id=shift.id,
    )
