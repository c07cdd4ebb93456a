"""Evenings as a counter records them: read by read at its station, or typed in from a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from random import Random
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import days
from inventory.counter import reads as counter
from inventory.counter import sheets, station_now
from inventory.counter.commands import BY_NAME
from inventory.counter.reads import Incoming
from inventory.counter.sheets import Sheet
from inventory.tables import Balance, Item, Lot, Place
from labels.house import Kind, house_code
from web.demo.plan import Evening, Take
from web.meanings import meaning

BETWEEN_READS_S = 3
TWICE = 2
"""Up to so many pieces are read one by one, more are typed as a number first."""


@cache
def command(name: str) -> str:
    return house_code(Kind.COMMAND, BY_NAME[name].number)


@cache
def article(number: int) -> str:
    return house_code(Kind.ITEM, number)


def item_numbers(session: Session) -> dict[str, int]:
    return dict(session.execute(select(Item.code, Item.id)).all())


def lying(session: Session, place: str) -> dict[str, int]:
    """Pieces by item that may be used at a place."""
    rows = session.execute(
        select(Item.code, func.sum(Balance.pieces))
        .join(Item, Item.id == Balance.item_id)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(Place, Place.id == Balance.place_id)
        .where(Place.code == place, Lot.on_hold_since.is_(None))
        .group_by(Item.code)
    )
    return {code: int(pieces) for code, pieces in rows}


@dataclass(slots=True)
class Shelf:
    """What is left while people come: nobody hands out what is not there, but where a box was fetched unbooked."""

    left: dict[str, int]

    def give(self, take: Take) -> int:
        there = self.left.get(take.item, 0)
        given = take.pieces if take.anyway else min(there, take.pieces)
        self.left[take.item] = max(0, there - given)
        return given


@dataclass(frozen=True, slots=True)
class Numbers:
    """Ids of reads: from the plan's seed too, so that nothing of a history is left to chance."""

    luck: Random

    def next(self) -> UUID:
        return UUID(int=self.luck.getrandbits(128), version=4)


def record(
    session: Session, evening: Evening, *, numbers: Numbers, items: Mapping[str, int], secret: str
) -> None:
    """Everything that was read at the station of an evening, its closing too."""
    place, day = evening.outing.place, evening.day
    here = station_now.station(session, name=place, day=day)
    assert here is not None
    codes = list(_codes(evening, Shelf(lying(session, place)), items))
    if not codes:
        sheets.record_nothing(session, place=place, day=day, secret=secret, now=days.now())
        return
    opening = datetime.combine(day, time(evening.outing.opens), days.ZONE)
    made, at_s = [], 0
    for after_s, code in (*codes, (0, command("close-shift"))):
        at_s = max(at_s + BETWEEN_READS_S, after_s)
        made.append(Incoming(numbers.next(), code, opening + timedelta(seconds=at_s)))
    counter.record(here, made, meaning_of=meaning, now=max(days.now(), made[-1].at))


def _codes(evening: Evening, shelf: Shelf, items: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """What is read, and not before how many seconds after opening."""
    for visit in evening.visits:
        for take in visit.takes:
            given = shelf.give(take)
            if given > TWICE:
                yield from ((visit.after_s, command(f"digit-{digit}")) for digit in str(given))
            for _ in range(1 if given > TWICE else given):
                yield visit.after_s, article(items[take.item])
        yield visit.after_s, command("next-person")
    if evening.returned_g:
        kilograms = f"{evening.returned_g / 1000:.1f}"
        for sign in kilograms:
            yield 0, command("point" if sign == "." else f"digit-{sign}")
        yield 0, command("returned-kilograms")


def type_in(session: Session, evening: Evening, *, numbers: Numbers, secret: str) -> None:
    """The sheet of an evening that was not scanned."""
    shelf, items = Shelf(lying(session, evening.outing.place)), Counter[str]()
    for visit in evening.visits:
        for take in visit.takes:
            items[take.item] += shelf.give(take)
    sheet = Sheet(
        numbers.next(),
        evening.outing.place,
        evening.day,
        passages=len(evening.visits) + evening.contacts,
        items=items,
        returns={"kilograms": evening.returned_g} if evening.returned_g else {},
    )
    sheets.record_sheet(session, sheet=sheet, secret=secret, now=days.now())
