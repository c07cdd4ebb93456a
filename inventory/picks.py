"""Pick lists: what a store brings to a place, read at both ends and booked once.

Whoever picks at the store reads each box (mode unload), whoever puts it away reads it again (mode load). What is booked
of an item is the larger of the two counts, so it does not matter which end reads first, or whether one end does not
read at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inventory import ledger
from inventory.messages import Names
from inventory.replenish import Round
from inventory.tables import Item, Pick, PickLine

LASTS = timedelta(days=1)
"""How long after its day a list still counts: a list somebody forgot must not swallow what is carried next week."""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a pick list."""

    item: str
    names: Names
    wanted: int
    picked: int
    arrived: int

    @property
    def to_pick(self) -> int:
        return max(0, self.wanted - self.picked)

    @property
    def to_arrive(self) -> int:
        return max(0, self.wanted - self.arrived)


def start(session: Session, *, round: Round, day: date) -> Pick:
    """A list of what a store is to bring now; one that was open between the two is over."""
    ledger.lock(session, (round.store.id, round.place.id))
    between = (Pick.from_id == round.store.id, Pick.to_id == round.place.id)
    session.execute(update(Pick).where(*between, Pick.is_open).values(is_open=False))
    pick = Pick(from_id=round.store.id, to_id=round.place.id, day=day)
    session.add(pick)
    session.flush()
    for line in round.lines:
        row = PickLine(pick_id=pick.id, item_id=line.low.item_id, wanted=line.pieces)
        session.add(row)
    session.flush()
    return pick


def finish(session: Session, *, pick: Pick) -> None:
    """The list is over: what is carried from now on is booked by each read."""
    ledger.lock(session, (pick.from_id, pick.to_id))
    pick.is_open = False
    session.flush()


def open_picks(session: Session, *, today: date) -> list[Pick]:
    """The lists that reads still count on, latest first."""
    wanted = select(Pick).where(Pick.is_open, Pick.day >= today - LASTS)
    return list(session.scalars(wanted.order_by(Pick.id.desc())))


def lines(session: Session, *, pick: Pick) -> list[Line]:
    """The list as it stands, in the order of the lists."""
    rows = session.execute(
        select(Item, PickLine)
        .join(PickLine, PickLine.item_id == Item.id)
        .where(PickLine.pick_id == pick.id)
        .order_by(Item.id)
    )
    return [
        Line(item.code, item.names, line.wanted, line.picked, line.arrived) for item, line in rows
    ]


# What reads do to a list. The caller has both places locked.


def line_between(
    session: Session, *, from_id: int, to_id: int, item_id: int, today: date
) -> PickLine | None:
    """The line of an item on the list that is open between two places."""
    return session.scalar(
        select(PickLine)
        .join(Pick, Pick.id == PickLine.pick_id)
        .where(
            Pick.from_id == from_id,
            Pick.to_id == to_id,
            Pick.is_open,
            Pick.day >= today - LASTS,
            PickLine.item_id == item_id,
        )
        .execution_options(populate_existing=True)
    )


def count(session: Session, line: PickLine, pieces: int, *, arrived: bool) -> int:
    """Count pieces read at one end (negative: taken back): by how many the pieces to be booked change."""
    before = max(line.picked, line.arrived)
    if arrived:
        line.arrived = max(0, line.arrived + pieces)
    else:
        line.picked = max(0, line.picked + pieces)
    session.flush()
    return max(line.picked, line.arrived) - before
