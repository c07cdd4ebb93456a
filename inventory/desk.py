"""What a desk books beside transfers and loans: donations and purchases, items made on the spot, losses, what waits in
quarantine, and used material that was picked up in the street."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import ledger
from inventory.errors import NotAllowed
from inventory.messages import Message, Names
from inventory.returns import PER_UNIT
from inventory.tables import Balance, Booking, Item, Lot, Move, Place, Shift, ShiftReturn
from inventory.words import DONATION, LOSSES, SUPPLIER, CountsAs, Family, PlaceKind, Reason

LONGEST_NAME = 200
LONGEST_CODE = 40

SHELF_LIFE_MONTHS = 36
"""Of a dated item made on the spot, until the list of items says better; nothing is reckoned from it."""


# Donations and purchases


def new_item(session: Session, *, names: Names, family: Family, dated: bool) -> Item:
    """An item that no list has yet, named in one language at least; its code is made of its name.

    The list of items may say more of it later. Raises NotAllowed.
    """
    given = [" ".join(name.split()) for name in (names.fr, names.nl, names.en)]
    first = next((name for name in given if name), "")
    if not first or any(len(name) > LONGEST_NAME for name in given):
        raise NotAllowed(Message("An item has a name of 1 to %(most)d letters.", most=LONGEST_NAME))
    item = Item(
        code=_free_code(session, first),
        name_fr=given[0] or first,
        name_nl=given[1] or first,
        name_en=given[2] or first,
        family=family,
        counts_as=CountsAs.NOTHING,
        shelf_life_months=SHELF_LIFE_MONTHS if dated else None,
    )
    session.add(item)
    session.flush()
    return item


def code_of(name: str) -> str:
    """A code that can be read back into the name.

    >>> code_of("Sérum physiologique, 10 ml")
    'SERUM-PHYSIOLOGIQUE-10-ML'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    return "-".join(re.findall(r"[A-Z0-9]+", plain))[: LONGEST_CODE - 4].strip("-") or "ITEM"


def _free_code(session: Session, name: str) -> str:
    base = code_of(name)
    taken = {code.upper() for code in session.scalars(select(Item.code))}
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code


def come_in(
    session: Session,
    *,
    bought: bool,
    place: Place,
    item: Item,
    pieces: int,
    lot: str | None = None,
    expires: date | None = None,
    day: date,
    booking_id: bytes | None = None,
) -> list[Move]:
    """A donation, or something bought in a shop. Without a lot, pieces of a dated item are of the lot `unknown`.

    Raises NotAllowed, also for an expiry without the lot that expires.
    """
    check_lot(item, lot=lot, expires=expires)
    return ledger.transfer(
        session,
        from_place=session.get_one(Place, SUPPLIER if bought else DONATION),
        to_place=place,
        item=item,
        pieces=pieces,
        lot=lot or None,
        expires=expires,
        day=day,
        booking_id=booking_id,
    )


def check_lot(item: Item, *, lot: str | None, expires: date | None) -> None:
    """What somebody says of pieces that arrive. Raises NotAllowed."""
    if expires is not None and not lot:
        raise NotAllowed(Message("An expiry needs its lot: a lot is what expires."))
    if lot and not item.dated:
        raise NotAllowed(Message("%(item)s carries no lots: leave it out.", item=item.names))


# Losses


def lose(
    session: Session,
    *,
    place: Place,
    item: Item,
    pieces: int,
    why: Reason,
    lot: str | None = None,
    day: date,
    booking_id: bytes | None = None,
) -> list[Move]:
    """Pieces that are no longer there, or no longer of use: vanished, broken, expired or otherwise lost.

    First expired first unless a lot is named. Raises NotAllowed, NotEnoughStock.
    """
    if why not in LOSSES:
        raise NotAllowed(Message("“%(why)s” is not why something is lost.", why=why))
    target = session.scalars(select(Place).where(Place.kind == LOSSES[why])).one()
    return ledger.transfer(
        session,
        from_place=place,
        to_place=target,
        item=item,
        pieces=pieces,
        lot=lot or None,
        day=day,
        why=why,
        booking_id=booking_id,
    )


# Quarantine


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pieces of one lot that wait in quarantine until somebody has looked at them."""

    place: str
    item: str
    names: Names
    lot: str
    expires: date | None
    pieces: int


def waiting(session: Session) -> list[Waiting]:
    """What lies in quarantine, by place and item, first expired first."""
    rows = session.execute(
        select(Place.code, Item, Lot.code, Lot.expires, Balance.pieces)
        .join(Balance, Balance.place_id == Place.id)
        .join(Item, Item.id == Balance.item_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .where(Place.kind == PlaceKind.QUARANTINE, Balance.pieces > 0)
    )
    found = [
        Waiting(place, item.code, item.names, lot, expires, pieces)
        for place, item, lot, expires, pieces in rows
    ]
    return sorted(found, key=lambda row: (row.place, row.item, row.expires or date.max, row.lot))


def leave_quarantine(
    session: Session,
    *,
    place: Place,
    item: Item,
    lot: str,
    pieces: int,
    to_place: Place,
    day: date,
    booking_id: bytes | None = None,
) -> list[Move]:
    """Pieces are fit for stock again and go to a place of ours, or are thrown away (`to_place` is `disposed`).

    Raises NotAllowed, NotEnoughStock.
    """
    kind = PlaceKind(to_place.kind)
    if place.kind != PlaceKind.QUARANTINE:
        raise NotAllowed(Message("%(place)s is no quarantine.", place=place.name))
    if not kind.gives_stock and kind is not PlaceKind.DISPOSED:
        raise NotAllowed(Message("%(place)s is not a place of ours.", place=to_place.name))
    return ledger.transfer(
        session,
        from_place=place,
        to_place=to_place,
        item=item,
        pieces=pieces,
        lot=lot,
        day=day,
        booking_id=booking_id,
    )


# Picked up in the street


def picked_up(
    session: Session,
    *,
    booking: Booking,
    place: Place,
    method: str,
    unit: str,
    factor: str,
    measured: Decimal,
) -> Shift:
    """Used material that somebody of `place` picked up in the street, on the day of the booking.

    It is kept as the return of a shift of its own, already closed: the same totals as those of a counter.
    `measured` is in `unit`, `factor` in pieces per unit. Raises NotAllowed.
    """
    thousandths = measured * PER_UNIT
    if thousandths <= 0 or thousandths != thousandths.to_integral_value():
        raise NotAllowed(Message("A measure is above zero, with three decimals at most."))
    if not PlaceKind(place.kind).gives_stock or not place.channel:
        raise NotAllowed(Message("%(place)s has no channel to count it under.", place=place.name))
    shift = Shift(place_id=place.id, site_id=place.id, channel=place.channel, day=booking.day)
    session.add(shift)
    session.flush()
    back = ShiftReturn(shift_id=shift.id, origin="street", method=method, unit=unit)
    back.factor, back.measured = factor, int(thousandths)
    session.add(back)
    booking.shift_id = shift.id
    session.flush()
    return shift
