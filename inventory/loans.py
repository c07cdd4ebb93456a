"""Loans to and from partner organisations.

A partner is a place. What we lend lies there, so its stock is what they still have of ours. What they lend us comes
from `borrowed`, which stands for everything that belongs to partners, by way of the partner's place, and goes back the
same way: what went in less what went back is what we owe. Pieces are owed, not lots.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NotRequired, TypedDict, Unpack

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.errors import NotAllowed
from inventory.fefo import allocate
from inventory.messages import Message, Names
from inventory.tables import Balance, Item, Move, Place
from inventory.words import BORROWED, PlaceKind, Reason


@dataclass(frozen=True, slots=True)
class Loan:
    """Where a partner and we stand with one item."""

    partner: str
    partner_name: str
    item: str
    names: Names
    theirs_to_give_back: int
    """Pieces they still have of ours."""
    ours_to_give_back: int
    """Pieces we still owe them."""


class Goods(TypedDict):
    """What goes from one end to the other: without a lot, first expired first."""

    item: Item
    pieces: int
    day: date
    lot: NotRequired[str | None]
    booking_id: NotRequired[bytes | None]


class Arriving(Goods):
    """What comes in from outside: perhaps a lot that nobody knew."""

    expires: NotRequired[date | None]


def lend(
    session: Session, *, partner: Place, from_place: Place, **goods: Unpack[Goods]
) -> list[Move]:
    """Pieces of ours go to a partner, first expired first unless a lot is named. Raises NotEnoughStock, NotAllowed."""
    _between(session, partner, from_place)
    return ledger.transfer(session, from_place=from_place, to_place=partner, **goods)


def borrow(
    session: Session, *, partner: Place, to_place: Place, **goods: Unpack[Arriving]
) -> list[Move]:
    """Pieces of a partner come to us: we owe them as many of that item. Raises NotAllowed."""
    _between(session, partner, to_place)
    lent = ledger.transfer(session, from_place=_outside(session), to_place=partner, **goods)
    return [*lent, *_on(session, lent, to_place.id, Reason.TRANSFER)]


def give_back(
    session: Session, *, partner: Place, from_place: Place, **goods: Unpack[Goods]
) -> list[Move]:
    """We give back what we borrowed, of any lot. Raises NotAllowed beyond what we owe, NotEnoughStock."""
    _between(session, partner, from_place)
    item = goods["item"]
    owed = owed_to(session, partner_id=partner.id, item_id=item.id)
    if goods["pieces"] > owed:
        raise NotAllowed(
            Message(
                "We owe %(partner)s %(owed)d of %(item)s. Book what goes beyond as a loan.",
                partner=partner.name,
                owed=owed,
                item=item.names,
            )
        )
    gone = ledger.transfer(session, from_place=from_place, to_place=partner, **goods)
    return [*gone, *_on(session, gone, BORROWED, Reason.LOAN)]


def take_back(
    session: Session, *, partner: Place, to_place: Place, **goods: Unpack[Arriving]
) -> list[Move]:
    """A partner gives back what we lent. A lot that is not among those lent takes the place of as many of those:
    they keep ours. Raises NotAllowed beyond what they have."""
    _between(session, partner, to_place)
    item = goods["item"]
    there = sum(
        part.pieces
        for part in ledger.available(
            session, place_id=partner.id, item_id=item.id, with_on_hold=True
        )
    )
    if goods["pieces"] > there:
        raise NotAllowed(
            Message(
                "%(partner)s has %(there)d of %(item)s of ours. Book what goes beyond as borrowed.",
                partner=partner.name,
                there=there,
                item=item.names,
            )
        )
    lot = goods.get("lot")
    exchanged = [] if lot is None else _exchange(session, partner, lot, goods)
    # Its lot is known now, with its expiry.
    goods.pop("expires", None)
    return exchanged + ledger.transfer(session, from_place=partner, to_place=to_place, **goods)


def _exchange(session: Session, partner: Place, lot: str, goods: Arriving) -> list[Move]:
    """Pieces of a named lot that we did not lend become ours, and as many that we lent become the partner's."""
    item, pieces = goods["item"], goods["pieces"]
    known = catalogue.known_lot(session, item_id=item.id, code=lot)
    there = ledger.available(session, place_id=partner.id, item_id=item.id, with_on_hold=True)
    of_lot = sum(part.pieces for part in there if known and part.lot_id == known.id)
    other = pieces - min(pieces, of_lot)
    if not other:
        return []
    lots = [part for part in there if not known or part.lot_id != known.id]
    taken, _ = allocate(lots, other)
    moves = [
        ledger.post(
            session,
            item_id=item.id,
            lot_id=part.lot_id,
            pieces=part.pieces,
            from_id=partner.id,
            to_id=BORROWED,
            reason=Reason.LOAN,
            day=goods["day"],
            booking_id=goods.get("booking_id"),
        )
        for part in taken
    ]
    theirs: Arriving = {**goods, "pieces": other}
    return moves + ledger.transfer(
        session, from_place=_outside(session), to_place=partner, **theirs
    )


def _on(session: Session, moves: list[Move], to_id: int, reason: Reason) -> list[Move]:
    """The same pieces, one place further."""
    return [
        ledger.post(
            session,
            item_id=move.item_id,
            lot_id=move.lot_id,
            pieces=move.pieces,
            from_id=move.to_id,
            to_id=to_id,
            reason=reason,
            day=move.day,
            booking_id=move.booking_id,
        )
        for move in moves
    ]


def _between(session: Session, partner: Place, ours: Place) -> None:
    """Take turns at both places; NotAllowed unless one is a partner and the other a place of ours."""
    if partner.kind != PlaceKind.PARTNER:
        raise NotAllowed(Message("%(place)s is not a partner.", place=partner.name))
    if not PlaceKind(ours.kind).gives_stock or ours.kind == PlaceKind.PARTNER:
        raise NotAllowed(Message("%(place)s is not a place of ours.", place=ours.name))
    ledger.lock(session, (partner.id, ours.id))


def _outside(session: Session) -> Place:
    return session.get_one(Place, BORROWED)


# Where we stand


def owed_to(session: Session, *, partner_id: int, item_id: int) -> int:
    """Pieces of an item that we still owe a partner."""
    return _owed(session).get((partner_id, item_id), 0)


def loans(session: Session) -> list[Loan]:
    """What every partner still has of ours and what we still owe them, by partner and item; open shifts included."""
    theirs = session.execute(
        select(Balance.place_id, Balance.item_id, func.sum(Balance.pieces))
        .join(Place, Place.id == Balance.place_id)
        .where(Place.kind == PlaceKind.PARTNER)
        .group_by(Balance.place_id, Balance.item_id)
    )
    lent = {(place_id, item_id): int(pieces) for place_id, item_id, pieces in theirs}
    owed = _owed(session)
    keys = {*lent, *owed}
    places = {
        place.id: place
        for place in session.scalars(select(Place).where(Place.kind == PlaceKind.PARTNER))
    }
    wanted = select(Item).where(Item.id.in_({item_id for _, item_id in keys}))
    items = {item.id: item for item in session.scalars(wanted)}
    found = [
        Loan(
            places[place_id].code,
            places[place_id].name,
            items[item_id].code,
            items[item_id].names,
            lent.get((place_id, item_id), 0),
            owed.get((place_id, item_id), 0),
        )
        for place_id, item_id in keys
    ]
    return sorted(found, key=lambda loan: (loan.partner, loan.item))


def _owed(session: Session) -> dict[tuple[int, int], int]:
    """Pieces that came from `borrowed` less what went back, by number of the partner and of the item."""
    rows = session.execute(
        select(Move.from_id, Move.to_id, Move.item_id, func.sum(Move.pieces))
        .where(Move.reason == literal_column("'loan'"))  # as the index says it
        .group_by(Move.from_id, Move.to_id, Move.item_id)
    )
    owed: dict[tuple[int, int], int] = defaultdict(int)
    for from_id, to_id, item_id, pieces in rows:
        if from_id == BORROWED:
            owed[to_id, item_id] += int(pieces)
        else:
            owed[from_id, item_id] -= int(pieces)
    return {key: pieces for key, pieces in owed.items() if pieces}
