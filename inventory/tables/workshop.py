"""What is being made at the workshops: a batch until its recount, the lots confirmed for it, and who works on which.

Nothing here knows a time, a person, or what one table made of it; finishing a batch erases all of it.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inventory.tables.base import WITHOUT_ROWID, Base, Pk
from inventory.tables.lists import Item, Lot, Place, Recipe


class Batch(Base):
    """Kits of one recipe being made at a place: one at a time of each kit, shared by the tables there.

    `ready` is what the tables have noted so far, `labels` how many were printed. The lot of its kits is made once every
    component is confirmed. A batch keeps its version of the recipe.
    """

    __tablename__ = "batch"
    __table_args__ = (CheckConstraint("ready >= 0 AND labels >= 0", name="counts"), WITHOUT_ROWID)

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    kit_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    day: Mapped[date] = mapped_column(Date)
    ready: Mapped[int] = mapped_column(default=0)
    labels: Mapped[int] = mapped_column(default=0)

    place: Mapped[Place] = relationship()
    kit: Mapped[Item] = relationship()
    recipe: Mapped[Recipe] = relationship()
    lot: Mapped[Lot | None] = relationship()


def _of_a_batch() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["place_id", "kit_id"], ["batch.place_id", "batch.kit_id"])


class BatchLot(Base):
    """A lot of a component that was confirmed for a batch: several where another box was opened."""

    __tablename__ = "batch_lot"
    __table_args__ = (_of_a_batch(), WITHOUT_ROWID)

    place_id: Mapped[int] = mapped_column(Pk, primary_key=True, autoincrement=False)
    kit_id: Mapped[int] = mapped_column(Pk, primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)

    lot: Mapped[Lot] = relationship()


class Bench(Base):
    """Which batch a station is on, and its recount once it counts: null as long as nothing was counted."""

    __tablename__ = "bench"
    __table_args__ = (_of_a_batch(), WITHOUT_ROWID)

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(Pk)
    kit_id: Mapped[int] = mapped_column(Pk)
    counting: Mapped[bool] = mapped_column(default=False)
    counted: Mapped[int | None]
    doubted: Mapped[int | None]

    batch: Mapped[Batch] = relationship()
