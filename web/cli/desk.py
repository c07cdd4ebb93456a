"""What a desk books beside transfers and loans: donations, losses, quarantine; and what is to be brought where."""

from __future__ import annotations

from datetime import date
from typing import Any

import click
from sqlalchemy.orm import Session

from inventory import bookings, catalogue, days
from inventory import desk as services
from inventory import replenish as replenishing
from inventory.errors import NotAllowed
from inventory.messages import Message, Names
from inventory.tables import Booking, Item, Move
from inventory.words import LOSSES, Family, PlaceKind, Reason
from web.cli.booking import (
    book,
    expiring,
    item_named,
    its_lot,
    lot_named,
    needs_lot,
    pieces_wanted,
    show,
)
from web.cli.common import as_json, command, print_json, reading, shown_lot, tell, writing

# Donations and losses


@click.command("donate")
@click.option("--to", "target", required=True, metavar="PLACE")
@click.option("--item", help="Its code; or --name for one that no list has yet.")
@click.option("--name", help="Of an item made on the spot.")
@click.option("--family", type=click.Choice([f.value for f in Family if f is not Family.KIT]))
@click.option("--dated", is_flag=True, help="The new item carries lots and expiries.")
@click.option("--bought", is_flag=True, help="Bought in a shop rather than given.")
@pieces_wanted
@its_lot
@expiring
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
    needs_lot(lot, expires)
    if (item is None) == (name is None):
        raise click.UsageError("Name the item: either --item or --name.")
    if name is not None and family is None:
        raise click.UsageError("--name needs --family.")

    def come_in(session: Session, booking: Booking) -> list[Move]:
        what = catalogue.item(session, item) if item else _made(session, name, family, dated)
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

    book(come_in, as_json)


def _made(session: Session, name: str | None, family: str | None, dated: bool) -> Item:
    names = Names(name or "", "", "")
    return services.new_item(session, names=names, family=Family(family or ""), dated=dated)


@click.command("lose")
@click.option("--from", "source", required=True, metavar="PLACE")
@item_named
@pieces_wanted
@click.option("--why", required=True, type=click.Choice([why.value for why in LOSSES]))
@lot_named
@as_json
@command
def lose(source: str, item: str, pieces: int, why: str, lot: str | None, as_json: bool) -> None:
    """Book what is no longer there or of no more use: vanished, broken, expired, or lost otherwise.

    \b
    Example: comptoir lose --from CLIP --item NALOX --pieces 2 --why expired
    """
    book(
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
    show({"quarantine": rows}, rows, as_json)


_at = click.option("--at", metavar="PLACE", help="The quarantine, where there are several.")
_waiting_lot = click.option("--lot", help="Needed where more than one lot of the item lies there.")


@quarantine.command("release")
@item_named
@pieces_wanted
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
@item_named
@pieces_wanted
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
    def leave(session: Session, booking: Booking) -> list[Move]:
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

    book(leave, as_json)


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
    rows = _to_bring(found)
    lacking = [
        {"place": needs.place.code, "item": low.item, "pieces": pieces}
        for needs in found
        for low, pieces in needs.short
    ]
    if as_json:
        print_json({"bring": rows, "nobody_has": lacking})
        return
    show(None, [{**row, "lots": _lots(row["lots"])} for row in rows], as_json)
    show(None, lacking, as_json)


def _to_bring(found: list[replenishing.Needs]) -> list[dict[str, Any]]:
    return [
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


def _lots(lots: list[dict[str, Any]]) -> str:
    return ", ".join(f"{lot['lot'] or '-'} {lot['pieces']}" for lot in lots)
