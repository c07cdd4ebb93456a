"""The workshop's batches: what a read at a station where kits are made does. Session first; nothing is committed.

The reads of a place take turns (see `inventory.counter.reads.station`), so what is decided here holds when it is
written, however many tables work on the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from inventory import catalogue, kits, ledger, printing
from inventory.counter.values import Feedback, Known
from inventory.errors import ComptoirError, NotAllowed
from inventory.messages import Message
from inventory.tables import Batch, BatchLot, Bench, Lot, Station
from inventory.workshop import finishing, meanings, telling, values
from inventory.workshop.step import step


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of a read, and whether it finished a batch: the caller then runs `Database.forget_erased`."""

    feedback: Feedback
    finished: bool = False


def read(
    session: Session, *, station_id: int, meaning: Known, day: date, late: bool = False
) -> Answer:
    """One read at a station where kits are made. `late`: paper would come out unexpected."""
    station = session.get_one(Station, station_id)
    bench = bench_of(session, station)
    seen = meanings.of(session, meaning, place_id=station.place_id, bench=bench, day=day, late=late)
    done = step(bench, seen, day)
    try:
        with session.begin_nested():
            finished = _apply(session, station, done, day)
            session.flush()
    except ComptoirError as error:
        told = telling.feedback(telling.tell("call"))
        return Answer(Feedback(told.status, error.message, workshop=told.workshop))
    return Answer(telling.feedback(done.told), finished)


# As values


def bench_of(session: Session, station: Station) -> values.Bench:
    """A station's bench as the rule knows it."""
    row, prints = session.get(Bench, station.id), bool(station.printer)
    if row is None:
        return values.Bench(prints=prints)
    batch = value_of(session, row.batch)
    return values.Bench(batch, row.counting, row.counted, row.doubted, prints)


def value_of(session: Session, batch: Batch) -> values.Batch:
    """A batch as the rule knows it; its components in the order of the lists, their lots first expired first."""
    lots: dict[int, list[values.LotSeen]] = {}
    for lot in confirmed(session, batch):
        lots.setdefault(lot.item_id, []).append(meanings.lot_seen(lot))
    parts = tuple(
        values.Part(line.item.code, line.pieces, tuple(lots.get(line.item_id, ())))
        for line in batch.recipe.lines
    )
    of_kits = None if batch.lot is None else meanings.lot_seen(batch.lot)
    return values.Batch(batch.kit.code, parts, of_kits, batch.ready, batch.labels)


def confirmed(session: Session, batch: Batch) -> list[Lot]:
    """The lots of components that are used for a batch, first expired first."""
    of_it = (BatchLot.place_id == batch.place_id, BatchLot.kit_id == batch.kit_id)
    found = session.scalars(select(Lot).join(BatchLot, BatchLot.lot_id == Lot.id).where(*of_it))
    return sorted(found, key=lambda lot: (lot.expires or date.max, lot.code))


def kits_expire(session: Session, lot: Lot) -> date | None:
    """When kits of a lot expire: while they are being made, an expiry that became known of a part counts at once, as it
    will in the books once they are counted."""
    of_it = (BatchLot.place_id == Batch.place_id) & (BatchLot.kit_id == Batch.kit_id)
    parts = select(Lot).join(BatchLot, BatchLot.lot_id == Lot.id).join(Batch, of_it)
    found = session.scalars(parts.where(Batch.lot_id == lot.id))
    return values.earliest(map(meanings.lot_seen, [lot, *found]))


# What a lead sees, and may drop


def under_way(session: Session, *, place_id: int) -> list[Batch]:
    """The batches that wait for their recount, in the order of the lists."""
    of_it = select(Batch).where(Batch.place_id == place_id)
    return list(session.scalars(of_it.order_by(Batch.kit_id)))


def may_be_dropped(session: Session, batch: Batch) -> bool:
    """Where nothing is noted, labelled or being counted there are no kits that nobody would find in the books."""
    of_it = (Bench.place_id == batch.place_id, Bench.kit_id == batch.kit_id)
    counting = session.scalar(select(exists().where(*of_it, Bench.counting)))
    return not (batch.ready or batch.labels or counting)


def drop(session: Session, *, place_id: int, kit_id: int) -> bool:
    """Forget a batch whose tables are gone. False where there is none; the caller then runs `Database.forget_erased`.

    `NotAllowed` where kits may have been made: only counting them says how many.
    """
    ledger.lock(session, (place_id,))
    batch = session.get(Batch, (place_id, kit_id), populate_existing=True)
    if batch is None:
        return False
    if not may_be_dropped(session, batch):
        raise NotAllowed(Message("Kits may have been made: count them at a table instead."))
    _erase(session, batch)
    return True


# What is written


def _apply(session: Session, station: Station, done: values.Done, day: date) -> bool:
    """Write what the rule says. Whether the batch is finished."""
    for entry in done.entries:
        match entry:
            case values.Take(kit):
                _take(session, station, kit, day)
                return False
            case values.Leave():
                _leave(session, station)
                return False
            case values.Book(counted):
                batch = session.get_one(Bench, station.id).batch
                if counted:
                    finishing.book(session, batch, confirmed(session, batch), counted, day)
                _erase(session, batch)
                return True
            case values.Confirm(item, lot, makes_lot):
                _confirm(session, session.get_one(Bench, station.id).batch, item, lot, makes_lot)
            case values.Unconfirm(item):
                _unconfirm(session, session.get_one(Bench, station.id).batch, item)
            case values.PrintLabels(copies):
                lot_id = session.get_one(Bench, station.id).batch.lot_id
                assert lot_id is not None
                printing.kit_labels(session, station_id=station.id, lot_id=lot_id, copies=copies)
    _keep(session, station, done.bench)
    return False


def _keep(session: Session, station: Station, bench: values.Bench) -> None:
    """The numbers of a bench and its batch."""
    row = session.get(Bench, station.id)
    if row is None or bench.batch is None:
        return
    row.counting, row.counted, row.doubted = bench.counting, bench.counted, bench.doubted
    row.batch.ready, row.batch.labels = bench.batch.ready, bench.batch.labels
    if row.batch.lot is not None and bench.batch.lot is not None:
        row.batch.lot.expires = bench.batch.lot.expires


def _take(session: Session, station: Station, kit: str, day: date) -> None:
    """Join the batch of a kit at this place, or begin it with the latest recipe."""
    item = catalogue.item(session, kit)
    key = {"place_id": station.place_id, "kit_id": item.id}
    if session.get(Batch, key) is None:
        recipe = kits.recipe(session, kit=item)
        session.add(Batch(**key, recipe_id=recipe.id, day=day))
        session.flush()
    session.add(Bench(station_id=station.id, **key))


def _confirm(
    session: Session, batch: Batch, item: str, lot: values.LotSeen, makes_lot: bool
) -> None:
    item_id = catalogue.item(session, item).id
    known = catalogue.lot(session, item_id=item_id, code=lot.code, expires=lot.expires)
    of_it = {"place_id": batch.place_id, "kit_id": batch.kit_id}
    session.add(BatchLot(**of_it, lot_id=known.id))
    session.flush()
    if makes_lot:
        expires = values.earliest(meanings.lot_seen(one) for one in confirmed(session, batch))
        batch.lot = kits.new_kit_lot(session, batch.kit, expires)


def _unconfirm(session: Session, batch: Batch, item: str) -> None:
    lots = select(Lot.id).where(Lot.item_id == catalogue.item(session, item).id)
    of_it = (BatchLot.place_id == batch.place_id, BatchLot.kit_id == batch.kit_id)
    session.execute(delete(BatchLot).where(*of_it, BatchLot.lot_id.in_(lots)))


def _leave(session: Session, station: Station) -> None:
    """The batch stays for whoever comes back, but for one in which nothing was done."""
    bench = session.get_one(Bench, station.id)
    batch = bench.batch
    session.delete(bench)
    session.flush()
    of_it = (Bench.place_id == batch.place_id, Bench.kit_id == batch.kit_id)
    others = session.scalar(select(exists().where(*of_it)))
    if not others and not confirmed(session, batch):
        _erase(session, batch)


def _erase(session: Session, batch: Batch) -> None:
    """Nothing of a batch stays but what was booked, and labels that its kits still wait for."""
    for table in (Bench, BatchLot, Batch):
        of_it = (table.place_id == batch.place_id, table.kit_id == batch.kit_id)
        session.execute(delete(table).where(*of_it))
    session.expire_all()
