"""The self-test of one scanner: its device is held while it lasts, and nothing that comes is kept but what the code
tells."""

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import cycle
from typing import Literal, Protocol

from evdev import ecodes as keys

from devices import self_test
from devices.events import LostReason
from devices.hid_decoder import KeyEvent
from devices.hid_scanner import open_keys
from devices.scanner import why_lost
from devices.self_test import Found
from devices.serial_scanner import SPEEDS, Framer, SerialPort

QUIET_S = 0.4
"""Silence that ends a scan: longer than any scanner pauses in one."""
RETRY_S = 0.5
MOST_HELD = 4000
"""Events or bytes; the code is a tenth of that."""

Wrong = Literal["other", "garbled"]
"""Something else was scanned, and is forgotten; or it came at another speed than the port has, and the next is tried.
"""
State = Literal["waiting", "found"] | Wrong | LostReason
"""Open and listening; the self-test code was scanned; it was not; or why the device cannot be had."""
Tell = Callable[[State, Found | None], None]


class Source(Protocol):
    """An open device, and what came of a scan so far."""

    def fileno(self) -> int: ...

    def take(self) -> bool:
        """Read what has come; True while there is something of a scan. Raises OSError once the device is gone."""
        ...

    def judge(self) -> Found | Wrong:
        """What the scan told; all of it is forgotten. Raises OSError once the device is gone."""
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
                held, told = False, source.judge()
                if isinstance(told, Found):
                    self._stopping.set()
                    self._is("found", told)
                else:
                    self._is(told)

    def _is(self, state: State, found: Found | None = None) -> None:
        if state != self._told or state in ("other", "garbled"):
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

    def judge(self) -> Found | Wrong:
        held, self._held = self._held, []
        return self_test.of_keys(held) or "other"

    def close(self) -> None:
        with suppress(OSError):
            self._source.close()


class _Bytes:
    def __init__(self, path: str) -> None:
        self._speeds = cycle(SPEEDS)
        self._baud = next(self._speeds)
        self._port = SerialPort(path, self._baud, Framer())
        self._held = b""

    def fileno(self) -> int:
        return self._port.fileno()

    def take(self) -> bool:
        self._held = (self._held + self._port.take())[:MOST_HELD]
        return True

    def judge(self) -> Found | Wrong:
        held, self._held = self._held, b""
        if found := self_test.of_bytes(held):
            return replace(found, baud=self._baud)
        if not self_test.is_garbled(held):
            return "other"
        self._baud = next(self._speeds)
        self._port.change_speed(self._baud)
        return "garbled"

    def close(self) -> None:
        self._port.close()
