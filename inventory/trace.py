"""Trace: from a lot to everything it went into and everywhere it went, and back to who delivered it.

A handful of statements, whatever the number of moves, each on an index (tests/inventory/test_trace.py). CROSS JOIN
tells SQLite in which order to look: first the few lots, then the places, then their moves.

Open shifts count: what they hold has left the shelf.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.statements import Statement, as_date
from inventory.tables import Item, Lot
from inventory.words import ASSEMBLY, BORROWED, DONATION, FOUND, HANDED_OUT, OPENING, SUPPLIER


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


# `:lots` stands for numbers written into the statement. A recursive query would walk them by itself, but then SQLite
# takes them for a million, and once somebody has let it count rows it reads all moves instead.
KITS_WITH = """
    SELECT DISTINCT move.lot_id, assembly.lot_id FROM move CROSS JOIN assembly
    WHERE move.lot_id IN (:lots) AND move.to_id = :assembly AND assembly.id = move.assembly_id
"""
PARTS_OF = """
    SELECT DISTINCT assembly.lot_id, move.lot_id FROM assembly CROSS JOIN move
    WHERE assembly.lot_id IN (:lots) AND move.assembly_id = assembly.id AND move.to_id = :assembly
"""
KIT_LOTS = """
    WITH used (assembly_id, lot_id) AS (
        SELECT DISTINCT assembly_id, lot_id FROM move
        WHERE lot_id IN (:lots) AND to_id = :assembly AND reason = 'assembly'
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
      AND (move.to_id = :assembly OR move.from_id = :assembly)
      AND lot.id = assembly.lot_id AND item.id = lot.item_id
      AND part_lot.id = used.lot_id AND part.id = part_lot.item_id
    GROUP BY assembly.id, item.code, lot.code, part_lot.id, part.code, part_lot.code
    ORDER BY item.code, lot.code, part.code, part_lot.code
"""
ON_HAND = """
    SELECT place.code, item.code, lot.code, lot.expires, balance.pieces
    FROM lot CROSS JOIN item CROSS JOIN place CROSS JOIN balance
    WHERE lot.id IN (:lots) AND item.id = lot.item_id
      AND balance.place_id = place.id AND balance.item_id = lot.item_id
      AND balance.lot_id = lot.id AND balance.pieces > 0 AND place.kind <> 'unaccounted'
    ORDER BY place.code, item.code, lot.code
"""
GONE = """
    SELECT item.code, lot.code, gone.channel, place.code, site.code, min(gone.day), max(gone.day),
           sum(gone.pieces)
    FROM (
        SELECT lot_id, channel, place_id, site_id, day, sum(pieces) AS pieces
        FROM (
            SELECT lot_id, channel, from_id AS place_id, coalesce(site_id, from_id) AS site_id,
                   day, pieces
            FROM move WHERE lot_id IN (:lots) AND to_id = :handed_out
            UNION ALL
            SELECT move.lot_id, move.channel, move.to_id, coalesce(move.site_id, move.to_id),
                   move.day, -move.pieces
            FROM lot CROSS JOIN place CROSS JOIN move
            WHERE lot.id IN (:lots) AND move.lot_id = lot.id AND move.to_id = place.id
              AND move.from_id = :handed_out AND move.reason = 'correction'
            UNION ALL
            SELECT hold.lot_id, shift.channel, hold.from_id, shift.site_id, shift.day, hold.pieces
            FROM shift CROSS JOIN hold
            WHERE shift.station_id IS NOT NULL AND hold.shift_id = shift.id
              AND hold.lot_id IN (:lots) AND hold.to_id = :handed_out AND hold.pieces > 0
        ) flow
        GROUP BY lot_id, channel, place_id, site_id, day
        HAVING sum(pieces) <> 0
    ) gone CROSS JOIN lot CROSS JOIN item CROSS JOIN place CROSS JOIN place site
    WHERE lot.id = gone.lot_id AND item.id = lot.item_id
      AND place.id = gone.place_id AND site.id = gone.site_id
    GROUP BY item.code, lot.code, gone.channel, place.code, site.code
    ORDER BY item.code, lot.code, gone.channel, place.code, site.code
"""
"""What was taken back and handed out again under another channel counts there."""
ORIGINS = """
    SELECT item.code, lot.code, came.source, receipt.supplier, receipt.note, came.day,
           sum(came.pieces)
    FROM (
        SELECT move.lot_id AS lot_id, source.kind AS source, move.receipt_id AS receipt_id,
               move.day AS day, move.pieces AS pieces
        FROM lot CROSS JOIN place target CROSS JOIN place source CROSS JOIN move
        WHERE lot.id IN (:lots) AND move.lot_id = lot.id AND move.to_id = target.id AND move.from_id = source.id
          AND source.id IN (:supplier, :opening, :donation, :found, :borrowed)
          AND NOT EXISTS (SELECT 1 FROM booking WHERE booking.id = move.booking_id AND booking.undone)
        UNION ALL
        SELECT hold.lot_id, 'supplier', NULL, shift.day, hold.pieces
        FROM shift CROSS JOIN hold
        WHERE shift.station_id IS NOT NULL AND hold.shift_id = shift.id
          AND hold.lot_id IN (:lots) AND hold.from_id = :supplier AND hold.pieces > 0
        UNION ALL
        SELECT assembly.lot_id, 'assembly', NULL, assembly.day, assembly.kits
        FROM assembly WHERE assembly.lot_id IN (:lots)
    ) came CROSS JOIN lot CROSS JOIN item LEFT JOIN receipt ON receipt.id = came.receipt_id
    WHERE lot.id = came.lot_id AND item.id = lot.item_id
    GROUP BY item.code, lot.code, came.source, receipt.supplier, receipt.note, came.day
    ORDER BY item.code, lot.code, came.day, receipt.supplier, receipt.note
"""
"""What was undone never came."""
COMPONENTS = """
    SELECT item.code, lot.code, lot.expires,
           sum(CASE WHEN move.to_id = :assembly THEN move.pieces ELSE -move.pieces END)
    FROM assembly CROSS JOIN move CROSS JOIN lot CROSS JOIN item
    WHERE assembly.lot_id IN (:lots) AND move.assembly_id = assembly.id
      AND (move.to_id = :assembly OR move.from_id = :assembly)
      AND lot.id = move.lot_id AND item.id = lot.item_id AND lot.id <> assembly.lot_id
    GROUP BY item.code, lot.code, lot.expires
    ORDER BY item.code, lot.code
"""
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
    "borrowed": BORROWED,
}


def trace(session: Session, *, lot_id: int) -> Trace:
    """Everything the books know of a lot, forwards and backwards; rows sorted by what they say, not by time."""
    reached = sorted({lot for _, lot in _walk(session, KITS_WITH, [lot_id])})
    made_of = sorted({lot for _, lot in _walk(session, PARTS_OF, [lot_id])})
    return Trace(
        kit_lots=[
            KitLot(item, lot, int(kits), part, part_lot, int(pieces))
            for item, lot, kits, part, part_lot, pieces in _rows(session, KIT_LOTS, reached)
        ],
        on_hand=[
            OnHand(place, item, lot, as_date(expires), pieces)
            for place, item, lot, expires, pieces in _rows(session, ON_HAND, reached)
        ],
        handed_out=[
            HandedOut(item, lot, channel, place, site, _day(first), _day(last), int(pieces))
            for item, lot, channel, place, site, first, last, pieces in _rows(
                session, GONE, reached
            )
        ],
        from_=[
            Origin(item, lot, source, supplier, note, _day(day), int(pieces))
            for item, lot, source, supplier, note, day, pieces in _rows(session, ORIGINS, made_of)
        ],
        components=[
            UsedLot(item, lot, as_date(expires), int(pieces))
            for item, lot, expires, pieces in _rows(session, COMPONENTS, [lot_id])
        ],
    )


def kits_with(session: Session, lots: Iterable[int]) -> set[tuple[int, int]]:
    """Pairs of a lot and itself, and of a lot and one of kits that it went into, also inside other kits."""
    return _walk(session, KITS_WITH, lots)


def _walk(session: Session, step: str, lots: Iterable[int]) -> set[tuple[int, int]]:
    """Each lot with itself and all that `step` leads to from it: one statement for each level of kits inside kits.

    Kits taken apart lead to themselves; what was met before is not followed again.
    """
    found: set[tuple[int, int]] = set()
    ahead = {(lot, lot) for lot in lots}
    while ahead:
        found |= ahead
        steps = _rows(session, step, sorted({at for _, at in ahead}))
        ahead = {(lot, to) for lot, at in ahead for here, to in steps if here == at} - found
    return found


def _rows(session: Session, sql: str, lots: list[int]) -> list[Any]:
    return statement_for(sql, lots)(session, **_PLACES)


def statement_for(sql: str, lots: list[int]) -> Statement:
    """A statement of this page about these lots."""
    return Statement(sql.replace(":lots", ", ".join(map(str, lots))))


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
    """The lots of this code, by code of their item: suppliers number each for themselves.

    Exactly this one; only where none has it, those that differ in capital letters, as people type them.
    """
    found = [lot_id for (lot_id,) in LOTS_CALLED(session, code=text).all()]
    if not found:
        alike = select(Lot.id, Lot.code).join(Item, Item.id == Lot.item_id).order_by(Item.code)
        wanted = text.casefold()
        found = [lot_id for lot_id, code in session.execute(alike) if code.casefold() == wanted]
    return [session.get_one(Lot, lot_id) for lot_id in found]
