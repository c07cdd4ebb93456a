"""Photographs of items: one each, as it was prepared by whoever took it in."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory import catalogue
from inventory.tables import Item, ItemPhoto


def put(session: Session, *, item: str, image: bytes) -> ItemPhoto:
    """Make `image` the photograph of an item. Raises NotOnTheLists."""
    item_id = catalogue.item(session, item).id
    photo = session.get(ItemPhoto, item_id) or ItemPhoto(item_id=item_id)
    photo.hash, photo.image = hashlib.sha256(image).hexdigest()[:16], image
    session.add(photo)
    session.flush()
    return photo


def remove(session: Session, *, item: str) -> None:
    """An item without a photograph is shown as a pictogram. Raises NotOnTheLists."""
    item_id = catalogue.item(session, item).id
    session.execute(delete(ItemPhoto).where(ItemPhoto.item_id == item_id))


def of(session: Session, *, item: str) -> ItemPhoto | None:
    """The photograph of an item, if there is one; None for an item nobody knows too."""
    wanted = select(ItemPhoto).join(Item, Item.id == ItemPhoto.item_id).where(Item.code == item)
    return session.scalar(wanted)


def hashes(session: Session) -> dict[int, str]:
    """Items that have a photograph: number -> hash. Reads no image."""
    rows = session.execute(select(ItemPhoto.item_id, ItemPhoto.hash))
    return {row.item_id: row.hash for row in rows}
