"""A small organisation with its stations, and what a proof needs to see of its database."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from inventory import catalogue, days, ledger
from inventory.counter.commands import BY_NAME
from inventory.database import Database, open_database, sqlite_url
from inventory.stations import add_station
from inventory.tables import (
    Balance,
    Base,
    Item,
    Pack,
    Place,
    Receipt,
    ReceiptLine,
    Recipe,
    RecipeLine,
)
from inventory.words import LAST_FIXED_PLACE, SUPPLIER, UNACCOUNTED, Mode, PlaceKind, Reason
from labels.house import Kind, house_code
from web import reads

TODAY = days.today() - timedelta(days=1 + (days.today().weekday() + 1) % 7)
"""The last Saturday: of what happens here some is told at that moment, and some at the one that clocks show."""
NOW = datetime.combine(TODAY, time(21), days.ZONE)
YESTERDAY = TODAY - timedelta(days=1)

DATED = ("SER", "AIG", "KIT")
ITEMS = (*DATED, "CUP")
GTINS = {"SER": ("05410036306703", 10), "AIG": ("30382903057604", 100)}
LOTS = {"a": date(2036, 2, 28), "b": date(2038, 6, 30), "c": date(2041, 1, 31)}
"""Lots of any item, and when they expire."""

NOWHERE_LISTED = ("03059948002413", "05411183171749")
PLACES = {
    "STORE": (PlaceKind.STORE, ""),
    "SHOP": (PlaceKind.WORKSHOP, ""),
    "CLIP": (PlaceKind.COUNTER, "counter"),
    "VAN": (PlaceKind.VEHICLE, "rounds"),
    "MIDI": (PlaceKind.HOTSPOT, "station-midi"),
    "QUAR": (PlaceKind.QUARANTINE, ""),
}
REAL = ("STORE", "SHOP", "CLIP", "VAN", "QUAR")
STATIONS = {
    "CLIP-1": ("CLIP", Mode.HAND_OUT),
    "CLIP-2": ("CLIP", Mode.HAND_OUT),
    "VAN": ("VAN", Mode.HAND_OUT),
    "STORE": ("STORE", Mode.RECEIVE),
}
RECIPES = {1: {"SER": 2, "CUP": 1}, 2: {"SER": 1, "AIG": 1, "CUP": 2}}


def fast_folder() -> Path:
    """A new folder, in memory where the system has such a place: the disk is not what is being proved."""
    memory = Path("/dev/shm")
    parent = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="comptoir-", dir=parent))


def write_lists(database: Database) -> None:
    with database.writing() as session:
        for code, (kind, channel) in PLACES.items():
            session.add(Place(code=code, name=code, kind=kind, channel=channel))
        for code in ITEMS:
            months = 60 if code in DATED else None
            names = {f"name_{language}": code for language in ("fr", "nl", "en")}
            family = "kit" if code == "KIT" else "injection"
            session.add(Item(code=code, family=family, shelf_life_months=months, **names))
        session.flush()
        for code, (gtin, pieces) in GTINS.items():
            item_id = catalogue.item(session, code).id
            session.add(Pack(item_id=item_id, pieces=pieces, level="box", gtin=gtin))
        session.add(Pack(item_id=catalogue.item(session, "CUP").id, pieces=50, level="box"))
        for version, contents in RECIPES.items():
            recipe = Recipe(item_id=catalogue.item(session, "KIT").id, version=version)
            session.add(recipe)
            session.flush()
            for code, pieces in contents.items():
                item_id = catalogue.item(session, code).id
                session.add(RecipeLine(recipe_id=recipe.id, item_id=item_id, pieces=pieces))
        for name, (place, mode) in STATIONS.items():
            add_station(session, name=name, place=place, mode=mode)


Fresh = Callable[[], AbstractContextManager[Database]]
"""Gives a database of its own, with the lists in it."""


class Template:
    """A database file built by the migrations, with the lists in it; copying it takes no time."""

    def __init__(self) -> None:
        self.folder = fast_folder()
        self.file = self.folder / "template.db"
        database = open_database(sqlite_url(self.file))
        write_lists(database)
        assert database.forget_erased()
        database.close()
        self._numbers = itertools.count()

    @contextmanager
    def copy(self) -> Iterator[Database]:
        file = self.folder / f"{next(self._numbers)}.db"
        shutil.copy(self.file, file)
        database = Database(sqlite_url(file))
        try:
            yield database
        finally:
            database.close()
            for left in self.folder.glob(f"{file.name}*"):
                left.unlink()

    def remove(self) -> None:
        shutil.rmtree(self.folder)


# Codes as a scanner gives them


def command(name: str) -> str:
    return house_code(Kind.COMMAND, BY_NAME[name].number)


def number(pieces: int) -> list[str]:
    """A number as it is typed: digit by digit."""
    return [command(f"digit-{digit}") for digit in str(pieces)]


def picture(database: Database, item: str, kind: Kind = Kind.ITEM) -> str:
    with database.reading() as session:
        return house_code(kind, catalogue.item(session, item).id)


def unticked(database: Database, item: str) -> str:
    """What a part sends that is touched again."""
    return picture(database, item, Kind.UNCHECK)


def details(lot: str, count: int | None = None) -> str:
    """The second code of a box, which names no product."""
    count_field = "" if count is None else f"\x1d30{count}"
    return f"]C117{LOTS[lot]:%y%m%d}10{lot}{count_field}"


def element_string(gtin: str, lot: str) -> str:
    return f"]d201{gtin}17{LOTS[lot]:%y%m%d}10{lot}"


Raw = dict[str, str]


def raw_read(code: str, at: datetime = NOW, read_id: UUID | None = None) -> Raw:
    return {"id": str(read_id or uuid4()), "code": code, "at": at.isoformat()}


def send(database: Database, station: str, batch: Sequence[Raw]) -> list[dict[str, Any]]:
    """Through the very function the API calls."""
    done = reads.record(database, station=station, raw_reads=batch, language="en")
    assert done is not None
    return done.results


# What stands in the database


def donate(session: Session, item: str, lot: str, pieces: int, place: str) -> None:
    dated = item in DATED
    ledger.transfer(
        session,
        from_place=catalogue.place(session, "donation"),
        to_place=catalogue.place(session, place),
        item=catalogue.item(session, item),
        pieces=pieces,
        lot=lot if dated else None,
        expires=LOTS[lot] if dated else None,
        day=TODAY,
    )


def deliver(session: Session, note: str, item: str, lot: str, pieces: int, place: str) -> None:
    """A delivery note of one line, as importing one books it."""
    to = catalogue.place(session, place)
    item_id = catalogue.item(session, item).id
    made = catalogue.lot(session, item_id=item_id, code=lot, expires=LOTS[lot])
    receipt = Receipt(supplier="Modus", note=note, day=TODAY, place_id=to.id)
    session.add(receipt)
    session.flush()
    session.add(ReceiptLine(receipt_id=receipt.id, item_id=item_id, lot_id=made.id, pieces=pieces))
    ledger.post(
        session,
        item_id=item_id,
        lot_id=made.id,
        pieces=pieces,
        from_id=SUPPLIER,
        to_id=to.id,
        reason=Reason.RECEIPT,
        day=TODAY,
        receipt_id=receipt.id,
    )


def dump(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    return {
        table.name: sorted(map(tuple, session.execute(table.select())), key=repr)
        for table in Base.metadata.sorted_tables
    }


Books = dict[tuple[int, int, int], int]
"""Pieces by place, item and lot."""


def balances(session: Session) -> Books:
    rows = session.execute(text("SELECT place_id, item_id, lot_id, pieces FROM balance"))
    return {(place, item, lot): pieces for place, item, lot, pieces in rows}


_COME_AND_GONE = " UNION ALL ".join(
    f"SELECT {end} AS place_id, item_id, lot_id, {sign} AS pieces FROM {table}"
    for table in ("move", "hold")
    for end, sign in (("to_id", "pieces"), ("from_id", "-pieces"))
)
_FROM_MOVES_AND_HOLDS = text(
    f"""
    SELECT place_id, item_id, lot_id, sum(pieces) FROM ({_COME_AND_GONE}) AS flow
    WHERE place_id = {UNACCOUNTED} OR place_id > {LAST_FIXED_PLACE}
    GROUP BY place_id, item_id, lot_id HAVING sum(pieces) <> 0
    """
)


def from_moves_and_holds(session: Session) -> Books:
    """What the balances must be, counted from the moves and the open journals alone."""
    rows = session.execute(_FROM_MOVES_AND_HOLDS)
    return {(place, item, lot): int(pieces) for place, item, lot, pieces in rows}


def pieces_by_item(session: Session) -> dict[str, int]:
    """Real places and `unaccounted` together: what the service has and owes itself."""
    rows = session.execute(
        select(Item.code, func.sum(Balance.pieces))
        .join(Item, Item.id == Balance.item_id)
        .group_by(Item.code)
    )
    return {code: int(pieces) for code, pieces in rows if pieces}


def stock_by_place(session: Session) -> dict[tuple[str, str], int]:
    """Pieces by place and item, `unaccounted` included."""
    rows = session.execute(
        select(Place.code, Item.code, func.sum(Balance.pieces))
        .join(Place, Place.id == Balance.place_id)
        .join(Item, Item.id == Balance.item_id)
        .group_by(Place.code, Item.code)
    )
    return {(place, item): int(pieces) for place, item, pieces in rows if pieces}


def stock(database: Database) -> dict[tuple[str, str], int]:
    """What lies where, of books that are sound."""
    with database.reading() as session:
        assert_sound(session)
        return stock_by_place(session)


def assert_sound(session: Session) -> None:
    """Balances are moves plus holds, and nothing real lies below zero."""
    there = balances(session)
    assert there == from_moves_and_holds(session)
    below = {key: n for key, n in there.items() if n < 0 and key[0] != UNACCOUNTED}
    assert not below
