"""Pick lists: what a store brings to a place, read at both ends and booked once.

Whoever picks at the store reads each box (mode unload), whoever puts it away reads it again (mode load). What is booked
of an item is the larger of the two counts, so it does not matter which end reads first, or whether one end does not
read at all. What one end has read and the other has not is on its way: it waits for the other end also where the list
is over by then, or another has begun.
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

LASTS = timedelta(days=4)
"""How long after its day a list still counts: what is picked before a long weekend is put away after it, but a list
somebody forgot must not swallow what is carried next week."""


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
        """What neither end has read: what arrived has left the store, whoever did not read it there."""
        return max(0, self.wanted - max(self.picked, self.arrived))

    @property
    def to_arrive(self) -> int:
        return max(0, self.wanted - self.arrived)


def start(session: Session, *, round: Round, day: date) -> Pick:
    """A list of what a store is to bring now; one that was open between the two is over.

    What is on its way stays on its own list: the books of both ends have it, so the new list does not ask for it.
    """
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
    """The list is over: once its two ends meet, each read books by itself."""
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


@dataclass(frozen=True, slots=True)
class Way:
    """An item between two places, read at one end: where it arrives, or where it is picked."""

    from_id: int
    to_id: int
    item_id: int
    arrived: bool

    def read(self, line: PickLine) -> int:
        return line.arrived if self.arrived else line.picked

    def ahead(self, line: PickLine) -> int:
        """Pieces that this end has read and the other has not; negative where the other is ahead."""
        return line.arrived - line.picked if self.arrived else line.picked - line.arrived

    def add(self, line: PickLine, pieces: int) -> None:
        if self.arrived:
            line.arrived += pieces
        else:
            line.picked += pieces


def count(session: Session, way: Way, pieces: int, *, today: date) -> int | None:
    """Count pieces read at one end: how many are still to be booked. None where no list counts them.

    They are first what the other end has read already, the oldest list first; so of all lists between two places only
    one end is ever ahead, and the pieces booked are the larger of the two sums.
    """
    recent = _lines_between(session, way, today)
    counting = [line for line, is_open in recent if is_open or line.picked != line.arrived]
    if not counting:
        return None
    for line in reversed(counting):
        met = min(pieces, max(0, -way.ahead(line)))
        way.add(line, met)
        pieces -= met
    way.add(counting[0], pieces)
    session.flush()
    return pieces


def uncount(session: Session, way: Way, pieces: int, *, today: date) -> int | None:
    """Take counted pieces back: how many are no longer booked then. None where their list is too old.

    They are first what the other end has not read. The rest the other end has read: it stays booked, and waits for
    this end again.
    """
    lines = [line for line, _ in _lines_between(session, way, today)]
    if sum(map(way.read, lines)) < pieces:
        return None
    unbooked = 0
    for line in lines:
        alone = min(pieces - unbooked, max(0, way.ahead(line)))
        way.add(line, -alone)
        unbooked += alone
    left = pieces - unbooked
    for line in lines:
        met = min(left, way.read(line))
        way.add(line, -met)
        left -= met
    session.flush()
    return unbooked


def _lines_between(session: Session, way: Way, today: date) -> list[tuple[PickLine, bool]]:
    """The lines of an item on the lists between two places, latest first, and whether the list is open."""
    rows = session.execute(
        select(PickLine, Pick.is_open)
        .join(Pick, Pick.id == PickLine.pick_id)
        .where(
            Pick.from_id == way.from_id,
            Pick.to_id == way.to_id,
            Pick.day >= today - LASTS,
            PickLine.item_id == way.item_id,
        )
        .order_by(Pick.id.desc())
        .execution_options(populate_existing=True)
    )
    return [(line, is_open) for line, is_open in rows]
