"""What kits contain: `kit;version;article;pièces`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from inventory.lists.checking import Job, Line, Plan
from inventory.lists.fields import MAX_VERSION, pieces, whole
from inventory.lists.goods import known_items
from inventory.messages import Message
from inventory.recipes import contains
from inventory.tables import Recipe, RecipeLine

Key = tuple[int, int]
"""Number of the kit, version."""


@dataclass(slots=True)
class Version:
    """All the rows of one version, over all files."""

    first: Line
    contents: dict[int, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """A version never changes: with the same lines it is there already, with others it is a fault."""
    items = known_items(job.session)
    known = {
        (recipe.item_id, recipe.version): {line.item_id: line.pieces for line in recipe.lines}
        for recipe in job.session.scalars(select(Recipe).options(selectinload(Recipe.lines)))
    }
    inside: dict[int, set[int]] = {}
    for (kit_id, _), contents in known.items():
        inside.setdefault(kit_id, set()).update(contents)
    versions: dict[Key, Version] = {}
    for line in lines:
        kit = line.get("kit", items.find)
        number = line.get("version", whole(MAX_VERSION))
        item = line.get("item", items.find)
        count = line.get("pieces", pieces)
        if kit is None or number is None:
            continue
        version = versions.setdefault((kit.id, number), Version(line))
        version.lines.append(line)
        if item is None or count is None:
            continue
        if item.id in version.contents:
            line.fault("item", Message("each item once in a version"))
        elif contains(inside, item.id, kit.id):
            line.fault("item", Message("an item that does not itself contain this kit"))
        else:
            inside.setdefault(kit.id, set()).add(item.id)
            version.contents[item.id] = count
    _check_known(versions, known)
    return _plan(job, versions, known)


def _check_known(versions: dict[Key, Version], known: dict[Key, dict[int, int]]) -> None:
    for key, version in versions.items():
        sound = all(line.sound for line in version.lines)
        if sound and key in known and known[key] != version.contents:
            version.first.fault(
                "version", Message("a new version: this one is there with other lines")
            )


def _plan(job: Job, versions: dict[Key, Version], known: dict[Key, dict[int, int]]) -> Plan:
    new = {key: version for key, version in versions.items() if key not in known}

    def write() -> None:
        for (kit_id, number), version in new.items():
            contents = [
                RecipeLine(item_id=item_id, pieces=count)
                for item_id, count in version.contents.items()
            ]
            job.session.add(Recipe(item_id=kit_id, version=number, lines=contents))

    imported = sum(len(version.lines) for version in new.values())
    rows = sum(len(version.lines) for version in versions.values())
    return Plan(imported, rows - imported, write)
