"""What a bench shows: the kits to choose from, or the batch it is on. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inventory import printing
from inventory.kits import Recipes
from inventory.tables import Balance, Batch, Bench, Item, Lot, PrintJob, Station
from inventory.workshop import batches, meanings
from inventory.workshop.values import Phase


@dataclass(frozen=True, slots=True)
class Choice:
    """A kit that may be made. Whether, never how many: nobody is pressed by a number."""

    item: Item
    can_be_made: bool
    under_way: bool


@dataclass(frozen=True, slots=True)
class Component:
    """What goes into each kit; `proposed` is the lot that touching its picture confirms."""

    item: Item
    pieces: int
    lots: list[Lot]
    proposed: Lot | None
    lacks: str | None
    """Why none is proposed although it is to be confirmed: the name of its sentence. Pieces without a lot are taken
    to be there."""
    stopped: bool


@dataclass(frozen=True, slots=True)
class State:
    phase: Phase
    choices: list[Choice] = field(default_factory=list)
    kit: Item | None = None
    components: list[Component] = field(default_factory=list)
    lot: Lot | None = None
    ready: int = 0
    labels: int = 0
    counted: int | None = None
    doubted: int | None = None
    counted_elsewhere: bool = False
    """Whether another table counts the kits of this batch."""
    paper: PrintJob | None = None
    """What is asked about at this station, or its labels that are not there yet."""


def of(session: Session, *, station: Station, day: date) -> State:
    """What the bench of a station shows on a service day."""
    row = session.get(Bench, station.id)
    if row is None:
        return State(
            Phase.CHOOSE,
            choices(session, place_id=station.place_id, day=day),
            paper=printing.at_table(session, station_id=station.id, lot_id=None),
        )
    batch, bench = row.batch, batches.bench_of(session, station)
    return State(
        bench.phase,
        kit=batch.kit,
        components=_components(session, batch, day),
        lot=batch.lot,
        ready=batch.ready,
        labels=batch.labels,
        counted=bench.counted,
        doubted=bench.doubted,
        counted_elsewhere=_counted_elsewhere(session, row),
        paper=printing.at_table(session, station_id=station.id, lot_id=batch.lot_id),
    )


def _counted_elsewhere(session: Session, bench: Bench) -> bool:
    others = select(Bench.station_id).where(
        Bench.place_id == bench.place_id,
        Bench.kit_id == bench.kit_id,
        Bench.station_id != bench.station_id,
        Bench.counting,
    )
    return bool(session.scalar(select(others.exists())))


def choices(session: Session, *, place_id: int, day: date) -> list[Choice]:
    """Every kit with a recipe, in the order of the lists, and whether one can be made of what may be used here."""
    recipes = Recipes.of(session)
    there = _usable(session, place_id, day, recipes.versions)
    under_way = set(session.scalars(select(Batch.kit_id).where(Batch.place_id == place_id)))
    kits = session.scalars(select(Item).where(Item.id.in_(recipes.versions)).order_by(Item.id))
    found = []
    for kit in kits:
        contents = recipes.contents[recipes.versions[kit.id][-1]]
        enough = all(there[item_id] >= pieces for item_id, pieces in contents.items())
        found.append(Choice(kit, enough, kit.id in under_way))
    return found


def _usable(session: Session, place_id: int, day: date, kits: Container[int]) -> dict[int, int]:
    """Pieces at a place by number of the item that may be used: as `meanings.proposed` has them."""
    rows = session.execute(
        select(Item, Lot, Balance.pieces)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Item, Item.id == Balance.item_id)
        .where(
            Balance.place_id == place_id,
            Lot.on_hold_since.is_(None),
            or_(Lot.expires.is_(None), Lot.expires >= day),
        )
    )
    there: dict[int, int] = defaultdict(int)
    for item, lot, pieces in rows:
        if not meanings.lacks_expiry(item, lot, is_kit=item.id in kits):
            there[item.id] += int(pieces)
    return there


def _components(session: Session, batch: Batch, day: date) -> list[Component]:
    confirmed, seen = batches.confirmed(session, batch), batches.value_of(session, batch)
    found = []
    for line in batch.recipe.lines:
        lots = [lot for lot in confirmed if lot.item_id == line.item_id]
        there = meanings.proposed(session, item=line.item, place_id=batch.place_id, day=day)
        stopped = any(not seen.may_use(meanings.lot_seen(lot), day) for lot in lots)
        proposed = there[0] if there else None
        lacks = None
        if line.item.dated and not lots and proposed is None:
            lacks = meanings.why_none(session, item=line.item, place_id=batch.place_id, day=day)
        found.append(Component(line.item, line.pieces, lots, proposed, lacks, stopped))
    return found
