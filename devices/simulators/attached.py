"""A made-up device at its port: what comes from the computer, what people do to it, and what is kept of it."""

from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Final

from devices.simulators.port import Port
from devices.simulators.printer import FakePrinter, Paper, State
from devices.simulators.scanner import CHATTER_S, LONGEST, ScannerSetup

Told = dict[str, Any]
Later = Callable[[float, Callable[[], None]], None]
"""Do something after so many seconds."""

MOST_LINES: Final = 200


class Attached(ABC):
    """`kind` says what it is; `told` is its whole state as JSON, which a new one begins with."""

    kind: ClassVar[str]

    def __init__(self, path: Path, later: Later) -> None:
        self.port = Port(path)
        self.changed = False
        self._later = later

    @abstractmethod
    def begin(self, told: Told) -> None:
        """Be as it was told before, and plug in unless it was unplugged. Raises ValueError, KeyError, TypeError."""

    @abstractmethod
    def told(self) -> Told: ...

    @abstractmethod
    def heard(self) -> None:
        """Something came from the computer, or the port was closed there."""

    @abstractmethod
    def do(self, act: str, request: Told) -> None:
        """What somebody does to it. Raises ValueError for what cannot be done, KeyError, TypeError."""


class AttachedPrinter(Attached):
    kind = "printer"

    def __init__(self, path: Path, later: Later) -> None:
        super().__init__(path, later)
        self._printer = FakePrinter()

    def begin(self, told: Told) -> None:
        papers = [
            Paper(one["number"], bytearray(b64decode(one["data"])), one["cut"])
            for one in told.get("papers", [])
        ]
        self._printer = FakePrinter(State(told.get("state", State.READY)), papers)
        self.port.plug()

    def told(self) -> Told:
        return {
            "kind": self.kind,
            "state": self._printer.state,
            "holds": self._printer.holds,
            "lines_left": self._printer.lines_left,
            "papers": [
                {"number": one.number, "cut": one.cut, "data": b64encode(one.data).decode()}
                for one in self._printer.papers
            ],
        }

    def heard(self) -> None:
        while self._printer.takes:
            data = self.port.receive()
            if data is None and not self.port.is_there:
                self.port.appear()
            if not data:
                return
            self.port.send(self._printer.take(data))
            self.changed = True

    def do(self, act: str, request: Told) -> None:
        if act == "become":
            self.port.send(self._printer.become(State(request["state"])))
            self.heard()  # what waited outside, its memory being full
        elif act == "roll-ends":
            if not 1 <= request["lines"] <= MOST_LINES:
                raise ValueError(act)
            self._printer.lines_left = request["lines"]
        elif act == "tear-off":
            self._printer.tear_off()
        else:
            raise ValueError(act)


class AttachedScanner(Attached):
    kind = "scanner"

    def __init__(self, path: Path, later: Later) -> None:
        super().__init__(path, later)
        self._setup = ScannerSetup()

    def begin(self, told: Told) -> None:
        self._set({name: told[name] for name in asdict(self._setup) if name in told})

    def told(self) -> Told:
        return {"kind": self.kind, **asdict(self._setup)}

    def heard(self) -> None:
        while (data := self.port.receive()) is not None:
            if not data:
                return  # what a computer says to a scanner is not for us
        if self.port.is_there:
            # Closed at the computer. A port that was opened for one alone stays so: here is another.
            self.port.unplug()
            self.port.plug()
        else:
            self.port.appear()

    def do(self, act: str, request: Told) -> None:
        if act == "scan":
            self._scan(request["code"])
        elif act == "set":
            self._set(request["setup"])
        else:
            raise ValueError(act)

    def _scan(self, code: str) -> None:
        if not self._setup.plugged or not 0 < len(code) <= LONGEST:
            raise ValueError("scan")
        sent = self._setup.sends(code)
        self.port.send(sent)
        if self._setup.chatters:
            self._later(CHATTER_S, lambda: self.port.send(sent))

    def _set(self, setup: Told) -> None:
        self._setup = self._setup.changed(**setup)
        if self._setup.plugged:
            self.port.plug()
        else:
            self.port.unplug()


KINDS: Final = {one.kind: one for one in (AttachedPrinter, AttachedScanner)}


def attached(path: Path, later: Later) -> Attached:
    """The device of a path that ends in `.printer` or `.scanner`, with or without `-LABEL`. Raises ValueError."""
    kind = KINDS.get(path.suffix.removeprefix(".").partition("-")[0])
    if kind is None:
        raise ValueError(path.name)
    return kind(path, later)
