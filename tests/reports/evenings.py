"""A small organisation whose evenings are recorded through the services, with reads made of plain words.

"KIT-INJ" is a kit, "SER1/S1A2511" a piece of that lot, "next-person" a command, "gtin 0305…" a code no list has.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, ledger
from inventory.counter import reads, shifts, station_now
from inventory.counter.commands import BY_NAME
from inventory.counter.meaning import of_gtin
from inventory.counter.values import Meaning, PlaceCode, Product
from inventory.database import SECRET, Database, open_database
from inventory.lists import ListKind, import_lists
from inventory.stations import add_station
from inventory.tables import Setting, Shift
from inventory.words import Mode
from labels.gtin import normalise

EXAMPLE = Path(__file__).parents[2] / "web" / "example"
LISTS = {
    ListKind.ARTICLES: "articles.csv",
    ListKind.CODES: "codes.csv",
    ListKind.PLACES: "lieux.csv",
    ListKind.RECIPES: "compositions.csv",
    ListKind.RECEIPTS: "livraison-2026-09-14.csv",
}

SATURDAY = date(2026, 11, 21)
A_WEEK_BEFORE = SATURDAY - timedelta(days=7)


@dataclass
class Organisation:
    """Everything a test does to it is one transaction."""

    db: Database

    @classmethod
    def opened(cls, url: str) -> Organisation:
        here = cls(open_database(url))
        with here.db.writing() as session:
            for kind, name in LISTS.items():
                import_lists(
                    session,
                    kind=kind,
                    files=[EXAMPLE / name],
                    normalise_gtin=normalise,
                    today=SATURDAY,
                )
            for name in ("CLIP", "MEDIBUS"):
                add_station(session, name=name, place=name, mode=Mode.HAND_OUT)
        return here

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.db.writing() as session:
            yield session

    def transfer(
        self, item: str, pieces: int, *, to: str, source: str = "RESERVE", day: date = SATURDAY
    ) -> None:
        with self.session() as session:
            ledger.transfer(
                session,
                from_place=catalogue.place(session, source),
                to_place=catalogue.place(session, to),
                item=catalogue.item(session, item),
                pieces=pieces,
                day=day,
            )

    def assemble(self, kit: str, count: int, *, to: str, day: date = SATURDAY) -> str:
        """Kits made in the store; their lot."""
        with self.session() as session:
            made = kits.assemble(
                session,
                kit=catalogue.item(session, kit),
                count=count,
                from_place=catalogue.place(session, "RESERVE"),
                to_place=catalogue.place(session, to),
                day=day,
            )
            return made.lot

    def read(
        self, *codes: str, station: str = "CLIP", day: date = SATURDAY, hour: int = 20
    ) -> None:
        """Reads a second apart, each in a transaction of its own."""
        for n, code in enumerate(codes):
            at = datetime.combine(day, time(hour, 0, n % 60), days.ZONE)
            with self.session() as session:
                here = station_now.station(session, name=station, day=day)
                assert here is not None
                read = reads.Incoming(uuid4(), code, at)
                (answer,) = reads.record(here, [read], meaning_of=meaning_of, now=at)
                assert answer.feedback.status in ("accepted", "unknown"), answer

    def close(self, station: str = "CLIP", passages: int | None = None) -> list[shifts.Closed]:
        """At a moment before all reads, whose clock begins anew each time: what follows is another opening."""
        dawn = datetime.combine(A_WEEK_BEFORE, time(6), days.ZONE)
        with patch("inventory.days.now", lambda: dawn), self.session() as session:
            secret = session.get_one(Setting, SECRET).value
            return shifts.close_station(session, station=station, secret=secret, passages=passages)

    def shift_id(self) -> int:
        with self.session() as session:
            return session.scalars(select(Shift.id).order_by(Shift.id.desc())).first() or 0

    def tamper(self, sql: str) -> None:
        """Change the database behind the product's back, its own guards switched off."""
        with closing(sqlite3.connect(str(self.db.url.database))) as connection, connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            assert connection.execute(sql).rowcount > 0, "nothing was tampered with"


def meaning_of(session: Session, read: reads.Incoming) -> Meaning | None:
    code = read.code
    if code in BY_NAME:
        return BY_NAME[code].meaning
    kind, _, rest = code.partition(" ")
    if kind == "gtin":
        return of_gtin(session, rest)
    if kind == "place":
        place = catalogue.place(session, rest)
        return PlaceCode(place.code, place.channel)
    item, _, lot = code.partition("/")
    dated = catalogue.item(session, item).dated
    return Product(item, lot=lot or None, dated=dated)
