"""A closed shift comes out of its station's printer once, whatever happens on the way."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageOps
from sqlalchemy import delete, select
from usb.backend import libusb1

from devices.errors import ServeAway
from devices.printer import Patience
from devices.service import Service
from inventory import catalogue, stations
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.tables import PlaceItem, PrintJob
from inventory.words import Mode
from labels.house import Kind, house_code
from tests.devices.escpos_printer import PaperPrinter, paper_printer
from tests.devices.usb_backend import Bus, Plugged
from tests.labels.escpos_decoder import Shown, decode
from web import lost_prints, print_api, reads
from web.live import Live
from web.printing import Printing
from web.station_status import AWAY_AFTER_S

from .conftest import code_of, others_write, serving
from .test_live import Clock

QUICK = Patience(answer_s=0.3, through_s=0.6, mended_s=3, look_s=0.1)


@pytest.fixture
def paper() -> Iterator[PaperPrinter]:
    with paper_printer() as made:
        yield made


def command(name: str) -> str:
    return house_code(Kind.COMMAND, BY_NAME[name].number)


def with_printer(database: Database, url: str, **other: Any) -> str:
    """The station CLIP gets this printer: a token of it."""
    with database.writing() as session:
        stations.add_station(
            session, name="CLIP", place="CLIP", mode=Mode.HAND_OUT, printer=url, **other
        )
        return stations.new_token(session, station="CLIP")


def read(database: Database, *codes: str) -> None:
    now = datetime.now(UTC).isoformat()
    raw = [{"id": str(uuid4()), "code": code, "at": now} for code in codes]
    done = reads.record(database, station="CLIP", raw_reads=raw, language="fr")
    assert done is not None
    assert {one["status"] for one in done.results} == {"accepted"}, done.results


def close(database: Database) -> None:
    read(database, code_of(database, "KIT-INJ"), command("close-shift"))


def states(database: Database) -> list[tuple[str, bool]]:
    with database.reading() as session:
        rows = session.scalars(select(PrintJob).order_by(PrintJob.id))
        return [(job.state, job.copy) for job in rows]


class Counter:
    """A station's printing thread, step by step, against the service on a real port."""

    def __init__(self, address: str, token: str, patience: Patience) -> None:
        self.address, self.token, self.patience = address, token, patience
        self.heard: list[str | None] = []
        self.start()

    def start(self) -> None:
        """As after a kill: what it knew is gone."""
        service = Service(self.address, "CLIP", self.token)
        self.printing = Printing(service, self.heard.append, patience=self.patience)

    def step(self) -> bool:
        return self.printing.step()


@contextmanager
def counter(
    flask_app: Flask,
    database: Database,
    paper: PaperPrinter,
    patience: Patience = QUICK,
    **other: Any,
) -> Iterator[Counter]:
    token = with_printer(database, paper.url, **other)
    with serving(flask_app) as address:
        yield Counter(address, token, patience)


def shown(paper: PaperPrinter) -> Shown:
    """The receipt that comes out next."""
    return decode(paper.cuts.get(timeout=5))


def qr_of(receipt: Shown) -> str:
    ((width, height, dots),) = receipt.images
    image = ImageOps.invert(Image.frombytes("1", (width, height), dots).convert("L"))
    (found,) = zxingcpp.read_barcodes(image)
    return found.text


def test_a_closed_shift_is_printed_once(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    with counter(flask_app, database, paper) as here:
        close(database)
        assert here.step()
        assert not here.step()
        receipt = shown(paper)
        assert states(database) == [("printed", False)]
        assert "Décompte " in receipt.lines[1] and " – " in receipt.lines[1]
        assert any(
            line.startswith("Kit injection") and line.endswith(" 1") for line in receipt.lines
        )
        assert "effacé" in " ".join(receipt.lines)
        with database.reading() as session:
            shift = session.scalars(select(PrintJob)).one().shift_id
        assert qr_of(receipt) == f"{here.address}/tally?shift={shift}"
        assert paper.cuts.empty()
        assert here.heard == ["ready"]


@pytest.mark.parametrize(
    ("language", "mm", "word"),
    [("fr", 80, "COPIE"), ("nl", 58, "KOPIE"), ("en", 58, "COPY")],
)
def test_a_reprint_says_so_in_the_language_of_the_station(
    flask_app: Flask, database: Database, paper: PaperPrinter, language: str, mm: int, word: str
) -> None:
    with counter(flask_app, database, paper, language=language, paper_mm=mm) as here:
        close(database)
        here.step()
        first = shown(paper)
        assert not any(word in line for line in first.lines)
        assert max(map(len, first.lines)) <= (32 if mm == 58 else 42)
        read(database, command("print-again"))
        here.step()
        second = shown(paper)
        assert second.lines[0].strip("* ") == word
        assert any("–" in line for line in first.lines)
        assert not any("–" in line for line in second.lines), "its times are gone"
        assert [line for line in second.lines if "injec" in line] == [
            line for line in first.lines if "injec" in line
        ]


def test_a_job_under_way_when_the_process_is_killed_is_asked_about(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    with counter(flask_app, database, paper) as here:
        close(database)
        killed = KeyboardInterrupt()  # nothing catches it on the way
        with (
            patch("devices.printer.Printer._through", side_effect=killed),
            pytest.raises(KeyboardInterrupt),
        ):
            here.step()
        shown(paper)
        assert states(database) == [("sending", False)]
        here.start()
        assert not here.step()
        assert states(database) == [("unknown", False)]
        assert not here.step()
        assert paper.cuts.empty(), "not printed again unasked"
        read(database, command("did-print-no"))
        with patch.object(paper, "_in_order", wraps=paper._in_order) as in_order:
            here.step()
        assert in_order.call_count == 2, "the first: whether what the killed one sent is through"
        assert "COPIE" in shown(paper).lines[0]
        assert states(database) == [("printed", True)]


@pytest.mark.parametrize(
    ("cut", "answer", "papers"),
    [
        ("taken", None, [""]),
        ("taken", "yes", []),  # nobody had looked well
        ("taken", "no", ["COPIE"]),
        ("told", None, [""]),
        ("told", "yes", [""]),
        ("told", "no", ["", "COPIE"]),
    ],
)
def test_a_station_that_was_only_cut_off_prints_nothing_unasked(
    flask_app: Flask,
    database: Database,
    paper: PaperPrinter,
    cut: str,
    answer: str | None,
    papers: list[str],
) -> None:
    """The answer to the taking is lost, or what became of the job cannot be told, until somebody was asked."""
    clock = Clock()
    live = flask_app.config["LIVE"] = Live(clock)
    call, failing = Service.call, {"taken": 1, "told": 2}[cut]
    calls = iter(range(100))

    def broken(self: Service, *asked: Any) -> tuple[int, Any]:
        fails = next(calls) == failing
        done = call(self, *asked) if not fails or cut == "taken" else None
        if fails or done is None:
            raise ServeAway(url=self.base, detail="cut off")
        return done

    with counter(flask_app, database, paper) as here:
        close(database)
        with patch.object(Service, "call", broken), pytest.raises(ServeAway):
            here.step()
        assert not lost_prints.ask(database, live.statuses)
        clock.now_s += AWAY_AFTER_S + 1
        assert lost_prints.ask(database, live.statuses)
        assert states(database) == [("unknown", False)]
        if answer:
            read(database, command(f"did-print-{answer}"))
        here.step()
        assert states(database) == [("printed", answer == "no")]
        for mark in papers:
            assert ("COPIE" in shown(paper).lines[0]) is bool(mark)
        assert paper.cuts.empty()


def test_the_kernel_has_back_a_printer_that_the_station_is_done_with(
    flask_app: Flask, database: Database, paper: PaperPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Plugged()
    monkeypatch.setattr(libusb1, "get_backend", lambda: Bus(one))
    with counter(flask_app, database, paper) as here:
        for ends in ("prints elsewhere", "process ends"):
            with_printer(database, "usb://04b8:0e15")
            here.step()
            assert not one.driver
            if ends == "prints elsewhere":
                with_printer(database, paper.url)
                here.step()
            else:
                here.printing.thread.start()
                here.printing.stop()
                here.printing.join()
            assert one.driver, ends


def test_an_empty_roll_keeps_the_job_in_the_queue(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    paper.become("paper-out")
    with counter(flask_app, database, paper) as here:
        close(database)
        assert not here.step()
        assert states(database) == [("queued", False)]
        paper.become("ready")
        assert here.step()
        shown(paper)
        assert states(database) == [("printed", False)]
        assert here.heard == ["paper-out", "ready"]


def test_the_service_away_at_any_call_prints_nothing_twice(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    """Each call fails once, before it reaches the service, and once with its answer lost."""
    call = Service.call
    for lost_answer in (False, True):
        for failing in range(4):
            with counter(flask_app, database, paper) as here, ExitStack() as stack:
                close(database)
                calls = iter(range(100))

                def broken(
                    self: Service,
                    *asked: Any,
                    failing: int = failing,
                    lost: bool = lost_answer,
                    calls: Iterator[int] = calls,
                ) -> tuple[int, Any]:
                    fails = next(calls) == failing
                    if fails and not lost:
                        raise ServeAway(url=self.base, detail="away")
                    answer = call(self, *asked)
                    if fails:
                        raise ServeAway(url=self.base, detail="the answer is lost")
                    return answer

                stack.enter_context(patch.object(Service, "call", broken))
                for _ in range(4):
                    try:
                        here.step()
                    except ServeAway:
                        continue
                shown(paper)
                assert paper.cuts.empty()
    assert states(database) == [("printed", False)] * 8


def test_who_has_no_token_sees_and_changes_nothing(
    client: FlaskClient, database: Database, paper: PaperPrinter
) -> None:
    token = with_printer(database, paper.url)
    close(database)
    other = {"Authorization": "Bearer nonsense"}
    assert client.get("/api/stations/CLIP/jobs", headers=other).status_code == 401
    assert client.get("/api/stations/NOBODY/jobs", headers=other).status_code == 401
    assert (
        client.post(
            "/api/stations/CLIP/jobs/1", headers=other, json={"state": "printed"}
        ).status_code
        == 401
    )
    assert states(database) == [("queued", False)]
    mine = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/stations/TAD/jobs", headers=mine).status_code == 401
    (job,) = client.get("/api/stations/CLIP/jobs", headers=mine).get_json()["jobs"]
    assert job["state"] == "queued"
    address = f"/api/stations/CLIP/jobs/{job['id']}"
    wrong: Any
    for wrong in ({}, [], {"state": 5}, {"state": "cancelled"}, {"state": ["printed"]}):
        assert client.post(address, headers=mine, json=wrong).status_code == 400
    assert client.post(address, headers=mine, json={"state": "printed"}).status_code == 409
    taken = client.post(address, headers=mine, json={"state": "sending"})
    assert decode(b64decode(taken.get_json()["data"])).cut
    assert client.post(address, headers=mine, json={"state": "sending"}).status_code == 409


def test_the_code_on_the_receipt_opens_the_same_figures(
    camille: FlaskClient, database: Database
) -> None:
    with_printer(database, "tcp://192.0.2.7:9100")
    close(database)
    with database.reading() as session:
        shift = session.scalars(select(PrintJob)).one().shift_id
    close(database)
    page = camille.get(f"/tally?shift={shift}").text
    assert "<b>1</b>" in page and "Comptoir CLIP" in page
    assert "<b>2</b>" in camille.get("/tally?place=CLIP").text
    for none in ("0", "77777", "x", "9" * 40):
        assert camille.get(f"/tally?shift={none}").status_code == 404
    assert camille.get(f"/tally.csv?shift={shift}").status_code == 200


def test_the_page_is_told_what_to_ask(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    def told() -> Any:
        view = reads.current_session(database, station="CLIP")
        assert view is not None
        return view["print"]

    paper.silent = True
    with counter(flask_app, database, paper) as here:
        assert told() is None
        close(database)
        assert told()["state"] == "queued"
        here.step()
        first = told()
        assert (first["state"], first["copy"]) == ("unknown", False)
        assert f"{first['began']} – {first['ended']}" in shown(paper).lines[1], "as on the paper"
        close(database)
        assert told() == first, "the question comes first"
        here.step()
        assert told() == first, "and the oldest one before others"
        close(database)
        read(database, command("did-print-yes"))
        assert told()["state"] == "unknown" and told()["id"] > first["id"]
        read(database, command("did-print-no"))
        assert told()["state"] == "queued"


def test_once_on_paper_the_times_of_the_shift_are_in_no_file(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    """When the first person came and when the last one left: kept for the receipt, and only until then."""
    with counter(flask_app, database, paper) as here:
        close(database)
        with database.reading() as session:
            job = session.scalars(select(PrintJob)).one()
            times = {at.to_bytes(4, "big") for at in (job.began_at_s, job.ended_at_s) if at}
        assert times and all(found_in_files(database, time) for time in times)
        here.step()
        shown(paper)
        assert not any(found_in_files(database, time) for time in times)


def found_in_files(database: Database, needle: bytes) -> bool:
    file = Path(str(database.url.database))
    return any(needle in part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def test_what_is_low_is_said_when_the_shift_is_over(
    flask_app: Flask, database: Database, paper: PaperPrinter
) -> None:
    with database.writing() as session:
        kit, place = catalogue.item(session, "KIT-INJ").id, catalogue.place(session, "CLIP").id
        session.execute(delete(PlaceItem))
        session.add(PlaceItem(item_id=kit, place_id=place, level=1000))
    with counter(flask_app, database, paper) as here:
        read(database, code_of(database, "KIT-INJ"), command("print-tally"))
        here.step()
        assert "À réapprovisionner" not in " ".join(shown(paper).lines)
        read(database, command("close-shift"))
        here.step()
        lines = shown(paper).lines
        heading = next(n for n, line in enumerate(lines) if line.startswith("À réapprovisionner"))
        assert lines[heading].endswith("niveau")
        assert lines[heading + 1].startswith("Kit injection") and lines[heading + 1].endswith(
            "1000"
        )


def test_a_job_is_rendered_where_nobody_waits_to_write(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = with_printer(database, "tcp://192.0.2.7:9100")
    close(database)
    free = []

    def fails(*_: Any, **__: Any) -> bytes:
        free.append(others_write(database))
        raise OSError

    with database.reading() as session:
        number = session.scalars(select(PrintJob.id)).one()

    def take() -> int:
        return client.post(
            f"/api/stations/CLIP/jobs/{number}",
            json={"state": "sending"},
            headers={"Authorization": f"Bearer {token}"},
        ).status_code

    with monkeypatch.context() as patched:
        patched.setattr(print_api, "job_bytes", fails)
        client.application.config["PROPAGATE_EXCEPTIONS"] = False
        assert (take(), free) == (500, [True])
    assert states(database) == [("queued", False)]  # not one byte had left
    assert take() == 200
    assert states(database) == [("sending", False)]
