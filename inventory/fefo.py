"""First expired, first out: a pure rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


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


def fefo_order(available: Iterable[Available]) -> list[Available]:
    """The order in which lots are used: earliest expiry first, undated last, then the lot that came first."""
    return sorted(
        available, key=lambda lot: (lot.expires is None, lot.expires or date.max, lot.lot_id)
    )


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
