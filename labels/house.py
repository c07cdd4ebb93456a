"""In-house codes: ten digits, two of kind, six of number, two of check.

Digits only, so that no keyboard layout can spoil them; ten, so that no GTIN (8, 12, 13 or 14
digits) looks like one. The check is ISO/IEC 7064 MOD 97-10, the scheme of the IBAN: it finds
every single wrong digit and every swap of two neighbours.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from labels.errors import NumberOutOfRange

LENGTH: Final = 10
NUMBERS: Final = 1_000_000  # six digits


class Kind(IntEnum):
    """What an in-house code stands for; printed on paper, so a value never changes meaning."""

    LOT = 10
    ITEM = 11
    PACK = 12
    PLACE = 13
    COMMAND = 14
    BADGE = 15
    PAGE = 16
    UNCHECK = 17
    """An article that a table of the workshop checked by mistake: only screens make it."""


_KINDS: Final = {f"{kind:d}": kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class HouseCode:
    """A kind and a number from 0 to 999999: all that an in-house code says."""

    kind: Kind
    number: int


def check_digits(payload: str) -> str:
    """The two check digits of a string of digits (ISO/IEC 7064:2003, MOD 97-10, pure system).

    >>> check_digits("10000001")
    '61'
    """
    return f"{98 - int(payload) * 100 % 97:02d}"


def house_code(kind: Kind, number: int) -> str:
    """The ten digits to print for `number` of `kind`.

    Raises `NumberOutOfRange` when the number does not fit six digits.
    """
    if not 0 <= number < NUMBERS:
        raise NumberOutOfRange(number)
    payload = f"{kind:d}{number:06d}"
    return payload + check_digits(payload)


def spaced(digits: str) -> str:
    """The ten digits as people read them: kind, number, check.

    >>> spaced("1000000161")
    '10 000001 61'
    """
    return f"{digits[:2]} {digits[2:8]} {digits[8:]}"


def has_valid_check(text: str) -> bool:
    """Whether ten ASCII digits carry the right check, whatever their kind.

    The digits are made again and compared, rather than taken modulo 97: 01 and 98 leave the same
    remainder, and only one of them is ever printed.
    """
    if len(text) != LENGTH or not (text.isascii() and text.isdigit()):
        return False
    return text[8:] == check_digits(text[:8])


def parse_house(text: str) -> HouseCode | None:
    """What an in-house code says, or None where `text` is not one: length, check or kind."""
    kind = _KINDS.get(text[:2])
    if kind is None or not has_valid_check(text):
        return None
    return HouseCode(kind, int(text[2:8]))
