"""What every scanner has in common: it comes and goes, and what it sends becomes events.

Facts behind it: a dead descriptor is readable for ever; rights arrive after the device node; opened in the middle of a
read, a device sends the rest of it, which looks like a code.
"""

import errno
import logging
import os
import select
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Container
from contextlib import suppress
from datetime import UTC, datetime
from typing import ClassVar, Protocol

from devices.events import (
    Dropped,
    Emit,
    LostReason,
    Outcome,
    Read,
    ReadDropped,
    ReadMade,
    ScannerEvent,
    ScannerLost,
    ScannerReady,
)
from devices.udev import PlugWatch, check_name, is_busy, is_named_otherwise

DOUBLE_S = 0.4
RETRY_S = (0.1, 1.0)
"""First and longest wait: back within 2 s of being plugged in again, even where udev is silent."""

NAMED_S = 5.0  # at most so long is udev waited for, and so often is looked whether it is done
LOOK_S = 0.1

log = logging.getLogger(__name__)


class Device(Protocol):
    """A scanner while it is open. Any call raises OSError once it is gone."""

    @property
    def due_s(self) -> float | None:
        """When silence will end what is in hand (monotonic); None if nothing is."""
        ...

    def fileno(self) -> int: ...

    def receive(self) -> list[Outcome]:
        """What has come."""
        ...

    def silence(self, now_s: float) -> list[Outcome]:
        """What nothing having come until then (monotonic) has ended."""
        ...

    def drain(self) -> bool:
        """Throw away what has come; True when it was part of a read."""
        ...

    def close(self) -> list[Outcome]:
        """Let go of the device; what was in hand is dropped. Raises nothing."""
        ...


class DoubleTrigger:
    """Tells the second of two identical reads of one device within ``window_s`` (0: never)."""

    def __init__(self, window_s: float = DOUBLE_S) -> None:
        self._window_s = window_s
        self._last: Read | None = None

    def is_double(self, read: Read) -> bool:
        """True when the same code was *delivered* less than the window ago.

        Measured from the delivered read, so that a trigger that chatters for long cannot swallow
        an identical item counted on purpose.
        """
        last = self._last
        if last and last.code == read.code and read.at_s - last.at_s < self._window_s:
            return True
        self._last = read
        return False


class Scanner(ABC):
    """One scanner, named by a steady path.

    ``run`` is the body of a thread and returns after ``stop``. Every event goes to ``emit``, in that thread; a device
    that is not there is announced once, whatever the number of tries.
    """

    subsystem: ClassVar[str]
    """Where udev tells of such devices."""
    settle_s: ClassVar[float]
    """Silence after opening, before anything that comes is taken for a whole read."""

    def __init__(self, path: str, *, name: str, emit: Emit, double_s: float = DOUBLE_S) -> None:
        self.path = path
        self.name = name
        self._emit = emit
        self._doubles = DoubleTrigger(double_s)
        self._stopping = threading.Event()
        self._wake_r, self._wake_w = os.pipe()
        self.why: LostReason | None = None
        """Why the device could not be had at the last try; None while it is open, and before the first."""
        self._lost = False
        self._named_by_udev = False

    @abstractmethod
    def _open(self) -> Device:
        """The device, for this process alone. Raises OSError."""

    def run(self) -> None:
        """Read until stopped, coming back whenever the device does."""
        try:
            watch = PlugWatch(self.subsystem)
            while not self._stopping.is_set():
                # A fault of ours must not end the reading, nor log what was read.
                try:
                    self._drive(watch)
                except Exception as error:
                    at = traceback.extract_tb(error.__traceback__)[-1]
                    where = f"{at.filename}:{at.lineno}"
                    log.error("scanner %s: %r at %s", self.name, type(error), where)
                    self._announce_loss("unusable")
                    self._stopping.wait(RETRY_S[1])
        finally:
            os.close(self._wake_r)

    def stop(self) -> None:
        """Make ``run`` return at once. To be called once, from any thread."""
        self._stopping.set()
        os.close(self._wake_w)  # end of file wakes the select

    def _drive(self, watch: PlugWatch) -> None:
        """From when the device is there until it is gone, or this is stopped."""
        device = self._open_when_there(watch)
        if device is None:
            return
        gone = False
        try:
            self._listen(device, watch)
        except OSError:
            gone = True
        finally:
            self._deliver(device.close())
        if gone:
            self._announce_loss("gone")
            self._stopping.wait(RETRY_S[0])  # one that is gone at once must not keep us busy

    def _open_when_there(self, watch: PlugWatch) -> Device | None:
        """The open device, however long it takes; None when stopped."""
        if self._stopping.is_set():
            return None
        with suppress(OSError):  # what happens in passing is not told
            return self._open_ours()
        retry_s = RETRY_S[0]
        while not self._stopping.is_set():
            try:
                return self._open_ours()
            except OSError as error:
                self._announce_loss(why_lost(error))
            watch.wait(self._wake_r, retry_s)
            retry_s = min(retry_s * 2, RETRY_S[1])
        return None

    def _open_ours(self) -> Device:
        device = self._open()
        try:
            self._named_by_udev = check_name(device.fileno(), self.path)
        except BaseException:
            device.close()
            raise
        return device

    def _listen(self, device: Device, watch: PlugWatch) -> None:
        """Tell what comes until stopped. Raises OSError when the device is gone."""
        if not self._settle(device, watch):
            return
        self._lost, self.why = False, None
        self._tell(ScannerReady(self.name))
        while True:
            due_s = device.due_s
            wait_s = None if due_s is None else max(0.0, due_s - time.monotonic())
            ready, now_s = self._select(device, watch, wait_s)
            with suppress(BlockingIOError):
                if device.fileno() in ready:
                    self._deliver(device.receive())
                elif due_s is not None and due_s <= now_s:
                    self._deliver(device.silence(now_s))
            if self._wake_r in ready:
                return

    def _settle(self, device: Device, watch: PlugWatch) -> bool:
        """Let silence pass, and udev name what it has to; False when stopped meanwhile. What is scanned is told."""
        heard = False
        quiet_s = time.monotonic() + self.settle_s
        named_s = time.monotonic() + NAMED_S
        try:
            while True:
                now_s = time.monotonic()
                wait_s = quiet_s - now_s if now_s < quiet_s else LOOK_S
                ready, now_s = self._select(device, watch, wait_s)
                if self._wake_r in ready:
                    return False
                if device.fileno() in ready:
                    with suppress(BlockingIOError):
                        if device.drain():
                            heard, quiet_s = True, now_s + self.settle_s
                if now_s >= quiet_s:
                    if heard:
                        self._tell(ReadDropped(self.name, "half"))
                        heard = False
                    if not self._named_by_udev or not is_busy() or now_s >= named_s:
                        return True
        finally:
            if heard:
                self._tell(ReadDropped(self.name, "half"))

    def _select(
        self, device: Device, watch: PlugWatch, timeout_s: float | None
    ) -> tuple[Container[int], float]:
        """What is readable, and until when that is known (monotonic): what is not readable has sent nothing until
        then. Raises OSError where udev has come to say that the device is another's."""
        own = [device.fileno(), self._wake_r]
        ready, _, _ = select.select([*own, *watch.sources], [], [], timeout_s)
        if any(monitor in ready for monitor in watch.sources):
            watch.clear()
            if self._named_by_udev and is_named_otherwise(device.fileno(), self.path):
                raise OSError(errno.ENODEV, "named otherwise", self.path)
        # All this took time, and this process may have been kept from running: what came meanwhile is no silence.
        now_s = time.monotonic()
        readable, _, _ = select.select(own, [], [], 0)
        return readable, now_s

    def _deliver(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Dropped):
                self._tell(ReadDropped(self.name, outcome.why))
            elif self._doubles.is_double(outcome):
                self._tell(ReadDropped(self.name, "double"))
            else:
                self._tell(ReadMade(self.name, outcome.code, datetime.now(UTC)))

    def _announce_loss(self, why: LostReason) -> None:
        self.why = why
        if not self._lost:
            self._lost = True
            self._tell(ScannerLost(self.name, why))

    def _tell(self, event: ScannerEvent) -> None:
        """Pass an event on; a listener's fault must not end the reading (nor log what was read)."""
        try:
            self._emit(event)
        except Exception as error:
            log.error("scanner %s: %s not taken: %s", self.name, type(event).__name__, type(error))


def why_lost(error: OSError) -> LostReason:
    """Why a device cannot be had."""
    match error.errno:
        case errno.ENOENT | errno.ENODEV | errno.ENXIO:
            return "absent"
        case errno.EACCES | errno.EPERM:
            return "forbidden"
        case errno.EBUSY | errno.EAGAIN:
            return "busy"
        case errno.ENOTUNIQ:
            return "shared"
        case _:
            return "unusable"
