"""A tick sheet typed in: totals of an evening noted on paper, recorded as a closed shift in one transaction.

Nothing of it is a read: there is no order and no time, and no counter has an hour. Whoever makes a sheet makes its id;
what is kept of it is the keyed hash that recognises a repeat, as of any read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from inventory import catalogue, days, statements
from inventory.counter.commands import BY_NAME, CONTAINERS
from inventory.counter.journal import Journal
from inventory.counter.parts import WHOLE_SHIFT
from inventory.counter.reads import TOO_OLD
from inventory.counter.shifts import close, month_of, read_hash
from inventory.counter.values import HandOut, Returned, Session, Status, dump_session
from inventory.errors import NotAllowed
from inventory.ledger import lock
from inventory.messages import Message
from inventory.tables import Evening, Place, Shift
from inventory.words import PlaceKind


def _returned(name: str) -> Returned:
    meaning = BY_NAME[f"returned-{name}"].meaning
    assert isinstance(meaning, Returned)
    return meaning


_MEASURES = ("declared", "estimated", "kilograms", "litres")
RETURNS = {name: _returned(name) for name in (*CONTAINERS, *_MEASURES)}
"""How used material is measured on a sheet: containers by number, pieces as people said or as estimated, weight and
volume. As at a counter."""

MOST = 99_999
"""The largest number in one box of a sheet; more is a slip."""

CONTACTS = ("reception", "shower", "laundry")

SERVING = (PlaceKind.COUNTER, PlaceKind.VEHICLE, PlaceKind.BAG, PlaceKind.DELIVERY)
"""Places from which people are served: those that have sheets and opening days."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The totals of one sheet; what is not on it is zero. `returns` are in thousandths of their unit."""

    id: UUID
    place: str
    day: date
    passages: int = 0
    items: Mapping[str, int] = field(default_factory=dict)
    returns: Mapping[str, int] = field(default_factory=dict)
    contacts: Mapping[str, int] = field(default_factory=dict)


def is_recorded(session: DbSession, *, sheet_id: UUID, secret: str) -> bool:
    """Whether a sheet of this id was saved before."""
    hash_ = read_hash(secret, sheet_id.bytes)
    return bool(statements.KNOWN(session, id=sheet_id.bytes, hash=hash_).first())


def record_sheet(session: DbSession, *, sheet: Sheet, secret: str, now: datetime) -> int | None:
    """Record a sheet as a closed shift of its day and place; the shift's number, or None for a repeat.

    Hand-outs are never refused: what lies beyond the books is a shortfall. Raises NotOnTheLists for an item or a place
    that no list has, NotAllowed for a place nobody is served from and for a day to come or too long ago.
    """
    place = serving_place(session, sheet.place)
    lock(session, (place.id,))
    if is_recorded(session, sheet_id=sheet.id, secret=secret):
        return None
    check_day(sheet.day, now)
    shift_id = _closed_shift(session, place, sheet, secret, now)
    statements.SEEN(
        session,
        hash=read_hash(secret, sheet.id.bytes),
        status=Status.ACCEPTED.value,
        month=month_of(days.service_day(now)),
    )
    return shift_id


def record_nothing(
    session: DbSession, *, place: str, day: date, secret: str, now: datetime
) -> int | None:
    """The place was open and nothing was handed out: zero, which is not the same as unknown.

    None, and nothing changes, where a shift of that day and place is recorded already.
    """
    there = serving_place(session, place)
    lock(session, (there.id,))
    check_day(day, now)
    if is_noted(session, place_id=there.id, day=day):
        return None
    return _closed_shift(session, there, Sheet(uuid4(), place, day), secret, now)


def is_noted(session: DbSession, *, place_id: int, day: date) -> bool:
    """Whether a shift of that day and place is there, open or closed, and was not taken back."""
    same = select(Shift.id).where(
        Shift.place_id == place_id, Shift.day == day, Shift.taken_back.is_(False)
    )
    return session.scalar(same.limit(1)) is not None


def serving_place(session: DbSession, code: str) -> Place:
    """Raises NotOnTheLists, or NotAllowed for a place nobody is served from."""
    place = catalogue.place(session, code)
    if PlaceKind(place.kind) not in SERVING:
        raise NotAllowed(Message("Nobody is served from %(place)s.", place=place.name))
    return place


def check_day(day: date, now: datetime) -> None:
    """Raises NotAllowed for a day to come, or so long ago that a repeat would no longer be recognised."""
    today = days.service_day(now)
    if day > today:
        raise NotAllowed(Message("This day is yet to come. Type the day it took place."))
    if day <= today - TOO_OLD:
        raise NotAllowed(Message("This day is more than a year ago. Type the day it took place."))


def _closed_shift(
    session: DbSession, place: Place, sheet: Sheet, secret: str, now: datetime
) -> int:
    shift = Shift(place_id=place.id, site_id=place.id, channel=place.channel, day=sheet.day)
    shift.from_sheet = True
    session.add(shift)
    session.flush()
    at = int(now.timestamp())
    state = dump_session(Session(counters=_counters(sheet)))
    session.add(Evening(shift_id=shift.id, session=state, opened_at_s=at, last_read_at_s=at))
    session.flush()
    journal = Journal(session, shift.id, place.id)
    for item, pieces in sorted(sheet.items.items()):
        code = catalogue.item(session, item).code
        if pieces:
            journal.hand_out(HandOut(str(uuid4()), code, pieces))
    close(session, shift=shift, secret=secret)
    return shift.id


def _counters(sheet: Sheet) -> dict[str, int]:
    """As a session counts them, for the whole shift: paper knows no hours."""
    counters = {f"passage:{WHOLE_SHIFT}": sheet.passages}
    for kind, times in sheet.contacts.items():
        counters[f"contact:{kind}:{WHOLE_SHIFT}"] = times
    for name, thousandths in sheet.returns.items():
        how = RETURNS[name]
        counters[f"return:person:{how.method}:{how.unit}:{how.factor}"] = thousandths
    return {key: number for key, number in counters.items() if number}
