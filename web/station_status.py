"""How a station's own process is: its scanners, its printer, the reads it keeps. Told by itself, kept in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from devices.events import LostReason
from devices.serial_scanner import LEAST_BAUD, MOST_BAUD
from inventory.stations import MOST_SCANNERS

ASKED_FOR_S = 180.0
"""A page that is still looked at asks again what is plugged in."""

TEST_FOR_S = 180.0
"""So long a self-test keeps a scanner from its counter at most, whoever looks on."""

FOUND_FOR_S = 900.0
"""So long after a self-test began the scanner can be saved with what it told."""

AWAY_AFTER_S = 30.0
"""A station tells at least every ten seconds: three missed, and it is away."""

MOST_PLUGGED = 64
"""More scanners and printers than a computer has are told of by nobody."""


class Scanner(msgspec.Struct, frozen=True, omit_defaults=True):
    """`why`: of one that is lost, or let go for its test; not there while its station does not know, or is an older
    one."""

    name: Annotated[str, Meta(max_length=200)]
    state: Literal["ready", "lost"]
    why: LostReason | Literal["tested"] | None = None


class Printer(msgspec.Struct, frozen=True):
    state: Literal[
        "ready", "near-end", "paper-out", "cover-open", "off-line", "silent", "forbidden"
    ]


Short = Annotated[str, Meta(max_length=400)]


class Plugged(msgspec.Struct, frozen=True):
    """See `devices.plugged.Plugged`; `held_by` are names of programs."""

    kind: Literal["keys", "serial", "printer"]
    node: Short
    device: Short
    by_id: Short = ""
    by_path: Short = ""
    vendor: Short = ""
    product: Short = ""
    name: Short = ""
    serial: Short = ""
    shares_by_id: bool = False
    held: bool = False
    held_by: Annotated[list[Short], Meta(max_length=16)] = []
    allowed: bool = True
    rules: Annotated[list[Short], Meta(max_length=4)] = []


Baud = Annotated[int, Meta(ge=LEAST_BAUD, le=MOST_BAUD)]


class Found(msgspec.Struct, frozen=True):
    """See `devices.self_test.Found`."""

    keymap: Literal["", "us", "be", "fr"]
    caps: bool
    suffix: Literal["none", "enter", "keypad-enter", "tab", "line-feed", "carriage-return", "cr-lf"]
    identifier: bool
    separator: Literal["kept", "ctrl", "other", "lost"]
    baud: Baud | None = None


class SelfTest(msgspec.Struct, frozen=True):
    """See `devices.trial.State`; `baud`: the speed at which its serial port listens now."""

    device: Short
    state: Literal["waiting", "found", "other"] | LostReason
    found: Found | None = None
    baud: Baud | None = None


class Status(msgspec.Struct, frozen=True):
    """`kept`: reads not yet answered. Since the process began `dropped`: scans thrown away, to be scanned again, and
    `doubled`: those read twice at one trigger, of which one counts. `port`: where on its own machine the process says
    the same. `plugged` and `self_test` are there only while somebody asks."""

    scanners: Annotated[list[Scanner], Meta(max_length=MOST_SCANNERS)] = []
    printer: Printer | None = None
    kept: Annotated[int, Meta(ge=0, le=10**9)] = 0
    dropped: Annotated[int, Meta(ge=0, le=10**9)] = 0
    doubled: Annotated[int, Meta(ge=0, le=10**9)] = 0
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    plugged: Annotated[list[Plugged], Meta(max_length=MOST_PLUGGED)] | None = None
    self_test: SelfTest | None = None


@dataclass(frozen=True, slots=True)
class _Test:
    """A self-test that somebody began, and what the station last told of it. Over once the code was scanned."""

    device: str
    began_s: float
    told: SelfTest | None = None

    def runs(self, now_s: float) -> bool:
        found = self.told is not None and self.told.found is not None
        return not found and now_s - self.began_s <= TEST_FOR_S


class Statuses:
    """The last status of each station."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._told: dict[str, tuple[Status, float]] = {}
        self._asked_s: dict[str, float] = {}
        self._tests: dict[str, _Test] = {}
        self._began_s = clock()
        self._heard_s: dict[str, float] = {}

    def told(self, station: str, status: Status) -> None:
        now_s = self._clock()
        self._told[station] = status, now_s
        self.heard(station)
        test, told = self._tests.get(station), status.self_test
        if test and told and told.device == test.device and test.runs(now_s):
            self._tests[station] = replace(test, told=told)

    def view(self, station: str) -> dict[str, Any]:
        """A status as a page gets it; `station` says whether the process is here, away, or none was ever heard of."""
        if station not in self._told:
            return {"station": "none", **_plain(Status())}
        status, at = self._told[station]
        here = self._clock() - at <= AWAY_AFTER_S
        return {"station": "here" if here else "away", **_plain(status)}

    def heard(self, station: str) -> None:
        """Its process is there, whatever it asked or told."""
        self._heard_s[station] = self._clock()

    def is_away(self, station: str) -> bool:
        """Whether its process has said nothing for so long that it must be gone. Since this service began at least:
        before, others may have heard it."""
        return self._clock() - self._heard_s.get(station, self._began_s) > AWAY_AFTER_S

    def ask(self, station: str) -> None:
        """For some minutes the station is to tell what is plugged in."""
        self._asked_s[station] = self._clock()

    def begin_test(self, station: str, device: str) -> None:
        """The station is to try the scanner of this device, and no other."""
        self._tests[station] = _Test(device, self._clock())

    def end_test(self, station: str) -> None:
        """Its scanners all read on; what a test told is forgotten."""
        self._tests.pop(station, None)

    def wish(self, station: str) -> dict[str, Any]:
        """What the answer to a status of this station asks for."""
        test = self._tests.get(station)
        self_test = test.device if test and test.runs(self._clock()) else ""
        if not self_test and not self._is_looked_at(station):
            return {}
        return {"look": True, "self_test": self_test}

    def setting_up(self, station: str) -> dict[str, Any]:
        """What the station told of its devices: `plugged` is null until it answers, `self_test` unless one was begun
        not long ago; its `state` is empty until the station tries the device, and `runs` says whether it is to."""
        return {"plugged": self._plugged(station), "self_test": self._tested(station)}

    def _plugged(self, station: str) -> list[dict[str, Any]] | None:
        status, at_s = self._told.get(station, (Status(), float("-inf")))
        if not self._is_looked_at(station) or self._clock() - at_s > AWAY_AFTER_S:
            return None
        plugged: list[dict[str, Any]] | None = msgspec.to_builtins(status.plugged)
        return plugged

    def _tested(self, station: str) -> dict[str, Any] | None:
        now_s = self._clock()
        test = self._tests.get(station)
        if test is None or now_s - test.began_s > FOUND_FOR_S:
            return None
        told = {"state": "", "found": None} if test.told is None else msgspec.to_builtins(test.told)
        return {**told, "device": test.device, "runs": test.runs(now_s)}

    def _is_looked_at(self, station: str) -> bool:
        return self._clock() - self._asked_s.get(station, float("-inf")) <= ASKED_FOR_S


def parse(body: bytes) -> Status | None:
    """A status as it was sent; None where it is none."""
    try:
        return msgspec.json.decode(body, type=Status)
    except (msgspec.DecodeError, RecursionError):  # a wrong value is a DecodeError too
        return None


def _plain(status: Status) -> dict[str, Any]:
    """As counters show it; what is plugged in is for whoever sets it up."""
    plain: dict[str, Any] = msgspec.to_builtins(status)
    del plain["plugged"], plain["self_test"]
    return plain
