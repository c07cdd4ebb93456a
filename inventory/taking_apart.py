"""Kits become components again: taken apart, or taken back because they were counted and never made.

Kits that a recount found beyond the books took what was short of their components from `unaccounted`, and those moves
bear the number of their assembly. What comes out of such kits goes back there first: the books are then as if fewer
kits had been counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import ColumnElement, case, func, or_, select, text
from sqlalchemy.orm import Session

from inventory import ledger
from inventory.errors import NotAllowed
from inventory.fefo import FIRST_EXPIRED, Available, Taken, allocate
from inventory.kits import Component, component
from inventory.messages import Counted, Message
from inventory.tables import Assembly, Balance, Lot, Move, Place, RecipeLine
from inventory.words import ASSEMBLY, UNACCOUNTED, Reason


@dataclass(frozen=True, slots=True)
class TakenApart:
    kits: int
    components: list[Component]
    """What is stock again."""
    settled: list[Component]
    """What the books never had, and is owed no more."""


def take_apart(
    session: Session,
    *,
    lot_id: int,
    count: int,
    place: Place,
    day: date,
    booking_id: bytes | None = None,
) -> TakenApart:
    """Undo `count` kits of a lot assembled here: its components are at `place` again, in their own lots, but for those
    that `unaccounted` is still owed for them.

    Kits of one lot may hold different lots of a component, and nobody noted which kit holds which. Those that expire
    first are taken to come back first: the books then never show a piece as lasting longer than it may.

    Raises NotEnoughStock where the place does not hold the kits, NotAllowed for kits that were not made here.
    """
    if count <= 0:
        raise NotAllowed(Message("Kits are made and taken apart in positive numbers."))
    lot, assembly = _take_turns(session, place, lot_id)
    ledger.take(session, place=place, item=lot.item, pieces=count, lot_id=lot_id)
    back, owed = _coming_out(session, assembly, lot, count)
    post = partial(ledger.post, session, day=day, booking_id=booking_id, timed=False)
    for item_id, lot_id, pieces, from_id, to_id, reason in _moves(lot, count, place, back, owed):
        post(
            item_id=item_id,
            lot_id=lot_id,
            pieces=pieces,
            from_id=from_id,
            to_id=to_id,
            reason=reason,
            assembly_id=assembly.id,
        )
    session.flush()
    return TakenApart(count, back, owed)


def _moves(
    lot: Lot, count: int, place: Place, back: Sequence[Component], owed: Sequence[Component]
) -> Iterator[tuple[int, int, int, int, int, Reason]]:
    """Item, lot, pieces, from, to, reason: kits go in, components come out, and what is owed goes on."""
    yield lot.item_id, lot.id, count, place.id, ASSEMBLY, Reason.DISASSEMBLY
    for part in [*owed, *back]:
        yield (
            *(part.item_id, part.lot_id, part.pieces),
            *(ASSEMBLY, place.id, Reason.DISASSEMBLY),
        )
    for part in owed:
        yield (
            *(part.item_id, part.lot_id, part.pieces),
            *(place.id, UNACCOUNTED, Reason.CORRECTION),
        )


def _take_turns(session: Session, place: Place, lot_id: int) -> tuple[Lot, Assembly]:
    """Wait for all who change what is inside these kits, or owed for them: always the places first, then the assembly,
    then the items. Only what is read after it holds.

    Kits of one assembly may lie at several places, and several assemblies may be owed the same item.
    """
    ledger.lock(session, (place.id,))
    lot, assembly = _made_here(session, lot_id)
    items = (
        select(Move.item_id)
        .where(Move.assembly_id == assembly.id, _at(UNACCOUNTED))
        .distinct()
        .order_by(Move.item_id)
    )
    for item_id in session.scalars(items).all():
        ledger.lock_item(session, item_id)
    return lot, assembly


def _made_here(session: Session, lot_id: int) -> tuple[Lot, Assembly]:
    """A lot and its assembly, which others may refer to but not take apart until the end of the transaction."""
    lot = session.get_one(Lot, lot_id)
    assembly = session.scalar(
        select(Assembly).where(Assembly.lot_id == lot_id).with_for_update(key_share=True)
    )
    if assembly is None:
        raise NotAllowed(
            Message(
                "Lot %(lot)s was not assembled here: nobody knows the lots inside. "
                "Count the kits and what was in them instead.",
                lot=lot.code,
            )
        )
    return lot, assembly


def _coming_out(
    session: Session, assembly: Assembly, lot: Lot, count: int
) -> tuple[list[Component], list[Component]]:
    """The components of `count` kits, out of what is still inside: those that are stock again, and those still owed."""
    left, inside = _inside(session, assembly)
    if count > left:  # a count found more kits of this lot than were ever made
        raise NotAllowed(
            Counted(
                "Only %(count)d kit of lot %(lot)s was made and not taken apart.",
                "Only %(count)d kits of lot %(lot)s were made and not taken apart.",
                count=left,
                lot=lot.code,
            )
        )
    owed = _owed(session, assembly)
    back: list[Component] = []
    settled: list[Component] = []
    for line in assembly.recipe.lines:
        short, others = _apart(inside[line.item_id], owed.get(line.item_id))
        first, rest = allocate(short, line.pieces * count)
        then, _ = allocate(others, rest)
        of_line = partial(component, session, line.item)
        settled += [of_line(part.lot_id, part.pieces) for part in first]
        back += [of_line(part.lot_id, part.pieces) for part in then]
    return back, settled


def _inside(session: Session, assembly: Assembly) -> tuple[int, dict[int, list[Available]]]:
    """Kits made and not taken apart, and by item what is inside them, first expired first."""
    inside: dict[int, list[Available]] = {}
    left = 0
    into = case((Move.to_id == ASSEMBLY, Move.pieces), else_=-Move.pieces)
    rows = session.execute(
        select(Move.item_id, Move.lot_id, Lot.expires, func.sum(into))
        .join(Lot, Lot.id == Move.lot_id)
        .where(Move.assembly_id == assembly.id, _at(ASSEMBLY))
        .group_by(Move.item_id, Move.lot_id, Lot.expires, Lot.code)
        .order_by(text(FIRST_EXPIRED))
    )
    for item_id, lot_id, expires, pieces in rows:
        if lot_id == assembly.lot_id:
            left = -int(pieces)
        else:
            inside.setdefault(item_id, []).append(Available(lot_id, expires, int(pieces)))
    return left, inside


def _at(place_id: int) -> ColumnElement[bool]:
    return or_(Move.to_id == place_id, Move.from_id == place_id)


_SHORT = func.sum(case((Move.from_id == UNACCOUNTED, Move.pieces), else_=-Move.pieces))
"""Of moves of an assembly that end in `unaccounted`: what is still owed."""


def _owed(session: Session, assembly: Assembly) -> dict[int, Taken]:
    """By item, the lot and pieces that its kits took from `unaccounted`; never more than is open of the item by now."""
    rows = session.execute(
        select(Move.item_id, Move.lot_id, _SHORT)
        .where(Move.assembly_id == assembly.id, _at(UNACCOUNTED))
        .group_by(Move.item_id, Move.lot_id)
        .having(_SHORT > 0)
    ).all()
    owed = {}
    for item_id, lot_id, pieces in rows:
        still = max(0, ledger.shortfall(session, item_id=item_id))
        owed[item_id] = Taken(lot_id, min(int(pieces), still))
    return owed


def _apart(
    inside: Iterable[Available], owed: Taken | None
) -> tuple[list[Available], list[Available]]:
    """What is inside as what is owed, and the others."""
    short, others = [], []
    for lot in inside:
        pieces = min(owed.pieces, lot.pieces) if owed and owed.lot_id == lot.lot_id else 0
        short.append(Available(lot.lot_id, lot.expires, pieces))
        others.append(Available(lot.lot_id, lot.expires, lot.pieces - pieces))
    return short, others


# Kits that the books could not have made


@dataclass(frozen=True, slots=True)
class Beyond:
    """Kits that were counted though the books have too little of which they could be made."""

    lot: Lot
    place: Place
    """Where they were counted."""
    kits: int
    """Of which nothing in the books says how; those that have left `place` since are no longer told."""
    counted_away: int
    """Among them, those that a later count did not find there: they are in `unaccounted`."""


def beyond_the_books(session: Session, *, lot_id: int | None = None) -> list[Beyond]:
    """Kits of every lot, or of one, that were counted beyond the books and lie where they were counted; in the order of
    the lists. What was settled otherwise is no longer beyond."""
    short = _short_of(session, lot_id)
    found = []
    for assembly, place, kits in short:
        lot = session.get_one(Lot, assembly.lot_id)
        away = max(0, _balance(session, UNACCOUNTED, lot))
        left, _ = _inside(session, assembly)
        kits = min(kits, left, _balance(session, place.id, lot) + away)
        if kits > 0:
            found.append(Beyond(lot, place, kits, min(away, kits)))
    return found


def _short_of(session: Session, lot_id: int | None) -> list[tuple[Assembly, Place, int]]:
    """Assemblies with a component that is still owed, where, and how many kits have some of it."""
    still = dict(
        session.execute(
            select(Balance.item_id, -func.sum(Balance.pieces))
            .where(Balance.place_id == UNACCOUNTED)
            .group_by(Balance.item_id)
            .having(func.sum(Balance.pieces) < 0)
        ).all()
    )
    at_place = func.max(case((Move.reason == Reason.SHORTFALL, Move.to_id)))
    query = (
        select(Assembly.id, at_place, Move.item_id, RecipeLine.pieces, _SHORT)
        .join(Move, Move.assembly_id == Assembly.id)
        .join(RecipeLine, _is_its_line)
        .join(Lot, Lot.id == Assembly.lot_id)
        .where(Move.assembly_id.is_not(None), _at(UNACCOUNTED), Move.item_id.in_(still))
        .group_by(Assembly.id, Lot.item_id, Lot.code, Move.item_id, RecipeLine.pieces)
        .having(_SHORT > 0)
        .order_by(Lot.item_id, Lot.code)
    )
    if lot_id is not None:
        query = query.where(Assembly.lot_id == lot_id)
    kits: dict[tuple[int, int], int] = {}
    for assembly_id, place_id, item_id, each, pieces in session.execute(query):
        owed = min(int(pieces), int(still[item_id]))
        key = (assembly_id, place_id)
        kits[key] = max(kits.get(key, 0), -(-owed // each))  # a kit that has one of it has it
    return [
        (session.get_one(Assembly, assembly_id), session.get_one(Place, place_id), count)
        for (assembly_id, place_id), count in kits.items()
    ]


_is_its_line = (RecipeLine.recipe_id == Assembly.recipe_id) & (RecipeLine.item_id == Move.item_id)


def _balance(session: Session, place_id: int, lot: Lot) -> int:
    where = (Balance.place_id == place_id, Balance.item_id == lot.item_id, Balance.lot_id == lot.id)
    return session.scalar(select(Balance.pieces).where(*where)) or 0


def take_back(
    session: Session, *, lot_id: int, count: int, day: date, booking_id: bytes | None = None
) -> TakenApart:
    """Undo the count of `count` kits of a lot that were beyond the books: they were never there.

    A later count that did not find them is undone with it. Raises NotAllowed where fewer are beyond the books by now.
    """
    found = next(iter(beyond_the_books(session, lot_id=lot_id)), None)
    if found is not None:
        _take_turns(session, found.place, lot_id)
        found = next(iter(beyond_the_books(session, lot_id=lot_id)), None)
    if found is None or not 0 < count <= found.kits:
        raise NotAllowed(Message("Fewer kits are beyond the books by now. Look again at the kits."))
    away = min(count, found.counted_away)
    if away:
        ledger.post(
            session,
            item_id=found.lot.item_id,
            lot_id=lot_id,
            pieces=away,
            from_id=UNACCOUNTED,
            to_id=found.place.id,
            reason=Reason.CORRECTION,
            day=day,
            booking_id=booking_id,
            timed=False,
        )
        session.flush()
    return take_apart(
        session, lot_id=lot_id, count=count, place=found.place, day=day, booking_id=booking_id
    )
