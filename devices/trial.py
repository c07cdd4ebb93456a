"""The self-test of one scanner: its device is held while it lasts, and nothing that comes is kept but what the code
tells."""

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Literal, Protocol

from evdev import ecodes as keys

from devices import self_test
from devices.events import LostReason
from devices.hid_decoder import REPEATED, KeyEvent
from devices.hid_scanner import open_keys
from devices.scanner import why_lost
from devices.self_test import Found
from devices.serial_scanner import DEFAULT_BAUD, SPEEDS, Framer, SerialPort

QUIET_S = 0.4
"""Silence that ends a scan: longer than any scanner pauses in one."""
RETRY_S = 0.5
MOST_HELD = 4000
"""Events or bytes; the code is a tenth of that."""

State = Literal["waiting", "found", "other"] | LostReason
"""Open and listening; the self-test code was scanned; something else was, and is forgotten; or why it cannot be had."""
Tell = Callable[[State, Found | None], None]


class Source(Protocol):
    """An open device, and what came of a scan so far."""

    def fileno(self) -> int: ...

    def take(self) -> bool:
        """Read what has come; True where it is of a scan. Raises OSError once the device is gone."""
        ...

    def judge(self) -> Found | None:
        """What the scan told; all of it is forgotten. Raises OSError once the device is gone."""
        ...

    def close(self) -> None: ...


class Trial:
    """Tries the scanner at ``device``: one that types ``by_keys``, or one that sends bytes. Its port begins at ``baud``
    bits a second; where that gives no text, the next scan is heard at the next of SPEEDS. ``run`` is the body of a
    thread; it returns once the code was scanned, or after ``stop``. ``tell`` is called in that thread."""

    def __init__(self, device: str, tell: Tell, *, by_keys: bool, baud: int = DEFAULT_BAUD) -> None:
        self.device = device
        self._tell = tell
        self._by_keys = by_keys
        self._speeds = deque([baud, *(one for one in SPEEDS if one != baud)])
        self._stopping = threading.Event()
        self._wake_r, self._wake_w = os.pipe()
        self._told: State | None = None

    @property
    def baud(self) -> int | None:
        """At which speed its port listens now; None where it has none."""
        return None if self._by_keys else self._speeds[0]

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    source = self._open()
                except OSError as error:
                    self._is(why_lost(error))
                    select.select([self._wake_r], [], [], RETRY_S)
                    continue
                with suppress(OSError):  # unplugged: it may come back
                    self._listen(source)
                source.close()
                # One that is gone at once must not keep us busy.
                select.select([self._wake_r], [], [], RETRY_S)
        finally:
            os.close(self._wake_r)

    def stop(self) -> None:
        """Make ``run`` return at once. To be called once, from any thread."""
        self._stopping.set()
        os.close(self._wake_w)

    def _open(self) -> Source:
        return _Keys(self.device) if self._by_keys else _Bytes(self.device, self._speeds)

    def _listen(self, source: Source) -> None:
        self._is("waiting")
        quiet_s: float | None = None  # when silence ends what has come of a scan
        while not self._stopping.is_set():
            wait_s = None if quiet_s is None else max(0.0, quiet_s - time.monotonic())
            ready, _, _ = select.select([source.fileno(), self._wake_r], [], [], wait_s)
            now_s = time.monotonic()
            if source.fileno() in ready:
                with suppress(BlockingIOError):
                    if source.take():
                        quiet_s = now_s + QUIET_S
            if quiet_s is not None and now_s >= quiet_s:
                quiet_s, found = None, source.judge()
                if found:
                    self._stopping.set()
                self._is("found" if found else "other", found)

    def _is(self, state: State, found: Found | None = None) -> None:
        if state != self._told or state == "other":
            self._told = state
            self._tell(state, found)


class _Keys:
    def __init__(self, path: str) -> None:
        self._source = open_keys(path)
        self._held: list[KeyEvent] = []

    def fileno(self) -> int:
        return self._source.fileno()

    def take(self) -> bool:
        came = [event for event in self._source.read() if _tells(event)]
        self._held = (self._held + came)[:MOST_HELD]
        return bool(came)

    def judge(self) -> Found | None:
        held, self._held = self._held, []
        return self_test.of_keys(held)

    def close(self) -> None:
        with suppress(OSError):
            self._source.close()


def _tells(event: KeyEvent) -> bool:
    """Neither what comes with every key, nor the kernel's repeating of one that is stuck."""
    if event.type == keys.EV_KEY:
        return event.value != REPEATED
    return event.type == keys.EV_SYN and event.code == keys.SYN_DROPPED


class _Bytes:
    """The first of ``speeds`` is the port's; each that gives no text goes to their end."""

    def __init__(self, path: str, speeds: deque[int]) -> None:
        self._speeds = speeds
        self._port = SerialPort(path, speeds[0], Framer())
        self._held = b""

    def fileno(self) -> int:
        return self._port.fileno()

    def take(self) -> bool:
        self._held = (self._held + self._port.take())[:MOST_HELD]
        return True

    def judge(self) -> Found | None:
        held, self._held = self._held, b""
        if found := self_test.of_bytes(held):
            return replace(found, baud=self._speeds[0])
        if self_test.is_garbled(held):
            self._speeds.rotate(-1)
            self._port.change_speed(self._speeds[0])
        return None

    def close(self) -> None:
        self._port.close()
