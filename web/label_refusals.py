"""Why a label or a code is not made, in words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from inventory.errors import ComptoirError
from inventory.messages import Message
from labels import errors, formats, layouts
from labels.errors import LabelError
from labels.formats import Format, Roll
from web.label_sets import NARROW


class LabelRefused(ComptoirError):
    """A `LabelError` with its own code, said in a sentence."""

    def __init__(self, error: LabelError) -> None:
        super().__init__(said(error))
        self.code = error.code


@contextmanager
def refusals() -> Iterator[None]:
    """Whatever `labels` refuses within is raised as `LabelRefused`."""
    try:
        yield
    except LabelError as error:
        raise LabelRefused(error) from error


def said(error: LabelError) -> Message:
    """What is wrong and where."""
    sentence = _SENTENCES.get(type(error))
    return (
        sentence(error)
        if sentence
        else Message("This label cannot be made: %(why)s.", why=str(error))
    )


def _too_long(error: errors.TooLong) -> Message:
    if error.limit is None:
        return Message("The text is too long: no code of this kind holds it.")
    return Message(
        "%(length)d characters are too many: this code holds %(limit)d.",
        length=error.length,
        limit=error.limit,
    )


def _unreadable(error: errors.UnreadableCode) -> Message:
    unknown = Message("not named")
    return Message(
        "A code of this print would not be read; nothing is printed. Layout: %(layout)s. Printer: %(printer)s.",
        layout=error.layout or unknown,
        printer=error.printer or unknown,
    )


def _too_large(error: errors.LabelTooLarge) -> Message:
    """What to choose instead: a narrower layout of the same label, or other paper of the same kind."""
    wide, high = error.size
    narrower = [one for one, of in NARROW.items() if of == error.layout]
    others = [f"--layout {one}" for one in narrower if layouts.load(one).width <= error.room[0]]
    is_roll = error.room[1] is None
    wider = (found for found in map(formats.load, formats.names()) if _takes(found, wide, high))
    others += [f"--paper {one.name}" for one in wider if isinstance(one, Roll) == is_roll]
    return Message(
        "A label “%(layout)s” is %(wide).0f mm wide and %(high).0f mm high: too large for %(paper)s. Choose instead: "
        "%(others)s.",
        layout=error.layout,
        wide=wide,
        high=high,
        paper=error.format,
        others=", ".join(others) or Message("another layout"),
    )


def _takes(paper: Format, wide: float, high: float) -> bool:
    return paper.width >= wide and (isinstance(paper, Roll) or paper.height >= high)


_SENTENCES: dict[type[LabelError], Callable[[Any], Message]] = {
    errors.EmptyCode: lambda _: Message("A code must say something: the text is empty."),
    errors.TooLong: _too_long,
    errors.WrongCharacter: lambda e: Message(
        "Character %(position)d, %(character)s, cannot stand in this code.",
        position=e.position,
        character=ascii(e.character),
    ),
    errors.WrongLength: lambda e: Message(
        "An EAN-13 has 12 or 13 digits, not %(length)d.", length=e.length
    ),
    errors.WrongCheckDigit: lambda e: Message(
        "The end of %(digits)s does not fit the rest: it should be %(expected)s. Compare with the original.",
        digits=e.digits,
        expected=e.expected,
    ),
    errors.NotBracketed: lambda _: Message(
        "GS1 data is written as (01)05410036306703(17)260930(10)ABC, without brackets in a value."
    ),
    errors.UnknownIdentifier: lambda e: Message("GS1 knows no field (%(ai)s).", ai=e.ai),
    errors.RepeatedIdentifier: lambda e: Message("Field (%(ai)s) is there twice.", ai=e.ai),
    errors.WrongField: lambda e: Message(
        "Field (%(ai)s) cannot be “%(value)s”: its form is %(format)s.",
        ai=e.ai,
        value=e.value,
        format=e.format,
    ),
    errors.ImpossibleDate: lambda e: Message(
        "Field (%(ai)s) holds no date of the calendar: “%(value)s”.", ai=e.ai, value=e.value
    ),
    errors.CompanionMissing: lambda e: Message(
        "Field (%(ai)s) cannot stand alone: it needs one of %(companions)s.",
        ai=e.ai,
        companions=", ".join(f"({ai})" for ai in e.companions),
    ),
    errors.ClashingIdentifiers: lambda e: Message(
        "Fields (%(ai)s) and (%(other)s) cannot stand together.", ai=e.ai, other=e.other
    ),
    errors.TooWide: lambda e: Message(
        "The code needs %(needed)d dots of width, there are %(room)d.",
        needed=e.needed,
        room=e.room,
    ),
    errors.UnreadableCode: _unreadable,
    errors.NotExact: lambda e: Message(
        "“%(value)s” cannot be printed as it is: it is too long for its place, or has a character the letters of "
        "labels lack. Nothing is printed. Layout: %(layout)s, field: %(field)s.",
        value=e.text,
        layout=e.layout,
        field=e.field,
    ),
    errors.UnknownLayout: lambda e: Message(
        "There is no layout “%(name)s”, only these: %(names)s.",
        name=e.name,
        names=", ".join(e.names),
    ),
    errors.UnknownFormat: lambda e: Message(
        "There is no sheet or roll “%(name)s”, only these: %(names)s.",
        name=e.name,
        names=", ".join(e.names),
    ),
    errors.LabelTooLarge: _too_large,
    errors.OffThePaper: lambda _: Message(
        "With this correction a label would leave the paper: choose a smaller one."
    ),
    errors.NoSuchPosition: lambda e: Message(
        "This sheet has positions 1 to %(count)d.", count=e.count
    ),
}
