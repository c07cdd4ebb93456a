"""`comptoir devices test`: the paper comes out, somebody answers at the terminal, and the station prints in letters it
has."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.devices.escpos_printer import PaperPrinter, paper_printer
from tests.e2e.conftest import CommandLine
from tests.e2e.processes import LIMIT_S, Process
from tests.labels.escpos_decoder import decode


@pytest.fixture
def paper(example: CommandLine) -> Iterator[PaperPrinter]:
    with paper_printer() as made:
        at = ("--place", "CLIP", "--mode", "hand-out", "--printer", made.url)
        example.run("station", "add", "CLIP", *at)
        yield made


def code_page(line: CommandLine) -> str:
    (page,) = [one["code_page"] for one in line.json("station", "list") if one["station"] == "CLIP"]
    return str(page)


def test_what_somebody_sees_at_the_terminal_is_kept(
    example: CommandLine, paper: PaperPrinter
) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "web", "devices", "test", "CLIP"],
        env=example.here.environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as started:
        process = Process(started)
        process.wait_for("Printer: ready")
        process.wait_for("the printer said so itself")
        assert decode(paper.cuts.get(timeout=LIMIT_S)).cut
        os.write(ours, b"4 6\n")
        process.wait_for("Code page CP858")
        assert process.wait() == 0
    os.close(ours)
    os.close(theirs)
    assert code_page(example) == "CP858"


def test_a_script_prints_first_and_answers_later(example: CommandLine, paper: PaperPrinter) -> None:
    told = example.json("devices", "test", "CLIP")
    assert told == {"station": "CLIP", "health": "ready", "outcome": "printed"}
    assert paper.cuts.get(timeout=LIMIT_S)
    assert example.json("devices", "test", "CLIP", "--answer", "0")["code_page"] == "none"
    assert paper.cuts.empty(), "an answer prints nothing"
    assert code_page(example) == "none"
    refused = example.run("devices", "test", "CLIP", "--answer", "9", code=2)
    assert "“9” are no numbers of lines" in refused.stderr


def test_a_printer_that_is_open_says_what_to_do(example: CommandLine, paper: PaperPrinter) -> None:
    paper.become("cover-open")
    told = example.run("devices", "test", "CLIP")
    assert "cover open. Close it" in told.stderr and "Nothing was printed." in told.stderr
    assert not paper.printed


def test_an_address_without_its_port_is_no_file(example: CommandLine) -> None:
    """It would swallow every paper, and each would seem printed."""
    for address in ("192.168.1.50", "imprimante"):
        at = ("--place", "CLIP", "--mode", "hand-out", "--printer", address)
        refused = example.run("station", "add", "CLIP", *at, code=2)
        assert f"give {address}:9100" in refused.stderr
    assert not any(one["printer"] for one in example.json("station", "list"))


def test_without_a_printer_it_says_so(example: CommandLine) -> None:
    example.run("station", "add", "CLIP", "--place", "CLIP", "--mode", "hand-out")
    assert "has no printer" in example.run("devices", "test", "CLIP", code=2).stderr
    assert "NOBODY" in example.run("devices", "test", "NOBODY", code=2).stderr
