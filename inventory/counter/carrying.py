"""Receiving, loading and unloading: pieces that come to a place or leave it, by reading their codes."""

from __future__ import annotations

from dataclasses import replace as replace_feedback

from msgspec.structs import replace

from inventory.counter.parts import (
    MOST_PIECES,
    at_work,
    ignored,
    recorded,
    refused_number,
    remember,
    scan_other,
    whole_number,
    with_line,
)
from inventory.counter.values import (
    Act,
    Carry,
    Details,
    Feedback,
    Line,
    Meaning,
    Pending,
    Product,
    ReadAt,
    Session,
    Status,
    Step,
)
from inventory.messages import Message
from inventory.words import Mode

_DONE = {
    Mode.RECEIVE: Message("Received into stock, not handed out."),
    Mode.LOAD: Message("Loaded, not handed out."),
    Mode.UNLOAD: Message("Unloaded, not handed out."),
}
"""Said after every read: a station that somebody left in another mode must not pass for one that hands out."""

UNSURE_LOT = Message(
    "The lot is not sure: nothing is booked. Book this box at the desk, with its lot as printed."
)


def step(session: Session, read: ReadAt, meaning: Meaning) -> Step:
    """One code read in the mode receive, load or unload."""
    pending = session.pending
    match meaning:
        case Product():
            details = pending.details if pending else None
            if details is not None and meaning.dated and meaning.lot is None:
                meaning = replace(meaning, lot=details.lot, expires=details.expires)
            number, session = whole_number(session)
            if number is None or not 0 < number * meaning.pieces <= MOST_PIECES:
                return Step(session, refused_number())
            return _product(session, read, meaning, number * meaning.pieces)
        case Details() if pending is not None and pending.product is not None:
            product = replace(pending.product, lot=meaning.lot, expires=meaning.expires, gtin=None)
            return _carry(session, read, product, pending.pieces)
        case Details():
            session = replace(session, pending=Pending(read.id, read.at_s, details=meaning))
            return Step(session, scan_other(meaning))
        case _:
            return Step(session, ignored(Message("Nothing to do with this code here.")))


def _product(session: Session, read: ReadAt, product: Product, pieces: int) -> Step:
    if session.mode is not Mode.RECEIVE or not product.dated or product.lot is not None:
        return _carry(session, read, product, pieces)
    if product.unsure:
        return Step(session, ignored(UNSURE_LOT))
    if len(product.announced) == 1:
        lot, expires = product.announced[0]
        return _carry(session, read, replace(product, lot=lot, expires=expires), pieces)
    session = replace(session, pending=Pending(read.id, read.at_s, product=product, pieces=pieces))
    told = Feedback(
        Status.ACCEPTED,
        Message("Now the code with lot and expiry, on the same box."),
        item=product.item,
        gtin=product.gtin,
        pieces=0,
    )
    return Step(session, told)


def _carry(session: Session, read: ReadAt, product: Product, pieces: int) -> Step:
    line = Line(read.id, product.item, pieces, product.lot)
    session = replace(
        session,
        lines=with_line(session, line),
        acts=remember(session, Act(read.id, product.item, pieces, stock=True)),
        last_at_s=at_work(session, read),
        pending=None,
    )
    entry = Carry(
        read.id, session.mode, product.item, pieces, product.lot, product.expires, session.other
    )
    told = replace_feedback(recorded(product, pieces), message=_DONE[session.mode])
    return Step(session, told, (entry,))
