"""What a counter shows to touch: the items of a place as pictures, in the order of its screen."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.messages import Message, Names
from inventory.tables import Item
from labels.house import Kind, house_code
from web import pictograms
from web.words import SHELVES


@dataclass(frozen=True, slots=True)
class Picture:
    """An item as a button: touching it is a read of its code."""

    item: str
    code: str
    names: Names
    symbol: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Pictures that stand together; `key` names it on the page."""

    key: str
    name: Message
    pictures: list[Picture]


def shelves(session: Session, place_id: int) -> list[Shelf]:
    """Every item as a picture, kits first: the order of the screen and of the tick sheet of a place."""
    items = session.scalars(select(Item).order_by(Item.id)).all()
    return [
        Shelf(families[0].value, name, pictures)
        for name, families in SHELVES.items()
        if (pictures := [_picture(item) for item in items if item.family in families])
    ]


def _picture(item: Item) -> Picture:
    return Picture(item.code, house_code(Kind.ITEM, item.id), item.names, pictograms.of(item))
