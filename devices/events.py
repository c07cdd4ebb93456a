"""What a scanner tells whoever listens. One vocabulary for every kind of scanner."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DropReason = Literal["double", "overlong", "half", "unsure", "garbled", "overrun"]
"""Read twice at one trigger; too long; cut in two; ended by silence, which proves nothing as long as nobody knows how
this scanner ends its reads; keys that stand for nothing; events lost in the kernel."""
LostReason = Literal["absent", "busy", "forbidden", "gone", "shared", "unusable"]
"""`shared`: two devices have its name, and which of them it leads to is chance."""


@dataclass(frozen=True)
class Read:
    """A whole read found in what a device sent; ``at_s`` is when it ended (monotonic seconds)."""

    code: str
    at_s: float


@dataclass(frozen=True)
class Dropped:
    """What a device sent is not known for sure to be a read: it is thrown away, never guessed."""

    why: DropReason


Outcome = Read | Dropped


@dataclass(frozen=True)
class ReadMade:
    """The device read one code, at an aware time."""

    device: str
    code: str
    at: datetime


@dataclass(frozen=True)
class ReadDropped:
    """Something was read and thrown away; it is never guessed, and always announced."""

    device: str
    why: DropReason


@dataclass(frozen=True)
class ScannerReady:
    """The device is open and will be heard: once at the start and once after each loss."""

    device: str


@dataclass(frozen=True)
class ScannerLost:
    """The device is not there or cannot be used: once, however long it lasts."""

    device: str
    why: LostReason


ScannerEvent = ReadMade | ReadDropped | ScannerReady | ScannerLost
Emit = Callable[[ScannerEvent], None]
