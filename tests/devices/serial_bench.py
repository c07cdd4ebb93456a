"""A serial scanner on a pseudo-terminal, which can be plugged in, scanned with and unplugged."""

import os
import threading
import tty
from dataclasses import dataclass
from pathlib import Path

from devices.serial_scanner import DEFAULT_BAUD, SerialScanner
from tests.devices.told import WAIT_S, Told


@dataclass
class Bench(Told):
    """A pseudo-terminal behind a steady path, as udev's by-id links are, and a running scanner."""

    link: Path
    by_udev: bool = False
    """Whose links are relative."""
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

    def end(self) -> None:
        if self.scanner and self.thread:
            self.scanner.stop()
            self.thread.join(WAIT_S)
            assert not self.thread.is_alive()
        if self.master >= 0:
            os.close(self.master)
