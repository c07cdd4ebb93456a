"""The mornings of a stockroom and a workshop: kits are made, places are filled up, what has expired goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, desk, kit_needs, kits, ledger, replenish
from inventory.counter import reads as counter
from inventory.counter import station_now
from inventory.counter.reads import Incoming
from inventory.position import OURS
from inventory.tables import Balance, Item, Lot, Place
from inventory.words import Reason
from web.demo.evenings import Numbers, article, command
from web.meanings import meaning

STORE, WORKSHOP = "RESERVE", "TAD"

WORTH_A_BATCH = 0.5
"""Of what the workshop keeps of a kit: fewer are not made."""


def fill_up(session: Session, place: Place, *, day: date) -> None:
    """Bring what is below its level, from the stores and the workshops."""
    for found in replenish.needs(session, place=place, day=day).rounds:
        source = session.get_one(Place, found.store.id)
        for line in found.lines:
            item = session.get_one(Item, line.low.item_id)
            ledger.transfer(
                session,
                from_place=source,
                to_place=place,
                item=item,
                pieces=line.pieces,
                day=day,
            )


def make_kits(session: Session, *, day: date, numbers: Numbers, at_tables: bool) -> None:
    """Fetch what the kits need that are needed, and make them: read by read at a table, or noted by the lead."""
    workshop, store = catalogue.place(session, WORKSHOP), catalogue.place(session, STORE)
    needs = kit_needs.needs(session, workshop=workshop, day=day)
    for item, pieces in needs.to_fetch:
        ledger.transfer(
            session, from_place=store, to_place=workshop, item=item, pieces=pieces, day=day
        )
    levels = replenish.levels(session, place_id=workshop.id)
    for one in needs.kits:
        if one.together < max(1, levels.get(one.kit.code, 0) * WORTH_A_BATCH):
            continue
        if at_tables:
            _make(session, one.kit, one.together, numbers)
        else:
            kits.assemble(
                session,
                kit=one.kit,
                count=one.together,
                from_place=workshop,
                to_place=workshop,
                day=day,
            )


def _make(session: Session, kit: Item, count: int, numbers: Numbers) -> None:
    here = station_now.station(session, name=WORKSHOP, day=days.today())
    assert here is not None
    contents = [article(line.item_id) for line in kits.recipe(session, kit=kit).lines]
    codes = [article(kit.id), *contents, *_ready(count), command("finish")]
    codes += [*(command(f"digit-{digit}") for digit in str(count)), command("finish")]
    began = days.now()
    made = [
        Incoming(numbers.next(), code, began + timedelta(seconds=n)) for n, code in enumerate(codes)
    ]
    counter.record(here, made, meaning_of=meaning, now=made[-1].at)


def _ready(count: int) -> Iterator[str]:
    for size in (10, 5, 1):
        times, count = divmod(count, size)
        yield from (command(f"kits-{size}") for _ in range(times))


def throw_away_expired(session: Session, *, day: date) -> None:
    rows = session.execute(
        select(Place, Item, Lot.code, Balance.pieces)
        .join(Place, Place.id == Balance.place_id)
        .join(Item, Item.id == Balance.item_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .where(Lot.expires < day, Place.kind.in_(OURS), Balance.pieces > 0)
        .order_by(Place.id, Item.id, Lot.code)
    ).all()
    for place, item, lot, pieces in rows:
        desk.lose(
            session, place=place, item=item, pieces=pieces, why=Reason.EXPIRED, lot=lot, day=day
        )
