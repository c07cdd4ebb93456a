"""A receipt printer that is asked how it is, and whether the job is through.

DLE EOT 1 to 4 are answered at once, whatever waits in the printer; GS r 1 is answered in order, after everything sent
before it, and so tells that the job is through. Silence is *unknown*, never *fine*. Nothing is ever sent twice.
"""

import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from devices.errors import (
    PrinterError,
    PrinterForbidden,
    PrinterReset,
    PrinterStuck,
    PrinterTimeout,
    PrinterUnreachable,
)
from devices.failures import POLL_S
from devices.transport import FileTransport, Transport, open_transport
from devices.turns import turn
from devices.usb_printer import UsbTransport, give_back
from devices.ways import Way, way_to

_QUESTIONS: Final = tuple(b"\x10\x04" + bytes([n]) for n in (1, 2, 3, 4))  # DLE EOT n
_BARRIER: Final = b"\x1dr\x01"  # GS r 1


log = logging.getLogger(__name__)


class Health(StrEnum):
    """How a printer is. `SILENT` also where nobody is there; `FORBIDDEN`: this account may not open it."""

    READY = "ready"
    NEAR_END = "near-end"
    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    OFF_LINE = "off-line"
    SILENT = "silent"
    FORBIDDEN = "forbidden"

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
    """How long to wait, in seconds: a healthy printer can take 8 s; somebody fetches a new roll.

    A printer that takes no byte at all says that way that something ails it: it has `mended_s`.
    """

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
        *,
        locks: Path | None = None,
        in_doubt: bool = False,
    ) -> None:
        """Opens nothing. Whoever shares the printer has the same folder of `locks`; `in_doubt`: a process before this
        one was cut off while it printed. Raises PrinterUrlError."""
        self.url = url
        self._transport = open_transport(url)
        self._on_health = on_health
        self._patience = patience
        self._locks = locks or Path(gettempdir()) / f"comptoir-printers-{os.getuid()}"
        self._health: Health | None = None
        self._answers = False  # whether it ever did: a cheap one has no way back
        self._owed = int(in_doubt)  # barriers sent and not answered
        self._in_order = False  # whether it ever answered one
        self._stuck = False

    def close(self) -> None:
        """It is not asked any more: the kernel's own driver has a printer on USB back."""
        if isinstance(self._transport, UsbTransport):
            with suppress(PrinterError), turn(self._transport, self._locks) as ours:
                if ours:
                    give_back(self._transport)

    def look(self) -> Health:
        """Ask how it is; where another prints on it at this moment, as it was."""
        if not _two_way(self._transport):
            return self._is(Health.READY)
        try:
            with turn(self._transport, self._locks) as ours:
                if not ours:
                    return self._health or Health.READY
                with way_to(self._transport, self._patience.answer_s) as way:
                    self._ask(_Line(way))
                    return self._health or Health.SILENT
        except PrinterReset as error:  # there is no job that it could have broken off in
            return self._failed(
                PrinterUnreachable(self.url, detail=str(error.__cause__ or "no answer"))
            )
        except PrinterError as error:
            return self._failed(error)

    def print(self, job: Callable[[], bytes]) -> Outcome:
        """Print what ``job`` gives: it is called only when the printer is ready for it, and may raise.

        A printer that has answered before and is silent now gets nothing; to one that never answered the job is sent,
        and then it is unknown. One on which another prints at this moment gets nothing either.
        """
        sent = _Sent(job)
        try:
            with turn(self._transport, self._locks) as ours:
                if not ours:
                    return Outcome.NOT_SENT
                if not _two_way(self._transport):
                    return self._put(job())
                with way_to(self._transport, self._patience.answer_s) as way:
                    return self._print(_Line(way), sent)
        except PrinterError as error:
            self._failed(error)
            return Outcome.UNKNOWN if sent.begun else Outcome.NOT_SENT

    def _print(self, line: "_Line", sent: "_Sent") -> Outcome:
        health = self._ask(line)
        if not health.prints and (health is not Health.SILENT or self._answers):
            return Outcome.NOT_SENT
        if self._owed and health.prints and not self._is_through(line):
            return Outcome.NOT_SENT
        data = sent.begin()
        line.barriers = 0
        self._owed += 1
        slow_s = self._patience.answer_s
        line.send(
            data + _BARRIER, self._patience.mended_s, slow_s, lambda: self._is(Health.OFF_LINE)
        )
        return self._through(line)

    def _is_through(self, line: "_Line") -> bool:
        """After a job in doubt: whether the printer has it behind it. A barrier's late answer must not count for the
        next job, nor that job be lost in the rest of a broken-off picture, so it gets one more barrier and nothing
        else; where it answers, all before it is done, and the answers come to an end.
        """
        line.barriers = 0
        self._owed += 1
        line.send(_BARRIER, self._patience.answer_s)
        if line.barrier(self._patience.answer_s):
            while line.barriers:
                line.barriers = 0
                line.barrier(self._patience.look_s)
            self._owed, self._stuck = 0, False
            self._in_order = True
        elif self._in_order:  # of one that never did this says nothing
            if not self._stuck:
                log.warning("%s", PrinterStuck(self.url))
            self._stuck = True
            self._is(Health.OFF_LINE)
        return not self._stuck

    def _put(self, data: bytes) -> Outcome:
        """A file says by itself whether it took the job."""
        try:
            self._transport.send(data, self._patience.through_s)
        except PrinterError as error:
            self._failed(error)
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
        health = health_of(answers)
        self._is(Health.OFF_LINE if self._stuck and health.prints else health)
        return health

    def _through(self, line: "_Line") -> Outcome:
        """Wait for the barrier. A printer that says what ails it is waited for, since it goes on
        by itself once it is mended; one that says nothing is not."""
        begun_s = well_since_s = time.monotonic()
        while not line.barrier(self._patience.look_s, self._owed):
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
        self._owed, self._in_order = 0, True
        # Some swallow a job on an empty roll and answer in order all the same.
        return Outcome.PRINTED if self._ask(line).prints else Outcome.UNKNOWN

    def _failed(self, error: PrinterError) -> Health:
        health = Health.FORBIDDEN if isinstance(error, PrinterForbidden) else Health.SILENT
        if health is not self._health:
            log.warning("%s", error)  # once: it is tried again and again
        return self._is(health)

    def _is(self, health: Health) -> Health:
        if health is not self._health:
            self._health = health
            self._on_health(health)
        return health


@dataclass
class _Sent:
    """A job, and whether any byte of it may have left."""

    job: Callable[[], bytes]
    begun: bool = False

    def begin(self) -> bytes:
        """Its bytes, about to be sent."""
        data = self.job()
        self.begun = True
        return data


@dataclass
class _Line:
    """What a printer answers, told apart by its fixed bits."""

    way: Way
    statuses: list[int] = field(default_factory=list)
    barriers: int = 0
    skip: int = 0

    def send(
        self,
        data: bytes,
        limit_s: float,
        slow_s: float = inf,
        slow: Callable[[], object] = lambda: None,
    ) -> None:
        """All of it, at the pace of the printer; `slow` hears that it took no byte for so long. Raises PrinterReset;
        PrinterTimeout where it took none for `limit_s`.
        """
        view = memoryview(data)
        least, since_s = inf, time.monotonic()
        while waiting := len(view) + self.way.queued():
            now_s = time.monotonic()
            if waiting < least:
                least, since_s = waiting, now_s
            elif now_s - since_s > limit_s:
                raise PrinterTimeout(self.way.url)
            elif now_s - since_s > slow_s:
                slow()
            if view:
                view = view[self.way.write(view, min(limit_s, slow_s)) :]
            else:
                time.sleep(POLL_S)

    def status(self, timeout_s: float) -> int | None:
        """The next answer to DLE EOT; None where none comes."""
        self._wait(lambda: bool(self.statuses), timeout_s)
        return self.statuses.pop(0) if self.statuses else None

    def barrier(self, timeout_s: float, owed: int = 1) -> bool:
        """Whether GS r was answered, so many times."""
        self._wait(lambda: self.barriers >= owed, timeout_s)
        return self.barriers >= owed

    def _wait(self, there: Callable[[], bool], timeout_s: float) -> None:
        until_s = time.monotonic() + timeout_s
        while self.way.two_way and not there():
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return
            for byte in self.way.receive(left_s):
                self._heard(byte)

    def _heard(self, byte: int) -> None:
        if self.skip:
            self.skip -= 1
        elif byte & 0x93 == 0x12:  # DLE EOT
            self.statuses.append(byte)
        elif byte & 0x93 == 0x10:  # the first of four of a status nobody asked for
            self.skip = 3
        elif byte & 0x90 == 0:  # GS r
            self.barriers += 1


def _two_way(transport: Transport) -> bool:
    """Files and folders take bytes; everything else may answer."""
    return not isinstance(transport, FileTransport) or transport.device
