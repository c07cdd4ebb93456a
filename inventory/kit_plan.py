"""How many kits are needed, and how many can be made: plain arithmetic on plain numbers.

Items go by their number; a recipe is the pieces of each component in one kit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

Contents = Mapping[int, int]
"""Number of a component -> pieces in one kit."""

Recipes = Mapping[int, Contents]
"""Number of a kit -> what it contains."""

Pieces = Mapping[int, int]
"""Number of an item -> pieces, or kits."""


def needed(lacking: Pieces, spare: Pieces, recipes: Recipes) -> dict[int, int]:
    """Kits to be made: what places lack and what other kits contain, less what lies ready.

    >>> needed({1: 10}, {2: 5}, {1: {2: 2, 3: 1}, 2: {3: 4}})
    {1: 10, 2: 15}
    """
    found: dict[int, int] = {}
    inside: dict[int, int] = {}
    for kit in _outer_first(recipes):
        wanted = lacking.get(kit, 0) + inside.get(kit, 0) - spare.get(kit, 0)
        found[kit] = max(0, wanted)
        for item, each in recipes[kit].items():
            inside[item] = inside.get(item, 0) + found[kit] * each
    return found


def _outer_first(recipes: Recipes) -> Iterator[int]:
    """Each kit before those inside it. No kit contains itself; if books said so all the same, they come as they are."""
    left = dict(recipes)
    while left:
        inner = {item for contents in left.values() for item in contents}
        outer = [kit for kit in left if kit not in inner] or list(left)
        for kit in outer:
            yield kit
            del left[kit]


def can_make(contents: Contents, there: Pieces) -> tuple[int, int | None]:
    """How many of one kit can be made from what is there, if nothing else is made of it; and the component that would
    be short for one more (None for a kit of nothing).

    >>> can_make({7: 2, 8: 1}, {7: 9, 8: 5})
    (4, 7)
    """
    shortest = min(
        contents, key=lambda item: Fraction(there.get(item, 0), contents[item]), default=None
    )
    if shortest is None:
        return 0, None
    return there.get(shortest, 0) // contents[shortest], shortest


def together(wanted: Pieces, recipes: Recipes, there: Pieces) -> dict[int, int]:
    """How many of each kit can be made of the same pieces, none above what is wanted: the same part of each, as long
    as its components last, and then what is left in whole kits.

    >>> together({1: 10, 2: 20}, {1: {7: 1}, 2: {7: 1, 8: 1}}, {7: 15, 8: 99})
    {1: 5, 2: 10}
    """
    kits = [kit for kit in recipes if wanted.get(kit, 0) > 0]
    made = {
        kit: int(part * wanted[kit]) for kit, part in _parts(kits, wanted, recipes, there).items()
    }
    left = dict(there)
    for kit in kits:
        _use(left, recipes[kit], made[kit])
    for kit in kits:
        more = min(wanted[kit] - made[kit], can_make(recipes[kit], left)[0])
        _use(left, recipes[kit], more)
        made[kit] += more
    return made


def _parts(kits: list[int], wanted: Pieces, recipes: Recipes, there: Pieces) -> dict[int, Fraction]:
    """What part of each kit can be made: all grow alike until a component is used up, then those without it go on."""
    left = {item: Fraction(there.get(item, 0)) for kit in kits for item in recipes[kit]}
    parts = dict.fromkeys(kits, Fraction(0))
    part, growing = Fraction(0), [kit for kit in kits if recipes[kit]]
    while growing and part < 1:
        pace: dict[int, int] = {}
        for kit in growing:
            for item, each in recipes[kit].items():
                pace[item] = pace.get(item, 0) + wanted[kit] * each
        step = min(1 - part, *(left[item] / used for item, used in pace.items()))
        part += step
        for item, used in pace.items():
            left[item] -= step * used
        parts.update(dict.fromkeys(growing, part))
        growing = [kit for kit in growing if all(left[item] > 0 for item in recipes[kit])]
    return parts


def used(made: Pieces, recipes: Recipes) -> dict[int, int]:
    """The components that so many kits use up."""
    total: dict[int, int] = {}
    for kit, count in made.items():
        _use(total, recipes[kit], -count)
    return total


def _use(left: dict[int, int], contents: Contents, kits: int) -> None:
    for item, each in contents.items():
        left[item] = left.get(item, 0) - kits * each
