"""`comptoir station run NAME`: the process on the counter PC that owns its scanners and its outbox.

A read is kept durably before anything else happens to it, then sent until it is answered. The log says when the server
went away and came back, and what was lost; what else becomes of a read is only shown to somebody at a terminal, for a
log of it would be a trail of the evening.
"""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Any

from devices.errors import OutboxError
from devices.events import ReadDropped, ReadMade, ScannerEvent, ScannerLost, ScannerReady
from devices.outbox import Outbox
from devices.scanner import Scanner
from devices.sender import Away, Change, HttpPost, Kept, Result, Sender, Sent
from devices.service import Service
from labels import reading
from labels.house import Kind
from web import printing
from web.device_words import LOST
from web.heartbeat import EVERY_S, Heartbeat, Loopback, Status
from web.scanners import ScannerSetting
from web.setting_up import SettingUp, Wish
from web.signals import ToldToStop
from web.simulated import Ports

log = logging.getLogger("comptoir.station")

LOOKS_EVERY_S = 1.0
"""While somebody sets up devices."""


def is_badge(code: str) -> bool:
    """Badges are recognised here already, so that the outbox never stores one."""
    read = reading.read_code(code)
    return isinstance(read, reading.House) and read.kind is Kind.BADGE


def lines_of(descriptor: int) -> Iterator[bytes]:
    """The lines of a file, ended by LF alone.

    Not by way of `sys.stdin`: a thread that waits in there holds its lock, and Python would abort rather than end.
    """
    held = b""
    while data := os.read(descriptor, 4096):
        *lines, held = (held + data).split(b"\n")
        yield from lines
    if held:
        yield held


class KeptSignal:
    """Says aloud that a read was kept while the service is away: the terminal's bell, and a command if one is set."""

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)
        self._playing: subprocess.Popen[bytes] | None = None

    def __call__(self) -> None:
        if sys.stdout.isatty():
            print("\a", end="", flush=True)
        if not self._command or (self._playing and self._playing.poll() is None):
            return  # reads may come faster than a sound ends
        try:
            self._playing = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        except OSError as error:
            self._command = []
            log.warning("The command for kept reads does not work: %s", error)


class StationProcess:
    """Scanners → outbox → server → printer."""

    def __init__(
        self, *, name: str, token: str, server: str, outbox: Path, kept_command: str = ""
    ) -> None:
        outbox.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._locks = printing.locks_beside(outbox)
        self._ports = Ports(outbox.parent / "simulated", name)
        self.outbox = Outbox(outbox, transient=is_badge)
        self.sender = Sender(self.outbox, HttpPost(server, name, token), self._changed)
        self.paper: printing.Printing | None = None
        self.printer: str | None = None
        self.loopback = Loopback(server, lambda: self._status(self.outbox.count()))
        self.service = Service(server, name, token)
        self.heartbeat = Heartbeat(self.service, self._told_status, self._answered)
        self.signal_kept = KeptSignal(kept_command)
        self.scanners: dict[str, str] = {}
        self.follows = False
        self._driven: dict[ScannerSetting, tuple[Scanner, threading.Thread]] = {}
        self.setting_up = SettingUp(self.heartbeat.changed, self._drop, self._ports)
        self._listed: Sequence[ScannerSetting] = ()
        self._told: Queue[tuple[ScannerSetting, ScannerEvent]] = Queue()
        self._driving = threading.Lock()
        self._garbles: set[str] = set()
        self.dropped = self.doubled = 0
        self.away = False
        self.stopping = threading.Event()
        self.ending = threading.Event()

    def keep(self, code: str, at: datetime, setting: ScannerSetting | None = None) -> None:
        """Store a read and have it sent. One that cannot be stored is said to be lost, and raises nothing."""
        try:
            if setting is None:
                self.outbox.keep(code, at)
            else:
                lost = "lost" if setting.loses_separator else ""
                self.outbox.keep(code, at, lane=setting.lane, separator=lost)
        except OutboxError as error:
            log.error("A scan could not be kept, scan again. %s", error)
            self._drop()
            return
        if self.away:
            self.signal_kept()
        self.sender.wake()

    def _hear(self) -> None:
        """What the scanners told, in its order. Their own threads only read and tell the time: scans that wait for a
        slow disk to be read would seem to be made at once, and of two on purpose one would be a double."""
        while True:
            setting, event = self._told.get()
            try:
                self.heard(event, setting)
            except Exception as error:  # must not end the hearing, nor log what was read
                what = type(event).__name__
                log.error("%s: %s not taken: %s", setting.name, what, type(error).__name__)
            finally:
                self._told.task_done()

    def heard(self, event: ScannerEvent, setting: ScannerSetting | None = None) -> None:
        match event:
            case ReadMade(device, code, at):
                self._garbles.discard(device)
                self.keep(code, at, setting)
            case ReadDropped(device, why):
                if why == "double":
                    _say(f"{device}: read twice at one trigger, counted once")
                    self.doubled += 1
                    self.heartbeat.changed()
                    return
                # With a wrong keymap every scan is garbled: a line for each would be a trail of the evening.
                if why != "garbled" or device not in self._garbles:
                    log.warning("%s: a scan was dropped (%s), scan again", device, why)
                if why == "garbled":
                    self._garbles.add(device)
                self._drop()
            case ScannerLost(device, why):
                log.warning("%s: lost (%s). %s", device, why, LOST[why].says)
                self._scanner_is(device, "lost")
            case ScannerReady(device):
                log.info("%s: ready", device)
                self._scanner_is(device, "ready")

    def _drop(self) -> None:
        self.dropped += 1
        self.heartbeat.changed()

    def _scanner_is(self, device: str, state: str) -> None:
        self.scanners[device] = state
        self.heartbeat.changed()

    def _printer_is(self, state: str | None) -> None:
        self.printer = state
        self.heartbeat.changed()

    def _status(self, kept: int) -> Status:
        return {
            "scanners": self._scanners_told(),
            "printer": self.printer and {"state": self.printer},
            "kept": kept,
            "dropped": self.dropped,
            "doubled": self.doubled,
            "port": self.loopback.port,
        }

    def _scanners_told(self) -> list[dict[str, str]]:
        """Why one is lost is as it found at its last try: what was unplugged may since be there, and be forbidden."""
        why = {setting.name: one.why for setting, (one, _) in self._driven.copy().items()}
        told = []
        for name, state in self.scanners.copy().items():
            lost = why.get(name) if state == "lost" else None
            told.append({"name": name, "state": state, **({"why": lost} if lost else {})})
        let_go = [one for one in self._listed if one.name not in self.scanners]
        tested = [one.name for one in let_go if self.setting_up.tries(one)]
        return told + [{"name": one, "state": "lost", "why": "tested"} for one in tested]

    def _told_status(self) -> Status:
        # While the service answers, a read that waits for its answer is not news.
        status = self._status(self.outbox.count() if self.away else 0)
        return {**status, **self.setting_up.told()}

    def _changed(self, change: Change) -> None:
        match change:
            case Away(why):
                self.away = True
                self.signal_kept()
                log.warning("The server takes no reads (%s). They are kept.", why)
            case Kept(count):
                _say(f"{count} reads kept, none lost.")
            case Sent(results, left):
                self._show(results)
                if self.paper:
                    self.paper.wake()  # a read may have asked for paper
                if self.away and left == 0:
                    self.away = False
                    log.info("The server is back: every kept read is sent.")
                self._stop_if_sent(left)
        self.heartbeat.changed()

    def _show(self, results: Sequence[Result]) -> None:
        for result in results:
            what = " ".join(str(result[key]) for key in ("pieces", "item") if result.get(key))
            _say(f"{result['status']:9} {what:20} {result.get('message', '')}")

    def drive(self, settings: Sequence[ScannerSetting]) -> None:
        """These scanners and no others, until it is stopped. One that stays as it was goes on undisturbed."""
        with self._driving:
            wanted = [] if self.stopping.is_set() else settings
            for setting in self._driven.keys() - set(wanted):
                scanner, thread = self._driven.pop(setting)
                scanner.stop()
                thread.join()
                self._told.join()  # all that it read is kept
                del self.scanners[setting.name]
                if not self.stopping.is_set():
                    log.info("%s: taken off the list", setting.name)
            for setting in wanted:
                if setting not in self._driven:
                    self.scanners[setting.name] = "lost"
                    self._driven[setting] = self._driver(setting)
        self.heartbeat.changed()

    def _driver(self, setting: ScannerSetting) -> tuple[Scanner, threading.Thread]:
        scanner = self._ports.scanner(setting).scanner(
            lambda event: self._told.put((setting, event))
        )
        return scanner, _start(scanner.run)

    def _answered(self, answer: Any) -> None:
        """The service says which scanners are on the list now, and whether somebody sets up devices."""
        listed = ScannerSetting.told(answer) if self.follows else None
        if listed is not None:
            self._listed = listed
        wish = Wish.of(answer)
        wanted = self.setting_up.left_by(wish, self._listed)
        if set(wanted) != self._driven.keys():
            self.drive(wanted)
        self.setting_up.begin(wish)
        self.heartbeat.every_s = LOOKS_EVERY_S if wish.look else EVERY_S

    def run(self, settings: Sequence[ScannerSetting], *, stay: bool) -> None:
        """Until told to stop, or, unless it stays or has scanners, until standard input ends and everything is sent."""
        self._listed = settings
        _start(self._hear)
        self.drive(settings)
        sending = _start(self.sender.run)
        for body in (self.heartbeat.run, self.loopback.run):
            _start(body)
        lasts = stay or bool(settings)
        if lasts:  # one that only sends what is typed leaves the paper to the one that lasts
            self.paper = printing.start(
                server=self.service.base,
                station=self.service.station,
                token=self.service.token,
                on_state=self._printer_is,
                locks=self._locks,
                ports=self._ports,
            )
        _start(lambda: self._read_standard_input(stop_at_end=not lasts))
        self.heartbeat.changed()
        self.stopping.wait()
        self.heartbeat.stop()
        if self.paper:
            self.paper.stop()
        self.drive(())
        self.setting_up.end()
        self.sender.stop()
        sending.join()
        if self.paper:
            self.paper.join()
        self.outbox.close()

    def _read_standard_input(self, *, stop_at_end: bool) -> None:
        for line in lines_of(0):
            if line:
                self.keep(line.decode("utf-8", "replace"), datetime.now(UTC))
        if stop_at_end:
            self.ending.set()
            self._stop_if_sent(self.outbox.count())

    def _stop_if_sent(self, left: int) -> None:
        # Both threads come by here after their part is done, so whichever is last sees the end.
        if self.ending.is_set() and left == 0:
            self.stopping.set()


def _say(line: str) -> None:
    """What speaks of a read, to somebody at a terminal: a log would keep when it was made."""
    if sys.stdout.isatty():
        print(line, flush=True)


def _start(body: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread


def run_station(
    *,
    name: str,
    token: str,
    server: str,
    outbox: Path,
    scanners: Sequence[ScannerSetting],
    follows: bool = False,
    stay: bool = False,
    kept_command: str = "",
) -> None:
    """Drive a station until it is stopped. It `follows` the list of its scanners, where they are not given by hand."""
    # `comptoir run` has the lines of several stations in one log.
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(station)s: %(message)s", defaults={"station": name}))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    station = StationProcess(
        name=name, token=token, server=server, outbox=outbox, kept_command=kept_command
    )
    station.follows = follows
    ToldToStop().then(station.stopping.set)
    station.run(scanners, stay=stay)
