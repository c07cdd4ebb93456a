"""The open evening: closing a shift erases all of it (see `shifts.close`)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from inventory.tables.base import WITHOUT_ROWID, Base
from inventory.words import UNACCOUNTED

_SHORT = text(f"from_id = {UNACCOUNTED}")


class Evening(Base):
    """What a station's open shift remembers: its session, and when it began."""

    __tablename__ = "evening"

    shift_id: Mapped[int] = mapped_column(
        ForeignKey("shift.id"), primary_key=True, autoincrement=False
    )
    session: Mapped[str] = mapped_column(Text)
    opened_at_s: Mapped[int] = mapped_column(BigInteger)
    last_read_at_s: Mapped[int] = mapped_column(BigInteger)
    joins_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    """The closed shift that these reads came too late for (see `counter.joining`)."""


class Read(Base):
    """A read of an open shift, with its code, so that another code under its id is noticed.

    Only open shifts have any, so that closing looks through them all rather than every read pay for an index.
    """

    __tablename__ = "read"
    __table_args__ = (WITHOUT_ROWID,)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    code: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))


class Hold(Base):
    """The journal: what a read did to the stock. A move that is still open, and becomes one at closing."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("pieces >= 0", name="pieces"),
        # Shortfalls alone: they are few, and nothing else of an open evening is looked for but by its read.
        Index("ix_hold_short", "item_id", "to_id", sqlite_where=_SHORT, postgresql_where=_SHORT),
        WITHOUT_ROWID,
    )

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    read_id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    pieces: Mapped[int] = mapped_column(BigInteger)
    checked: Mapped[int] = mapped_column(BigInteger, default=0)


EVENING_TABLES = (Hold.__table__, Read.__table__, Evening.__table__)
