"""Recipes: what a kit contains from now on. A version never changes: batches and kits begun before keep theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from inventory import catalogue
from inventory.errors import ComptoirError, NotAllowed
from inventory.kits import explode
from inventory.messages import Message
from inventory.tables import Assembly, Balance, Batch, Item, Place, Recipe, RecipeLine
from inventory.words import UNACCOUNTED, RegulatoryClass

Inside = Mapping[int, Collection[int]]
"""Number of a kit -> numbers of what any of its versions contains."""


class ChangedMeanwhile(ComptoirError):
    """Somebody else made a version since the form was shown."""

    code = "changed_meanwhile"


def contains(inside: Inside, item: int, kit: int) -> bool:
    """Whether a kit is this item or lies somewhere inside it.

    >>> contains({1: [2], 2: [3]}, 1, 3), contains({1: [2], 2: [3]}, 3, 1)
    (True, False)
    """
    seen: set[int] = set()
    waiting = [item]
    while waiting:
        this = waiting.pop()
        if this == kit:
            return True
        if this not in seen:
            seen.add(this)
            waiting.extend(inside.get(this, ()))
    return False


def all_inside(session: Session) -> dict[int, set[int]]:
    """What every kit contains or ever contained."""
    rows = session.execute(
        select(Recipe.item_id, RecipeLine.item_id)
        .join(RecipeLine, RecipeLine.recipe_id == Recipe.id)
        .distinct()
    )
    inside: dict[int, set[int]] = {}
    for kit_id, item_id in rows:
        inside.setdefault(kit_id, set()).add(item_id)
    return inside


def versions(session: Session, *, kit: Item) -> list[Recipe]:
    """Every version, the one that is made now first."""
    query = select(Recipe).where(Recipe.item_id == kit.id).order_by(Recipe.version.desc())
    lines = selectinload(Recipe.lines).selectinload(RecipeLine.item)
    return list(session.scalars(query.options(lines)))


def new_version(session: Session, *, kit: Item, contents: Mapping[int, int], seen: int) -> Recipe:
    """What a kit contains from now on, in pieces by number of the item; the latest version where that says the same.

    `seen` is the version on the screen of whoever changes it, 0 for none. Raises ChangedMeanwhile where another is
    there by now, NotAllowed for nothing at all, for no pieces and for a kit inside itself.
    """
    catalogue.take_turns(session)
    latest = next(iter(versions(session, kit=kit)), None)
    if latest is not None and {line.item_id: line.pieces for line in latest.lines} == contents:
        return latest
    number = 0 if latest is None else latest.version
    if seen != number:
        raise ChangedMeanwhile(
            Message(
                "Version %(version)d was made meanwhile. Nothing was changed now: compare it with "
                "yours below, and send yours again if it is still right.",
                version=number,
            )
        )
    _check(session, kit, contents)
    lines = [RecipeLine(item_id=item_id, pieces=each) for item_id, each in contents.items()]
    recipe = Recipe(item_id=kit.id, version=number + 1, lines=lines)
    session.add(recipe)
    session.flush()
    return recipe


def _check(session: Session, kit: Item, contents: Mapping[int, int]) -> None:
    if not contents:
        raise NotAllowed(Message("A kit contains at least one article."))
    if min(contents.values()) <= 0:
        raise NotAllowed(Message("An article in a kit comes in one piece at least."))
    inside = all_inside(session)
    for item_id in contents:
        if contains(inside, item_id, kit.id):
            raise NotAllowed(in_itself(session.get_one(Item, item_id), kit))


def in_itself(item: Item, kit: Item) -> Message:
    """Why an item cannot go into a kit."""
    if item.id == kit.id:
        return Message("A kit cannot contain itself.")
    return Message(
        "%(item)s contains %(kit)s, or did: a kit cannot contain itself.",
        item=item.names,
        kit=kit.names,
    )


# Who still goes by which version


@dataclass(frozen=True, slots=True)
class InUse:
    """What goes by one version of a recipe."""

    lying: int = 0
    """Kits made by it that lie somewhere."""
    batches: tuple[str, ...] = ()
    """Places, by name, where a batch is being made by it."""


def in_use(session: Session, *, kit: Item) -> dict[int, InUse]:
    """By number of the recipe. Two statements."""
    lying = session.execute(
        select(Assembly.recipe_id, func.sum(Balance.pieces))
        .join(Balance, Balance.lot_id == Assembly.lot_id)
        .where(Balance.item_id == kit.id, Balance.place_id != UNACCOUNTED)
        .group_by(Assembly.recipe_id)
    )
    found = {recipe_id: InUse(lying=int(kits)) for recipe_id, kits in lying}
    running = session.execute(
        select(Batch.recipe_id, Place.name)
        .join(Place, Place.id == Batch.place_id)
        .where(Batch.kit_id == kit.id)
        .order_by(Place.name)
    )
    for recipe_id, place in running:
        one = found.get(recipe_id, InUse())
        found[recipe_id] = InUse(one.lying, (*one.batches, place))
    return found


def regulatory_classes(session: Session, recipe: Recipe) -> tuple[RegulatoryClass, ...]:
    """The classes of what is inside, kits inside included: a kit with a medicine in it is handled as one."""
    inside = explode(session, {line.item_id: line.pieces for line in recipe.lines})
    found = session.scalars(
        select(Item.regulatory_class)
        .where(Item.id.in_(inside), Item.regulatory_class != RegulatoryClass.NONE)
        .distinct()
    )
    return tuple(sorted(RegulatoryClass(name) for name in found))
