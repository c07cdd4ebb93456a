"""What happens beside the evenings, booked as a desk books it: losses, donations, loans, recalls, counts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import catalogue, desk, ledger, loans, on_hold
from inventory.errors import NotEnoughStock
from inventory.loans import Goods
from inventory.position import OURS
from inventory.tables import Balance, Item, Lot, Place
from inventory.words import DISPOSED, NO_LOT, UNACCOUNTED, UNKNOWN_LOT, Reason
from web.demo.evenings import lying
from web.demo.plan import Counted, Donated, Event, Lent, Lost, Recall
from web.demo.store import STORE

PARTNER = "TRANSIT"

Later = tuple[date, Callable[[Session, date], None]]
"""What follows on a later day."""


def happen(session: Session, event: Event, *, day: date) -> Later | None:
    """Book one event, as far as what it is about is there; what is to follow."""
    match event:
        case Lost():
            _lose(session, event, day)
        case Donated():
            _donate(session, event, day)
        case Counted():
            _settle(session, day)
            _count(session, event, day)
        case Lent():
            return _lend(session, event, day)
        case Recall():
            return _recall(session, event, day)
    return None


def _lose(session: Session, event: Lost, day: date) -> None:
    there = lying(session, event.place).get(event.item, 0)
    pieces = int(there * event.part)
    if pieces:
        desk.lose(
            session,
            place=catalogue.place(session, event.place),
            item=catalogue.item(session, event.item),
            pieces=pieces,
            why=Reason.BROKEN if event.broken else Reason.VANISHED,
            day=day,
        )


def _donate(session: Session, event: Donated, day: date) -> None:
    item = catalogue.item(session, event.item)
    desk.come_in(
        session,
        bought=False,
        place=catalogue.place(session, STORE),
        item=item,
        pieces=event.pieces,
        lot=f"DON-{day:%y%m%d}" if item.dated else None,
        expires=day + timedelta(days=event.lasts_days) if item.dated else None,
        day=day,
    )


def _count(session: Session, event: Counted, day: date) -> None:
    """A shelf of the store: a few pieces fewer than the books say."""
    place, item = catalogue.place(session, event.place), catalogue.item(session, event.item)
    there = ledger.available(session, place_id=place.id, item_id=item.id)
    if not there:
        return
    largest = max(there, key=lambda one: (one.pieces, one.lot_id))
    lot = session.get_one(Lot, largest.lot_id).code
    counted = max(0, largest.pieces - event.missing)
    ledger.correct(session, place=place, item=item, lot=lot, counted=counted, day=day)


def _settle(session: Session, day: date) -> None:
    """What was handed out beyond the books came from the store without a word: it leaves the store's books."""
    owed = session.execute(
        select(Item, -func.sum(Balance.pieces))
        .join(Item, Item.id == Balance.item_id)
        .where(Balance.place_id == UNACCOUNTED)
        .group_by(Item.id)
        .having(func.sum(Balance.pieces) < 0)
        .order_by(Item.id)
    ).all()
    store, there = catalogue.place(session, STORE), lying(session, STORE)
    beyond = session.get_one(Place, UNACCOUNTED)
    for item, pieces in owed:
        settled = min(int(pieces), there.get(item.code, 0))
        if settled:
            ledger.transfer(
                session, from_place=store, to_place=beyond, item=item, pieces=settled, day=day
            )


def _lend(session: Session, event: Lent, day: date) -> Later | None:
    """There and, on its day, back; what is not there to go, or to come back, stays."""
    ours, partner = catalogue.place(session, STORE), catalogue.place(session, PARTNER)
    goods = Goods(item=catalogue.item(session, event.item), pieces=event.pieces, day=day)
    try:
        if event.borrowed:
            loans.borrow(session, partner=partner, to_place=ours, **goods)
        else:
            loans.lend(session, partner=partner, from_place=ours, **goods)
    except NotEnoughStock:
        return None
    return event.back_on, partial(_back, event=event)


def _back(session: Session, day: date, *, event: Lent) -> None:
    ours, partner = catalogue.place(session, STORE), catalogue.place(session, PARTNER)
    goods = Goods(item=catalogue.item(session, event.item), pieces=event.pieces, day=day)
    with suppress(NotEnoughStock):
        if event.borrowed:
            loans.give_back(session, partner=partner, from_place=ours, **goods)
        else:
            loans.take_back(session, partner=partner, to_place=ours, **goods)


def _recall(session: Session, event: Recall, day: date) -> Later | None:
    """The lot of which most lies somewhere."""
    item = catalogue.item(session, event.item)
    lot_id = session.scalar(
        select(Lot.id)
        .join(Balance, Balance.lot_id == Lot.id)
        .join(Place, Place.id == Balance.place_id)
        .where(Lot.item_id == item.id, Lot.code.not_in((NO_LOT, UNKNOWN_LOT)))
        .where(Place.kind.in_(OURS))
        .group_by(Lot.id)
        .order_by(func.sum(Balance.pieces).desc(), Lot.code)
        .limit(1)
    )
    if lot_id is None:
        return None
    on_hold.put(session, lot=session.get_one(Lot, lot_id), day=day)
    return event.until, partial(_destroy if event.destroyed else _release, lot_id=lot_id)


def _release(session: Session, day: date, *, lot_id: int) -> None:
    on_hold.release(session, lot=session.get_one(Lot, lot_id))


def _destroy(session: Session, day: date, *, lot_id: int) -> None:
    """The kits with it too."""
    inside = [
        one
        for doubted in on_hold.lots(session)
        if doubted.lot_id == lot_id
        for one in doubted.in_kits
    ]
    for number in sorted({lot_id, *(kits.lot_id for kits in inside)}):
        _throw_away(session, session.get_one(Lot, number), day)


def _throw_away(session: Session, lot: Lot, day: date) -> None:
    rows = session.execute(
        select(Place, Balance.pieces)
        .join(Place, Place.id == Balance.place_id)
        .where(Balance.lot_id == lot.id, Place.kind.in_(OURS), Balance.pieces > 0)
        .order_by(Place.id)
    ).all()
    thrown = session.get_one(Place, DISPOSED)
    for place, pieces in rows:
        ledger.transfer(
            session,
            from_place=place,
            to_place=thrown,
            item=lot.item,
            pieces=pieces,
            lot=lot.code,
            day=day,
        )
