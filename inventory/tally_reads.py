"""What the tally is made of: sums over closed shifts from the tables, sums over open ones from their journals.

Every statement finds its rows by day, by shift or by the key of an open shift, whatever the size of the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import aliased

from inventory.counter import joining
from inventory.counter.values import load_session
from inventory.tables import Evening, Hold, Move, Shift, ShiftCount, ShiftReturn, UnknownCode
from inventory.words import HANDED_OUT, UNACCOUNTED, Reason


@dataclass(frozen=True, slots=True)
class Scope:
    """Which shifts and hand-outs a tally is about. A shift stands for itself; else days, channel and place."""

    first: date | None = None
    last: date | None = None
    channel: str | None = None
    place_id: int | None = None
    site_id: int | None = None
    shift: Shift | None = None

    def of_shifts(self) -> list[ColumnElement[bool]]:
        if self.shift is not None:
            return [Shift.id == self.shift.id]
        return [
            Shift.taken_back.is_(False),
            *self._days(Shift.day),
            *_same((Shift.channel, self.channel), (Shift.place_id, self.place_id)),
            *_same((Shift.site_id, self.site_id)),
        ]

    def of_hand_outs(self) -> list[ColumnElement[bool]]:
        """Moves to `handed out`, and those that corrected one: not what came back unopened, which was handed out."""
        corrected = and_(Move.from_id == HANDED_OUT, Move.reason != Reason.BROUGHT_BACK)
        handed_out = or_(Move.to_id == HANDED_OUT, corrected)
        if self.shift is not None:
            return [Move.shift_id == self.shift.id, handed_out]
        found = [
            *self._days(Move.day),
            *_same((Move.channel, self.channel), (Move.site_id, self.site_id)),
        ]
        if self.place_id is None:
            return [*found, handed_out]
        ends = or_(
            and_(Move.to_id == HANDED_OUT, Move.from_id == self.place_id),
            and_(corrected, Move.to_id == self.place_id),
        )
        return [*found, ends]

    def of_shortfalls(self) -> list[ColumnElement[bool]]:
        """Read together with the shift they belong to; those of a code named later have none."""
        counts = Shift.taken_back.is_not(True)
        short = [Move.from_id == UNACCOUNTED, Move.reason == Reason.SHORTFALL, counts]
        if self.shift is not None:
            return [*short, Move.shift_id == self.shift.id]
        return [
            *short,
            *self._days(Move.day),
            *_same(
                (Shift.channel, self.channel),
                (func.coalesce(Shift.place_id, Move.to_id), self.place_id),
                (func.coalesce(Shift.site_id, Move.to_id), self.site_id),
            ),
        ]

    def of_unopened(self) -> list[ColumnElement[bool]]:
        """Read together with the shift they belong to; what a desk took in stands for the quarantine itself."""
        came_back = Move.reason == Reason.BROUGHT_BACK
        if self.shift is not None:
            return [came_back, Move.shift_id == self.shift.id]
        return [
            came_back,
            *self._days(Move.day),
            *_same(
                (Shift.channel, self.channel),
                (func.coalesce(Shift.place_id, Move.to_id), self.place_id),
                (func.coalesce(Shift.site_id, Move.to_id), self.site_id),
            ),
        ]

    def of_unknown_codes(self) -> list[ColumnElement[bool]]:
        """They are kept by day, place and channel: a shift shares them with others like it."""
        day, place, channel = UnknownCode.day, UnknownCode.place_id, UnknownCode.channel
        if self.shift is not None:
            its = self.shift
            return [day == its.day, place == its.place_id, channel == its.channel]
        place_id = self.site_id if self.place_id is None else self.place_id
        return [*self._days(day), *_same((channel, self.channel), (place, place_id))]

    def _days(self, day: Any) -> list[ColumnElement[bool]]:
        return [
            *([day >= self.first] if self.first is not None else []),
            *([day <= self.last] if self.last is not None else []),
        ]


def _same(*pairs: tuple[Any, Any]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in pairs if value is not None]


class OpenShift(NamedTuple):
    """An open shift and the counters of its session."""

    shift: Shift
    counters: Mapping[str, int]
    held: bool = False
    """It came too late for a closed shift, and that one's number of passages holds whoever it is of."""


def open_shifts(session: DbSession, scope: Scope) -> list[OpenShift]:
    """The open shifts; what is counted while somebody learns is not in their counters."""
    closed = aliased(Shift)
    rows = session.execute(
        select(Shift, Evening.session, and_(closed.passages_by_hand, joining.alike(closed)))
        .join(Evening, Evening.shift_id == Shift.id)
        .outerjoin(closed, closed.id == Evening.joins_id)
        .where(Shift.station_id.is_not(None), *scope.of_shifts())
    )
    return [
        OpenShift(shift, load_session(state).real.counters, bool(held))
        for shift, state, held in rows
    ]


def shifts(session: DbSession, scope: Scope) -> int:
    """How many shifts, open or closed; what is about to become part of a closed one is none of its own."""
    counted = select(func.count(Shift.id)).where(*scope.of_shifts())
    if scope.shift is None:
        closed = aliased(Shift)
        late = exists().where(
            Evening.shift_id == Shift.id, closed.id == Evening.joins_id, joining.alike(closed)
        )
        counted = counted.where(~late)
    return session.scalar(counted) or 0


class HandedOut(NamedTuple):
    item_id: int
    lot_id: int
    channel: str
    place_id: int
    site_id: int


def handed_out(
    session: DbSession, scope: Scope, opened: Sequence[OpenShift]
) -> dict[HandedOut, int]:
    """Pieces handed out less those corrected back, by lot, channel, place drawn from and site."""
    what = (Move.item_id, Move.lot_id, Move.from_id, Move.to_id, Move.channel, Move.site_id)
    totals: dict[HandedOut, int] = defaultdict(int)
    rows = session.execute(
        select(*what, func.sum(Move.pieces)).where(*scope.of_hand_outs()).group_by(*what)
    )
    for item_id, lot_id, from_id, to_id, channel, site_id, pieces in rows:
        out = to_id == HANDED_OUT
        place_id = from_id if out else to_id
        key = HandedOut(item_id, lot_id, channel or "", place_id, site_id or place_id)
        totals[key] += int(pieces) if out else -int(pieces)
    for hold, shift in _holds(session, opened, Hold.to_id == HANDED_OUT):
        key = HandedOut(hold.item_id, hold.lot_id, shift.channel, hold.from_id, shift.site_id)
        totals[key] += int(hold.pieces)
    return {key: pieces for key, pieces in totals.items() if pieces}


class Short(NamedTuple):
    """What is beyond the books of a place: handed out or moved, or inside kits that were counted there."""

    item_id: int
    place_id: int
    in_kits: bool


def short(session: DbSession, scope: Scope, opened: Sequence[OpenShift]) -> dict[Short, int]:
    """Pieces beyond the books; those in kits less what went back as the kits were taken apart."""
    in_kits = Move.assembly_id.is_not(None)
    what = (Move.item_id, Move.to_id, in_kits)
    totals: dict[Short, int] = defaultdict(int)
    rows = session.execute(
        select(*what, func.sum(Move.pieces - case((in_kits, _went_back()), else_=0)))
        .outerjoin(Shift, Shift.id == Move.shift_id)
        .where(*scope.of_shortfalls())
        .group_by(*what)
    )
    for item_id, place_id, kits, pieces in rows:
        totals[Short(item_id, place_id, bool(kits))] += int(pieces)
    for hold, _ in _holds(session, opened, Hold.from_id == UNACCOUNTED):
        totals[Short(hold.item_id, hold.to_id, False)] += int(hold.pieces)
    return {key: pieces for key, pieces in totals.items() if pieces}


def _went_back() -> ScalarSelect[int]:
    """Of an item that the kits of an assembly were short of, on whatever day: it has one shortfall of each."""
    back = aliased(Move)
    pieces = case((back.to_id == UNACCOUNTED, back.pieces), else_=-back.pieces)
    return (
        select(func.coalesce(func.sum(pieces), 0))
        .where(
            back.assembly_id == Move.assembly_id,
            back.item_id == Move.item_id,
            or_(back.to_id == UNACCOUNTED, back.from_id == UNACCOUNTED),
            back.reason == Reason.CORRECTION,
        )
        .correlate(Move)
        .scalar_subquery()
    )


def _holds(
    session: DbSession, opened: Sequence[OpenShift], which: ColumnElement[bool]
) -> list[tuple[Any, Shift]]:
    """What open shifts hold, summed over their reads."""
    by_id = {one.shift.id: one.shift for one in opened}
    what = (Hold.shift_id, Hold.item_id, Hold.lot_id, Hold.from_id, Hold.to_id)
    rows = session.execute(
        select(*what, func.sum(Hold.pieces).label("pieces"))
        .where(Hold.shift_id.in_(by_id), which)
        .group_by(*what)
    )
    return [(row, by_id[row.shift_id]) for row in rows]


class Unopened(NamedTuple):
    item_id: int
    channel: str
    place_id: int


def unopened(session: DbSession, scope: Scope, opened: Sequence[OpenShift]) -> dict[Unopened, int]:
    """Pieces brought back unopened, by the channel and place of the shift they came back in."""
    what = (
        Move.item_id,
        func.coalesce(Shift.channel, "").label("channel"),
        func.coalesce(Shift.place_id, Move.to_id).label("place_id"),
    )
    totals: dict[Unopened, int] = defaultdict(int)
    rows = session.execute(
        select(*what, func.sum(Move.pieces))
        .outerjoin(Shift, Shift.id == Move.shift_id)
        .where(*scope.of_unopened())
        .group_by(Move.item_id, Shift.channel, Shift.place_id, Move.to_id)
    )
    for item_id, channel, place_id, pieces in rows:
        totals[Unopened(item_id, channel, place_id)] += int(pieces)
    for hold, shift in _holds(session, opened, Hold.from_id == HANDED_OUT):
        totals[Unopened(hold.item_id, shift.channel, shift.place_id)] += int(hold.pieces)
    return {key: pieces for key, pieces in totals.items() if pieces}


class Counted(NamedTuple):
    what: str
    channel: str
    place_id: int


def counted(session: DbSession, scope: Scope, opened: Sequence[OpenShift]) -> dict[Counted, int]:
    """Passages and contacts; of an open shift as clicked so far, the person being served not yet among them."""
    what = (ShiftCount.what, Shift.channel, Shift.place_id)
    totals: dict[Counted, int] = defaultdict(int)
    rows = session.execute(
        select(*what, func.sum(ShiftCount.times))
        .join(Shift, Shift.id == ShiftCount.shift_id)
        .where(*scope.of_shifts())
        .group_by(*what)
    )
    for name, channel, place_id, times in rows:
        totals[Counted(name, channel, place_id)] += int(times)
    for shift, counters, held in opened:
        for key, times in counters.items():
            kind, *rest = key.split(":")
            if kind == "contact" or (kind == "passage" and not held):
                name = kind if kind == "passage" else f"contact:{rest[0]}"
                totals[Counted(name, shift.channel, shift.place_id)] += times
    return {key: times for key, times in totals.items() if times}


class Returned(NamedTuple):
    shift_id: int
    channel: str
    place_id: int
    origin: str
    method: str
    unit: str
    factor: str


def returned(session: DbSession, scope: Scope, opened: Sequence[OpenShift]) -> dict[Returned, int]:
    """Used material in thousandths of its unit, shift by shift: see `returns.pieces_of_shifts`."""
    measured_by = (ShiftReturn.origin, ShiftReturn.method, ShiftReturn.unit, ShiftReturn.factor)
    totals: dict[Returned, int] = defaultdict(int)
    rows = session.execute(
        select(Shift.id, Shift.channel, Shift.place_id, *measured_by, ShiftReturn.measured)
        .join(Shift, Shift.id == ShiftReturn.shift_id)
        .where(*scope.of_shifts())
    )
    for row in rows:
        totals[Returned(*row[:-1])] += int(row[-1])
    for shift, counters, _ in opened:
        for name, thousandths in counters.items():
            kind, *how = name.split(":")
            if kind == "return":
                totals[Returned(shift.id, shift.channel, shift.place_id, *how)] += thousandths
    return {key: thousandths for key, thousandths in totals.items() if thousandths}


class Unknown(NamedTuple):
    gtin: str
    channel: str
    place_id: int


def unknown(session: DbSession, scope: Scope, opened: Sequence[OpenShift]) -> dict[Unknown, int]:
    """Pieces handed out under codes no list has yet."""
    what = (UnknownCode.gtin, UnknownCode.channel, UnknownCode.place_id)
    totals: dict[Unknown, int] = defaultdict(int)
    rows = session.execute(
        select(*what, func.sum(UnknownCode.pieces)).where(*scope.of_unknown_codes()).group_by(*what)
    )
    for gtin, channel, place_id, pieces in rows:
        totals[Unknown(gtin, channel, place_id)] += int(pieces)
    for shift, counters, _ in opened:
        for name, pieces in counters.items():
            kind, _, gtin = name.partition(":")
            if kind == "unknown":
                totals[Unknown(gtin, shift.channel, shift.place_id)] += pieces
    return {key: pieces for key, pieces in totals.items() if pieces}
