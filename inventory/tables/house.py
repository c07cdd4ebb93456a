"""The service itself: stations, people who work here, settings and timed jobs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    Date,
    ForeignKey,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inventory.tables.base import WITHOUT_ROWID, Base, Pk, UtcDateTime
from inventory.tables.lists import Place


class Station(Base):
    """A device on which reads are made."""

    __tablename__ = "station"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    mode: Mapped[str] = mapped_column(String(20))
    printer: Mapped[str] = mapped_column(String(200), default="")
    paper_mm: Mapped[int] = mapped_column(default=80)
    language: Mapped[str] = mapped_column(String(2), default="fr")
    """What its paper speaks."""
    code_page: Mapped[str] = mapped_column(String(20), default="CP1252")
    """Which letters its printer has; `none`: ASCII alone, all else is drawn."""
    opened_on: Mapped[date | None] = mapped_column(Date, default=None)
    is_open: Mapped[bool] = mapped_column(default=False)
    driven_here: Mapped[bool] = mapped_column(default=False)
    """Its process runs on the machine of the service even before it has a device: it tells what is plugged in."""

    place: Mapped[Place] = relationship()


class Scanner(Base):
    """A scanner plugged into the machine of a station."""

    __tablename__ = "scanner"
    __table_args__ = (WITHOUT_ROWID,)

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    device: Mapped[str] = mapped_column(String(200))
    """A steady path: two alike have two."""
    keymap: Mapped[str] = mapped_column(String(2))
    """The layout it was set to, where it acts as a keyboard; empty for a serial one."""
    double_ms: Mapped[int]
    """The same code within this time on this scanner is one trigger; 0: never."""
    role: Mapped[str] = mapped_column(String(10), default="")
    """The lane its reads belong to, "lane-a" or "lane-b"; empty: the station's current one. No worker is named."""
    suffix: Mapped[str] = mapped_column(String(10), default="")
    """Whether it ends its reads with a key: "key", "none", or empty: not known."""
    separator: Mapped[str] = mapped_column(String(10), default="")
    """Whether the separator of GS1 fields arrives: "kept", "lost", or empty: not known."""
    caps: Mapped[bool] = mapped_column(default=False)
    """Whether it types as if Caps Lock were on."""
    baud: Mapped[int]
    """Bits a second, where it has a serial port."""


class StationToken(Base):
    """SHA-256 of a token: the token itself was shown once. A browser that stands at the station keeps one as a cookie;
    `device` says which, and is empty for the station's process."""

    __tablename__ = "station_token"
    __table_args__ = (WITHOUT_ROWID,)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    device: Mapped[str] = mapped_column(String(60), default="")
    since: Mapped[date] = mapped_column(Date)


class Person(Base):
    """Somebody who works here. Nothing they do at a counter points back to this row."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Pk, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    pin_hash: Mapped[str] = mapped_column(String(200))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), default=None)

    place: Mapped[Place | None] = relationship()


class Badge(Base):
    """A badge that is valid: its number only as a keyed hash. One a person; a new one replaces it."""

    __tablename__ = "badge"
    __table_args__ = (WITHOUT_ROWID,)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)

    person: Mapped[Person] = relationship()


class SignIn(Base):
    """An open sign-in: SHA-256 of the cookie's secret, revocable by deleting the row. It knows days, no times."""

    __tablename__ = "sign_in"
    __table_args__ = (WITHOUT_ROWID,)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    device: Mapped[str] = mapped_column(String(60))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    by_badge: Mapped[bool] = mapped_column(default=False)

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
