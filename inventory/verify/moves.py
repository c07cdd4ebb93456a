"""Moves and balances: the ledger is summed up once by item, lot, places and reason, and the sums are judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import func, null, select
from sqlalchemy.orm import Session

from inventory.bookings import undoing
from inventory.errors import NotAllowed
from inventory.ledger import transfer_reason
from inventory.messages import Message
from inventory.tables import Balance, Hold, Move
from inventory.verify.report import Fault, Lists
from inventory.words import ASSEMBLY, HANDED_OUT, LOSSES, PlaceKind, Reason


class Flow(NamedTuple):
    """All moves alike, or all the journal holds alike (these have no reason yet)."""

    item_id: int
    lot_id: int
    from_id: int
    to_id: int
    reason: str | None
    rows: int
    pieces: int
    fewest: int
    """The pieces of the smallest of them."""
    timed: int = 0
    """How many have a time, a channel, a site, an assembly."""
    with_channel: int = 0
    with_site: int = 0
    with_assembly: int = 0


def moved(session: Session) -> list[Flow]:
    what = (Move.item_id, Move.lot_id, Move.from_id, Move.to_id, Move.reason)
    known = (Move.recorded_at, Move.channel, Move.site_id, Move.assembly_id)
    rows = session.execute(
        select(*what, *_sums(Move), *(func.count(column) for column in known)).group_by(*what)
    )
    return [Flow._make(row)._replace(pieces=int(row.pieces)) for row in rows]


def held(session: Session) -> list[Flow]:
    what = (Hold.item_id, Hold.lot_id, Hold.from_id, Hold.to_id)
    rows = session.execute(select(*what, null(), *_sums(Hold)).group_by(*what))
    return [Flow._make((*row, 0, 0, 0, 0))._replace(pieces=int(row.pieces)) for row in rows]


def _sums(table: Any) -> tuple[Any, ...]:
    return func.count(), func.sum(table.pieces).label("pieces"), func.min(table.pieces)


# Balances


def balance_faults(session: Session, lists: Lists, flows: Iterable[Flow]) -> Iterator[Fault]:
    """Every balance equals what came in minus what went out, moves and open shifts together."""
    expected: dict[tuple[int, int, int], int] = defaultdict(int)
    for flow in flows:
        expected[flow.to_id, flow.item_id, flow.lot_id] += flow.pieces
        expected[flow.from_id, flow.item_id, flow.lot_id] -= flow.pieces
    rows = session.execute(
        select(Balance.place_id, Balance.item_id, Balance.lot_id, Balance.pieces)
    )
    kept = {(place_id, item_id, lot_id): pieces for place_id, item_id, lot_id, pieces in rows}
    for key in sorted({*expected, *kept}):
        place_id, item_id, lot_id = key
        pieces = kept.get(key, 0)
        where = {
            "place": lists.place(place_id),
            "item": lists.item(item_id),
            "lot": lists.lot(lot_id),
        }
        owed = expected.get(key, 0) if lists.keeps_balance(place_id) else 0
        if pieces != owed:
            message = Message(
                "%(place)s, %(item)s, lot “%(lot)s”: %(balance)d are on hand, "
                "the moves and open shifts say %(moves)d.",
                balance=pieces,
                moves=owed,
                **where,
            )
            yield Fault("balance_differs", message)
        if pieces < 0 and lists.is_real(place_id):
            message = Message(
                "%(place)s, %(item)s, lot “%(lot)s”: %(balance)d are on hand, below zero.",
                balance=pieces,
                **where,
            )
            yield Fault("below_zero", message)


# Moves


def move_faults(lists: Lists, flow: Flow) -> Iterator[Fault]:
    """A move takes a positive number of pieces of one item and its lot between two places that it may."""
    if flow.fewest <= 0:
        yield _fault("move_pieces", Message("not a positive number of pieces"), lists, flow)
    if not _lot_fits(lists, flow):
        yield _fault("move_lot", Message("the lot is not one of this article"), lists, flow)
    if not _may_move(lists, flow):
        yield _fault("move_places", Message("nothing moves between these places so"), lists, flow)
    if flow.reason in _OF_PEOPLE and flow.timed:
        yield _fault("hand_out_time", Message("what is handed out has no time"), lists, flow)
    if ASSEMBLY in (flow.from_id, flow.to_id) and flow.timed:
        yield _fault(
            "assembly_time", Message("what is assembled or taken apart has no time"), lists, flow
        )
    if flow.to_id == HANDED_OUT and min(flow.with_channel, flow.with_site) < flow.rows:
        yield _fault(
            "hand_out_channel", Message("a hand-out has a channel and a site"), lists, flow
        )
    if ASSEMBLY in (flow.from_id, flow.to_id) and flow.with_assembly < flow.rows:
        yield _fault("move_assembly", Message("no assembly that it belongs to"), lists, flow)


def hold_faults(lists: Lists, flow: Flow) -> Iterator[Fault]:
    """A hold of an open shift becomes a move: it obeys the same rules, though it may be down to no pieces."""
    if flow.fewest < 0:
        yield _fault("hold_pieces", Message("below zero in an open shift"), lists, flow)
    if not _lot_fits(lists, flow):
        yield _fault(
            "hold_lot", Message("the lot in an open shift is not one of this article"), lists, flow
        )
    if not _may_move(lists, flow):
        yield _fault(
            "hold_places", Message("no open shift moves between these places"), lists, flow
        )


def _lot_fits(lists: Lists, flow: Flow) -> bool:
    return flow.lot_id in lists.lots and lists.lots[flow.lot_id].item_id == flow.item_id


def _may_move(lists: Lists, flow: Flow) -> bool:
    source, target = lists.kind(flow.from_id), lists.kind(flow.to_id)
    if source is None or target is None or flow.from_id == flow.to_id:
        return False
    reasons = allowed_reasons(source, target)
    return bool(reasons & _HELD) if flow.reason is None else flow.reason in reasons


_OF_PEOPLE = {Reason.HAND_OUT, Reason.SHORTFALL, Reason.BROUGHT_BACK}
"""What has no time: it would say when somebody was there."""

_HELD = {*_OF_PEOPLE, Reason.TRANSFER, Reason.RECEIPT}
"""What the reads of an open shift can do."""


def allowed_reasons(source: PlaceKind, target: PlaceKind) -> set[Reason]:
    """Why pieces may go from one kind of place to another."""
    far_end = {source, target} - {kind for kind in PlaceKind if kind.holds_stock}
    if len(far_end) == 1 and source is not target:
        if far_end == {PlaceKind.ASSEMBLY}:
            return {Reason.ASSEMBLY, Reason.DISASSEMBLY}
        if far_end == {PlaceKind.HANDED_OUT}:
            if target is PlaceKind.QUARANTINE:
                return {Reason.BROUGHT_BACK}
            return {Reason.HAND_OUT if target in far_end else Reason.CORRECTION}
    try:
        reasons = {transfer_reason(source, target)}
    except NotAllowed:
        reasons = set()
    if source is PlaceKind.UNACCOUNTED:
        reasons.add(Reason.SHORTFALL)
    if far_end == {PlaceKind.UNACCOUNTED}:
        reasons.add(Reason.COUNT)
    if source.holds_stock:
        reasons |= {reason for reason, kind in LOSSES.items() if kind is target}
    return reasons | _undone(source, target)


def _undone(source: PlaceKind, target: PlaceKind) -> set[Reason]:
    """What a desk booked between these places the other way round, taken back."""
    try:
        done = transfer_reason(target, source)
    except NotAllowed:
        return set()
    return {undoing(done)}


def _fault(code: str, what: Message, lists: Lists, flow: Flow) -> Fault:
    return Fault(
        code,
        Message(
            "%(item)s, lot “%(lot)s”, from %(source)s to %(target)s (%(reason)s): %(what)s.",
            item=lists.item(flow.item_id),
            lot=lists.lot(flow.lot_id),
            source=lists.place(flow.from_id),
            target=lists.place(flow.to_id),
            reason=flow.reason or "-",
            what=what,
        ),
    )
