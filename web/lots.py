"""Finding lots by what people type or scan."""

from __future__ import annotations

from sqlalchemy.orm import Session

from inventory import catalogue
from inventory import trace as traces
from inventory.counter.values import Details, Product
from inventory.errors import NotAllowed, NotOnTheLists
from inventory.messages import Message
from inventory.tables import Lot
from labels.reading import Unreadable, read_code
from web.meanings import meaning_of


def lots_of(session: Session, text: str) -> list[Lot]:
    """The lots that a lot's own code or a scanned code names: several where items share a code, never none."""
    lots = traces.find_lots(session, text)
    if not lots:
        match meaning_of(session, text):
            case Product(item=code, lot=str(lot)):
                item = catalogue.item(session, code)
                known = catalogue.known_lot(session, item_id=item.id, code=lot)
                lots = [known] if known else []
            case Details(lot=str(lot)):
                lots = traces.find_lots(session, lot)
    if not lots and isinstance(read_code(text), Unreadable):
        raise NotOnTheLists(Message("Lot"), text)
    if not lots:
        raise NotAllowed(Message("This code names no lot that the books know."))
    return lots


def only_lot(session: Session, text: str) -> Lot:
    """The one lot that is meant. Raises what `lots_of` raises, and NotAllowed where several articles have it."""
    lots = lots_of(session, text)
    if len(lots) > 1:
        raise NotAllowed(
            Message("More than one item has lot %(lot)s: read a label instead.", lot=text)
        )
    return lots[0]
