"""What comes for an order: boxes read or typed against it, in parts, until somebody closes it.

What came is on the books like any delivery: moves from the supplier, under the number of its note. What an imported
note had put there is only checked off. Damaged pieces came as well, and are put aside at once; what is refused goes
back as it came, and is on no books.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, desk, ledger, levels, position, receiving
from inventory.errors import NotAllowed
from inventory.messages import Message
from inventory.order_rules import Action, Condition, Status
from inventory.orders import day_of, done, may
from inventory.position import OURS, Lying, Stock, in_time
from inventory.tables import (
    Item,
    ItemLevel,
    Lot,
    Place,
    Purchase,
    PurchaseArrival,
    PurchaseEvent,
    PurchaseLine,
    Receipt,
)
from inventory.words import DISPOSED, SUPPLIER, UNKNOWN_LOT, PlaceKind, Reason

LONGEST_NUMBER = 60
"""Of a delivery note."""

TAKEN_BACK = "taken back"
"""In the history: a booking of what came was undone, and nothing has come any more."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Pieces that came, of one item and lot. Without a lot, those of a dated item are of the lot `unknown`."""

    item: Item
    pieces: int
    lot: str | None = None
    expires: date | None = None
    damaged: bool = False
    refused: bool = False
    """It goes back as it came."""


@dataclass(slots=True)
class Received:
    """What one booking kept, and what whoever received it should know."""

    arrivals: list[PurchaseArrival] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)


def destination(session: Session, *, code: str | None = None) -> Place:
    """Where deliveries go: the place named, or the only store. Raises NotOnTheLists, NotAllowed."""
    if code is not None:
        place = catalogue.place(session, code)
        if place.kind in OURS:
            return place
        raise NotAllowed(Message("%(place)s is not a place of ours.", place=place.name))
    stores = session.scalars(select(Place).where(Place.kind == PlaceKind.STORE)).all()
    if len(stores) != 1:
        raise NotAllowed(Message("Say which place received this: there is no store, or several."))
    return stores[0]


def announced(session: Session, *, order: Purchase, note: str) -> list[Arrival]:
    """All that a note imported for this supplier still announces: for deliveries that come as it says.

    Raises NotAllowed where it announces nothing.
    """
    rows = receiving.still_announced(session, supplier=order.supplier.name, note=note)
    if not rows:
        raise NotAllowed(
            Message(
                "No delivery note %(note)s of %(supplier)s announces anything: import it first.",
                note=note,
                supplier=order.supplier.name,
            )
        )
    return [
        Arrival(lot.item, pieces, (lot.code or None) if lot.item.dated else None)
        for lot, pieces in rows
    ]


# Receiving


def receive(
    session: Session,
    *,
    order: Purchase,
    arrivals: Sequence[Arrival],
    place: Place,
    booking_id: bytes,
    note: str = "",
    now: datetime,
) -> Received:
    """Boxes of an order that was sent, under the number of their delivery note where there is one.

    Within a booking of the caller's (`bookings.begin`), so that the same form sent twice counts once, and
    `bookings.undo` takes it back. Raises WrongState, NotAllowed, and NotEnoughStock where pieces that an imported note
    put on the books are damaged or refused, and no longer there: the transaction is then to be undone.
    """
    note = " ".join(note.split())
    if not arrivals or len(note) > LONGEST_NUMBER:
        raise NotAllowed(
            Message(
                "A delivery has one line at least, and a number of at most %(longest)d letters.",
                longest=LONGEST_NUMBER,
            )
        )
    status = may(session, order, Action.RECEIVE)
    aside = _aside(session)
    ledger.lock(session, (place.id, aside.id))
    work = _Receiving(session, order, place, aside, booking_id, note, now)
    for one in arrivals:
        work.take_in(one)
    if work.is_first_today():
        done(session, order, status, status, work.day)
    order.status = status
    session.flush()
    session.expire(order, ["lines", "arrivals"])
    return work.received


def _aside(session: Session) -> Place:
    """Where damaged pieces go: to the quarantine, else out of use."""
    query = select(Place).where(Place.kind == PlaceKind.QUARANTINE).order_by(Place.id)
    return session.scalars(query).first() or session.get_one(Place, DISPOSED)


@dataclass(slots=True)
class _Receiving:
    """One booking of boxes against an order that is locked."""

    session: Session
    order: Purchase
    place: Place
    aside: Place
    booking_id: bytes
    note: str
    now: datetime
    received: Received = field(default_factory=Received)
    lying: dict[int, Lying] | None = None

    @property
    def day(self) -> date:
        return day_of(self.now)

    @property
    def today(self) -> date:
        return days.service_day(self.now)

    def is_first_today(self) -> bool:
        """Whether the history does not say yet that some of it came on this day."""
        said = select(PurchaseEvent.what, PurchaseEvent.day).where(
            PurchaseEvent.purchase_id == self.order.id
        )
        last = self.session.execute(said.order_by(PurchaseEvent.id.desc())).first()
        return last is None or tuple(last) != (Status.RECEIVED.value, self.day)

    def take_in(self, one: Arrival) -> None:
        lot = self._lot(one)
        line = self.session.get(PurchaseLine, (self.order.id, one.item.id), populate_existing=True)
        parts = self._parts(lot, one)
        news = sum(pieces for _, pieces, announced in parts if not announced)
        condition = self._condition(one, lot, line, news)
        self._warn(one, lot, line, condition)
        for receipt, pieces, announced in parts:
            self._book(one, lot, receipt, pieces, announced=announced)
            arrival = PurchaseArrival(
                purchase_id=self.order.id,
                booking_id=self.booking_id,
                item_id=one.item.id,
                lot_id=lot.id,
                receipt_id=None if receipt is None else receipt.id,
                day=self.day,
                pieces=pieces,
                condition=condition,
                refused=one.refused,
                announced=announced,
            )
            self.session.add(arrival)
            self.received.arrivals.append(arrival)
        if line is not None and condition.as_ordered and not one.refused:
            line.received += one.pieces
        self.session.flush()

    def _lot(self, one: Arrival) -> Lot:
        if not 0 < one.pieces <= levels.MOST_PIECES:
            raise NotAllowed(
                Message("1 to %(most)d pieces come at a time.", most=levels.MOST_PIECES)
            )
        desk.check_lot(one.item, lot=one.lot, expires=one.expires)
        code = one.lot or (UNKNOWN_LOT if one.item.dated else "")
        return catalogue.lot(self.session, item_id=one.item.id, code=code, expires=one.expires)

    # How it is

    def _condition(self, one: Arrival, lot: Lot, line: PurchaseLine | None, news: int) -> Condition:
        """`news` are the pieces of it that were not on the books yet."""
        if one.damaged:
            return Condition.DAMAGED
        if line is None or not line.pieces:
            return Condition.WRONG
        there = self._lying(lot.item_id)
        if not one.refused:
            there.loose.append(Stock(lot.expires, news))
        return Condition.SOON if self._is_too_old(lot, one.pieces, there) else Condition.GOOD

    def _lying(self, item_id: int) -> Lying:
        if self.lying is None:
            self.lying = position.lying(self.session, levels.made_here(self.session))
        return self.lying.setdefault(item_id, Lying())

    def _is_too_old(self, lot: Lot, pieces: int, there: Lying) -> bool:
        """Whether some of what expires on its day is not used by then, after all that expires before."""
        if lot.expires is None:
            return False
        dated = [(one.expires, one.pieces) for one in (*there.loose, *there.in_kits) if one.expires]
        before = [Stock(expires, count) for expires, count in dated if expires < lot.expires]
        same = sum(count for expires, count in dated if expires == lot.expires)
        level = self.session.get(ItemLevel, lot.item_id)
        daily = 0.0 if level is None else level.daily
        used, with_it = (
            in_time(stock, daily=daily, today=self.today)
            for stock in (before, [*before, Stock(lot.expires, max(same, pieces))])
        )
        return with_it - used < max(same, pieces)

    def _warn(
        self, one: Arrival, lot: Lot, line: PurchaseLine | None, condition: Condition
    ) -> None:
        names, tell = one.item.names, self.received.warnings.append
        if condition is Condition.WRONG:
            tell(Message("%(item)s is not in this order.", item=names))
        elif lot.expires is not None and lot.expires < self.today:
            tell(
                Message(
                    "%(item)s, lot %(lot)s, has been expired since %(day)s: it is not used.",
                    item=names,
                    lot=lot.code,
                    day=lot.expires,
                )
            )
        elif condition is Condition.SOON:
            tell(
                Message(
                    "%(item)s, lot %(lot)s, expires on %(day)s: not all of it will be used by then.",
                    item=names,
                    lot=lot.code,
                    day=lot.expires,
                )
            )
        if lot.code == UNKNOWN_LOT and not one.refused:
            tell(
                Message(
                    "%(item)s came without its lot: nobody can be warned when it expires.",
                    item=names,
                )
            )
        if lot.on_hold_since is not None and not one.refused:
            tell(Message("Lot %(lot)s of %(item)s is on hold.", lot=lot.code, item=names))
        if line is None or one.refused or not condition.as_ordered:
            return
        over = line.received + one.pieces - line.pieces
        if over > 0:
            tell(
                Message(
                    "%(item)s: %(over)d more than the %(pieces)d ordered.",
                    item=names,
                    over=over,
                    pieces=line.pieces,
                )
            )

    # The books

    def _parts(self, lot: Lot, one: Arrival) -> list[tuple[Receipt | None, int, bool]]:
        """The deliveries it belongs to: what imported notes announce of this lot, then what they do not."""
        found: list[tuple[Receipt | None, int, bool]] = []
        left = one.pieces
        supplier = self.order.supplier.name
        announcing = receiving.announcing(
            self.session,
            supplier=supplier,
            note=self.note,
            since=self.order.sent_on,
            place_id=self.place.id,
            lot_id=lot.id,
        )
        for receipt in announcing:
            part = receiving.check_off(
                self.session,
                place_id=self.place.id,
                lot_id=lot.id,
                pieces=left,
                receipt_id=receipt.id,
            )
            if part:
                found.append((receipt, part, True))
                left -= part
        if left:
            found.append((None if one.refused else self._delivery(supplier), left, False))
        return found

    def _delivery(self, supplier: str) -> Receipt | None:
        return receiving.of_boxes(
            self.session,
            supplier=supplier,
            note=self.note or self.order.number,
            place=self.place,
            day=self.day,
        )

    def _book(
        self, one: Arrival, lot: Lot, receipt: Receipt | None, pieces: int, *, announced: bool
    ) -> None:
        if not announced and not one.refused:
            ledger.post(
                self.session,
                item_id=one.item.id,
                lot_id=lot.id,
                pieces=pieces,
                from_id=SUPPLIER,
                to_id=self.place.id,
                reason=Reason.RECEIPT,
                day=self.today,
                receipt_id=None if receipt is None else receipt.id,
                booking_id=self.booking_id,
            )
            if receipt is not None:
                receiving.grow(self.session, receipt=receipt, lot=lot, pieces=pieces)
        elsewhere = self._elsewhere(one, announced=announced)
        if elsewhere is not None:
            ledger.transfer(
                self.session,
                from_place=self.place,
                to_place=elsewhere,
                item=one.item,
                pieces=pieces,
                lot=lot.code,
                day=self.today,
                why=Reason.BROKEN if elsewhere.id == DISPOSED else None,
                booking_id=self.booking_id,
            )

    def _elsewhere(self, one: Arrival, *, announced: bool) -> Place | None:
        """Where it goes from the place that received it, if it does not stay."""
        if one.refused:
            return self.session.get_one(Place, SUPPLIER) if announced else None
        return self.aside if one.damaged else None


# Taking it back


def take_back(session: Session, *, booking_id: bytes, day: date) -> None:
    """Of a booking that is being undone, what is not moves: nothing of it came for its order any more. Also where that
    was closed: it says then how much more never came."""
    booked = select(PurchaseArrival).where(PurchaseArrival.booking_id == booking_id)
    arrivals = session.scalars(booked).all()
    if not arrivals:
        return
    order = session.get_one(
        Purchase, arrivals[0].purchase_id, with_for_update=True, populate_existing=True
    )
    for one in arrivals:
        line = session.get(PurchaseLine, (order.id, one.item_id), populate_existing=True)
        if line is not None and Condition(one.condition).as_ordered and not one.refused:
            line.received -= one.pieces
        _uncheck(session, one)
        session.delete(one)
    session.flush()
    session.expire(order, ["lines", "arrivals"])
    if order.status == Status.RECEIVED and not _has_come(session, order):
        done(session, order, _before_it_came(order), TAKEN_BACK, day)


def _uncheck(session: Session, one: PurchaseArrival) -> None:
    if one.receipt_id is None:
        return
    receipt = session.get_one(Receipt, one.receipt_id)
    if one.announced:
        receiving.uncheck(
            session,
            place_id=receipt.place_id,
            lot_id=one.lot_id,
            pieces=one.pieces,
            receipt_id=receipt.id,
        )
    else:
        lot = session.get_one(Lot, one.lot_id)
        receiving.grow(session, receipt=receipt, lot=lot, pieces=-one.pieces)


def _has_come(session: Session, order: Purchase) -> bool:
    some = select(PurchaseArrival.id).where(PurchaseArrival.purchase_id == order.id).limit(1)
    return session.scalar(some) is not None


def _before_it_came(order: Purchase) -> Status:
    said = {event.what for event in order.events}
    return Status.CONFIRMED if Status.CONFIRMED.value in said else Status.SENT
