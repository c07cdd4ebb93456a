"""What the commands of orders share: doing something to one, and orders as tables or JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from inventory import days
from inventory import orders as rules
from inventory.order_rules import STATUS, Status
from inventory.tables import Purchase, PurchaseArrival, SupplierItem
from web.cli.common import print_json, print_table, shown_lot, tell, writing

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


def act(number: str, action: Callable[..., None], as_json: bool) -> None:
    with writing() as session:
        order = rules.order(session, number=number)
        action(session, order=order, now=days.now())
        print_order(session, order, as_json)


def print_orders(found: list[Purchase], as_json: bool) -> None:
    rows = [
        {**_head(one), "lines": len(one.lines), "pieces": sum(line.pieces for line in one.lines)}
        for one in found
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(COLUMNS, [_cells(row, COLUMNS) for row in rows])


def print_order(
    session: Session, order: Purchase, as_json: bool, warnings: list[str] | None = None
) -> None:
    lines = _lines(session, order)
    if as_json:
        history = [{"day": one.day, "what": one.what} for one in order.events]
        more = {} if warnings is None else {"warnings": warnings}
        arrivals = [
            {**arrival_row(one), "day": one.day, "booking": str(UUID(bytes=one.booking_id))}
            for one in order.arrivals
        ]
        print_json(
            {**_head(order), "lines": lines, "arrivals": arrivals, "history": history, **more}
        )
        return
    head = _head(order)
    print_table([*head], [_cells(head, [*head])])
    if lines:
        click.echo()
        print_table(LINE_COLUMNS, [_cells(line, LINE_COLUMNS) for line in lines])


def arrival_row(one: PurchaseArrival) -> dict[str, Any]:
    """What came, as data."""
    return {
        "item": one.item.code,
        "lot": shown_lot(one.lot.code),
        "expires": one.lot.expires,
        "pieces": one.pieces,
        "condition": one.condition,
        "refused": one.refused,
        "announced": one.announced,
    }


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
