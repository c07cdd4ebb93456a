"""Printers through the kernel's own drivers: `usblp`, and none, on a printer gadget; and a converter of FTDI."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devices.service import Service
from inventory.counter.commands import BY_NAME
from labels.alphabet import CodePage
from labels.house import Kind, house_code
from labels.paper import receipt_bytes
from labels.receipt import Line, Paper, Receipt, Section
from tests.devices.escpos_printer import PaperPrinter
from tests.e2e.conftest import CommandLine, Station, add_station, with_example
from tests.e2e.road import road_to
from tests.hardware.guest import HOST, LIMIT_S, Guest
from tests.labels.escpos_decoder import decode

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
]

SERIAL = "TM20-0001"
LP = "/dev/usb/lp0"
USB = f"usb://04b8:0202/{SERIAL}"
ITEMS = tuple(
    Line(f"Seringue {n} ml, œ ő مرحبا" if n % 7 == 0 else f"Seringue {n} ml", str(n), "41")
    for n in range(60)
)
JOB = receipt_bytes(
    Receipt("COMPTOIR CLIP", sections=(Section("Remis", ITEMS),)),
    paper=Paper.WIDE,
    code_page=CodePage.CP858,
)


@dataclass(frozen=True)
class Plugged:
    """A printer gadget in the guest, and the address it is printed on by."""

    guest: Guest
    url: str
    name: str = "paper"

    def call(self, function: str, /, **arguments: Any) -> Any:
        return self.guest.call(f"tests.hardware.paper:{function}", name=self.name, **arguments)

    def look(self) -> str:
        return str(self.guest.call("tests.hardware.paper:look", url=self.url))

    def close(self) -> None:
        self.guest.call("tests.hardware.paper:close", url=self.url)

    def is_back(self) -> None:
        self.guest.call("tests.hardware.paper:is_back", url=self.url)

    def print(self, mend: bool = False) -> tuple[str, list[str]]:
        told = self.guest.call(
            "tests.hardware.paper:print_job",
            url=self.url,
            job=JOB.decode("latin-1"),
            mend=self.name if mend else "",
        )
        return told["outcome"], told["heard"]

    def came_out_whole(self) -> None:
        receipt = str(self.call("receipt")).encode("latin-1")
        assert receipt == JOB
        assert self.call("none_left")


@pytest.fixture(scope="module")
def gadget(guest: Guest) -> Iterator[None]:
    guest.call("tests.hardware.paper:make", name="paper", serial=SERIAL, port=6)
    yield
    guest.call("tests.hardware.paper:take_away", name="paper")


@pytest.fixture(params=[LP, pytest.param(USB, marks=pytest.mark.hardware)])
def printer(guest: Guest, gadget: None, request: pytest.FixtureRequest) -> Iterator[Plugged]:
    """By the kernel's driver, and around it."""
    plugged = Plugged(guest, request.param)
    yield plugged
    plugged.close()


def test_a_job_is_printed_and_the_printer_says_so(printer: Plugged) -> None:
    assert printer.look() == "ready"
    assert printer.print() == ("printed", [])
    printer.came_out_whole()
    printer.close()
    assert printer.guest.call("tests.hardware.paper:driver_of_lp0"), "the kernel has it back"


@pytest.mark.parametrize("state", ["paper-out", "cover-open", "off-line", "near-end"])
def test_it_says_how_it_is_and_gets_nothing_that_it_cannot_print(
    printer: Plugged, state: str
) -> None:
    printer.call("become", state=state)
    assert printer.look() == state
    outcome, _ = printer.print()
    printer.call("become", state="ready")
    if state == "near-end":
        assert outcome == "printed"
        printer.came_out_whole()
    else:
        assert outcome == "not-sent"
        assert printer.call("none_left")
    assert printer.look() == "ready"


@pytest.mark.parametrize("state", ["paper-out", "cover-open"])
def test_in_mid_job_it_is_mended_and_goes_on_by_itself(printer: Plugged, state: str) -> None:
    printer.call("at", printed=len(JOB) // 2, what=state)
    outcome, heard = printer.print(mend=True)
    assert (outcome, heard) == ("printed", [state, "ready"])
    printer.came_out_whole()


@pytest.mark.parametrize("printed", [1, len(JOB) // 2, len(JOB)])
def test_unplugged_in_mid_print_it_is_unknown_and_plugged_back_it_goes_on(
    printer: Plugged, printed: int
) -> None:
    printer.call("at", printed=printed, what="unplug")
    outcome, heard = printer.print()
    assert outcome == "unknown"
    assert heard[-1:] == ["silent"]
    if printed == len(JOB):
        printer.came_out_whole()
    assert printer.look() == "silent"
    assert printer.print()[0] == "not-sent", "nobody is there"
    printer.call("plug")
    printer.is_back()
    assert printer.print()[0] == "printed"
    printer.came_out_whole()


@pytest.mark.hardware
def test_falling_silent_in_mid_print_is_unknown(printer: Plugged) -> None:
    printer.call("at", printed=len(JOB) // 2, what="silent")
    assert printer.print()[0] == "unknown"
    printer.came_out_whole()
    assert printer.print()[0] == "not-sent", "it answered before"
    printer.call("speak")
    assert printer.print()[0] == "printed"
    printer.came_out_whole()


# On a converter of FTDI: the printer itself is on this machine, at the other end of the line.


@dataclass
class OnALine:
    """A printer at the end of a serial line; its cable is the connection."""

    guest: Guest
    path: str
    paper: PaperPrinter

    @property
    def url(self) -> str:
        return "serial:///dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_till-if00-port0?baud=115200"

    def plug(self) -> None:
        cable = socket.socket(socket.AF_UNIX)
        cable.connect(self.path)
        self.paper._peer = cable
        threading.Thread(target=self._serve, args=(cable,), daemon=True).start()
        self.guest.call(
            "tests.hardware.gadgets:wait_for",
            path="/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_till-if00-port0",
        )

    def _serve(self, cable: socket.socket) -> None:
        with cable:
            try:
                self.paper._serve(cable)
            except OSError:
                return

    def print(self, mend: Callable[[str], None] = lambda state: None) -> str:
        told = self.guest.call(
            "tests.hardware.paper:print_job", url=self.url, job=JOB.decode("latin-1")
        )
        return str(told["outcome"])


@pytest.fixture(scope="module")
def on_a_line(guest: Guest) -> Iterator[OnALine]:
    made = OnALine(guest, str(guest.serial("till", 9)), PaperPrinter())
    made.plug()
    yield made
    made.paper.hang_up()
    guest.remove("till")


@pytest.mark.hardware
@pytest.mark.parametrize("state", ["ready", "near-end", "paper-out", "cover-open", "off-line"])
def test_on_a_serial_line_it_answers_too(on_a_line: OnALine, state: str) -> None:
    on_a_line.paper.become(state)
    assert on_a_line.guest.call("tests.hardware.paper:look", url=on_a_line.url) == state
    outcome = on_a_line.print()
    on_a_line.paper.become("ready")
    if state in ("ready", "near-end"):
        assert outcome == "printed"
        assert on_a_line.paper.cuts.get(timeout=60) == JOB
    assert outcome == ("printed" if state in ("ready", "near-end") else "not-sent")
    assert on_a_line.paper.cuts.empty()


@pytest.mark.hardware
@pytest.mark.parametrize("printed", [1, len(JOB) // 2, len(JOB)])
def test_a_line_pulled_out_in_mid_print_is_unknown(on_a_line: OnALine, printed: int) -> None:
    paper = on_a_line.paper
    paper.at[len(paper.printed) + printed] = paper.hang_up
    assert on_a_line.print() == "unknown"
    if printed == len(JOB):
        assert paper.cuts.get(timeout=60) == JOB
    assert on_a_line.print() == "not-sent"
    on_a_line.plug()
    assert on_a_line.print() == "printed"
    assert paper.cuts.get(timeout=60) == JOB
    assert paper.cuts.empty()


@pytest.mark.hardware
@pytest.mark.parametrize("state", ["paper-out", "cover-open"])
def test_at_the_end_of_a_line_it_is_mended_in_mid_job(on_a_line: OnALine, state: str) -> None:
    paper = on_a_line.paper
    mended = threading.Timer(2, paper.become, ["ready"])

    def fall_ill() -> None:
        paper.become(state)
        mended.start()

    paper.at[len(paper.printed) + len(JOB) // 2] = fall_ill
    assert on_a_line.print() == "printed"
    assert paper.cuts.get(timeout=60) == JOB


def test_the_job_has_letters_and_pictures() -> None:
    """So that dots which look like commands go through every driver."""
    shown = decode(JOB)
    assert shown.images and len(shown.lines) > 50


# The whole of it: a station's process in the guest, its queue on this machine.


@pytest.mark.hardware
def test_a_station_asks_about_paper_that_was_pulled_out_and_prints_again(
    guest: Guest, gadget: None, tmp_path: Path
) -> None:
    here = with_example(tmp_path / "data")
    with here.serving(), road_to(here.port) as (_, address):
        service = CommandLine(here)
        station = add_station(service, "hand-out", "CLIP", "--printer", LP)
        (picture, *_) = [one["code"] for one in service.json("codes") if one["kind"] == "item"]
        command = [sys.executable, "-m", "web", "station", "run", station.name, "--stay"]
        command += ["--token", station.token]
        command += ["--server", f"http://{HOST}:{address.rpartition(':')[2]}"]
        process = guest.start(command, COMPTOIR_DATA="/run/printing", LC_ALL="C.UTF-8")
        jobs = Jobs(here.port, station)
        plugged = Plugged(guest, LP)
        plugged.call("at", printed=300, what="unplug")
        process.write(f"{picture}\n{house_code(Kind.COMMAND, BY_NAME['close-shift'].number)}\n")
        jobs.until([("unknown", False)])
        assert plugged.call("none_left"), "what came out is torn off"
        plugged.call("plug")
        behind_s = time.time() - guest.call("time:time")  # an answer is one to a question before it
        threading.Event().wait(max(0, behind_s) + 0.1)
        process.write(f"{house_code(Kind.COMMAND, BY_NAME['did-print-no'].number)}\n")
        receipt = decode(str(plugged.call("receipt")).encode("latin-1"))
        assert "COPIE" in receipt.lines[0]
        jobs.until([])
        assert plugged.call("none_left"), "nothing is printed unasked"
        process.signal(15)
        while process.line() is not None:
            pass


@dataclass(frozen=True)
class Jobs:
    """What is not done yet at a station."""

    port: int
    station: Station

    def until(self, expected: list[tuple[str, bool]]) -> None:
        service = Service(f"http://127.0.0.1:{self.port}", self.station.name, self.station.token)
        until_s = time.monotonic() + LIMIT_S
        while True:
            _, told = service.call("GET", "jobs")
            found = [(job["state"], job["copy"]) for job in told["jobs"]]
            if found == expected:
                return
            assert time.monotonic() < until_s, found
            threading.Event().wait(0.2)
