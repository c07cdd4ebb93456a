"""GTINs: length, check digit, and the ranges that are not articles of commerce.

Written by hand rather than through biip, because a plain GTIN is the hot path of the counter.
"GS1" in the comments means the GS1 General Specifications.
"""

from typing import Final

LENGTHS: Final = frozenset({8, 12, 13, 14})

# Prefixes of the 13-digit form that anybody may print for his own use: restricted circulation
# (02, 04, 20-29), refund receipts and coupons (98, 99). Loyalty cards live there.
_RESTRICTED: Final = frozenset({"02", "04", "98", "99", *(str(n) for n in range(20, 30))})

# The same for GTIN-8 (GS1 section 1.4.3: GS1-8 prefixes 000-099 and 200-299).
_RESTRICTED_8: Final = frozenset({"0", "2"})


def check_digit(payload: str) -> int:
    """The check digit of the digits before it (GS1 section 7.9.1): weights 3, 1, 3… from the right.

    >>> check_digit("541003630670")
    3
    """
    digits = [int(digit) for digit in reversed(payload)]
    return -(3 * sum(digits[::2]) + sum(digits[1::2])) % 10


def has_valid_check(digits: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of the others."""
    return int(digits[-1]) == check_digit(digits[:-1])


def normalise(digits: str) -> str:
    """A GTIN-8, -12, -13 or -14 as the fourteen digits under which it is kept and compared."""
    return digits.zfill(14)


def gtin_of(digits: str) -> str | None:
    """A GTIN somebody typed or a spreadsheet holds, normalised; None where its length or check digit is wrong."""
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    return normalise(digits) if has_valid_check(digits) else None


def is_restricted(gtin: str) -> bool:
    """Whether a 14-digit GTIN lies in a restricted or coupon range.

    The first digit only tells the packing level, so the prefix is looked for in the twelve digits
    behind it. Five zeros there mean a GTIN-8 (GS1 section 1.4.2: such prefixes are left unused so
    that the two cannot be mixed up), with shorter prefixes of its own.
    """
    if gtin.startswith("00000", 1):
        return gtin[6] in _RESTRICTED_8
    return gtin[1:3] in _RESTRICTED
