"""An evening's scans through a serial port, while the station and the server are killed at random: the tally is exact.

With COMPTOIR_TESTS=long in the environment the station is killed fifty times and the server twenty.
"""

from __future__ import annotations

import os
import random
import threading
import tty
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import CommandLine, Station, add_station, with_example
from tests.e2e.processes import LIMIT_S, Here, Process
from tests.e2e.road import Road, handed_out, nothing_left, road_to, waiting_in

LONG = os.environ.get("COMPTOIR_TESTS") == "long"
STATION_KILLS, SERVER_KILLS = (50, 20) if LONG else (8, 3)
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


def no_double_triggers(rng: random.Random, pictures: Sequence[str], count: int) -> list[str]:
    """Codes to scan, never the same twice running: at this pace that would be one trigger."""
    codes = [pictures[0]]
    while len(codes) < count:
        codes.append(rng.choice([code for code in pictures if code != codes[-1]]))
    return codes


@dataclass
class Evening:
    """Who is killed when, and what is known to be kept."""

    rng: random.Random
    counter: Here
    arguments: Sequence[str]
    outbox: Path
    road: Road
    codes: Sequence[str]

    def kept(self) -> int:
        """How many scans, from the first on, are on disk somewhere: exactly those, each once."""
        waiting = waiting_in(self.outbox) if self.outbox.exists() else {}
        everything = self.road.recorded | waiting
        assert Counter(everything.values()) == Counter(self.codes[: len(everything)])
        return len(everything)

    def round(self, source: Scanner, server: Process | None) -> None:
        """Scan on from what is kept, as somebody does who looks at the screen, until the station is killed."""
        killed = threading.Event()
        kept = self.kept()
        with self.counter.start(*self.arguments) as station:
            if self.rng.random() < 0.8:  # else it is killed while it starts and sends what was kept
                station.wait_for("ready")
            timers = [threading.Timer(self.rng.uniform(0, 0.6), self._kill, [station, killed])]
            if server is not None:
                timers.append(threading.Timer(self.rng.uniform(0, 0.6), server.kill))
            for timer in timers:
                timer.start()
            if "ready" in "".join(station.seen):
                source.scan(self.codes[kept : kept + BURST], killed)
            assert killed.wait(LIMIT_S)
            for timer in timers:
                timer.join()

    def _kill(self, station: Process, killed: threading.Event) -> None:
        station.kill()
        killed.set()


def test_killed_at_any_instant_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    line = CommandLine(with_example(tmp_path / "data"))
    pictures = [row["code"] for row in line.json("codes") if row["kind"] == "item"]
    codes = no_double_triggers(rng, pictures, (STATION_KILLS + 1) * BURST)
    station: Station = add_station(line, "hand-out", place="SAC1")
    counter = Here(tmp_path / "counter", line.here.port)
    outbox = counter.outbox(station.name)
    with ExitStack() as stack:
        road, address = stack.enter_context(road_to(line.here.port))
        source = stack.enter_context(scanner())
        sending = ["station", "run", station.name, "--token", station.token, "--server", address]
        scanning = [*sending, "--scanner", source.path]
        evening = Evening(rng, counter, scanning, outbox, road, codes)
        with_server = set(rng.sample(range(STATION_KILLS), SERVER_KILLS))
        serving = ExitStack()
        server = serving.enter_context(line.here.serving())
        for n in range(STATION_KILLS):
            evening.round(source, server if n in with_server else None)
            if n in with_server:
                serving.close()
                server = serving.enter_context(line.here.serving())
        kept = evening.kept()
        assert kept > STATION_KILLS
        with counter.start(*sending) as last:
            last.end_of_input()
            assert last.wait() == 0
        nothing_left(outbox, codes)
        handed_out(line, "SAC1", codes[:kept])
        serving.close()
    print(
        f"{kept} scans, station killed {STATION_KILLS} times, server {SERVER_KILLS}: all counted once"
    )
