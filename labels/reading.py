"""From what a scanner sent, a camera saw or a person typed to what the code says.

`read_code` takes any text of any length and never raises: what cannot be used is an `Unreadable`
with a reason. AIM identifiers are those of ISO/IEC 15424; sections are those of the GS1 General
Specifications.
"""

import re
from typing import Final

from labels import gtin as gtins
from labels import house
from labels.elements import read_bracketed, read_element_string
from labels.values import Details, House, Product, Reading, Reason, Unreadable

__all__ = [
    "MAX_CHARACTERS",
    "Details",
    "House",
    "Product",
    "Reading",
    "Reason",
    "Unreadable",
    "read_code",
]

MAX_CHARACTERS: Final = 512  # codes on products stay below 100; nothing longer is worth the time

_MARGINS: Final = " \t\r\n"  # never str.strip(): it would take a GS along
_CONTROL: Final = re.compile(r"[\x00-\x1c\x1e\x1f\x7f]")
_IDENTIFIER: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")

# Symbologies that announce GS1 element strings (section 5.1.3): GS1-128, DataMatrix, QR, DotCode,
# DataBar and the composites.
_ELEMENT_STRINGS: Final = frozenset({"C1", "d2", "Q3", "J1", "e0", "e1", "e2"})
_EAN_13: Final = "E0"  # UPC-A too, sent as 13 digits
_EAN_13_ADD_ON: Final = "E3"
_EAN_8: Final = "E4"

# A GTIN-8 travels in an EAN-8 only: eight digits in another symbology are somebody's own number,
# and one in ten would pass the check.
_LENGTHS_ELSEWHERE: Final = gtins.LENGTHS - {8}
_SHORTEST_ELEMENT_STRING: Final = 16  # (01) and its GTIN


def read_code(text: str, *, separator_lost: bool = False) -> Reading:
    """What `text` says. Never raises, whatever the text, and takes microseconds for plain digits.

    Blanks and line ends around it are ignored; GS (0x1D, also sent as Ctrl+]) separates fields.
    `separator_lost` says that the scanner is known to lose it: an AIM identifier then proves nothing.
    """
    if len(text) > MAX_CHARACTERS:
        return Unreadable(Reason.TOO_LONG)
    text = text.strip(_MARGINS)
    if not text:
        return Unreadable(Reason.EMPTY)
    if not text.isascii():
        return Unreadable(Reason.CHARACTERS)
    if text.isdigit():
        return _read_digits(text, gtins.LENGTHS)
    if _CONTROL.search(text):
        return Unreadable(Reason.CONTROL_CHARACTERS)
    if text.startswith("]"):
        return _read_identified(text, separator_lost=separator_lost)
    return _read_plain(text, gtins.LENGTHS)


def _read_identified(text: str, *, separator_lost: bool) -> Reading:
    """A text with its AIM identifier: the scanner says which symbology it saw."""
    if not _IDENTIFIER.match(text):
        return Unreadable(Reason.MALFORMED)
    symbology, data = text[1:3], text[3:]
    if symbology in _ELEMENT_STRINGS:
        return read_element_string(data, identified=True, separator_lost=separator_lost)
    if symbology == _EAN_13_ADD_ON and len(data) in (13 + 2, 13 + 5):
        symbology, data = _EAN_13, data[:13] if data.isdigit() else data
    if symbology == _EAN_13:
        return _read_gtin(data, 13)
    if symbology == _EAN_8:
        return _read_gtin(data, 8)
    if symbology.startswith("E"):
        return Unreadable(Reason.SYMBOLOGY)  # an add-on alone
    if symbology.startswith("I"):
        return _read_gtin(data, 14)
    return _read_plain(data, _LENGTHS_ELSEWHERE)


def _read_plain(data: str, lengths: frozenset[int]) -> Reading:
    """Data that no symbology explains."""
    if data.startswith("+"):
        return Unreadable(Reason.HIBC)
    if data.startswith("("):
        return read_bracketed(data)
    digits = data.replace(" ", "")  # typed as printed: "5 410036 306703"
    if digits.isdigit():
        return _read_digits(digits, lengths)
    return read_element_string(data, identified=False)


def _read_digits(digits: str, lengths: frozenset[int]) -> Reading:
    """Ten digits are ours, the lengths of GTINs are GTINs, and longer ones are element strings."""
    length = len(digits)
    if length == house.LENGTH:
        code = house.parse_house(digits)
        if code is not None:
            return code
        known = house.has_valid_check(digits)
        return Unreadable(Reason.HOUSE_KIND if known else Reason.CHECK_DIGIT)
    if length in lengths:
        return _read_gtin(digits, length)
    if length >= _SHORTEST_ELEMENT_STRING:
        return read_element_string(digits, identified=False)
    return Unreadable(Reason.LENGTH)


def _read_gtin(digits: str, length: int) -> Product | Unreadable:
    if not digits.isdigit():
        return Unreadable(Reason.MALFORMED)
    if len(digits) != length:
        return Unreadable(Reason.LENGTH)
    if not gtins.has_valid_check(digits):
        return Unreadable(Reason.CHECK_DIGIT)
    return Product(gtins.normalise(digits))
