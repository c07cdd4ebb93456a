"""Items: `article;nom;naam;name;famille;compte comme;classe;durée de conservation (mois)`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from inventory.lists import vocabulary
from inventory.lists.checking import Directory, Job, Line, Plan
from inventory.lists.fields import MAX_MONTHS, line_of_text, optional, whole
from inventory.messages import Message
from inventory.tables import Balance, Item

_name = line_of_text(200)


@dataclass(frozen=True, slots=True)
class Described:
    """An item as a row or the database says it."""

    name_fr: str
    name_nl: str
    name_en: str
    family: str
    counts_as: str
    regulatory_class: str
    shelf_life_months: int | None


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """A code that is known is updated.

    An item cannot gain or lose its shelf life while pieces of it lie somewhere: whether they carry lots and expiries
    would no longer be true of them. The number of months may change at any time.
    """
    items = {item.code: item for item in job.session.scalars(select(Item))}
    in_stock = set(job.session.scalars(select(Balance.item_id).distinct()))
    codes = Directory(((code, code) for code in items), missing=Message("an item"))
    wanted: dict[str, tuple[Described, Line]] = {}
    rows: list[str] = []
    for line in lines:
        code = line.get("item", codes.new_code)
        described = _described(line)
        if code is None or described is None:
            continue
        codes.add(code, code)
        known = items.get(code)
        if known and known.id in in_stock and known.dated != bool(described.shelf_life_months):
            line.fault("shelf_life", _kept_shelf_life(known))
        if wanted.setdefault(code, (described, line))[0] != described:
            line.fault("item", Message("each item once, or twice the same"))
        rows.append(code)

    changed = {
        code: described
        for code, (described, _) in wanted.items()
        if code not in items or _of(items[code]) != described
    }

    def write() -> None:
        for code, described in changed.items():
            item = items.get(code) or Item(code=code)
            job.session.add(item)
            for name in Described.__slots__:
                setattr(item, name, getattr(described, name))

    return Plan(len(changed), len(rows) - len(changed), write)


def _described(line: Line) -> Described | None:
    name_fr = line.get("name_fr", _name)
    name_nl = line.get("name_nl", optional(_name))
    name_en = line.get("name_en", optional(_name))
    family = line.get("family", vocabulary.FAMILY)
    counts_as = line.get("counts_as", vocabulary.COUNTS_AS)
    regulatory_class = line.get("class", vocabulary.REGULATORY_CLASS)
    months = line.get("shelf_life", optional(whole(MAX_MONTHS)))
    if not line.sound or name_fr is None or family is None:
        return None
    return Described(
        name_fr=name_fr,
        name_nl=name_nl or name_fr,
        name_en=name_en or name_fr,
        family=family,
        counts_as=counts_as or "",
        regulatory_class=regulatory_class or "",
        shelf_life_months=months,
    )


def _of(item: Item) -> Described:
    return Described(**{name: getattr(item, name) for name in Described.__slots__})


def _kept_shelf_life(item: Item) -> Message:
    if item.dated:
        return Message("a number of months, as long as pieces of this item are in stock")
    return Message("an empty cell, as long as pieces of this item are in stock")
