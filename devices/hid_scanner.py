"""A scanner that acts as a keyboard, read through evdev and held back from everything else on the computer."""

import fcntl
import struct
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from evdev import InputDevice
from evdev import ecodes as keys

from devices.events import Emit, Outcome
from devices.hid_decoder import GAP_S, REPEATED, HidDecoder, KeyEvent
from devices.scanner import DOUBLE_S, Scanner

EVIOCSCLOCKID = 0x400445A0  # linux/input.h: _IOW('E', 0xa0, int)


class KeySource(Protocol):
    """An open input device; `evdev.InputDevice` is one."""

    def fileno(self) -> int: ...
    def read(self) -> Iterable[KeyEvent]: ...
    def close(self) -> None: ...


def open_keys(path: str) -> KeySource:
    """The input device at ``path``, for this process alone, its times on the monotonic clock. Raises OSError."""
    device = InputDevice(path, readonly=True)
    try:
        fcntl.ioctl(device.fileno(), EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
        device.grab()
    except OSError:
        device.close()
        raise
    return device


class HidDevice:
    """An open keyboard and what its keys have typed so far."""

    def __init__(self, source: KeySource, decoder: HidDecoder) -> None:
        self._source = source
        self._decoder = decoder

    @property
    def due_s(self) -> float | None:
        return self._decoder.due_s

    def fileno(self) -> int:
        return self._source.fileno()

    def receive(self) -> list[Outcome]:
        return [outcome for event in self._source.read() for outcome in self._decoder.feed(event)]

    def silence(self, now_s: float) -> list[Outcome]:
        return self._decoder.silence(now_s)

    def drain(self) -> bool:
        # A key that is stuck repeats for ever: the kernel does that, not the scanner.
        return any(one.type == keys.EV_KEY and one.value != REPEATED for one in self._source.read())

    def close(self) -> list[Outcome]:
        with suppress(OSError):
            self._source.close()
        return self._decoder.drop()


class HidScanner(Scanner):
    """One scanner at ``path``, best under ``/dev/input/by-id``, or ``by-path`` where two are alike.

    ``keymap`` is the layout the scanner itself was set to; ``suffix`` and ``caps`` are explained with HidDecoder.
    """

    subsystem = "input"
    settle_s = GAP_S

    def __init__(
        self,
        path: str,
        *,
        name: str,
        emit: Emit,
        keymap: str,
        suffix: bool | None = None,
        caps: bool = False,
        double_s: float = DOUBLE_S,
        open_source: Callable[[str], KeySource] = open_keys,
    ) -> None:
        super().__init__(path, name=name, emit=emit, double_s=double_s)
        self._keymap = keymap
        self._caps = caps
        self._decoder = HidDecoder(keymap, suffix=suffix, caps=caps)
        self._open_source = open_source

    def _open(self) -> HidDevice:
        # What was found out of the suffix holds for the same scanner plugged in again.
        self._decoder = HidDecoder(self._keymap, suffix=self._decoder.suffix, caps=self._caps)
        return HidDevice(self._open_source(self.path), self._decoder)
