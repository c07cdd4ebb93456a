"""A scanner on a serial port (USB-serial, CDC-ACM): bytes in, reads out.

``Framer`` is pure; ``SerialScanner`` opens the port for itself alone. Facts in the tables of hardware scanners: a bare
CR never ends ``readline``; two readers steal bytes.
"""

import errno
import fcntl
import os
import termios
import time
from contextlib import suppress

import serial

from devices.events import Dropped, Emit, Outcome, Read
from devices.scanner import DOUBLE_S, Scanner

READ_LIMIT = 4096  # bytes; no symbology holds as many (QR: 2,953)
GAP_S = 0.1  # a scanner sends without pause; FTDI chips hold bytes back for 16 ms
ENDS = b"\r\n\t"
DEFAULT_BAUD = 9600


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


class SerialPort:
    """An open port that nobody else reads."""

    def __init__(self, port: str, baud: int, framer: Framer) -> None:
        """Raises OSError where the port cannot be had."""
        self._serial = serial.Serial(port, baud, timeout=0, exclusive=True)
        self._framer = framer
        try:
            fcntl.ioctl(self, termios.TIOCEXCL)  # the lock alone stops only polite readers
        except OSError:
            self._serial.close()
            raise

    @property
    def due_s(self) -> float | None:
        return self._framer.due_s

    def fileno(self) -> int:
        number: int = self._serial.fileno()
        return number

    def receive(self) -> list[Outcome]:
        return self._frame(self._bytes())

    def silence(self) -> list[Outcome]:
        return self._frame(b"")

    def drain(self) -> bool:
        return bool(self._bytes())

    def close(self) -> list[Outcome]:
        with suppress(OSError):
            fcntl.ioctl(self, termios.TIOCNXCL)
        with suppress(OSError):
            self._serial.close()
        return [Dropped("half")] if self._framer.drop() else []

    def _bytes(self) -> bytes:
        data = os.read(self.fileno(), READ_LIMIT)
        if not data:  # readable and empty: hung up, and so it would stay for ever
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return data

    def _frame(self, data: bytes) -> list[Outcome]:
        now_s = time.monotonic()
        before = self._framer.overlong
        outcomes: list[Outcome] = [Read(code, now_s) for code in self._framer.feed(data, now_s)]
        return outcomes + [Dropped("overlong")] * (self._framer.overlong - before)


class SerialScanner(Scanner):
    """One scanner on the port ``port``, best a path under ``/dev/serial/by-id``."""

    subsystem = "tty"
    settle_s = GAP_S

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
        super().__init__(name=name, emit=emit, double_s=double_s)
        self.port = port
        self._baud = baud
        self._gap_s = gap_s

    def _open(self) -> SerialPort:
        return SerialPort(self.port, self._baud, Framer(self._gap_s))
