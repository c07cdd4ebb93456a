"""What udev tells: that something was plugged in, and whether an open device is the one that its steady path names.

Plugged in anew, several devices may swap their numbers while udev still takes the old names away: for a moment a steady
path leads to somebody else's device, and what udev has written down of its number is of the device that had it before.
So it is to be asked again whenever udev has news.
"""

import errno
import os
import select
import threading
from contextlib import suppress
from typing import Any

import pyudev

UDEV = "/run/udev"
"""Is there where udev runs: a container may see names in /dev that nobody in it can tell the owner of."""

MESSAGE = 65536  # bytes; udev's are far shorter

_of_thread = threading.local()


def context() -> pyudev.Context:
    """This thread's own: libudev is not made for two at once, and pyudev runs a program at each. ImportError."""
    if not hasattr(_of_thread, "context"):
        _of_thread.context = pyudev.Context()
    made: pyudev.Context = _of_thread.context
    return made


class PlugWatch:
    """Tells when udev says that something of a subsystem was plugged in, unplugged or changed.

    Begun before looking for the device, so that nothing falls between. Where there is no udev only time passes.
    """

    def __init__(self, subsystem: str) -> None:
        self.sources: list[Any] = []
        """To be selected on: readable when there is news."""
        with suppress(ImportError, OSError, ValueError):
            monitor = pyudev.Monitor.from_netlink(context())
            monitor.filter_by(subsystem)
            monitor.start()
            self.sources.append(monitor)

    def wait(self, wake: int, timeout_s: float) -> None:
        """Until there is news, ``wake`` is readable, or the time is over."""
        ready, _, _ = select.select([wake, *self.sources], [], [], timeout_s)
        if self.sources and self.sources[0] in ready:
            self.clear()

    def clear(self) -> None:
        """Take the news. What they are is not asked: libudev cannot tell of what is gone again by now."""
        for monitor in tuple(self.sources):
            try:
                while os.read(monitor.fileno(), MESSAGE):
                    pass
            except OSError as error:
                # All is taken; or more came than the socket holds, which is news as well.
                if error.errno in (errno.EAGAIN, errno.ENOBUFS):
                    continue
            self.sources.remove(monitor)  # it would be readable for ever


def check_name(descriptor: int, path: str) -> bool:
    """Raises OSError unless udev gave this name to the open device, and to no other; False where it is not udev's.

    Two alike without a serial number have the same by-id, which leads to either: ENOTUNIQ.
    """
    if not (path.startswith("/dev/") and os.path.exists(f"{UDEV}/control")):
        return False
    try:
        # ENOENT: udev has taken the name away since the device was opened by it.
        target = os.readlink(path)
    except OSError as error:
        if error.errno == errno.EINVAL:  # no link
            return False
        raise
    if os.path.isabs(target):  # made by hand: those that udev makes are relative
        return False
    try:
        device = _known(descriptor)
        if device is None or path not in device.device_links:
            raise OSError(errno.ENOENT, "not yet named", path)
        alike = context().list_devices(subsystem=device.subsystem)
        # One device may have several nodes of one name.
        owners = {one.find_parent("usb", "usb_device") for one in alike if path in one.device_links}
    except ImportError:
        return False
    if len(owners) > 1:
        raise OSError(errno.ENOTUNIQ, "the name of two devices", path)
    return True


def is_named_otherwise(descriptor: int, path: str) -> bool:
    """Whether udev has named the open device, and not so: it is another's, or the rule that named it is gone.

    Where udev has not come to name it, nothing is known yet.
    """
    device = _known(descriptor)
    return device is not None and device.is_initialized and path not in device.device_links


def is_busy() -> bool:
    """Whether udev has still something to name, or to take a name from."""
    return os.path.exists(f"{UDEV}/queue")


def _known(descriptor: int) -> pyudev.Device | None:
    """None where it is gone."""
    try:
        return pyudev.Devices.from_device_number(context(), "char", os.fstat(descriptor).st_rdev)
    except pyudev.DeviceNotFoundError:
        return None
