"""What the operating system says of a printer, in this package's errors; and writing that never waits too long."""

import errno
import os
import select
import stat
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import serial

from devices.errors import (
    PrinterError,
    PrinterForbidden,
    PrinterRefused,
    PrinterReset,
    PrinterTimeout,
    PrinterUnreachable,
)

POLL_S: Final = 0.01
"""Where the kernel has no event to wait for."""

_FORBIDDEN: Final = {errno.EACCES, errno.EPERM}
_REFUSALS: Final = {errno.ECONNREFUSED, errno.EBUSY}
_BROKEN: Final = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENOTCONN} | {
    errno.EIO,
    errno.ENODEV,
    errno.ENXIO,
    errno.ESHUTDOWN,
    errno.ENOENT,
}  # the second four: unplugged


def left(deadline_s: float) -> float:
    """Seconds until the deadline; TimeoutError when it has passed."""
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s


def write_all(fd: int, data: bytes, deadline_s: float) -> None:
    """Write and sync everything; a regular file is cut back when that fails half-way."""
    regular = stat.S_ISREG(os.fstat(fd).st_mode)
    size = os.fstat(fd).st_size
    try:
        view = memoryview(data)
        while view:
            if not regular and not select.select([], [fd], [], left(deadline_s))[1]:
                raise TimeoutError
            with suppress(BlockingIOError):
                view = view[os.write(fd, view) :]
        if regular:
            os.fsync(fd)
    except BaseException:
        if regular:
            os.ftruncate(fd, size)
        raise


@contextmanager
def opening(url: str) -> Iterator[None]:
    """Failures before the first byte of the job left."""
    try:
        yield
    except (OSError, ValueError) as error:  # pyserial: ValueError for a rate it does not know
        number = getattr(error, "errno", None)
        kind = PrinterRefused if number in _REFUSALS else PrinterUnreachable
        kind = PrinterForbidden if number in _FORBIDDEN else kind
        detail = os.strerror(number) if number and number > 0 else str(error)
        raise kind(url, detail=detail) from error


@contextmanager
def sending(url: str) -> Iterator[None]:
    """Failures after the job was begun: what came out on paper is unknown."""
    try:
        yield
    except TimeoutError as error:
        raise PrinterTimeout(url) from error
    except (OSError, termios.error) as error:
        broken = isinstance(error, serial.SerialException) or error.args[:1][0] in _BROKEN
        raise (PrinterReset(url) if broken else PrinterError(url, detail=str(error))) from error
