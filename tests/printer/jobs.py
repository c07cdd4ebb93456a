"""What the product sends to a printer: the tally of an evening, and the labels of kits; the same bytes on any day."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, ledger, printing, replenish, stations
from inventory.counter import sheets
from inventory.counter.commands import BY_NAME
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database, open_database, sqlite_url
from inventory.tables import Balance, Item, PrintJob, Setting, Station
from inventory.words import Mode
from labels.house import Kind, house_code
from labels.receipt import Paper, receipt_text
from web import reads
from web.example import load_example
from web.print_jobs import job_bytes
from web.shift_receipt import job_receipt

OPENS = datetime(2026, 11, 21, 19, 2, tzinfo=days.ZONE)
PRINTED = datetime(2026, 11, 21, 22, 35, tzinfo=days.ZONE)
ADDRESS = "https://comptoir.example.org"
STATIONS = {printing.TALLY: "CLIP", printing.KIT_LABELS: "TAD"}
"""Which station prints what."""
COPIES = 2
"""Of a kit's label."""

VISITS = (
    ("KIT-INJ", "SER1"),
    ("returned-declared-20", "KIT-INJ", "KIT-INJ", "EAU5"),
    ("KIT-CRACK", "PRES"),
    ("contact-shower", "KIT-HYG"),
    ("returned-container-3l", "times-10", "SER1", "times-10", "EAU5", "BAC05"),
    ("KIT-CRACK", "KIT-CRACK", "EMB"),
    ("KIT-SNIFF", "SERUM", "DEPL-NL"),
)
"""What one person after the other is handed and brings back."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A job as it leaves, and what is to be read on the paper."""

    data: bytes
    lines: list[str]
    codes: list[tuple[str, str]]
    """Symbology and text, sorted; those of each piece of paper."""
    papers: int


@contextmanager
def evening() -> Iterator[Database]:
    """The example organisation after a Saturday at the counter; the Saturday before was noted on paper. What the
    stations have to print waits in their queues."""
    numbers = random.Random(4)
    with (
        tempfile.TemporaryDirectory() as folder,
        patch("inventory.tables.lists.randbelow", numbers.randrange),
        patch.object(days, "now", lambda: PRINTED),
        closing(open_database(sqlite_url(Path(folder) / "comptoir.db"))) as database,
    ):
        load_example(database)
        for station in STATIONS.values():
            _set_up(database, station, Paper.WIDE, "fr")
        _supplies(database)
        _week_before(database)
        for number in range(61):
            begun = OPENS + number * timedelta(minutes=3, seconds=28)
            _read(database, begun, *VISITS[number % len(VISITS)], "next-person")
        _read(database, PRINTED - timedelta(minutes=1), "close-shift")
        _make_kits(database)
        yield database


def _supplies(database: Database) -> None:
    """A part of what each article has in the store stands at the counter, and kits: of some less than is wanted."""
    with database.writing() as session:
        store, clip = catalogue.place(session, "RESERVE"), catalogue.place(session, "CLIP")
        lying = select(Item, Balance.pieces).join(Balance, Balance.item_id == Item.id)
        for item, pieces in session.execute(lying.where(Balance.place_id == store.id)).all():
            eighth = max(1, pieces // 8)
            ledger.transfer(
                session, from_place=store, to_place=clip, item=item, pieces=eighth, day=days.today()
            )
        for code, count in (
            ("KIT-INJ", 120),
            ("KIT-CRACK", 55),
            ("KIT-SNIFF", 40),
            ("KIT-HYG", 30),
        ):
            _made(session, code, count, to="CLIP")
        replenish.set_levels(session, place=clip, levels={"SER1": 1_500, "EAU5": 1_200})


def _made(session: Session, code: str, count: int, *, to: str) -> int:
    """The number of a new lot of kits."""
    made = kits.assemble(
        session,
        kit=catalogue.item(session, code),
        count=count,
        from_place=catalogue.place(session, "RESERVE"),
        to_place=catalogue.place(session, to),
        day=days.today(),
    )
    return made.lot_id


def _week_before(database: Database) -> None:
    with database.writing() as session:
        sheet = Sheet(
            id=UUID(int=0, version=4),
            place="CLIP",
            day=days.today() - timedelta(days=7),
            passages=54,
            items={"KIT-INJ": 23, "KIT-CRACK": 31, "SER1": 96, "EAU5": 104, "PRES": 12},
            returns={"container-3l": 1_000, "declared": 150_000},
            contacts={"shower": 6},
        )
        secret = session.get_one(Setting, SECRET).value
        sheets.record_sheet(session, sheet=sheet, secret=secret, now=PRINTED)


def _read(database: Database, moment: datetime, *words: str) -> None:
    raw = [
        {
            "id": str(uuid4()),
            "code": _code(database, word),
            "at": (moment + n * timedelta(seconds=5)).isoformat(),
        }
        for n, word in enumerate(words)
    ]
    with patch.object(days, "now", lambda: moment + timedelta(minutes=1)):
        done = reads.record(database, station="CLIP", raw_reads=raw, language="fr")
    assert done is not None
    assert {one["status"] for one in done.results} == {"accepted"}, done.results


def _code(database: Database, word: str) -> str:
    if word in BY_NAME:
        return house_code(Kind.COMMAND, BY_NAME[word].number)
    with database.reading() as session:
        number = session.scalars(select(Item.id).where(Item.code == word)).one()
    return house_code(Kind.ITEM, number)


def _set_up(database: Database, name: str, paper: Paper, language: str) -> None:
    with database.writing() as session:
        mode = Mode.HAND_OUT if name == STATIONS[printing.TALLY] else Mode.ASSEMBLE
        stations.add_station(
            session,
            name=name,
            place=name,
            mode=mode,
            printer="tcp://127.0.0.1:9100",
            paper_mm=paper,
            language=language,
        )


def _make_kits(database: Database) -> None:
    with database.writing() as session:
        lot_id = _made(session, "KIT-INJ", COPIES, to="TAD")
        bench = session.scalars(select(Station.id).where(Station.name == "TAD")).one()
        printing.kit_labels(session, station_id=bench, lot_id=lot_id, copies=COPIES)


def sent(database: Database, what: str, paper: Paper, language: str) -> Sent:
    """The job as its station prints it on such paper, in such a language."""
    _set_up(database, STATIONS[what], paper, language)
    with database.reading() as session:
        job = session.scalars(select(PrintJob).where(PrintJob.what == what)).one()
        data = job_bytes(session, job, now=PRINTED, address=ADDRESS)
        if job.lot_id is not None:
            digits = house_code(Kind.LOT, job.lot_id)
            return Sent(data, [], [("Code128", digits), ("QRCode", digits)], job.copies)
        receipt = job_receipt(session, job, now=PRINTED, address=ADDRESS)
        code = f"{ADDRESS}/tally?shift={job.shift_id}"
        lines = receipt_text(receipt, paper.columns).splitlines()
        return Sent(data, lines, [("QRCode", code)], 1)
