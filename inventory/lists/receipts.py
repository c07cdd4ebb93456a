"""Deliveries: `fournisseur;bon;date;article;pièces;lot;péremption`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.errors import Fault
from inventory.lists import fields
from inventory.lists.checking import Job, Line, Plan
from inventory.lists.fields import MAX_PIECES, line_of_text, note, pieces
from inventory.lists.goods import Lots, known_items, read_lot
from inventory.lists.stock import holds_stock, known_places
from inventory.messages import Message
from inventory.tables import Lot, Place, Receipt, ReceiptLine
from inventory.words import SUPPLIER, PlaceKind, Reason

Goods = tuple[int, str]
"""Number of the item, lot."""

Key = tuple[str, str]
"""Supplier and note, without capitals: the same delivery typed in twice must not count twice."""


@dataclass(slots=True)
class Delivery:
    """All the rows of one note, over all files."""

    supplier: str
    note: str
    day: date | None
    pieces: dict[Goods, int] = field(default_factory=dict)
    expiries: dict[Goods, date | None] = field(default_factory=dict)
    lines: list[tuple[Line, Goods | None]] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return all(line.sound for line, _ in self.lines)


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """Known by supplier and note: the same again changes nothing, the same note with other lines is a fault.

    The same lot twice in a note is added up.
    """
    items, lots = known_items(job.session), Lots.of(job.session)
    deliveries: dict[Key, Delivery] = {}
    for line in lines:
        supplier = line.get("supplier", line_of_text(100))
        number = line.get("note", note)
        day = line.get("date", fields.day)
        item = line.get("item", items.find)
        count = line.get("pieces", pieces)
        lot, expires = read_lot(line, item, lots)
        if expires and day and expires < day:
            line.fault("expires", Message("a date that is not before the delivery"))
        goods = None
        if line.sound and item and lot is not None:
            goods = (item.id, lot)
            lots.remember(item, lot, expires)
        if supplier and number:
            key = (supplier.casefold(), number.casefold())
            delivery = deliveries.setdefault(key, Delivery(supplier, number, day))
            _add(delivery, line, goods, day, count or 0, expires)

    return _plan(job, deliveries)


def _plan(job: Job, deliveries: dict[Key, Delivery]) -> Plan:
    destination = _destination(job)
    known = _known(job.session, set(deliveries))
    new = {key: delivery for key, delivery in deliveries.items() if key not in known}
    for key, receipt in known.items():
        _compare(job.session, deliveries[key], receipt, destination)

    def write() -> None:
        assert destination is not None  # its absence is a fault
        ledger.lock(job.session, {destination.id})
        for delivery in new.values():
            _write(job.session, delivery, destination)

    imported = sum(len(delivery.lines) for delivery in new.values())
    rows = sum(len(delivery.lines) for delivery in deliveries.values())
    return Plan(imported, rows - imported, write)


def _add(
    delivery: Delivery,
    line: Line,
    goods: Goods | None,
    day: date | None,
    count: int,
    expires: date | None,
) -> None:
    delivery.lines.append((line, goods))
    delivery.day = delivery.day or day
    if day and day != delivery.day:
        line.fault("date", Message("%(day)s, as in the other rows of this note", day=delivery.day))
    if goods is None:
        return
    delivery.pieces[goods] = delivery.pieces.get(goods, 0) + count
    delivery.expiries[goods] = delivery.expiries.get(goods) or expires
    if delivery.pieces[goods] > MAX_PIECES:
        line.fault("pieces", Message("at most %(most)d of one lot in a note", most=MAX_PIECES))


def _destination(job: Job) -> Place | None:
    """Where deliveries go: the place named, or the only store."""
    places = known_places(job.session)
    if job.to is not None:
        if job.to in places and holds_stock(places[job.to]):
            return places[job.to]
        expected = Message("a place of the lists that holds stock")
    else:
        stores = job.session.scalars(select(Place).where(Place.kind == PlaceKind.STORE)).all()
        if len(stores) == 1:
            return stores[0]
        expected = (
            Message("the place that received this: there is more than one store")
            if stores
            else Message("the place that received this: there is no store yet")
        )
    job.faults.append(Fault(job.file, 1, "--to", job.to or "", expected))
    return None


def _known(session: Session, keys: set[Key]) -> dict[Key, Receipt]:
    # Capitals beyond ASCII are the database's own business, so they are compared here; suppliers send few notes.
    rows = session.execute(select(Receipt.id, Receipt.supplier, Receipt.note))
    numbers = {
        key: number
        for number, supplier, note in rows
        if (key := (supplier.casefold(), note.casefold())) in keys
    }
    return {key: session.get_one(Receipt, number) for key, number in numbers.items()}


def _compare(
    session: Session, delivery: Delivery, receipt: Receipt, destination: Place | None
) -> None:
    """A known note must come with its lines; the first row that differs is named. Boxes may be read on a later day than
    the note's."""
    if not delivery.sound:
        return
    rows = session.execute(
        select(ReceiptLine.item_id, Lot.code, ReceiptLine.pieces)
        .join(Lot, Lot.id == ReceiptLine.lot_id)
        .where(ReceiptLine.receipt_id == receipt.id, ReceiptLine.pieces > 0)
    )
    known = {(item_id, lot): count for item_id, lot, count in rows}
    first = delivery.lines[0][0]
    if delivery.day != receipt.day and not receipt.from_boxes:
        first.fault("date", Message("%(day)s, as imported before", day=receipt.day))
    elif delivery.pieces != known:
        differing = (
            line
            for line, goods in delivery.lines
            if goods and delivery.pieces[goods] != known.get(goods)
        )
        expected = (
            Message("another number: the boxes of this delivery were read, and say otherwise")
            if receipt.from_boxes
            else Message("another number: this delivery was imported before with other lines")
        )
        next(differing, first).fault("note", expected)
    elif destination is not None and destination.id != receipt.place_id:
        place = session.get_one(Place, receipt.place_id).code
        first.fault("note", Message("another number: this delivery went to %(place)s", place=place))


def _write(session: Session, delivery: Delivery, place: Place) -> None:
    assert delivery.day is not None
    receipt = Receipt(
        supplier=delivery.supplier, note=delivery.note, day=delivery.day, place_id=place.id
    )
    session.add(receipt)
    session.flush()
    for (item_id, code), count in delivery.pieces.items():
        expires = delivery.expiries[item_id, code]
        lot = catalogue.lot(session, item_id=item_id, code=code, expires=expires)
        session.add(
            ReceiptLine(receipt_id=receipt.id, item_id=item_id, lot_id=lot.id, pieces=count)
        )
        ledger.post(
            session,
            item_id=item_id,
            lot_id=lot.id,
            pieces=count,
            from_id=SUPPLIER,
            to_id=place.id,
            reason=Reason.RECEIPT,
            day=delivery.day,
            receipt_id=receipt.id,
        )
