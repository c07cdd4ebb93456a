"""First expired, first out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

FIRST_EXPIRED = "lot.expires IS NULL, lot.expires, lot.code"
"""The order in which the lots of an item are used, for SQL: earliest expiry first, undated last, those of the same day
by their codes (never by their numbers, which are drawn at random)."""


@dataclass(frozen=True, slots=True)
class Available:
    """Pieces of one lot that lie somewhere."""

    lot_id: int
    expires: date | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Taken:
    lot_id: int
    pieces: int


def allocate(available: Iterable[Available], pieces: int) -> tuple[list[Taken], int]:
    """What to take from lots already in order, and how many pieces are missing.

    >>> allocate([Available(1, None, 3), Available(2, None, 5)], 4)
    ([Taken(lot_id=1, pieces=3), Taken(lot_id=2, pieces=1)], 0)
    """
    taken = []
    for lot in available:
        if pieces <= 0:
            break
        part = min(lot.pieces, pieces)
        if part > 0:
            taken.append(Taken(lot.lot_id, part))
            pieces -= part
    return taken, pieces
