"""What a cell may hold: pure parsers from a cell to a value.

Each raises `Unfit` with what was expected. A guess is worse than a question: what could mean two things is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from inventory.lists.tabular import Cell
from inventory.messages import Message
from inventory.words import UNKNOWN_LOT

MAX_PIECES = 1_000_000
MAX_MONTHS = 600
MAX_VERSION = 10_000
MAX_CODE = 40
MAX_LOT = 60

T = TypeVar("T")


class Unfit(ValueError):
    """A cell that does not say what its column asks for."""

    def __init__(self, expected: Message) -> None:
        super().__init__(str(expected))
        self.expected = expected


def shown(cell: Cell, at_most: int = 80) -> str:
    """A cell as a person would recognise it, on one line.

    >>> shown(date(2026, 9, 14))
    '14/09/2026'
    """
    if isinstance(cell, date):
        return f"{cell:%d/%m}/{cell.year:04d}"
    line = "".join(c if c.isprintable() else "�" for c in " ".join(cell[: at_most + 1].split()))
    return line if len(cell) <= at_most else line[:at_most] + "…"


def fold(text: str) -> str:
    """Text without case, accents and punctuation, to recognise words.

    >>> fold(" Durée de conservation (mois)")
    'duree de conservation mois'
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in letters if not _is_accent(c))))


def _is_accent(letter: str) -> bool:
    return unicodedata.combining(letter) != 0


def optional(parse: Callable[[Cell], T]) -> Callable[[Cell], T | None]:
    """None for an empty cell."""
    return lambda cell: parse(cell) if cell else None


# Numbers

_SPACES = str.maketrans("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}", "   ")
# Groups of three after spaces, and the decimal zeros that a column formatted as money adds. Not three of them:
# 1,000 is a thousand to some and one to others.
_WHOLE = re.compile(r"([0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:,0{1,2})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,'’][0-9]{3})+")
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E[+]?[0-9]+", re.IGNORECASE)


def whole(at_most: int, *, at_least: int = 1) -> Callable[[Cell], int]:
    """A whole number from `at_least`, 1 or 0, to `at_most`.

    >>> whole(5000)("1 000"), whole(5000)("1000,00")
    (1000, 1000)
    """

    def parse(cell: Cell) -> int:
        text = "" if isinstance(cell, date) else cell.translate(_SPACES)
        if _GROUPED.fullmatch(text):
            raise Unfit(
                Message("a whole number such as 1000 or 1 000: this could be one or a thousand")
            )
        if _SCIENTIFIC.fullmatch(text):
            raise Unfit(_digits_lost())
        number = _WHOLE.fullmatch(text)
        digits = number[1].replace(" ", "").lstrip("0") if number else None
        # The length first: Python refuses to read thousands of digits.
        if (
            digits is None
            or len(digits) > len(str(at_most))
            or not at_least <= int(digits or 0) <= at_most
        ):
            raise Unfit(
                Message("a whole number from %(least)d to %(most)d", least=at_least, most=at_most)
            )
        return int(digits or 0)

    return parse


pieces = whole(MAX_PIECES)


def _digits_lost() -> Message:
    return Message(
        "all the digits: the spreadsheet has shortened them for good; "
        "format the column as text and type them again"
    )


# Dates

_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2}")


def day(cell: Cell) -> date:
    """A date, day first; also as 2026-09-14, and as a spreadsheet's own.

    >>> day("14/09/2026") == day("14-9-2026") == day("2026-09-14")
    True
    """
    found = cell if isinstance(cell, date) else _written_day(cell)
    if not 2000 <= found.year <= 2100:
        raise Unfit(Message("a date from 2000 to 2100"))
    return found


def _written_day(text: str) -> date:
    if _SHORT_YEAR.fullmatch(text):
        raise Unfit(Message("a date with four digits for the year, such as 14/09/2026"))
    iso, day_first = _ISO.fullmatch(text), _DAY_FIRST.fullmatch(text)
    if iso:
        year, month, number = iso.groups()
    elif day_first:
        number, _, month, year = day_first.groups()
    else:
        raise Unfit(Message("a date such as 14/09/2026"))
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise Unfit(Message("a date that exists, day first, such as 14/09/2026")) from None


# Words and codes


def _text(cell: Cell) -> str:
    if isinstance(cell, date):
        raise Unfit(
            Message("text: the spreadsheet has made a date of it; format the column as text")
        )
    return cell


def line_of_text(at_most: int) -> Callable[[Cell], str]:
    """A name: one line, with single spaces."""

    def parse(cell: Cell) -> str:
        text = unicodedata.normalize("NFC", " ".join(_text(cell).split()))
        if not text or len(text) > at_most or not text.isprintable():
            raise Unfit(Message("one line of text, at most %(most)d characters", most=at_most))
        return text

    return parse


def code(cell: Cell, at_most: int = MAX_CODE) -> str:
    """A code somebody gave: of an item, a place, a delivery note."""
    text = _text(cell)
    if _SCIENTIFIC.fullmatch(text):
        raise Unfit(_digits_lost())
    if not text or len(text) > at_most or not text.isprintable():
        raise Unfit(Message("a code of at most %(most)d characters, on one line", most=at_most))
    return unicodedata.normalize("NFC", text)


def note(cell: Cell) -> str:
    return code(cell, at_most=60)


def lot(cell: Cell) -> str:
    """A lot as on the box, kept exactly: leading zeros belong to it. Empty for none."""
    text = _text(cell)
    if _SCIENTIFIC.fullmatch(text):
        raise Unfit(_digits_lost())
    if len(text) > MAX_LOT or not text.isprintable():
        raise Unfit(
            Message("the lot as on the box, at most %(most)d characters, on one line", most=MAX_LOT)
        )
    if text == UNKNOWN_LOT:
        raise Unfit(Message("the lot as on the box: this word is kept for lots that nobody read"))
    return text


def gtin(normalise: Callable[[str], str | None]) -> Callable[[Cell], str | None]:
    """The 14 digits of a GTIN, by `normalise`; None for an empty cell, which asks for an in-house code."""

    def parse(cell: Cell) -> str | None:
        text = "".join(_text(cell).split())
        if not text:
            return None
        if _SCIENTIFIC.fullmatch(text):
            raise Unfit(_digits_lost())
        if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", text):
            raise Unfit(
                Message("the 8, 12, 13 or 14 digits below the bars; empty for an in-house code")
            )
        found = normalise(text)
        if found is None:
            raise Unfit(Message("another digit somewhere: the check digit at the end does not fit"))
        return found

    return parse
