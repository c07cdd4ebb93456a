"""Opening stock, counted before the books begin: `lieu;article;pièces;lot;péremption`, and a `date` if wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.lists import fields
from inventory.lists.checking import Directory, Job, Line, Plan
from inventory.lists.fields import Unfit, optional, pieces
from inventory.lists.goods import Lots, known_items, read_lot
from inventory.lists.tabular import Cell
from inventory.messages import Message
from inventory.tables import Lot, Move, Place
from inventory.words import OPENING, PlaceKind, Reason

Key = tuple[int, int, str]
"""Number of the place, number of the item, lot."""


@dataclass(frozen=True, slots=True)
class Opening:
    pieces: int
    expires: date | None
    day: date


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """Known by place, item and lot: the same number again changes nothing, another is a fault.

    The date stays as first imported. An expired lot may lie somewhere, so it may be counted.
    """
    places = known_places(job.session)
    items, lots = known_items(job.session), Lots.of(job.session)
    known = _known(job.session)
    seen: set[Key] = set()
    new: dict[Key, Opening] = {}
    for line in lines:
        place = line.get("place", holding(places))
        item = line.get("item", items.find)
        count = line.get("pieces", pieces)
        day = line.get("date", optional(fields.day))
        lot, expires = read_lot(line, item, lots)
        if not line.sound or place is None or item is None or count is None or lot is None:
            continue
        key = (place.id, item.id, lot)
        if key in seen:
            line.fault("lot", Message("each lot once in a place: add the pieces up in one row"))
        elif known.get(key, count) != count:
            line.fault("pieces", Message("%(count)d, as imported before", count=known[key]))
        elif key not in known:
            new[key] = Opening(count, expires, day or job.today)
        seen.add(key)
        lots.remember(item, lot, expires)
    return Plan(len(new), len(seen) - len(new), lambda: _write(job.session, new))


def known_places(session: Session) -> Directory[Place]:
    places = session.scalars(select(Place))
    return Directory(
        ((place.code, place) for place in places), missing=Message("a place of the lists")
    )


def holds_stock(place: Place) -> bool:
    return PlaceKind(place.kind).holds_stock


def holding(places: Directory[Place]) -> Callable[[Cell], Place]:
    """The place of a cell, where pieces can lie."""

    def parse(cell: Cell) -> Place:
        place = places.find(cell)
        if not holds_stock(place):
            raise Unfit(Message("a place that holds stock"))
        return place

    return parse


def _known(session: Session) -> dict[Key, int]:
    rows = session.execute(
        select(Move.to_id, Move.item_id, Lot.code, func.sum(Move.pieces))
        .join(Lot, Lot.id == Move.lot_id)
        .where(Move.from_id == OPENING)
        .group_by(Move.to_id, Move.item_id, Lot.code)
    )
    return {(place_id, item_id, lot): count for place_id, item_id, lot, count in rows}


def _write(session: Session, new: dict[Key, Opening]) -> None:
    ledger.lock(session, {place_id for place_id, _, _ in new})
    for (place_id, item_id, code), opening in new.items():
        lot = catalogue.lot(session, item_id=item_id, code=code, expires=opening.expires)
        ledger.post(
            session,
            item_id=item_id,
            lot_id=lot.id,
            pieces=opening.pieces,
            from_id=OPENING,
            to_id=place_id,
            reason=Reason.OPENING,
            day=opening.day,
        )
