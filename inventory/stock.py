"""What lies where: today with the open shifts, or at the end of a past service day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from inventory import catalogue
from inventory.tables import Balance, Hold, Item, Lot, Move, Place, Shift
from inventory.words import PlaceKind

KEEPS_BALANCE = (*(kind for kind in PlaceKind if kind.holds_stock), PlaceKind.UNACCOUNTED)
"""Kinds of places whose pieces are counted; sources and sinks only take part in moves."""


@dataclass(frozen=True, slots=True)
class StockRow:
    """Pieces of one lot at one place; below zero only at `unaccounted`, where that is the open shortfall."""

    place: str
    item: str
    lot: str
    expires: date | None
    pieces: int


def stock(
    session: Session, *, place: str | None = None, item: str | None = None, at: date | None = None
) -> list[StockRow]:
    """On hand at real places and `unaccounted`, open shifts included, by place, item, expiry (undated last) and lot.

    `at` gives the end of that service day, as the ledger tells it today: a hand-out that was recorded later but made
    by then is in it. NotOnTheLists for a place or an item no list has.
    """
    only = _Only(
        None if place is None else catalogue.place(session, place).id,
        None if item is None else catalogue.item(session, item).id,
    )
    flow = union_all(*_flows(only, at)).subquery()
    pieces = func.sum(flow.c.pieces)
    rows = session.execute(
        select(Place.code, Item.code, Lot.code, Lot.expires, pieces)
        .select_from(flow)
        .join(Place, Place.id == flow.c.place_id)
        .join(Item, Item.id == flow.c.item_id)
        .join(Lot, Lot.id == flow.c.lot_id)
        .where(Place.kind.in_(KEEPS_BALANCE))
        .group_by(Place.code, Item.code, Lot.id, Lot.code, Lot.expires)
        .having(pieces != 0)
    )
    found = [
        StockRow(place_code, item_code, lot, expires, int(there))
        for place_code, item_code, lot, expires, there in rows
    ]
    return sorted(found, key=_order)  # here: databases disagree about the order of letters


def _order(row: StockRow) -> tuple[str, str, bool, date, str]:
    return (row.place, row.item, row.expires is None, row.expires or date.max, row.lot)


@dataclass(frozen=True, slots=True)
class _Only:
    place_id: int | None
    item_id: int | None

    def flow(self, table: Any, place: Any, pieces: Any) -> Select[Any]:
        """Pieces of a table's rows that came to the place in one of its columns."""
        query = select(
            place.label("place_id"),
            table.item_id.label("item_id"),
            table.lot_id.label("lot_id"),
            pieces.label("pieces"),
        )
        if self.place_id is not None:
            query = query.where(place == self.place_id)
        if self.item_id is not None:
            query = query.where(table.item_id == self.item_id)
        return query


def _flows(only: _Only, at: date | None) -> list[Select[Any]]:
    """What is there now; for a past day, everything later is taken back: moves, and what shifts of later days hold."""
    now = only.flow(Balance, Balance.place_id, Balance.pieces)
    if at is None:
        return [now]
    moves = [
        only.flow(Move, Move.to_id, -Move.pieces).where(Move.day > at),
        only.flow(Move, Move.from_id, Move.pieces).where(Move.day > at),
    ]
    later = (Shift.id == Hold.shift_id) & (Shift.day > at)
    holds = [
        only.flow(Hold, Hold.to_id, -Hold.pieces).join(Shift, later),
        only.flow(Hold, Hold.from_id, Hold.pieces).join(Shift, later),
    ]
    return [now, *moves, *holds]
