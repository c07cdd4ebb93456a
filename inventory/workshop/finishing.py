"""The end of a batch: the kits that were counted are booked, whatever the books say of their components."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from inventory import kits, ledger, statements
from inventory.fefo import Available, allocate
from inventory.tables import Batch, Lot
from inventory.workshop import meanings


def book(session: Session, batch: Batch, confirmed: Sequence[Lot], count: int, day: date) -> None:
    """Book `count` kits at the batch's place, out of the lots confirmed, first expired first.

    The kits exist: what the books have too little of there comes from `unaccounted`, as pieces of that lot confirmed
    that lasts longest, for the lead to look at. None of it has a time: two ends of batches and the kits between them
    would be a pace.
    """
    assert batch.lot is not None
    ledger.lock(session, (batch.place_id,))
    # A lot may have been completed with its expiry since.
    batch.lot.expires = min((lot.expires for lot in confirmed if lot.expires), default=None)
    components, short = [], []
    for line in batch.recipe.lines:
        mine = [lot for lot in confirmed if lot.item_id == line.item_id]
        lots = [*mine, *_unshown(session, batch, mine, day)]
        taken, missing = allocate(_there(session, batch, lots), line.pieces * count)
        of_line = partial(kits.component, session, line.item)
        components += [of_line(part.lot_id, part.pieces) for part in taken]
        if missing:
            short.append(of_line(mine[-1].id, missing))
    kits.post_assembly(
        session,
        recipe=batch.recipe,
        lot=batch.lot,
        count=count,
        components=_together([*components, *short]),
        from_place=batch.place,
        to_place=batch.place,
        day=day,
        short=short,
    )


def _unshown(session: Session, batch: Batch, confirmed: Sequence[Lot], day: date) -> list[Lot]:
    """Other lots that lie there and last as long as the kits: a picture is touched once, and a box ends."""
    until = batch.lot.expires if batch.lot else None
    there = meanings.proposed(session, item=confirmed[0].item, place_id=batch.place_id, day=day)
    lasting = (lot for lot in there if not lot.expires or (until and until <= lot.expires))
    return [lot for lot in lasting if lot not in confirmed]


def _there(session: Session, batch: Batch, lots: Sequence[Lot]) -> list[Available]:
    """What lies there of each lot, in this order."""
    found = []
    for lot in lots:
        row = statements.LOT_THERE(
            session, place=batch.place_id, item=lot.item_id, lot=lot.id
        ).first()
        found.append(Available(lot.id, lot.expires, int(row[0]) if row else 0))
    return found


def _together(parts: Iterable[kits.Component]) -> list[kits.Component]:
    """One for each lot."""
    found: dict[int, kits.Component] = {}
    for part in parts:
        known = found.get(part.lot_id)
        pieces = part.pieces + (known.pieces if known else 0)
        found[part.lot_id] = replace(part, pieces=pieces)
    return list(found.values())
