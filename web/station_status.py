"""How a station's own process is: its scanners, its printer, the reads it keeps. Told by itself, kept in memory."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

AWAY_AFTER_S = 30.0
"""A station tells at least every ten seconds: three missed, and it is away."""


class Scanner(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(max_length=200)]
    state: Literal["ready", "lost"]


class Printer(msgspec.Struct, frozen=True):
    state: Literal["ready", "near-end", "paper-out", "cover-open", "off-line", "silent"]


class Status(msgspec.Struct, frozen=True):
    """`kept`: reads not yet answered; `dropped`: scans thrown away since the process began, to be scanned again;
    `port`: where on its own machine the process says the same."""

    scanners: Annotated[list[Scanner], Meta(max_length=16)] = []
    printer: Printer | None = None
    kept: Annotated[int, Meta(ge=0, le=10**9)] = 0
    dropped: Annotated[int, Meta(ge=0, le=10**9)] = 0
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None


class Statuses:
    """The last status of each station."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._told: dict[str, tuple[Status, float]] = {}

    def told(self, station: str, status: Status) -> None:
        self._told[station] = status, self._clock()

    def view(self, station: str) -> dict[str, Any]:
        """A status as a page gets it; `station` says whether the process is here, away, or none was ever heard of."""
        if station not in self._told:
            return {"station": "none", **_plain(Status())}
        status, at = self._told[station]
        here = self._clock() - at <= AWAY_AFTER_S
        return {"station": "here" if here else "away", **_plain(status)}


def parse(body: bytes) -> Status | None:
    """A status as it was sent; None where it is none."""
    try:
        return msgspec.json.decode(body, type=Status)
    except (msgspec.DecodeError, RecursionError):  # a wrong value is a DecodeError too
        return None


def _plain(status: Status) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(status)
    return plain
