"""Orders: what is drafted, changed, approved, sent, confirmed or cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from inventory import catalogue, days, order_sheet, suppliers
from inventory import orders as rules
from inventory.messages import Message
from inventory.order_rules import STATUS, Status
from inventory.tables import Purchase, SupplierItem
from web.cli.common import (
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

COLUMNS = [
    "number",
    "supplier",
    "status",
    "drafted_on",
    "sent_on",
    "expected_on",
    "lines",
    "pieces",
]
LINE_COLUMNS = ["item", "reference", "suggested", "pieces", "received", "note"]


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
        _print_orders(rules.all_orders(session), as_json)


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
        _print_order(session, rules.order(session, number=number), as_json)


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
        _print_orders([rules.order(session, number=number) for number in numbers], as_json)
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
        _print_order(session, order, as_json, warnings=warnings)
    for warning in warnings:
        click.echo(warning, err=True)


@orders.command("approve")
@click.argument("number")
@as_json
@command
def approve(number: str, as_json: bool) -> None:
    """Approve an order: it may be sent as it is.

    \b
    Example: comptoir orders approve 2026-014
    """
    _act(number, rules.approve, as_json)


@orders.command("sent")
@click.argument("number")
@as_json
@command
def sent(number: str, as_json: bool) -> None:
    """Say that an approved order is with the supplier, whose days tell when it is expected.

    \b
    Example: comptoir orders sent 2026-014
    """
    _act(number, rules.mark_sent, as_json)


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

    def work(session: Session, *, order: Purchase, now: Any) -> None:
        rules.confirm(session, order=order, expected=expected, now=now)

    _act(number, work, as_json)


@orders.command("cancel")
@click.argument("number")
@as_json
@command
def cancel(number: str, as_json: bool) -> None:
    """Cancel an order of which nothing has come yet.

    \b
    Example: comptoir orders cancel 2026-014
    """
    _act(number, rules.cancel, as_json)


@orders.command("file")
@click.argument("number")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Its ending says which: .xlsx or .csv.",
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


def _act(number: str, action: Callable[..., None], as_json: bool) -> None:
    with writing() as session:
        order = rules.order(session, number=number)
        action(session, order=order, now=days.now())
        _print_order(session, order, as_json)


def _print_orders(found: list[Purchase], as_json: bool) -> None:
    rows = [
        {**_head(one), "lines": len(one.lines), "pieces": sum(line.pieces for line in one.lines)}
        for one in found
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(COLUMNS, [_cells(row, COLUMNS) for row in rows])


def _print_order(
    session: Session, order: Purchase, as_json: bool, warnings: list[str] | None = None
) -> None:
    lines = _lines(session, order)
    if as_json:
        history = [{"day": one.day, "what": one.what} for one in order.events]
        more = {} if warnings is None else {"warnings": warnings}
        print_json({**_head(order), "lines": lines, "history": history, **more})
        return
    head = _head(order)
    print_table([*head], [_cells(head, [*head])])
    if lines:
        click.echo()
        print_table(LINE_COLUMNS, [_cells(line, LINE_COLUMNS) for line in lines])


def _head(order: Purchase) -> dict[str, Any]:
    return {
        "number": order.number,
        "supplier": order.supplier.name,
        "status": order.status,
        "drafted_on": order.drafted_on,
        "sent_on": order.sent_on,
        "expected_on": order.expected_on,
        "closed_on": order.closed_on,
        "note": order.note,
    }


def _lines(session: Session, order: Purchase) -> list[dict[str, Any]]:
    supplies = {line.item_id: session.get(SupplierItem, line.item_id) for line in order.lines}
    return [
        {
            "item": line.item.code,
            "reference": supply.reference if (supply := supplies[line.item_id]) else "",
            "wanted": line.wanted,
            "suggested": line.suggested,
            "pieces": line.pieces,
            "by_hand": line.by_hand,
            "received": line.received,
            "note": line.note,
        }
        for line in order.lines
    ]


def _cells(row: dict[str, Any], columns: list[str]) -> list[Any]:
    """For people: the status in their words."""
    return [tell(STATUS[Status(row[key])]) if key == "status" else row[key] for key in columns]
