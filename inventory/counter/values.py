"""The values the counter's state machine works on: what a code means, the session, what it asks of the journal.

Items, lots and places go by the codes people see; nothing here knows the database. Every value has a plain JSON form,
so that a page without a network can keep its own view of a session and one file of cases can hold both in step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec

from inventory.messages import Message
from inventory.words import Mode


class Status(StrEnum):
    """What became of a read. See the contract of `POST /api/stations/<station>/reads` in docs/api.md."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    CONFLICT = "conflict"


# What a code means


class Product(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """An item, or a pack of it; `pieces` is how many one read stands for."""

    item: str
    pieces: int = 1
    lot: str | None = None
    expires: date | None = None
    gtin: str | None = None
    count: int | None = None
    dated: bool = False
    """Whether the item's pieces carry lots."""
    announced: tuple[tuple[str, date | None], ...] = ()
    """Lots of this item on the delivery being received."""
    unsure: bool = False
    """Whether its code said more that cannot be believed, a lot perhaps; `expires` can be."""


class Details(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """The second of a box's two codes: lot, expiry and count without a product."""

    lot: str | None = None
    expires: date | None = None
    count: int | None = None


class PlaceCode(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    place: str
    channel: str


class Command(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """A command code. `value` is the 5 of "× 5", the contact's kind or the mode's name."""

    name: str
    value: str = ""


class Returned(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """Used material came back; `factor` is pieces per `unit`, an exact fraction such as "5000/39"."""

    method: str
    unit: str
    factor: str
    measured: str = ""
    """The number it stands for by itself; else the number read before it is taken."""


class UnknownProduct(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    gtin: str


class Unchecked(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """Where kits are made: an article was checked by mistake. Its picture, touched again, reads this."""

    item: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Not a code this service knows; `reason` says why."""

    reason: Message


Known = Product | Details | PlaceCode | Command | Returned | UnknownProduct | Unchecked
Meaning = Known | Nothing


class ReadAt(msgspec.Struct, frozen=True, omit_defaults=True):
    """A read's id, its moment in the service's time zone, and the lane it belongs to whichever is current, if any."""

    id: str
    at: datetime
    lane: str = ""
    at_ms: int = 0
    """The moment in milliseconds since 1970: which of two reads came first, even within a second."""
    at_s: int = 0
    """The same in whole seconds."""

    def __post_init__(self) -> None:
        at_ms = int(self.at.timestamp() * 1000)
        msgspec.structs.force_setattr(self, "at_ms", at_ms)
        msgspec.structs.force_setattr(self, "at_s", at_ms // 1000)


# What the session asks of the journal


class HandOut(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    read: str
    item: str
    pieces: int
    lot: str | None = None
    expires: date | None = None


class Carry(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """Pieces received, loaded or unloaded at the station's place; `other` is the place at the far end, if named."""

    read: str
    mode: Mode
    item: str
    pieces: int
    lot: str | None = None
    expires: date | None = None
    other: str | None = None


class BringBack(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """Unopened material that came back: from those it was handed out to, into quarantine."""

    read: str
    item: str
    pieces: int
    lot: str | None = None
    expires: date | None = None


class GiveBack(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """Take back what a read did to the stock: all of it, or some pieces."""

    read: str
    pieces: int | None = None


class SetSite(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    place: str


class SetChannel(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    channel: str


class Close(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    passages: int | None = None


class Print(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """A command about paper: "tally", "again", or whether the one asked about came out: "yes", "no"."""

    what: str
    at_s: float = 0


class Assemble(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """A read where kits are made: what it does is the workshop's (see `inventory.workshop`). Opens no shift."""

    meaning: Known


Entry = HandOut | Carry | BringBack | GiveBack | SetSite | SetChannel | Close | Print | Assemble


@dataclass(frozen=True, slots=True)
class Told:
    """What the workshop's page shows: "ok", "note", "stop" or "help", and the name of a sentence with what is in it."""

    show: str
    tell: str
    params: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the person at the station is told."""

    status: Status
    message: Message
    item: str | None = None
    lot: str | None = None
    expires: date | None = None
    gtin: str | None = None
    pieces: int | None = None
    command: str | None = None
    """The name of the command code that was read."""
    workshop: Told | None = None
    on_hold: bool = False
    """The lot is on hold: it was recorded all the same, and whoever gave it must hear of it."""
    brought_back: bool = False
    """The pieces came back unopened: they were not handed out just now."""


# The session


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One read of the current person, or of the load in hand."""

    read: str
    item: str
    pieces: int
    lot: str | None = None


class Act(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that "undo" takes back."""

    read: str
    item: str | None = None
    pieces: int = 0
    stock: bool = False
    """Whether the read wrote to the journal."""
    lines: tuple[Line, ...] | None = None
    """The lines before, where the act did more than add one."""
    count: tuple[str, int] | None = None
    """The counter it changed, and by how much."""
    again: tuple[Line, ...] = ()
    """Pieces it gave back, to be handed out again."""
    afterwards: bool | None = None
    """Where the act closed somebody's lines or began adding afterwards: whether things were added afterwards before."""
    quiet: bool = False
    """Made by 60 s of silence rather than by a read: goes together with the act before it."""
    brought_back: bool = False
    """Unopened material came back, of this lot if one was read."""
    lot: str | None = None
    mode: Mode | None = None
    """The mode before, where the act changed it."""


class Pending(msgspec.Struct, frozen=True, omit_defaults=True):
    """A half-read pair of codes: the product waiting for its lot, or the lot for its product."""

    read: str
    at_s: int
    product: Product | None = None
    details: Details | None = None
    pieces: int = 0
    brought_back: bool = False
    """Whether the product came back unopened rather than was handed out."""


class Lane(msgspec.Struct, frozen=True, omit_defaults=True):
    """What belongs to one of the two people served at a screen, and to whoever serves them."""

    mode: Mode = Mode.HAND_OUT
    number: str = ""
    """The number read for what comes next: digits as typed, or "×5"."""
    expect: str = ""
    """What the next code is for: "", "look-up", "correct", "brought-back" or "channel"."""
    street: bool = False
    afterwards: bool = False
    other: str | None = None
    mode_from_ms: int = 0
    """When the mode, or the load to or from that place, began."""
    before: Lane | None = None
    """The lane as it was then: what was read earlier and arrives later is of it. See modes.py."""
    last_at_s: int = 0
    lines: tuple[Line, ...] = ()
    acts: tuple[Act, ...] = ()
    pending: Pending | None = None


class Session(Lane, frozen=True, omit_defaults=True):
    """What a station remembers between two reads of an open shift: the current lane's part, and what both share.

    `counters` hold what is only ever a total: "passage:19" (an hour), "contact:shower:19",
    "return:person:weight:kg:5000/39" (in thousandths), "unknown:03059948002413".
    """

    lane: str = "a"
    aside: Lane | None = None
    """The other lane, once somebody was served there."""
    counters: dict[str, int] = {}
    training: Session | None = None
    """The session put aside while somebody learns: nothing done meanwhile counts."""
    training_from_ms: int = 0
    """When training began: what was read earlier and arrives later is no part of it."""

    @property
    def real(self) -> Session:
        """The session that counts: while somebody learns, the one put aside."""
        return self if self.training is None else self.training.real

    @property
    def passages(self) -> int:
        return self.total("passage:")

    def total(self, prefix: str) -> int:
        return sum(n for key, n in self.counters.items() if key.startswith(prefix))


@dataclass(frozen=True, slots=True)
class Step:
    session: Session
    feedback: Feedback
    entries: tuple[Entry, ...] = ()


_DECODER = msgspec.json.Decoder(Session)

_MOST_AT_HAND = 16
_at_hand: dict[str, Session] = {}
"""What this process wrote last, by its text: the next read at a counter finds it without decoding. Whoever loads a
session takes it from here, closing too, so that none stays in memory once its shift is closed."""


def dump_session(session: Session) -> str:
    text = msgspec.json.encode(session).decode()
    if len(_at_hand) >= _MOST_AT_HAND:  # some were written in vain: their transactions failed
        _at_hand.clear()
    _at_hand[text] = session
    return text


def load_session(text: str) -> Session:
    return _at_hand.pop(text, None) or _DECODER.decode(text)
