"""Badges as they are read and typed: the number of a badge in what a scanner sent, however a keyboard spoiled it."""

from __future__ import annotations

from labels import reading
from labels.house import Kind

# What a scanner set to US types on Belgian and French keyboards, where the upper row needs Shift for its digits.
_AZERTY = str.maketrans("&é\"'(§è!çà-_", "123456789068")


def number_in(text: str) -> int | None:
    """The number of the badge that `text` is the code of; None for anything else.

    >>> number_in("nothing")
    """
    match reading.read_code(text.strip().translate(_AZERTY)):
        case reading.House(Kind.BADGE, number):
            return number
    return None
