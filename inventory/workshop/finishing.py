"""The end of a batch: the kits that were counted are booked, whatever the books say of their components."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from inventory import kits, ledger, statements
from inventory.fefo import Available, Taken, allocate
from inventory.tables import Batch, Item, Lot
from inventory.words import UNACCOUNTED, Reason


def book(session: Session, batch: Batch, confirmed: Sequence[Lot], count: int, day: date) -> None:
    """Book `count` kits at the batch's place, out of the lots confirmed, first expired first.

    The kits exist: what the books have too little of there comes from `unaccounted`, for the lead to look at. None of
    it has a time: two ends of batches and the kits between them would be a pace.
    """
    ledger.lock(session, (batch.place_id,))
    components = []
    for line in batch.recipe.lines:
        lots = [lot for lot in confirmed if lot.item_id == line.item_id]
        taken = _taken(session, batch, lots, line.pieces * count, day)
        components += [_component(line.item, lots, part) for part in taken]
    assert batch.lot is not None
    # A lot may have been completed with its expiry since.
    batch.lot.expires = min((lot.expires for lot in confirmed if lot.expires), default=None)
    kits.post_assembly(
        session,
        recipe=batch.recipe,
        lot=batch.lot,
        count=count,
        components=components,
        from_place=batch.place,
        to_place=batch.place,
        day=day,
    )


def _taken(
    session: Session, batch: Batch, lots: Sequence[Lot], pieces: int, day: date
) -> list[Taken]:
    """What each lot gives; the last of them what no books have, which comes to the place first."""
    there = [Available(lot.id, lot.expires, _there(session, batch.place_id, lot)) for lot in lots]
    taken, missing = allocate(there, pieces)
    if not missing:
        return taken
    last = lots[-1]
    ledger.post(
        session,
        item_id=last.item_id,
        lot_id=last.id,
        pieces=missing,
        from_id=UNACCOUNTED,
        to_id=batch.place_id,
        reason=Reason.SHORTFALL,
        day=day,
    )
    more = sum(part.pieces for part in taken if part.lot_id == last.id)
    others = [part for part in taken if part.lot_id != last.id]
    return [*others, Taken(last.id, more + missing)]


def _there(session: Session, place_id: int, lot: Lot) -> int:
    row = statements.LOT_THERE(session, place=place_id, item=lot.item_id, lot=lot.id).first()
    return int(row[0]) if row else 0


def _component(item: Item, lots: Sequence[Lot], part: Taken) -> kits.Component:
    lot = next(lot for lot in lots if lot.id == part.lot_id)
    return kits.Component(item.id, item.code, lot.id, lot.code, lot.expires, part.pieces)
