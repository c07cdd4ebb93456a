"""Carry the bytes of one print job to a printer; no rendering, no retries.

Blind retries print twice, so a transport tries once and says how it went: an error whose
``may_have_printed`` is False is safe to send again, any other means asking a person. That ``send``
returns means that the printer's side *took* every byte, not that paper came out.
"""

import fcntl
import os
import re
import socket
import struct
import termios
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import serial

from devices.errors import PrinterPortError, PrinterUrlError
from devices.failures import POLL_S, left, opening, sending, write_all
from devices.usb_printer import UsbTransport

LINGER_S = 1.0  # how long a printer may take to close its side after a job
DEFAULT_BAUD = 9600
USB_NODES = "/dev/bus/usb/"
"""Numbered anew each time something is plugged in, and not to be written to: no address."""

_NO_PORT = re.compile(r"(tcp://)?([\w.-]+|\[[0-9a-f:.]+\])", re.IGNORECASE)
_USB = re.compile(r"usb://([0-9a-f]{4}):([0-9a-f]{4})(?:/([^/?#]+))?", re.IGNORECASE)


class Transport(Protocol):
    """A way to one printer."""

    @property
    def url(self) -> str:
        """The address it was opened with."""
        ...

    def send(self, data: bytes, timeout_s: float) -> None:
        """Send one whole job within ``timeout_s`` seconds. Raises PrinterError."""
        ...


@dataclass(frozen=True)
class TcpTransport:
    """A printer on the network (port 9100 as a rule): one connection per job."""

    url: str
    host: str
    port: int
    linger_s: float = LINGER_S

    def send(self, data: bytes, timeout_s: float) -> None:
        """Send the job and wait until the other side has acknowledged every byte.

        A write succeeds into the kernel's buffer even when the peer is gone (the first two are
        lost without an error), so we close our side and read until the peer closes or resets.
        A peer that keeps its side open is well when it has acknowledged everything.
        """
        deadline_s = time.monotonic() + timeout_s
        with opening(self.url):
            peer = socket.create_connection((self.host, self.port), timeout=timeout_s)
        with peer, sending(self.url):
            peer.settimeout(left(deadline_s))
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
            linger_until_s = min(deadline_s, time.monotonic() + self.linger_s)
            try:
                while True:
                    peer.settimeout(left(linger_until_s))
                    if not peer.recv(4096):  # what it answers is not ours to judge
                        break
            except TimeoutError:
                pass
            while _unacknowledged(peer):
                left(deadline_s)
                time.sleep(POLL_S)
            _raise_pending(peer)


@dataclass(frozen=True)
class FileTransport:
    """A file that jobs are appended to, or a folder that takes one numbered file per job.

    A character device (`/dev/usb/lp0`) is a file too, written without ever blocking for longer
    than the time given.
    """

    url: str
    path: Path
    folder: bool

    @property
    def device(self) -> bool:
        """Whether it is a device, plugged in or not: it may answer, and is never made by us."""
        paths = (os.path.abspath(self.path), os.path.realpath(self.path))
        return any(path.startswith("/dev/") for path in paths) or self.path.is_char_device()

    def send(self, data: bytes, timeout_s: float) -> None:
        """Write the job: all of it or nothing, on disk when this returns."""
        deadline_s = time.monotonic() + timeout_s
        if self.folder:
            self._add_file(data, deadline_s)
        else:
            self._append(data, deadline_s)

    def _append(self, data: bytes, deadline_s: float) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY
        if not self.device and not self.path.exists():
            flags |= os.O_CREAT
        with opening(self.url):
            fd = os.open(self.path, flags, 0o640)
        try:
            with sending(self.url):
                write_all(fd, data, deadline_s)
        finally:
            os.close(fd)

    def _add_file(self, data: bytes, deadline_s: float) -> None:
        with opening(self.url):
            numbers = [int(p.stem) for p in self.path.glob("*.bin") if p.stem.isdecimal()]
            number = max(numbers, default=0)
            part = self.path / f".{os.getpid()}-{id(data)}.part"
            fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        try:
            with opening(self.url):  # nothing is in the folder before the link below
                write_all(fd, data, deadline_s)
                while True:
                    number += 1
                    try:  # a link never replaces a job written meanwhile by another process
                        os.link(part, self.path / f"{number:06d}.bin")
                        break
                    except FileExistsError:
                        continue
        finally:
            os.close(fd)
            part.unlink(missing_ok=True)


@dataclass(frozen=True)
class SerialTransport:
    """A printer on a serial port, opened for one job at a time and for us alone.

    It holds little, and says that it is full by XOFF, which costs nothing where it never does; with ``rts`` by the line
    that ends at our CTS, and where no such line is wired, nothing would ever be sent.
    """

    url: str
    device: str
    baud: int
    rts: bool = False

    def open(self) -> serial.Serial:
        """The line. Raises OSError."""
        return serial.Serial(
            self.device, self.baud, timeout=0, exclusive=True, xonxoff=not self.rts, rtscts=self.rts
        )

    def send(self, data: bytes, timeout_s: float) -> None:
        """Write the job and wait until the port has sent its last byte."""
        deadline_s = time.monotonic() + timeout_s
        with opening(self.url):
            port = self.open()
        with port, sending(self.url):
            try:
                # not port.write(), which spins on a full buffer until the time is over
                write_all(port.fileno(), data, deadline_s)
                while port.out_waiting:  # flush() would wait for ever on a printer that is off
                    left(deadline_s)
                    time.sleep(POLL_S)
            except BaseException:
                with suppress(OSError, termios.error):
                    port.reset_output_buffer()  # closing must not wait for a dead printer either
                raise


def open_transport(url: str) -> Transport:
    """The transport for a printer's address; nothing is opened before ``send``.

    Takes ``tcp://host:port`` or a bare ``host:port``, ``serial:///dev/ttyX?baud=9600`` (and ``&flow=rts``),
    ``usb://vendor:product`` or ``usb://vendor:product/serial``, ``file:///path`` or a whole path (a folder, or a path
    that ends in "/", takes one file per job). Raises PrinterUrlError.
    """
    if re.fullmatch(r"[^/\s]+:\d+", url):
        return _tcp(url, f"tcp://{url}")
    if _NO_PORT.fullmatch(url):
        raise PrinterPortError(url)
    if "://" not in url:
        if not url.startswith("/") or "\0" in url:
            raise PrinterUrlError(url)
        return _file(url, url)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise PrinterUrlError(url) from error
    if parts.scheme == "tcp":
        return _tcp(url, url)
    if parts.scheme == "usb":
        return _usb(url)
    if parts.netloc or not parts.path.startswith("/"):
        raise PrinterUrlError(url)
    if parts.scheme == "file":
        return _file(url, unquote(parts.path))
    if parts.scheme == "serial":
        return _serial(url, unquote(parts.path), dict(parse_qsl(parts.query)))
    raise PrinterUrlError(url)


def _tcp(url: str, full: str) -> TcpTransport:
    try:
        parts = urlsplit(full)
        host, port = parts.hostname, parts.port
    except ValueError as error:  # a port that is no number, or beyond 65535
        raise PrinterUrlError(url) from error
    if not host or not port or parts.path not in ("", "/"):
        raise PrinterUrlError(url)
    return TcpTransport(url, host, port)


def _serial(url: str, device: str, options: dict[str, str]) -> SerialTransport:
    baud, flow = options.get("baud", str(DEFAULT_BAUD)), options.get("flow", "xon")
    if not (baud.isascii() and baud.isdigit() and int(baud) > 0) or flow not in ("xon", "rts"):
        raise PrinterUrlError(url)
    return SerialTransport(url, device, int(baud), rts=flow == "rts")


def _usb(url: str) -> UsbTransport:
    found = _USB.fullmatch(url)
    if found is None:
        raise PrinterUrlError(url)
    vendor, product, serial_number = found.groups()
    return UsbTransport(url, int(vendor, 16), int(product, 16), unquote(serial_number or ""))


def _file(url: str, path: str) -> FileTransport:
    one = FileTransport(url, Path(path), folder=False)
    if os.path.abspath(path).startswith(USB_NODES):
        raise PrinterUrlError(url)
    folder = not one.device and (path.endswith("/") or one.path.is_dir())
    return replace(one, folder=folder)


def _unacknowledged(peer: socket.socket) -> int:
    """Bytes that the peer's side has not acknowledged yet (SIOCOUTQ, the same as TIOCOUTQ)."""
    _raise_pending(peer)
    answer = fcntl.ioctl(peer.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])


def _raise_pending(peer: socket.socket) -> None:
    """Raise the reset that arrived after we had read to the end: nobody else would tell us."""
    if number := peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise OSError(number, os.strerror(number))
