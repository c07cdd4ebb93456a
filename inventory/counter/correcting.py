"""A shift's channel or site was wrong: corrected for all of it in one act, while it is open or afterwards.

The ledger is append-only, so what a closed shift handed out is taken back and handed out again by further moves of the
same shift and day, without a time. Passages, contacts and returns belong to the shift and go with it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from inventory import catalogue
from inventory.counter import joining
from inventory.errors import NotAllowed
from inventory.ledger import lock
from inventory.messages import Message
from inventory.tables import Item, Lot, Move, Place, Shift, UnknownCode
from inventory.unknown import keep_unknown
from inventory.words import HANDED_OUT, PlaceKind, Reason


@dataclass(frozen=True, slots=True)
class Where:
    """What a shift is counted under: its channel, and the code of its site."""

    channel: str
    site: str


def where(session: Session, shift: Shift) -> Where:
    return Where(shift.channel, shift.site.code)


def channels(session: Session) -> list[str]:
    """The channels there are: those of the places, and those that shifts are counted under already."""
    of_places = session.scalars(select(Place.channel).distinct())
    of_shifts = session.scalars(select(Shift.channel).distinct())
    return sorted({*of_places, *of_shifts} - {""})


def sites(session: Session, *, place_id: int) -> list[Place]:
    """Where a shift of a place can have been: there, or at one of the places that hold nothing."""
    wanted = or_(Place.id == place_id, Place.kind == PlaceKind.HOTSPOT)
    return list(
        session.scalars(select(Place).where(wanted).order_by(Place.id != place_id, Place.id))
    )


def correct(session: Session, *, shift_id: int, seen: Where, wanted: Where) -> bool:
    """Count a shift under another channel or site. False, and nothing changes, where it is already.

    `seen` is what whoever corrects saw: where somebody else has corrected it to something else since, NotAllowed.
    NotAllowed too for a channel or a site the lists do not have; NotOnTheLists for an unknown place.
    """
    place_id = session.get_one(Shift, shift_id).place_id
    lock(session, (place_id,))
    shift = session.get_one(Shift, shift_id, populate_existing=True)
    now = where(session, shift)
    if now == wanted:
        return False
    if shift.taken_back:
        raise NotAllowed(Message("This sheet was taken back: there is nothing to correct."))
    if now != seen:
        raise NotAllowed(
            Message(
                "Somebody has corrected this shift meanwhile: it now counts under “%(channel)s”, %(site)s.",
                channel=now.channel,
                site=shift.site.name,
            )
        )
    site = catalogue.place(session, wanted.site)
    if wanted.channel not in channels(session) or site not in sites(session, place_id=place_id):
        raise NotAllowed(Message("A shift cannot be counted under this channel or at this site."))
    if shift.station_id is None:
        _hand_out_again(session, shift, wanted.channel, site.id)
        _take_along_unknown(session, shift, wanted.channel)
    channel, site_id = shift.channel, shift.site_id
    shift.channel, shift.site_id = wanted.channel, site.id
    session.flush()
    joining.follow(session, closed=shift, channel=channel, site_id=site_id)
    return True


class Stands(NamedTuple):
    """What stands as handed out, corrections deducted, in the order of the lists."""

    item: str
    lot: str
    item_id: int
    lot_id: int
    place_id: int
    channel: str
    site_id: int


def _hand_out_again(session: Session, shift: Shift, channel: str, site_id: int) -> None:
    for one, pieces in sorted(standing(session, shift).items()):
        if pieces <= 0 or (one.channel, one.site_id) == (channel, site_id):
            continue
        same = {
            "item_id": one.item_id,
            "lot_id": one.lot_id,
            "pieces": pieces,
            "day": shift.day,
            "project": shift.project,
            "shift_id": shift.id,
        }
        back = Move(
            from_id=HANDED_OUT,
            to_id=one.place_id,
            reason=Reason.CORRECTION,
            channel=one.channel,
            site_id=one.site_id,
            **same,
        )
        again = Move(
            from_id=one.place_id,
            to_id=HANDED_OUT,
            reason=Reason.HAND_OUT,
            channel=channel,
            site_id=site_id,
            **same,
        )
        # Flushed one by one, so that on every database the moves stand in this order. No balance changes.
        for move in (back, again):
            session.add(move)
            session.flush()


def standing(session: Session, shift: Shift) -> dict[Stands, int]:
    """Pieces of a closed shift that count as handed out, corrections deducted."""
    totals: dict[Stands, int] = defaultdict(int)
    out, back = Move.to_id == HANDED_OUT, Move.from_id == HANDED_OUT
    what = (Move.item_id, Move.lot_id, Move.channel, Move.site_id)
    for place, which, sign in ((Move.from_id, out, 1), (Move.to_id, back, -1)):
        rows = session.execute(
            select(Item.code, Lot.code, *what, place, func.sum(Move.pieces))
            .join(Item, Item.id == Move.item_id)
            .join(Lot, Lot.id == Move.lot_id)
            .where(Move.shift_id == shift.id, which)
            .where(Move.reason.in_((Reason.HAND_OUT, Reason.CORRECTION)))
            .group_by(Item.code, Lot.code, *what, place)
        )
        for item, lot, item_id, lot_id, channel, site_id, place_id, pieces in rows:
            key = Stands(
                item, lot, item_id, lot_id, place_id, channel or "", site_id or shift.site_id
            )
            totals[key] += sign * int(pieces)
    return totals


def _take_along_unknown(session: Session, shift: Shift, channel: str) -> None:
    """Codes no list has are counted by day, place and channel: they go along where no other shift shares them."""
    alike = [
        Shift.day == shift.day,
        Shift.place_id == shift.place_id,
        Shift.channel == shift.channel,
        Shift.taken_back.is_(False),
    ]
    if shift.channel == channel or session.scalar(select(func.count(Shift.id)).where(*alike)) != 1:
        return
    rows = session.scalars(
        select(UnknownCode)
        .where(
            UnknownCode.day == shift.day,
            UnknownCode.place_id == shift.place_id,
            UnknownCode.channel == shift.channel,
        )
        .order_by(UnknownCode.gtin)
    ).all()
    counted = [(row.gtin, row.pieces) for row in rows]
    for row in rows:
        session.delete(row)
    session.flush()
    shift.channel = channel
    for gtin, pieces in counted:
        keep_unknown(session, gtin=gtin, shift=shift, pieces=pieces)
