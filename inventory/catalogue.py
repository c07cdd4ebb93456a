"""The lists: finding items, lots, packs and places by what people and labels call them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from inventory.errors import NotAllowed, NotOnTheLists
from inventory.messages import Message
from inventory.tables import Assembly, Item, Lot, Move, Place, Station
from inventory.words import ASSEMBLY, UNKNOWN_LOT, Reason

_WRITING_LISTS = 20260915
"""Number of an advisory lock on PostgreSQL, as good as any other."""


def take_turns(session: Session) -> None:
    """Lists are written by one at a time, imports and recipes alike: whether what two write fits together, neither
    could see. Until the transaction ends; SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITING_LISTS})


def item(session: Session, code: str) -> Item:
    found = session.scalar(select(Item).where(Item.code == code))
    if found is None:
        raise NotOnTheLists(Message("Item"), code)
    return found


def place(session: Session, code: str) -> Place:
    found = session.scalar(select(Place).where(Place.code == code))
    if found is None:
        raise NotOnTheLists(Message("Place"), code)
    return found


def station(session: Session, name: str) -> Station:
    found = session.scalar(select(Station).where(Station.name == name))
    if found is None:
        raise NotOnTheLists(Message("Station"), name)
    return found


def known_lot(session: Session, *, item_id: int, code: str) -> Lot | None:
    return session.scalar(select(Lot).where(Lot.item_id == item_id, Lot.code == code))


def lot(session: Session, *, item_id: int, code: str, expires: date | None = None) -> Lot:
    """The lot of that code, made if need be.

    An expiry completes a lot that had none, and with it the kits that were made of it; another expiry than the known
    one is refused: one of the two is a typing mistake, and a wrong expiry breaks first expired, first out.
    """
    found = known_lot(session, item_id=item_id, code=code)
    if found is None:
        found = Lot(item_id=item_id, code=code, expires=expires)
        session.add(found)
        session.flush()
    elif expires is not None and found.expires is None and code != UNKNOWN_LOT:
        _expires(session, found, expires)
    elif expires is not None and found.expires != expires:
        raise NotAllowed(
            Message(
                "Lot %(lot)s is known to expire on %(known)s, not on %(given)s.",
                lot=code,
                known=found.expires,
                given=expires,
            )
        )
    return found


def _expires(session: Session, lot: Lot, expires: date) -> None:
    """A lot's expiry became known: kits expire with the first of their components, kits inside kits too."""
    lot.expires = expires
    session.flush()
    kits = (
        select(Lot)
        .join(Assembly, Assembly.lot_id == Lot.id)
        .join(Move, Move.assembly_id == Assembly.id)
        .where(Move.lot_id == lot.id, Move.to_id == ASSEMBLY, Move.reason == Reason.ASSEMBLY)
    )
    for kit in session.scalars(kits).unique().all():
        if kit.expires is None or kit.expires > expires:
            _expires(session, kit, expires)
