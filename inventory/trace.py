"""Trace: from a lot to everything it went into and everywhere it went, and back to who delivered it.

Five statements for a lot, whatever the number of moves, each on an index (tests/inventory/test_trace.py). Where SQLite
has no statistics, CROSS JOIN says in which order to look: first the few lots, then the places, then their moves.

Open shifts count: what they hold has left the shelf.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from inventory.statements import Statement, as_date
from inventory.tables import Lot
from inventory.words import ASSEMBLY, DONATION, FOUND, HANDED_OUT, OPENING, SUPPLIER


@dataclass(frozen=True, slots=True)
class KitLot:
    """Kits that a lot went into, directly or inside other kits."""

    item: str
    lot: str
    kits: int
    """Made and not taken apart."""

    component: str
    component_lot: str
    pieces: int
    """Of that component lot, less what came back out. Where kits of one lot hold several lots of a component, taking
    apart assumes which came back: a lot may still be inside though none is left on the books, so it stays listed."""


@dataclass(frozen=True, slots=True)
class OnHand:
    place: str
    item: str
    lot: str
    expires: date | None
    pieces: int


@dataclass(frozen=True, slots=True)
class HandedOut:
    """Pieces of one lot that left from `place`, given at `site`: the same, or where a round stopped."""

    item: str
    lot: str
    channel: str | None
    place: str
    site: str
    first_day: date
    last_day: date
    pieces: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where pieces of a lot came from: `source` is the kind of place, or `assembly` for kits made here."""

    item: str
    lot: str
    source: str
    supplier: str | None
    note: str | None
    day: date
    pieces: int


@dataclass(frozen=True, slots=True)
class UsedLot:
    """Pieces of one lot inside the kits of a traced lot that are not taken apart."""

    item: str
    lot: str
    expires: date | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Trace:
    kit_lots: list[KitLot]
    on_hand: list[OnHand]
    handed_out: list[HandedOut]
    from_: list[Origin]
    components: list[UsedLot]


_REACHED = """
    WITH RECURSIVE reached (lot_id) AS (
        SELECT id FROM lot WHERE id = :lot
        UNION
        SELECT assembly.lot_id
        FROM reached CROSS JOIN move CROSS JOIN assembly
        WHERE move.lot_id = reached.lot_id AND move.to_id = :assembly
          AND assembly.id = move.assembly_id
    )
"""
"""The lot and every kit lot it is in. Kits that were taken apart reach themselves again: UNION stops there."""

_MADE_OF = """
    WITH RECURSIVE made_of (lot_id) AS (
        SELECT id FROM lot WHERE id = :lot
        UNION
        SELECT move.lot_id
        FROM made_of CROSS JOIN assembly CROSS JOIN move
        WHERE assembly.lot_id = made_of.lot_id AND move.assembly_id = assembly.id
          AND move.to_id = :assembly
    )
"""

KIT_LOTS = Statement(
    f"""
    {_REACHED}, used (assembly_id, lot_id) AS (
        SELECT DISTINCT move.assembly_id, move.lot_id
        FROM reached CROSS JOIN move
        WHERE move.lot_id = reached.lot_id AND move.to_id = :assembly AND move.reason = 'assembly'
    )
    SELECT item.code, lot.code,
           assembly.kits - coalesce((
               SELECT sum(back.pieces) FROM move back
               WHERE back.assembly_id = assembly.id AND back.lot_id = assembly.lot_id
                 AND back.reason = 'disassembly'
           ), 0),
           part.code, part_lot.code,
           sum(CASE WHEN move.to_id = :assembly THEN move.pieces ELSE -move.pieces END)
    FROM used CROSS JOIN assembly CROSS JOIN move CROSS JOIN lot CROSS JOIN item
    CROSS JOIN lot part_lot CROSS JOIN item part
    WHERE assembly.id = used.assembly_id
      AND move.assembly_id = used.assembly_id AND move.lot_id = used.lot_id
      AND lot.id = assembly.lot_id AND item.id = lot.item_id
      AND part_lot.id = used.lot_id AND part.id = part_lot.item_id
    GROUP BY assembly.id, item.code, lot.code, part_lot.id, part.code, part_lot.code
    ORDER BY item.code, lot.code, part.code, part_lot.code
    """
)
ON_HAND = Statement(
    f"""
    {_REACHED}
    SELECT place.code, item.code, lot.code, lot.expires, balance.pieces
    FROM reached CROSS JOIN lot CROSS JOIN item CROSS JOIN place CROSS JOIN balance
    WHERE lot.id = reached.lot_id AND item.id = lot.item_id
      AND balance.place_id = place.id AND balance.item_id = lot.item_id
      AND balance.lot_id = lot.id AND balance.pieces > 0 AND place.kind <> 'unaccounted'
    ORDER BY place.code, item.code, lot.code
    """
)
GONE = Statement(
    f"""
    {_REACHED}
    SELECT item.code, lot.code, gone.channel, place.code, site.code, min(gone.day), max(gone.day),
           sum(gone.pieces)
    FROM (
        SELECT move.lot_id AS lot_id, move.channel AS channel, move.from_id AS place_id,
               coalesce(move.site_id, move.from_id) AS site_id, move.day AS day,
               move.pieces AS pieces
        FROM reached CROSS JOIN move
        WHERE move.lot_id = reached.lot_id AND move.to_id = :handed_out
        UNION ALL
        SELECT hold.lot_id, shift.channel, hold.from_id, shift.site_id, shift.day, hold.pieces
        FROM reached CROSS JOIN lot CROSS JOIN place CROSS JOIN hold CROSS JOIN shift
        WHERE lot.id = reached.lot_id AND hold.from_id = place.id AND hold.item_id = lot.item_id
          AND hold.lot_id = lot.id AND hold.to_id = :handed_out AND hold.pieces > 0
          AND shift.id = hold.shift_id
    ) gone CROSS JOIN lot CROSS JOIN item CROSS JOIN place CROSS JOIN place site
    WHERE lot.id = gone.lot_id AND item.id = lot.item_id
      AND place.id = gone.place_id AND site.id = gone.site_id
    GROUP BY item.code, lot.code, gone.channel, place.code, site.code
    ORDER BY item.code, lot.code, gone.channel, place.code, site.code
    """
)
ORIGINS = Statement(
    f"""
    {_MADE_OF}
    SELECT item.code, lot.code, came.source, receipt.supplier, receipt.note, came.day,
           sum(came.pieces)
    FROM (
        SELECT move.lot_id AS lot_id, source.kind AS source, move.receipt_id AS receipt_id,
               move.day AS day, move.pieces AS pieces
        FROM made_of CROSS JOIN place target CROSS JOIN place source CROSS JOIN move
        WHERE move.lot_id = made_of.lot_id AND move.to_id = target.id AND move.from_id = source.id
          AND source.id IN (:supplier, :opening, :donation, :found)
        UNION ALL
        SELECT hold.lot_id, 'supplier', NULL, shift.day, hold.pieces
        FROM made_of CROSS JOIN lot CROSS JOIN hold CROSS JOIN shift
        WHERE lot.id = made_of.lot_id AND hold.from_id = :supplier AND hold.item_id = lot.item_id
          AND hold.lot_id = lot.id AND hold.pieces > 0 AND shift.id = hold.shift_id
        UNION ALL
        SELECT assembly.lot_id, 'assembly', NULL, assembly.day, assembly.kits
        FROM made_of CROSS JOIN assembly WHERE assembly.lot_id = made_of.lot_id
    ) came CROSS JOIN lot CROSS JOIN item LEFT JOIN receipt ON receipt.id = came.receipt_id
    WHERE lot.id = came.lot_id AND item.id = lot.item_id
    GROUP BY item.code, lot.code, came.source, receipt.supplier, receipt.note, came.day
    ORDER BY item.code, lot.code, came.day, receipt.supplier, receipt.note
    """
)
COMPONENTS = Statement(
    """
    SELECT item.code, lot.code, lot.expires,
           sum(CASE WHEN move.to_id = :assembly THEN move.pieces ELSE -move.pieces END)
    FROM assembly CROSS JOIN move CROSS JOIN lot CROSS JOIN item
    WHERE assembly.lot_id = :lot AND move.assembly_id = assembly.id
      AND lot.id = move.lot_id AND item.id = lot.item_id AND lot.id <> assembly.lot_id
    GROUP BY item.code, lot.code, lot.expires
    ORDER BY item.code, lot.code
    """
)
# By way of the items, so that the key of lots serves: nobody scans all lots for one.
LOTS_CALLED = Statement(
    """
    SELECT lot.id FROM item CROSS JOIN lot
    WHERE lot.item_id = item.id AND lot.code = :code ORDER BY item.code
    """
)

_PLACES = {
    "assembly": ASSEMBLY,
    "handed_out": HANDED_OUT,
    "supplier": SUPPLIER,
    "opening": OPENING,
    "donation": DONATION,
    "found": FOUND,
}


def trace(session: Session, *, lot_id: int) -> Trace:
    """Everything the books know of a lot, forwards and backwards; rows sorted by what they say, not by time."""

    def rows(statement: Statement) -> list[Any]:
        return list(statement(session, lot=lot_id, **_PLACES).all())

    return Trace(
        kit_lots=[
            KitLot(item, lot, int(kits), part, part_lot, int(pieces))
            for item, lot, kits, part, part_lot, pieces in rows(KIT_LOTS)
        ],
        on_hand=[
            OnHand(place, item, lot, as_date(expires), pieces)
            for place, item, lot, expires, pieces in rows(ON_HAND)
        ],
        handed_out=[
            HandedOut(item, lot, channel, place, site, _day(first), _day(last), int(pieces))
            for item, lot, channel, place, site, first, last, pieces in rows(GONE)
        ],
        from_=[
            Origin(item, lot, source, supplier, note, _day(day), int(pieces))
            for item, lot, source, supplier, note, day, pieces in rows(ORIGINS)
        ],
        components=[
            UsedLot(item, lot, as_date(expires), int(pieces))
            for item, lot, expires, pieces in rows(COMPONENTS)
        ],
    )


def _day(value: str | date) -> date:
    day = as_date(value)
    assert day is not None
    return day


def merged(traces: Iterable[Trace]) -> Trace:
    """One trace of several lots, for a code that more than one item has. No row comes twice."""
    found = list(traces)
    return Trace(
        kit_lots=list(dict.fromkeys(row for trace in found for row in trace.kit_lots)),
        on_hand=list(dict.fromkeys(row for trace in found for row in trace.on_hand)),
        handed_out=list(dict.fromkeys(row for trace in found for row in trace.handed_out)),
        from_=list(dict.fromkeys(row for trace in found for row in trace.from_)),
        components=list(dict.fromkeys(row for trace in found for row in trace.components)),
    )


def find_lots(session: Session, text: str) -> list[Lot]:
    """The lots of exactly this code, by code of their item: suppliers number each for themselves."""
    return [session.get_one(Lot, lot_id) for (lot_id,) in LOTS_CALLED(session, code=text).all()]
