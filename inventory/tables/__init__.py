"""Every table, a module a room: the lists, documents, the house, the ledger, and the open evening.

Before adding a column, ask what it would tell somebody who wants to find a person: see docs/anonymity.md.
"""

from inventory.tables.base import WITHOUT_ROWID, Base, LotCode, Pk, UtcDateTime
from inventory.tables.calendar import OpeningException, UsualOpening
from inventory.tables.documents import Assembly, Booking, Pick, PickLine, Receipt, ReceiptLine
from inventory.tables.evening import EVENING_TABLES, Evening, Hold, Read
from inventory.tables.house import (
    Badge,
    JobRun,
    Person,
    Scanner,
    Setting,
    SignIn,
    Station,
    StationToken,
)
from inventory.tables.ledger import (
    Balance,
    Closing,
    Move,
    ReadSeen,
    SetAside,
    Shift,
    ShiftCount,
    ShiftReturn,
    UnknownCode,
)
from inventory.tables.lists import (
    DRAWS,
    LOT_NUMBERS,
    Item,
    ItemName,
    Lot,
    Pack,
    Place,
    Recipe,
    RecipeLine,
)
from inventory.tables.ordering import (
    ItemLevel,
    Purchase,
    PurchaseArrival,
    PurchaseEvent,
    PurchaseLine,
    Supplier,
    SupplierClosed,
    SupplierItem,
)
from inventory.tables.outbox import KnownAlert, Mail, MailFile
from inventory.tables.paper import PrintJob
from inventory.tables.screen import HIDDEN, ItemPhoto, PlaceItem
from inventory.tables.workshop import Batch, BatchLot, Bench

__all__ = [
    "DRAWS",
    "EVENING_TABLES",
    "HIDDEN",
    "LOT_NUMBERS",
    "WITHOUT_ROWID",
    "Assembly",
    "Badge",
    "Balance",
    "Base",
    "Batch",
    "BatchLot",
    "Bench",
    "Booking",
    "Closing",
    "Evening",
    "Hold",
    "Item",
    "ItemLevel",
    "ItemName",
    "ItemPhoto",
    "JobRun",
    "KnownAlert",
    "Lot",
    "LotCode",
    "Mail",
    "MailFile",
    "Move",
    "OpeningException",
    "Pack",
    "Person",
    "Pick",
    "PickLine",
    "Pk",
    "Place",
    "PlaceItem",
    "PrintJob",
    "Purchase",
    "PurchaseArrival",
    "PurchaseEvent",
    "PurchaseLine",
    "Read",
    "ReadSeen",
    "Receipt",
    "ReceiptLine",
    "Recipe",
    "RecipeLine",
    "Scanner",
    "SetAside",
    "Setting",
    "Shift",
    "ShiftCount",
    "ShiftReturn",
    "SignIn",
    "Station",
    "StationToken",
    "Supplier",
    "SupplierClosed",
    "SupplierItem",
    "UnknownCode",
    "UsualOpening",
    "UtcDateTime",
]
