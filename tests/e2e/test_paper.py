"""A station's process and a printer that goes away, runs dry, opens, falls silent; and the process is killed while it
prints: nothing is lost, nothing is printed twice unasked, and a reprint says so."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageOps

from devices.service import Service
from inventory.counter.commands import BY_NAME
from labels.house import Kind, house_code
from tests.devices.escpos_printer import PaperPrinter, paper_printer
from tests.e2e.conftest import CommandLine
from tests.e2e.processes import LIMIT_S, Process
from tests.labels.escpos_decoder import Shown, decode

pytestmark = [pytest.mark.slow]


def command(name: str) -> str:
    return house_code(Kind.COMMAND, BY_NAME[name].number)


def wait_until(there: Callable[[], bool]) -> None:
    """For what the service says only when it is asked."""
    until_s = time.monotonic() + LIMIT_S
    while not there():
        assert time.monotonic() < until_s, "waited in vain"
        threading.Event().wait(0.05)


@dataclass
class Counter:
    """A counter with a printer: its station's process, killed and started again at will."""

    line: CommandLine
    name: str
    token: str
    picture: str
    paper: PaperPrinter
    process: Process | None = None
    receipts: list[Shown] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Counter]:
        arguments = ["station", "run", self.name, "--token", self.token, "--stay"]
        with self.line.here.start(*arguments) as self.process:
            yield self
            if self.process.process.poll() is None:
                assert self.process.stop() == 0

    def read(self, *codes: str) -> None:
        assert self.process is not None
        self.process.write("".join(f"{code}\n" for code in codes))

    def close_shift(self) -> None:
        self.read(self.picture, command("close-shift"))

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def jobs(self) -> list[tuple[str, bool]]:
        """What is not done yet."""
        service = Service(f"http://127.0.0.1:{self.line.here.port}", self.name, self.token)
        _, told = service.call("GET", "jobs")
        return [(job["state"], job["copy"]) for job in told["jobs"]]

    def wait_for(self, *jobs: tuple[str, bool]) -> None:
        wait_until(lambda: self.jobs() == list(jobs))

    def receipt(self) -> Shown:
        """The next one that is cut off."""
        self.receipts.append(decode(self.paper.cuts.get(timeout=LIMIT_S)))
        return self.receipts[-1]

    def is_copy(self, receipt: Shown) -> bool:
        return "COPIE" in receipt.lines[0]


@pytest.fixture
def counter(service: CommandLine) -> Iterator[Counter]:
    name = f"P{random.randrange(10**9)}"
    (picture, *_) = [row["code"] for row in service.json("codes") if row["kind"] == "item"]
    with paper_printer() as paper:
        service.run(
            "station", "add", name, "--place", "CLIP", "--mode", "hand-out", "--printer", paper.url
        )
        token = service.json("station", "token", name)["token"]
        yield Counter(service, name, token, picture, paper)


def test_the_end_of_a_shift_comes_out_on_paper(counter: Counter) -> None:
    with counter.running():
        counter.read(counter.picture, command("print-tally"))
        so_far = counter.receipt()
        assert any("encore ouvert" in line for line in so_far.lines)
        counter.read(command("close-shift"))
        receipt = counter.receipt()
        assert not counter.is_copy(receipt)
        assert "effacé" in " ".join(receipt.lines)
        ((width, height, dots),) = receipt.images
        image = ImageOps.invert(Image.frombytes("1", (width, height), dots).convert("L"))
        (code,) = zxingcpp.read_barcodes(image)
        assert code.text.startswith(f"http://127.0.0.1:{counter.line.here.port}/tally?shift=")
        counter.wait_for()  # it is known to be printed: what is still on its way is not doubled
        counter.read(command("print-again"))
        assert counter.is_copy(counter.receipt())
        counter.wait_for()
    assert counter.paper.cuts.empty()


def test_a_printer_that_goes_away_three_times(counter: Counter) -> None:
    """At the first byte, in the middle, and after the last, when only its answer is missing."""
    with counter.running():
        counter.close_shift()
        counter.receipt()
        whole = len(counter.paper.printed)
        for after in (1, whole // 2, whole):
            counter.wait_for()
            counter.paper.at[len(counter.paper.printed) + after] = counter.paper.go_away
            counter.close_shift()
            counter.wait_for(("unknown", False))
            complete = not counter.paper.cuts.empty()
            assert complete is (after == whole)
            counter.paper.come_back()
            if complete:
                counter.receipt()
                counter.read(command("did-print-yes"))
            else:
                counter.read(command("did-print-no"))
                assert counter.is_copy(counter.receipt())
        counter.wait_for()
    assert len(counter.receipts) == 4
    assert counter.paper.cuts.empty()


@pytest.mark.parametrize("state", ["paper-out", "cover-open", "off-line"])
def test_what_ails_the_printer_holds_the_paper_back_and_no_read(
    counter: Counter, state: str
) -> None:
    counter.paper.become(state)
    with counter.running():
        counter.close_shift()
        counter.wait_for(("queued", False))
        begun_s = time.monotonic()
        counter.read(counter.picture)
        wait_until(lambda: not left_in_outbox(counter))
        assert time.monotonic() - begun_s < 3
        assert counter.jobs() == [("queued", False)]
        counter.paper.become("ready")
        assert not counter.is_copy(counter.receipt())
        counter.wait_for()
    assert counter.paper.cuts.empty()


def test_a_roll_that_ends_in_the_middle_asks_nobody(counter: Counter) -> None:
    dry = threading.Event()

    def run_dry() -> None:
        counter.paper.become("paper-out")
        dry.set()

    with counter.running():
        counter.paper.at[200] = run_dry
        counter.close_shift()
        assert dry.wait(LIMIT_S)
        counter.wait_for(("sending", False))
        counter.paper.become("ready")
        assert not counter.is_copy(counter.receipt())
        counter.wait_for()
    assert counter.paper.cuts.empty()


def test_silence_is_asked_about_and_delays_no_read(counter: Counter) -> None:
    """Nothing is said for longer than a healthy printer can take."""
    counter.paper.silent = True
    with counter.running():
        counter.close_shift()
        counter.wait_for(("sending", False))
        begun_s = time.monotonic()
        counter.read(counter.picture)
        wait_until(lambda: not left_in_outbox(counter))
        assert time.monotonic() - begun_s < 3
        counter.receipt()
        counter.wait_for(("unknown", False))
        assert counter.paper.cuts.empty()
        counter.read(command("did-print-yes"))
        counter.wait_for()


def test_killed_at_any_byte_nothing_is_printed_twice_unasked(counter: Counter) -> None:
    with counter.running():
        counter.close_shift()
        counter.receipt()
        counter.wait_for()
    whole = len(counter.paper.printed)
    asked = 0
    places = [1, whole, *(random.randrange(1, whole) for _ in range(4))]
    for after in places:
        dead = threading.Event()

        def die(dead: threading.Event = dead) -> None:
            counter.kill()
            dead.set()

        with counter.running():
            counter.paper.at[len(counter.paper.printed) + after] = die
            counter.close_shift()
            assert dead.wait(LIMIT_S)
        assert counter.jobs() == [("sending", False)]
        with counter.running():
            counter.wait_for(("unknown", False))
            # What the printer had taken comes out, whoever is dead; somebody looks at it.
            if whole_receipts(counter):
                counter.read(command("did-print-yes"))
            else:
                asked += 1
                counter.read(command("did-print-no"))
                assert counter.is_copy(counter.receipt())
            counter.wait_for()
    assert counter.paper.cuts.empty()
    originals = [one for one in counter.receipts if not counter.is_copy(one)]
    assert len(counter.receipts) == 1 + len(places), "nothing is lost"
    assert len(originals) == 1 + len(places) - asked, "nothing is doubled"


@pytest.mark.parametrize("killed", ["at once", "once it has told"])
def test_cut_but_unconfirmed_and_killed_the_paper_comes_out_again_only_when_asked(
    counter: Counter, killed: str
) -> None:
    """The printer goes away between the cut and its last answer, and the station's process dies with it."""
    gone = threading.Event()

    def go_away() -> None:
        if killed == "at once":
            counter.kill()
        counter.paper.go_away()
        gone.set()

    with counter.running():
        counter.close_shift()
        counter.receipt()
        counter.wait_for()
        counter.paper.at[2 * len(counter.paper.printed)] = go_away  # the next one is as long
        counter.close_shift()
        assert gone.wait(LIMIT_S)
        assert not counter.is_copy(counter.receipt())
        if killed == "once it has told":
            wait_until(lambda: ("sending", False) not in counter.jobs())
        counter.kill()
    counter.paper.come_back()
    with counter.running():
        counter.read(counter.picture, command("print-tally"))
        so_far = " ".join(counter.receipt().lines)
        assert "encore ouvert" in so_far, "the receipt of the closing, unasked"
        assert counter.paper.cuts.empty()
        counter.wait_for(("unknown", False))
        counter.read(command("did-print-no"))
        assert counter.is_copy(counter.receipt())
        counter.wait_for()
    assert counter.paper.cuts.empty()


def whole_receipts(counter: Counter) -> int:
    """Receipts that lie there complete; what is incomplete is torn off."""
    found = 0
    while not counter.paper.cuts.empty():
        counter.receipt()
        found += 1
    counter.paper.hang_up()
    return found


def left_in_outbox(counter: Counter) -> Any:
    file = counter.line.here.data / "stations" / f"{counter.name}.outbox"
    with sqlite3.connect(file) as database:
        return database.execute("SELECT count(*) FROM pending").fetchone()[0]
