"""What the lead of a workshop asks in the morning: how many kits are needed, and what can be made of what is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import case, exists, func, or_, select, text
from sqlalchemy.orm import Session

from inventory import kit_plan
from inventory.fefo import FIRST_EXPIRED
from inventory.kits import Recipes
from inventory.picks import LASTS
from inventory.replenish import SOURCES
from inventory.tables import Balance, Batch, BatchLot, Item, Lot, Pick, PickLine, Place, PlaceItem
from inventory.words import Family, PlaceKind

REPLENISHED = tuple(
    kind for kind in PlaceKind if kind.gives_stock and kind is not PlaceKind.PARTNER
)
"""Places of ours: what they hold or lack counts."""


@dataclass(frozen=True, slots=True)
class CanMake:
    """How many of one kit can be made if nothing else is, and the component that stops it."""

    kits: int
    limit: Item | None
    there: int = 0
    """Pieces of that component."""
    each: int = 0
    """Pieces of it in one kit."""


@dataclass(frozen=True, slots=True)
class KitNeed:
    """One kit: what is needed, and what can be made of it."""

    kit: Item
    needed: int
    """To be made so that every place comes up to its level, and other kits have what they contain."""
    ready: int
    """Lying in stores and workshops beyond their own levels: not to be made again."""
    on_the_way: int
    """Picked and not yet put away: the books of their place have them already."""
    on_hold: int
    """Lying somewhere of ours in a lot on hold: they count for nothing."""
    in_the_making: int
    """Noted as ready at the tables, until the recount books them."""
    here: CanMake
    """Of what lies at the workshop."""
    with_stores: CanMake
    """Of what lies there and in the stores."""
    together: int
    """Of those needed, when all kits that are needed are made of the same pieces, the stores' too."""

    @property
    def contested(self) -> bool:
        """Whether other kits take what it would need."""
        return self.together < min(self.needed, self.with_stores.kits)


@dataclass(frozen=True, slots=True)
class Needs:
    """All kits, those that are needed first."""

    kits: list[KitNeed]
    without_recipe: list[Item]
    to_fetch: list[tuple[Item, int]]
    """What the stores have to bring to the workshop for the kits that can be made together."""

    @property
    def needed(self) -> int:
        return sum(one.needed for one in self.kits)

    @property
    def together(self) -> int:
        return sum(one.together for one in self.kits)


def needs(
    session: Session, *, workshop: Place, day: date, at_least: Mapping[int, int] | None = None
) -> Needs:
    """At a workshop, on a day. Six statements, whatever the number of kits; seven where a part went bad at a table.
    `at_least`: kits that are wanted whatever the places lack, those in the making counted in.

    Levels are reckoned as for replenishing (see `inventory.replenish`): what lies at a place and is not on hold. What
    has expired or is on hold makes no kit; what was noted at a table is a kit already, though the books wait for the
    recount.
    """
    known = Recipes.of(session)
    recipes = {kit: known.contents[versions[-1]] for kit, versions in known.versions.items()}
    items = _items(session, recipes)
    there = _there(session, items, day)
    begun, used = _in_the_making(session, known, workshop, day)
    here = _less(there.of_use({workshop.id}), used)
    pool = _less(there.of_use({workshop.id, *there.ids_of(PlaceKind.STORE)}), used)
    lacking, ready = _lacking_and_ready(session, recipes, there)
    on_the_way = _on_the_way(session, recipes, day)
    wanted = kit_plan.needed(lacking, _sum(ready, begun), recipes)
    for kit, count in (at_least or {}).items():
        if kit in recipes:
            wanted[kit] = max(wanted[kit], count - begun.get(kit, 0))
    made = kit_plan.together(wanted, recipes, pool)
    found = [
        KitNeed(
            kit=items[kit],
            needed=wanted[kit],
            ready=ready.get(kit, 0),
            on_the_way=on_the_way.get(kit, 0),
            on_hold=there.on_hold.get(kit, 0),
            in_the_making=begun.get(kit, 0),
            here=_can_make(contents, here, items),
            with_stores=_can_make(contents, pool, items),
            together=made.get(kit, 0),
        )
        for kit, contents in recipes.items()
    ]
    return Needs(
        kits=sorted(found, key=lambda one: (one.needed == 0, one.kit.id)),
        without_recipe=[
            item for item in items.values() if _is_kit(item) and item.id not in recipes
        ],
        to_fetch=_to_fetch(kit_plan.used(made, recipes), here, items),
    )


def _is_kit(item: Item) -> bool:
    return item.family == Family.KIT


def _items(session: Session, recipes: Mapping[int, Mapping[int, int]]) -> dict[int, Item]:
    """Kits and whatever is in them, by number, in the order of the lists."""
    wanted = {*recipes, *(item for contents in recipes.values() for item in contents)}
    found = select(Item).where(or_(Item.id.in_(wanted), Item.family == Family.KIT))
    return {item.id: item for item in session.scalars(found.order_by(Item.id))}


@dataclass(frozen=True, slots=True)
class _There:
    """Pieces by place and item."""

    kinds: dict[int, PlaceKind]
    usable: dict[tuple[int, int], int]
    """Neither on hold nor expired."""
    counted: dict[tuple[int, int], int]
    """Not on hold: what a level is held against."""
    on_hold: dict[int, int]
    """By item alone."""

    def ids_of(self, *kinds: PlaceKind) -> set[int]:
        return {place_id for place_id, kind in self.kinds.items() if kind in kinds}

    def of_use(self, places: Collection[int]) -> dict[int, int]:
        """What can be used at some places together, by item."""
        total: dict[int, int] = defaultdict(int)
        for (place_id, item_id), pieces in self.usable.items():
            if place_id in places:
                total[item_id] += pieces
        return total


def _there(session: Session, items: Collection[int], day: date) -> _There:
    is_free, lasts = Lot.on_hold_since.is_(None), or_(Lot.expires.is_(None), Lot.expires >= day)
    usable = func.sum(case((is_free & lasts, Balance.pieces), else_=0))
    counted = func.sum(case((is_free, Balance.pieces), else_=0))
    rows = session.execute(
        select(Place.id, Place.kind, Balance.item_id, usable, counted, func.sum(Balance.pieces))
        .join(Place, Place.id == Balance.place_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .where(Balance.item_id.in_(items), Place.kind.in_(REPLENISHED))
        .group_by(Place.id, Place.kind, Balance.item_id)
    )
    found = _There({}, {}, {}, {})
    for place_id, kind, item_id, of_use, free, all_of_it in rows:
        found.kinds[place_id] = PlaceKind(kind)
        found.usable[place_id, item_id] = int(of_use)
        found.counted[place_id, item_id] = int(free)
        found.on_hold[item_id] = found.on_hold.get(item_id, 0) + int(all_of_it) - int(free)
    return found


def _lacking_and_ready(
    session: Session, kits: Collection[int], there: _There
) -> tuple[dict[int, int], dict[int, int]]:
    """What places lack of each kit up to their levels, and what lies where it is taken from, beyond the level there."""
    rows = session.execute(
        select(PlaceItem.place_id, PlaceItem.item_id, PlaceItem.level)
        .join(Place, Place.id == PlaceItem.place_id)
        .where(
            PlaceItem.item_id.in_(kits),
            PlaceItem.level.is_not(None),
            Place.kind.in_(REPLENISHED),  # a partner's shelf is not ours to fill
        )
    )
    levels = {(place_id, item_id): level for place_id, item_id, level in rows}
    lacking: dict[int, int] = defaultdict(int)
    for key, level in levels.items():
        lacking[key[1]] += max(0, (level or 0) - there.counted.get(key, 0))
    ready: dict[int, int] = defaultdict(int)
    sources = there.ids_of(*SOURCES)
    for key, pieces in there.usable.items():
        if key[0] in sources and key[1] in kits:
            ready[key[1]] += max(0, pieces - (levels.get(key) or 0))
    return lacking, ready


class _Confirmed(NamedTuple):
    """A lot that a batch uses, and the pieces of it that lie there."""

    item_id: int
    there: int
    is_bad: bool


def _in_the_making(
    session: Session, known: Recipes, workshop: Place, day: date
) -> tuple[dict[int, int], dict[int, int]]:
    """Kits noted at the tables of any workshop, but for those whose lot, or that of a part, is on hold or has expired
    by now, and the components they took at this one from lots of use."""
    begun: dict[int, int] = {}
    used: dict[int, int] = {}
    confirmed: dict[int, list[_Confirmed]] | None = None
    of_it = (BatchLot.place_id == Batch.place_id, BatchLot.kit_id == Batch.kit_id)
    lots = or_(Lot.id == Batch.lot_id, Lot.id.in_(select(BatchLot.lot_id).where(*of_it)))
    is_bad = exists().where(lots, or_(Lot.on_hold_since.is_not(None), Lot.expires < day))
    batches = select(Batch.place_id, Batch.kit_id, Batch.recipe_id, Batch.ready, is_bad)
    for place_id, kit_id, recipe_id, kits, bad in session.execute(batches.where(Batch.ready > 0)):
        if not bad:
            begun[kit_id] = begun.get(kit_id, 0) + kits
        if place_id == workshop.id:
            contents = known.contents.get(recipe_id, {})
            took = {item_id: each * kits for item_id, each in contents.items()}
            if bad:
                confirmed = _confirmed(session, workshop, day) if confirmed is None else confirmed
                took = _of_use(took, confirmed.get(kit_id, []))
            used = _sum(used, took)
    return begun, used


def _confirmed(session: Session, workshop: Place, day: date) -> dict[int, list[_Confirmed]]:
    """The lots confirmed for the batches of a workshop, by kit, in the order in which the recount takes them (see
    `inventory.workshop.finishing`)."""
    bad = or_(Lot.on_hold_since.is_not(None), Lot.expires < day)
    pieces = func.coalesce(Balance.pieces, 0)
    lies = (
        (Balance.place_id == BatchLot.place_id)
        & (Balance.item_id == Lot.item_id)
        & (Balance.lot_id == Lot.id)
    )
    rows = session.execute(
        select(BatchLot.kit_id, Lot.item_id, pieces, case((bad, True), else_=False))
        .join(Lot, Lot.id == BatchLot.lot_id)
        .outerjoin(Balance, lies)
        .where(BatchLot.place_id == workshop.id)
        .order_by(BatchLot.kit_id, text(FIRST_EXPIRED))
    )
    found: dict[int, list[_Confirmed]] = {}
    for kit_id, item_id, there, is_bad in rows:
        found.setdefault(kit_id, []).append(_Confirmed(item_id, int(there), bool(is_bad)))
    return found


def _of_use(took: Mapping[int, int], confirmed: Iterable[_Confirmed]) -> dict[int, int]:
    """Of the pieces that kits took, those that could be used for others: a lot that went bad is not counted anyway."""
    left, of_use = dict(took), dict(took)
    for lot in confirmed:
        taken = min(lot.there, left.get(lot.item_id, 0))
        if taken:
            left[lot.item_id] -= taken
            of_use[lot.item_id] -= taken if lot.is_bad else 0
    return of_use


def _sum(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    return {item_id: one.get(item_id, 0) + other.get(item_id, 0) for item_id in {*one, *other}}


def _less(there: Mapping[int, int], used: Mapping[int, int]) -> dict[int, int]:
    return {item_id: max(0, pieces - used.get(item_id, 0)) for item_id, pieces in there.items()}


def _on_the_way(session: Session, kits: Collection[int], day: date) -> dict[int, int]:
    ahead = func.sum(PickLine.picked - PickLine.arrived)
    rows = session.execute(
        select(PickLine.item_id, ahead)
        .join(Pick, Pick.id == PickLine.pick_id)
        .where(
            PickLine.item_id.in_(kits),
            PickLine.picked > PickLine.arrived,
            Pick.day >= day - LASTS,
        )
        .group_by(PickLine.item_id)
    )
    return {item_id: int(pieces) for item_id, pieces in rows}


def _can_make(
    contents: Mapping[int, int], there: Mapping[int, int], items: Mapping[int, Item]
) -> CanMake:
    kits, limit = kit_plan.can_make(contents, there)
    if limit is None:
        return CanMake(0, None)
    return CanMake(kits, items[limit], there.get(limit, 0), contents[limit])


def _to_fetch(
    used: Mapping[int, int], here: Mapping[int, int], items: Mapping[int, Item]
) -> list[tuple[Item, int]]:
    lacks = {item_id: pieces - here.get(item_id, 0) for item_id, pieces in used.items()}
    return [(items[item_id], lacks[item_id]) for item_id in sorted(lacks) if lacks[item_id] > 0]
