"""When places are open: what a day without any shift means."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from inventory.tables.base import WITHOUT_ROWID, Base


class UsualOpening(Base):
    """A weekday (Monday is 0) on which a place is open, and the day from which that is known."""

    __tablename__ = "usual_opening"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"), WITHOUT_ROWID)

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[date] = mapped_column(Date)


class OpeningException(Base):
    """A day on which a place was or will be closed, or open, whatever it usually is."""

    __tablename__ = "opening_exception"
    __table_args__ = (WITHOUT_ROWID,)

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    open: Mapped[bool]
