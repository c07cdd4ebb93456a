"""What somebody has to know: at once, or in the digest of the week.

At once is said what cannot wait for anybody to look: a lot on hold that still lies somewhere, or an essential that runs
out before the next delivery can come. All else waits for the digest: at most five lines, the worst first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import days, expiries, on_hold, opening_days
from inventory.cover import Cover, covers
from inventory.expiries import Expiring
from inventory.messages import Counted, Message
from inventory.on_hold import OnHold
from inventory.tables import UnknownCode

LINES = 5
"""Of a digest: more are not read."""

EXPIRES_SOON = timedelta(days=60)


class Kind(StrEnum):
    """What it is about, the worst first."""

    RECALL = "recall"
    RUNS_OUT = "runs-out"
    LOW = "low"
    EXPIRING = "expiring"
    UNKNOWN_CODES = "unknown-codes"
    NOTHING_RECORDED = "nothing-recorded"

    @property
    def at_once(self) -> bool:
        return self in (Kind.RECALL, Kind.RUNS_OUT)


@dataclass(frozen=True, slots=True)
class Alert:
    """What there is to know in a sentence, of one thing or of several."""

    kind: Kind
    keys: tuple[str, ...]
    """Of each of the things: it is news as long as there is one among them that nobody was told of."""
    says: Message
    about: str = ""
    """The item's code, the lot's number, or place and day: what to look at."""

    def is_news(self, told: Collection[str]) -> bool:
        """Whether it is of something that is not among these keys. What is used up or filled up again is none."""
        return any(key not in told for key in self.keys)


def alerts(
    session: Session,
    *,
    now: datetime,
    stock: Collection[Cover] | None = None,
    expiring: Iterable[Expiring] | None = None,
) -> list[Alert]:
    """Everything there is to say at this moment, the worst first. `stock`, `expiring`: where the caller has `covers`
    and what `expiries.expiring` finds already."""
    today = days.service_day(now)
    stock = covers(session, now=now).values() if stock is None else stock
    if expiring is None:
        expiring = expiries.expiring(session, today=today, until=today + EXPIRES_SOON)
    found = [
        *recalls(session),
        *_running_out(stock),
        *_low(stock),
        *_expiring(expiring, today),
        *_unknown_codes(session),
        *_nothing_recorded(session, today),
    ]
    return sorted(found, key=lambda one: list(Kind).index(one.kind))


def digest(found: Collection[Alert], told: Collection[str] = ()) -> list[Alert]:
    """The lines of a digest: what waits for it, and is of something that is not among these keys."""
    return [one for one in found if not one.kind.at_once and one.is_news(told)][:LINES]


def recalls(session: Session) -> list[Alert]:
    """Lots on hold that still lie somewhere, or are in kits that do: what is asked every few minutes."""
    return [
        Alert(Kind.RECALL, (on_hold.told_as(lot.lot_id),), _recalled(lot), about=str(lot.lot_id))
        for lot in on_hold.lots(session)
        if lot.there or any(not kits.on_hold for kits in lot.in_kits)
    ]


def _recalled(lot: OnHold) -> Message:
    pieces = sum(pieces for _, pieces in lot.there)
    kits = sum(kits.pieces for kits in lot.in_kits if not kits.on_hold)
    if not kits:
        return Message(
            "Lot %(lot)s of %(item)s is on hold: %(pieces)d still lie somewhere.",
            lot=lot.lot,
            item=lot.names,
            pieces=pieces,
        )
    return Message(
        "Lot %(lot)s of %(item)s is on hold: %(pieces)d still lie somewhere, and %(kits)d kits hold some.",
        lot=lot.lot,
        item=lot.names,
        pieces=pieces,
        kits=kits,
    )


def _running_out(stock: Iterable[Cover]) -> list[Alert]:
    """Essentials that are gone before an order made now can come, with what is on its way."""
    return [
        Alert(
            Kind.RUNS_OUT,
            (f"runs-out:{one.item.code}",),
            Message(
                "%(item)s lasts until %(day)s; an order to %(supplier)s comes on %(until)s at the earliest.",
                item=one.item.names,
                day=one.reaches,
                supplier=one.supply.supplier.name,
                until=one.comes,
            ),
            about=one.item.code,
        )
        for one in stock
        if one.supply is not None and one.supply.essential and one.runs_out
    ]


def _low(stock: Iterable[Cover]) -> list[Alert]:
    low = [one for one in stock if one.is_low]
    if not low:
        return []
    worst = min(low, key=lambda one: one.lasts)
    says = Counted(
        "%(count)d article is at its reorder point or below: %(item)s.",
        "%(count)d articles are at their reorder point or below, %(item)s first.",
        count=len(low),
        item=worst.item.names,
    )
    return [Alert(Kind.LOW, tuple(f"low:{one.item.code}" for one in low), says)]


def _expiring(lots: Iterable[Expiring], today: date) -> list[Alert]:
    until = today + EXPIRES_SOON
    soon = [one for one in lots if today <= one.expires <= until]
    if not soon:
        return []
    says = Counted(
        "%(count)d lot expires before %(until)s: lot %(lot)s of %(item)s, on %(day)s.",
        "%(count)d lots expire before %(until)s, lot %(lot)s of %(item)s first, on %(day)s.",
        count=len(soon),
        until=until,
        lot=soon[0].lot,
        item=soon[0].names,
        day=soon[0].expires,
    )
    return [Alert(Kind.EXPIRING, tuple(f"expiring:{one.lot_id}" for one in soon), says)]


def _unknown_codes(session: Session) -> list[Alert]:
    codes = session.scalars(select(UnknownCode.gtin).distinct().order_by(UnknownCode.gtin)).all()
    if not codes:
        return []
    says = Counted(
        "%(count)d code that no list has was handed out: name it.",
        "%(count)d codes that no list has were handed out: name them.",
        count=len(codes),
    )
    return [Alert(Kind.UNKNOWN_CODES, tuple(f"unknown-codes:{code}" for code in codes), says)]


def _nothing_recorded(session: Session, today: date) -> list[Alert]:
    asked = opening_days.nothing_recorded(session, today=today)
    if not asked:
        return []
    says = Counted(
        "%(count)d evening has nothing noted, at %(place)s on %(day)s.",
        "%(count)d evenings have nothing noted, the last at %(place)s on %(day)s.",
        count=len(asked),
        place=asked[0].name,
        day=asked[0].day,
    )
    keys = tuple(f"nothing-recorded:{one.place}:{one.day}" for one in asked)
    return [Alert(Kind.NOTHING_RECORDED, keys, says)]
