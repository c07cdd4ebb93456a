"""What the guest hears of scanners: the product's own code drives them, and tells every event.

Two ways: its classes in a bare process (`hear.py`), and the whole of `comptoir station run`, with its outbox, sending
to the service on this machine.
"""

from __future__ import annotations

import json
import queue
import re
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

from tests.e2e.conftest import CommandLine, add_station
from tests.e2e.road import Road
from tests.hardware.guest import HOST, LIMIT_S, Guest, Running
from tests.hardware.hear import STACKS, TICK_S
from tests.hardware.scanners import Scanner

SILENCE_S = 30  # after it a scan of which nothing was heard is silent: that is the fault looked for
QUIET_S = 2.0  # after a scan that failed: far longer than any decoder waits for the rest of it
TRIES = 6
SAID = re.compile(
    r"[^:]+: (\w+): (ready|lost \((\w+)\)\..*|a scan was dropped \((\w+)\), scan again)"
)

Told = dict[str, Any]
"""An event as `hear.py` tells it."""


class Ears(ABC):
    """A process in the guest that drives scanners, and all that is heard of them."""

    look = ""
    """What asks it where its threads are, in a shell of the guest."""

    def __init__(self, process: Running, scanners: Sequence[Scanner]) -> None:
        self._process = process
        self.pid = process.pid
        # All at once: made where they are missed, two threads would make two, and one would wait at the wrong one.
        self._told: dict[str, queue.Queue[Told]] = {one.name: queue.Queue() for one in scanners}
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def next(self, scanner: Scanner, timeout_s: float = SILENCE_S) -> Told:
        """What is heard next of a scanner. Raises queue.Empty."""
        return self._told[scanner.name].get(timeout=timeout_s)

    def next_unless_quiet(self, scanner: Scanner) -> Told | None:
        """What is heard next of a scanner; None once it has been silent for so long that nothing more is to come of
        what it sent."""
        try:
            return self.next(scanner, QUIET_S)
        except queue.Empty:
            return None

    def until(self, scanner: Scanner, event: str) -> Told:
        """Its next event, which must be that one."""
        told = self.next(scanner)
        assert told["event"] == event, told
        return told

    def until_ready(self, scanner: Scanner) -> None:
        """From its start on. Where it is not, what the guest knows of it is told."""
        try:
            while self.next(scanner, LIMIT_S)["event"] != "ScannerReady":
                pass
        except queue.Empty:
            look = f"ls -l {scanner.device} /dev/input/by-path /dev/serial/by-id /run/udev; dmesg | tail -40"
            known = scanner.guest.call("subprocess:getoutput", cmd=f"{look}; {self.look}")
            raise AssertionError(f"{scanner.name} is not ready\n{known}") from None

    def read(self, scanner: Scanner, text: str, rng: Random) -> None:
        """Scan until it is read, as people do: an emulated processor stumbles, and what stumbled is announced."""
        for _ in range(TRIES):
            self.expect(scanner, text)
            scanner.scan(text, rng)
            told = self.next(scanner)
            if told["event"] == "ReadMade":
                assert told["code"] == text, told
                return
            while self.next_unless_quiet(scanner) is not None:
                pass
        raise AssertionError(f"{text!r} was announced as failed {TRIES} times")

    def expect(self, scanner: Scanner, text: str) -> None:  # noqa: B027
        """A scanner is about to send a text; not every kind needs to know."""

    def end(self) -> None:
        self._process.signal(9)
        self._listener.join()

    def _listen(self) -> None:
        while (line := self._process.line()) is not None:
            told = self._event(line)
            if told is None:
                print(line)
            elif told:
                self._told[told["device"]].put(told)

    @abstractmethod
    def _event(self, line: str) -> Told | None:
        """What a line of its output tells: nothing of a scanner where it is empty, None where it is something else."""


class BareEars(Ears):
    """The classes of scanners in a bare process."""

    def __init__(self, guest: Guest, scanners: Sequence[Scanner]) -> None:
        told = ("name", "device", "keymap")
        settings = [
            {one: getattr(scanner, one) for one in told} | {"suffix": scanner.listed_suffix}
            for scanner in scanners
        ]
        command = [sys.executable, "-m", "tests.hardware.hear", json.dumps(settings)]
        self._ticks = self._asked = 0
        self._asking = threading.Lock()
        super().__init__(guest.start(command), scanners)
        self.look = f"kill -USR1 {self.pid}; sleep 1; cat {STACKS}"

    def next_unless_quiet(self, scanner: Scanner) -> Told | None:
        """It may be kept from running meanwhile, by the test itself and by a machine that has other things to do: so
        its own ticks are counted, not the time."""
        until, limit_s = self._ticks + QUIET_S / TICK_S, time.monotonic() + LIMIT_S
        while self._ticks < until:
            self._ask_for_tick()
            with suppress(queue.Empty):
                return self.next(scanner, TICK_S)
            assert time.monotonic() < limit_s, "it does not tick any more"
        with suppress(queue.Empty):
            return self.next(scanner, 0)
        return None

    def _ask_for_tick(self) -> None:
        """One at a time, whoever needs it."""
        with self._asking:
            if self._asked == self._ticks:
                self._asked += 1
                self._process.write("\n")

    def _event(self, line: str) -> Told | None:
        told: Told | None = json.loads(line) if line.startswith("{") else None
        if told and told["event"] == "Tick":
            self._ticks += 1
            return {}
        return told


class StationEars(Ears):
    """`comptoir station run`, asking the service for its scanners: delivered is what the service answered for."""

    def __init__(
        self, guest: Guest, scanners: Sequence[Scanner], service: CommandLine, road: Road, port: int
    ) -> None:
        station = add_station(service, "hand-out")
        for one in scanners:
            said = {True: ["--suffix", "key"], False: ["--suffix", "none"], None: []}
            options = said[one.listed_suffix]
            options += ["--keymap", one.keymap] if one.keymap else []
            service.run("station", "scanner", "add", station.name, one.name, one.device, *options)
        self._clock_s: float = guest.call("time:time") - time.time()
        self._first = scanners[0].name
        self._of: dict[str, str] = {}  # text -> scanner
        self._answered: set[str] = set()  # ids
        road.on_answered = self._service_answered
        command = [sys.executable, "-m", "web", "station", "run", station.name, "--stay"]
        command += ["--token", station.token, "--server", f"http://{HOST}:{port}"]
        environment = {"COMPTOIR_DATA": "/run/station", "LC_ALL": "C.UTF-8"}
        super().__init__(guest.start(command, **environment), scanners)

    def expect(self, scanner: Scanner, text: str) -> None:
        self._of[text] = scanner.name

    def _service_answered(self, reads: dict[str, str]) -> None:
        """A read sent again bears the id it had, and is the same one; a text that nobody sent is heard of the first."""
        for id_ in reads.keys() - self._answered:
            self._answered.add(id_)
            told = {"event": "ReadMade", "code": reads[id_], "at_s": self._now_s()}
            self._told[self._of.get(reads[id_], self._first)].put(told)

    def _event(self, line: str) -> Told | None:
        said = SAID.fullmatch(line)
        if said is None:
            return None
        device, what, lost, dropped = said.groups()
        event = {"ready": "ScannerReady", "lost": "ScannerLost"}.get(what.split()[0], "ReadDropped")
        why = lost or dropped or ""
        return {"event": event, "device": device, "why": why, "at_s": self._now_s()}

    def _now_s(self) -> float:
        return time.time() + self._clock_s
