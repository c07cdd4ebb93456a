"""Badges as they are read and typed: the number of a badge in what a scanner sent, however a keyboard spoiled it."""

from __future__ import annotations

from inventory.messages import Message
from labels import reading
from labels.house import Kind

MISREAD = Message("The badge was not read whole. Scan it again.")
NO_BADGE = Message("This is no badge. Scan it again, or give your name and PIN.")

_LEAST_DIGITS = 5
"""Fewer are hardly the rest of a badge; a PIN typed there by mistake has four."""

# What a scanner set to US types on Belgian and French keyboards, where the upper row needs Shift for its digits.
_AZERTY = str.maketrans("&é\"'(§è!çà-_", "123456789068")


def number_in(text: str) -> int | None:
    """The number of the badge that `text` is the code of; None for anything else.

    >>> number_in("nothing")
    """
    match _read(text):
        case reading.House(Kind.BADGE, number):
            return number
    return None


def fault_of(text: str) -> Message:
    """Why a text that is no badge is none: what a scanner or a thumb lost digits of, or something else.

    >>> str(fault_of("150000170"))
    'The badge was not read whole. Scan it again.'
    """
    return MISREAD if is_torn(text) else NO_BADGE


def is_torn(text: str) -> bool:
    """Whether a text may be what is left of a badge: digits that are no code at all."""
    digits = text.strip().translate(_AZERTY)
    plausible = digits.isascii() and digits.isdigit() and len(digits) >= _LEAST_DIGITS
    return plausible and isinstance(_read(text), reading.Unreadable)


def _read(text: str) -> reading.Reading:
    return reading.read_code(text.strip().translate(_AZERTY))
