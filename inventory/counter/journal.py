"""The journal: what the reads of an open shift do to the stock.

A *hold* is a move that is still open. It changes the balances at once, as a move does, and is written as a move when
the shift closes. What a place does not have on its books comes from `unaccounted`: that is the shortfall.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, picks, receiving, statements
from inventory.counter.values import BringBack, Carry, GiveBack, HandOut
from inventory.errors import NotAllowed
from inventory.fefo import Available, Taken, allocate
from inventory.ledger import change_balance, lock, refuse_on_hold
from inventory.messages import Message
from inventory.statements import as_date
from inventory.tables import Lot, Place
from inventory.words import (
    HANDED_OUT,
    LAST_FIXED_PLACE,
    NO_LOT,
    SUPPLIER,
    UNACCOUNTED,
    UNKNOWN_LOT,
    Mode,
    PlaceKind,
)


class _Held(NamedTuple):
    """One hold of a read, as HOLDS_OF_READ gives it."""

    lot_id: int
    from_id: int
    to_id: int
    item_id: int
    pieces: int
    checked: int


@dataclass(slots=True)
class Journal:
    """The journal of one open shift, within one transaction."""

    session: Session
    shift_id: int
    place_id: int
    items: dict[str, int] = field(default_factory=dict)
    """Numbers of items already looked up, by code."""
    on_hold: date | None = None
    """Since when the lot is on hold that was named last; None where it is not."""

    def hand_out(self, entry: HandOut) -> None:
        """Never refused: what lies beyond the books is a shortfall."""
        item_id = self._item(entry.item)
        lot_id = self._lot(item_id, entry.lot, entry.expires)
        self._flow(entry.read, item_id, lot_id, entry.pieces, self.place_id, HANDED_OUT)

    def carry(self, entry: Carry) -> None:
        """Raises NotAllowed where no place at the other end is known."""
        item_id = self._item(entry.item)
        lot_id = self._lot(item_id, entry.lot, entry.expires)
        if entry.mode is Mode.RECEIVE:
            self._receive(entry, item_id, lot_id)
            return
        other = self._far_end(entry.mode, entry.other)
        lock(self.session, (other.id,))
        here = self.session.get_one(Place, self.place_id)
        source, target = (other, here) if entry.mode is Mode.LOAD else (here, other)
        if lot_id is not None and self.on_hold is not None:
            refuse_on_hold(self.session.get_one(Lot, lot_id), PlaceKind(target.kind))
        from_id, to_id = source.id, target.id
        pieces = self._count_on_list(entry, item_id, lot_id, from_id, to_id)
        self._flow(entry.read, item_id, lot_id, pieces, from_id, to_id)

    def bring_back(self, entry: BringBack) -> None:
        """Unopened material comes into quarantine. Raises NotAllowed where the organisation has none."""
        query = select(Place).where(Place.kind == PlaceKind.QUARANTINE).order_by(Place.id)
        quarantine = self.session.scalars(query).first()
        if quarantine is None:
            raise NotAllowed(
                Message(
                    "Not recorded: there is no quarantine. Put it aside and tell the logistics lead."
                )
            )
        lock(self.session, (quarantine.id,))
        item_id, dated = statements.ITEM_BY_CODE(self.session, code=entry.item).one()
        unread = NO_LOT if dated is None else UNKNOWN_LOT
        lot = unread if entry.lot is None else entry.lot
        expires = None if entry.lot is None else entry.expires  # an unread lot is of any date
        lot_id = self._lot_of_code(item_id, lot, expires)
        self._hold(entry.read, item_id, lot_id, entry.pieces, HANDED_OUT, quarantine.id)
        self._balance(quarantine.id, item_id, lot_id, entry.pieces)

    def give_back(self, entry: GiveBack) -> None:
        """Take back what a read did: all of it, or some pieces, those beyond the books first."""
        read = UUID(entry.read).bytes
        lock(self.session, (end for hold in self._held(read) for end in (hold.from_id, hold.to_id)))
        holds = self._held(read)  # again: whoever had the lock may have covered some of it
        short = {(h.lot_id, h.to_id): h.pieces for h in holds if h.from_id == UNACCOUNTED}
        uncounted = self._uncount(holds)
        left = entry.pieces if uncounted is None else uncounted
        for hold in sorted(holds, key=lambda h: (h.lot_id, h.from_id) not in short):
            if hold.from_id == UNACCOUNTED:
                continue
            pieces = hold.pieces if left is None else min(left, hold.pieces)
            left = None if left is None else left - pieces
            self._less(read, hold.lot_id, pieces, hold.from_id, hold.to_id, hold.checked)
            if hold.checked and hold.from_id == SUPPLIER:
                receiving.uncheck(
                    self.session, place_id=hold.to_id, lot_id=hold.lot_id, pieces=hold.checked
                )
            self._take_from_far_end(entry.read, hold.item_id, hold.lot_id, pieces, hold.to_id)
            beyond = min(pieces, short.get((hold.lot_id, hold.from_id), 0))
            if beyond:
                self._less(read, hold.lot_id, beyond, UNACCOUNTED, hold.from_id)
                self._balance(UNACCOUNTED, hold.item_id, hold.lot_id, beyond)
            if pieces > beyond:
                self._balance(hold.from_id, hold.item_id, hold.lot_id, pieces - beyond)
                self._cover(hold.from_id, hold.item_id, hold.lot_id, pieces - beyond)
        if uncounted and left:  # booked by the other end's reads, which no longer stand either
            hold = next(hold for hold in holds if hold.checked)
            self._flow(entry.read, hold.item_id, None, left, hold.to_id, hold.from_id)
        statements.FORGET_EMPTY_HOLDS(self.session, shift=self.shift_id, read=read)

    def _count_on_list(
        self, entry: Carry, item_id: int, lot_id: int | None, from_id: int, to_id: int
    ) -> int:
        """Count a read on the pick lists between its places: the pieces that are still to be booked.

        The hold keeps how many it counted, whoever booked them.
        """
        way = picks.Way(from_id, to_id, item_id, arrived=to_id == self.place_id)
        booked = picks.count(self.session, way, entry.pieces, today=days.today())
        if booked is None:
            return entry.pieces
        if lot_id is None:
            ends = [*self._there(from_id, item_id, None), *self._there(to_id, item_id, None)]
            lot_id = ends[0].lot_id if ends else self._lot_of_code(item_id, UNKNOWN_LOT)
        self._hold(entry.read, item_id, lot_id, 0, from_id, to_id, checked=entry.pieces)
        return booked

    def _uncount(self, holds: list[_Held]) -> int | None:
        """Take a read off the pick lists it was counted on: how many pieces are no longer booked then.

        None for any other read, and where those lists are too old.
        """
        counted = [hold for hold in holds if hold.checked and hold.from_id != SUPPLIER]
        if not counted:
            return None
        pieces, first = sum(hold.checked for hold in counted), counted[0]
        way = picks.Way(
            first.from_id, first.to_id, first.item_id, arrived=first.to_id == self.place_id
        )
        return picks.uncount(self.session, way, pieces, today=days.today())

    def _flow(
        self, read: str, item_id: int, lot_id: int | None, pieces: int, from_id: int, to_id: int
    ) -> None:
        """Pieces leave a real place, whatever its books say."""
        taken, missing = allocate(self._there(from_id, item_id, lot_id), pieces)
        for part in taken:
            self._balance(from_id, item_id, part.lot_id, -part.pieces)
        if missing:
            lot_id = self._lot_of_code(item_id, UNKNOWN_LOT) if lot_id is None else lot_id
            self._balance(UNACCOUNTED, item_id, lot_id, -missing)
            self._hold(read, item_id, lot_id, missing, UNACCOUNTED, from_id)
            taken.append(Taken(lot_id, missing))
        for part in taken:
            self._hold(read, item_id, part.lot_id, part.pieces, from_id, to_id)
            self._balance(to_id, item_id, part.lot_id, part.pieces)

    def _receive(self, entry: Carry, item_id: int, lot_id: int | None) -> None:
        """Check pieces off the delivery note; only what it does not announce is booked."""
        if lot_id is None:
            lot_id = self._lot_of_code(item_id, NO_LOT)
        checked = receiving.check_off(
            self.session, place_id=self.place_id, lot_id=lot_id, pieces=entry.pieces
        )
        over = entry.pieces - checked
        self._hold(entry.read, item_id, lot_id, over, SUPPLIER, self.place_id, checked=checked)
        self._balance(self.place_id, item_id, lot_id, over)

    def _take_from_far_end(
        self, read: str, item_id: int, lot_id: int, pieces: int, place_id: int
    ) -> None:
        """What had arrived there goes back; if it was handed out meanwhile, it is short there."""
        if place_id <= LAST_FIXED_PLACE:
            return
        taken, missing = allocate(self._there(place_id, item_id, lot_id), pieces)
        for part in taken:
            self._balance(place_id, item_id, lot_id, -part.pieces)
        if missing:
            self._balance(UNACCOUNTED, item_id, lot_id, -missing)
            self._hold(read, item_id, lot_id, missing, UNACCOUNTED, place_id)

    def _cover(self, place_id: int, item_id: int, lot_id: int, pieces: int) -> None:
        """Pieces are back on the books of a place: whoever is short of them there no longer is.

        Only within open shifts: what was posted is settled by the lead.
        """
        if place_id <= LAST_FIXED_PLACE:
            return
        rows = statements.SHORT_THERE(
            self.session,
            handed_out=HANDED_OUT,
            item=item_id,
            place=place_id,
            lot=lot_id,
        )
        for shift_id, read, short_lot, short in rows:
            covered = min(pieces, short)
            if not covered:
                return
            pieces -= covered
            other = Journal(self.session, shift_id, place_id)
            other._less(read, short_lot, covered, UNACCOUNTED, place_id)
            if short_lot != lot_id:
                other._less(read, short_lot, covered, place_id, HANDED_OUT)
                other._hold(str(UUID(bytes=read)), item_id, lot_id, covered, place_id, HANDED_OUT)
            statements.FORGET_EMPTY_HOLDS(self.session, shift=shift_id, read=read)
            self._balance(place_id, item_id, lot_id, -covered)
            self._balance(UNACCOUNTED, item_id, short_lot, covered)

    # One row at a time

    def _held(self, read: bytes) -> list[_Held]:
        rows = statements.HOLDS_OF_READ(self.session, shift=self.shift_id, read=read)
        return [_Held(*row) for row in rows]

    def _there(self, place_id: int, item_id: int, lot_id: int | None) -> list[Available]:
        if lot_id is None:
            rows = statements.LOTS_THERE(self.session, place=place_id, item=item_id)
            return [Available(lot, as_date(expires), pieces) for lot, expires, pieces in rows]
        row = statements.LOT_THERE(self.session, place=place_id, item=item_id, lot=lot_id).first()
        return [Available(lot_id, None, row[0])] if row else []

    def _balance(self, place_id: int, item_id: int, lot_id: int, pieces: int) -> None:
        if pieces and (place_id > LAST_FIXED_PLACE or place_id == UNACCOUNTED):
            change_balance(
                self.session, place_id=place_id, item_id=item_id, lot_id=lot_id, pieces=pieces
            )

    def _hold(
        self,
        read: str,
        item_id: int,
        lot_id: int,
        pieces: int,
        from_id: int,
        to_id: int,
        *,
        checked: int = 0,
    ) -> None:
        statements.HOLD(
            self.session,
            shift=self.shift_id,
            read=bytes.fromhex(read.replace("-", "")),
            lot=lot_id,
            from_id=from_id,
            to_id=to_id,
            item=item_id,
            pieces=pieces,
            checked=checked,
        )

    def _less(
        self, read: bytes, lot_id: int, pieces: int, from_id: int, to_id: int, checked: int = 0
    ) -> None:
        statements.HOLD_LESS(
            self.session,
            shift=self.shift_id,
            read=read,
            lot=lot_id,
            from_id=from_id,
            to_id=to_id,
            pieces=pieces,
            checked=checked,
        )

    def _item(self, code: str) -> int:
        if code not in self.items:
            self.items[code] = statements.ITEM_BY_CODE(self.session, code=code).one()[0]
        return self.items[code]

    def _lot(self, item_id: int, code: str | None, expires: date | None) -> int | None:
        """The lot that was read, made if the lists do not have it yet; None where none was read."""
        return None if code is None else self._lot_of_code(item_id, code, expires)

    def _lot_of_code(self, item_id: int, code: str, expires: date | None = None) -> int:
        row = statements.LOT_BY_CODE(self.session, item=item_id, code=code).first()
        if row is not None:
            self.on_hold = as_date(row[2])
            return int(row[0])
        return catalogue.lot(self.session, item_id=item_id, code=code, expires=expires).id

    def _far_end(self, mode: Mode, code: str | None) -> Place:
        """Where a load comes from or an unload goes to: the place that was read, else the store."""
        named = select(Place).where(Place.code == code)
        stores = select(Place).where(Place.kind == PlaceKind.STORE).order_by(Place.id)
        other = self.session.scalars(named if code else stores).first()
        if other is None or not PlaceKind(other.kind).holds_stock or other.id == self.place_id:
            raise NotAllowed(Message("First read the code of the place at the other end."))
        if mode is Mode.LOAD and not PlaceKind(other.kind).gives_stock:
            raise NotAllowed(Message("Nothing is loaded from a quarantine."))
        return other
