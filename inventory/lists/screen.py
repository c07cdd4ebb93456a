"""What places show and keep: `lieu;article;position;niveau`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.lists.checking import Job, Line, Plan
from inventory.lists.fields import MAX_PIECES, Unfit, fold, optional, whole
from inventory.lists.goods import known_items
from inventory.lists.stock import holding, known_places
from inventory.lists.tabular import Cell
from inventory.messages import Message, Names
from inventory.tables import HIDDEN, PlaceItem

MAX_POSITION = 10_000

_HIDDEN = Names("masqué", "verborgen", "hidden")
_HIDDEN_WORDS = frozenset(fold(word) for word in (_HIDDEN.fr, _HIDDEN.nl, _HIDDEN.en, "caché"))

Key = tuple[int, int]
"""Number of the place, number of the item."""


@dataclass(frozen=True, slots=True)
class Described:
    """An item at a place as a row or the database says it."""

    position: int | None
    level: int | None


NOTHING = Described(None, None)


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """Known by place and item; again with other content updates. A file without one of the two last columns leaves
    that alone; an empty cell takes it away."""
    places, items = known_places(job.session), known_items(job.session)
    rows = {(row.place_id, row.item_id): row for row in job.session.scalars(select(PlaceItem))}
    wanted: dict[Key, Described] = {}
    count = 0
    for line in lines:
        place = line.get("place", holding(places))
        item = line.get("item", items.find)
        position = line.get("position", optional(_position))
        level = line.get("level", optional(whole(MAX_PIECES)))
        if not line.sound or place is None or item is None:
            continue
        count += 1
        key = place.id, item.id
        known = _of(rows.get(key))
        described = Described(
            position if line.has("position") else known.position,
            level if line.has("level") else known.level,
        )
        if wanted.setdefault(key, described) != described:
            line.fault("item", Message("each item once in a place, or twice the same"))
    changed = {key: one for key, one in wanted.items() if _of(rows.get(key)) != one}
    return Plan(len(changed), count - len(changed), lambda: _write(job.session, rows, changed))


def _position(cell: Cell) -> int:
    if isinstance(cell, str) and fold(cell) in _HIDDEN_WORDS:
        return HIDDEN
    try:
        return whole(MAX_POSITION)(cell)
    except Unfit as unfit:
        raise Unfit(
            Message("%(number)s; or “%(hidden)s”", number=unfit.expected, hidden=_HIDDEN)
        ) from None


def _of(row: PlaceItem | None) -> Described:
    return Described(row.position, row.level) if row else NOTHING


def _write(session: Session, rows: dict[Key, PlaceItem], changed: dict[Key, Described]) -> None:
    for (place_id, item_id), described in changed.items():
        row = rows.get((place_id, item_id)) or PlaceItem(place_id=place_id, item_id=item_id)
        row.position, row.level = described.position, described.level
        session.add(row)
