"""Every table. Three groups: the lists, the ledger, and the open evening that closing a shift erases.

Before adding a column, ask what it would tell somebody who wants to find a person: see docs/anonymity.md.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from secrets import randbelow
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from inventory.errors import NumbersUsedUp
from inventory.messages import Names
from inventory.words import UNACCOUNTED, CountsAs, RegulatoryClass


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        moment: datetime | None = value
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


# No rowid: such a table keeps no trace of the order in which its rows came.
WITHOUT_ROWID = {"sqlite_with_rowid": False}

Pk = BigInteger().with_variant(Integer, "sqlite")


# Ordered byte by byte: on SQLite all text is, on PostgreSQL what says so.
LotCode = String(60).with_variant(String(60, collation="C"), "postgresql")


# The lists


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


class Receipt(Base):
    """A delivery from a supplier, known by supplier and note."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("supplier", "note"),)

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    supplier: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(String(60))
    day: Mapped[date] = mapped_column(Date)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))

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


class Station(Base):
    """A device on which reads are made."""

    __tablename__ = "station"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    mode: Mapped[str] = mapped_column(String(20))
    printer: Mapped[str] = mapped_column(String(200), default="")
    scanner: Mapped[str] = mapped_column(String(200), default="")
    paper_mm: Mapped[int] = mapped_column(default=80)

    place: Mapped[Place] = relationship()


class StationToken(Base):
    """SHA-256 of a token: the token itself was shown once."""

    __tablename__ = "station_token"
    __table_args__ = (WITHOUT_ROWID,)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)


class Person(Base):
    """Somebody who works here. Nothing they do at a counter points back to this row."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    pin_hash: Mapped[str] = mapped_column(String(200))


class SignIn(Base):
    """An open sign-in: SHA-256 of the cookie's secret, revocable by deleting the row."""

    __tablename__ = "sign_in"
    __table_args__ = (WITHOUT_ROWID,)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship()


class Setting(Base):
    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class JobRun(Base):
    """The last run of each timed job, so that a missed one is caught up after a restart."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    last_run_at: Mapped[datetime] = mapped_column(UtcDateTime)


# The ledger


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

    place: Mapped[Place] = relationship(foreign_keys=[place_id])
    site: Mapped[Place] = relationship(foreign_keys=[site_id])


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
    """Hand-outs that came more than 13 months late: shown to the lead, never applied."""

    __tablename__ = "set_aside"
    __table_args__ = (WITHOUT_ROWID,)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
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


# The open evening: closing a shift erases all of it (see `shifts.close`)


class Evening(Base):
    """What a station's open shift remembers: its session, and when it began."""

    __tablename__ = "evening"
    __table_args__ = (WITHOUT_ROWID,)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    session: Mapped[str] = mapped_column(Text)
    opened_at_s: Mapped[int] = mapped_column(BigInteger)
    last_read_at_s: Mapped[int] = mapped_column(BigInteger)


class Read(Base):
    """A read of an open shift, with its code, so that another code under its id is noticed."""

    __tablename__ = "read"
    __table_args__ = (WITHOUT_ROWID,)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), index=True)
    code: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))


class Hold(Base):
    """The journal: what a read did to the stock. A move that is still open, and becomes one at closing."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("pieces >= 0", name="pieces"),
        Index(None, "from_id", "item_id"),
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
