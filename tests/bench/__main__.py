"""`make bench`: one read, HTTP in to durable answer out, beside the floor in the same run.

Six codes in turn and "next person" every six, at ten thousand and at two million moves. Service and floor take turns in
short slices, so that a noisy minute hits both. Then labels beside their bare renderer, and a read at the scanner until
its picture has changed on the page.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from inventory.counter.commands import BY_NAME
from labels.house import Kind, house_code
from tests.bench import data, labels, picture
from tests.web.counter import CHROMIUM

SIZES = (10_000, 2_000_000)
SLICES = 8
SLICE_S = 1.5
WARM_UP = 50


@dataclass
class Measured:
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.seconds

    def percentile(self, percent: int) -> float:
        return statistics.quantiles(self.latencies_ms, n=100)[percent - 1]


class Client:
    """One station's connection, kept open; as little as HTTP needs."""

    def __init__(self, port: int, token: str, codes: list[str]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = (
            "POST /api/stations/CLIP/reads HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        )
        self.codes = [*codes, house_code(Kind.COMMAND, BY_NAME["next-person"].number)]
        self.turn = 0

    def read(self) -> dict[str, object]:
        code = self.codes[self.turn % len(self.codes)]
        self.turn += 1
        one = {"id": str(uuid4()), "code": code, "at": datetime.now(UTC).isoformat()}
        body = json.dumps({"reads": [one]})
        self.socket.sendall(f"{self.head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(65536)
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(rest) < length:
            rest += self.socket.recv(65536)
        result: dict[str, object] = json.loads(rest)["results"][0]
        assert result["status"] == "accepted", result
        return result


@contextmanager
def served(folder: Path, what: str) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "tests.bench.server", str(folder), str(port), what]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        yield port
    finally:
        process.kill()
        process.wait()


def slice_of(clients: list[Client], into: Measured) -> None:
    """Every client reads for a slice of time, as fast as it is answered."""
    end = time.perf_counter() + SLICE_S
    began = time.perf_counter()

    def work(client: Client, latencies: list[float]) -> None:
        while (start := time.perf_counter()) < end:
            client.read()
            latencies.append(1000 * (time.perf_counter() - start))

    each: list[list[float]] = [[] for _ in clients]
    threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, each, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    into.seconds += time.perf_counter() - began
    into.latencies_ms += [latency for some in each for latency in some]


def measure(folder: Path, moves: int, stations: int, slices: int) -> tuple[Measured, Measured]:
    database = data.make(folder, moves)
    token, codes = data.station_and_codes(database)
    database.forget_erased()
    database.close()
    service, floor = Measured(), Measured()
    with served(folder, "service") as port, served(folder, "floor") as floor_port:
        ours = [Client(port, token, codes) for _ in range(stations)]
        theirs = [Client(floor_port, token, codes) for _ in range(stations)]
        for client in (*ours, *theirs):
            for _ in range(WARM_UP):
                client.read()
        for _ in range(slices):
            slice_of(ours, service)
            slice_of(theirs, floor)
    return service, floor


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--stations", type=int, default=1, help="connections at once")
    parser.add_argument("--slices", type=int, default=SLICES)
    options = parser.parse_args()
    speeds = []
    print(f"{'moves':>10} {'':8} {'reads/s':>8} {'p50 ms':>7} {'p95':>7} {'p99':>7}  of the floor")
    for moves in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            service, floor = measure(Path(folder), moves, options.stations, options.slices)
        for name, one in (("service", service), ("floor", floor)):
            tail = f"{service.per_second / floor.per_second:>6.2f}" if one is service else ""
            print(
                f"{moves:>10} {name:8} {one.per_second:8.0f} {one.percentile(50):7.2f} "
                f"{one.percentile(95):7.2f} {one.percentile(99):7.2f}  {tail}",
                flush=True,
            )
        speeds.append(service.per_second / floor.per_second)
    if len(speeds) == 2:
        print(f"large beside small, each by its floor: {speeds[1] / speeds[0]:.2f}")
    labels.main()
    if CHROMIUM.exists():
        picture.main()


if __name__ == "__main__":
    main()
