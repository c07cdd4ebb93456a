"""`comptoir station run NAME`: the process on the counter PC that owns its scanners and its outbox.

A read is kept durably before anything else happens to it, then sent until it is answered. What is logged holds no code
and no time; answers are only shown to somebody at a terminal, for a log of them would be a trail of the evening.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from devices.events import ReadDropped, ReadMade, ScannerEvent, ScannerLost, ScannerReady
from devices.outbox import Outbox
from devices.sender import Away, Change, HttpPost, Kept, Result, Sender, Sent
from devices.serial_scanner import SerialScanner
from labels import reading
from labels.house import Kind

log = logging.getLogger("comptoir.station")


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


class StationProcess:
    """Scanners → outbox → server."""

    def __init__(self, *, name: str, token: str, server: str, outbox: Path) -> None:
        outbox.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.outbox = Outbox(outbox, transient=is_badge)
        self.sender = Sender(self.outbox, HttpPost(server, name, token), self._changed)
        self.away = False
        self.stopping = threading.Event()
        self.ending = threading.Event()

    def keep(self, code: str) -> None:
        self.outbox.keep(code, datetime.now(UTC))
        self.sender.wake()

    def heard(self, event: ScannerEvent) -> None:
        match event:
            case ReadMade(_, code, at):
                self.outbox.keep(code, at)
                self.sender.wake()
            case ReadDropped(device, why):
                log.warning("%s: a scan was dropped (%s), scan again", device, why)
            case ScannerLost(device, why):
                log.warning("%s: lost (%s)", device, why)
            case ScannerReady(device):
                log.info("%s: ready", device)

    def _changed(self, change: Change) -> None:
        match change:
            case Away(why):
                self.away = True
                log.warning("The server takes no reads (%s). They are kept.", why)
            case Kept(count):
                log.warning("%d reads kept, none lost.", count)
            case Sent(results, left):
                self._show(results)
                if self.away and left == 0:
                    self.away = False
                    log.info("The server is back: every kept read is sent.")
                self._stop_if_sent(left)

    def _show(self, results: Sequence[Result]) -> None:
        if not sys.stdout.isatty():
            return
        for result in results:
            what = " ".join(str(result[key]) for key in ("pieces", "item") if result.get(key))
            print(f"{result['status']:9} {what:20} {result.get('message', '')}", flush=True)

    def run(self, scanners: Sequence[str]) -> None:
        """Until SIGTERM, or, without scanners, until standard input ends and everything is sent."""
        devices = [SerialScanner(port, name=port, emit=self.heard) for port in scanners]
        threads = [threading.Thread(target=device.run, daemon=True) for device in devices]
        sending = threading.Thread(target=self.sender.run, daemon=True)
        for thread in (*threads, sending):
            thread.start()
        typed = threading.Thread(target=self._read_standard_input, args=(not devices,), daemon=True)
        typed.start()
        self.stopping.wait()
        for device in devices:
            device.stop()
        self.sender.stop()
        for thread in (*threads, sending):
            thread.join()
        self.outbox.close()

    def _read_standard_input(self, stop_at_end: bool) -> None:
        for line in lines_of(0):
            if line:
                self.keep(line.decode("utf-8", "replace"))
        if stop_at_end:
            self.ending.set()
            self._stop_if_sent(self.outbox.count())

    def _stop_if_sent(self, left: int) -> None:
        # Both threads come by here after their part is done, so whichever is last sees the end.
        if self.ending.is_set() and left == 0:
            self.stopping.set()

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping.set()


def run_station(
    *, name: str, token: str, server: str, outbox: Path, scanners: Sequence[str]
) -> None:
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    station = StationProcess(name=name, token=token, server=server, outbox=outbox)
    signal.signal(signal.SIGTERM, station.stop)
    signal.signal(signal.SIGINT, station.stop)
    station.run(scanners)
