"""Items: `article;nom;naam;name;famille;compte comme;classe;durée de conservation (mois)`, and `nom (ar)` for any
further language of the workshop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select

from inventory.lists import vocabulary
from inventory.lists.checking import Directory, Job, Line, Plan
from inventory.lists.fields import MAX_MONTHS, line_of_text, optional, whole
from inventory.messages import Message
from inventory.tables import Balance, Item, ItemName

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
    spoken = _spoken(job)
    in_stock = set(job.session.scalars(select(Balance.item_id).distinct()))
    codes = Directory(((code, code) for code in items), missing=Message("an item"))
    wanted: dict[str, tuple[Described, Line]] = {}
    names: dict[str, dict[str, str]] = {}
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
        names[code] = {**spoken.get(code, {}), **_further(line)}

    renamed = {code for code, said in names.items() if _without_empty(said) != spoken.get(code, {})}
    changed = {
        code: described
        for code, (described, _) in wanted.items()
        if code not in items or code in renamed or _of(items[code]) != described
    }

    def write() -> None:
        for code, described in changed.items():
            item = items.get(code) or Item(code=code)
            job.session.add(item)
            for name in Described.__slots__:
                setattr(item, name, getattr(described, name))
            if code in renamed:
                _rename(job, item, _without_empty(names[code]))

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


def _spoken(job: Job) -> dict[str, dict[str, str]]:
    """What items are called in further languages, by their code."""
    query = select(Item.code, ItemName).join(ItemName, ItemName.item_id == Item.id)
    found: dict[str, dict[str, str]] = {}
    for code, name in job.session.execute(query):
        found.setdefault(code, {})[name.language] = name.name
    return found


def _further(line: Line) -> dict[str, str]:
    """What a row says of them, by the language; an empty cell takes a name away."""
    said = {one: line.get(f"name_{one}", optional(_name)) for one in line.languages}
    return {language: name or "" for language, name in said.items()}


def _without_empty(names: dict[str, str]) -> dict[str, str]:
    return {language: name for language, name in names.items() if name}


def _rename(job: Job, item: Item, names: dict[str, str]) -> None:
    job.session.flush()
    job.session.execute(delete(ItemName).where(ItemName.item_id == item.id))
    job.session.add_all(
        ItemName(item_id=item.id, language=language, name=name) for language, name in names.items()
    )


def _of(item: Item) -> Described:
    return Described(**{name: getattr(item, name) for name in Described.__slots__})


def _kept_shelf_life(item: Item) -> Message:
    if item.dated:
        return Message("a number of months, as long as pieces of this item are in stock")
    return Message("an empty cell, as long as pieces of this item are in stock")
