"""What items look like, and what each place shows and keeps of them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.tables.base import WITHOUT_ROWID, Base

HIDDEN = 0
"""The position of an item that a place does not show."""


class ItemPhoto(Base):
    """A photograph of an item, small and without metadata; `hash` names what it holds."""

    __tablename__ = "item_photo"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    # Before the image: whoever asks for it does not read the image along.
    hash: Mapped[str] = mapped_column(String(16))
    image: Mapped[bytes] = mapped_column(LargeBinary)


class PlaceItem(Base):
    """An item at a place: its position on the screen there (empty: where the lists put it) and the level in pieces
    up to which the place is replenished (empty: none)."""

    __tablename__ = "place_item"
    __table_args__ = (WITHOUT_ROWID,)

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    position: Mapped[int | None] = mapped_column(CheckConstraint("position >= 0", name="position"))
    level: Mapped[int | None] = mapped_column(CheckConstraint("level > 0", name="level"))
