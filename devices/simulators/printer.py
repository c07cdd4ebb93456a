"""A receipt printer: bytes in, paper and answers out. Pure: nothing here opens anything.

It obeys the measured table of hardware printers: DLE EOT is answered as it arrives, past what waits; GS r in its turn;
on an empty roll, with its cover open or off line it prints nothing, and takes no byte more once its memory is full; put
right, it goes on where it stopped.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from devices.simulators import escpos

MEMORY = 32_768  # bytes that wait: several receipts, and no long job of labels
KEPT = 8  # papers that are still shown


class State(StrEnum):
    """How the printer was told to be."""

    READY = "ready"
    NEAR_END = "near-end"
    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    OFF_LINE = "off-line"
    SILENT = "silent"
    """Takes everything, prints it, and has no way back: as the cheap ones."""

    @property
    def prints(self) -> bool:
        return self in (State.READY, State.NEAR_END, State.SILENT)


# DLE EOT 1, 2, 3, 4 in each state, as measured.
ANSWERS = {
    State.READY: (0x16, 0x12, 0x12, 0x12),
    State.NEAR_END: (0x16, 0x12, 0x12, 0x1E),
    State.PAPER_OUT: (0x1E, 0x32, 0x12, 0x7E),
    State.COVER_OPEN: (0x1E, 0x16, 0x12, 0x12),
    State.OFF_LINE: (0x1E, 0x12, 0x12, 0x12),
}


@dataclass
class Paper:
    """What came out in one piece, byte by byte; `cut` once it was cut off."""

    number: int
    data: bytearray = field(default_factory=bytearray)
    cut: bool = False


class FakePrinter:
    """`papers` is what came out, the newest last."""

    def __init__(self, state: State = State.READY, papers: list[Paper] | None = None) -> None:
        self.state = state
        self.papers = papers or []
        self.lines_left: int | None = None
        """After so many lines the roll ends; None: it lasts."""
        self._arriving = bytearray()
        self._waiting: deque[bytes] = deque()
        self._held = 0  # bytes of what waits

    @property
    def takes(self) -> bool:
        """Whether it takes more bytes."""
        return self.state.prints or self._held + len(self._arriving) < MEMORY

    @property
    def holds(self) -> int:
        """Bytes taken and not printed."""
        return self._held + len(self._arriving)

    def become(self, state: State) -> bytes:
        """Roll out, cover open, or put right: then it goes on; what it answers."""
        self.state = state
        self.lines_left = None
        return self._go_on()

    def take(self, data: bytes) -> bytes:
        """Bytes that arrive; what it answers to them."""
        answers = bytearray()
        self._arriving += data
        while self._arriving and (length := escpos.length(self._arriving)):
            command = bytes(self._arriving[:length])
            del self._arriving[:length]
            if command[:2] == escpos.STATUS:
                answers += self._status(command[2])
            else:
                self._waiting.append(command)
                self._held += length
        return bytes(answers) + self._go_on()

    def tear_off(self) -> None:
        """Somebody takes what came out and throws it away."""
        self.papers.clear()

    def _status(self, which: int) -> bytes:
        if self.state is State.SILENT or not 1 <= which <= 4:
            return b""
        return bytes([ANSWERS[self.state][which - 1]])

    def _go_on(self) -> bytes:
        answers = bytearray()
        while self._waiting and self.state.prints:
            command = self._waiting.popleft()
            self._held -= len(command)
            if command[:2] != escpos.PAPER_STATUS:
                self._print(command)
            elif self.state is not State.SILENT:
                answers.append(0x03 if self.state is State.NEAR_END else 0x00)
        return bytes(answers)

    def _print(self, command: bytes) -> None:
        if not self.papers or self.papers[-1].cut:
            number = self.papers[-1].number + 1 if self.papers else 1
            self.papers = [*self.papers, Paper(number)][-KEPT:]
        paper = self.papers[-1]
        paper.data += command
        if command[:2] == b"\x1dV":
            paper.cut = True
        if command == b"\n" and self.lines_left is not None:
            self.lines_left -= 1
            if self.lines_left <= 0:
                self.lines_left, self.state = None, State.PAPER_OUT
