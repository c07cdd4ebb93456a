"""Lots on hold: somebody doubts them, so nobody is to use them until they are released.

What chooses lots by itself (first expired first, kits, pick lists, transfers) leaves them out; naming one is refused,
but for the way back to where it is looked at. A hand-out is never refused: it is recorded, the station says so, and
the lead sees it here. Only the day is kept, and nobody's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import case, delete, func, select, union_all, update
from sqlalchemy.orm import Session

from inventory import trace
from inventory.errors import NotAllowed
from inventory.messages import Message, Names
from inventory.tables import (
    Balance,
    Batch,
    BatchLot,
    Hold,
    Item,
    KnownAlert,
    Lot,
    Move,
    Place,
    Shift,
)
from inventory.words import HANDED_OUT, NO_LOT, UNACCOUNTED, UNKNOWN_LOT


def put(session: Session, *, lot: Lot, day: date) -> bool:
    """Put a lot on hold; False where it is already, since the day it was. Each hold is news, also the second one of a
    day. Raises NotAllowed for pieces without a lot: what they are, nothing tells apart."""
    if lot.code in (NO_LOT, UNKNOWN_LOT):
        raise NotAllowed(
            Message(
                "%(item)s: these pieces have no lot that could be told from others. Move them to a "
                "quarantine instead.",
                item=lot.item.names,
            )
        )
    changed = _set(session, lot, day)
    if changed:
        session.execute(delete(KnownAlert).where(KnownAlert.key == told_as(lot.id)))
    return changed


def told_as(lot_id: int) -> str:
    """The key under which it is kept that somebody was told (see `inventory.telling`)."""
    return f"recall:{lot_id}"


def release(session: Session, *, lot: Lot) -> bool:
    """A lot may be used again; False where it was not on hold."""
    return _set(session, lot, None)


def _set(session: Session, lot: Lot, day: date | None) -> bool:
    """Of two at once, one changes it."""
    is_so = Lot.on_hold_since.is_(None) if day is not None else Lot.on_hold_since.is_not(None)
    changed = session.scalar(
        update(Lot).where(Lot.id == lot.id, is_so).values(on_hold_since=day).returning(Lot.id)
    )
    session.refresh(lot)
    return changed is not None


@dataclass(frozen=True, slots=True)
class InKits:
    """Kits made with a lot on hold that lie somewhere: they are not on hold by that."""

    lot_id: int
    lot: str
    names: Names
    on_hold: bool
    pieces: int


@dataclass(frozen=True, slots=True)
class BeingMade:
    """Kits noted at the tables of a place, of a lot on hold or with one in them: no books have them yet."""

    names: Names
    place: str
    kits: int


@dataclass(frozen=True, slots=True)
class OnHold:
    """A lot on hold, and what is known of its pieces."""

    lot_id: int
    lot: str
    names: Names
    expires: date | None
    since: date
    there: list[tuple[str, int]] = field(default_factory=list)
    """Places by name, and the pieces that lie there."""
    handed_out: list[tuple[str, int]] = field(default_factory=list)
    """Places by name, and the pieces handed out from there since that day, itself included."""
    in_kits: list[InKits] = field(default_factory=list)
    being_made: list[BeingMade] = field(default_factory=list)


def lots(session: Session) -> list[OnHold]:
    """Every lot on hold, latest first, open shifts included. Five statements, and one for each level of kits inside
    kits."""
    rows = session.execute(
        select(Lot, Item)
        .join(Item, Item.id == Lot.item_id)
        .where(Lot.on_hold_since.is_not(None))
        .order_by(Lot.on_hold_since.desc(), Item.id, Lot.code)
    )
    found = {
        lot.id: OnHold(lot.id, lot.code, item.names, lot.expires, lot.on_hold_since)
        for lot, item in rows
        if lot.on_hold_since is not None
    }
    for lot_id, place, pieces in _there(session, found):
        found[lot_id].there.append((place, pieces))
    for lot_id, place, pieces in _handed_out(session, found):
        found[lot_id].handed_out.append((place, pieces))
    made_with = trace.kits_with(session, found)
    for lot_id, kits in _in_kits(session, made_with):
        found[lot_id].in_kits.append(kits)
    for lot_id, making in _being_made(session, made_with):
        found[lot_id].being_made.append(making)
    return list(found.values())


def _there(session: Session, found: dict[int, OnHold]) -> list[tuple[int, str, int]]:
    rows = session.execute(
        select(Balance.lot_id, Place.name, Balance.pieces)
        .join(Place, Place.id == Balance.place_id)
        .where(Balance.lot_id.in_(found), Place.id != UNACCOUNTED, Balance.pieces > 0)
        .order_by(Place.name)
    )
    return [(lot_id, place, pieces) for lot_id, place, pieces in rows]


def _handed_out(session: Session, found: dict[int, OnHold]) -> list[tuple[int, str, int]]:
    """What left since, less what was taken back: of closed shifts and of open ones."""
    out, back = Move.to_id == HANDED_OUT, Move.from_id == HANDED_OUT
    real = case((out, Move.from_id), else_=Move.to_id)
    signed = case((out, Move.pieces), else_=-Move.pieces)
    posted = (
        select(Move.lot_id, real.label("place_id"), signed.label("pieces"))
        .join(Lot, (Lot.id == Move.lot_id) & (Move.day >= Lot.on_hold_since))
        .where(Move.lot_id.in_(found), out | back)
    )
    held = (
        select(Hold.lot_id, Hold.from_id, Hold.pieces)
        .join(Shift, Shift.id == Hold.shift_id)
        .join(Lot, (Lot.id == Hold.lot_id) & (Shift.day >= Lot.on_hold_since))
        .where(Hold.lot_id.in_(found), Hold.to_id == HANDED_OUT)
    )
    gone = union_all(posted, held).subquery()
    pieces = func.sum(gone.c.pieces)
    rows = session.execute(
        select(gone.c.lot_id, Place.name, pieces)
        .join(Place, Place.id == gone.c.place_id)
        .group_by(gone.c.lot_id, Place.name)
        .having(pieces > 0)
        .order_by(Place.name)
    )
    return [(lot_id, place, int(count)) for lot_id, place, count in rows]


def _in_kits(session: Session, made_with: set[tuple[int, int]]) -> list[tuple[int, InKits]]:
    """By lot on hold."""
    there = (
        select(Balance.lot_id, func.sum(Balance.pieces).label("pieces"))
        .where(Balance.lot_id.in_({kits for lot_id, kits in made_with if kits != lot_id}))
        .where(Balance.place_id != UNACCOUNTED, Balance.pieces > 0)
        .group_by(Balance.lot_id)
        .subquery()
    )
    rows = session.execute(
        select(Lot, Item, there.c.pieces)
        .join(Item, Item.id == Lot.item_id)
        .join(there, there.c.lot_id == Lot.id)
        .order_by(Item.id, Lot.code)
    )
    lying = [
        InKits(lot.id, lot.code, item.names, lot.on_hold_since is not None, int(pieces))
        for lot, item, pieces in rows
    ]
    return [
        (lot_id, kits)
        for kits in lying
        for lot_id, inside in sorted(made_with)
        if inside == kits.lot_id != lot_id
    ]


def _being_made(
    session: Session, made_with: Iterable[tuple[int, int]]
) -> list[tuple[int, BeingMade]]:
    """By lot on hold: batches that use it, or kits with it, or whose own lot it is."""
    of_it = (BatchLot.place_id == Batch.place_id) & (BatchLot.kit_id == Batch.kit_id)
    rows = session.execute(
        select(BatchLot.lot_id, Batch.lot_id, Item, Place.name, Batch.ready)
        .join(Batch, of_it)
        .join(Item, Item.id == Batch.kit_id)
        .join(Place, Place.id == Batch.place_id)
        .where(Batch.ready > 0)
        .order_by(Item.id, Place.name)
    ).all()
    return list(
        dict.fromkeys(
            (lot_id, BeingMade(item.names, place, ready))
            for used, own, item, place, ready in rows
            for lot_id, inside in sorted(made_with)
            if inside in (used, own)
        )
    )
