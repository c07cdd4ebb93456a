"""The self-test of one scanner: its device is held while it lasts, and nothing that comes is kept but what the code
tells."""

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Protocol

from evdev import ecodes as keys

from devices import self_test
from devices.events import LostReason
from devices.hid_decoder import KeyEvent
from devices.hid_scanner import open_keys
from devices.scanner import why_lost
from devices.self_test import Found
from devices.serial_scanner import DEFAULT_BAUD, Framer, SerialPort

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
        """Read what has come; True while there is something of a scan. Raises OSError once the device is gone."""
        ...

    def judge(self) -> Found | None:
        """What the scan told; all of it is forgotten."""
        ...

    def close(self) -> None: ...


class Trial:
    """Tries the scanner at ``device``: one that types ``by_keys``, or one that sends bytes. ``run`` is the body of a
    thread; it returns once the code was scanned, or after ``stop``. ``tell`` is called in that thread."""

    def __init__(self, device: str, tell: Tell, *, by_keys: bool) -> None:
        self.device = device
        self._tell = tell
        self._by_keys = by_keys
        self._stopping = threading.Event()
        self._wake_r, self._wake_w = os.pipe()
        self._told: State | None = None

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    source: Source = _Keys(self.device) if self._by_keys else _Bytes(self.device)
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

    def _listen(self, source: Source) -> None:
        self._is("waiting")
        held = False
        while not self._stopping.is_set():
            timeout_s = QUIET_S if held else None
            ready, _, _ = select.select([source.fileno(), self._wake_r], [], [], timeout_s)
            if source.fileno() in ready:
                with suppress(BlockingIOError):
                    held = source.take()
            elif held and not ready:
                held, found = False, source.judge()
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
        self._held += [e for e in self._source.read() if e.type in (keys.EV_KEY, keys.EV_SYN)]
        del self._held[MOST_HELD:]
        return any(event.type == keys.EV_KEY for event in self._held)

    def judge(self) -> Found | None:
        held, self._held = self._held, []
        return self_test.of_keys(held)

    def close(self) -> None:
        with suppress(OSError):
            self._source.close()


class _Bytes:
    def __init__(self, path: str) -> None:
        self._port = SerialPort(path, DEFAULT_BAUD, Framer())
        self._held = b""

    def fileno(self) -> int:
        return self._port.fileno()

    def take(self) -> bool:
        self._held = (self._held + self._port.take())[:MOST_HELD]
        return True

    def judge(self) -> Found | None:
        held, self._held = self._held, b""
        return self_test.of_bytes(held)

    def close(self) -> None:
        self._port.close()
