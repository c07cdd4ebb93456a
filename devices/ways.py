"""An open way to a printer and back, over whatever it is plugged into."""

import errno
import fcntl
import os
import select
import struct
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import SHUT_WR, create_connection
from stat import S_ISCHR
from typing import Final, Protocol

from devices.errors import PrinterReset, PrinterTimeout, PrinterUnreachable
from devices.failures import POLL_S, opening, sending
from devices.transport import FileTransport, SerialTransport, TcpTransport, Transport
from devices.usb_printer import UsbTransport, usb_way

_FULL_S: Final = 0.2
"""Between two looks at a queue that is full: it may be emptying."""


class Way(Protocol):
    """Bytes to a printer, and those it answers."""

    @property
    def two_way(self) -> bool:
        """Whether it can answer at all."""
        ...

    @property
    def url(self) -> str:
        """The printer's address."""
        ...

    def write(self, data: memoryview, timeout_s: float) -> int:
        """How many bytes were taken; 0, where none in time. Raises PrinterReset."""
        ...

    def queued(self) -> int:
        """Bytes taken that wait on this side still. Raises PrinterReset."""
        ...

    def receive(self, timeout_s: float) -> bytes:
        """What came; nothing, where nothing did in time. Raises PrinterReset."""
        ...


@dataclass
class FdWay:
    """A socket, a serial port or a character device, opened without blocking."""

    url: str
    fd: int
    closes: bool = False
    """Whether an empty read is the end."""
    two_way: bool = True

    def write(self, data: memoryview, timeout_s: float) -> int:
        """How many bytes were taken; 0, where none in time. Raises PrinterReset."""
        if not select.select([], [self.fd], [], min(timeout_s, _FULL_S))[1]:
            return 0
        with sending(self.url), suppress(BlockingIOError):
            return os.write(self.fd, data)
        return 0

    def queued(self) -> int:
        """Of a socket, what is not acknowledged; of a line, what is not sent. Raises PrinterReset."""
        with sending(self.url):
            try:
                waiting = fcntl.ioctl(self.fd, termios.TIOCOUTQ, struct.pack("i", 0))
            except OSError as error:
                if error.errno != errno.ENOTTY:
                    raise
                return 0  # /dev/usb/lp0: what is taken, the printer has
        poll = select.poll()
        poll.register(self.fd, 0)
        if poll.poll(0):  # nobody is there, or it was broken off: nothing goes out any more
            raise PrinterReset(self.url)
        return int(struct.unpack("i", waiting)[0])

    def receive(self, timeout_s: float) -> bytes:
        """What came; nothing, where nothing did in time. Raises PrinterReset."""
        if not select.select([self.fd], [], [], timeout_s)[0]:
            return b""
        data = None
        with sending(self.url), suppress(BlockingIOError):
            data = os.read(self.fd, 256)
        if data == b"" and self.closes:
            raise PrinterReset(self.url)  # nobody prints any more
        if not data:
            time.sleep(POLL_S)  # an empty packet, which some printers send all the time
        return data or b""


@contextmanager
def way_to(transport: Transport, timeout_s: float) -> Iterator[Way]:
    """Raises PrinterError where there is no way."""
    match transport:
        case UsbTransport():
            with usb_way(transport) as way:
                yield way
        case TcpTransport(url, host, port):
            with opening(url):
                peer = create_connection((host, port), timeout=timeout_s)
            with peer:
                peer.setblocking(False)
                yield FdWay(url, peer.fileno(), closes=True)
                with suppress(OSError):
                    peer.shutdown(SHUT_WR)  # not a reset: what the printer holds is to be printed
        case SerialTransport(url):
            with opening(url):
                line = transport.open()
            with line:
                try:
                    yield FdWay(url, line.fileno())
                finally:
                    with suppress(OSError, termios.error):
                        line.reset_output_buffer()  # closing must not wait for a dead printer
        case FileTransport(url, path):
            with opening(url):
                fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                if not S_ISCHR(os.fstat(fd).st_mode):
                    raise PrinterUnreachable(url, detail="this device is no printer")
                yield FdWay(url, fd)
            finally:
                os.close(fd)
        case _:
            raise PrinterTimeout(transport.url)
