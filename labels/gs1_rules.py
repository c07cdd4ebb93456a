"""Which GS1 fields need or exclude each other, which hold check digits, and which hold dates.

What biip's table of formats does not say. "GS1" is the GS1 General Specifications; patterns are of whole application
identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from labels import gtin as gtins
from labels.errors import (
    ClashingIdentifiers,
    CompanionMissing,
    ImpossibleDate,
    WrongCheckDigit,
    WrongField,
)

Fields = dict[str, str]
"""Values by application identifier, in the order they were given."""

_ITEM: Final = "01|02"
_PIECE: Final = "01|8006"
_ANY_ITEM: Final = "01|02|8006|8026"
_MEASURE: Final = r"30|3[1256]\d\d"

# GS1 section 4.14.2: a field on the left says something of one on the right, so one of these must be there.
_COMPANIONS: Final = (
    ("02|8026", "37"),
    ("37", "00"),
    ("37", "02|8026"),
    ("1[01356]|20|24[012]|422|7001", _ANY_ITEM),
    ("17", f"255|{_ANY_ITEM}"),
    ("12", "8020"),
    ("21|25[01]|702[01]|7240|8012", _PIECE),
    (r"22|235|243|337\d|392\d|7004|71\d|8001|8200", "01"),
    ("250", "21"),
    ("254", "414"),
    (r"30|31\d\d|32\d\d|35[01267]\d|36[01456]\d|42[3-7]|700[235-9]|701[01]|703\d|800[58]", _ITEM),
    (r"33[0-6]\d|34\d\d|35[345]\d|36[23789]\d|8009", "00|01"),
    (r"39[235]\d", _MEASURE),
    (r"390\d", "255|8020"),
    (r"391\d|415", "8020"),
    (r"394\d|8111", "255"),
    (r"403|43(?!03|13)\d\d", "00"),
    ("4303", "4302"),
    ("4313", "4312"),
    ("427", "422"),
    ("7004", "10"),
    ("7020", "416"),
    ("7022", "7021"),
    (r"723\d", "01|8004"),
    ("724[12]|8019", "8017|8018"),
    ("8007|8020", "415"),
    ("8011", "8010"),
    ("8030", "00|01|253|255|8003|8004|8006|8010|8017|8018"),
)

# GS1 section 4.14.1: these two say the same thing twice, or contradict each other.
_CLASHES: Final = (
    ("01", "02|255|37|8006"),
    ("02", "255|8026"),
    ("21", "235"),
    ("255", "415|8006|8020|8026"),
    (r"390\d", r"391\d|394\d|8111"),
    (r"392\d", r"393\d"),
    (r"394\d", "8111"),
    (r"395\d", r"392\d|393\d|8005"),
    ("420", "421"),
    ("421", "4307"),
    ("42[2-5]", "426"),
    ("4330", "4331"),
    ("4332", "4333"),
    ("8006", "37|8026"),
    ("8017", "8018"),
)
_DECIMALS: Final = re.compile(r"3[1-69]\d\d")  # the last digit tells where the point stands

# GS1 section 7.9: how many digits at the start of a value end in a check digit.
_CHECKED: Final = {
    **{"00": 18, "01": 14, "02": 14, "03": 14, "253": 13, "255": 13, "402": 17},
    **{f"41{n}": 13 for n in range(8)},
    **{"8003": 14, "8006": 14, "8017": 18, "8018": 18, "8026": 14},
}

# GS1 sections 3.9.6 and 3.9.18: piece of total, two digits each, after the item's number.
_PIECES: Final = frozenset({"8006", "8026"})

# GS1 section 7.9.5: the pair of check characters of a Global Model Number.
_MODEL: Final = "8013"
_CHARSET_82: Final = (
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)
_CHARSET_32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES: Final = (
    *(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37),
    *(41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83),
)

# GS1 section 3: dates are six digits; those of the first row may name a month alone, by day 00.
_MONTHS_TOO: Final = frozenset({"11", "12", "13", "15", "16", "17", "4324", "4325"})
_DAYS: Final = frozenset({"4326", "7003", "7006", "7007", "7011", "8008"})
DATES: Final = _MONTHS_TOO | _DAYS
_TIMES: Final = frozenset({"4324", "4325", "7003", "7011"})
_NO_TIME: Final = "9999"  # of (4324) and (4325): any time of that day


def check(fields: Fields) -> None:
    """Raise the first of `WrongField`, `WrongCheckDigit`, `ImpossibleDate`, `CompanionMissing`, `ClashingIdentifiers`
    that applies.

    Formats are taken as right. Not looked at: codes of countries and currencies, coupons, IBANs.
    """
    for ai, value in fields.items():
        _check_digit(ai, value)
        if ai in DATES:
            _check_date(ai, value)
    for ai in fields:
        _check_companions(ai, fields)
        _check_clashes(ai, fields)


def _check_digit(ai: str, value: str) -> None:
    digits = value[: _CHECKED.get(ai, 0)]
    if digits and not digits.strip("0"):
        raise WrongField(ai, value, f"N{len(digits)} > 0")
    if digits and not gtins.has_valid_check(digits):
        raise WrongCheckDigit(digits, str(gtins.check_digit(digits[:-1])))
    if ai in _PIECES and not 1 <= int(value[14:16]) <= int(value[16:18]):
        raise WrongField(ai, value, "N14+N2 ≤ N2")
    if ai == _MODEL and (expected := check_pair(value[:-2])) != value[-2:]:
        raise WrongCheckDigit(value, expected)


def check_pair(model: str) -> str:
    """The two characters that end a Global Model Number of up to 23 characters before them.

    >>> check_pair("1987654Ad4X4bL5ttr2310c")
    '2K'
    """
    values = map(_CHARSET_82.index, reversed(model))
    total = sum(value * prime for value, prime in zip(values, _PRIMES, strict=False)) % 1021
    return _CHARSET_32[total >> 5] + _CHARSET_32[total & 31]


def _check_date(ai: str, value: str) -> None:
    days = [value[:6], value[6:]] if ai == "7007" and len(value) > 6 else [value[:6]]
    possible = all(_is_date(day, month_alone=ai in _MONTHS_TOO) for day in days)
    if possible and ai in _TIMES and value[6:]:
        possible = _is_time(value[6:]) or (ai in _MONTHS_TOO and value[6:] == _NO_TIME)
    if not possible or days != sorted(days):
        raise ImpossibleDate(ai, value)


def _is_date(yymmdd: str, *, month_alone: bool) -> bool:
    """Leap years are those of 2000 to 2099, and of 1951 to 1999: what two digits can mean (section 7.12)."""
    year, month, day = (int(yymmdd[at : at + 2]) for at in (0, 2, 4))
    try:
        date(2000 + year, month, 1 if month_alone and day == 0 else day)
    except ValueError:
        return False
    return True


def _is_time(hhmm: str) -> bool:
    return int(hhmm[:2]) < 24 and int(hhmm[2:]) < 60


def _check_companions(ai: str, fields: Iterable[str]) -> None:
    for those, companions in _COMPANIONS:
        if re.fullmatch(those, ai) and not any(re.fullmatch(companions, one) for one in fields):
            raise CompanionMissing(ai, _readable(companions))


def _check_clashes(ai: str, fields: Iterable[str]) -> None:
    for other in fields:
        if any(re.fullmatch(a, ai) and re.fullmatch(b, other) for a, b in _CLASHES) or (
            _DECIMALS.fullmatch(ai) and ai != other and ai[:3] == other[:3]
        ):
            raise ClashingIdentifiers(ai, other)


def _readable(pattern: str) -> list[str]:
    """The alternatives of a pattern, with GS1's n for any digit."""
    return pattern.replace(r"\d", "n").replace("3[1256]nn", "31nn|32nn|35nn|36nn").split("|")
