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

from devices.ending import Ending
from devices.events import Dropped, DropReason, Emit, Outcome, Read
from devices.scanner import DOUBLE_S, Scanner

READ_LIMIT = 4096  # bytes; no symbology holds as many (QR: 2,953)
GAP_S = 0.1  # a scanner sends without pause; FTDI chips hold bytes back for 16 ms
ENDS = b"\r\n\t"
DEFAULT_BAUD = 9600
SPEEDS = (DEFAULT_BAUD, 115200, 38400, 57600, 19200, 4800)
"""Bits a second, as makers ship scanners, the most common first. A CDC-ACM port has none: any will do."""
LEAST_BAUD, MOST_BAUD = 300, 4_000_000


class Framer:
    """Cut a stream of bytes into reads: CR, LF, CRLF, Tab or silence end one.

    ``suffix`` tells whether the scanner ends its reads with a sign: then silence means that a read was cut in two
    (unplugged, which a USB hub tells up to 256 ms late), and all of it is dropped, until that sign. None: that is to be
    found out (see Ending), and until then silence cuts, too. ``gap_s`` is that silence (seconds); None where only a
    sign ends a read. All other bytes are kept, GS (0x1D) too. Never raises.
    """

    def __init__(
        self,
        gap_s: float | None = GAP_S,
        limit: int = READ_LIMIT,
        *,
        suffix: bool | None = None,
    ) -> None:
        self._gap_s = gap_s
        self._limit = limit
        self._ending = Ending(suffix)
        self._held = bytearray()
        self._skipping = False  # in an overlong read, until its end
        self._cut = False  # the rest of a read that silence cut in two may follow
        self._last_s = 0.0

    @property
    def suffix(self) -> bool | None:
        """Whether the scanner ends its reads with a sign, as far as is known by now."""
        return self._ending.suffix

    def feed(self, data: bytes, now_s: float) -> list[Outcome]:
        """What ``data`` brings to its end; call with ``b""`` when nothing came by ``due_s``.

        Bytes never end a read by coming late: only silence that was *seen* does. The kernel holds
        what arrives while this process is kept from running, and a read must not be cut for that.
        """
        if not data:
            return [] if self.due_s is None or now_s < self.due_s else self._silence()
        self._last_s = now_s
        return [outcome for byte in data for outcome in self._take(byte)]

    @property
    def due_s(self) -> float | None:
        """When silence will tell something (the clock of ``feed``), None if nothing waits for it."""
        waits = self._held or self._skipping or self._ending.waits
        return self._last_s + self._gap_s if waits and self._gap_s is not None else None

    def drop(self) -> list[Outcome]:
        """The device is gone: what was in hand is."""
        self._skipping = self._cut = False
        return self._let_go("half")

    def _take(self, byte: int) -> list[Outcome]:
        if byte in ENDS:
            return self._sign()
        self._ending.goes_on()
        if not self._skipping:
            self._held.append(byte)
            if len(self._held) > self._limit:
                self._skipping = True
                self._ending.forget()
                return self._let_go("overlong")
        return []

    def _sign(self) -> list[Outcome]:
        if self._held or self._skipping or self._cut:  # else the LF of a CRLF
            self._ending.by_suffix()
        # After a cut, it may be the end of the rest, or of another read: nobody knows.
        outcomes = self._let_go("half") if self._cut else []
        self._skipping = self._cut = False
        return [*outcomes, self._read()] if self._held else outcomes

    def _silence(self) -> list[Outcome]:
        self._ending.silent()
        if not (self._held or self._skipping):
            return []
        text = self._held.decode("latin-1")
        whole = not self._skipping and self._ending.is_whole(text, self._last_s)
        if whole or self.suffix is False:
            self._skipping = self._cut = False
            return [self._read()] if self._held else []
        self._skipping, self._cut = False, True
        return self._let_go("half" if self.suffix else "unsure")

    def _let_go(self, why: DropReason) -> list[Outcome]:
        dropped: list[Outcome] = [Dropped(why)] if self._held else []
        self._held.clear()
        return dropped

    def _read(self) -> Read:
        held = bytes(self._held)
        self._held.clear()
        try:
            return Read(held.decode("utf-8"), self._last_s)
        except UnicodeDecodeError:
            return Read(held.decode("latin-1"), self._last_s)


class SerialPort:
    """An open port that nobody else reads."""

    def __init__(self, port: str, baud: int, framer: Framer) -> None:
        """Raises OSError where the port cannot be had."""
        try:
            self._serial = serial.Serial(port, baud, timeout=0, exclusive=True)
        except termios.error as error:  # unplugged meanwhile; pyserial lets it out as it is
            raise OSError(*error.args) from error
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
        return self._framer.feed(self.take(), time.monotonic())

    def silence(self, now_s: float) -> list[Outcome]:
        return self._framer.feed(b"", now_s)

    def drain(self) -> bool:
        return bool(self.take())

    def close(self) -> list[Outcome]:
        with suppress(OSError):
            fcntl.ioctl(self, termios.TIOCNXCL)
        with suppress(OSError):
            self._serial.close()
        return self._framer.drop()

    def change_speed(self, baud: int) -> None:
        """Raises OSError once the port is gone."""
        try:
            self._serial.baudrate = baud
        except termios.error as error:
            raise OSError(*error.args) from error

    def take(self) -> bytes:
        """What has come, as it came. Raises OSError once the port is gone."""
        data = os.read(self.fileno(), READ_LIMIT)
        if not data:  # readable and empty: hung up, and so it would stay for ever
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return data


class SerialScanner(Scanner):
    """One scanner on the port ``port``, best under ``/dev/serial/by-id``, at ``baud`` bits a second; ``suffix`` is
    explained with Framer."""

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
        suffix: bool | None = None,
        double_s: float = DOUBLE_S,
    ) -> None:
        super().__init__(port, name=name, emit=emit, double_s=double_s)
        self._baud = baud
        self._gap_s = gap_s
        self._framer = Framer(gap_s, suffix=suffix)

    def _open(self) -> SerialPort:
        # What was found out of the suffix holds for the same scanner plugged in again.
        self._framer = Framer(self._gap_s, suffix=self._framer.suffix)
        return SerialPort(self.path, self._baud, self._framer)
