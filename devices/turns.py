"""One at a time on a printer: two stations may share one, and jobs must not mix on its paper.

Whoever on this machine holds the lock of a printer's address prints; it is let go of even by a process that is killed.
Between machines the printer itself sees to it: it takes one connection.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from devices.errors import PrinterLocked, PrinterUnreachable
from devices.transport import FileTransport, SerialTransport, TcpTransport, Transport
from devices.usb_printer import UsbTransport


@contextmanager
def turn(transport: Transport, folder: Path) -> Iterator[bool]:
    """Whether the printer is ours meanwhile; nobody waits. Raises PrinterUnreachable, PrinterLocked where no
    lock can be had."""
    name = hashlib.blake2b(_address(transport).encode(), digest_size=8).hexdigest()
    try:
        fd = _opened(folder, f"{name}.lock")
    except PermissionError as error:
        raise PrinterLocked(transport.url, path=str(folder)) from error
    except OSError as error:
        raise PrinterUnreachable(transport.url, detail=str(error)) from error
    try:
        yield _taken(fd)
    finally:
        os.close(fd)


def _opened(folder: Path, name: str) -> int:
    """A lock needs no more than reading, so that a file of root's shuts nobody out; nor does a folder that
    root makes, which belongs to whom the one above it belongs to."""
    try:
        folder.mkdir(parents=True)
        if os.geteuid() == 0:
            above = folder.parent.stat()
            os.chown(folder, above.st_uid, above.st_gid)
    except FileExistsError:
        pass
    fd = os.open(folder / name, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    with suppress(OSError):  # another's, which he made so himself
        os.fchmod(fd, 0o644)  # whatever is masked
    return fd


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


def _address(transport: Transport) -> str:
    """The same, however it is written."""
    match transport:
        case TcpTransport(_, host, port):
            return f"{host.lower()}:{port}"
        case UsbTransport(_, vendor, product):
            return f"{vendor:04x}:{product:04x}"  # with its serial number or without
        case SerialTransport(_, path) | FileTransport(_, path):
            return os.path.realpath(path)
        case _:
            return transport.url
