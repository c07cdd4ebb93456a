"""What a code means: from what was read, by way of the lists, to the values that the counter works on."""

from __future__ import annotations

from sqlalchemy.orm import Session

from inventory import statements
from inventory.counter import meaning as meanings
from inventory.counter.reads import Incoming
from inventory.counter.values import Details, Meaning, Nothing, Product
from inventory.messages import Message
from labels import reading
from labels.house import Kind
from labels.reading import Reason

_REASONS = {
    Reason.EMPTY: Message("Nothing was read."),
    Reason.TOO_LONG: Message("Too long for a product code."),
    Reason.CHARACTERS: Message(
        "Not a product code: it holds letters or signs such a code never has."
    ),
    Reason.CONTROL_CHARACTERS: Message("The scan was garbled. Scan again."),
    Reason.LENGTH: Message("Not a product code: the number of digits is wrong."),
    Reason.CHECK_DIGIT: Message("The check digit is wrong. Scan again."),
    Reason.HOUSE_KIND: Message("A number of ours, of a kind that does not exist."),
    Reason.DATE: Message("The code holds a date that does not exist."),
    Reason.COUNT: Message("The code holds a count that is none."),
    Reason.HIBC: Message(
        "A HIBC code: scan the GS1 code or the bars with the plain number beside it."
    ),
    Reason.LOGISTIC_UNIT: Message("The code of a pallet or carton: scan the box inside."),
    Reason.NO_PRODUCT: Message("This code names no product. Scan the other code of the pack."),
    Reason.SYMBOLOGY: Message("Not a kind of barcode that products carry."),
    Reason.MALFORMED: Message("Not a valid code."),
}

UNSURE_LOT = Message(
    "The lot is not sure: a separator may be lost. Type it as printed below the code, with its brackets: (10)…"
)


def meaning(session: Session, read: Incoming) -> Meaning | None:
    """What a read stands for; None for a badge."""
    return meaning_of(session, read.code, separator_lost=read.separator_lost)


def meaning_of(session: Session, code: str, *, separator_lost: bool = False) -> Meaning | None:
    """What a code stands for; None for a badge, which is recognised before anything is stored.

    `separator_lost` says of what read it that GS does not arrive: see `labels.reading`.
    """
    match reading.read_code(code, separator_lost=separator_lost):
        case reading.House(kind, number):
            return _house(session, kind, number)
        case reading.Product(gtin, lot, expires, count) as read:
            found = meanings.of_gtin(
                session, gtin, lot=lot, expires=expires, count=count, restricted=read.restricted
            )
            if isinstance(found, Product) and not read.sure:
                return _without_unsure_lot(session, found)
            return found
        case reading.Details(lot, expires, count, sure):
            if sure:
                return Details(lot, expires, count)
            return Nothing(UNSURE_LOT)
        case reading.Unreadable(reason):
            return Nothing(_REASONS[reason])


def _house(session: Session, kind: Kind, number: int) -> Meaning | None:
    match kind:
        case Kind.BADGE:
            return None
        case Kind.COMMAND:
            return meanings.of_command(number)
        case Kind.LOT:
            return meanings.of_lot(session, number)
        case Kind.ITEM:
            return meanings.of_item(session, number)
        case Kind.UNCHECK:
            return meanings.of_unchecked(session, number)
        case Kind.PACK:
            return meanings.of_pack(session, number)
        case Kind.PLACE:
            return meanings.of_place(session, number)
        case Kind.PAGE:
            return Nothing(Message("The code of a page: open it in a browser."))


def _without_unsure_lot(session: Session, product: Product) -> Product:
    """A lot read without its separator may have swallowed another field: only a known one is believed.

    The expiry has a length of its own, and a field that had swallowed it would have left none.
    """
    item_id = statements.ITEM_BY_CODE(session, code=product.item).one()[0]
    if statements.LOT_BY_CODE(session, item=item_id, code=product.lot).first() is not None:
        return product
    return Product(
        product.item,
        product.pieces,
        expires=product.expires,
        gtin=product.gtin,
        count=product.count,
        dated=product.dated,
        unsure=True,
    )
