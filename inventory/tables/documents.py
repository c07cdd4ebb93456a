"""What goes with moves: deliveries and assemblies."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inventory.tables.base import WITHOUT_ROWID, Base, Pk
from inventory.tables.lists import Recipe


class Receipt(Base):
    """A delivery from a supplier, known by supplier and note."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("supplier", "note"),)

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    supplier: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(String(60))
    day: Mapped[date] = mapped_column(Date)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    from_boxes: Mapped[bool] = mapped_column(default=False)
    """Made as boxes were read against an order, and so it grows; else it is a note that was imported."""

    lines: Mapped[list[ReceiptLine]] = relationship(order_by="ReceiptLine.id")


class ReceiptLine(Base):
    """Pieces announced of one lot, and how many of them somebody has scanned."""

    __tablename__ = "receipt_line"
    __table_args__ = (Index(None, "item_id", "lot_id"),)

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    pieces: Mapped[int] = mapped_column(BigInteger)
    checked: Mapped[int] = mapped_column(BigInteger, default=0)


class Assembly(Base):
    """Kits made at one time: the moves of the components and of the kits carry its number."""

    __tablename__ = "assembly"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), unique=True)
    kits: Mapped[int] = mapped_column(CheckConstraint("kits > 0", name="kits"))
    day: Mapped[date] = mapped_column(Date)

    recipe: Mapped[Recipe] = relationship()


class Booking(Base):
    """What somebody booked at a desk in one go. Its id (UUID) was made by the form, so that sending twice is harmless;
    `content` is a hash of what was sent, so that something else under the same id is noticed."""

    __tablename__ = "booking"
    __table_args__ = (WITHOUT_ROWID,)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary(16))
    day: Mapped[date] = mapped_column(Date)
    undone: Mapped[bool] = mapped_column(default=False)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), index=True)
    """Where what was booked is a return rather than moves."""


class Pick(Base):
    """A pick list: what a store brings to a place. Both ends read the boxes, and each piece is booked once."""

    __tablename__ = "pick"
    __table_args__ = (Index(None, "from_id", "to_id"),)

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    is_open: Mapped[bool] = mapped_column(default=True)


class PickLine(Base):
    """Pieces wanted of an item, read when they were picked, and read when they arrived."""

    __tablename__ = "pick_line"
    __table_args__ = (
        CheckConstraint("wanted > 0", name="wanted"),
        CheckConstraint("picked >= 0 AND arrived >= 0", name="read"),
        WITHOUT_ROWID,
    )

    pick_id: Mapped[int] = mapped_column(ForeignKey("pick.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    wanted: Mapped[int] = mapped_column(BigInteger)
    picked: Mapped[int] = mapped_column(BigInteger, default=0)
    arrived: Mapped[int] = mapped_column(BigInteger, default=0)
