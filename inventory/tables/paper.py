"""What waits to be printed."""

from __future__ import annotations

from datetime import date
from secrets import randbelow
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inventory.tables.base import Base, Pk
from inventory.tables.house import Station
from inventory.tables.ledger import Shift
from inventory.tables.lists import Lot

FIRST_NUMBER, STEP = 2**24, 2**16
"""Of a job where there is no other, and from one to the next, at most."""


def _number(context: Any) -> int:
    """After those of all jobs there are, by a step drawn at random: a page that is still open names no other job once
    its own is gone, and no number tells how many there were."""
    last = context.connection.scalar(select(func.max(PrintJob.id)))
    return 1 + (randbelow(FIRST_NUMBER) if last is None else int(last) + randbelow(STEP))


class PrintJob(Base):
    """A tally, labels of a kit lot or the trial of a printer, for a station, and how far it came: `inventory.printing`.

    It holds no figures: they are counted when the printer takes the job. The two times of the shift are there until
    they are on paper; the row itself, which says at which station a shift was, goes with its day. `asked_at_ms`: since
    when a person is asked whether it came out, of one job at each station. `copies`: how many labels.
    """

    __tablename__ = "print_job"
    __table_args__ = (CheckConstraint("shift_id IS NULL OR lot_id IS NULL", name="of_one_thing"),)

    id: Mapped[int] = mapped_column(Pk, primary_key=True, autoincrement=False, default=_number)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    copies: Mapped[int] = mapped_column(default=1)
    what: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    copy: Mapped[bool] = mapped_column(default=False)
    day: Mapped[date] = mapped_column(Date)
    began_at_s: Mapped[int | None] = mapped_column(BigInteger)
    ended_at_s: Mapped[int | None] = mapped_column(BigInteger)
    asked_at_ms: Mapped[int | None] = mapped_column(BigInteger)

    station: Mapped[Station] = relationship()
    shift: Mapped[Shift | None] = relationship()
    lot: Mapped[Lot | None] = relationship()
