"""Hand-outs that arrived more than thirteen months late (see `inventory.counter.late`), for the logistics lead.

They are never applied: nobody can tell any more whether they were counted then. Whoever has looked at one lets it go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from inventory.messages import Names
from inventory.tables import Item, Place, SetAside


@dataclass(frozen=True, slots=True)
class Late:
    """Pieces of one article, place and service day; `names` are missing where no list has the code."""

    code: str
    names: Names | None
    day: date
    place: str
    place_name: str
    pieces: int


def waiting(session: Session) -> list[Late]:
    """What nobody has looked at yet, latest day first, by place and code."""
    rows: Iterable[tuple[SetAside, Place, Item | None]] = session.execute(
        select(SetAside, Place, Item)
        .join(Place, Place.id == SetAside.place_id)
        .outerjoin(Item, Item.code == SetAside.code)
        .order_by(SetAside.day.desc(), Place.id, SetAside.code)
    )
    return [
        Late(
            row.code,
            item.names if item is not None else None,
            row.day,
            place.code,
            place.name,
            row.pieces,
        )
        for row, place, item in rows
    ]


def anything_waits(session: Session) -> bool:
    return session.scalar(select(SetAside.day).limit(1)) is not None


def let_go(session: Session, *, code: str, day: date, place: str, pieces: int) -> None:
    """Somebody has looked at it. What came in since, so that it is another number, stays; done twice is done once."""
    seen: ColumnElement[bool] = and_(
        SetAside.code == code,
        SetAside.day == day,
        SetAside.place_id.in_(select(Place.id).where(Place.code == place)),
        SetAside.pieces == pieces,
    )
    session.execute(delete(SetAside).where(seen))
