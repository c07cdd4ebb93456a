"""The closed sets of words that the tables store."""

from __future__ import annotations

from enum import StrEnum


class PlaceKind(StrEnum):
    """What a place is. The first group holds stock; the second only takes part in moves."""

    STORE = "store"
    WORKSHOP = "workshop"
    COUNTER = "counter"
    VEHICLE = "vehicle"
    BAG = "bag"
    DELIVERY = "delivery"
    PARTNER = "partner"

    HOTSPOT = "hotspot"
    """Where rounds stop; holds nothing."""

    UNACCOUNTED = "unaccounted"
    SUPPLIER = "supplier"
    OPENING = "opening"
    DONATION = "donation"
    FOUND = "found"
    DISPOSED = "disposed"
    LOST = "lost"
    HANDED_OUT = "handed-out"
    ASSEMBLY = "assembly"

    @property
    def holds_stock(self) -> bool:
        """Whether it is a real place, whose balance is kept and never goes below zero."""
        return self in _REAL


_REAL = frozenset(
    {
        PlaceKind.STORE,
        PlaceKind.WORKSHOP,
        PlaceKind.COUNTER,
        PlaceKind.VEHICLE,
        PlaceKind.BAG,
        PlaceKind.DELIVERY,
        PlaceKind.PARTNER,
    }
)

# Places every organisation has, with the numbers the first migration gives them.
UNACCOUNTED, SUPPLIER, OPENING, DONATION, FOUND, DISPOSED, LOST, HANDED_OUT, ASSEMBLY = range(1, 10)

LAST_FIXED_PLACE = ASSEMBLY

FIXED_PLACES = {
    UNACCOUNTED: PlaceKind.UNACCOUNTED,
    SUPPLIER: PlaceKind.SUPPLIER,
    OPENING: PlaceKind.OPENING,
    DONATION: PlaceKind.DONATION,
    FOUND: PlaceKind.FOUND,
    DISPOSED: PlaceKind.DISPOSED,
    LOST: PlaceKind.LOST,
    HANDED_OUT: PlaceKind.HANDED_OUT,
    ASSEMBLY: PlaceKind.ASSEMBLY,
}


class Reason(StrEnum):
    """Why pieces moved."""

    OPENING = "opening"
    RECEIPT = "receipt"
    DONATION = "donation"
    FOUND = "found"
    TRANSFER = "transfer"
    ASSEMBLY = "assembly"
    DISASSEMBLY = "disassembly"
    HAND_OUT = "hand-out"
    SHORTFALL = "shortfall"
    CORRECTION = "correction"
    DISPOSAL = "disposal"
    LOSS = "loss"


class Mode(StrEnum):
    """What reads at a station mean."""

    HAND_OUT = "hand-out"
    RECEIVE = "receive"
    ASSEMBLE = "assemble"
    LOAD = "load"
    UNLOAD = "unload"
    COUNT = "count"
    LOOK_UP = "look-up"


class CountsAs(StrEnum):
    """What an item is in the international indicators (EUDA Standard Table 10, UNAIDS): kept apart by them."""

    NOTHING = ""
    FIXED_NEEDLE_SYRINGE = "fixed-needle-syringe"
    SYRINGE_BODY = "syringe-body"
    NEEDLE = "needle"


class RegulatoryClass(StrEnum):
    NONE = ""
    MEDICAL_DEVICE = "medical-device"
    MEDICINE = "medicine"


class Family(StrEnum):
    INJECTION = "injection"
    RECOVERY = "recovery"
    INHALATION = "inhalation"
    SNIFFING = "sniffing"
    SEXUAL_HEALTH = "sexual-health"
    EMERGENCY = "emergency"
    CARE = "care"
    HYGIENE = "hygiene"
    INFORMATION = "information"
    KIT = "kit"


class Role(StrEnum):
    COUNTER = "counter"
    WORKSHOP = "workshop"
    FIELD = "field"
    LOGISTICS = "logistics"
    ADMINISTRATOR = "administrator"


UNKNOWN_LOT = "unknown"
"""The lot of pieces whose lot nobody read."""

NO_LOT = ""
"""The lot of pieces of an item that carries none."""
