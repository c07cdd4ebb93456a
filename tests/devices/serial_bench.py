"""A serial scanner on a pseudo-terminal, which can be plugged in, scanned with and unplugged."""

import os
import queue
import threading
import tty
from dataclasses import dataclass, field
from pathlib import Path

from devices.events import ReadMade, ScannerEvent
from devices.serial_scanner import DEFAULT_BAUD, SerialScanner

WAIT_S = 10  # a limit for a broken run; every wait ends at an event


@dataclass
class Bench:
    """A pseudo-terminal behind a steady path, as udev's by-id links are, and a running scanner."""

    link: Path
    by_udev: bool = False
    """Whose links are relative."""
    events: "queue.Queue[ScannerEvent]" = field(default_factory=queue.Queue)
    master: int = -1
    scanner: SerialScanner | None = None
    thread: threading.Thread | None = None

    def plug(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        new = self.link.with_suffix(".new")
        path = os.ttyname(slave)
        new.symlink_to(os.path.relpath(path, self.link.parent) if self.by_udev else path)
        os.close(slave)
        new.rename(self.link)

    def unplug(self) -> None:
        self.link.unlink()
        os.close(self.master)
        self.master = -1

    def start(self, double_s: float = 0.4, baud: int = DEFAULT_BAUD) -> None:
        self.scanner = SerialScanner(
            str(self.link), name="desk", emit=self.events.put, double_s=double_s, baud=baud
        )
        self.thread = threading.Thread(target=self.scanner.run, daemon=True)
        self.thread.start()

    def scan(self, data: bytes) -> None:
        os.write(self.master, data)

    def next(self) -> ScannerEvent:
        return self.events.get(timeout=WAIT_S)

    def code(self) -> str:
        event = self.next()
        assert isinstance(event, ReadMade), event
        assert event.device == "desk" and event.at.tzinfo is not None
        return event.code

    def end(self) -> None:
        if self.scanner and self.thread:
            self.scanner.stop()
            self.thread.join(WAIT_S)
            assert not self.thread.is_alive()
        if self.master >= 0:
            os.close(self.master)
