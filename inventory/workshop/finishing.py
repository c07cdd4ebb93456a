"""The end of a batch: the kits that were counted are booked, whatever the books say of their components."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from inventory import kits, ledger, statements
from inventory.fefo import Available, allocate
from inventory.tables import Batch, Lot
from inventory.words import UNACCOUNTED, Reason
from inventory.workshop import meanings


def book(session: Session, batch: Batch, confirmed: Sequence[Lot], count: int, day: date) -> None:
    """Book `count` kits at the batch's place, out of the lots confirmed, first expired first.

    The kits exist: what the books have too little of there comes from `unaccounted`, for the lead to look at. None of
    it has a time: two ends of batches and the kits between them would be a pace.
    """
    assert batch.lot is not None
    ledger.lock(session, (batch.place_id,))
    # A lot may have been completed with its expiry since.
    batch.lot.expires = min((lot.expires for lot in confirmed if lot.expires), default=None)
    components = []
    for line in batch.recipe.lines:
        mine = [lot for lot in confirmed if lot.item_id == line.item_id]
        lots = [*mine, *_unshown(session, batch, mine, day)]
        for lot, pieces in _taken(session, batch, lots, mine[-1], line.pieces * count, day):
            item = line.item
            part = kits.Component(item.id, item.code, lot.id, lot.code, lot.expires, pieces)
            components.append(part)
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


def _unshown(session: Session, batch: Batch, confirmed: Sequence[Lot], day: date) -> list[Lot]:
    """Other lots that lie there and last as long as the kits: a picture is touched once, and a box ends."""
    until = batch.lot.expires if batch.lot else None
    there = meanings.proposed(session, item=confirmed[0].item, place_id=batch.place_id, day=day)
    lasting = (lot for lot in there if not lot.expires or (until and until <= lot.expires))
    return [lot for lot in lasting if lot not in confirmed]


def _taken(
    session: Session, batch: Batch, lots: Sequence[Lot], short: Lot, pieces: int, day: date
) -> list[tuple[Lot, int]]:
    """What each lot gives, in this order. What no books have comes to the place first, as pieces of `short`."""
    there = [Available(lot.id, lot.expires, _there(session, batch.place_id, lot)) for lot in lots]
    taken, missing = allocate(there, pieces)
    given = {part.lot_id: part.pieces for part in taken}
    if missing:
        given[short.id] = given.get(short.id, 0) + missing
        ledger.post(
            session,
            item_id=short.item_id,
            lot_id=short.id,
            pieces=missing,
            from_id=UNACCOUNTED,
            to_id=batch.place_id,
            reason=Reason.SHORTFALL,
            day=day,
        )
    return [(lot, given[lot.id]) for lot in lots if lot.id in given]


def _there(session: Session, place_id: int, lot: Lot) -> int:
    row = statements.LOT_THERE(session, place=place_id, item=lot.item_id, lot=lot.id).first()
    return int(row[0]) if row else 0
