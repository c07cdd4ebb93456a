"""Orders: drafted from levels and positions, changed as often as wanted, approved by a person, sent, confirmed.

Every change takes the order's row for itself first: of two people who approve at once the second is told so. Nobody's
name is kept, and no time of day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, selectinload

from inventory import days, levels, outbox, position, suppliers
from inventory.errors import NotAllowed, NotOnTheLists
from inventory.messages import Message
from inventory.order_rules import COMING, OPEN, Action, Status, Suggestion, Terms, after
from inventory.order_rules import suggestion as suggested
from inventory.order_rules import told as told_of
from inventory.position import Position
from inventory.tables import (
    Item,
    ItemLevel,
    Purchase,
    PurchaseEvent,
    PurchaseLine,
    Supplier,
    SupplierItem,
)

DRAFTED = "drafted"
CHANGED = "changed"
"""Words of the history beside those of `Status`: it was made, and an approved order became a draft again. How often
figures changed before nobody keeps."""


# Questions


def order(session: Session, *, number: str) -> Purchase:
    """Raises NotOnTheLists."""
    found = session.scalar(select(Purchase).where(Purchase.number == number.strip()))
    if found is None:
        raise NotOnTheLists(Message("Order"), number)
    return found


def all_orders(
    session: Session, *, statuses: Collection[Status] = tuple(Status), since: date | None = None
) -> list[Purchase]:
    """Newest first, with their suppliers and lines; those drafted since a day."""
    wanted = (
        select(Purchase)
        .where(
            Purchase.status.in_(statuses), true() if since is None else Purchase.drafted_on >= since
        )
        .options(selectinload(Purchase.supplier), selectinload(Purchase.lines))
        .order_by(Purchase.id.desc())
    )
    return list(session.scalars(wanted))


def on_order(session: Session) -> dict[int, int]:
    """Pieces by number of the item that suppliers still owe of orders sent, confirmed or received in part."""
    still = PurchaseLine.pieces - PurchaseLine.received
    rows = session.execute(
        select(PurchaseLine.item_id, func.sum(still))
        .join(Purchase, Purchase.id == PurchaseLine.purchase_id)
        .where(Purchase.status.in_(COMING), still > 0)
        .group_by(PurchaseLine.item_id)
    )
    return {item_id: int(pieces) for item_id, pieces in rows}


def arriving(session: Session, *, today: date) -> dict[int, list[tuple[date, int]]]:
    """When and how many of these are expected, the first to come first; of what is late nobody knows when."""
    still = PurchaseLine.pieces - PurchaseLine.received
    rows = session.execute(
        select(PurchaseLine.item_id, Purchase.expected_on, still)
        .join(Purchase, Purchase.id == PurchaseLine.purchase_id)
        .where(Purchase.status.in_(COMING), still > 0, Purchase.expected_on >= today)
        .order_by(Purchase.expected_on, Purchase.id)
    )
    found: dict[int, list[tuple[date, int]]] = {}
    for item_id, day, pieces in rows:
        if day is not None:
            found.setdefault(item_id, []).append((day, int(pieces)))
    return found


def still_to_come(status: str, lines: Iterable[PurchaseLine]) -> dict[int, int]:
    """The same of one order alone."""
    if status not in COMING:
        return {}
    owed = {line.item_id: line.pieces - line.received for line in lines}
    return {item_id: pieces for item_id, pieces in owed.items() if pieces > 0}


def positions(session: Session, *, today: date) -> dict[int, Position]:
    """What can be counted on of every item, by its number: what is on order and what each day takes considered."""
    return position.positions(
        session,
        contents=levels.made_here(session),
        daily=dict(session.execute(_DAILY).all()),
        today=today,
        on_order=on_order(session),
    )


_DAILY = select(ItemLevel.item_id, ItemLevel.daily)


def suggestions(session: Session, *, supplier: Supplier, today: date) -> dict[int, Suggestion]:
    """By number of the item, for those at or below their reorder point, where something is wanted."""
    rows = session.execute(
        select(SupplierItem, ItemLevel)
        .join(ItemLevel, ItemLevel.item_id == SupplierItem.item_id)
        .where(SupplierItem.supplier_id == supplier.id)
        .order_by(SupplierItem.item_id)
    ).all()
    there = positions(session, today=today)
    found = {}
    for row, level in rows:
        total = there.get(row.item_id, Position()).total
        if total <= level.reorder_point:
            one = suggested(level.order_up_to - total, Terms.of(row))
            if one.wanted:
                found[row.item_id] = one
    return found


# Drafting


def draft(
    session: Session, *, supplier: Supplier, now: datetime, empty: bool = False
) -> Purchase | None:
    """The supplier's open order, made or brought up to date: lines that somebody changed stay, others follow the
    suggestions of this moment. One that is approved is left alone.

    None where there is none and nothing is needed, unless an `empty` one is asked for. Two at once make one order.
    """
    session.refresh(supplier, with_for_update=True)
    found = _open(session, supplier)
    if found is not None and found.status == Status.APPROVED:
        return found
    wanted = suggestions(session, supplier=supplier, today=days.service_day(now))
    if found is None:
        if not wanted and not empty:
            return None
        found = _new(session, supplier, day_of(now))
    _refill(session, found, wanted)
    return found


def _open(session: Session, supplier: Supplier) -> Purchase | None:
    wanted = select(Purchase).where(Purchase.supplier_id == supplier.id, Purchase.status.in_(OPEN))
    return session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def _new(session: Session, supplier: Supplier, day: date) -> Purchase:
    """PostgreSQL: two suppliers' first orders at once take the same number, and `Database.write` runs one again."""
    found = Purchase(
        number=_next_number(session, day.year),
        supplier_id=supplier.id,
        status=Status.DRAFT,
        drafted_on=day,
    )
    session.add(found)
    session.flush()
    done(session, found, Status.DRAFT, DRAFTED, day)
    return found


def _next_number(session: Session, year: int) -> str:
    taken = session.scalars(select(Purchase.number).where(Purchase.number.startswith(f"{year}-")))
    last = max((int(number.partition("-")[2]) for number in taken), default=0)
    return f"{year}-{last + 1:03d}"


def _refill(session: Session, order: Purchase, wanted: Mapping[int, Suggestion]) -> None:
    lines = {line.item_id: line for line in _lines(session, order)}
    for item_id in sorted({*lines, *wanted}):
        line, one = lines.get(item_id), wanted.get(item_id, Suggestion())
        if line is None:
            line = PurchaseLine(purchase_id=order.id, item_id=item_id, by_hand=False)
            session.add(line)
        elif not line.by_hand and not one.wanted:
            session.delete(line)
            continue
        line.wanted, line.suggested = one.wanted, one.pieces
        if not line.by_hand:
            line.pieces = one.pieces
    session.flush()
    session.expire(order)


def _lines(session: Session, order: Purchase) -> Iterable[PurchaseLine]:
    wanted = select(PurchaseLine).where(PurchaseLine.purchase_id == order.id)
    return session.scalars(wanted.execution_options(populate_existing=True)).all()


# What people do


@dataclass(frozen=True, slots=True)
class Changed:
    """A line as it is now, and what whoever changed it should know."""

    line: PurchaseLine
    warnings: list[Message]


def set_line(
    session: Session, *, order: Purchase, item: Item, pieces: int, note: str = "", now: datetime
) -> Changed:
    """So many pieces, as often as wanted until the order is sent; an item of the supplier that is not in it yet joins
    it. The suggestion itself, without a note, is nobody's figure again.

    An approved order becomes a draft. Raises WrongState, and NotAllowed for what comes from another supplier.
    """
    note = levels.note_line(note)
    if not 0 <= pieces <= levels.MOST_PIECES:
        raise NotAllowed(
            Message("An order holds 0 to %(most)d pieces of an item.", most=levels.MOST_PIECES)
        )
    status = may(session, order, Action.CHANGE)
    line = session.get(PurchaseLine, (order.id, item.id), populate_existing=True)
    terms = _terms(session, order, item, known=line is not None)
    if line is None:
        line = PurchaseLine(
            purchase_id=order.id, item_id=item.id, wanted=0, suggested=0, received=0
        )
        session.add(line)
    line.pieces, line.note = pieces, note
    line.by_hand = pieces != line.suggested or note != ""
    if order.status != status:
        done(session, order, status, CHANGED, day_of(now))
    session.flush()
    session.expire(order, ["lines"])
    return Changed(line, told_of(item.names, pieces, terms))


def set_note(session: Session, *, order: Purchase, note: str, now: datetime) -> None:
    """What the supplier reads at the head of the form; nothing takes it away. An approved order becomes a draft.

    Raises WrongState, NotAllowed.
    """
    note = levels.note_line(note)
    status = may(session, order, Action.CHANGE)
    order.note = note
    if order.status != status:
        done(session, order, status, CHANGED, day_of(now))
    session.flush()


def approve(session: Session, *, order: Purchase, now: datetime) -> None:
    """A person says it may be sent. Raises WrongState, and NotAllowed where there is nothing to order."""
    status = may(session, order, Action.APPROVE)
    if not any(line.pieces for line in _lines(session, order)):
        raise NotAllowed(
            Message(
                "Nothing is ordered in %(number)s: write pieces first, or cancel it.",
                number=order.number,
            )
        )
    done(session, order, status, status, day_of(now))


def mark_sent(session: Session, *, order: Purchase, now: datetime) -> None:
    """It is with the supplier, whose rules say when it comes. Raises WrongState."""
    status = may(session, order, Action.SEND)
    taken = suppliers.deliveries(session).get(order.supplier_id, ())
    at = suppliers.schedule(order.supplier, now=now, taken=taken)
    order.sent_on, order.taken_on, order.expected_on = day_of(now), at.review, at.expected
    done(session, order, status, status, day_of(now))


def confirm(
    session: Session, *, order: Purchase, expected: date | None = None, now: datetime
) -> None:
    """The supplier says that it comes, and perhaps when; again for another day.

    Raises WrongState, and NotAllowed for a day before it was sent.
    """
    status = may(session, order, Action.CONFIRM)
    if expected is not None:
        if order.sent_on is not None and expected < order.sent_on:
            raise NotAllowed(
                Message(
                    "Order %(number)s was sent on %(sent)s: it cannot come before that.",
                    number=order.number,
                    sent=order.sent_on,
                )
            )
        order.expected_on = expected
    done(session, order, status, status, day_of(now))


def cancel(session: Session, *, order: Purchase, now: datetime) -> None:
    """Nothing of it comes, and its mail does not leave if it has not yet; `still_to_say` tells what is left to do.
    Raises WrongState once something has come."""
    status = may(session, order, Action.CANCEL)
    outbox.withdraw(session, mail_about(order))
    order.closed_on = day_of(now)
    done(session, order, status, status, day_of(now))


def still_to_say(order: Purchase) -> list[Message]:
    """What no mail says for whoever cancelled an order. Also where its mail was taken back: somebody may have told the
    supplier otherwise meanwhile, and to be told for nothing harms nobody."""
    if order.status != Status.CANCELLED or order.sent_on is None:
        return []
    return [
        Message(
            "It had been sent: tell %(supplier)s that nothing of it is wanted.",
            supplier=order.supplier.name,
        )
    ]


def mail_about(order: Purchase) -> str:
    """By which the outbox knows the mail of an order."""
    return f"order:{order.number}"


def may(session: Session, order: Purchase, action: Action) -> Status:
    """Lock the order, before any place; what it becomes. Who comes second sees what the first did.

    Raises WrongState.
    """
    session.refresh(order, with_for_update=True)
    return after(Status(order.status), action, number=order.number)


def done(session: Session, order: Purchase, status: Status, what: str, day: date) -> None:
    """What it is now, and a word in its history."""
    order.status = status
    session.add(PurchaseEvent(purchase_id=order.id, day=day, what=what))
    session.flush()
    session.expire(order, ["events"])


def _terms(session: Session, order: Purchase, item: Item, *, known: bool) -> Terms:
    """`known`: it is in the order already, wherever it comes from by now."""
    row = session.get(SupplierItem, item.id)
    if row is None or row.supplier_id != order.supplier_id:
        if known:
            return Terms()
        raise NotAllowed(
            Message(
                "%(item)s does not come from %(supplier)s: say so in the list of supplies first.",
                item=item.names,
                supplier=order.supplier.name,
            )
        )
    return Terms.of(row)


def day_of(now: datetime) -> date:
    """Suppliers live by the calendar, whose day begins at midnight."""
    return days.local(now).date()
