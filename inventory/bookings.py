"""What a desk books in one go, under an id that the form made: sent twice it is booked once, and it can be undone.

Undoing is more moves, the other way round: no move that was written changes. What was picked up in the street moved
nothing of ours: its shift is taken away.
"""

from __future__ import annotations

import hashlib
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory import ledger, loans, order_receiving
from inventory.errors import ComptoirError, NotAllowed, NotEnoughStock, NotOnTheLists
from inventory.messages import Message
from inventory.tables import Booking, Item, Move, Place, Shift, ShiftReturn
from inventory.words import BORROWED, LAST_FIXED_PLACE, Reason


class SentBefore(ComptoirError):
    """The id of a form came with something else than the first time."""

    code = "sent_before"

    def __init__(self) -> None:
        super().__init__(
            Message(
                "This form was sent before, with something else in it. Nothing was booked now: "
                "check it, and send it again."
            )
        )


def begin(session: Session, *, number: UUID, content: str, day: date) -> Booking | None:
    """A new booking; None where this one was made before. `content` is what the form says.

    Raises SentBefore.
    """
    digest = hashlib.blake2b(content.encode(), digest_size=16).digest()
    known = session.get(Booking, number.bytes)
    if known is not None:
        if known.content != digest:
            raise SentBefore
        return None
    booking = Booking(id=number.bytes, content=digest, day=day)
    session.add(booking)
    session.flush()
    return booking


def moves_of(session: Session, booking: Booking) -> list[Move]:
    """What it booked, as long as it is not undone."""
    query = select(Move).where(Move.booking_id == booking.id).order_by(Move.id)
    return list(session.scalars(query))


def find(session: Session, number: UUID) -> Booking:
    """Raises NotOnTheLists."""
    booking = session.get(Booking, number.bytes)
    if booking is None:
        raise NotOnTheLists(Message("Booking"), str(number))
    return booking


def undo(session: Session, *, number: UUID, day: date) -> bool:
    """Take a booking back; False where it was undone already.

    Raises NotEnoughStock where the pieces are no longer where it put them, NotAllowed where what was borrowed has been
    given back already: the transaction is then to be undone.
    """
    find(session, number)
    booking = session.get_one(Booking, number.bytes, with_for_update=True, populate_existing=True)
    if booking.undone:
        return False
    order_receiving.take_back(session, booking_id=booking.id, day=day)
    moves = moves_of(session, booking)
    ledger.lock(session, {end for move in moves for end in (move.from_id, move.to_id)})
    for move in reversed(moves):
        _back(session, move, day)
    if booking.shift_id is not None:
        shift_id, booking.shift_id = booking.shift_id, None
        session.flush()
        session.execute(delete(ShiftReturn).where(ShiftReturn.shift_id == shift_id))
        session.execute(delete(Shift).where(Shift.id == shift_id))
    booking.undone = True
    session.flush()
    _debts_stay_sound(session, moves)
    return True


def _debts_stay_sound(session: Session, moves: list[Move]) -> None:
    """What was borrowed and already given back is not to be un-borrowed: we would owe less than nothing."""
    for move in moves:
        if move.from_id == BORROWED:
            owed = loans.owed_to(session, partner_id=move.to_id, item_id=move.item_id)
            if owed < 0:
                raise NotAllowed(Message("Some of it was already given back: undo that first."))


def _back(session: Session, move: Move, day: date) -> None:
    if move.to_id > LAST_FIXED_PLACE:
        there = ledger.available(
            session, place_id=move.to_id, item_id=move.item_id, with_on_hold=True
        )
        left = sum(lot.pieces for lot in there if lot.lot_id == move.lot_id)
        if left < move.pieces:
            item, place = session.get_one(Item, move.item_id), session.get_one(Place, move.to_id)
            raise NotEnoughStock(item=item.names, place=place.name, wanted=move.pieces, there=left)
    ledger.post(
        session,
        item_id=move.item_id,
        lot_id=move.lot_id,
        pieces=move.pieces,
        from_id=move.to_id,
        to_id=move.from_id,
        reason=undoing(Reason(move.reason)),
        day=day,
        receipt_id=move.receipt_id,
        assembly_id=move.assembly_id,
        booking_id=move.booking_id,
        timed=move.recorded_at is not None,
    )


def undoing(reason: Reason) -> Reason:
    """The reason of the move that takes one back: between places of ours, in loans and of kits the same, else a
    correction."""
    same = (Reason.TRANSFER, Reason.LOAN, Reason.DISASSEMBLY)
    return reason if reason in same else Reason.CORRECTION
