"""A whole evening by scanner alone, through a serial port and onto paper, while the station and the server are killed
at random and the printer goes away three times: every tally is exact, and nothing is printed twice unasked.

With COMPTOIR_TESTS=long in the environment the station is killed fifty times and the server twenty.
"""

from __future__ import annotations

import os
import queue
import random
import threading
import tty
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devices.service import Service
from tests import LONG
from tests.devices.escpos_printer import PaperPrinter, paper_printer
from tests.e2e.conftest import CommandLine, add_station, with_example
from tests.e2e.processes import LIMIT_S, Here, Process, post_reads
from tests.e2e.road import Road, nothing_left, road_to, waiting_in
from tests.e2e.test_paper import command, wait_until
from tests.labels.escpos_decoder import decode

STATION_KILLS, SERVER_KILLS = (50, 20) if LONG else (8, 3)
PRINTER_GOES_AWAY = 3
PACE_S = 0.004  # from scan to scan: far faster than people are
BURST = 200  # codes that a terminal's buffer holds: the scanner never waits for a dead reader
SEED = int(os.environ.get("SEED", "20261122"))

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(1800 if LONG else 300)]


@dataclass(frozen=True)
class Scanner:
    """A terminal that stays, as a plug does, whoever reads it."""

    master: int
    path: str

    def scan(self, codes: Sequence[str], stopped: threading.Event) -> None:
        """One code after the other until all are through or somebody was killed."""
        for code in codes:
            os.write(self.master, f"{code}\r".encode())
            if stopped.wait(PACE_S):
                return


@contextmanager
def scanner() -> Iterator[Scanner]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield Scanner(master, os.ttyname(slave))
    os.close(master)
    os.close(slave)


ACTS = {
    "PRODUCT": 40,
    "times-3 PRODUCT": 6,
    "times-10 PRODUCT": 6,
    "PRODUCT times-5 correct-line PRODUCT": 4,
    "PRODUCT brought-back PRODUCT": 2,
    "next-person": 14,
    "afterwards PRODUCT next-person": 2,
    "undo": 5,
    "lane-a": 5,
    "lane-b": 5,
    "returned-container-3l": 3,
    "times-2 returned-bottle-1.5l": 2,
    "digit-2 point digit-5 returned-kilograms": 2,
    "from-street returned-declared-10": 1,
    "passages-plus": 2,
    "contact-shower": 2,
    "times-2 contact-reception": 1,
    "PRODUCT print-tally": 8,
}
"""What is done at a counter, by the codes that are scanned for it, and how often."""


def scans(rng: random.Random, pictures: Sequence[str], count: int) -> list[str]:
    """Codes to scan, never the same twice running: at this pace that would be one trigger."""
    codes = [pictures[0]]
    while len(codes) < count:
        (act,) = rng.choices(list(ACTS), list(ACTS.values()))
        product = rng.choice(pictures)
        act_codes = [product if word == "PRODUCT" else command(word) for word in act.split()]
        if act_codes[0] != codes[-1]:
            codes += act_codes
    return codes


class Cuts(queue.Queue[bytes]):
    """Each receipt as it is cut off, and the job it is of: the last one that was given away to be printed.

    Two receipts may be alike to the last byte, so what they say does not tell their jobs.
    """

    def __init__(self, road: Road) -> None:
        super().__init__()
        self.road = road
        self.jobs: queue.Queue[tuple[int, bytes, bytes]] = queue.Queue()

    def put(self, item: bytes, block: bool = True, timeout: float | None = None) -> None:
        self.jobs.put((*self.road.claims[-1], item))


@dataclass
class Paper:
    """A printer, and somebody who looks at what came out of it."""

    rng: random.Random
    printer: PaperPrinter
    service: Service
    road: Road
    cuts: Cuts
    went_away: int = 0
    away: threading.Event = field(default_factory=threading.Event)
    originals: Counter[int] = field(default_factory=Counter)
    copies: Counter[int] = field(default_factory=Counter)
    asked: Counter[int] = field(default_factory=Counter)
    """Whole receipts by their job, and how many copies somebody asked for."""

    def goes_away_soon(self) -> None:
        """In the middle of the next job."""
        at = len(self.printer.printed) + self.rng.randrange(1, 500)
        self.printer.at[at] = self._go_away

    def _go_away(self) -> None:
        self.printer.go_away()
        self.went_away += 1
        self.away.set()

    def look(self) -> None:
        """Whole receipts are laid aside."""
        while not self.cuts.jobs.empty():
            job, claimed, receipt = self.cuts.jobs.get()
            assert receipt == claimed
            is_copy = "COPIE" in decode(receipt).lines[0]
            (self.copies if is_copy else self.originals)[job] += 1
            assert self.originals[job] <= 1, "the same receipt twice, and neither says COPIE"
            assert self.copies[job] <= self.asked[job], "a copy that nobody asked for"

    def jobs(self, *states: str) -> list[int]:
        _, told = self.service.call("GET", "jobs")
        return [job["id"] for job in told["jobs"] if job["state"] in states]

    def doubt(self) -> int | None:
        """Once nothing waits and nothing is under way: the job that is asked about, if any is."""

        def still() -> bool:
            if self.away.is_set():
                self.away.clear()
                self.printer.come_back()
            return not self.jobs("queued", "sending")

        wait_until(still)
        self.look()
        _, told = self.service.call("GET", "jobs")
        return next((job["id"] for job in told["jobs"] if job["asked"]), None)

    def answer(self, job: int) -> str:
        if self.originals[job] + self.copies[job]:
            return command("did-print-yes")
        self.asked[job] += 1
        return command("did-print-no")

    def is_exact(self) -> None:
        """Of everything that was to be printed one receipt lies there."""
        assert self.went_away == PRINTER_GOES_AWAY
        out = self.originals + self.copies
        assert out.keys() == {job for job, _ in self.road.claims}
        assert set(out.values()) == {1}


@dataclass
class Evening:
    """Who is killed when, what is known to be kept, and what somebody scans who sees both."""

    rng: random.Random
    counter: Here
    arguments: Sequence[str]
    outbox: Path
    road: Road
    source: Scanner
    paper: Paper
    codes: list[str]

    def kept(self) -> int:
        """How many scans, from the first on, are on disk somewhere: exactly those, each once."""
        waiting = waiting_in(self.outbox) if self.outbox.exists() else {}
        everything = self.road.recorded | waiting
        assert Counter(everything.values()) == Counter(self.codes[: len(everything)])
        return len(everything)

    def scan_now(self, kept: int, *codes: str) -> int:
        """Scan these next, and wait until they are recorded: how many are kept then."""
        self.codes[kept:kept] = codes
        self.source.scan(codes, threading.Event())
        kept += len(codes)
        wait_until(lambda: len(self.road.recorded) >= kept)
        return kept

    def settle_paper(self, kept: int) -> int:
        """Answer for each receipt in doubt, as the screen asks, until none is."""
        kept = self.scan_now(kept)
        while (doubt := self.paper.doubt()) is not None:
            # A number or a question left open by what was scanned last must not meet the answer.
            kept = self.scan_now(kept, command("clear"), self.paper.answer(doubt))
        return kept

    def round(self, server: Process | None) -> None:
        """Scan on from what is kept, as somebody does who looks at the screen, until the station is killed."""
        killed = threading.Event()
        kept = self.kept()
        with self.counter.start(*self.arguments) as station:
            if self.rng.random() < 0.8:  # else it is killed while it starts and sends what was kept
                station.wait_for("ready")
                kept = self.settle_paper(kept)
                if not self.paper.printer.at and self.paper.went_away < PRINTER_GOES_AWAY - 1:
                    self.paper.goes_away_soon()
            timers = [threading.Timer(self.rng.uniform(0, 0.6), self._kill, [station, killed])]
            if server is not None:
                timers.append(threading.Timer(self.rng.uniform(0, 0.6), server.kill))
            for timer in timers:
                timer.start()
            if "ready" in "".join(station.seen):
                self.source.scan(self.codes[kept : kept + BURST], killed)
            assert killed.wait(LIMIT_S)
            for timer in timers:
                timer.join()
        self.paper.printer.hang_up()  # what is half printed is torn off
        self.paper.look()

    def _kill(self, station: Process, killed: threading.Event) -> None:
        station.kill()
        killed.set()

    def end(self, product: str) -> int:
        """Nobody is killed any more; the shift is closed, and its receipt is the last the printer goes away from."""
        kept = self.kept()
        with self.counter.start(*self.arguments) as station:
            station.wait_for("ready")
            kept = self.settle_paper(kept)
            while self.paper.went_away < PRINTER_GOES_AWAY - 1:
                if not self.paper.printer.at:
                    self.paper.goes_away_soon()
                kept = self.scan_now(kept, product, command("print-tally"))
                kept = self.settle_paper(kept)
            self.paper.goes_away_soon()
            kept = self.scan_now(kept, product, command("close-shift"))
            kept = self.settle_paper(kept)
            assert station.stop() == 0
        assert self.kept() == kept
        return kept


def counted(line: CommandLine) -> object:
    """All that is known of an evening once it is closed, and of the stock."""
    line.run("verify")
    return line.json("tally", "--place", "CLIP"), line.json("stock")


def in_one_go(folder: Path, reads: list[dict[str, str]]) -> object:
    """The same reads in the same order, where nobody is killed and nothing is printed."""
    line = CommandLine(with_example(folder))
    station = add_station(line, "hand-out")
    with line.here.serving():
        for first in range(0, len(reads), BURST):
            post_reads(line.here.port, station.name, station.token, reads[first : first + BURST])
    return counted(line)


def test_killed_at_any_instant_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    line = CommandLine(with_example(tmp_path / "data"))
    pictures = [row["code"] for row in line.json("codes") if row["kind"] == "item"]
    codes = scans(rng, pictures, (STATION_KILLS + 1) * BURST)
    counter = Here(tmp_path / "counter", line.here.port)
    with ExitStack() as stack:
        printer = stack.enter_context(paper_printer())
        road, address = stack.enter_context(road_to(line.here.port))
        source = stack.enter_context(scanner())
        station = add_station(line, "hand-out", "CLIP", "--printer", printer.url)
        service = Service(f"http://127.0.0.1:{line.here.port}", station.name, station.token)
        printer.cuts = cuts = Cuts(road)
        paper = Paper(rng, printer, service, road, cuts)
        sending = ["station", "run", station.name, "--token", station.token, "--server", address]
        scanning = [*sending, "--scanner", source.path]
        outbox = counter.outbox(station.name)
        evening = Evening(rng, counter, scanning, outbox, road, source, paper, codes)
        with_server = set(rng.sample(range(STATION_KILLS), SERVER_KILLS))
        serving = ExitStack()
        server = serving.enter_context(line.here.serving())
        stack.push(serving)
        for n in range(STATION_KILLS):
            evening.round(server if n in with_server else None)
            if n in with_server:
                serving.close()
                server = serving.enter_context(line.here.serving())
        kept = evening.end(pictures[0])
    assert kept > STATION_KILLS
    paper.is_exact()
    nothing_left(outbox, codes)
    reads = list(road.reads.values())
    assert [read["code"] for read in reads] == codes[:kept]
    assert counted(line) == in_one_go(tmp_path / "fresh", reads)
    print(
        f"{kept} scans, station killed {STATION_KILLS} times, server {SERVER_KILLS}: all counted once;"
        f" printer away {paper.went_away} times: {paper.originals.total()} receipts,"
        f" {paper.copies.total()} copies asked for"
    )
