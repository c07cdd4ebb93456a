"""The ledger: every change of stock is a move, and the balances follow in the same transaction.

A *posting* says what moves; `post` writes the move and the balances of the real places it touches. Reads at a station
go through the journal first (see `inventory.journal`): they touch the balances at once and become moves at closing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, statements
from inventory.errors import LotOnHold, NotAllowed, NotEnoughStock
from inventory.fefo import Available, Taken, allocate
from inventory.messages import Message
from inventory.statements import as_date
from inventory.tables import Balance, Item, Lot, Move, Place
from inventory.words import LAST_FIXED_PLACE, UNACCOUNTED, UNKNOWN_LOT, PlaceKind, Reason

WITHOUT_TIME = {Reason.BROUGHT_BACK, Reason.SHORTFALL, Reason.ASSEMBLY, Reason.DISASSEMBLY}
"""When somebody came by, and how fast kits were made, is nobody's business. What puts such a move right has no time
either: its caller says so by `timed`."""


def post(
    session: Session,
    *,
    item_id: int,
    lot_id: int,
    pieces: int,
    from_id: int,
    to_id: int,
    reason: Reason,
    day: date,
    receipt_id: int | None = None,
    assembly_id: int | None = None,
    booking_id: bytes | None = None,
    timed: bool = True,
) -> Move:
    """Write a move of today and keep the balances. The caller has made sure that the pieces are there."""
    move = Move(
        item_id=item_id,
        lot_id=lot_id,
        pieces=pieces,
        from_id=from_id,
        to_id=to_id,
        reason=reason,
        day=day,
        recorded_at=days.now() if timed and reason not in WITHOUT_TIME else None,
        receipt_id=receipt_id,
        assembly_id=assembly_id,
        booking_id=booking_id,
    )
    write(session, move)
    return move


def write(session: Session, move: Move) -> None:
    """Write a move whose pieces are there, and keep the balances of both ends."""
    what = {"item_id": move.item_id, "lot_id": move.lot_id}
    session.add(move)
    shift_balance(session, place_id=move.from_id, **what, pieces=-move.pieces)
    shift_balance(session, place_id=move.to_id, **what, pieces=move.pieces)


def shift_balance(
    session: Session, *, place_id: int, item_id: int, lot_id: int, pieces: int
) -> None:
    """Add `pieces` (negative: take) to one balance of a real place or of `unaccounted`; none is kept elsewhere."""
    if pieces == 0 or not _keeps_balance(session, place_id):
        return
    change_balance(session, place_id=place_id, item_id=item_id, lot_id=lot_id, pieces=pieces)


def change_balance(
    session: Session, *, place_id: int, item_id: int, lot_id: int, pieces: int
) -> None:
    """Add `pieces` to the balance of a place known to keep one.

    A row that reaches zero goes: the rows to look through stay as few as the lots that lie there.
    """
    where = {"place": place_id, "item": item_id, "lot": lot_id}
    if pieces < 0 and place_id != UNACCOUNTED:
        after = statements.TAKE(session, **where, pieces=-pieces).scalar_one()
    else:
        after = statements.PUT(session, **where, pieces=pieces).scalar_one()
    if after == 0:
        statements.FORGET_EMPTY(session, **where)


def _keeps_balance(session: Session, place_id: int) -> bool:
    if place_id <= LAST_FIXED_PLACE:
        return place_id == UNACCOUNTED
    return PlaceKind(session.get_one(Place, place_id).kind).holds_stock


NO_SUCH_LOT = 0

PLACES = "places"


def locked(session: Session, place_ids: Iterable[int]) -> None:
    """Remember the places locked so far: whoever loses a deadlock takes them all at once, in order, the next time (see
    `Database.write`)."""
    session.info.setdefault(PLACES, set()).update(place_ids)


def lock(session: Session, place_ids: Iterable[int]) -> None:
    """Take turns at the real places whose balances change, always in the order of their numbers.

    SQLite has one writer at a time already. The lock is the one that lets others refer to the place (their holds and
    moves do) while it is held.
    """
    real = {place_id for place_id in place_ids if place_id > LAST_FIXED_PLACE}
    if real and session.get_bind().dialect.name != "sqlite":
        locked(session, real)
        session.execute(
            select(Place.id)
            .where(Place.id.in_(real))
            .order_by(Place.id)
            .with_for_update(key_share=True)
        )


def lock_item(session: Session, item_id: int) -> None:
    """Take turns at what is owed of an item: places that settle it at once have no row in common but the item's.

    Always after the places. Hand-outs go on: they refer to the item, and this lock lets them.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(Item.id).where(Item.id == item_id).with_for_update(key_share=True))


def available(
    session: Session, *, place_id: int, item_id: int, with_on_hold: bool = False
) -> list[Available]:
    """The lots of an item that lie at a place, first expired first; those on hold are for whoever names them."""
    lots_there = statements.ALL_LOTS_THERE if with_on_hold else statements.LOTS_THERE
    rows = lots_there(session, place=place_id, item=item_id)
    return [Available(lot_id, as_date(expires), pieces) for lot_id, expires, pieces in rows]


def take(
    session: Session, *, place: Place, item: Item, pieces: int, lot_id: int | None = None
) -> list[Taken]:
    """Choose the lots of `pieces` at a place, or refuse: for what a person books at a desk, not for a hand-out."""
    named = lot_id is not None
    there = available(session, place_id=place.id, item_id=item.id, with_on_hold=named)
    if named:
        there = [lot for lot in there if lot.lot_id == lot_id]
    taken, missing = allocate(there, pieces)
    if missing:
        found = pieces - missing
        raise NotEnoughStock(
            item=item.names,
            place=place.name,
            wanted=pieces,
            there=found,
            on_hold=0 if named else _on_hold(session, place, item, found),
        )
    return taken


def _on_hold(session: Session, place: Place, item: Item, free: int) -> int:
    """Pieces at a place that nobody may take without naming their lot."""
    there = available(session, place_id=place.id, item_id=item.id, with_on_hold=True)
    return sum(lot.pieces for lot in there) - free


def refuse_on_hold(lot: Lot, to_kind: PlaceKind) -> None:
    """Raises NotAllowed where a lot on hold would go to be used."""
    if lot.on_hold_since is not None and not to_kind.takes_on_hold:
        raise LotOnHold(
            Message(
                "Lot %(lot)s is on hold since %(day)s. Nothing was moved: put it aside, or take it "
                "to the store, the workshop or a quarantine.",
                lot=lot.code,
                day=lot.on_hold_since,
            )
        )


def transfer(
    session: Session,
    *,
    from_place: Place,
    to_place: Place,
    item: Item,
    pieces: int,
    lot: str | None = None,
    expires: date | None = None,
    day: date,
    why: Reason | None = None,
    booking_id: bytes | None = None,
) -> list[Move]:
    """Move pieces between two places, first expired first unless a lot is named.

    Sources (a donation, something found) give any lot; a move into `unaccounted` settles a shortfall; one from
    `handed out` into quarantine is material that came back unopened. `why` is a reason of its own, such as that of a
    loss; else the two places say it.

    Raises NotEnoughStock where a real place does not hold them, NotAllowed for two places nothing moves between and
    for settling more than was handed out beyond the books.
    """
    reason = transfer_reason(PlaceKind(from_place.kind), PlaceKind(to_place.kind))
    if pieces <= 0 or from_place.id == to_place.id:
        raise NotAllowed(Message("A transfer takes a positive number of pieces somewhere else."))
    lock(session, (from_place.id, to_place.id))
    if to_place.id == UNACCOUNTED:
        lock_item(session, item.id)
        _refuse_settling_more(session, item, pieces)
    return [
        post(
            session,
            item_id=item.id,
            lot_id=part.lot_id,
            pieces=part.pieces,
            from_id=from_place.id,
            to_id=to_place.id,
            reason=why or reason,
            day=day,
            booking_id=booking_id,
        )
        for part in _lots(session, from_place, to_place, item, pieces, lot, expires)
    ]


def _refuse_settling_more(session: Session, item: Item, pieces: int) -> None:
    """Good pieces beyond the shortfall would only vanish from the shelf. What a place lacks is counted there: a count
    may well leave more in `unaccounted` than is owed."""
    open_pieces = max(0, shortfall(session, item_id=item.id))
    if pieces > open_pieces:
        raise NotAllowed(
            Message(
                "%(item)s: %(open)d pieces were handed out beyond the books, and %(wanted)d would "
                "be settled. Nothing was moved: settle %(open)d at most; where a shelf holds less "
                "than the books say, correct it by a count.",
                item=item.names,
                open=open_pieces,
                wanted=pieces,
            )
        )


def _lots(
    session: Session,
    place: Place,
    to_place: Place,
    item: Item,
    pieces: int,
    lot: str | None,
    expires: date | None,
) -> list[Taken]:
    """What leaves a place: of a real one what lies there, of a source whatever lot is named."""
    if not PlaceKind(place.kind).holds_stock:
        code = lot if lot is not None else (UNKNOWN_LOT if item.dated else "")
        made = catalogue.lot(session, item_id=item.id, code=code, expires=expires)
        return [Taken(made.id, pieces)]
    if lot is None:
        return take(session, place=place, item=item, pieces=pieces)
    known = catalogue.known_lot(session, item_id=item.id, code=lot)
    if known is not None:
        refuse_on_hold(known, PlaceKind(to_place.kind))
    lot_id = known.id if known else NO_SUCH_LOT
    return take(session, place=place, item=item, pieces=pieces, lot_id=lot_id)


_SOURCES = {
    PlaceKind.SUPPLIER: Reason.RECEIPT,
    PlaceKind.OPENING: Reason.OPENING,
    PlaceKind.DONATION: Reason.DONATION,
    PlaceKind.FOUND: Reason.FOUND,
    PlaceKind.UNACCOUNTED: Reason.CORRECTION,
}
_SINKS = {
    PlaceKind.DISPOSED: Reason.DISPOSAL,
    PlaceKind.LOST: Reason.LOSS,
    PlaceKind.UNACCOUNTED: Reason.CORRECTION,
    PlaceKind.SUPPLIER: Reason.CORRECTION,
}


def transfer_reason(from_kind: PlaceKind, to_kind: PlaceKind) -> Reason:
    """Why pieces may go from one kind of place to another; NotAllowed where nothing does."""
    if from_kind.holds_stock and to_kind.holds_stock:
        return Reason.TRANSFER
    if {from_kind, to_kind} == {PlaceKind.PARTNER, PlaceKind.BORROWED}:
        return Reason.LOAN
    if to_kind.holds_stock and from_kind in _SOURCES:
        return _SOURCES[from_kind]
    if from_kind.holds_stock and to_kind in _SINKS:
        return _SINKS[to_kind]
    if from_kind is PlaceKind.HANDED_OUT and to_kind is PlaceKind.QUARANTINE:
        return Reason.BROUGHT_BACK
    raise NotAllowed(
        Message("Nothing moves from %(source)s to %(target)s.", source=from_kind, target=to_kind)
    )


def correct(
    session: Session, *, place: Place, item: Item, lot: str, counted: int, day: date
) -> Move | None:
    """Bring the books to what was counted; the difference comes from or goes to `unaccounted`."""
    lock(session, (place.id,))
    if not PlaceKind(place.kind).holds_stock or counted < 0:
        raise NotAllowed(Message("Only a place that holds stock can be counted."))
    lot_id = catalogue.lot(session, item_id=item.id, code=lot).id
    there = session.scalar(
        select(Balance.pieces).where(
            Balance.place_id == place.id, Balance.item_id == item.id, Balance.lot_id == lot_id
        )
    )
    difference = counted - (there or 0)
    if difference == 0:
        return None
    return post(
        session,
        item_id=item.id,
        lot_id=lot_id,
        pieces=abs(difference),
        from_id=UNACCOUNTED if difference > 0 else place.id,
        to_id=place.id if difference > 0 else UNACCOUNTED,
        reason=Reason.COUNT,
        day=day,
    )


def shortfall(session: Session, *, item_id: int) -> int:
    """Pieces handed out beyond the books and not yet settled: minus the balance of `unaccounted`, over all lots."""
    rows = session.scalars(
        select(Balance.pieces).where(Balance.place_id == UNACCOUNTED, Balance.item_id == item_id)
    )
    return -sum(rows)
