"""Loans to and from partner organisations."""

from __future__ import annotations

from datetime import date

import click
from sqlalchemy.orm import Session

from inventory import catalogue
from inventory import loans as lending
from inventory.errors import NotAllowed
from inventory.loans import Goods
from inventory.messages import Message
from inventory.tables import Booking, Move
from inventory.words import PlaceKind
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
from web.cli.common import DAY, as_json, command, reading


@click.command("lend")
@click.option("--to", "partner", required=True, metavar="PARTNER")
@click.option("--from", "source", required=True, metavar="PLACE")
@item_named
@pieces_wanted
@lot_named
@as_json
@command
def lend(partner: str, source: str, item: str, pieces: int, lot: str | None, as_json: bool) -> None:
    """Lend material to a partner organisation.

    \b
    Example: comptoir lend --to TRANSIT --from RESERVE --item SER1 --pieces 200
    """
    book(
        lambda session, booking: lending.lend(
            session,
            partner=catalogue.place(session, partner),
            from_place=catalogue.place(session, source),
            **_goods(session, booking, item, pieces, lot),
        ),
        as_json,
    )


@click.command("borrow")
@click.option("--from", "partner", required=True, metavar="PARTNER")
@click.option("--to", "target", required=True, metavar="PLACE")
@item_named
@pieces_wanted
@its_lot
@expiring
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
    needs_lot(lot, expires)
    book(
        lambda session, booking: lending.borrow(
            session,
            partner=catalogue.place(session, partner),
            to_place=catalogue.place(session, target),
            **_goods(session, booking, item, pieces, lot),
            expires=expires,
        ),
        as_json,
    )


@click.command("give-back")
@click.option("--from", "source", required=True, metavar="PLACE")
@click.option("--to", "target", required=True, metavar="PLACE")
@item_named
@pieces_wanted
@lot_named
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
    needs_lot(lot, expires)

    def work(session: Session, booking: Booking) -> list[Move]:
        here, there = catalogue.place(session, source), catalogue.place(session, target)
        goods = _goods(session, booking, item, pieces, lot)
        if here.kind == PlaceKind.PARTNER:
            return lending.take_back(
                session, partner=here, to_place=there, expires=expires, **goods
            )
        if expires is not None:
            raise NotAllowed(Message("Only what comes in may need an expiry."))
        return lending.give_back(session, partner=there, from_place=here, **goods)

    book(work, as_json)


def _goods(session: Session, booking: Booking, item: str, pieces: int, lot: str | None) -> Goods:
    return {
        "item": catalogue.item(session, item),
        "pieces": pieces,
        "lot": lot,
        "day": booking.day,
        "booking_id": booking.id,
    }


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
    show({"loans": rows}, rows, as_json)
