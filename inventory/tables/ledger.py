"""The ledger: moves, balances, and what is left of a closed shift."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inventory.tables.base import WITHOUT_ROWID, Base, Pk, UtcDateTime
from inventory.tables.lists import Place
from inventory.words import UNACCOUNTED


class Move(Base):
    """Pieces of one item and lot from one place to another: written once, never changed, never deleted.

    A hand-out has no time, no station and no member of staff; `shift_id` leads to the day, place and channel that
    its own columns already say.
    """

    __tablename__ = "move"
    __table_args__ = (
        CheckConstraint("pieces > 0", name="pieces"),
        CheckConstraint("from_id <> to_id", name="somewhere_else"),
        Index(None, "day"),
        Index(None, "lot_id", "to_id", "from_id"),
        # Few moves belong to an assembly: an index over all would have the planner's counts speak against it.
        Index(
            None,
            "assembly_id",
            sqlite_where=text("assembly_id IS NOT NULL"),
            postgresql_where=text("assembly_id IS NOT NULL"),
        ),
        Index(
            None,
            "booking_id",
            sqlite_where=text("booking_id IS NOT NULL"),
            postgresql_where=text("booking_id IS NOT NULL"),
        ),
        Index(
            "ix_move_loan",
            "from_id",
            "to_id",
            "item_id",
            sqlite_where=text("reason = 'loan'"),
            postgresql_where=text("reason = 'loan'"),
        ),
    )

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    pieces: Mapped[int] = mapped_column(BigInteger)
    from_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    reason: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    channel: Mapped[str | None] = mapped_column(String(60))
    project: Mapped[str | None] = mapped_column(String(60))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), index=True)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"), index=True)
    assembly_id: Mapped[int | None] = mapped_column(ForeignKey("assembly.id"))
    booking_id: Mapped[bytes | None] = mapped_column(ForeignKey("booking.id"))


class Balance(Base):
    """On hand, kept beside the ledger in the same transaction: moves plus the holds of open shifts."""

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint(f"pieces >= 0 OR place_id = {UNACCOUNTED}", name="not_below_zero"),
        WITHOUT_ROWID,
    )

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    pieces: Mapped[int] = mapped_column(BigInteger)


class Shift(Base):
    """A station's or a round's opening. `station_id` is there only while it is open."""

    __tablename__ = "shift"
    __table_args__ = (
        Index(None, "day"),
        Index(
            "uq_shift_open",
            "station_id",
            "day",
            unique=True,
            sqlite_where=text("station_id IS NOT NULL"),
            postgresql_where=text("station_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    channel: Mapped[str] = mapped_column(String(60))
    project: Mapped[str | None] = mapped_column(String(60))
    day: Mapped[date] = mapped_column(Date)
    from_sheet: Mapped[bool] = mapped_column(default=False)
    """Typed in from a tick sheet: it can be taken back as a whole."""
    passages_by_hand: Mapped[bool] = mapped_column(default=False)
    """Somebody typed or confirmed the number as it closed: reads that arrive later add none."""
    taken_back: Mapped[bool] = mapped_column(default=False)
    """It was typed in by mistake: its moves cancel out, and it counts nowhere."""

    place: Mapped[Place] = relationship(foreign_keys=[place_id])
    site: Mapped[Place] = relationship(foreign_keys=[site_id])


class Closing(Base):
    """When a station's shift was closed, for a week: what was read before belongs to it, what was read afterwards does
    not (see `counter.joining`). It says when a counter closed, and nothing of people."""

    __tablename__ = "closing"
    __table_args__ = (Index(None, "station_id", "day"), WITHOUT_ROWID)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    day: Mapped[date] = mapped_column(Date)
    closed_at_ms: Mapped[int] = mapped_column(BigInteger)


class ShiftCount(Base):
    """Passages (by hour at a counter, by shift elsewhere: hour −1) and contacts without material, as counters."""

    __tablename__ = "shift_count"
    __table_args__ = (WITHOUT_ROWID,)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    what: Mapped[str] = mapped_column(String(30), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    times: Mapped[int]


class ShiftReturn(Base):
    """Used material brought back, summed at closing. `measured` is in thousandths of `unit`; `factor` a fraction of
    pieces per unit, such as 5000/39."""

    __tablename__ = "shift_return"
    __table_args__ = (WITHOUT_ROWID,)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(String(20), primary_key=True)
    method: Mapped[str] = mapped_column(String(20), primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    factor: Mapped[str] = mapped_column(String(40), primary_key=True)
    measured: Mapped[int] = mapped_column(BigInteger)


class UnknownCode(Base):
    """Hand-outs of a GTIN no list has, until somebody names it; never with a lot."""

    __tablename__ = "unknown_code"
    __table_args__ = (WITHOUT_ROWID,)

    gtin: Mapped[str] = mapped_column(String(14), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(60), primary_key=True)
    pieces: Mapped[int] = mapped_column(BigInteger)


class SetAside(Base):
    """Hand-outs that came more than 13 months late: shown to the lead, never applied. `code` is an item's, or a GTIN
    no list had."""

    __tablename__ = "set_aside"
    __table_args__ = (WITHOUT_ROWID,)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    pieces: Mapped[int] = mapped_column(BigInteger)


class ReadSeen(Base):
    """Reads of closed shifts, to recognise a repeat: a keyed hash of the id, its status, the month; 13 months."""

    __tablename__ = "read_seen"
    __table_args__ = (WITHOUT_ROWID,)

    hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    status: Mapped[str] = mapped_column(String(10))
    month: Mapped[int]
