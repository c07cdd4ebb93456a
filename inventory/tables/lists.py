"""The lists: items, packs, lots, places, recipes."""

from __future__ import annotations

from datetime import date
from secrets import randbelow
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inventory.errors import NumbersUsedUp
from inventory.messages import Names
from inventory.tables.base import WITHOUT_ROWID, Base, LotCode, Pk
from inventory.words import CountsAs, RegulatoryClass


class Item(Base):
    """What is counted."""

    __tablename__ = "item"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_fr: Mapped[str] = mapped_column(String(200))
    name_nl: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    family: Mapped[str] = mapped_column(String(40))
    counts_as: Mapped[str] = mapped_column(String(40), default=CountsAs.NOTHING)
    regulatory_class: Mapped[str] = mapped_column(String(40), default=RegulatoryClass.NONE)
    shelf_life_months: Mapped[int | None]

    @property
    def names(self) -> Names:
        return Names(self.name_fr, self.name_nl, self.name_en)

    @property
    def dated(self) -> bool:
        """Whether its pieces carry a lot and an expiry."""
        return self.shelf_life_months is not None


class ItemName(Base):
    """What an item is called in a further language: for the workshop's screen, whose languages are an open list."""

    __tablename__ = "item_name"
    __table_args__ = (WITHOUT_ROWID,)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class Pack(Base):
    """A multiple of an item, known by a GTIN or, where it has none, by the in-house code of its number."""

    __tablename__ = "pack"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    pieces: Mapped[int] = mapped_column(CheckConstraint("pieces > 0", name="pieces"))
    level: Mapped[str] = mapped_column(String(40))
    gtin: Mapped[str | None] = mapped_column(String(14), unique=True)


LOT_NUMBERS = 999_999
"""Six digits is what a label has for the number of a lot."""

DRAWS = 1000
"""How often a free number is sought: in vain one time in 20,000 when 99 of 100 numbers are taken."""


def _lot_number(context: Any) -> int:
    """A free number drawn at random: counted up, the numbers of lots nobody had announced would tell which was read
    first. Raises NumbersUsedUp."""
    for _ in range(DRAWS):
        number = 1 + randbelow(LOT_NUMBERS)
        with_it = any(row.get("id") == number for row in context.compiled_parameters)
        if not with_it and not context.connection.scalar(select(Lot.id).where(Lot.id == number)):
            return number
    raise NumbersUsedUp


class Lot(Base):
    """A batch of one item with an expiry."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("item_id", "code"),)

    id: Mapped[int] = mapped_column(Pk, primary_key=True, autoincrement=False, default=_lot_number)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    code: Mapped[str] = mapped_column(LotCode)
    expires: Mapped[date | None] = mapped_column(Date)
    on_hold_since: Mapped[date | None] = mapped_column(Date, default=None)
    """Somebody doubts it: nobody is to use it until it is released (see `inventory.on_hold`)."""

    item: Mapped[Item] = relationship()


class Place(Base):
    """Where stock is, comes from or goes to."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(60), default="")


class Recipe(Base):
    """One version of what a kit contains; a version never changes."""

    __tablename__ = "recipe"
    __table_args__ = (UniqueConstraint("item_id", "version"),)

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    version: Mapped[int]

    lines: Mapped[list[RecipeLine]] = relationship(order_by="RecipeLine.item_id")


class RecipeLine(Base):
    __tablename__ = "recipe_line"

    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    pieces: Mapped[int] = mapped_column(CheckConstraint("pieces > 0", name="pieces"))

    item: Mapped[Item] = relationship()
