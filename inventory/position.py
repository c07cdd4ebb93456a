"""The stock position: what can be counted on of an item, wherever it is.

Loose pieces and those inside kits that were made here, in stores, workshops, counters, vehicles and bags; what partners
still have of ours, less what we owe them; what is on order. Not what is on hold, what lies in quarantine, what has
expired, and what will have before anybody takes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import loans
from inventory.levels import Contents
from inventory.tables import Balance, Item, Lot, Place
from inventory.words import PlaceKind

OURS = tuple(kind for kind in PlaceKind if kind.gives_stock and kind is not PlaceKind.PARTNER)
"""Kinds of place whose stock is ours to use."""


class Stock(NamedTuple):
    """Pieces that lie in places of ours and expire on one day; None is never."""

    expires: date | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Position:
    """Pieces of one item. `usable` lie loose, `in_kits` inside kits; the others say why it is not more, or less."""

    usable: int = 0
    in_kits: int = 0
    on_order: int = 0
    lent: int = 0
    owed: int = 0
    on_hold: int = 0
    expired: int = 0
    too_late: int = 0
    """They expire before anybody takes them."""

    @property
    def total(self) -> int:
        """What can be counted on; below zero where we owe more than we have."""
        return self.usable + self.in_kits + self.on_order + self.lent - self.owed


def in_time(lots: Iterable[Stock], *, daily: float, today: date) -> int:
    """How many pieces are taken before they expire, first expired first, if each day takes `daily`. Where nobody knows
    what a day takes, all that has not expired.

    >>> day = date(2026, 11, 22)
    >>> in_time([Stock(date(2026, 12, 2), 50), Stock(None, 7)], daily=2.0, today=day)
    29
    """
    taken = 0
    for expires, pieces in sorted(lots, key=lambda lot: (lot.expires or date.max, lot.pieces)):
        if expires is not None and expires < today:
            continue
        # Usable on the day it expires, too.
        room = (
            int(daily * ((expires - today).days + 1)) if expires and daily > 0 else taken + pieces
        )
        taken += max(0, min(pieces, room - taken))
    return taken


@dataclass(slots=True)
class Lying:
    """What lies of one item, before it is known what is used in time."""

    loose: list[Stock] = field(default_factory=list)
    in_kits: list[Stock] = field(default_factory=list)
    on_hold: int = 0


def positions(
    session: Session,
    *,
    contents: Contents,
    daily: Mapping[int, float],
    today: date,
    on_order: Mapping[int, int] | None = None,
) -> dict[int, Position]:
    """By number of the item. `contents` are the kits made here (`levels.made_here`), `daily` what a day takes of each
    item, `on_order` the pieces that suppliers still owe. Four statements."""
    stock = lying(session, contents)
    lent, owed = _loans(session, contents)
    on_order = on_order or {}
    found = {}
    for item_id in sorted({*stock, *lent, *owed, *on_order}):
        there = stock.get(item_id, Lying())
        each_day = daily.get(item_id, 0.0)
        everything = [*there.loose, *there.in_kits]
        of_use = in_time(everything, daily=each_day, today=today)
        expired = sum(one.pieces for one in everything if _has_expired(one, today))
        in_kits = min(of_use, in_time(there.in_kits, daily=each_day, today=today))
        found[item_id] = Position(
            usable=of_use - in_kits,
            in_kits=in_kits,
            on_order=on_order.get(item_id, 0),
            lent=lent.get(item_id, 0),
            owed=owed.get(item_id, 0),
            on_hold=there.on_hold,
            expired=expired,
            too_late=sum(one.pieces for one in everything) - expired - of_use,
        )
    return found


def _has_expired(stock: Stock, today: date) -> bool:
    return stock.expires is not None and stock.expires < today


def lying(session: Session, contents: Contents) -> dict[int, Lying]:
    """By number of the item, what lies in places of ours."""
    rows = session.execute(
        select(Balance.item_id, Balance.pieces, Lot.expires, Lot.on_hold_since)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Place, Place.id == Balance.place_id)
        .where(Place.kind.in_(OURS), Balance.pieces > 0)
    )
    found: dict[int, Lying] = defaultdict(Lying)
    for item_id, pieces, expires, on_hold_since in rows:
        for inner_id, count in _opened(contents, item_id, int(pieces)).items():
            one = found[inner_id]
            if on_hold_since is not None:
                one.on_hold += count
            elif inner_id == item_id:
                one.loose.append(Stock(expires, count))
            else:
                one.in_kits.append(Stock(expires, count))
    return found


def _opened(contents: Contents, item_id: int, pieces: int) -> dict[int, int]:
    """An item itself and, of a kit made here, everything inside it."""
    total: dict[int, int] = defaultdict(int)

    def add(this: int, count: int) -> None:
        total[this] += count
        for inner_id, each in contents.get(this, {}).items():
            add(inner_id, count * each)

    add(item_id, pieces)
    return total


def _loans(session: Session, contents: Contents) -> tuple[dict[int, int], dict[int, int]]:
    numbers = {code: number for number, code in session.execute(select(Item.id, Item.code))}
    lent: dict[int, int] = defaultdict(int)
    owed: dict[int, int] = defaultdict(int)
    for loan in loans.loans(session):
        for side, pieces in ((lent, loan.theirs_to_give_back), (owed, loan.ours_to_give_back)):
            if pieces:
                for item_id, count in _opened(contents, numbers[loan.item], pieces).items():
                    side[item_id] += count
    return lent, owed
