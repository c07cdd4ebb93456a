"""Replenishing a place: what is low there, and how much a store has to bring.

A place has a level per item: the pieces that should be there when it opens. What lies there is what the books say with
the open shifts, so a counter is low as soon as its level is handed out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.orm import Session

from inventory import ledger
from inventory.fefo import Available, allocate
from inventory.messages import Names
from inventory.tables import Balance, Item, Lot, Pack, Place, PlaceItem
from inventory.words import PlaceKind

SOURCES = (PlaceKind.STORE, PlaceKind.WORKSHOP)
"""Where what is low comes from, in this order: kits lie where they are made."""

PART_OF_LEVEL = 4
"""The last pieces are brought as a whole pack where that is at most this part of the level: nobody opens a box for
three pieces, and a shelf is never filled by more than a quarter beyond its level."""


@dataclass(frozen=True, slots=True)
class Low:
    """An item below its level at a place."""

    item_id: int
    item: str
    names: Names
    there: int
    level: int

    @property
    def lacking(self) -> int:
        return self.level - self.there


def low(session: Session, *, place_id: int) -> list[Low]:
    """What is below its level at a place, in the order of the lists; what is on hold does not count. One statement."""
    return _below(session, PlaceItem.place_id == place_id).get(place_id, [])


def low_everywhere(session: Session) -> dict[int, list[Low]]:
    """The same of every place, by its number. One statement."""
    return _below(session, true())


def _below(session: Session, where: ColumnElement[bool]) -> dict[int, list[Low]]:
    of_use = case((Lot.on_hold_since.is_(None), Balance.pieces), else_=0)
    there = func.coalesce(func.sum(of_use), 0)
    at_place = (Balance.place_id == PlaceItem.place_id) & (Balance.item_id == PlaceItem.item_id)
    rows = session.execute(
        select(PlaceItem.place_id, Item, PlaceItem.level, there)
        .join(PlaceItem, PlaceItem.item_id == Item.id)
        .outerjoin(Balance, at_place)
        .outerjoin(Lot, Lot.id == Balance.lot_id)
        .where(where, PlaceItem.level.is_not(None))
        .group_by(PlaceItem.place_id, Item.id, PlaceItem.level)
        .having(there < PlaceItem.level)
        .order_by(Item.id)
    )
    found: dict[int, list[Low]] = {}
    for place_id, item, level, pieces in rows:
        one = Low(item.id, item.code, item.names, int(pieces), level or 0)
        found.setdefault(place_id, []).append(one)
    return found


# How much to bring


Packs = list[tuple[int, int]]
"""How many of which size, largest first; single pieces are packs of one."""


def to_bring(lacking: int, *, level: int, packs: Collection[int], there: int) -> Packs:
    """What to bring: up to the level, the last pieces as a whole pack where that is small beside the level, and no more
    than the store has. `packs` are the sizes the item comes in, `there` is what the store has.

    >>> to_bring(97, level=200, packs=[10, 100], there=1000)
    [(1, 100)]
    >>> to_bring(97, level=100, packs=[100], there=1000), to_bring(97, level=200, packs=[10], there=64)
    ([(97, 1)], [(6, 10), (4, 1)])
    """
    found = Counter({size: count for count, size in in_packs(lacking, packs)})
    small = [size for size in packs if size > 1 and size * PART_OF_LEVEL <= level]
    if found[1] and small:
        del found[1]
        found[min(small)] += 1
    pieces = total((count, size) for size, count in found.items())
    if pieces > there:
        return in_packs(there, packs)
    in_larger = in_packs(pieces, packs)
    if not any(size == 1 for _, size in in_larger):
        return in_larger
    return [(found[size], size) for size in sorted(found, reverse=True) if found[size]]


def total(packs: Iterable[tuple[int, int]]) -> int:
    """The pieces in some packs."""
    return sum(count * size for count, size in packs)


def in_packs(pieces: int, packs: Collection[int]) -> Packs:
    """Packs that hold exactly these pieces, the largest first.

    >>> in_packs(237, [10, 100])
    [(2, 100), (3, 10), (7, 1)]
    """
    found = []
    for size in sorted({1, *packs}, reverse=True):
        count, pieces = divmod(pieces, size)
        if count:
            found.append((count, size))
    return found


@dataclass(frozen=True, slots=True)
class FromLot:
    """Pieces to take of one lot."""

    lot: str
    expires: date | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Bring:
    """What a store has to bring of one item."""

    low: Low
    pieces: int
    packs: Packs
    lots: list[FromLot]
    """First expired first; what has expired stays where it is."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place, as far as a list says it."""

    id: int
    code: str
    name: str

    @classmethod
    def of(cls, place: Place) -> Where:
        return cls(place.id, place.code, place.name)


@dataclass(frozen=True, slots=True)
class Round:
    """What one store has to bring to one place."""

    store: Where
    place: Where
    lines: list[Bring]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a place lacks: who brings what, and what nobody has enough of."""

    place: Where
    low: list[Low]
    rounds: list[Round]
    short: list[tuple[Low, int]]
    """Items that no store has enough of to come up to the level, with the pieces that lack."""


def needs(session: Session, *, place: Place, day: date) -> Needs:
    """What to bring to a place on a day, from the stores and then the workshops."""
    below = low(session, place_id=place.id)
    sizes = _sizes(session, [one.item_id for one in below])
    left = {one.item_id: one.lacking for one in below}
    rounds = []
    for store in _stores(session, place):
        lines = []
        for one in below:
            there = _usable(session, store.id, one.item_id, day)
            packs = to_bring(
                max(0, left[one.item_id]),
                level=one.level,
                packs=sizes.get(one.item_id, set()),
                there=sum(lot.pieces for lot in there),
            )
            pieces = total(packs)
            if pieces:
                left[one.item_id] -= pieces
                lines.append(Bring(one, pieces, packs, _lots(session, there, pieces)))
        if lines:
            rounds.append(Round(Where.of(store), Where.of(place), lines))
    short = [(one, left[one.item_id]) for one in below if left[one.item_id] > 0]
    return Needs(Where.of(place), below, rounds, short)


def all_needs(session: Session, *, day: date) -> list[Needs]:
    """Every place that lacks something, by name."""
    found = [needs(session, place=place, day=day) for place in places_with_levels(session)]
    return [one for one in found if one.low]


def places_with_levels(session: Session) -> list[Place]:
    """The places that are replenished, by name."""
    wanted = select(PlaceItem.place_id).where(PlaceItem.level.is_not(None)).distinct()
    query = select(Place).where(Place.id.in_(wanted)).order_by(Place.name)
    return list(session.scalars(query))


def _stores(session: Session, place: Place) -> list[Place]:
    found = session.scalars(
        select(Place).where(Place.kind.in_(SOURCES), Place.id != place.id).order_by(Place.id)
    )
    return sorted(found, key=lambda store: SOURCES.index(PlaceKind(store.kind)))


def _sizes(session: Session, item_ids: list[int]) -> dict[int, set[int]]:
    rows = session.execute(select(Pack.item_id, Pack.pieces).where(Pack.item_id.in_(item_ids)))
    sizes: dict[int, set[int]] = {}
    for item_id, pieces in rows:
        sizes.setdefault(item_id, set()).add(pieces)
    return sizes


def lots_to_take(
    session: Session, *, store_id: int, item_id: int, pieces: int, day: date
) -> list[FromLot]:
    """Where a store takes so many pieces of an item from, first expired first, as it stands now."""
    return _lots(session, _usable(session, store_id, item_id, day), pieces)


def _usable(session: Session, store_id: int, item_id: int, day: date) -> list[Available]:
    there = ledger.available(session, place_id=store_id, item_id=item_id)
    return [lot for lot in there if lot.expires is None or lot.expires >= day]


def _lots(session: Session, there: list[Available], pieces: int) -> list[FromLot]:
    taken, _ = allocate(there, pieces)
    lots = [session.get_one(Lot, part.lot_id) for part in taken]
    return [
        FromLot(lot.code, lot.expires, part.pieces) for lot, part in zip(lots, taken, strict=True)
    ]


# Levels


def levels(session: Session, *, place_id: int) -> dict[str, int]:
    """The levels of a place, by code of the item."""
    rows = session.execute(
        select(Item.code, PlaceItem.level)
        .join(PlaceItem, PlaceItem.item_id == Item.id)
        .where(PlaceItem.place_id == place_id)
    )
    return {code: level for code, level in rows if level is not None}


def set_levels(session: Session, *, place: Place, levels: dict[str, int | None]) -> int:
    """Set the level of items at a place by their code, None for none; others keep theirs. How many changed."""
    ids = dict(session.execute(select(Item.code, Item.id).where(Item.code.in_(levels))).all())
    rows = {
        row.item_id: row
        for row in session.scalars(select(PlaceItem).where(PlaceItem.place_id == place.id))
    }
    changed = 0
    for code, level in levels.items():
        row = rows.get(ids[code]) if code in ids else None
        if code not in ids or (row.level if row else None) == level:
            continue
        if row is None:
            row = PlaceItem(place_id=place.id, item_id=ids[code])
            session.add(row)
        row.level = level
        changed += 1
    session.flush()
    return changed
