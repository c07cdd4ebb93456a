"""Labels asked for at a workshop's table come out of its printer, and scan as the lot they are of."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from devices.errors import ServeAway
from devices.printer import Patience
from devices.service import Service
from inventory import catalogue, days, kits, ledger, on_hold, stations
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.tables import Batch, PrintJob
from inventory.words import Mode
from labels.errors import TooLong
from labels.house import Kind, house_code
from tests.devices.escpos_printer import paper_printer
from tests.labels.escpos_decoder import decode
from web import print_api, print_jobs, reads
from web.printing import Printing

from .conftest import csrf_of, serving

QUICK = Patience(answer_s=2, through_s=5)


def table(database: Database, url: str, paper_mm: int) -> str:
    """TAD has a printer and what goes into three hygiene kits: the token of its station."""
    with database.writing() as session:
        stations.add_station(
            session,
            name="TAD",
            place="TAD",
            mode=Mode.ASSEMBLE,
            printer=url,
            paper_mm=paper_mm,
            language="fr",
        )
        kit = catalogue.item(session, "KIT-HYG")
        store, workshop = catalogue.place(session, "RESERVE"), catalogue.place(session, "TAD")
        for line in kits.recipe(session, kit=kit).lines:
            ledger.transfer(
                session,
                from_place=store,
                to_place=workshop,
                item=line.item,
                pieces=3 * line.pieces,
                day=days.today(),
            )
        return stations.new_token(session, station="TAD")


def read(database: Database, *codes: str) -> None:
    now = datetime.now(UTC).isoformat()
    raw = [{"id": str(uuid4()), "code": code, "at": now} for code in codes]
    done = reads.record(database, station="TAD", raw_reads=raw, language="fr")
    assert done is not None
    assert {one["status"] for one in done.results} == {"accepted"}, done.results


def touches(database: Database) -> list[str]:
    """The picture of the kit, then those of what goes into it."""
    with database.reading() as session:
        kit = catalogue.item(session, "KIT-HYG")
        lines = kits.recipe(session, kit=kit).lines
        return [house_code(Kind.ITEM, number) for number in (kit.id, *(x.item_id for x in lines))]


@pytest.mark.parametrize("paper_mm", [80, 58])
def test_labels_come_out_and_scan_as_their_lot(
    flask_app: Flask, database: Database, paper_mm: int
) -> None:
    with paper_printer() as paper, serving(flask_app) as address:
        token = table(database, paper.url, paper_mm)
        labels = house_code(Kind.COMMAND, BY_NAME["labels-10"].number)
        read(database, *touches(database), labels)
        printing = Printing(Service(address, "TAD", token), lambda _: None, patience=QUICK)
        assert printing.step()
        with database.reading() as session:
            lot = session.scalars(select(Batch)).one().lot_id
        assert lot is not None
        for _ in range(10):
            (picture,) = decode(paper.cuts.get(timeout=5)).images
            wide, high, dots = picture
            image = Image.frombytes("1", (wide, high), dots).point(lambda dot: 0 if dot else 255)
            found = zxingcpp.read_barcodes(image.convert("L"))
            assert [one.text for one in found] == 2 * [house_code(Kind.LOT, lot)]
        assert paper.cuts.empty()


def states(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(job.what, job.state) for job in session.scalars(select(PrintJob))]


def cannot(*_: object, **__: object) -> bytes:
    raise TooLong(99, 9)


def test_labels_that_cannot_be_made_stop_nothing(
    flask_app: Flask,
    camille: FlaskClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are taken once; the page of paper says why, and prints them where it has been mended."""
    with paper_printer() as paper, serving(flask_app) as address:
        token = table(database, paper.url, 80)
        labels = house_code(Kind.COMMAND, BY_NAME["labels-1"].number)
        read(database, *touches(database), labels)
        page = camille.get("/prints").text
        assert "Étiquettes, lot K" in page and "Décompte du" not in page
        printing = Printing(Service(address, "TAD", token), lambda _: None, patience=QUICK)
        with monkeypatch.context() as patched:
            patched.setattr(print_jobs, "_kit_labels", cannot)
            assert printing.step()
        assert states(database) == [("kit-labels", "failed")]
        assert not printing.step()
        page = camille.get("/prints").text
        assert "Impossible sur ce papier" in page
        with database.reading() as session:
            number = session.scalars(select(PrintJob.id)).one()
        camille.post(f"/prints/{number}", data={"act": "again", "csrf": csrf_of(camille)})
        assert states(database) == [("kit-labels", "queued")]
        assert printing.step()
        assert len(decode(paper.cuts.get(timeout=5)).images) == 1
        assert states(database) == []


def test_labels_of_a_lot_put_on_hold_meanwhile_do_not_come_out(
    flask_app: Flask, camille: FlaskClient, database: Database
) -> None:
    with paper_printer() as paper, serving(flask_app) as address:
        token = table(database, paper.url, 80)
        labels = house_code(Kind.COMMAND, BY_NAME["labels-1"].number)
        read(database, *touches(database), labels)
        with database.writing() as session:
            lot = session.scalars(select(Batch)).one().lot
            assert lot is not None
            on_hold.put(session, lot=lot, day=days.today())
        assert Printing(Service(address, "TAD", token), lambda _: None, patience=QUICK).step()
        assert states(database) == [("kit-labels", "failed")]
        assert paper.cuts.empty()
        assert "est bloqué" in camille.get("/prints").text


def test_a_refusal_nobody_foresaw_is_not_asked_again_at_once(
    flask_app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with paper_printer() as paper, serving(flask_app) as address:
        token = table(database, paper.url, 80)
        labels = house_code(Kind.COMMAND, BY_NAME["labels-1"].number)
        read(database, *touches(database), labels)
        service = Service(address, "TAD", token)
        printing = Printing(service, lambda _: None, patience=QUICK)
        monkeypatch.setattr(print_api, "_take", lambda *_: ({"error": "busy"}, 429))
        with pytest.raises(ServeAway):
            printing.step()
        assert states(database) == [("kit-labels", "queued")]
