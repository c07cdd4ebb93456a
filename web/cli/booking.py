"""What the commands of a desk share: their options, booking under a number, and saying what was booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import click
from sqlalchemy.orm import Session

from inventory import bookings, days
from inventory.messages import Message
from inventory.tables import Booking, Item, Lot, Move, Place
from inventory.words import BORROWED
from web.cli.common import DAY, print_json, print_table, shown_lot, tell, writing

PIECES = click.IntRange(1, 1_000_000)

item_named = click.option("--item", required=True)
pieces_wanted = click.option("--pieces", required=True, type=PIECES)
lot_named = click.option("--lot", help="First expired first unless a lot is named.")
its_lot = click.option("--lot", help="As on the box; without it, dated pieces are of lot unknown.")
expiring = click.option("--expires", type=DAY, help="Of the lot.")


def book(work: Callable[[Session, Booking], list[Move]], as_json: bool) -> None:
    """Book, and say the moves with the number that `comptoir undo` takes back."""
    number = uuid4()
    with writing() as session:
        booking = bookings.begin(session, number=number, content="", day=days.today())
        assert booking is not None
        rows = [_row(session, move) for move in work(session, booking) if _is_told(move)]
    show({"booking": str(number), "moves": rows}, rows, as_json)
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


def show(data: Any, rows: list[dict[str, Any]], as_json: bool) -> None:
    """As JSON, or the rows as a table."""
    if as_json:
        print_json(data)
    elif rows:
        print_table([*rows[0]], [[*row.values()] for row in rows])


def needs_lot(lot: str | None, expires: date | None) -> None:
    """Raises UsageError for an expiry of no lot."""
    if expires is not None and not lot:
        raise click.UsageError("--expires needs --lot: a lot is what expires.")
