"""The tick sheet of a place: the same boxes in the same order on paper and on the screen where it is typed in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from babel.dates import format_date
from sqlalchemy.orm import Session

from inventory.counter.commands import CONTAINERS
from inventory.counter.sheets import CONTACTS, MOST, RETURNS, Sheet
from inventory.messages import Message, Names
from inventory.returns import PER_UNIT
from inventory.tables import Place
from labels import tick_sheet
from labels.tick_sheet import TickSheet
from web import pictograms, words
from web.i18n import LOCALES, say
from web.shelves import shelves


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the sheet. `name` is "passages", or what is counted and its code: "item KIT-INJ", "return litres"."""

    name: str
    label: Message | Names
    symbol: str
    decimals: bool = False
    lines: int = 1
    """Of boxes to tick on paper; none where a number is written."""


@dataclass(frozen=True, slots=True)
class Group:
    name: Message
    boxes: tuple[Box, ...]


_MEASURES = {
    "declared": Message("Pieces, the person says"),
    "estimated": Message("Pieces, estimated"),
    "kilograms": Message("Kilograms"),
    "litres": Message("Litres"),
}


def groups(session: Session, place_id: int) -> list[Group]:
    """The boxes of a place: passages, its articles in the order of its screen, what came back, contacts."""
    items = [
        Group(
            shelf.name,
            tuple(
                Box(f"item {one.item}", one.names, one.symbol, lines=1 if n else 2)
                for one in shelf.pictures
            ),
        )
        for n, shelf in enumerate(shelves(session, place_id))
    ]
    passages = Box("passages", Message("Passages"), "next", lines=2)
    return [
        Group(Message("Passages"), (passages,)),
        *items,
        Group(Message("Used material that came back"), tuple(map(_return, RETURNS))),
        Group(Message("Came by without material"), tuple(map(_contact, CONTACTS))),
    ]


def _return(name: str) -> Box:
    if name in CONTAINERS:
        return Box(f"return {name}", CONTAINERS[name][0], pictograms.CONTAINERS[name])
    label, decimals = _MEASURES[name], RETURNS[name].unit != "piece"
    return Box(f"return {name}", label, pictograms.MEASURES[name], decimals=decimals, lines=0)


def _contact(kind: str) -> Box:
    return Box(f"contact {kind}", words.CONTACTS[kind], pictograms.CONTACTS[kind])


# On paper


def printed(place: Place, found: list[Group], *, day: date | None, language: str) -> TickSheet:
    """The sheet of a place in the words of one language."""

    def text(label: Message | Names) -> str:
        return say(label, language) if isinstance(label, Message) else label.in_language(language)

    def row(box: Box) -> tick_sheet.Row:
        return tick_sheet.Row(text(box.label), pictograms.paths().get(box.symbol), box.lines)

    return TickSheet(
        title=text(Message("Tick sheet")),
        place=place.name,
        hint=text(
            Message("One box a piece. Many at once: write the number under “More”. Then add up.")
        ),
        day_label=text(Message("Date")),
        day=format_date(day, "EEE dd/MM/yyyy", locale=LOCALES[language]) if day else None,
        page_label=text(Message("Page")),
        more_label=text(Message("More")),
        total_label=text(Message("Total")),
        language=language,
        sections=tuple(
            tick_sheet.Section(text(group.name), tuple(map(row, group.boxes))) for group in found
        ),
    )


# Typed in


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed, and what is wrong with it by box; a sheet only where nothing is."""

    sheet: Sheet | None
    faults: Mapping[str, Message]


_WHOLE = Message("Only whole numbers, such as 12.")
_DECIMAL = Message("Only a number, such as 2.5.")
_TOO_MUCH = Message("This number is too large: %(most)s at most.", most=MOST)
_NOTHING = Message("Nothing is typed yet. Type 0 passages where nobody came.")


def typed(
    form: Mapping[str, str], found: list[Group], *, sheet_id: UUID, place: str, day: date
) -> Typed:
    """Read the boxes; an empty one is zero, a sheet of empty ones is none."""
    numbers: dict[str, int] = {}
    faults: dict[str, Message] = {}
    for box in boxes(found):
        text = form.get(box.name, "").strip()
        number = _number(text, decimals=box.decimals) if text else None
        if isinstance(number, Message):
            faults[box.name] = number
        elif number is not None:
            numbers[box.name] = number
    if not numbers and not faults:
        faults["passages"] = _NOTHING
    if faults:
        return Typed(None, faults)
    sheet = Sheet(
        id=sheet_id,
        place=place,
        day=day,
        passages=numbers.get("passages", 0),
        items=_of("item", numbers),
        returns={
            name: number if RETURNS[name].unit in ("kg", "l") else number * PER_UNIT
            for name, number in _of("return", numbers).items()
        },
        contacts=_of("contact", numbers),
    )
    return Typed(sheet, {})


def boxes(found: list[Group]) -> Iterator[Box]:
    return (box for group in found for box in group.boxes)


def _of(what: str, numbers: Mapping[str, int]) -> dict[str, int]:
    return {
        name.partition(" ")[2]: number
        for name, number in numbers.items()
        if name.startswith(f"{what} ")
    }


def _number(text: str, *, decimals: bool) -> int | Message:
    """Whole, or in thousandths; or what is wrong with it."""
    pattern = r"[0-9]{1,9}([.,][0-9]{1,3})?" if decimals else r"[0-9]{1,9}"
    if not re.fullmatch(pattern, text, re.ASCII):
        return _TOO_MUCH if text.isascii() and text.isdigit() else _DECIMAL if decimals else _WHOLE
    value = Decimal(text.replace(",", "."))
    if value > MOST:
        return _TOO_MUCH
    return int(value * PER_UNIT) if decimals else int(value)
