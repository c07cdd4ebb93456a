"""What a desk books beside transfers: loans, donations, losses, quarantine; and what is to be brought where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import click
from sqlalchemy.orm import Session

from inventory import bookings, catalogue, days
from inventory import desk as services
from inventory import loans as lending
from inventory import replenish as replenishing
from inventory.errors import NotAllowed
from inventory.messages import Message, Names
from inventory.tables import Booking, Item, Lot, Move, Place
from inventory.words import BORROWED, LOSSES, Family, PlaceKind, Reason
from web.cli.common import (
    DAY,
    as_json,
    command,
    print_json,
    print_table,
    reading,
    shown_lot,
    tell,
    writing,
)

PIECES = click.IntRange(1, 1_000_000)

_item = click.option("--item", required=True)
_pieces = click.option("--pieces", required=True, type=PIECES)
_lot = click.option("--lot", help="First expired first unless a lot is named.")
_its_lot = click.option("--lot", help="As on the box; without it, dated pieces are of lot unknown.")
_expires = click.option("--expires", type=DAY, help="Of the lot.")


def _book(book: Callable[[Session, Booking], list[Move]], as_json: bool) -> None:
    """Book, and say the moves with the number that `comptoir undo` takes back."""
    number = uuid4()
    with writing() as session:
        booking = bookings.begin(session, number=number, content="", day=days.today())
        assert booking is not None
        rows = [_row(session, move) for move in book(session, booking) if _is_told(move)]
    _tell({"booking": str(number), "moves": rows}, rows, as_json)
    if not as_json:
        click.echo(tell(Message("To take it back: %(call)s", call=f"comptoir undo {number}")))


def _is_told(move: Move) -> bool:
    """Borrowed pieces come by way of the partner's own stock: that leg says nothing to people."""
    return BORROWED not in (move.from_id, move.to_id)


def _row(session: Session, move: Move) -> dict[str, Any]:
    return {
        "item": session.get_one(Item, move.item_id).code,
        "lot": shown_lot(session.get_one(Lot, move.lot_id).code),
        "pieces": move.pieces,
        "from": session.get_one(Place, move.from_id).code,
        "to": session.get_one(Place, move.to_id).code,
    }


def _tell(data: Any, rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(data)
    elif rows:
        print_table([*rows[0]], [[*row.values()] for row in rows])


# Loans


@click.command("lend")
@click.option("--to", "partner", required=True, metavar="PARTNER")
@click.option("--from", "source", required=True, metavar="PLACE")
@_item
@_pieces
@_lot
@as_json
@command
def lend(partner: str, source: str, item: str, pieces: int, lot: str | None, as_json: bool) -> None:
    """Lend material to a partner organisation.

    \b
    Example: comptoir lend --to TRANSIT --from RESERVE --item SER1 --pieces 200
    """
    _book(
        lambda session, booking: lending.lend(
            session,
            partner=catalogue.place(session, partner),
            from_place=catalogue.place(session, source),
            item=catalogue.item(session, item),
            pieces=pieces,
            lot=lot,
            day=booking.day,
            booking_id=booking.id,
        ),
        as_json,
    )


@click.command("borrow")
@click.option("--from", "partner", required=True, metavar="PARTNER")
@click.option("--to", "target", required=True, metavar="PLACE")
@_item
@_pieces
@_its_lot
@_expires
@as_json
@command
def borrow(
    partner: str,
    target: str,
    item: str,
    pieces: int,
    lot: str | None,
    expires: date | None,
    as_json: bool,
) -> None:
    """Borrow material from a partner organisation: we owe it as many pieces.

    \b
    Example: comptoir borrow --from TRANSIT --to CLIP --item SER1 --pieces 60
    """
    _needs_lot(lot, expires)
    _book(
        lambda session, booking: lending.borrow(
            session,
            partner=catalogue.place(session, partner),
            to_place=catalogue.place(session, target),
            item=catalogue.item(session, item),
            pieces=pieces,
            lot=lot,
            expires=expires,
            day=booking.day,
            booking_id=booking.id,
        ),
        as_json,
    )


@click.command("give-back")
@click.option("--from", "source", required=True, metavar="PLACE")
@click.option("--to", "target", required=True, metavar="PLACE")
@_item
@_pieces
@_lot
@click.option("--expires", type=DAY, help="Of a lot that a partner gives back instead of ours.")
@as_json
@command
def give_back(
    source: str,
    target: str,
    item: str,
    pieces: int,
    lot: str | None,
    expires: date | None,
    as_json: bool,
) -> None:
    """Give back what was borrowed, either way: whichever end is the partner says who gives.

    \b
    Example: comptoir give-back --from RESERVE --to TRANSIT --item SER1 --pieces 60
    """
    _needs_lot(lot, expires)

    def book(session: Session, booking: Booking) -> list[Move]:
        here, there = catalogue.place(session, source), catalogue.place(session, target)
        what = catalogue.item(session, item)
        if here.kind == PlaceKind.PARTNER:
            return lending.take_back(
                session,
                partner=here,
                to_place=there,
                item=what,
                pieces=pieces,
                lot=lot,
                expires=expires,
                day=booking.day,
                booking_id=booking.id,
            )
        if expires is not None:
            raise NotAllowed(Message("Only what comes in may need an expiry."))
        return lending.give_back(
            session,
            partner=there,
            from_place=here,
            item=what,
            pieces=pieces,
            lot=lot,
            day=booking.day,
            booking_id=booking.id,
        )

    _book(book, as_json)


@click.command("loans")
@as_json
@command
def loans(as_json: bool) -> None:
    """What each partner still has of ours, and what we still owe.

    \b
    Example: comptoir loans
    """
    with reading() as session:
        rows = [
            {
                "partner": loan.partner,
                "item": loan.item,
                "theirs_to_give_back": loan.theirs_to_give_back,
                "ours_to_give_back": loan.ours_to_give_back,
            }
            for loan in lending.loans(session)
        ]
    _tell({"loans": rows}, rows, as_json)


def _needs_lot(lot: str | None, expires: date | None) -> None:
    if expires is not None and not lot:
        raise click.UsageError("--expires needs --lot: a lot is what expires.")


# Donations and losses


@click.command("donate")
@click.option("--to", "target", required=True, metavar="PLACE")
@click.option("--item", help="Its code; or --name for one that no list has yet.")
@click.option("--name", help="Of an item made on the spot.")
@click.option("--family", type=click.Choice([f.value for f in Family if f is not Family.KIT]))
@click.option("--dated", is_flag=True, help="The new item carries lots and expiries.")
@click.option("--bought", is_flag=True, help="Bought in a shop rather than given.")
@_pieces
@_its_lot
@_expires
@as_json
@command
def donate(
    target: str,
    item: str | None,
    name: str | None,
    family: str | None,
    dated: bool,
    bought: bool,
    pieces: int,
    lot: str | None,
    expires: date | None,
    as_json: bool,
) -> None:
    """Book a donation, or something bought in a shop, also of an item that no list has yet.

    \b
    Example: comptoir donate --to CLIP --name "Chaussettes laine" --family hygiene --pieces 40
    """
    _needs_lot(lot, expires)
    if (item is None) == (name is None):
        raise click.UsageError("Name the item: either --item or --name.")
    if name is not None and family is None:
        raise click.UsageError("--name needs --family.")

    def book(session: Session, booking: Booking) -> list[Move]:
        if item is not None:
            what = catalogue.item(session, item)
        else:
            names = Names(name or "", "", "")
            what = services.new_item(session, names=names, family=Family(family or ""), dated=dated)
        return services.come_in(
            session,
            bought=bought,
            place=catalogue.place(session, target),
            item=what,
            pieces=pieces,
            lot=lot,
            expires=expires,
            day=booking.day,
            booking_id=booking.id,
        )

    _book(book, as_json)


@click.command("lose")
@click.option("--from", "source", required=True, metavar="PLACE")
@_item
@_pieces
@click.option("--why", required=True, type=click.Choice([why.value for why in LOSSES]))
@_lot
@as_json
@command
def lose(source: str, item: str, pieces: int, why: str, lot: str | None, as_json: bool) -> None:
    """Book what is no longer there or of no more use: vanished, broken, expired, or lost otherwise.

    \b
    Example: comptoir lose --from CLIP --item NALOX --pieces 2 --why expired
    """
    _book(
        lambda session, booking: services.lose(
            session,
            place=catalogue.place(session, source),
            item=catalogue.item(session, item),
            pieces=pieces,
            why=Reason(why),
            lot=lot,
            day=booking.day,
            booking_id=booking.id,
        ),
        as_json,
    )


@click.command("undo")
@click.argument("booking", type=click.UUID)
@command
def undo(booking: Any) -> None:
    """Take back what was booked at a desk, by moves the other way.

    \b
    Example: comptoir undo 0b7c8f3e-5d0c-4f4e-9a57-2f1d6a9b1c11
    """
    with writing() as session:
        bookings.undo(session, number=booking, day=days.today())
    click.echo(tell(Message("Booking %(number)s was undone.", number=str(booking))))


# Quarantine


@click.group("quarantine")
def quarantine() -> None:
    """What waits in quarantine until somebody has looked at it.

    \b
    Example: comptoir quarantine list
    """


@quarantine.command("list")
@as_json
@command
def list_waiting(as_json: bool) -> None:
    """What lies there.

    \b
    Example: comptoir quarantine list --json
    """
    with reading() as session:
        rows = [
            {
                "place": row.place,
                "item": row.item,
                "lot": shown_lot(row.lot),
                "expires": row.expires,
                "pieces": row.pieces,
            }
            for row in services.waiting(session)
        ]
    _tell({"quarantine": rows}, rows, as_json)


_at = click.option("--at", metavar="PLACE", help="The quarantine, where there are several.")
_waiting_lot = click.option("--lot", help="Needed where more than one lot of the item lies there.")


@quarantine.command("release")
@_item
@_pieces
@_waiting_lot
@click.option("--to", "target", required=True, metavar="PLACE")
@_at
@as_json
@command
def release(
    item: str, pieces: int, lot: str | None, target: str, at: str | None, as_json: bool
) -> None:
    """Put pieces back into stock.

    \b
    Example: comptoir quarantine release --item SER1 --pieces 5 --to RESERVE
    """
    _decide(item, pieces, lot, target, at, as_json)


@quarantine.command("dispose")
@_item
@_pieces
@_waiting_lot
@_at
@as_json
@command
def dispose(item: str, pieces: int, lot: str | None, at: str | None, as_json: bool) -> None:
    """Throw pieces away.

    \b
    Example: comptoir quarantine dispose --item SER1 --pieces 5
    """
    _decide(item, pieces, lot, PlaceKind.DISPOSED, at, as_json)


def _decide(
    item: str, pieces: int, lot: str | None, target: str, at: str | None, as_json: bool
) -> None:
    def book(session: Session, booking: Booking) -> list[Move]:
        row = _meant(services.waiting(session), item, lot, at)
        return services.leave_quarantine(
            session,
            place=catalogue.place(session, row.place),
            item=catalogue.item(session, item),
            lot=row.lot,
            pieces=pieces,
            to_place=catalogue.place(session, target),
            day=booking.day,
            booking_id=booking.id,
        )

    _book(book, as_json)


def _meant(
    waiting: list[services.Waiting], item: str, lot: str | None, at: str | None
) -> services.Waiting:
    rows = [
        row
        for row in waiting
        if row.item == item and lot in (None, row.lot) and at in (None, row.place)
    ]
    if not rows:
        raise NotAllowed(Message("Nothing like that waits in quarantine."))
    if len(rows) > 1:
        raise NotAllowed(Message("Several lots of it wait there: name the lot, or the place."))
    return rows[0]


# Replenishing


@click.command("replenish")
@click.option("--place", help="Only this place.")
@as_json
@command
def replenish(place: str | None, as_json: bool) -> None:
    """What is below its level at each place, and which store brings how much of which lots.

    \b
    Example: comptoir replenish --place CLIP
    """
    with reading() as session:
        today = days.today()
        if place is None:
            found = replenishing.all_needs(session, day=today)
        else:
            at = catalogue.place(session, place)
            found = [replenishing.needs(session, place=at, day=today)]
    rows: list[dict[str, Any]] = [
        {
            "place": needs.place.code,
            "item": line.low.item,
            "there": line.low.there,
            "level": line.low.level,
            "from": tour.store.code,
            "pieces": line.pieces,
            "lots": [
                {"lot": shown_lot(lot.lot), "expires": lot.expires, "pieces": lot.pieces}
                for lot in line.lots
            ],
        }
        for needs in found
        for tour in needs.rounds
        for line in tour.lines
    ]
    lacking = [
        {"place": needs.place.code, "item": low.item, "pieces": pieces}
        for needs in found
        for low, pieces in needs.short
    ]
    if as_json:
        print_json({"bring": rows, "nobody_has": lacking})
        return
    _tell(None, [{**row, "lots": _lots(row["lots"])} for row in rows], as_json)
    _tell(None, lacking, as_json)


def _lots(lots: list[dict[str, Any]]) -> str:
    return ", ".join(f"{lot['lot'] or '-'} {lot['pieces']}" for lot in lots)
