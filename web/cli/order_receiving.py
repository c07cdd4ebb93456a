"""What comes of an order: typed line by line, read box by box, or as its delivery note says; and its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import click
from sqlalchemy.orm import Session

from inventory import bookings, catalogue, days, order_outcome, order_receiving, orders
from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.order_doubts import refuse_far_too_many
from inventory.order_outcome import Outcome
from inventory.order_receiving import Arrival
from inventory.order_rules import CONDITION, Condition
from inventory.tables import Place
from web.cli.booking import PIECES, needs_lot
from web.cli.common import (
    BAD_INPUT,
    DAY,
    as_json,
    command,
    database,
    print_json,
    print_table,
    reading,
    tell,
    writing,
)
from web.cli.order_tables import arrival_row
from web.order_scanning import Box, Waiting, rest, scan

OUTCOMES = ["item", "ordered", "received", "soon", "damaged", "wrong", "refused", "short", "over"]

Arrivals = Callable[[Session], Sequence[Arrival]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Which order, by which note, where it goes, and how it is."""

    number: str
    note: str = ""
    to: str | None = None
    damaged: bool = False
    refused: bool = False
    sure: bool = False

    def place(self, session: Session) -> Place:
        return order_receiving.destination(session, code=self.to)

    def book(self, session: Session, arrivals: Arrivals) -> dict[str, Any]:
        """Book it, under a number that `comptoir undo` takes back; what was booked, as data."""
        number = uuid4()
        booking = bookings.begin(session, number=number, content="", day=days.today())
        assert booking is not None
        order, found = orders.order(session, number=self.number), arrivals(session)
        if not self.sure:
            refuse_far_too_many(session, order=order, arrivals=found)
        received = order_receiving.receive(
            session,
            order=order,
            arrivals=found,
            place=self.place(session),
            booking_id=booking.id,
            note=self.note,
            now=days.now(),
        )
        return {
            "booking": str(number),
            "arrivals": [arrival_row(one) for one in received.arrivals],
            "warnings": [tell(one) for one in received.warnings],
        }


@click.command("receive")
@click.argument("number")
@click.argument("item", required=False)
@click.argument("pieces", type=PIECES, required=False)
@click.option("--lot", help="As on the box; without it, dated pieces are of lot unknown.")
@click.option("--expires", type=DAY, help="Of the lot.")
@click.option("--damaged", is_flag=True, help="Put aside, and still owed.")
@click.option("--refused", is_flag=True, help="Sent back as it came: on no books.")
@click.option("--note", default="", metavar="NOTE", help="Number of the delivery note.")
@click.option("--to", metavar="PLACE", help="Where it goes, if there is more than one store.")
@click.option(
    "--scan", "scanned", is_flag=True, help="Codes of boxes, one per line from standard input."
)
@click.option("--as-announced", is_flag=True, help="All that the imported NOTE still announces.")
@click.option("--sure", is_flag=True, help="Ten times what was ordered came, and more: it is so.")
@as_json
@command
def receive(
    number: str,
    item: str | None,
    pieces: int | None,
    lot: str | None,
    expires: date | None,
    scanned: bool,
    as_announced: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Receive pieces of an order: an ITEM and how many PIECES, boxes by their codes, or all that a note announces.

    What an imported delivery note has on the books is checked off, and counts once. With --scan each box is booked as
    it is read, and the code "undo" takes the last one back; exit code 2 where a code could not be used. Ten times what
    was ordered is not booked without --sure.

    \b
    Examples: comptoir orders receive 2026-014 SER1 500 --lot 24B07 --expires 2029-02-28 --note BL-77
              comptoir orders receive 2026-014 --scan --note BL-77
    """
    delivery = Delivery(number, **how)
    if (item is not None) + scanned + as_announced != 1 or (item is None) != (pieces is None):
        raise click.UsageError("Say what came: ITEM PIECES, --scan or --as-announced.")
    if item is None and (lot or expires):
        raise click.UsageError("--lot and --expires go with ITEM PIECES.")
    if as_announced and (delivery.damaged or delivery.refused):
        raise click.UsageError("What is damaged or refused is said of an ITEM or of boxes.")
    needs_lot(lot, expires)
    if scanned:
        _receive_boxes(delivery, as_json)
        return

    def arrivals(session: Session) -> Sequence[Arrival]:
        if item is None or pieces is None:
            order = orders.order(session, number=number)
            return order_receiving.announced(session, order=order, note=delivery.note)
        what = catalogue.item(session, item)
        return [Arrival(what, pieces, lot or None, expires, delivery.damaged, delivery.refused)]

    with writing() as session:
        booked = delivery.book(session, arrivals)
    if as_json:
        print_json(booked)
        return
    print_table(
        ["item", "lot", "expires", "pieces", "condition"],
        [[_cell(key, row[key]) for key in list(row)[:5]] for row in booked["arrivals"]],
    )
    for warning in booked["warnings"]:
        click.echo(warning, err=True)
    call = f"comptoir undo {booked['booking']}"
    click.echo(tell(Message("To take it back: %(call)s", call=call)))


def _cell(key: str, value: Any) -> Any:
    return tell(CONDITION[Condition(value)]) if key == "condition" else value


# By the codes of boxes


@dataclass(slots=True)
class _Scanning:
    """A delivery that is being read, box by box."""

    delivery: Delivery
    as_json: bool
    waiting: Waiting | None = None
    booked: list[str] = field(default_factory=list)
    all_usable: bool = True

    def read(self, code: str) -> None:
        with reading() as session:
            found = scan(session, code, waiting=self.waiting)
        self.waiting = found.waiting
        for box in found.boxes:
            self.book(box)
        if found.undo:
            self.undo()
        elif found.says is not None:
            self.say("refused" if found.unusable else "accepted", message=tell(found.says))
        self.all_usable &= not found.unusable

    def book(self, box: Box) -> None:
        """Each box by itself: what is read is kept, whatever comes next."""
        how = {"damaged": self.delivery.damaged, "refused": self.delivery.refused}
        try:
            booked = database().write(
                lambda session: self.delivery.book(session, lambda s: [box.arrival(s, **how)])
            )
        except ComptoirError as error:
            self.all_usable = False
            self.say("refused", box, message=tell(error.message))
            return
        self.booked.append(booked["booking"])
        conditions = {_cell("condition", row["condition"]) for row in booked["arrivals"]}
        message = " ".join([", ".join(sorted(conditions)) + ".", *booked["warnings"]])
        self.say("accepted", box, message=message, booking=booked["booking"])

    def undo(self) -> None:
        if not self.booked:
            self.say("ignored", message=tell(Message("There is nothing to take back.")))
            return
        number = UUID(self.booked.pop())
        try:
            database().write(
                lambda session: bookings.undo(session, number=number, day=days.today())
            )
        except ComptoirError as error:
            self.say("refused", message=tell(error.message))
            return
        self.say("accepted", message=tell(Message("Taken back.")), booking=str(number))

    def say(
        self, status: str, box: Box | None = None, *, message: str, booking: str | None = None
    ) -> None:
        if self.as_json:
            about = {"item": None, "pieces": 0, "lot": None, "expires": None}
            if box is not None:
                about = {key: getattr(box, key) for key in about}
            print_json({"status": status, **about, "booking": booking, "message": message})
        else:
            what = "" if box is None else f"{box.pieces} {box.item}"
            click.echo(f"{status:9} {what:20} {message}")
        sys.stdout.flush()


def _receive_boxes(delivery: Delivery, as_json: bool) -> None:
    with reading() as session:
        orders.order(session, number=delivery.number)
        delivery.place(session)
    scanning = _Scanning(delivery, as_json)
    for code in _codes():
        scanning.read(code)
    for box in rest(scanning.waiting):
        scanning.book(box)
    if not scanning.all_usable:
        raise click.exceptions.Exit(BAD_INPUT)


def _codes() -> Iterator[str]:
    # Only LF ends a line: a code can hold GS, which str.splitlines() takes for a line end.
    for line in sys.stdin.buffer:
        if code := line.removesuffix(b"\n").decode("utf-8", "surrogateescape"):
            yield code


# Closing


@click.command("close")
@click.argument("number")
@as_json
@command
def close(number: str, as_json: bool) -> None:
    """Close an order of which some came: nothing more is expected. Says what never came, or came otherwise.

    \b
    Example: comptoir orders close 2026-014
    """
    with writing() as session:
        order = orders.order(session, number=number)
        found = order_outcome.close(session, order=order, now=days.now())
        said = [tell(one) for one in order_outcome.differences(found)]
        rows = [_outcome(one) for one in found]
        status = order.status
    if as_json:
        print_json({"number": number, "status": status, "outcome": rows, "differences": said})
        return
    print_table(OUTCOMES, [[row[key] for key in OUTCOMES] for row in rows])
    for line in said:
        click.echo(line)


def _outcome(one: Outcome) -> dict[str, Any]:
    return {"item": one.item.code, **{key: getattr(one, key) for key in OUTCOMES[1:]}}
