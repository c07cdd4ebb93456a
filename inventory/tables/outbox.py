"""What the service has to tell outside: mail that waits, and what was told already."""

from __future__ import annotations

from datetime import date, datetime
from secrets import token_bytes

from sqlalchemy import Date, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inventory.tables.base import WITHOUT_ROWID, Base, UtcDateTime


class Mail(Base):
    """A message that is to leave, and how far it came (see `inventory.outbox`).

    Its text and its files go as soon as everybody has it, and with them the moment of its next try: what stays for a
    month is a day, a subject, and what it was about. Addresses of several are separated by ", ".
    """

    __tablename__ = "mail"

    id: Mapped[bytes] = mapped_column(
        LargeBinary(16), primary_key=True, default=lambda: token_bytes(16)
    )
    """At random: the Message-ID is made of it."""
    way: Mapped[str] = mapped_column(String(10))
    about: Mapped[str | None] = mapped_column(String(120), unique=True)
    """What it tells of: of two about the same thing the second is not made."""
    recipients: Mapped[str] = mapped_column(String(2000))
    copy_to: Mapped[str] = mapped_column(String(200), default="")
    pending: Mapped[str] = mapped_column(String(2200))
    """Those of both who do not have it yet."""
    refused: Mapped[str] = mapped_column(String(2200), default="")
    """Those whom the server refuses for good."""
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    tries: Mapped[int] = mapped_column(default=0)
    doubtful: Mapped[bool] = mapped_column(default=False)
    """An answer was lost once: somebody may have it twice, under the same Message-ID."""
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it is tried next, or given up by whoever has taken it."""
    day: Mapped[date] = mapped_column(Date)
    said: Mapped[str] = mapped_column(String(300), default="")
    """What the server answered last, if it was not yes."""

    files: Mapped[list[MailFile]] = relationship(order_by="MailFile.name", viewonly=True)


class MailFile(Base):
    """A file that goes along."""

    __tablename__ = "mail_file"

    mail_id: Mapped[bytes] = mapped_column(ForeignKey("mail.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class KnownAlert(Base):
    """A thing to know that lasts (see `inventory.alerts`): since which day, until which day it was seen, and on which
    it was told."""

    __tablename__ = "alert"
    __table_args__ = (WITHOUT_ROWID,)

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    first_day: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    told_day: Mapped[date | None] = mapped_column(Date)
