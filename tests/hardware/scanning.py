"""Scans at random on many scanners at once, and three files that say what was sent and what became of each.

On each scanner one scan is in flight: the next begins once the one before was delivered, or was announced as failed and
the scanner has been silent since. So whatever is announced on a scanner is said of the scan in flight on it.
"""

from __future__ import annotations

import json
import queue
import string
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from devices.hid_decoder import GS
from tests.hardware.ears import Ears, Told
from tests.hardware.recount import Count, recount_folder
from tests.hardware.scanners import Scanner

MOST_SILENT = 5
SIGNS = string.digits + string.ascii_letters + string.punctuation + " "
NAMES = ("sent", "received", "announced")


class Log:
    """`sent.jsonl`, `received.jsonl` and `announced.jsonl`, one scan a line: {device, text}."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        for name in NAMES:
            self._file(name).write_text("")

    def note(self, name: str, device: str, text: str) -> None:
        with self._lock, self._file(name).open("a") as file:
            file.write(json.dumps({"device": device, "text": text}) + "\n")

    def count(self) -> Count:
        return recount_folder(self.folder)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.jsonl"


@dataclass(frozen=True)
class Plan:
    """How many of a scanner's scans go how."""

    plain: int
    stalled: int = 0
    unplugged: int = 0


@dataclass
class Hand:
    """Whoever holds one scanner."""

    scanner: Scanner
    ears: Ears
    log: Log
    rng: Random
    number: int = 0
    failed: str = ""
    """The last scan that was announced as failed."""
    silent: int = 0
    stumbled: int = 0
    """Scans that the emulated scanner itself sent in two halves: nobody could know, and they are not counted."""
    back_s: list[tuple[float, float]] = field(default_factory=list)
    """From plugging in, and from udev's path, to ready."""
    events: Counter[str] = field(default_factory=Counter)

    def work(self, plan: Plan) -> None:
        """All scans of a plan, in an order drawn at random after a first plain one."""
        ways: list[Callable[[], None]] = [self.scan] * (plan.plain - 1)
        ways += [self.scan_stalled] * plan.stalled + [self.scan_unplugged] * plan.unplugged
        self.rng.shuffle(ways)
        for way in (self.scan, *ways):
            way()

    def scan(self) -> None:
        text = self._text()
        self.ears.expect(self.scanner, text)
        self._became(text, whole=self.scanner.scan(text, self.rng))

    def scan_stalled(self) -> None:
        text = self._text()
        self.ears.expect(self.scanner, text)
        self._became(text, whole=self.scanner.scan_stalled(text, self.rng, self.ears.pid))

    def scan_unplugged(self) -> None:
        """Pulled out in mid-scan: told once, as half a read if a part of it came and as lost in any case."""
        text = self._text()
        self.ears.expect(self.scanner, text)
        self._sent(text)
        self.scanner.scan_unplugged(text, self.rng)
        while (told := self._next())["event"] != "ScannerLost":
            self._heard(told, text)
        assert told["why"] == "gone", told
        self._failed(text)
        plugged_s, there_s = self.scanner.plugged_back()
        told = self._next()
        assert told["event"] == "ScannerReady", told
        self.back_s.append((told["at_s"] - plugged_s, told["at_s"] - there_s))

    def _became(self, text: str, *, whole: bool) -> None:
        """Wait for what becomes of a scan."""
        if not whole:
            self.stumbled += 1
            self._quiet(None)
            return
        self._sent(text)
        try:
            while (told := self._next())["event"] == "ReadMade":
                self._heard(told, text)
                if told["text"] == text:
                    return
        except queue.Empty:  # the count tells, too
            self.silent += 1
            assert self.silent < MOST_SILENT, f"nothing is heard of {self.scanner.name} any more"
            return
        self._heard(told, text)
        self._quiet(text)

    def _quiet(self, text: str | None) -> None:
        """Until the scanner is silent: what comes is still about that scan."""
        while (told := self.ears.next_unless_quiet(self.scanner)) is not None:
            self._heard(self._noted(told), text)

    def _next(self) -> Told:
        return self._noted(self.ears.next(self.scanner))

    def _noted(self, told: Told) -> Told:
        self.events[told["event"]] += 1
        if told["event"] == "ReadDropped":
            self.events[told["why"]] += 1
        told["text"] = told.get("code", "")
        return told

    def _heard(self, told: Told, text: str | None) -> None:
        assert told["event"] in ("ReadMade", "ReadDropped"), told
        if text is None:
            return
        if told["event"] == "ReadMade":
            self.log.note("received", self.scanner.name, told["text"])
        else:
            self._failed(text)

    def _failed(self, text: str) -> None:
        """A line for each scan: a scanner pulled out is told as half a read and as lost, and others stumble twice."""
        if text != self.failed:
            self.log.note("announced", self.scanner.name, text)
        self.failed = text

    def _sent(self, text: str) -> None:
        self.log.note("sent", self.scanner.name, text)

    def _text(self) -> str:
        """Every text is another one: plain, or as GS1 with its AIM identifier and separators."""
        self.number += 1
        some = "".join(self.rng.choices(SIGNS, k=self.rng.randint(4, 14)))
        if self.rng.random() < 0.85:
            return f"{some}{self.scanner.name[:2]}{self.number}"
        lot, serial = some[:8], f"{self.scanner.name}{self.number}"
        return f"]C10105413868{self.rng.randrange(10**6):06d}10{lot}{GS}21{serial}{GS}17{270101}"


def scan_all(hands: Sequence[Hand], plans: Mapping[str, Plan]) -> None:
    """Every scanner in its own hand, all at once. Raises what the first of them raised."""
    with ThreadPoolExecutor(len(hands)) as people:
        for done in [people.submit(hand.work, plans[hand.scanner.name]) for hand in hands]:
            done.result()


def summary(hands: Sequence[Hand]) -> str:
    """What it was like, a line a scanner."""
    lines = []
    for hand in hands:
        events = ", ".join(f"{name} {n}" for name, n in sorted(hand.events.items()))
        back = "".join(f"; back in {a:.1f} s, {b:.1f} s after udev" for a, b in hand.back_s[:3])
        lines.append(f"{hand.scanner.name:8} {events}; stumbled {hand.stumbled}{back}")
    return "\n".join(lines)
