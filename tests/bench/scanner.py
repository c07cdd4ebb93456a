"""`make bench-scanner`: from the last key of a scan in the guest to the answer at the station, and each step of it.

The guest's processor is emulated, ten to twenty times slower than a counter's: what counts is each step beside the
floor, which is a bare read of the same events in the same guest. The service runs on this machine, which is not.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from random import Random

from tests.e2e.conftest import CommandLine, add_station, with_example
from tests.hardware.guest import HOST, Guest, Running, booted, built_kernel
from tests.hardware.scanners import GadgetKeyboard

SCANS = 200
STEPS = ("key", "decoded", "kept", "answered")
NAMES = ("kernel to decoder", "decoder to outbox, durable", "outbox to the server's answer")
CODE = (
    "{:06d}"  # no more events than the kernel keeps, so that even a reader that sleeps loses none
)


def floor(guest: Guest, scanner: GadgetKeyboard, rng: Random) -> list[float]:
    """Milliseconds from the kernel's time of Enter to a bare reader."""
    reader = guest.start([sys.executable, "-m", "tests.bench.steps", "raw", scanner.device])
    _line(reader, "ready")
    took = []
    for number in range(SCANS):
        scanner.scan(CODE.format(number), rng)
        took.append(1000 * float(_line(reader, "raw").split()[1]))
    reader.signal(9)
    while reader.line() is not None:
        pass
    return took


def station(
    guest: Guest, scanner: GadgetKeyboard, rng: Random, service: CommandLine
) -> list[list[float]]:
    """For each scan, milliseconds in each step."""
    here = add_station(service, "hand-out")
    add = ("station", "scanner", "add", here.name, "desk", scanner.device, "--keymap", "us")
    service.run(*add, "--suffix", "key")
    command = [sys.executable, "-m", "tests.bench.steps", "station", "run", here.name, "--stay"]
    command += ["--token", here.token, "--server", f"http://{HOST}:{service.here.port}"]
    process = guest.start(command, COMPTOIR_DATA="/run/bench", LC_ALL="C.UTF-8")
    _line(process, f"{here.name}: desk: ready")
    took = []
    for number in range(SCANS):
        scanner.scan(CODE.format(number), rng)
        times = [1000 * float(_line(process, f"step {step}").split()[2]) for step in STEPS]
        took.append([b - a for a, b in pairwise(times)])
    process.signal(9)
    return took


def _line(process: Running, start: str) -> str:
    while (line := process.line()) is not None:
        if line.startswith(start):
            return line
    raise SystemExit(f"ended before it said {start}")


def _row(name: str, took: list[float]) -> None:
    ordered = statistics.quantiles(took, n=100)
    print(f"{name:32} {ordered[49]:8.2f} {ordered[98]:8.2f}")


def main() -> None:
    rng = Random(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        here = with_example(folder / "data")
        with booted(built_kernel(), folder) as guest, here.serving():
            scanner = GadgetKeyboard(guest, "desk", 0)
            guest.call("tests.hardware.gadgets:wait_for", path=scanner.device)
            bare = floor(guest, scanner, rng)
            steps = station(guest, scanner, rng, CommandLine(here))
    print(f"{SCANS} scans, milliseconds {'':8} {'p50':>8} {'p99':>8}")
    _row("floor: kernel to a bare reader", bare)
    for name, took in zip(NAMES, zip(*steps, strict=True), strict=True):
        _row(name, list(took))
    _row("last key to the answer", [sum(took) for took in steps])


if __name__ == "__main__":
    main()
