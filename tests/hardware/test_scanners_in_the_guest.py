"""Scanners through the kernel's own drivers: scanned, stalled, unplugged in mid-scan and plugged back.

`make test` sends 500 scans, `make test-hardware` 10,000, some of them to a whole station. SEED draws others, LOG is
where the three files go.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests import LONG
from tests.e2e.conftest import CommandLine, with_example
from tests.e2e.road import road_to
from tests.hardware.ears import BareEars, Ears, StationEars
from tests.hardware.guest import Guest
from tests.hardware.scanners import (
    Ftdi,
    GadgetKeyboard,
    GadgetSerial,
    QemuKeyboard,
    Scanner,
    stall,
)
from tests.hardware.scanning import Hand, Log, Plan, scan_all, summary

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600 if LONG else 900),
]

SEED = os.environ.get("SEED") or "20261122"
# Keys are dear in an emulated guest, bytes are cheap.
PLANS = {
    "left": Plan(350, 40, 6) if LONG else Plan(36, 3, 1),
    "right": Plan(350, 40, 6) if LONG else Plan(36, 3, 1),
    "be": Plan(200, 20, 4) if LONG else Plan(30, 3, 1),
    "fr": Plan(80, 10) if LONG else Plan(25, 2),
    "acm": Plan(500, 20, 4) if LONG else Plan(100, 3, 1),
    "cdc": Plan(4200, 60, 6) if LONG else Plan(140, 3, 1),
    "ftdi": Plan(4200, 60, 6) if LONG else Plan(140, 3, 1),
    "kbd": Plan(40, 4, 2) if LONG else Plan(4, 1, 1),
}
# Heard by a whole station; the others by the classes in a bare process. It takes half a minute to start in there.
AT_THE_STATION = ("be", "acm") if LONG else ()
TRIES = 6  # a busy machine is not a fault
BACK_S = 2.0
LITTLE = 0.01  # of a processor, and an emulated one at that


@pytest.fixture(scope="module")
def scanners(guest: Guest) -> Iterator[dict[str, Scanner]]:
    """Everything that is plugged in: `left` and `right` are alike; `fr` ends its reads with nothing; how `right` and
    `acm` end theirs is to be found out."""
    made: list[Scanner] = [
        GadgetKeyboard(guest, "left", 0),
        GadgetKeyboard(guest, "right", 1, is_known=False),
        GadgetKeyboard(guest, "be", 2, keymap="be"),
        GadgetKeyboard(guest, "fr", 3, keymap="fr", suffix=False),
        GadgetSerial(guest, "acm", 4, is_known=False),
        GadgetSerial(guest, "cdc", 5),
        Ftdi(guest, "ftdi", 2),
        QemuKeyboard(guest, "kbd", 1),
    ]
    yield {scanner.name: scanner for scanner in made}
    for scanner in made:
        scanner.take_away()


@contextmanager
def a_station(guest: Guest, scanners: Sequence[Scanner], data: Path) -> Iterator[Ears]:
    """A whole station, and `comptoir serve` on this machine, which is another one than the counter's."""
    here = with_example(data)
    with here.serving(), road_to(here.port) as (road, address):
        port = int(address.rpartition(":")[2])
        station = StationEars(guest, scanners, CommandLine(here), road, port)
        yield station
        station.end()


@pytest.fixture(scope="module")
def ears(
    guest: Guest, scanners: dict[str, Scanner], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Ears]]:
    """Who hears each scanner, all of them ready: the classes by themselves, or a station with its outbox."""
    of_the_station = [scanners[name] for name in AT_THE_STATION]
    bare = BareEars(guest, [one for one in scanners.values() if one not in of_the_station])
    heard_by: dict[str, Ears] = dict.fromkeys(scanners, bare)
    with ExitStack() as stack:
        stack.callback(bare.end)
        if of_the_station:
            data = tmp_path_factory.mktemp("service") / "data"
            station = stack.enter_context(a_station(guest, of_the_station, data))
            heard_by |= dict.fromkeys(AT_THE_STATION, station)
        for name, one in scanners.items():
            heard_by[name].until_ready(one)
        yield heard_by


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """One for all scans of a run."""
    return Log(Path(os.environ.get("LOG") or tmp_path_factory.mktemp("log")))


def test_scans_of_every_kind(scanners: dict[str, Scanner], ears: dict[str, Ears], log: Log) -> None:
    hands = [Hand(one, ears[name], log, Random(f"{SEED}/{name}")) for name, one in scanners.items()]
    scan_all(hands, PLANS)
    count = log.count()
    print(f"{summary(hands)}\nSEED={SEED}\n{count}")
    assert count.faultless, count
    for hand in hands:
        plugged = PLANS[hand.scanner.name].unplugged
        assert hand.events["ScannerLost"] == hand.events["ScannerReady"] == plugged
    assert sum(hand.events["overrun"] for hand in hands) > 0


def test_what_the_kernel_loses_is_announced(
    scanners: dict[str, Scanner], ears: dict[str, Ears]
) -> None:
    """Asleep for a whole read: the kernel keeps the events of some ten keys, and says that it lost the others."""
    desk, rng = scanners["left"], Random(SEED)
    stall(desk.guest, ears["left"].pid, signal.SIGSTOP)
    desk.scan("0013748911" * 5, rng)
    stall(desk.guest, ears["left"].pid, signal.SIGCONT)
    told = ears["left"].until(desk, "ReadDropped")
    assert told["why"] == "overrun"
    ears["left"].read(desk, "0013748911", rng)


def test_read_twice_at_one_trigger_is_read_once(
    scanners: dict[str, Scanner], ears: dict[str, Ears]
) -> None:
    ftdi, code = scanners["ftdi"], "5410013000006"
    ears["ftdi"].read(ftdi, code, Random(SEED))
    ftdi.scan(code, Random(SEED))
    assert ears["ftdi"].until(ftdi, "ReadDropped")["why"] == "double"


def test_alike_and_at_once_they_are_told_apart(
    scanners: dict[str, Scanner], ears: dict[str, Ears]
) -> None:
    """Same maker, product and serial number: only the port tells. While one is away the other reads on."""
    left, right = scanners["left"], scanners["right"]
    assert isinstance(left, GadgetKeyboard) and isinstance(right, GadgetKeyboard)
    back_s = BACK_S
    for n in range(TRIES):
        left.unplug()
        assert ears["left"].until(left, "ScannerLost")["why"] == "gone"
        ears["right"].read(right, f"meanwhile {n}", Random(SEED))
        plugged_s, there_s = left.plugged_back()
        ready_s = ears["left"].until(left, "ScannerReady")["at_s"]
        print(
            f"ready {ready_s - plugged_s:.1f} s after plugging in, {ready_s - there_s:.1f} after udev"
        )
        ears["left"].read(left, f"back {n}", Random(SEED))
        back_s = min(back_s, ready_s - there_s)
        if back_s < BACK_S:
            break
    assert back_s < BACK_S
    for one in (left, right):
        fastest = max(one.per_second)
        print(f"{one.name}: {fastest:.0f} characters a second at best, of {len(one.per_second)}")


def test_waiting_for_a_scanner_costs_nothing(
    guest: Guest, scanners: dict[str, Scanner], ears: dict[str, Ears]
) -> None:
    """Neither in the classes by themselves nor in a station's whole process."""
    for name in ("right", *AT_THE_STATION):
        scanners[name].unplug()
        ears[name].until(scanners[name], "ScannerLost")
        share = 1.0
        for _ in range(TRIES):  # the guest takes time that its host is busy elsewhere for its own
            used = guest.call("tests.hardware.agent:processor_share", pid=ears[name].pid, seconds=3)
            share = min(share, used)
            if share < LITTLE:
                break
        print(f"{name} unplugged: {share:.2%} of the emulated processor")
        scanners[name].plugged_back()
        ears[name].until(scanners[name], "ScannerReady")
        assert share < LITTLE
