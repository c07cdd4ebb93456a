"""A scanner on a serial port (USB-serial, CDC-ACM): bytes in, reads out.

``Framer`` and ``DoubleTrigger`` are pure; ``SerialScanner`` does the I/O around them: exclusive
open, reconnecting with a back-off, no busy loop. Facts in the tables of hardware scanners: a bare
CR never ends ``readline``; a dead descriptor is readable for ever; two readers steal bytes.
"""

import errno
import fcntl
import logging
import os
import select
import termios
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime

import serial

from devices.events import (
    Emit,
    LostReason,
    ReadDropped,
    ReadMade,
    ScannerEvent,
    ScannerLost,
    ScannerReady,
)

READ_LIMIT = 4096  # bytes; no symbology holds as many (QR: 2,953)
GAP_S = 0.1  # a scanner sends without pause; FTDI chips hold bytes back for 16 ms
DOUBLE_S = 0.4
RETRY_S = (0.1, 1.0)  # first and longest wait: back within 2 s of being plugged in again
ENDS = b"\r\n\t"
DEFAULT_BAUD = 9600

log = logging.getLogger(__name__)


class Framer:
    """Cut a stream of bytes into reads: CR, LF, CRLF, Tab or silence end one.

    ``gap_s`` is the silence (seconds) that ends a read of a scanner without a suffix; None where
    only a suffix does. All other bytes are kept, GS (0x1D) too. Never raises.
    """

    def __init__(self, gap_s: float | None = GAP_S, limit: int = READ_LIMIT) -> None:
        self.overlong = 0  # reads discarded because they exceeded ``limit`` bytes
        self._gap_s = gap_s
        self._limit = limit
        self._held = bytearray()
        self._skipping = False  # in an overlong read, until its end
        self._last_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[str]:
        """The reads completed by ``data``; call with ``b""`` when nothing came by ``due_s``.

        Bytes never end a read by coming late: only silence that was *seen* does. The kernel holds
        what arrives while this process is kept from running, and a read must not be cut for that.
        """
        if not data:
            if self.due_s is None or now_s < self.due_s:
                return []
            return self._end()
        self._last_s = now_s
        reads: list[str] = []
        for byte in data:
            if byte in ENDS:
                reads += self._end()
            elif not self._skipping:
                self._held.append(byte)
                if len(self._held) > self._limit:
                    self._held.clear()
                    self._skipping = True
                    self.overlong += 1
        return reads

    @property
    def due_s(self) -> float | None:
        """When silence will end the read in hand (the clock of ``feed``), None if nothing waits."""
        if self._gap_s is None or not (self._held or self._skipping):
            return None
        return self._last_s + self._gap_s

    def drop(self) -> bool:
        """Forget the read in hand (the device is gone); True when there was one."""
        partial = bool(self._held)
        self._held.clear()
        self._skipping = False
        return partial

    def _end(self) -> list[str]:
        held = bytes(self._held)
        self._held.clear()
        self._skipping = False
        if not held:  # the LF of a CRLF, or the end of an overlong read
            return []
        try:
            return [held.decode("utf-8")]
        except UnicodeDecodeError:
            return [held.decode("latin-1")]


class DoubleTrigger:
    """Tells the second of two identical reads of one device within ``window_s`` (0: never)."""

    def __init__(self, window_s: float = DOUBLE_S) -> None:
        self._window_s = window_s
        self._last: tuple[str, float] | None = None

    def is_double(self, code: str, now_s: float) -> bool:
        """True when the same code was *delivered* less than the window ago.

        Measured from the delivered read, so that a trigger that chatters for long cannot swallow
        an identical item counted on purpose.
        """
        if self._last and self._last[0] == code and now_s - self._last[1] < self._window_s:
            return True
        self._last = (code, now_s)
        return False


class SerialScanner:
    """One scanner on the port ``port``, best a path under ``/dev/serial/by-id``.

    ``run`` is the body of a thread and returns after ``stop``. Every event goes to ``emit``, in
    that thread; a device that is not there is announced once, whatever the number of tries.
    """

    def __init__(
        self,
        port: str,
        *,
        name: str,
        emit: Emit,
        baud: int = DEFAULT_BAUD,
        gap_s: float | None = GAP_S,
        double_s: float = DOUBLE_S,
    ) -> None:
        self.name = name
        self.port = port
        self._baud = baud
        self._gap_s = gap_s
        self._emit = emit
        self._doubles = DoubleTrigger(double_s)
        self._stopping = threading.Event()
        self._wake_r, self._wake_w = os.pipe()
        self._lost = False

    def run(self) -> None:
        """Read until stopped, coming back whenever the device does."""
        retry_s = RETRY_S[0]
        try:
            while not self._stopping.is_set():
                try:
                    self._read_while_there()
                    retry_s = RETRY_S[0]
                    why: LostReason = "gone"
                except OSError as error:
                    why = _why(error)
                if self._stopping.is_set():
                    break
                self._announce_loss(why)
                self._stopping.wait(retry_s)
                retry_s = min(retry_s * 2, RETRY_S[1])
        finally:
            os.close(self._wake_r)

    def stop(self) -> None:
        """Make ``run`` return at once. To be called once, from any thread."""
        self._stopping.set()
        os.close(self._wake_w)  # end of file wakes the select

    def _read_while_there(self) -> None:
        """Open, read until the device is gone or we are stopped. Raises OSError if not opened."""
        with serial.Serial(self.port, self._baud, timeout=0, exclusive=True) as device:
            descriptor = device.fileno()
            fcntl.ioctl(descriptor, termios.TIOCEXCL)  # the lock alone stops only polite readers
            self._lost = False
            self._tell(ScannerReady(self.name))
            framer = Framer(self._gap_s)
            try:
                self._pump(descriptor, framer)
            finally:
                if framer.drop():
                    self._tell(ReadDropped(self.name, "half"))
                with suppress(OSError):
                    fcntl.ioctl(descriptor, termios.TIOCNXCL)

    def _pump(self, descriptor: int, framer: Framer) -> None:
        """Feed the framer until the device is gone or we are stopped."""
        while True:
            now_s = time.monotonic()
            wait_s = None if framer.due_s is None else max(0.0, framer.due_s - now_s)
            ready, _, _ = select.select([descriptor, self._wake_r], [], [], wait_s)
            if self._wake_r in ready:
                return
            data = b""
            if ready:
                try:
                    data = os.read(descriptor, READ_LIMIT)
                except BlockingIOError:
                    continue
                except OSError:
                    return  # EIO, ENODEV: unplugged
                if not data:
                    return  # readable and empty: hung up, and so it would stay for ever
            overlong = framer.overlong
            now_s = time.monotonic()
            self._deliver(framer.feed(data, now_s), now_s)
            for _ in range(framer.overlong - overlong):
                self._tell(ReadDropped(self.name, "overlong"))

    def _deliver(self, codes: list[str], now_s: float) -> None:
        for code in codes:
            if self._doubles.is_double(code, now_s):
                self._tell(ReadDropped(self.name, "double"))
            else:
                self._tell(ReadMade(self.name, code, datetime.now(UTC)))

    def _announce_loss(self, why: LostReason) -> None:
        if not self._lost:
            self._lost = True
            self._tell(ScannerLost(self.name, why))

    def _tell(self, event: ScannerEvent) -> None:
        """Pass an event on; a listener's fault must not end the reading (nor log what was read)."""
        try:
            self._emit(event)
        except Exception as error:
            log.error("scanner %s: %s not taken: %s", self.name, type(event).__name__, type(error))


def _why(error: OSError) -> LostReason:
    match error.errno:
        case errno.ENOENT | errno.ENODEV | errno.ENXIO:
            return "absent"
        case errno.EACCES | errno.EPERM:
            return "forbidden"
        case errno.EBUSY | errno.EAGAIN:
            return "busy"
        case _:
            return "unusable"
