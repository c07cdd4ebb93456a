"""A receipt printer that is asked how it is, and whether the job is through.

DLE EOT 1 to 4 are answered at once, whatever waits in the printer; GS r 1 is answered in order, after everything sent
before it, and so tells that the job is through. Silence is *unknown*, never *fine*. Nothing is ever sent twice.
"""

import os
import select
import socket
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import serial

from devices.errors import PrinterError, PrinterReset, PrinterTimeout
from devices.transport import (
    POLL_S,
    FileTransport,
    SerialTransport,
    TcpTransport,
    Transport,
    open_transport,
    opening,
    sending,
    write_all,
)

_QUESTIONS: Final = tuple(b"\x10\x04" + bytes([n]) for n in (1, 2, 3, 4))  # DLE EOT n
_BARRIER: Final = b"\x1dr\x01"  # GS r 1


class Health(StrEnum):
    """How a printer is. `SILENT` also where nobody is there."""

    READY = "ready"
    NEAR_END = "near-end"
    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    OFF_LINE = "off-line"
    SILENT = "silent"

    @property
    def prints(self) -> bool:
        return self in (Health.READY, Health.NEAR_END)


class Outcome(StrEnum):
    """What became of a job. `NOT_SENT`: not one byte of it left, so that it may be sent later."""

    PRINTED = "printed"
    UNKNOWN = "unknown"
    NOT_SENT = "not-sent"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: a healthy printer can take 8 s; somebody fetches a new roll."""

    answer_s: float = 12.0
    through_s: float = 60.0
    mended_s: float = 600.0
    look_s: float = 1.0


PATIENCE: Final = Patience()


def health_of(answers: Sequence[int]) -> Health:
    """What the answers to DLE EOT 1, 2, 3 and 4 say together, the most urgent first.

    The bits are those of Epson's reference.

    >>> health_of([0x1E, 0x32, 0x12, 0x7E])
    <Health.PAPER_OUT: 'paper-out'>
    """
    line, cause, fault, paper = answers
    if paper & 0x60 or cause & 0x20:
        return Health.PAPER_OUT
    if cause & 0x04:
        return Health.COVER_OPEN
    if line & 0x08 or cause & 0x40 or fault & 0x68:
        return Health.OFF_LINE
    return Health.NEAR_END if paper & 0x0C else Health.READY


class Printer:
    """One printer. ``on_health`` hears of each change, in the thread that asks or prints."""

    def __init__(
        self,
        url: str,
        on_health: Callable[[Health], None] = lambda health: None,
        patience: Patience = PATIENCE,
    ) -> None:
        """Opens nothing. Raises PrinterUrlError."""
        self.url = url
        self._transport = open_transport(url)
        self._on_health = on_health
        self._patience = patience
        self._health: Health | None = None
        self._answers = False  # whether it ever did: a cheap one has no way back

    def look(self) -> Health:
        """Ask how it is."""
        if not _two_way(self._transport):
            return self._is(Health.READY)
        try:
            with _line_to(self._transport, self._patience.answer_s) as line:
                return self._ask(line)
        except PrinterError:
            return self._is(Health.SILENT)

    def print(self, job: Callable[[], bytes]) -> Outcome:
        """Print what ``job`` gives: it is called only when the printer is ready for it, and may raise.

        A printer that has answered before and is silent now gets nothing; to one that never
        answered the job is sent, and then it is unknown.
        """
        if not _two_way(self._transport):
            return self._put(job())
        data: bytes | None = None
        try:
            with _line_to(self._transport, self._patience.answer_s) as line:
                health = self._ask(line)
                if not health.prints and (health is not Health.SILENT or self._answers):
                    return Outcome.NOT_SENT
                data = job()
                line.barriers = 0  # one of an earlier job may have come late
                line.send(data + _BARRIER, self._patience.through_s)
                return self._through(line)
        except PrinterError:
            self._is(Health.SILENT)
            return Outcome.NOT_SENT if data is None else Outcome.UNKNOWN

    def _put(self, data: bytes) -> Outcome:
        """A file says by itself whether it took the job."""
        try:
            self._transport.send(data, self._patience.through_s)
        except PrinterError as error:
            self._is(Health.SILENT)
            return Outcome.UNKNOWN if error.may_have_printed else Outcome.NOT_SENT
        self._is(Health.READY)
        return Outcome.PRINTED

    def _ask(self, line: "_Line") -> Health:
        answers = []
        for question in _QUESTIONS:
            line.statuses.clear()
            line.send(question, self._patience.answer_s)
            answer = line.status(self._patience.answer_s)
            if answer is None:
                return self._is(Health.SILENT)
            answers.append(answer)
        self._answers = True
        return self._is(health_of(answers))

    def _through(self, line: "_Line") -> Outcome:
        """Wait for the barrier. A printer that says what ails it is waited for, since it goes on
        by itself once it is mended; one that says nothing is not."""
        begun_s = well_since_s = time.monotonic()
        while not line.barrier(self._patience.look_s):
            health = self._ask(line)
            now_s = time.monotonic()
            if health is Health.SILENT:
                return Outcome.UNKNOWN
            if not health.prints:
                well_since_s = now_s
            if now_s - well_since_s > self._patience.through_s:
                return Outcome.UNKNOWN
            if now_s - begun_s > self._patience.mended_s:
                return Outcome.UNKNOWN
        # Some swallow a job on an empty roll and answer in order all the same.
        return Outcome.PRINTED if self._ask(line).prints else Outcome.UNKNOWN

    def _is(self, health: Health) -> Health:
        if health is not self._health:
            self._health = health
            self._on_health(health)
        return health


@dataclass
class _Line:
    """An open way to a printer and back. What it answers is told apart by its fixed bits."""

    url: str
    fd: int
    closes: bool = False  # whether an empty read is the end
    statuses: list[int] = field(default_factory=list)
    barriers: int = 0
    skip: int = 0

    def send(self, data: bytes, timeout_s: float) -> None:
        """Raises PrinterTimeout, PrinterReset."""
        with sending(self.url):
            write_all(self.fd, data, time.monotonic() + timeout_s)

    def status(self, timeout_s: float) -> int | None:
        """The next answer to DLE EOT; None where none comes."""
        self._wait(lambda: bool(self.statuses), timeout_s)
        return self.statuses.pop(0) if self.statuses else None

    def barrier(self, timeout_s: float) -> bool:
        """Whether GS r was answered."""
        self._wait(lambda: self.barriers > 0, timeout_s)
        return self.barriers > 0

    def _wait(self, there: Callable[[], bool], timeout_s: float) -> None:
        until_s = time.monotonic() + timeout_s
        while not there():
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not select.select([self.fd], [], [], left_s)[0]:
                return
            data = self._read()
            if data == b"" and self.closes:
                raise PrinterReset(self.url)  # nobody prints any more
            if not data:
                time.sleep(POLL_S)  # an empty packet, which some printers send all the time
                continue
            for byte in data:
                self._heard(byte)

    def _read(self) -> bytes | None:
        with sending(self.url), suppress(BlockingIOError):
            return os.read(self.fd, 256)
        return None

    def _heard(self, byte: int) -> None:
        if self.skip:
            self.skip -= 1
        elif byte & 0x93 == 0x12:  # DLE EOT
            self.statuses.append(byte)
        elif (
            byte & 0x93 == 0x10
        ):  # the first of four of an automatic status, which nobody asked for
            self.skip = 3
        elif byte & 0x90 == 0:  # GS r
            self.barriers += 1


def _two_way(transport: Transport) -> bool:
    """Files and folders take bytes; everything else may answer."""
    if not isinstance(transport, FileTransport):
        return True
    return transport.path.is_char_device()


@contextmanager
def _line_to(transport: Transport, timeout_s: float) -> Iterator[_Line]:
    """Raises PrinterError where there is no way."""
    match transport:
        case TcpTransport(url, host, port):
            with opening(url):
                peer = socket.create_connection((host, port), timeout=timeout_s)
            with peer:
                peer.setblocking(False)
                yield _Line(url, peer.fileno(), closes=True)
                with suppress(
                    OSError
                ):  # not a reset: what the printer still holds is to be printed
                    peer.shutdown(socket.SHUT_WR)
        case SerialTransport(url, device, baud):
            with opening(url):
                port_ = serial.Serial(device, baud, timeout=0, exclusive=True)
            with port_:
                try:
                    yield _Line(url, port_.fileno())
                finally:
                    with suppress(OSError, termios.error):
                        port_.reset_output_buffer()  # closing must not wait for a dead printer
        case FileTransport(url, path):
            with opening(url):
                fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                yield _Line(url, fd)
            finally:
                os.close(fd)
        case _:
            raise PrinterTimeout(transport.url)
