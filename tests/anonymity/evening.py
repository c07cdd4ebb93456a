"""An evening at two stations, through the services that a real one uses, with its files and the truth about it.

What is handed out is dealt at random among the passages, so that the totals say nothing about who took what: whatever
the attacker then finds out, the files told him.
"""

from __future__ import annotations

import csv
import json
import logging
import random
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import openpyxl
from sqlalchemy import select

from devices.outbox import Entry, Outbox
from inventory import days, ledger, stations
from inventory.backup import backup
from inventory.counter import shifts
from inventory.counter.commands import BY_NAME
from inventory.database import SECRET, open_database, sqlite_url
from inventory.tables import Evening as EveningRow
from inventory.tables import Hold, Item, Lot, Pack, Place, Setting, Shift, Station
from inventory.tally import tally
from inventory.words import (
    HANDED_OUT,
    NO_LOT,
    OPENING,
    UNKNOWN_LOT,
    Family,
    Mode,
    PlaceKind,
    Reason,
)
from labels import gtin
from labels.house import Kind, house_code
from tests.anonymity.attacker import Truth
from web import reads, worker
from web.jobs import at_once

PASSAGES = 60
HOURS = timedelta(hours=3)
ITEMS, NEW_LOTS, UNLISTED = 28, 14, 8
TOTALS = tuple(
    house_code(Kind.COMMAND, BY_NAME[name].number)
    for name in ("returned-bottle-1.5l", "contact-laundry", "contact-shower")
)
KEEPS = {"accepted", "unknown", "ignored"}


@dataclass(frozen=True)
class Article:
    """One way of reading something: its code, and how much there is of it."""

    code: str
    popularity: int


@dataclass
class Sent:
    """A read that was made, and the passage it belongs to."""

    id: UUID
    code: str
    at: datetime
    passage: int
    status: str
    took: tuple[int, int] | None = None
    """Lot and item, if it was handed out and not taken back."""


@dataclass
class Counter:
    """One station of the evening."""

    name: str
    outbox: Outbox
    plan: Iterator[tuple[int, list[str]]]
    at: datetime
    sent: list[Sent] = field(default_factory=list)
    open: bool = True


def gtin_of(number: int) -> str:
    """A listed or unlisted GTIN-14 that never was a real one of this test's lists."""
    payload = f"0541999{number:06d}"
    return payload + str(gtin.check_digit(payload))


class Evening:
    """Two stations in one database; `folder` is what somebody may carry away afterwards."""

    def __init__(self, folder: Path, seed: int = 7, url: str | None = None) -> None:
        self.folder = folder
        self.rng, self._ids = random.Random(seed), random.Random(seed + 1)
        self.db = open_database(url or sqlite_url(folder / "comptoir.db"))
        self.erased: dict[str, bytes] = {}
        self.truths: list[Truth] = []
        self.slow_network = True
        self.names: dict[str, list[Any]] = {}
        self.start = _last_evening()
        self.secret = f"{self.rng.getrandbits(256):064x}"
        with self.db.writing() as session:
            session.get_one(Setting, SECRET).value = self.secret
        self._log = logging.FileHandler(folder / "service.log")
        logging.getLogger().addHandler(self._log)
        logging.getLogger().setLevel(logging.DEBUG)
        with self._lot_numbers():
            self.articles = self._stock()
        self.counters = [self._counter(n, name) for n, name in enumerate(("CLIP", "MEDIBUS"))]

    @contextmanager
    def running(self) -> Iterator[Evening]:
        """Read ids and numbers of lots come from the seed, so that a run can be repeated."""
        with patch("devices.outbox.uuid4", self.new_id), self._lot_numbers():
            yield self
        logging.getLogger().removeHandler(self._log)
        logging.getLogger().setLevel(logging.WARNING)
        self._log.close()
        self.db.close()

    def _lot_numbers(self) -> AbstractContextManager[Any]:
        return patch("inventory.tables.lists.randbelow", self.new_number)

    def new_id(self) -> UUID:
        return UUID(int=self._ids.getrandbits(128), version=4)

    def new_number(self, below: int) -> int:
        return self._ids.randrange(below)

    # Before

    def _stock(self) -> list[Article]:
        """Lists in an order of their own; some lots are only met during the evening, some stock runs out."""
        numbers = self.rng.sample(range(100, 1000), ITEMS)
        articles = []
        with self.db.writing() as session:
            for name, kind in (("CLIP", PlaceKind.COUNTER), ("MEDIBUS", PlaceKind.VEHICLE)):
                place = Place(code=name, name=name, kind=kind, channel=name.lower())
                session.add(place)
                session.flush()
                mode = Mode.HAND_OUT
                stations.add_station(session, name=name, place=name, mode=mode)
            session.add(Place(code="QUAR", name="QUAR", kind=PlaceKind.QUARANTINE))
            for n, number in enumerate(numbers):
                item = Item(
                    code=f"ART-{number}",
                    name_fr=f"Article {number}",
                    name_nl="",
                    name_en="",
                    family=Family.INJECTION,
                    shelf_life_months=36,
                )
                session.add(item)
                session.flush()
                session.add(Pack(item_id=item.id, pieces=1, level="piece", gtin=gtin_of(number)))
                popularity = self.rng.randint(4, 14)
                if n < NEW_LOTS:
                    code = f"]C101{gtin_of(number)}17290630{'10'}NEW{self.rng.randint(1000, 9999)}"
                    articles.append(Article(code, popularity))
                    continue
                lot = Lot(
                    item_id=item.id,
                    code=f"L{self.rng.randint(10_000, 99_999)}",
                    expires=date(2029, 1, 1) + timedelta(days=self.rng.randint(0, 900)),
                )
                session.add(lot)
                session.flush()
                self._open_stock(session, item.id, lot.id, 6 if n % 3 == 0 else 300)
                label = house_code(Kind.LOT, lot.id)
                articles.append(Article(label if n % 2 else f"]C101{gtin_of(number)}", popularity))
        self.unlisted = [gtin_of(500_000 + self.rng.randint(0, 9999)) for _ in range(UNLISTED)]
        articles += [Article(f"]E0{code[1:]}", self.rng.randint(2, 5)) for code in self.unlisted]
        return articles

    def _open_stock(self, session: Any, item_id: int, lot_id: int, pieces: int) -> None:
        for place in session.scalars(select(Place).where(Place.code.in_(("CLIP", "MEDIBUS")))):
            ledger.post(
                session,
                item_id=item_id,
                lot_id=lot_id,
                pieces=pieces,
                from_id=OPENING,
                to_id=place.id,
                reason=Reason.OPENING,
                day=self.start.date(),
            )

    def _counter(self, number: int, name: str) -> Counter:
        outbox = Outbox(self.folder / "stations" / f"{name}.outbox", transient=_is_badge)
        return Counter(name, outbox, self._plan(number), self.start)

    def _plan(self, number: int) -> Iterator[tuple[int, list[str]]]:
        """The codes of each passage in order: what is handed out, and what happens around it."""
        dealt = [a.code for a in self.articles for _ in range(a.popularity)]
        self.rng.shuffle(dealt)
        cuts = sorted(self.rng.sample(range(1, len(dealt)), PASSAGES - 1))
        for passage, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(dealt)], strict=True)):
            codes = [_command(f"lane-{self.rng.choice('ab')}")]
            for code in dealt[a:b]:
                codes += self._around(code)
            if self.rng.random() < 0.2:
                codes.append(_command(f"returned-declared-{self.rng.choice((10, 20, 50, 100))}"))
            if self.rng.random() < 0.1:
                codes.append(house_code(Kind.BADGE, self.rng.randint(1, 999_999)))
            yield number * PASSAGES + passage, [*codes, _command("next-person")]

    def _around(self, code: str) -> list[str]:
        chance = self.rng.random()
        if chance < 0.15:
            return [_command(f"times-{self.rng.choice((2, 3, 5, 10, 20))}"), code]
        if chance < 0.22:
            return [code, code, _command("undo")]
        if chance < 0.27 and not code.startswith("]E0"):
            return [code, _command("times-4"), _command("correct-line"), code]
        if chance < 0.30:
            return [_command("brought-back"), code, code]
        return [code]

    def lengthen(self) -> None:
        """As many people again."""
        for number, counter in enumerate(self.counters, len(self.counters)):
            counter.plan = chain(counter.plan, self._plan(number))

    # During

    def serve(self, passages: int) -> None:
        """So many more people at both stations, turn and turn about."""
        for _ in range(passages):
            for counter in self.counters:
                planned = next(counter.plan, None) if counter.open else None
                if planned:
                    self._serve_one(counter, *planned)

    def _serve_one(self, counter: Counter, passage: int, codes: list[str]) -> None:
        entries = []
        for code in codes:
            counter.at += timedelta(seconds=self.rng.uniform(0.5, 2 * HOURS.seconds / 60 / 12))
            entries.append(counter.outbox.keep(code, counter.at))
        # Now and then a person's reads arrive together.
        size = len(entries) if self.slow_network and passage % 3 else 1
        for at in range(0, len(entries), size):
            self.send(counter, passage, entries[at : at + size])
        counter.outbox.sent([entry.id for entry in entries])

    def send(self, counter: Counter, passage: int, entries: list[Entry]) -> None:
        raw = [{"id": e.id, "code": e.code, "at": e.at.isoformat()} for e in entries]
        done = reads.record(self.db, station=counter.name, raw_reads=raw, language="fr")
        assert done is not None
        for entry, result in zip(entries, done.results, strict=True):
            read = Sent(UUID(entry.id), entry.code, entry.at, passage, result["status"])
            assert read.status in KEEPS, result
            counter.sent.append(read)
            self._to_erase(read)
        self._times_to_erase()

    def _to_erase(self, read: Sent) -> None:
        what = f"read {len(self.erased)}"
        self.erased[f"{what}: id"] = read.id.bytes
        self.erased[f"{what}: id in hex"] = read.id.hex.encode()
        self.erased[f"{what}: id as text"] = str(read.id).encode()
        self.erased[f"code {read.code}"] = read.code.encode()
        self.erased[f"{what}: moment"] = read.at.isoformat(timespec="seconds")[:19].encode()
        self.erased[f"{what}: second"] = str(int(read.at.timestamp())).encode()

    def _times_to_erase(self) -> None:
        with self.db.reading() as session:
            for row in session.scalars(select(EveningRow)):
                times = (row.opened_at_s, row.last_read_at_s)
                together = b"".join(t.to_bytes(4, "big") for t in times)
                self.erased[f"evening {times}"] = together
        for part in ('"lines":[', '"acts":[', '"counters":{', '"last_at_s":'):
            self.erased[f"session {part}"] = part.encode()

    # Closing

    def close(self, counter: Counter, passages: int | None = None, erased: bool = True) -> None:
        self.learn(counter)
        with self.db.writing() as session:
            shifts.close_station(
                session, station=counter.name, secret=self.secret, passages=passages
            )
        assert self.db.forget_erased() is erased
        counter.open = False

    def come_late(self, counter: Counter) -> None:
        """Two people of a closed shift, with all that is only ever a total, arrive afterwards and join it."""
        codes = [self.articles[0].code, *TOTALS, f"]E0{self.unlisted[0][1:]}"]
        for passage in (2 * PASSAGES, 2 * PASSAGES + 1):
            self._serve_one(counter, passage, [*codes, _command("next-person")])
        at_once(self.db, worker.close_idle_shifts, days.now() + timedelta(hours=2))

    def learn(self, counter: Counter) -> None:
        """Write down the truth while the journal still knows it."""
        with self.db.reading() as session:
            shift = session.scalars(
                select(Shift).join(Station).where(Station.name == counter.name)
            ).one()
            took = {
                hold.read_id: (hold.lot_id, hold.item_id)
                for hold in session.scalars(
                    select(Hold)
                    .where(Hold.shift_id == shift.id, Hold.to_id == HANDED_OUT, Hold.pieces > 0)
                    .order_by(Hold.lot_id)
                )
            }
            lots = session.scalars(select(Lot).where(Lot.code.not_in((NO_LOT, UNKNOWN_LOT)))).all()
            # What is handed out beyond the books always comes last: that is no secret of the evening. It counts for
            # the lot that ran out.
            named = {lot.item_id: lot.id for lot in lots}
            self.names = {i.code: ["item", i.id] for i in session.scalars(select(Item))}
            self.names |= {lot.code: ["lot", lot.id] for lot in lots}
            number = shift.id
        for read in counter.sent:
            if read.id.bytes in took:
                item = took[read.id.bytes][1]
                read.took = (named[item], item)
        self.truths.append(self._truth(number, counter.sent))

    def first_reads(self) -> dict[int, int]:
        """Of the shift closed last: when each lot was first handed out."""
        first: dict[int, int] = {}
        for at, (lot, _) in enumerate(self.truths[-1].lots):
            first.setdefault(lot, at)
        return first

    def truth_of_all(self) -> Truth:
        """Both stations together, as the clock saw them."""
        both = [read for counter in self.counters for read in counter.sent]
        return self._truth(0, sorted(both, key=lambda read: read.at))

    def _truth(self, number: int, sent: list[Sent]) -> Truth:
        handed = [(read.took, read.passage) for read in sent if read.took]
        kept = [read for read in sent if not _is_badge(read.code)]
        return Truth(
            shift=number,
            lots=[(took[0], passage) for took, passage in handed],
            items=[(took[1], passage) for took, passage in handed],
            gtins=[("0" + r.code[4:], r.passage) for r in kept if r.status == "unknown"],
            hashes=[(shifts.read_hash(self.secret, r.id.bytes).hex(), r.passage) for r in kept],
            names=self.names,
        )

    def export(self) -> None:
        """The tally, as people take it away."""
        with self.db.reading() as session:
            counted = tally(session)
        header = list(asdict(counted.rows[0]))
        rows = [list(asdict(row).values()) for row in counted.rows]
        with (self.folder / "tally.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        (self.folder / "tally.json").write_text(json.dumps(asdict(counted), default=str))
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in [header, *rows]:
            book.active.append(row)
        book.save(self.folder / "tally.xlsx")

    def backup(self, name: str) -> None:
        backup(self.db, self.folder / name)

    def carry_away(self, to: Path) -> Path:
        """All files as they are at this moment, while the service runs."""
        shutil.copytree(self.folder, to)
        return to


def whole_evening(folder: Path, seed: int = 7) -> Evening:
    """Two stations from opening to closing, with a backup in mid-shift and one afterwards."""
    evening = Evening(folder, seed)
    with evening.running():
        evening.serve(PASSAGES // 2)
        evening.backup("midshift.backup")
        evening.serve(PASSAGES)
        first, second = evening.counters
        evening.close(first, passages=PASSAGES + 1)
        evening.close(second)
        evening.truths.append(evening.truth_of_all())
        evening.export()
        evening.backup("closed.backup")
        evening.carry_away(folder.with_name(folder.name + "-taken"))
    return evening


def _is_badge(code: str) -> bool:
    return len(code) == 10 and code.startswith(f"{Kind.BADGE:d}")


def _command(name: str) -> str:
    return house_code(Kind.COMMAND, BY_NAME[name].number)


def _last_evening() -> datetime:
    """Yesterday at 19:00 in Brussels: reads from the future are taken for now."""
    day = days.today() - timedelta(days=1)
    return datetime(day.year, day.month, day.day, 19, tzinfo=days.ZONE)
