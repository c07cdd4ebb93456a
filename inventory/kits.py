"""Kits: putting them together from component lots, and what they contain.

An assembly moves components into the place `assembly` and kits out of it, all under one number. So the pieces inside
the kits of an assembly are always what went in minus what came out: its recipe times the kits not taken apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.errors import ComponentsLacking, Lacking, LotOnHold, NotAllowed, NotOnTheLists
from inventory.fefo import Available, allocate
from inventory.messages import Message
from inventory.tables import Assembly, Item, Lot, Place, Recipe, RecipeLine
from inventory.words import ASSEMBLY, UNACCOUNTED, PlaceKind, Reason

Choice = Mapping[str, list[str]]
"""Lots chosen by hand: code of a component -> codes of its lots, in the order they are used."""


@dataclass(frozen=True, slots=True)
class Component:
    """Pieces of one lot that go into kits, or come back out of them."""

    item_id: int
    item: str
    lot_id: int
    lot: str
    expires: date | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Assembled:
    lot_id: int
    lot: str
    expires: date | None
    kits: int
    components: list[Component]


def recipe(session: Session, *, kit: Item, version: int | None = None) -> Recipe:
    """A version of what a kit contains, the latest when None. Raises NotOnTheLists."""
    query = select(Recipe).where(Recipe.item_id == kit.id).order_by(Recipe.version.desc())
    if version is not None:
        query = query.where(Recipe.version == version)
    found = session.scalars(query).first()
    if found is None:
        name = kit.code if version is None else f"{kit.code} v{version}"
        raise NotOnTheLists(Message("Recipe"), name)
    return found


def propose(
    session: Session,
    *,
    recipe: Recipe,
    count: int,
    place: Place,
    day: date,
    chosen: Choice | None = None,
) -> list[Component]:
    """The component lots for `count` kits: those chosen, elsewhere first expired first. Changes nothing.

    Lots on hold or expired on `day` are left out, and refused when chosen: nobody makes a kit to throw away.

    Raises ComponentsLacking with every component there is too little of, NotAllowed, NotOnTheLists.
    """
    if count <= 0:
        raise NotAllowed(Message("Kits are made and taken apart in positive numbers."))
    chosen = dict(chosen or {})
    components: list[Component] = []
    lacking: list[Lacking] = []
    for line in recipe.lines:
        wanted = line.pieces * count
        there = ledger.available(session, place_id=place.id, item_id=line.item_id)
        if line.item.code in chosen:
            there = _chosen(session, line.item, chosen.pop(line.item.code), there, day)
        usable = [lot for lot in there if not _expired(lot.expires, day)]
        taken, missing = allocate(usable, wanted)
        if missing:
            lacking.append(Lacking(line.item.code, wanted, wanted - missing))
        components += [component(session, line.item, lot.lot_id, lot.pieces) for lot in taken]
    if chosen:
        raise NotOnTheLists(Message("Component"), ", ".join(sorted(chosen)))
    if lacking:
        raise ComponentsLacking(place=place.code, lacking=lacking)
    return components


def _expired(expires: date | None, day: date) -> bool:
    """An expiry is the last day of use."""
    return expires is not None and expires < day


def _chosen(
    session: Session, item: Item, codes: list[str], there: list[Available], day: date
) -> list[Available]:
    """The lots somebody chose, in their order; one that is known but does not lie here counts as none."""
    by_number = {lot.lot_id: lot for lot in there}
    lots = []
    for code in dict.fromkeys(codes):
        lot = catalogue.known_lot(session, item_id=item.id, code=code)
        if lot is None:
            raise NotOnTheLists(Message("Lot"), code)
        if lot.on_hold_since is not None:
            raise LotOnHold(
                Message(
                    "Lot %(lot)s of %(item)s is on hold since %(day)s: it goes into no kit.",
                    lot=code,
                    item=item.code,
                    day=lot.on_hold_since,
                )
            )
        if _expired(lot.expires, day):
            raise NotAllowed(
                Message(
                    "Lot %(lot)s of %(item)s expired on %(day)s: it goes into no kit.",
                    lot=code,
                    item=item.code,
                    day=lot.expires,
                )
            )
        lots.append(by_number.get(lot.id, Available(lot.id, lot.expires, 0)))
    return lots


def component(session: Session, item: Item, lot_id: int, pieces: int) -> Component:
    """Pieces of a lot, with what people call it."""
    lot = session.get_one(Lot, lot_id)
    return Component(item.id, item.code, lot.id, lot.code, lot.expires, pieces)


def assemble(
    session: Session,
    *,
    kit: Item,
    count: int,
    from_place: Place,
    to_place: Place,
    day: date,
    version: int | None = None,
    chosen: Choice | None = None,
) -> Assembled:
    """Make `count` kits at `to_place` out of components of `from_place`: one new lot of kits.

    It expires with the first of its components; those without a date do not count.

    Raises what `propose` raises; then nothing has changed.
    """
    ledger.lock(session, (from_place.id, to_place.id))
    _refuse_unusable((from_place, to_place))
    made_by = recipe(session, kit=kit, version=version)
    components = propose(
        session, recipe=made_by, count=count, place=from_place, day=day, chosen=chosen
    )
    expires = earliest_expiry(components)
    lot = new_kit_lot(session, kit, expires)
    post_assembly(
        session,
        recipe=made_by,
        lot=lot,
        count=count,
        components=components,
        from_place=from_place,
        to_place=to_place,
        day=day,
    )
    return Assembled(lot.id, lot.code, expires, count, components)


def post_assembly(
    session: Session,
    *,
    recipe: Recipe,
    lot: Lot,
    count: int,
    components: Iterable[Component],
    from_place: Place,
    to_place: Place,
    day: date,
    short: Iterable[Component] = (),
) -> None:
    """Write an assembly and its moves: these components go in, `count` kits of this lot come out.

    The caller has made sure that the components are the recipe's, and there; but for those the books are `short` of,
    which come from `unaccounted` first.
    """
    assembly = Assembly(recipe_id=recipe.id, lot_id=lot.id, kits=count, day=day)
    session.add(assembly)
    session.flush()
    made = Component(lot.item_id, lot.item.code, lot.id, lot.code, lot.expires, count)
    moves = [(part, UNACCOUNTED, from_place.id, Reason.SHORTFALL) for part in short]
    moves += [(part, from_place.id, ASSEMBLY, Reason.ASSEMBLY) for part in components]
    moves += [(made, ASSEMBLY, to_place.id, Reason.ASSEMBLY)]
    for part, from_id, to_id, reason in moves:
        ledger.post(
            session,
            item_id=part.item_id,
            lot_id=part.lot_id,
            pieces=part.pieces,
            from_id=from_id,
            to_id=to_id,
            reason=reason,
            day=day,
            assembly_id=assembly.id,
        )
    session.flush()


def _refuse_unusable(places: Iterable[Place]) -> None:
    """Raises NotAllowed where kits are neither made nor taken from."""
    for place in places:
        if not PlaceKind(place.kind).holds_stock:
            raise NotAllowed(Message("%(place)s holds no stock.", place=place.code))
        if not PlaceKind(place.kind).gives_stock:
            raise NotAllowed(Message("%(place)s is a quarantine.", place=place.code))


def earliest_expiry(components: Iterable[Component]) -> date | None:
    """When kits made of these expire; None where nothing in them has a date."""
    return min((part.expires for part in components if part.expires), default=None)


def new_kit_lot(session: Session, kit: Item, expires: date | None) -> Lot:
    """A lot named after its own number, K000042: short enough to say aloud, and saying nothing else."""
    lot = Lot(item_id=kit.id, code=uuid4().hex, expires=expires)
    session.add(lot)
    session.flush()
    code = f"K{lot.id:06d}"
    while catalogue.known_lot(session, item_id=kit.id, code=code):  # kits that came from elsewhere
        code += "A"
    lot.code = code
    return lot


# What kits contain


@dataclass(frozen=True, slots=True)
class Recipes:
    """Every recipe, in memory: an organisation has a few dozen."""

    contents: dict[int, dict[int, int]]
    """Number of the recipe -> number of the item -> pieces in one kit."""

    versions: dict[int, list[int]]
    """Number of the kit -> numbers of its recipes, oldest version first."""

    @classmethod
    def of(cls, session: Session) -> Recipes:
        """One statement."""
        recipes = cls({}, {})
        rows = session.execute(
            select(Recipe.id, Recipe.item_id, RecipeLine.item_id, RecipeLine.pieces)
            .join(RecipeLine, RecipeLine.recipe_id == Recipe.id)
            .order_by(Recipe.item_id, Recipe.version, RecipeLine.item_id)
        )
        for recipe_id, kit_id, item_id, pieces in rows:
            if recipe_id not in recipes.contents:
                recipes.versions.setdefault(kit_id, []).append(recipe_id)
            recipes.contents.setdefault(recipe_id, {})[item_id] = pieces
        return recipes

    def add(
        self, total: dict[int, int], item_id: int, pieces: int, recipe_id: int | None = None
    ) -> None:
        """Add the contents of kits to `total`, by the recipe given or the latest; other items as they are."""
        if recipe_id is None and item_id in self.versions:
            recipe_id = self.versions[item_id][-1]
        if recipe_id is None:
            total[item_id] = total.get(item_id, 0) + pieces
            return
        for inner_id, each in self.contents[recipe_id].items():
            self.add(total, inner_id, each * pieces)


def explode(session: Session, items: Mapping[int, int]) -> dict[int, int]:
    """Pieces by number of the item, kits replaced by their contents after the latest recipe.

    Kits inside kits are opened too; a kit without a recipe stays itself. One statement.
    """
    recipes = Recipes.of(session)
    total: dict[int, int] = {}
    for item_id, pieces in items.items():
        recipes.add(total, item_id, pieces)
    return total


def contents_of_lots(session: Session, rows: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    """Pieces by number of the item of (item, lot, pieces), kits replaced by their contents.

    Kits assembled here count as the recipe they were made by; bought kits, and kits inside kits, as the latest one.
    At most two statements, whatever the number of rows.
    """
    rows = list(rows)
    recipes = Recipes.of(session)
    used = [number for item_id, _, _ in rows for number in recipes.versions.get(item_id, ())]
    made_by: dict[int, int] = {}
    if used:
        assemblies = select(Assembly.lot_id, Assembly.recipe_id)
        found = session.execute(assemblies.where(Assembly.recipe_id.in_(set(used))))
        made_by = dict(found.all())
    total: dict[int, int] = {}
    for item_id, lot_id, pieces in rows:
        recipes.add(total, item_id, pieces, made_by.get(lot_id))
    return total
