"""Orders of a service that is simulated: by the levels, on the days a supplier takes them.

What came of the last order of a slow supplier is less than all of it, so that there is something to wait for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from inventory import bookings, days, levels, order_outcome, order_receiving, orders, suppliers
from inventory.order_receiving import Arrival
from inventory.order_rules import Status
from inventory.suppliers import Review
from inventory.tables import Purchase, PurchaseLine, Supplier, SupplierItem
from web.demo.evenings import Numbers
from web.demo.plan import Delivery

QUICK_DAYS = 4
"""Who takes no longer is looked at on two days of the week, and brings even the last order in time."""
LOOKED_AT = (1, 3)

LOOK_BACK = 60


@dataclass(slots=True)
class Ordering:
    """Orders on their way by number, with the day something of each comes."""

    seed: int
    last: date
    coming: dict[str, date] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    """Those the supplier has yet to confirm."""

    def morning(self, session: Session, *, day: date, numbers: Numbers) -> None:
        """What comes is received, and what is low is ordered where a supplier takes orders today."""
        self._confirm(session)
        for number in sorted(number for number, comes in self.coming.items() if comes <= day):
            self._receive(session, orders.order(session, number=number), numbers)
        for supplier in suppliers.all_suppliers(session):
            if day < self.last and _is_review(supplier, day):
                self._order(session, supplier)

    def last_morning(self, session: Session) -> None:
        """Somebody has yet to approve what would be ordered now."""
        levels.nightly(session, now=days.now())
        for supplier in suppliers.all_suppliers(session):
            orders.draft(session, supplier=supplier, now=days.now())

    def _order(self, session: Session, supplier: Supplier) -> None:
        now = days.now()
        if supplier.lead_days > QUICK_DAYS:
            levels.nightly(session, now=now)
        order = orders.draft(session, supplier=supplier, now=now)
        if order is None:
            return
        self._overrule(session, order)
        orders.approve(session, order=order, now=now)
        orders.mark_sent(session, order=order, now=now)
        assert order.expected_on is not None
        late = timedelta(days=self._fate(order).late_days)
        self.coming[order.number] = order.expected_on + late
        self.sent.add(order.number)

    def _fate(self, order: Purchase) -> Delivery:
        return Delivery(self.seed, order.number)

    def _overrule(self, session: Session, order: Purchase) -> None:
        """Now and then somebody wants half as much again of something."""
        fate = self._fate(order)
        for line in list(order.lines):
            if line.suggested and fate.is_overruled(line.item_id):
                pack = session.get_one(SupplierItem, line.item_id).multiple
                more = line.suggested // 2 // pack * pack
                pieces = line.suggested + more
                orders.set_line(session, order=order, item=line.item, pieces=pieces, now=days.now())

    def _confirm(self, session: Session) -> None:
        for number in sorted(self.sent):
            order = orders.order(session, number=number)
            if order.sent_on is not None and order.sent_on < days.today():
                orders.confirm(session, order=order, now=days.now())
                self.sent.remove(number)

    def _receive(self, session: Session, order: Purchase, numbers: Numbers) -> None:
        fate, again = self._fate(order), order.status == Status.RECEIVED
        waits = self._is_awaited(order)
        arrivals = [
            one
            for line in order.lines
            if line.pieces > line.received
            for one in _arrivals(line, fate, ordered=order.drafted_on, again=again, waits=waits)
        ]
        del self.coming[order.number]
        if arrivals:
            booking = bookings.begin(
                session, number=numbers.next(), content=order.number, day=days.today()
            )
            assert booking is not None
            order_receiving.receive(
                session,
                order=order,
                arrivals=arrivals,
                place=order_receiving.destination(session),
                booking_id=booking.id,
                note=f"BL-{order.number}{'B' if again else ''}",
                now=days.now(),
            )
        if waits:
            return
        if (
            not again
            and fate.rest_after
            and any(line.received < line.pieces for line in order.lines)
        ):
            self.coming[order.number] = days.today() + timedelta(days=fate.rest_after)
        else:
            order_outcome.close(session, order=order, now=days.now())

    def _is_awaited(self, order: Purchase) -> bool:
        """Whether it is the last a slow supplier took before the end."""
        if order.supplier.lead_days <= QUICK_DAYS or order.sent_on is None:
            return False
        before = (self.last - timedelta(days=n) for n in range(1, LOOK_BACK))
        last = next((day for day in before if _is_review(order.supplier, day)), None)
        return order.sent_on == last


def _is_review(supplier: Supplier, day: date) -> bool:
    if supplier.lead_days <= QUICK_DAYS and day.weekday() not in LOOKED_AT:
        return False
    closed = suppliers.closed_periods(supplier)
    return Review.parse(supplier.review).takes(day) and not any(day in one for one in closed)


def _arrivals(
    line: PurchaseLine, fate: Delivery, *, ordered: date, again: bool, waits: bool
) -> Iterator[Arrival]:
    """What comes of one line: by lots, a few pieces damaged, sometimes only half of it at first."""
    pieces = line.pieces - line.received
    if waits and fate.is_left_behind(line.item_id):
        return
    if not again and fate.is_short(line.item_id):
        pieces = max(1, pieces // 2)
    damaged = 1 if pieces > 1 and fate.is_damaged(line.item_id) else 0
    for count, is_damaged in ((pieces - damaged, False), (damaged, True)):
        if count:
            yield _arrival(line, count, fate, damaged=is_damaged, ordered=ordered)


def _arrival(
    line: PurchaseLine, pieces: int, fate: Delivery, *, damaged: bool, ordered: date
) -> Arrival:
    item = line.item
    if not item.shelf_life_months:
        return Arrival(item, pieces, damaged=damaged)
    lasts = timedelta(days=round(item.shelf_life_months * 30 * fate.freshness(line.item_id)))
    expires = _month_end(ordered + lasts)
    return Arrival(item, pieces, f"{item.code}-{fate.number[2:]}", expires, damaged)


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
