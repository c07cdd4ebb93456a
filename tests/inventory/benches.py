"""Tables of the workshop, for the tests of what is made there: through the very functions the API calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, ledger, taking_apart
from inventory.database import Database
from inventory.stations import add_station
from inventory.tables import (
    Assembly,
    Balance,
    Batch,
    BatchLot,
    Bench,
    Item,
    Lot,
    Move,
    Place,
    Recipe,
    Station,
)
from inventory.verify import verify
from inventory.words import ASSEMBLY, Mode, Reason
from labels.house import Kind, house_code
from web import reads, workshop

from . import house
from .house import command

TODAY = days.today()
LASTS = {
    "soon": TODAY + timedelta(days=40),
    "later": TODAY + timedelta(days=400),
    "last": TODAY + timedelta(days=4000),
    "today": TODAY,
    "gone": TODAY - timedelta(days=1),
}
"""Lots, and when they expire."""

PARTS = ("SER", "AIG", "CUP")
RECIPE = house.RECIPES[2]
TABLES = ("TABLE-1", "TABLE-2", "TABLE-3")


def gs1(item: str, lot: str, expires: date | None = None) -> str:
    """The code of a box with its lot."""
    expires = expires or LASTS[lot]
    return f"]d201{house.GTINS[item][0]}17{expires:%y%m%d}10{lot}"


def set_up(database: Database, *, printer: str = "") -> None:
    with database.writing() as session:
        for name in TABLES:
            add_station(session, name=name, place="SHOP", mode=Mode.ASSEMBLE)
            station = catalogue.station(session, name)
            station.printer = printer


def stock(session: Session, item: str, lot: str, pieces: int, place: str = "SHOP") -> None:
    dated = item in house.DATED
    ledger.transfer(
        session,
        from_place=catalogue.place(session, "donation"),
        to_place=catalogue.place(session, place),
        item=catalogue.item(session, item),
        pieces=pieces,
        lot=lot if dated else None,
        expires=LASTS[lot] if dated else None,
        day=TODAY,
    )


def plenty(session: Session) -> None:
    for item in PARTS:
        stock(session, item, "soon", 1000)


@dataclass
class Table:
    """A station where kits are made."""

    database: Database
    name: str = TABLES[0]

    def send(
        self, codes: Sequence[str], ids: Sequence[UUID] = (), at: datetime | None = None
    ) -> reads.Recorded:
        moment = at or days.now()
        raw = [
            house.raw_read(code, moment, ids[n] if ids else uuid4()) for n, code in enumerate(codes)
        ]
        done = reads.record(self.database, station=self.name, raw_reads=raw, language="en")
        assert done is not None
        return done

    def say(self, *codes: str) -> list[str]:
        """Reads, and the names of the sentences that are told; the status of a read that is not the workshop's."""
        results = self.send(codes).results
        return [one["workshop"]["tell"] if "workshop" in one else one["status"] for one in results]

    def press(self, *names: str) -> list[str]:
        return self.say(*map(command, names))

    def touch(self, *items: str) -> list[str]:
        return self.say(*(house.picture(self.database, item) for item in items))

    def begin(self) -> None:
        assert self.touch("KIT", *PARTS)[-1] in ("all-confirmed", "already-confirmed")

    def finish(self, count: int) -> str:
        """The recount, typed."""
        self.press("finish")
        self.say(*house.number(count))
        return self.press("finish")[0]

    def count(self, count: int) -> None:
        """The whole of it, from the choice of the kit, and twice where it is asked for twice."""
        self.begin()
        if self.finish(count) == "count-again":
            self.say(*house.number(count))
            assert self.press("finish")[0].startswith("finished")

    @property
    def shows(self) -> dict[str, Any]:
        found = workshop.current(self.database, station=self.name)
        assert found is not None
        return found


def kit_label(shows: dict[str, Any]) -> str:
    label = shows["label"]
    assert isinstance(label, str)
    return label


def lot_label(database: Database, item: str, lot: str) -> str:
    with database.reading() as session:
        item_id = catalogue.item(session, item).id
        known = catalogue.known_lot(session, item_id=item_id, code=lot)
        assert known is not None
        return house_code(Kind.LOT, known.id)


def left_open(session: Session) -> int:
    """Rows of open batches: none may be left once all are finished."""
    return sum(len(session.scalars(select(table)).all()) for table in (Batch, BatchLot, Bench))


def assert_booked(session: Session, kits: Sequence[int]) -> None:
    """These kits were booked, each batch out of its recipe times its kits; and the books are sound."""
    house.assert_sound(session)
    report = verify(session)
    assert report.ok, report.faults
    assemblies = session.scalars(select(Assembly).order_by(Assembly.id)).all()
    assert [one.kits for one in assemblies] == list(kits)
    for one in assemblies:
        moves = session.scalars(select(Move).where(Move.assembly_id == one.id)).all()
        into: dict[int, int] = {}
        made = [move for move in moves if move.reason in (Reason.ASSEMBLY, Reason.SHORTFALL)]
        for move in made:
            assert (move.recorded_at, move.day, move.booking_id) == (None, one.day, None)
            if move.to_id == ASSEMBLY:
                into[move.item_id] = into.get(move.item_id, 0) + move.pieces
        recipe = session.get_one(Recipe, one.recipe_id)
        assert into == {line.item_id: line.pieces * one.kits for line in recipe.lines}
        assert sum(move.pieces for move in made if move.from_id == ASSEMBLY) == one.kits


def balances(session: Session) -> dict[tuple[str, str, str], int]:
    """By place, item and lot, `unaccounted` among the places."""
    rows = session.execute(
        select(Place.code, Item.code, Lot.code, Balance.pieces)
        .join(Place, Place.id == Balance.place_id)
        .join(Item, Item.id == Balance.item_id)
        .join(Lot, Lot.id == Balance.lot_id)
    )
    return {(place, item, lot): pieces for place, item, lot, pieces in rows}


def take_apart(session: Session, lot_id: int, kits: int) -> taking_apart.TakenApart:
    place = catalogue.place(session, "SHOP")
    return taking_apart.take_apart(session, lot_id=lot_id, count=kits, place=place, day=TODAY)


def station(session: Session, name: str = TABLES[0]) -> Station:
    return catalogue.station(session, name)
