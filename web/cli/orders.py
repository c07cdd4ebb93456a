"""Orders: what is drafted, changed, approved, sent, confirmed or cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click
from sqlalchemy.orm import Session

from inventory import catalogue, days, order_outcome, order_sheet, suppliers
from inventory import orders as rules
from inventory.messages import Message
from web.cli.common import (
    DAY,
    as_json,
    command,
    database,
    print_json,
    reading,
    tell,
    writing,
)
from web.cli.order_receiving import close, receive
from web.cli.order_tables import act, print_order, print_orders


@click.group("orders")
def orders() -> None:
    """Orders to suppliers: drafted by the levels, sent only when a person has approved them.

    \b
    Example: comptoir orders draft
    """


@orders.command("list")
@as_json
@command
def list_(as_json: bool) -> None:
    """Every order, newest first.

    \b
    Example: comptoir orders list --json
    """
    with reading() as session:
        print_orders(rules.all_orders(session), as_json)


@orders.command("show")
@click.argument("number")
@as_json
@command
def show(number: str, as_json: bool) -> None:
    """An order with its lines and its history, by days. `wanted` above `suggested` is what a quota cut off.

    \b
    Example: comptoir orders show 2026-014
    """
    with reading() as session:
        print_order(session, rules.order(session, number=number), as_json)


@orders.command("draft")
@click.option("--supplier", metavar="NAME", help="This one alone.")
@click.option("--empty", is_flag=True, help="With --supplier: also where nothing is needed.")
@as_json
@command
def draft(supplier: str | None, empty: bool, as_json: bool) -> None:
    """Draft an order of all that is at or below its reorder point, or bring the one that is not sent yet up to date.

    Lines that somebody changed stay as they are, and so does an order that is approved.

    \b
    Example: comptoir orders draft --supplier "Modus Vivendi"
    """
    if empty and supplier is None:
        raise click.UsageError("Say which supplier: --empty goes with --supplier NAME.")

    def work(session: Session) -> list[str]:
        wanted = [suppliers.supplier(session, name=supplier)] if supplier else []
        wanted = wanted or suppliers.all_suppliers(session)
        now = days.now()
        found = [rules.draft(session, supplier=one, now=now, empty=empty) for one in wanted]
        return [order.number for order in found if order is not None]

    numbers = database().write(work)
    with reading() as session:
        print_orders([rules.order(session, number=number) for number in numbers], as_json)
    if not numbers and not as_json:
        click.echo(tell(Message("Nothing needs to be ordered.")))


@orders.command("set")
@click.argument("number")
@click.argument("item")
@click.argument("pieces", type=int)
@click.option("--note", default="", help="Why, or what the supplier should know.")
@as_json
@command
def set_(number: str, item: str, pieces: int, note: str, as_json: bool) -> None:
    """Order so many pieces, as often as you like until it is sent; 0 for none. An approved order becomes a draft again.

    A figure that is no whole number of packs is taken, and said so.

    \b
    Example: comptoir orders set 2026-014 SER1 1500 --note "festival in July"
    """
    with writing() as session:
        order = rules.order(session, number=number)
        changed = rules.set_line(
            session,
            order=order,
            item=catalogue.item(session, item),
            pieces=pieces,
            note=note,
            now=days.now(),
        )
        warnings = [tell(one) for one in changed.warnings]
        print_order(session, order, as_json, warnings=warnings)
    for warning in warnings:
        click.echo(warning, err=True)


@orders.command("send")
@click.argument("number")
@as_json
@command
def send(number: str, as_json: bool) -> None:
    """Send an approved order: it is marked as sent, and mailed to the supplier with its form, the lead in copy.

    Without a mail server or an address, hand its file over yourself: it is marked as sent all the same.

    \b
    Example: comptoir orders send 2026-014
    """
    from web import order_mail
    from web.mail_settings import Mailing

    mailing, now = Mailing.from_environment(), days.now()
    with writing() as session:
        order = rules.order(session, number=number)
        mailed = order_mail.send(session, order=order, mailing=mailing, now=now)
        warnings = [] if mailed else [tell(order_mail.by_hand(order))]
        print_order(session, order, as_json, warnings=warnings)
    for warning in warnings:
        click.echo(warning, err=True)


@orders.command("cancel")
@click.argument("number")
@as_json
@command
def cancel(number: str, as_json: bool) -> None:
    """Cancel an order of which nothing has come yet. Its mail does not leave if it has not yet; if the order had been
    sent, tell the supplier.

    \b
    Example: comptoir orders cancel 2026-014
    """
    with writing() as session:
        order = rules.order(session, number=number)
        rules.cancel(session, order=order, now=days.now())
        warnings = [tell(one) for one in rules.still_to_say(order)]
        print_order(session, order, as_json, warnings=warnings)
    for warning in warnings:
        click.echo(warning, err=True)


_STEPS: dict[str, tuple[Callable[..., None], str]] = {
    "approve": (rules.approve, "Approve an order: it may be sent as it is."),
    "sent": (
        rules.mark_sent,
        "Say that an approved order is with the supplier by another way than mail; their days tell when it "
        "is expected.",
    ),
    "reopen": (
        order_outcome.reopen,
        "Open a completed order again: what never came of it is on order as before.",
    ),
}


def _step(name: str, action: Callable[..., None], does: str) -> None:
    """A command that does one thing to one order."""

    @orders.command(name, help=f"{does}\n\n\b\nExample: comptoir orders {name} 2026-014")
    @click.argument("number")
    @as_json
    @command
    def step(number: str, as_json: bool) -> None:
        act(number, action, as_json)


for _name, (_action, _does) in _STEPS.items():
    _step(_name, _action, _does)


@orders.command("note")
@click.argument("number")
@click.argument("text")
@as_json
@command
def note(number: str, text: str, as_json: bool) -> None:
    """Write what stands at the head of the form, for the supplier to read; "" for nothing. An approved order becomes a
    draft again.

    \b
    Example: comptoir orders note 2026-014 "Livrer par la cour, avant 11 h"
    """
    act(number, partial(rules.set_note, note=text), as_json)


@orders.command("confirm")
@click.argument("number")
@click.option("--expected", type=DAY, metavar="DAY", help="The day on which it comes.")
@as_json
@command
def confirm(number: str, expected: date | None, as_json: bool) -> None:
    """Say that the supplier confirmed it, and perhaps for which day; again for another day.

    \b
    Example: comptoir orders confirm 2026-014 --expected 2026-12-04
    """

    act(number, partial(rules.confirm, expected=expected), as_json)


@orders.command("file")
@click.argument("number")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Its ending says which: .xlsx, .pdf or .csv.",
)
@as_json
@command
def file(number: str, out: Path, as_json: bool) -> None:
    """Write the form of an order: everything the supplier sells, what there is of it, and what is ordered.

    \b
    Example: comptoir orders file 2026-014 --out order.xlsx
    """
    from web.order_files import FORMATS

    make = FORMATS.get(out.suffix.lower())
    if make is None:
        raise click.BadParameter(
            f"{out}: its name ends in {' or '.join(FORMATS)}.", param_hint="--out"
        )
    with reading() as session:
        order = rules.order(session, number=number)
        lines = order_sheet.sheet(session, order=order, today=days.today())
        data = make(order, lines)
    try:
        out.write_bytes(data)
    except OSError as error:
        raise click.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from error
    if as_json:
        print_json({"number": number, "file": out, "lines": len(lines)})


orders.add_command(receive)
orders.add_command(close)
