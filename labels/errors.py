"""What `labels` refuses to make. (What it reads never raises: see `labels.reading`.)"""

from __future__ import annotations

from collections.abc import Sequence


class LabelError(ValueError):
    """Root of the errors of `labels`; `code` is stable, the words are for developers."""

    code = "label"


class NumberOutOfRange(LabelError):
    """An in-house code has six digits of number: 0 to 999999."""

    code = "label-number-out-of-range"

    def __init__(self, number: int) -> None:
        super().__init__(f"an in-house number lies between 0 and 999999, not {number}")
        self.number = number


class PaperTooNarrow(LabelError):
    """So few columns that nothing can be laid out on them."""

    code = "label-paper-too-narrow"

    def __init__(self, columns: int) -> None:
        super().__init__(f"nothing fits in {columns} columns")
        self.columns = columns


# Text that makes no code


class EmptyCode(LabelError):
    """A code says something."""

    code = "label-empty"

    def __init__(self) -> None:
        super().__init__("there is nothing to draw")


class TooLong(LabelError):
    """More than the code holds: `limit` characters, or None where that depends on which they are."""

    code = "label-too-long"

    def __init__(self, length: int, limit: int | None) -> None:
        super().__init__(f"{length} characters are too many; limit: {limit}")
        self.length, self.limit = length, limit


class WrongCharacter(LabelError):
    """A character that the symbology does not have; `position` counts from 1."""

    code = "label-character"

    def __init__(self, character: str, position: int) -> None:
        super().__init__(f"{character!r} at {position} cannot be drawn")
        self.character, self.position = character, position


class WrongLength(LabelError):
    """An EAN-13 has thirteen digits, or twelve to which the check digit is added."""

    code = "label-length"

    def __init__(self, length: int) -> None:
        super().__init__(f"an EAN-13 has 12 or 13 digits, not {length}")
        self.length = length


class WrongCheckDigit(LabelError):
    """`digits` should end in `expected`: one check digit, or a pair of check characters."""

    code = "label-check-digit"

    def __init__(self, digits: str, expected: str) -> None:
        super().__init__(f"{digits} should end in {expected}")
        self.digits, self.expected = digits, expected


# GS1 element strings that say nothing, or nothing possible


class NotBracketed(LabelError):
    """GS1 data is given as (01)05410036306703(17)260930; no value may hold a bracket."""

    code = "label-brackets"

    def __init__(self) -> None:
        super().__init__("GS1 data is written (AI)value(AI)value, without brackets in a value")


class UnknownIdentifier(LabelError):
    """No application identifier of GS1."""

    code = "label-identifier"

    def __init__(self, ai: str) -> None:
        super().__init__(f"({ai}) is no application identifier")
        self.ai = ai


class RepeatedIdentifier(LabelError):
    """The same field twice."""

    code = "label-repeated"

    def __init__(self, ai: str) -> None:
        super().__init__(f"({ai}) is given twice")
        self.ai = ai


class WrongField(LabelError):
    """A value that is not of the field's `format`, in GS1's notation: N6, X..20."""

    code = "label-field"

    def __init__(self, ai: str, value: str, format: str) -> None:
        super().__init__(f"({ai}) {value!r} is not {format}")
        self.ai, self.value, self.format = ai, value, format


class ImpossibleDate(LabelError):
    """A day or time that no calendar or clock has."""

    code = "label-date"

    def __init__(self, ai: str, value: str) -> None:
        super().__init__(f"({ai}) {value!r} is no date")
        self.ai, self.value = ai, value


class CompanionMissing(LabelError):
    """A field that says something of another one, which is not there; any of `companions` would do."""

    code = "label-companion"

    def __init__(self, ai: str, companions: Sequence[str]) -> None:
        super().__init__(f"({ai}) needs one of {', '.join(companions)}")
        self.ai, self.companions = ai, tuple(companions)


class ClashingIdentifiers(LabelError):
    """Two fields that may not stand together."""

    code = "label-clash"

    def __init__(self, ai: str, other: str) -> None:
        super().__init__(f"({ai}) and ({other}) exclude each other")
        self.ai, self.other = ai, other


# Codes that would not be read


class TooWide(LabelError):
    """Whole dots and quiet zones need more than there is: both in dots."""

    code = "label-too-wide"

    def __init__(self, needed: int, room: int) -> None:
        super().__init__(f"the code needs {needed} dots, there are {room}")
        self.needed, self.room = needed, room


class UnreadableCode(LabelError):
    """A picture did not read back as the codes it should hold, so it must not be printed.

    `expected` and `found` hold (symbology, what it says); `layout` and `printer` are for whoever looks for the cause.
    """

    code = "label-unreadable-code"

    def __init__(
        self,
        expected: Sequence[tuple[str, str]] = (),
        found: Sequence[tuple[str, str]] = (),
        *,
        layout: str | None = None,
        printer: str | None = None,
    ) -> None:
        where = f"layout {layout or '?'}, printer {printer or '?'}"
        super().__init__(f"{where}: read {list(found)} instead of {list(expected)}")
        self.expected, self.found = tuple(expected), tuple(found)
        self.layout, self.printer = layout, printer


# Layouts and what they are printed on


class UnknownLayout(LabelError):
    """No layout of this name."""

    code = "label-layout"

    def __init__(self, name: str, names: Sequence[str]) -> None:
        super().__init__(f"no layout {name!r}: {', '.join(names)}")
        self.name, self.names = name, tuple(names)


class NotExact(LabelError):
    """A text to be printed letter by letter, as a lot's code, is too long for its field, or the font lacks a letter."""

    code = "label-exact"

    def __init__(self, layout: str, field: str, text: str) -> None:
        super().__init__(f"layout {layout}: {field} {text!r} cannot be printed letter by letter")
        self.layout, self.field, self.text = layout, field, text


class UnknownFormat(LabelError):
    """No sheet and no roll of this name."""

    code = "label-format"

    def __init__(self, name: str, names: Sequence[str]) -> None:
        super().__init__(f"no format {name!r}: {', '.join(names)}")
        self.name, self.names = name, tuple(names)


class LabelTooLarge(LabelError):
    """A label that does not fit on what it should be printed on; in millimetres, and a roll is as long as it likes."""

    code = "label-too-large"

    def __init__(
        self,
        layout: str,
        size: tuple[float, float],
        format: str,
        room: tuple[float, float | None],
    ) -> None:
        super().__init__(f"layout {layout} is {size} mm, {format} has room for {room} mm")
        self.layout, self.size, self.format, self.room = layout, size, format, room


class OffThePaper(LabelError):
    """The correction of the printer would put part of a label beside the paper, or is more than a printer is out by."""

    code = "label-off-the-paper"

    def __init__(self) -> None:
        super().__init__("with this correction a label would leave the paper")


class NoSuchPosition(LabelError):
    """Positions on a sheet are counted from 1 to `count`."""

    code = "label-position"

    def __init__(self, start: int, count: int) -> None:
        super().__init__(f"position {start} is not 1 to {count}")
        self.start, self.count = start, count
