"""`comptoir stock`, `tally` and `verify` as they are called."""

from __future__ import annotations

import csv
import io
import json
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from devices.outbox import Outbox
from inventory import days
from inventory.stations import add_station
from inventory.words import Mode
from tests.devices.escpos_printer import paper_printer
from web.cli import common, main

from .evenings import A_WEEK_BEFORE, Organisation


@dataclass
class Terminal:
    """A terminal on the organisation's data folder."""

    here: Organisation
    folder: Path

    def run(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert result.exit_code == code, (result.output, result.exit_code)
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code).stdout)


@pytest.fixture
def terminal(
    here: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    monkeypatch.setenv("COMPTOIR_DATA", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.delenv("COMPTOIR_DATABASE_URL", raising=False)
    common.settings.cache_clear()
    common.database.cache_clear()
    yield Terminal(here, tmp_path)
    common.database().close()
    common.settings.cache_clear()
    common.database.cache_clear()


@pytest.fixture
def evening(terminal: Terminal) -> Terminal:
    here = terminal.here
    here.transfer("SER1", 100, to="CLIP", day=A_WEEK_BEFORE)
    here.read("times-4", "SER1", "next-person", day=A_WEEK_BEFORE)
    here.close()
    here.read("times-3", "SER1", "GARR", "next-person", "digit-2", "point", "digit-5")
    here.read("returned-kilograms")
    return terminal


def test_stock_has_the_keys_of_the_contract(evening: Terminal) -> None:
    rows = evening.json("stock")
    assert set(rows[0]) == {"place", "item", "lot", "expires", "pieces"}
    assert evening.json("stock", "--place", "unaccounted") == [
        {"place": "unaccounted", "item": "GARR", "lot": "unknown", "expires": None, "pieces": -1}
    ]
    assert evening.json("stock", "--place", "RESERVE", "--item", "GARR")[0]["lot"] is None
    at_clip = evening.json("stock", "--place", "CLIP", "--item", "SER1", "--at", "14/11/2026")
    assert [row["pieces"] for row in at_clip] == [96]
    assert evening.json("stock", "--place", "CLIP", "--at", "2026-11-13") == []
    assert "S1A2511" in evening.run("stock", "--place", "CLIP").stdout


def test_tally_has_the_keys_of_the_contract(evening: Terminal) -> None:
    found = evening.json("tally")
    assert found["rows"] == [
        {"item": "GARR", "channel": "comptoir", "place": "CLIP", "handed_out": 1},
        {"item": "SER1", "channel": "comptoir", "place": "CLIP", "handed_out": 3},
    ]
    (back,) = found["returns"]
    assert back == {
        "channel": "comptoir",
        "place": "CLIP",
        "origin": "person",
        "method": "weight",
        "measured": 2.5,
        "unit": "kg",
        "factor": pytest.approx(5000 / 39),
        "factor_exact": "5000/39",
        "pieces": 321,
    }
    assert found["passages"] == 1
    evening.here.close()
    assert evening.json("tally")["rows"] == found["rows"]
    week = evening.json("tally", "--from", "14/11/2026", "--to", "2026-11-21")
    assert {row["item"]: row["handed_out"] for row in week["rows"]} == {"GARR": 1, "SER1": 7}
    assert evening.json("tally", "--channel", "maraude")["rows"] == []
    assert evening.json("tally", "--place", "MEDIBUS")["rows"] == []


def test_tally_in_every_format(evening: Terminal) -> None:
    text = evening.run("tally").stdout
    assert "COMPTOIR CLIP" in text
    assert "Saturday" in text.split("Handed out")[1], "the same weekday of the week before"
    data = evening.run("tally", "--format", "csv").stdout_bytes
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][0] == "handed out"
    out = evening.folder / "november.xlsx"
    assert evening.run("tally", "--format", "xlsx", "--out", str(out)).stdout_bytes == b""
    assert openpyxl.load_workbook(out).active is not None
    out = evening.folder / "tally.json"
    evening.run("tally", "--format", "json", "--out", str(out))
    assert json.loads(out.read_text()) == evening.json("tally")
    assert json.loads(evening.run("tally", "--format", "json").stdout) == evening.json("tally")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stock", "--place", "NOWHERE"], "NOWHERE"),
        (["stock", "--item", "NOTHING"], "NOTHING"),
        (["stock", "--at", "yesterday"], "yesterday"),
        (["tally", "--place", "NOWHERE"], "NOWHERE"),
        (["tally", "--print", "NOBODY"], "NOBODY"),
        (["tally", "--print", "CLIP"], "has no printer"),
        (["tally", "--from", "31/02/2026"], "31/02/2026"),
        (["tally", "--from", "2026-11-21", "--to", "2026-11-20"], "before"),
        (["tally", "--out", "/no/such/folder/tally.txt"], "/no/such/folder"),
    ],
)
def test_bad_input_is_said_and_ends_with_2(
    evening: Terminal, arguments: list[str], said: str
) -> None:
    assert said in evening.run(*arguments, code=2).stderr


def printing(evening: Terminal, url: str, paper_mm: int = 80) -> None:
    with evening.here.session() as session:
        add_station(
            session,
            name="CLIP",
            place="CLIP",
            mode=Mode.HAND_OUT,
            printer=url,
            paper_mm=paper_mm,
        )


def test_the_receipt_goes_to_the_stations_printer(evening: Terminal) -> None:
    with paper_printer() as paper:
        printing(evening, paper.url)
        done = evening.run("tally", "--print", "CLIP")
        job = paper.cuts.get_nowait()  # it ends once the printer has said that it is through
        assert paper.cuts.empty()
    assert done.stdout == ""
    assert "Printer: ready" in done.stderr and "CLIP" in done.stderr
    assert job.startswith(b"\x1b@")
    assert b"COMPTOIR CLIP" in job
    assert b"321" in job
    assert f"printed at {days.local(days.now()):%H}:".encode() in job


def test_the_width_of_the_paper_is_the_stations(evening: Terminal) -> None:
    file = evening.folder / "printer"
    for paper_mm, columns in ((80, 42), (58, 32)):
        file.unlink(missing_ok=True)
        printing(evening, str(file), paper_mm)
        assert evening.json("tally", "--print", "CLIP") == evening.json("tally")
        assert b"\n" + b"-" * columns + b"\n" in file.read_bytes()


def test_a_printer_that_is_off_is_said(evening: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    printing(evening, f"tcp://127.0.0.1:{port}")
    said = evening.run("tally", "--print", "CLIP", code=2).stderr
    assert "Printer: no answer" in said
    assert "The tally was not printed." in said


def test_verify_says_what_it_checked(evening: Terminal) -> None:
    found = evening.json("verify")
    assert found["ok"] is True
    assert found["faults"] == []
    assert found["checked"]["moves"] > 0
    assert found["checked"]["outboxes"] == 0
    assert "Everything agrees." in evening.run("verify").stdout


def test_verify_ends_with_1_where_a_promise_is_broken(evening: Terminal) -> None:
    evening.here.tamper("UPDATE balance SET pieces = pieces + 1 WHERE place_id > 9")
    found = evening.json("verify", code=1)
    assert found["ok"] is False
    assert {fault["code"] for fault in found["faults"]} == {"balance_differs"}
    assert "on hand" in evening.run("verify", code=1).stderr


def test_verify_looks_into_the_outboxes(evening: Terminal) -> None:
    path = common.settings().outbox("CLIP")
    path.parent.mkdir()
    with Outbox(path) as outbox:
        outbox.keep("4006381333931", days.now())
    assert evening.json("verify")["checked"]["outboxes"] == 1
    db = sqlite3.connect(path)
    db.execute("UPDATE pending SET id = 'no id'")
    db.commit()
    db.close()
    (fault,) = evening.json("verify", code=1)["faults"]
    assert fault["code"] == "outbox-row"
    assert "malformed" in fault["message"]
    path.write_bytes(b"not a database at all" * 50)
    (fault,) = evening.json("verify", code=1)["faults"]
    assert fault["code"] == "outbox-damaged"


@pytest.mark.parametrize("command", ["stock", "tally", "verify"])
def test_help_has_an_example(terminal: Terminal, command: str) -> None:
    assert f"comptoir {command}" in terminal.run(command, "--help").stdout


def test_a_tally_on_a4_is_written_by_one_option(evening: Terminal) -> None:
    file = evening.folder / "clip.pdf"
    evening.run("tally", "--place", "CLIP", "--pdf", str(file))
    assert file.read_bytes().startswith(b"%PDF-")
    evening.run("tally", "--pdf", str(file), "--format", "csv", code=2)
    evening.run("tally", "--format", "pdf", "--out", str(file))
