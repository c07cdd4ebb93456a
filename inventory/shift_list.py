"""The shifts there were, by day and place: totals, no times."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import catalogue, returns
from inventory.tables import Move, Place, Shift, ShiftCount, ShiftReturn
from inventory.tally import tally
from inventory.words import HANDED_OUT, Reason


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift with its totals; those of an open one as they stand now."""

    id: int
    day: date
    place: str
    site: str
    """Name of the site, where it is not the place itself; else empty."""
    channel: str
    is_open: bool
    passages: int
    pieces: int
    returned: int
    """Used pieces that came back."""
    taken_back: bool = False


def shifts_of(
    session: Session, *, first: date, last: date, place: str | None = None
) -> list[ShiftRow]:
    """Shifts of a period, latest day first. NotOnTheLists for an unknown place."""
    wanted = select(Shift).where(Shift.day.between(first, last))
    if place is not None:
        wanted = wanted.where(Shift.place_id == catalogue.place(session, place).id)
    shifts = session.scalars(wanted.join(Shift.place).order_by(Shift.day.desc(), Place.id)).all()
    closed = [shift.id for shift in shifts if shift.station_id is None]
    passages, pieces, back = (count(session, closed) for count in (_passages, _pieces, _returned))
    rows = []
    for shift in shifts:
        totals = (passages.get(shift.id, 0), pieces.get(shift.id, 0), back.get(shift.id, 0))
        if shift.station_id is not None:
            now = tally(session, shift_id=shift.id)
            totals = (now.passages, sum(row.handed_out for row in now.rows), now.returned)
        rows.append(_row(shift, totals))
    return rows


def _row(shift: Shift, totals: tuple[int, int, int]) -> ShiftRow:
    return ShiftRow(
        shift.id,
        shift.day,
        shift.place.name,
        shift.site.name if shift.site_id != shift.place_id else "",
        shift.channel,
        shift.station_id is not None,
        *totals,
        shift.taken_back,
    )


def _passages(session: Session, shift_ids: list[int]) -> dict[int, int]:
    rows = session.execute(
        select(ShiftCount.shift_id, func.sum(ShiftCount.times))
        .where(ShiftCount.shift_id.in_(shift_ids), ShiftCount.what == "passage")
        .group_by(ShiftCount.shift_id)
    )
    return {shift_id: int(times) for shift_id, times in rows}


def _returned(session: Session, shift_ids: list[int]) -> dict[int, int]:
    """In pieces, each way of measuring summed over a shift before it is rounded, as in the tally."""
    measured: dict[tuple[int, str, str, str, Fraction], int] = defaultdict(int)
    for row in session.scalars(select(ShiftReturn).where(ShiftReturn.shift_id.in_(shift_ids))):
        way = (row.shift_id, row.origin, row.method, row.unit, Fraction(row.factor))
        measured[way] += row.measured
    totals: dict[int, int] = defaultdict(int)
    for (shift_id, *_, factor), thousandths in measured.items():
        totals[shift_id] += returns.pieces_of(returns.measure(thousandths), factor)
    return totals


def _pieces(session: Session, shift_ids: list[int]) -> dict[int, int]:
    """Pieces handed out less those corrected back: kits as kits."""
    totals: dict[int, int] = {}
    rows = session.execute(
        select(Move.shift_id, Move.to_id, func.sum(Move.pieces))
        .where(Move.shift_id.in_(shift_ids))
        .where(
            (Move.to_id == HANDED_OUT)
            | (Move.from_id == HANDED_OUT) & (Move.reason == Reason.CORRECTION)
        )
        .group_by(Move.shift_id, Move.to_id)
    )
    for shift_id, to_id, pieces in rows:
        sign = 1 if to_id == HANDED_OUT else -1
        totals[shift_id or 0] = totals.get(shift_id or 0, 0) + sign * int(pieces)
    return totals
