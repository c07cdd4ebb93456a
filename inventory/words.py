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
    QUARANTINE = "quarantine"
    """What came back unopened or is in doubt: it lies there until somebody has looked at it."""

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

    BORROWED = "borrowed"
    """What belongs to partners: it comes from there when they lend it to us, and goes back there."""

    @property
    def holds_stock(self) -> bool:
        """Whether it is a real place, whose balance is kept and never goes below zero."""
        return self in _REAL

    @property
    def gives_stock(self) -> bool:
        """Whether what lies there may be handed out, loaded or made into kits: not what waits to be looked at."""
        return self.holds_stock and self is not PlaceKind.QUARANTINE

    @property
    def takes_on_hold(self) -> bool:
        """Whether a lot on hold may go there: back to where it is looked at, or out of use."""
        return not self.holds_stock or self in _WHERE_IT_IS_LOOKED_AT


_REAL = frozenset(
    {
        PlaceKind.STORE,
        PlaceKind.WORKSHOP,
        PlaceKind.COUNTER,
        PlaceKind.VEHICLE,
        PlaceKind.BAG,
        PlaceKind.DELIVERY,
        PlaceKind.PARTNER,
        PlaceKind.QUARANTINE,
    }
)

_WHERE_IT_IS_LOOKED_AT = (PlaceKind.STORE, PlaceKind.WORKSHOP, PlaceKind.QUARANTINE)

# Places every organisation has, with the numbers the first migration gives them.
UNACCOUNTED, SUPPLIER, OPENING, DONATION, FOUND, DISPOSED, LOST, HANDED_OUT, ASSEMBLY = range(1, 10)
BORROWED = 10

LAST_FIXED_PLACE = BORROWED

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
    BORROWED: PlaceKind.BORROWED,
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
    BROUGHT_BACK = "brought-back"
    """Unopened material that came back into quarantine: it was handed out all the same."""
    CORRECTION = "correction"
    COUNT = "count"
    """What a count found more or less than the books said: what had moved before it is no longer to be corrected."""
    DISPOSAL = "disposal"
    LOSS = "loss"
    VANISHED = "vanished"
    BROKEN = "broken"
    EXPIRED = "expired"
    LOAN = "loan"


LOSSES = {
    Reason.VANISHED: PlaceKind.LOST,
    Reason.BROKEN: PlaceKind.DISPOSED,
    Reason.EXPIRED: PlaceKind.DISPOSED,
    Reason.LOSS: PlaceKind.LOST,
}
"""Why pieces are no longer there, and where the books put them."""


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
