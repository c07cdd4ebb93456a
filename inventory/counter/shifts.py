"""Shifts: they open by themselves at the first read, and closing one erases its journal.

Closing writes one move per item and lot, counters and totals; the reads, their codes, their order and the session are
erased in the same transaction. The caller then runs `Database.forget_erased`, so that no file keeps them either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, and_, delete, insert, or_, select
from sqlalchemy.orm import Session as DbSession

from inventory import catalogue, days, printing, statements, station_opening
from inventory.counter import joining
from inventory.counter.journal import Journal
from inventory.counter.parts import WHOLE_SHIFT
from inventory.counter.step import closing
from inventory.counter.values import HandOut, Session, load_session
from inventory.errors import NotAllowed
from inventory.ledger import lock, transfer_reason
from inventory.messages import Message
from inventory.tables import (
    EVENING_TABLES,
    Evening,
    Hold,
    Move,
    Place,
    PrintJob,
    Read,
    ReadSeen,
    Shift,
    ShiftCount,
    ShiftReturn,
)
from inventory.unknown import keep_unknown
from inventory.words import HANDED_OUT, PlaceKind, Reason

IDLE = timedelta(hours=6)
"""A counter that nobody closed closes itself this long after its last read."""

ROUNDS = (PlaceKind.VEHICLE, PlaceKind.BAG, PlaceKind.DELIVERY)
"""What goes out and comes back: a quiet van may only be without a network."""

CHANGED = Message("This has changed meanwhile. Look at the numbers again, and decide again.")

MONTHS_REMEMBERED = 13
"""How long a repeated read is recognised, and how old a read may be to be applied."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Pieces handed out of one lot."""

    item: str
    lot: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Closed:
    """What is left of a shift; `opened_at_s` and `last_read_at_s` are for the receipt, once."""

    shift_id: int
    day: date
    passages: int
    posted: list[Posted]
    opened_at_s: int
    last_read_at_s: int


def read_hash(secret: str, read_id: bytes) -> bytes:
    """What is kept of a read's id: nothing without the key, and no order."""
    return hashlib.blake2b(read_id, key=bytes.fromhex(secret), digest_size=16).digest()


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def open_shift(
    session: DbSession,
    *,
    station_id: int,
    place_id: int,
    channel: str,
    day: date,
    now: datetime,
    joins: Shift | None = None,
) -> Shift:
    """A new shift of a station; its place is the site until somebody says otherwise. One that joins a closed shift is
    of the same channel and site."""
    shift = Shift(
        station_id=station_id, place_id=place_id, site_id=place_id, channel=channel, day=day
    )
    if joins is not None:
        shift.channel, shift.site_id, shift.project = joins.channel, joins.site_id, joins.project
    session.add(shift)
    session.flush()
    at = int(now.timestamp())
    evening = Evening(shift_id=shift.id, session="{}", opened_at_s=at, last_read_at_s=at)
    evening.joins_id = None if joins is None else joins.id
    session.add(evening)
    session.flush()
    return shift


def open_shifts(session: DbSession, *, station_id: int | None = None) -> Sequence[Shift]:
    query = select(Shift).where(Shift.station_id.is_not(None)).order_by(Shift.day, Shift.id)
    if station_id is not None:
        query = query.where(Shift.station_id == station_id)
    return session.scalars(query).all()


def idle_shifts(session: DbSession, *, now: datetime) -> Sequence[Shift]:
    """Open shifts without a read for six hours; a round ends when somebody says so, or the lead. What joins a closed
    shift is waited for less long."""
    before, soon = (int((now - idle).timestamp()) for idle in (IDLE, joining.IDLE))
    forgotten = and_(Evening.last_read_at_s < before, Place.kind.not_in(ROUNDS))
    came_late = and_(Evening.last_read_at_s < soon, Evening.joins_id.is_not(None))
    query = (
        select(Shift)
        .join(Evening, Evening.shift_id == Shift.id)
        .join(Place, Place.id == Shift.place_id)
        .where(or_(forgotten, came_late))
        .order_by(Shift.id)
    )
    return session.scalars(query).all()


def close(
    session: DbSession,
    *,
    shift: Shift,
    secret: str,
    passages: int | None = None,
    at: datetime | None = None,
) -> Closed:
    """Post a shift and erase its journal. `passages`, counted by hand, replaces the number clicked; `at` is the moment
    of closing if it was not now.

    What came too late for a closed shift is added to that one; its passages only where nobody had given their number,
    or `passages` says how many more there were.
    """
    lock(session, (shift.place_id, *_far_ends(session, shift)))
    evening = session.get_one(Evening, shift.id, populate_existing=True)
    came_late = evening.joins_id is not None
    joins = joining.joined(session, shift=shift, evening=evening)
    into = joins or shift
    held = joins is not None and joins.passages_by_hand and passages is None
    state = closing(load_session(evening.session), 0 if held else passages)
    _book_named_unknown(session, shift, state)
    posted = _post_holds(session, shift, into)
    _keep_totals(session, into, state)
    _keep_read_hashes(session, shift, secret)
    done = Closed(
        into.id, shift.day, state.passages, posted, evening.opened_at_s, evening.last_read_at_s
    )
    if not came_late:  # else nobody stands there waiting for paper, nor shuts the station
        printing.queue_closed(session, shift=shift, evening=evening)
        station_opening.shift_closed(session, station_id=shift.station_id, day=shift.day)
        joining.keep_closing(session, shift=shift, at=at or days.now())
    session.expunge(evening)
    _erase(session, shift.id)
    if joins is not None:
        joining.forget(session, shift=shift, into=joins)
    else:
        shift.station_id, shift.passages_by_hand = None, passages is not None
        session.flush()
    return done


def is_empty(session: DbSession, *, shift_id: int, state: Session) -> bool:
    """Whether nothing of an open shift would be left but a number that somebody typed."""
    if any(closing(state).counters.values()):
        return False
    held = select(Hold.shift_id).where(Hold.shift_id == shift_id)
    return session.scalar(held.where(or_(Hold.pieces > 0, Hold.checked > 0)).limit(1)) is None


def drop(session: DbSession, *, shift: Shift, secret: str) -> None:
    """Erase an open shift that is empty: it was none."""
    _keep_read_hashes(session, shift, secret)
    session.execute(delete(PrintJob).where(PrintJob.shift_id == shift.id))
    _erase(session, shift.id)
    session.delete(shift)
    session.flush()


def _far_ends(session: DbSession, shift: Shift) -> set[int]:
    """The places that a shift's journal touches: until it is posted, other stations may cover its shortfalls there."""
    ends = select(Hold.from_id, Hold.to_id).where(Hold.shift_id == shift.id).distinct()
    return {end for both in session.execute(ends) for end in both}


def _book_named_unknown(session: DbSession, shift: Shift, state: Session) -> None:
    """Codes no list had: booked if somebody has named them since, else kept by day."""
    journal = Journal(session, shift.id, shift.place_id)
    for key, pieces in sorted(state.counters.items()):
        what, _, gtin = key.partition(":")
        if what != "unknown":
            continue
        product = statements.PRODUCT_BY_GTIN(session, gtin=gtin).first()
        if product is None:
            keep_unknown(session, gtin=gtin, shift=shift, pieces=pieces)
        else:
            journal.hand_out(HandOut(str(uuid4()), product[1], pieces * product[3]))


def _post_holds(session: DbSession, shift: Shift, into: Shift) -> list[Posted]:
    """One move per item, lot, and pair of places, in the order of the lists: never of the reads."""
    rows = statements.MOVES_OF_SHIFT(session, shift=shift.id)
    posted = []
    for item, lot, item_id, lot_id, from_id, from_kind, to_id, to_kind, pieces in rows:
        hand_out = to_id == HANDED_OUT
        move = Move(
            item_id=item_id,
            lot_id=lot_id,
            pieces=int(pieces),
            from_id=from_id,
            to_id=to_id,
            reason=_reason(PlaceKind(from_kind), PlaceKind(to_kind)),
            day=shift.day,
            shift_id=into.id,
            site_id=shift.site_id if hand_out else None,
            channel=shift.channel if hand_out else None,
            project=shift.project if hand_out else None,
        )
        session.add(move)
        if hand_out:
            posted.append(Posted(item, lot, int(pieces)))
    session.flush()  # they are numbered as they were added
    return posted


def _reason(source: PlaceKind, target: PlaceKind) -> Reason:
    if target is PlaceKind.HANDED_OUT:
        return Reason.HAND_OUT
    if source is PlaceKind.UNACCOUNTED:
        return Reason.SHORTFALL
    return transfer_reason(source, target)


def _keep_totals(session: DbSession, shift: Shift, state: Session) -> None:
    """Passages by hour at a counter open to many, by shift elsewhere; returns summed by how they were measured. Added
    to what the shift has already."""
    by_hour = session.get_one(Place, shift.place_id).kind == PlaceKind.COUNTER
    counts: dict[tuple[str, int], int] = {}
    for key, times in sorted(state.counters.items()):
        what, *rest = key.split(":")
        if what == "return":
            way = dict(zip(("origin", "method", "unit", "factor"), rest, strict=True))
            back = session.get(ShiftReturn, {"shift_id": shift.id, **way})
            if back is None:
                session.add(back := ShiftReturn(shift_id=shift.id, **way, measured=0))
            back.measured += times
        elif what in ("passage", "contact"):
            name = what if what == "passage" else f"contact:{rest[0]}"
            slot = (name, int(rest[-1]) if by_hour else WHOLE_SHIFT)
            counts[slot] = counts.get(slot, 0) + times
    for (what, hour), times in sorted(counts.items()):
        row = session.get(ShiftCount, (shift.id, what, hour))
        if row is None:
            session.add(row := ShiftCount(shift_id=shift.id, what=what, hour=hour, times=0))
        row.times += times
    session.flush()


def _keep_read_hashes(session: DbSession, shift: Shift, secret: str) -> None:
    rows = session.execute(select(Read.id, Read.status).where(Read.shift_id == shift.id))
    month = month_of(shift.day)
    kept = sorted((read_hash(secret, read), status) for read, status in rows)
    if kept:
        session.execute(
            insert(ReadSeen),
            [{"hash": hash_, "status": status, "month": month} for hash_, status in kept],
        )


def _erase(session: DbSession, shift_id: int) -> None:
    """Remove the journal of a shift so that no byte of it stays in the file.

    SQLite overwrites what it deletes (`secure_delete`), but a page that was split may keep a stale copy between its
    rows. So the small tables of the open evening are emptied as a whole, which overwrites whole pages, and the rows of
    the other open shifts are written again in the order of their keys.
    """
    for table in EVENING_TABLES:
        assert isinstance(table, Table)
        mine = table.c.shift_id == shift_id
        if session.get_bind().dialect.name != "sqlite":
            session.execute(delete(table).where(mine))
            continue
        others: list[dict[str, Any]] = [
            dict(row)
            for row in session.execute(
                select(table).where(~mine).order_by(*table.primary_key)
            ).mappings()
        ]
        session.execute(delete(table))
        if others:
            session.execute(insert(table), others)
    session.expire_all()


def forget_old_reads(session: DbSession, *, today: date) -> None:
    """After thirteen months a repeat is no longer recognised: it is set aside instead."""
    session.execute(delete(ReadSeen).where(ReadSeen.month < month_of(today) - MONTHS_REMEMBERED))


def close_late(
    session: DbSession, *, shift_id: int, secret: str, seen: str, more: bool
) -> date | None:
    """Add late reads to their closed shift now, and the people they are of where the number given at closing holds them
    not (`more`). The day they are of; None where that was done already.

    `seen` is what whoever decides was shown (`joining.Waiting.seen`). NotAllowed where something else waits by now.
    """
    shift = session.get(Shift, shift_id)
    if shift is None or not joining.is_late(session, shift):
        return None
    lock(session, (shift.place_id,))
    evening = session.get(Evening, shift_id, populate_existing=True)
    if evening is None:  # closed while this waited
        return None
    (now,) = joining.waiting(session, shift_id=shift_id)
    if now.seen != seen:
        raise NotAllowed(CHANGED)
    came = now.passages if more and now.held else None
    return close(session, shift=shift, secret=secret, passages=came).day


def close_station(
    session: DbSession, *, station: str, secret: str, passages: int | None = None
) -> list[Closed]:
    """Close every open shift of a station; a number of passages belongs to the latest."""
    station_id = catalogue.station(session, station).id
    return close_all(session, open_shifts(session, station_id=station_id), secret, passages)


def close_all(
    session: DbSession,
    shifts: Sequence[Shift],
    secret: str,
    passages: int | None = None,
    at: datetime | None = None,
) -> list[Closed]:
    """Close these; the number of passages belongs to the last that did not come late. What is empty is erased."""
    found = [(one.id, one.place_id) for one in shifts]
    real = [
        one.id for one in shifts if not (joining.is_late(session, one) or _empty(session, one.id))
    ]
    closed = []
    for number, place_id in found:
        lock(session, (place_id,))
        shift = session.get(Shift, number, populate_existing=True)
        if shift is None or shift.station_id is None:  # it was closed meanwhile
            continue
        if _empty(session, number):
            drop(session, shift=shift, secret=secret)
            continue
        counted = passages if number in real[-1:] else None
        closed.append(close(session, shift=shift, secret=secret, passages=counted, at=at))
    return closed


def _empty(session: DbSession, shift_id: int) -> bool:
    evening = session.get_one(Evening, shift_id, populate_existing=True)
    return is_empty(session, shift_id=shift_id, state=load_session(evening.session))
