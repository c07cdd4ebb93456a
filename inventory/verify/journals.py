"""The open evening: it belongs to open shifts alone, and what closed shifts keep can be counted."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from msgspec import MsgspecError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inventory.counter.values import load_session
from inventory.messages import Message
from inventory.tables import Evening, Hold, Read, Shift, ShiftReturn
from inventory.verify.report import Fault


def journal_faults(session: Session) -> Iterator[Fault]:
    """Closing erases: no hold, read or evening without an open shift, no open shift without its evening."""
    tables: tuple[Any, ...] = (Hold, Read, Evening)
    for table in tables:
        left = session.scalars(
            select(table.shift_id)
            .outerjoin(Shift, Shift.id == table.shift_id)
            .where(or_(Shift.id.is_(None), Shift.station_id.is_(None)))
            .distinct()
            .order_by(table.shift_id)
        )
        for shift_id in left:
            what = Message("its journal is still there although it is closed")
            yield _about("journal_left", shift_id, what)
    without = session.scalars(
        select(Shift.id)
        .outerjoin(Evening, Evening.shift_id == Shift.id)
        .where(Shift.station_id.is_not(None), Evening.shift_id.is_(None))
        .order_by(Shift.id)
    )
    for shift_id in without:
        yield _about("journal_missing", shift_id, Message("it is open but has no session"))
    for shift_id, state in session.execute(select(Evening.shift_id, Evening.session)):
        try:
            load_session(state)
        except (MsgspecError, UnicodeError):
            yield _about("session_unreadable", shift_id, Message("its session cannot be read"))


def return_faults(session: Session) -> Iterator[Fault]:
    """Every factor is an exact fraction: the tally counts with it."""
    ways = select(ShiftReturn.shift_id, ShiftReturn.factor).order_by(ShiftReturn.shift_id)
    for shift_id, factor in session.execute(ways):
        try:
            sound = Fraction(factor) > 0
        except (ValueError, ZeroDivisionError):
            sound = False
        if not sound:
            yield _about("return_factor", shift_id, Message("a return has no usable factor"))


def _about(code: str, shift_id: int, what: Message) -> Fault:
    return Fault(code, Message("Shift %(number)d: %(what)s.", number=shift_id, what=what))
