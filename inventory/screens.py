"""What a place shows on its screen, in which order, and up to which level it is replenished."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue
from inventory.tables import HIDDEN, PlaceItem


def positions(session: Session, *, place_id: int) -> dict[int, int]:
    """The items that have a position of their own at a place: number -> position, `HIDDEN` for what is not shown."""
    wanted = select(PlaceItem.item_id, PlaceItem.position).where(
        PlaceItem.place_id == place_id, PlaceItem.position.is_not(None)
    )
    return {row.item_id: row.position for row in session.execute(wanted)}


def set_order(
    session: Session, *, place: str, shown: Sequence[str], hidden: Sequence[str] = ()
) -> None:
    """Items in the order of a place's screen, and those it hides; all others go where the lists have them.

    Levels stay. Raises NotOnTheLists.
    """
    place_id = catalogue.place(session, place).id
    wanted = {catalogue.item(session, code).id: n for n, code in enumerate(shown, 1)}
    wanted |= {catalogue.item(session, code).id: HIDDEN for code in hidden}
    rows = {
        row.item_id: row
        for row in session.scalars(select(PlaceItem).where(PlaceItem.place_id == place_id))
    }
    for item_id in wanted.keys() - rows.keys():
        rows[item_id] = PlaceItem(place_id=place_id, item_id=item_id)
        session.add(rows[item_id])
    for item_id, row in rows.items():
        row.position = wanted.get(item_id)
    session.flush()
