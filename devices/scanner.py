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
from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import UTC, datetime
from typing import ClassVar, Protocol

import pyudev

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

DOUBLE_S = 0.4
UDEV = "/run/udev/control"
"""Is there where udev runs: a container may see names in /dev that nobody in it can tell the owner of."""
RETRY_S = (
    0.1,
    1.0,
)  # first and longest wait: back within 2 s of being plugged in again, even where udev is silent

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

    def silence(self) -> list[Outcome]:
        """What nothing having come until now has ended."""
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


class PlugWatch:
    """Tells when udev says that something of a subsystem was plugged in or changed.

    Begun before looking for the device, so that nothing falls between. Where there is no udev only time passes.
    """

    def __init__(self, subsystem: str) -> None:
        self._monitor: pyudev.Monitor | None = None
        with suppress(ImportError, OSError):
            monitor = pyudev.Monitor.from_netlink(pyudev.Context())
            monitor.filter_by(subsystem)
            monitor.start()
            self._monitor = monitor

    def wait(self, wake: int, timeout_s: float) -> None:
        """Until something was plugged in or changed, ``wake`` is readable, or the time is over."""
        if self._monitor is None:
            select.select([wake], [], [], timeout_s)
            return
        ready, _, _ = select.select([wake, self._monitor], [], [], timeout_s)
        if self._monitor in ready:
            with suppress(OSError):  # more came than the socket holds: all the more reason to look
                while self._monitor.poll(timeout=0) is not None:
                    pass


def check_name(descriptor: int, path: str) -> None:
    """Raises OSError unless udev gave this name to the open device, and to no other; names that are not udev's pass.

    Plugged in anew, several devices may swap their numbers while udev still takes the old names away: for a moment a
    steady path leads to somebody else's device, which would be read for ours. Two alike without a serial number have
    the same by-id, which leads to either.
    """
    if not (path.startswith("/dev/") and os.path.islink(path) and os.path.exists(UDEV)):
        return
    if os.path.isabs(os.readlink(path)):  # made by hand: those that udev makes are relative
        return
    number = os.fstat(descriptor).st_rdev
    try:
        context = pyudev.Context()
        device = pyudev.Devices.from_device_number(context, "char", number)
        if path not in device.device_links:
            raise OSError(errno.ENOENT, "not yet named", path)
        alike = context.list_devices(subsystem=device.subsystem)
        # One device may have several nodes of one name.
        owners = {one.find_parent("usb", "usb_device") for one in alike if path in one.device_links}
    except (ImportError, pyudev.DeviceNotFoundError):
        return
    if len(owners) > 1:
        raise OSError(errno.ENOTUNIQ, "the name of two devices", path)


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
        self._lost = False

    @abstractmethod
    def _open(self) -> Device:
        """The device, for this process alone. Raises OSError."""

    def run(self) -> None:
        """Read until stopped, coming back whenever the device does."""
        try:
            while (device := self._open_when_there()) is not None:
                try:
                    self._listen(device)
                except OSError:
                    self._deliver(device.close())
                    self._announce_loss("gone")
                    self._stopping.wait(
                        RETRY_S[0]
                    )  # one that is gone at once must not keep us busy
                else:
                    self._deliver(device.close())
        finally:
            os.close(self._wake_r)

    def stop(self) -> None:
        """Make ``run`` return at once. To be called once, from any thread."""
        self._stopping.set()
        os.close(self._wake_w)  # end of file wakes the select

    def _open_when_there(self) -> Device | None:
        """The open device, however long it takes; None when stopped."""
        if self._stopping.is_set():
            return None
        with suppress(OSError):
            return self._open_ours()
        watch = PlugWatch(self.subsystem)
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
            check_name(device.fileno(), self.path)
        except OSError:
            device.close()
            raise
        return device

    def _listen(self, device: Device) -> None:
        """Tell what comes until stopped. Raises OSError when the device is gone."""
        if not self._settle(device):
            return
        self._lost = False
        self._tell(ScannerReady(self.name))
        while True:
            due_s = device.due_s
            wait_s = None if due_s is None else max(0.0, due_s - time.monotonic())
            ready, _, _ = select.select([device.fileno(), self._wake_r], [], [], wait_s)
            if not ready or device.fileno() in ready:
                with suppress(BlockingIOError):
                    self._deliver(device.receive() if ready else device.silence())
            if self._wake_r in ready:
                return

    def _settle(self, device: Device) -> bool:
        """Let silence pass; False when stopped meanwhile."""
        heard = False
        while True:
            ready, _, _ = select.select([device.fileno(), self._wake_r], [], [], self.settle_s)
            if self._wake_r in ready:
                return False
            if not ready:
                if heard:
                    self._tell(ReadDropped(self.name, "half"))
                return True
            with suppress(BlockingIOError):
                heard = device.drain() or heard

    def _deliver(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Dropped):
                self._tell(ReadDropped(self.name, outcome.why))
            elif self._doubles.is_double(outcome):
                self._tell(ReadDropped(self.name, "double"))
            else:
                self._tell(ReadMade(self.name, outcome.code, datetime.now(UTC)))

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
