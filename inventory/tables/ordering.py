"""Ordering: suppliers, what comes from them, the levels that say when and how much, and orders."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inventory.tables.base import WITHOUT_ROWID, Base, Pk
from inventory.tables.lists import Item, Lot


class Supplier(Base):
    """Who delivers, and by which rules: those of a supplier are its own, so all of them are configuration."""

    __tablename__ = "supplier"
    __table_args__ = (
        CheckConstraint("lead_days BETWEEN 0 AND 365", name="lead_days"),
        CheckConstraint("cutoff_hour BETWEEN 0 AND 24", name="cutoff_hour"),
    )

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    email: Mapped[str] = mapped_column(String(200), default="")
    copy_to: Mapped[str] = mapped_column(String(200), default="")
    """Who of ours is sent a copy of every order."""
    language: Mapped[str] = mapped_column(String(2), default="fr")
    lead_days: Mapped[int] = mapped_column(default=7)
    """Calendar days from order to delivery, before deliveries have taught better."""
    review: Mapped[str] = mapped_column(String(60), default="")
    """The days it takes orders (see `inventory.suppliers`): FRI, or FRI1 FRI3; empty: any day."""
    cutoff_hour: Mapped[int] = mapped_column(default=24)
    """On such a day, the hour after which it is too late."""
    note: Mapped[str] = mapped_column(String(200), default="")
    template: Mapped[str] = mapped_column(String(100), default="")
    """The spreadsheet its orders are written into, a file of the folder of templates; empty: our own form."""

    closed: Mapped[list[SupplierClosed]] = relationship(order_by="SupplierClosed.first")


class SupplierClosed(Base):
    """Days, both included, on which a supplier neither takes orders nor delivers."""

    __tablename__ = "supplier_closed"
    __table_args__ = (CheckConstraint("first <= last", name="period"), WITHOUT_ROWID)

    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), primary_key=True)
    first: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[date] = mapped_column(Date)


class SupplierItem(Base):
    """An item, the one supplier it comes from, and in which quantities, in pieces."""

    __tablename__ = "supplier_item"
    __table_args__ = (
        CheckConstraint("multiple > 0", name="multiple"),
        CheckConstraint("minimum >= 0", name="minimum"),
        CheckConstraint("quota > 0", name="quota"),
        WITHOUT_ROWID,
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    reference: Mapped[str] = mapped_column(String(60), default="")
    """What the supplier calls it."""
    multiple: Mapped[int] = mapped_column(BigInteger, default=1)
    """It comes in whole packs of so many."""
    minimum: Mapped[int] = mapped_column(BigInteger, default=0)
    """The least that can be ordered at a time."""
    quota: Mapped[int | None] = mapped_column(BigInteger)
    """The most of it in one order."""
    essential: Mapped[bool] = mapped_column(default=False)
    """Nobody may leave without it: its running out is said at once."""

    supplier: Mapped[Supplier] = relationship()
    item: Mapped[Item] = relationship()


class ItemLevel(Base):
    """When an item is ordered or made (at or below the reorder point) and up to how many pieces: computed at night, or
    fixed by hand with a note. `daily` and `spread` are mean and standard deviation of what a calendar day takes."""

    __tablename__ = "item_level"
    __table_args__ = (
        CheckConstraint("0 <= reorder_point AND reorder_point <= order_up_to", name="levels"),
        WITHOUT_ROWID,
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    reorder_point: Mapped[int] = mapped_column(BigInteger)
    order_up_to: Mapped[int] = mapped_column(BigInteger)
    fixed: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(200), default="")
    daily: Mapped[float] = mapped_column(default=0.0)
    spread: Mapped[float] = mapped_column(default=0.0)
    known_days: Mapped[int] = mapped_column(default=0)
    """Open days that the figures rest on."""
    computed_on: Mapped[date] = mapped_column(Date)

    item: Mapped[Item] = relationship()


_OPEN = text("status IN ('draft', 'approved')")


class Purchase(Base):
    """An order ("order" is a word of SQL). Days of the calendar in Brussels; nobody's name, whoever did what."""

    __tablename__ = "purchase"
    __table_args__ = (
        # What is not sent yet can still be changed, so nobody needs a second one.
        Index(
            "uq_purchase_open",
            "supplier_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """Year and place in it: 2026-014."""
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    drafted_on: Mapped[date] = mapped_column(Date)
    sent_on: Mapped[date | None] = mapped_column(Date)
    taken_on: Mapped[date | None] = mapped_column(Date)
    """The day, that one or later, on which the supplier takes it: how long it took to come is counted from there."""
    expected_on: Mapped[date | None] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    """Also of one that was cancelled."""
    note: Mapped[str] = mapped_column(String(200), default="")

    supplier: Mapped[Supplier] = relationship()
    lines: Mapped[list[PurchaseLine]] = relationship(order_by="PurchaseLine.item_id", viewonly=True)
    events: Mapped[list[PurchaseEvent]] = relationship(order_by="PurchaseEvent.id", viewonly=True)
    arrivals: Mapped[list[PurchaseArrival]] = relationship(
        order_by="PurchaseArrival.id", viewonly=True
    )


class PurchaseLine(Base):
    """Pieces of one item in an order. `wanted` is what would fill up, `suggested` what the supplier's quota leaves of
    it, `pieces` what is ordered: the same unless somebody wrote another figure or a note (`by_hand`)."""

    __tablename__ = "purchase_line"
    __table_args__ = (
        CheckConstraint("wanted >= suggested AND suggested >= 0", name="suggested"),
        CheckConstraint("pieces >= 0", name="pieces"),
        CheckConstraint("received >= 0", name="received"),
        WITHOUT_ROWID,
    )

    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, index=True)
    wanted: Mapped[int] = mapped_column(BigInteger, default=0)
    suggested: Mapped[int] = mapped_column(BigInteger, default=0)
    pieces: Mapped[int] = mapped_column(BigInteger)
    by_hand: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(200), default="")
    received: Mapped[int] = mapped_column(BigInteger, default=0)

    item: Mapped[Item] = relationship()


class PurchaseEvent(Base):
    """What happened to an order, and on which day: neither when on that day nor who did it."""

    __tablename__ = "purchase_event"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    what: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200), default="")


class PurchaseArrival(Base):
    """Pieces of one lot that came for an order, read or typed in one booking, and in which condition; undone, it is
    gone."""

    __tablename__ = "purchase_arrival"
    __table_args__ = (CheckConstraint("pieces > 0", name="pieces"),)

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), index=True)
    booking_id: Mapped[bytes] = mapped_column(ForeignKey("booking.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    day: Mapped[date] = mapped_column(Date)
    pieces: Mapped[int] = mapped_column(BigInteger)
    condition: Mapped[str] = mapped_column(String(20))
    refused: Mapped[bool] = mapped_column(default=False)
    """It went back as it came, and is on no books."""
    announced: Mapped[bool] = mapped_column(default=False)
    """A delivery note that was imported had put it on the books already."""

    item: Mapped[Item] = relationship()
    lot: Mapped[Lot] = relationship()
