"""A receipt printer on the network, written from the ESC/POS reference: paper, status in real time, faults on request.

It knows the lengths of the commands receipts use, so that dots of a picture are never taken for a question.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# DLE EOT 1, 2, 3, 4 in each state, as measured.
STATES = {
    "ready": (0x16, 0x12, 0x12, 0x12),
    "paper-out": (0x1E, 0x32, 0x12, 0x7E),
    "cover-open": (0x1E, 0x16, 0x12, 0x12),
    "near-end": (0x16, 0x12, 0x12, 0x1E),
    "off-line": (0x1E, 0x12, 0x12, 0x12),
}
PRINTING = ("ready", "near-end")


@dataclass
class PaperPrinter:
    """`printed` is what came out, byte by byte; `held` what waits until it can print again."""

    state: str = "ready"
    silent: bool = False
    swallows: bool = False
    """Takes everything and answers in order, paper or not."""
    eager: bool = False
    """Answers in real time even in the middle of a picture."""
    late: list[bytes] | None = None
    """Where it is a list: answers in order that it has not given yet."""
    at: dict[int, Callable[[], None]] = field(default_factory=dict)
    """What happens once so many bytes have been printed in all, before the next one."""
    address: tuple[str, int] = ("127.0.0.1", 0)
    printed: bytearray = field(default_factory=bytearray)
    held: bytearray = field(default_factory=bytearray)
    cuts: queue.Queue[bytes] = field(default_factory=queue.Queue)
    """Each receipt as it is cut off."""
    _peer: socket.socket | None = None
    _listener: socket.socket | None = None
    _start: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        return f"tcp://{self.address[0]}:{self.address[1]}"

    def become(self, state: str) -> None:
        """Roll out, cover open, or mended: then it goes on with what it holds."""
        with self._lock:
            self.state = state
            with suppress(OSError):
                self._go_on()

    def hang_up(self) -> None:
        """Close the connection; what was not printed is lost, and what was is torn off."""
        with self._lock:
            self.held.clear()
            self._start = len(self.printed)
            if self._peer is not None:
                with suppress(OSError):
                    self._peer.shutdown(socket.SHUT_RDWR)
                self._peer = None

    def go_away(self) -> None:
        """Power off: nobody answers at this address."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.hang_up()

    def come_back(self) -> None:
        """Power on, at the same address."""
        listener = socket.create_server(self.address)
        self.address = listener.getsockname()[:2]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer, suppress(OSError):
                self._peer = peer
                self._serve(peer)

    def _serve(self, peer: socket.socket) -> None:
        while data := peer.recv(4096):
            with self._lock:
                if self._peer is not peer:  # hung up: what had arrived is lost too
                    return
                self._take(data)

    def _take(self, data: bytes) -> None:
        self.held += data
        self._go_on()

    def _go_on(self) -> None:
        """Print as far as it can. Questions in real time are answered past what waits."""
        while self.held:
            if self._question(0):
                continue
            if self.state not in PRINTING and not self.swallows:
                where = self.held.find(b"\x10\x04")
                if where < 0 or not self._question(where):
                    return
                continue
            length = self._length()
            if length == 0 or len(self.held) < length:
                where = self.held.find(b"\x10\x04") if self.eager else -1
                if where < 0 or not self._question(where):
                    return
                continue
            if self.held[:2] == b"\x1dr":
                self._in_order(bytes([0x0C if self.state == "near-end" else 0x00]))
                del self.held[:length]
                continue
            self._print(length)

    def _question(self, where: int) -> bool:
        if self.held[where : where + 2] != b"\x10\x04" or len(self.held) < where + 3:
            return False
        which = self.held[where + 2]
        del self.held[where : where + 3]
        self._answer(bytes([STATES[self.state][which - 1]]))
        return True

    def _length(self) -> int:
        """Of the command or character that stands first; 0 where not enough of it is there."""
        if self.held[0] == 0x10:
            return 3
        if self.held[:2] == b"\x1dv":
            if len(self.held) < 8:
                return 0
            wide, high = (int.from_bytes(self.held[k : k + 2], "little") for k in (4, 6))
            return 8 + wide * high
        if self.held[:2] == b"\x1b@":
            return 2
        return 3 if self.held[0] in (0x1B, 0x1D) else 1

    def _print(self, length: int) -> None:
        command = bytes(self.held[:length])
        del self.held[:length]
        self.printed += command
        if command[:2] == b"\x1dV":
            self.cuts.put(bytes(self.printed[self._start :]))
            self._start = len(self.printed)
        for when in [n for n in self.at if n <= len(self.printed)]:
            self.at.pop(when)()

    def _in_order(self, byte: bytes) -> None:
        if self.late is None:
            self._answer(byte)
        else:
            self.late.append(byte)

    def catch_up(self) -> None:
        """Give the answers it owes."""
        for byte in self.late or ():
            self._answer(byte)
        self.late = None

    def _answer(self, byte: bytes) -> None:
        if not self.silent and self._peer is not None:
            self._peer.sendall(byte)


@contextmanager
def paper_printer() -> Iterator[PaperPrinter]:
    """A printer that is on."""
    made = PaperPrinter()
    made.come_back()
    try:
        yield made
    finally:
        made.go_away()
