"""A tick sheet was typed in by mistake: taken back as a whole, in one act. Afterwards it can be typed in anew.

The ledger is append-only, so what the sheet handed out comes back by further moves of the same shift and day, without a
time, and what it was short of is owed no longer. Passages, contacts and returns are totals and not moves: they go.
"""

from __future__ import annotations

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from inventory.counter.correcting import standing
from inventory.errors import NotAllowed
from inventory.ledger import lock, shift_balance
from inventory.messages import Message
from inventory.tables import Item, Lot, Move, Shift, ShiftCount, ShiftReturn
from inventory.words import HANDED_OUT, UNACCOUNTED, Reason


def take_back(session: Session, *, shift_id: int) -> bool:
    """Take a sheet back; False, and nothing changes, where it was taken back before.

    Raises NotAllowed for a shift that was read at a station, and where what the sheet handed out was counted or
    settled since: the books then know of it in another way too.
    """
    place_id = session.get_one(Shift, shift_id).place_id
    lock(session, (place_id,))
    shift = session.get_one(Shift, shift_id, populate_existing=True)
    if shift.taken_back:
        return False
    if not shift.from_sheet:
        raise NotAllowed(Message("Only a sheet that was typed in can be taken back as a whole."))
    counted = _counted_since(session, shift)
    if counted is not None:
        raise NotAllowed(
            Message(
                "%(item)s was counted or settled after this sheet was saved: taking the sheet back "
                "would spoil that. Nothing was changed: ask the logistics lead.",
                item=counted.names,
            )
        )
    for one, pieces in sorted(standing(session, shift).items()):
        if pieces > 0:
            way = (HANDED_OUT, one.place_id)
            _move(session, shift, one.item_id, one.lot_id, pieces, way, one.channel, one.site_id)
    for item_id, lot_id, pieces in _short(session, shift):
        _move(session, shift, item_id, lot_id, pieces, (shift.place_id, UNACCOUNTED))
    for totals in (ShiftCount, ShiftReturn):
        session.execute(delete(totals).where(totals.shift_id == shift.id))
    shift.taken_back = True
    session.flush()
    return True


def _counted_since(session: Session, shift: Shift) -> Item | None:
    """An item of the sheet that somebody counted at its place since, or whose shortfall somebody settled."""
    mine = select(func.min(Move.id), Move.item_id).where(Move.shift_id == shift.id)
    first = session.execute(mine.group_by(Move.item_id)).all()
    if not first:
        return None
    items = {item_id for _, item_id in first}
    short = {item_id for item_id, _, _ in _short(session, shift)}
    at_its_place = or_(
        and_(Move.from_id == UNACCOUNTED, Move.to_id == shift.place_id),
        and_(Move.to_id == UNACCOUNTED, Move.from_id == shift.place_id),
    )
    settled = and_(Move.to_id == UNACCOUNTED, Move.item_id.in_(short))
    return session.scalar(
        select(Item)
        .join(Move, Move.item_id == Item.id)
        .where(
            # By lot, for the moves of a lot have an index.
            Move.lot_id.in_(select(Lot.id).where(Lot.item_id.in_(items))),
            or_(at_its_place, settled),
            Move.reason == Reason.CORRECTION,
            Move.shift_id.is_(None),
            Move.id > min(move_id for move_id, _ in first),
        )
        .order_by(Item.id)
        .limit(1)
    )


def _short(session: Session, shift: Shift) -> list[tuple[int, int, int]]:
    """What the sheet handed out beyond the books: item, lot and pieces, in the order of the lists."""
    rows = session.execute(
        select(Item.id, Lot.id, func.sum(Move.pieces))
        .join(Item, Item.id == Move.item_id)
        .join(Lot, Lot.id == Move.lot_id)
        .where(Move.shift_id == shift.id, Move.reason == Reason.SHORTFALL)
        .group_by(Item.id, Item.code, Lot.id, Lot.code)
        .order_by(Item.code, Lot.code)
    )
    return [(item_id, lot_id, int(pieces)) for item_id, lot_id, pieces in rows]


def _move(
    session: Session,
    shift: Shift,
    item_id: int,
    lot_id: int,
    pieces: int,
    way: tuple[int, int],
    channel: str | None = None,
    site_id: int | None = None,
) -> None:
    from_id, to_id = way
    move = Move(
        item_id=item_id,
        lot_id=lot_id,
        pieces=pieces,
        from_id=from_id,
        to_id=to_id,
        reason=Reason.CORRECTION,
        day=shift.day,
        shift_id=shift.id,
        channel=channel,
        site_id=site_id,
        project=shift.project if from_id == HANDED_OUT else None,
    )
    session.add(move)
    shift_balance(session, place_id=from_id, item_id=item_id, lot_id=lot_id, pieces=-pieces)
    shift_balance(session, place_id=to_id, item_id=item_id, lot_id=lot_id, pieces=pieces)
    # One by one, so that on every database the moves stand in this order.
    session.flush()
