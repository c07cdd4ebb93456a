"""What a code can say. None of these values holds the text that was read.

People scan their own cards: what cannot be used is told by its reason alone, and a serial number
(AI 21) has no field to land in.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from labels import gtin as gtins
from labels.house import HouseCode


class Reason(StrEnum):
    """Why a code is refused; stable, so that the web layer can say it in the reader's language."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    CHARACTERS = "characters"  # something outside ASCII
    CONTROL_CHARACTERS = "control-characters"  # other than GS: the scan was garbled
    LENGTH = "length"
    CHECK_DIGIT = "check-digit"
    HOUSE_KIND = "house-kind"  # ten digits with a right check, of a kind nobody made
    DATE = "date"
    COUNT = "count"
    HIBC = "hibc"
    LOGISTIC_UNIT = "logistic-unit"  # a pallet or carton: SSCC, or content and count of it
    NO_PRODUCT = "no-product"  # GS1 data without anything to book
    SYMBOLOGY = "symbology"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Product:
    """A GTIN (always fourteen digits, check digit verified) and what the code says of its pack.

    `count` is what AI (30) says: pieces in the pack, at least 1. Without `sure`, lot, expiry and
    count may have swallowed each other (a separator was lost) and must be confirmed by a person.
    """

    gtin: str
    lot: str | None = None
    expires: date | None = None
    count: int | None = None
    sure: bool = True

    @property
    def restricted(self) -> bool:
        """Whether the GTIN lies in a restricted or coupon range, never to be kept when unknown."""
        return gtins.is_restricted(self.gtin)


@dataclass(frozen=True, slots=True)
class Details:
    """The second code of a pack that carries two: no GTIN; at least one of the fields is set."""

    lot: str | None = None
    expires: date | None = None
    count: int | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Not a code that can be used."""

    reason: Reason


House = HouseCode  # read or printed, an in-house code says the same

Reading = Product | Details | House | Unreadable
