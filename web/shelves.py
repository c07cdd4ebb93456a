"""What a counter shows to touch: the items of a place as pictures, in the order of its screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import photos, screens
from inventory.messages import Message, Names
from inventory.tables import HIDDEN, Item
from labels.house import Kind, house_code
from web import pictograms
from web.words import SHELVES


@dataclass(frozen=True, slots=True)
class Picture:
    """An item as a button: touching it is a read of its code. Its photograph's address, else a symbol."""

    item: str
    code: str
    names: Names
    symbol: str
    photo: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Pictures that stand together; `key` names it on the page."""

    key: str
    name: Message
    pictures: list[Picture]


def shelves(session: Session, place_id: int) -> list[Shelf]:
    """The pictures of a place: the order of its screen and of its tick sheet.

    Kits first, then as the lists have it; a place's own positions go before that, those of a shelf's first picture for
    the shelf as a whole. What the place hides is left out: it can still be scanned.
    """
    positions = screens.positions(session, place_id=place_id)
    shown = [one for one in _pictures(session, positions) if one[1].position != HIDDEN]
    on_shelves = [
        Shelf(families[0].value, name, sorted(pictures, key=_own_first))
        for name, families in SHELVES.items()
        if (pictures := [picture for family, picture in shown if family in families])
    ]
    return sorted(on_shelves, key=lambda shelf: _own_first(shelf.pictures[0]))


def hidden(session: Session, place_id: int) -> list[Picture]:
    """What a place has taken off its screen."""
    positions = screens.positions(session, place_id=place_id)
    return [one for _, one in _pictures(session, positions) if one.position == HIDDEN]


def _own_first(picture: Picture) -> tuple[bool, int]:
    # Sorting keeps the standard order among those without a position of their own.
    return picture.position is None, picture.position or 0


def _pictures(session: Session, positions: dict[int, int]) -> Iterable[tuple[str, Picture]]:
    """Every item with its family, in the order of the lists."""
    hashes = photos.hashes(session)
    for item in session.scalars(select(Item).order_by(Item.id)):
        yield (
            item.family,
            Picture(
                item.code,
                house_code(Kind.ITEM, item.id),
                item.names,
                pictograms.of(item),
                photo_address(item.code, hashes.get(item.id)),
                positions.get(item.id),
            ),
        )


def photo_address(item: str, content_hash: str | None) -> str | None:
    """Where a photograph is; it changes with what it shows, so that browsers may keep it."""
    return f"/photos/{quote(item, safe='')}?v={content_hash}" if content_hash else None
