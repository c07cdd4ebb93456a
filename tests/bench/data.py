"""A service's database with as many moves as wanted, made in seconds and in balance with itself."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from inventory import catalogue, ledger, stations
from inventory.database import Database, open_database, sqlite_url
from inventory.tables import Item, Lot, Move, Place, Shift
from inventory.words import DONATION, HANDED_OUT, Mode, Reason
from labels.house import Kind, house_code
from web.example import load_example

LOTS = 40
"""Lots of each item over the years."""

LOTS_THERE = 3
"""Of which so many lie at the counter."""

CHUNK = 20_000
FIRST_DAY = date(2021, 1, 4)


def make(folder: Path, moves: int) -> Database:
    """A database with the example lists, a counter with stock, and `moves` moves of former evenings."""
    folder.mkdir(parents=True, exist_ok=True)
    database = open_database(sqlite_url(folder / "comptoir.db"))
    load_example(database)
    with database.writing() as session:
        counter = catalogue.place(session, "CLIP")
        items = session.scalars(select(Item).order_by(Item.id)).all()
        session.execute(
            insert(Lot),
            [
                {
                    "item_id": item.id,
                    "code": f"B{n:03d}",
                    "expires": date(2027 + n % 4, 1 + n % 12, 28),
                }
                for item in items
                for n in range(LOTS)
            ],
        )
        lots = list(
            session.execute(
                select(Lot.item_id, Lot.id)
                .where(Lot.code.like("B%"))
                .order_by(Lot.item_id, Lot.code)
            )
        )
        there = session.scalar(select(func.count()).select_from(Move)) or 0
        _former_evenings(session, counter, [(a, b) for a, b in lots], moves - there)
        for item_id, lot_id in (lot for n, lot in enumerate(lots) if n % LOTS < LOTS_THERE):
            ledger.post(
                session,
                item_id=item_id,
                lot_id=lot_id,
                pieces=10_000_000,
                from_id=DONATION,
                to_id=counter.id,
                reason=Reason.DONATION,
                day=FIRST_DAY,
            )
    return database


def _former_evenings(
    session: Session, counter: Place, lots: list[tuple[int, int]], moves: int
) -> None:
    """Pairs of moves: pieces came by donation, and were handed out on some evening since."""
    day, rows, shift_id = FIRST_DAY, [], 0
    for n in range(max(0, moves) // 2):
        if n % 40 == 0:
            day = FIRST_DAY + timedelta(days=(n // 40) % 2000)
            shift = Shift(place_id=counter.id, site_id=counter.id, channel=counter.channel, day=day)
            session.add(shift)
            session.flush()
            shift_id = shift.id
        item_id, lot_id = lots[(n * 7) % len(lots)]
        one = {"item_id": item_id, "lot_id": lot_id, "pieces": 1 + n % 9, "day": day}
        rows.append(
            {
                **one,
                "from_id": DONATION,
                "to_id": counter.id,
                "reason": Reason.DONATION,
                "shift_id": None,
                "channel": None,
                "site_id": None,
            }
        )
        rows.append(
            {
                **one,
                "from_id": counter.id,
                "to_id": HANDED_OUT,
                "reason": Reason.HAND_OUT,
                "shift_id": shift_id,
                "channel": counter.channel,
                "site_id": counter.id,
            }
        )
        if len(rows) >= CHUNK:
            session.execute(insert(Move), rows)
            rows.clear()
    if rows:
        session.execute(insert(Move), rows)


def station_and_codes(database: Database) -> tuple[str, list[str]]:
    """A token for the station CLIP, and six codes as they come in an evening."""
    with database.writing() as session:
        token = stations.new_token(session, station="CLIP")
        assert catalogue.station(session, "CLIP").mode == Mode.HAND_OUT
        kit = catalogue.item(session, "KIT-INJ").id
        smoke = catalogue.item(session, "KIT-CRACK").id
        lot = session.scalars(
            select(Lot.id).where(Lot.item_id == kit).order_by(Lot.code.desc())
        ).first()
    assert lot is not None
    return token, [
        house_code(Kind.LOT, lot),
        house_code(Kind.ITEM, smoke),
        "5410036306703",
        "]C1010038290305760317270228102203009",
        house_code(Kind.ITEM, kit),
        "5019144107587",
    ]
