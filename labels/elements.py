"""GS1 element strings: from the characters a scanner sends to the fields that matter here.

biip knows the application identifiers and their formats; what it lets through is refused here
(see the tests): wrong check digits, empty messages, fields running into each other.
Sections are those of the GS1 General Specifications.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Final

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_element_strings import GS1ElementString

from labels import gtin as gtins
from labels.values import Details, Product, Reason, Unreadable

GS: Final = "\x1d"  # what a scanner sends for FNC1 between two fields (section 7.8)

_GTIN, _LOT, _EXPIRY, _COUNT = "01", "10", "17", "30"
_SSCC, _CONTENT, _CONTENT_COUNT = "00", "02", "37"

_BRACKETED: Final = re.compile(r"(?:\(\d{2,4}\)[^()]+)+")
_BRACKETED_AI: Final = re.compile(r"\((\d{2,4})\)")


class _Refused(Exception):
    """Leaves the reading of an element string; never leaves this module."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def read_element_string(
    data: str, *, identified: bool, separator_lost: bool = False
) -> Product | Details | Unreadable:
    """Read a GS1 element string. Raises nothing.

    `identified` says that an AIM identifier announced GS1 data. Without it, and without a single
    separator, a variable-length field may have swallowed what followed it: the result is then not
    `sure`; nor is it behind an identifier where the scanner loses the separator. With neither, data
    without a GTIN could be any number at all and is refused.
    """
    separated = GS in data
    trusted = identified or separated
    sure = separated or (identified and not separator_lost)
    try:
        fields, variable = _fields(data)
        return _reading(fields, trusted=trusted, sure=sure or not variable)
    except _Refused as refused:
        return Unreadable(refused.reason)


def read_bracketed(data: str) -> Product | Details | Unreadable:
    """Read the form printed under a code, "(01)…(17)…", typed by hand. Raises nothing.

    The brackets separate the fields, so the result is sure.
    """
    compact = data.replace(" ", "")
    if not _BRACKETED.fullmatch(compact):
        return Unreadable(Reason.MALFORMED)
    return read_element_string(_BRACKETED_AI.sub(GS + r"\1", compact), identified=True)


def bracketed(data: str) -> str:
    """Data as a scanner sends it, in the form printed under a code; as it is where it is no element string."""
    try:
        fields, _ = _fields(data)
    except _Refused:
        return data
    return "".join(f"({ai}){value}" for ai, value in fields.items())


def _fields(data: str) -> tuple[dict[str, str], bool]:
    """The fields by application identifier, and whether one of them needs a separator."""
    fields: dict[str, str] = {}
    variable = False
    for part in data.split(GS):
        rest = part
        while rest:
            identifier, value = _next_field(rest)
            rest = rest[len(identifier) + len(value) :]
            if identifier.separator_required:
                variable = True
                if rest:  # longer than its format allows, or its separator was lost
                    raise _Refused(Reason.MALFORMED)
            if fields.setdefault(identifier.ai, value) != value:
                raise _Refused(Reason.MALFORMED)  # a field repeated must say the same again
    return fields, variable


def _next_field(rest: str) -> tuple[GS1ApplicationIdentifier, str]:
    """The first field: biip's table says which it is and how far it goes."""
    try:
        identifier = identifier_of(rest[:4])
    except ParseError:
        raise _Refused(Reason.MALFORMED) from None
    match = re.match(identifier.pattern.removesuffix("$"), rest)
    if match is None:
        impossible_date = identifier.ai == _EXPIRY
        raise _Refused(Reason.DATE if impossible_date else Reason.MALFORMED)
    return identifier, "".join(group for group in match.groups() if group)


@lru_cache(maxsize=1024)
def identifier_of(start: str) -> GS1ApplicationIdentifier:
    """The identifier at the start of a field; at most four digits, so four are enough.

    Kept because biip walks its whole table each time. `ParseError` where there is none.
    """
    return GS1ApplicationIdentifier.extract(start)


@lru_cache(maxsize=512)
def _expiry(yymmdd: str) -> date:
    """The date of AI (17): day 00 is the last of its month, the century lies near (section 7.12).

    Kept, since an evening sees the same few expiries and biip takes longest over them.
    """
    try:
        expires = GS1ElementString.parse(_EXPIRY + yymmdd).date
    except ParseError:
        expires = None
    if expires is None:
        raise _Refused(Reason.DATE)
    return expires


def _count(digits: str) -> int:
    """The pieces of AI (30), which may say nothing or nought in biip."""
    count = int(digits or 0)
    if count < 1:
        raise _Refused(Reason.COUNT)
    return count


def _reading(fields: dict[str, str], *, trusted: bool, sure: bool) -> Product | Details:
    if not fields:
        raise _Refused(Reason.EMPTY)
    if _CONTENT in fields or _CONTENT_COUNT in fields or (_SSCC in fields and _GTIN not in fields):
        raise _Refused(Reason.LOGISTIC_UNIT)
    lot = fields.get(_LOT)
    expires = _expiry(fields[_EXPIRY]) if _EXPIRY in fields else None
    count = _count(fields[_COUNT]) if _COUNT in fields else None
    if _GTIN in fields:
        gtin = fields[_GTIN]
        if not gtins.has_valid_check(gtin):
            raise _Refused(Reason.CHECK_DIGIT)
        return Product(gtin, lot, expires, count, sure)
    if not trusted or (lot is None and expires is None and count is None):
        raise _Refused(Reason.NO_PRODUCT)
    return Details(lot, expires, count, sure)
