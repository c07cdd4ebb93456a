"""Levels of stock: when something is ordered or made, up to how many pieces, and what can be counted on now."""

from __future__ import annotations

from datetime import date
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, orders
from inventory import levels as rules
from inventory.messages import Message
from inventory.position import Position
from inventory.tables import Item, ItemLevel, Supplier, SupplierItem
from web.cli.common import as_json, command, print_json, print_table, reading, tell, writing

COLUMNS = [
    "item",
    "reorder_point",
    "order_up_to",
    "position",
    "daily",
    "lasts_days",
    "supplier",
    "by_hand",
    "note",
]


@click.command("levels")
@click.option("--item", metavar="ITEM", help="This article alone.")
@click.option(
    "--fix",
    type=(int, int),
    default=None,
    metavar="POINT UP_TO",
    help="Levels that you know better, in pieces; they stay until they are released.",
)
@click.option("--note", default="", help="Why, with --fix.")
@click.option("--release", is_flag=True, help="Compute them again from now on.")
@click.option("--compute", is_flag=True, help="Compute all of them now, as every night.")
@as_json
@command
def levels(
    item: str | None,
    fix: tuple[int, int] | None,
    note: str,
    release: bool,
    compute: bool,
    as_json: bool,
) -> None:
    """The reorder point and the level of every article that is ordered or made, beside what can be counted on.

    Computed every night from twelve weeks of open days; kits are opened by their recipe of now. `lasts_days` is for how
    many days of the calendar the stock lasts.

    \b
    Example: comptoir levels --item SER1 --json
    Example: comptoir levels --item NALOX --fix 40 100 --note "festival in July"
    """
    if item is None and (fix is not None or release):
        raise click.UsageError("Say which article: --item ITEM.")
    if fix is not None and release:
        raise click.UsageError("--fix or --release, not both.")
    if item is not None and (fix is not None or release):
        _change(item, fix, note)
    if compute or release:
        with writing() as session:
            rules.nightly(session, now=days.now())
    with reading() as session:
        rows = _rows(session, item, days.today())
    if as_json:
        print_json(rows)
    else:
        fixed = {True: tell(Message("fixed")), False: ""}
        cells = [{**row, "by_hand": fixed[row["fixed"]]} for row in rows]
        print_table(COLUMNS, [[row[column] for column in COLUMNS] for row in cells])


def _change(code: str, fix: tuple[int, int] | None, note: str) -> None:
    with writing() as session:
        item = catalogue.item(session, code)
        if fix is None:
            rules.release(session, item=item)
        else:
            point, up_to = fix
            rules.fix(
                session,
                item=item,
                reorder_point=point,
                order_up_to=up_to,
                note=note,
                day=days.today(),
            )


def _rows(session: Session, code: str | None, today: date) -> list[dict[str, Any]]:
    if code is not None:
        catalogue.item(session, code)
    found = session.execute(
        select(Item, ItemLevel, Supplier.name)
        .join(ItemLevel, ItemLevel.item_id == Item.id)
        .outerjoin(SupplierItem, SupplierItem.item_id == Item.id)
        .outerjoin(Supplier, Supplier.id == SupplierItem.supplier_id)
        .order_by(Item.id)
    ).all()
    positions = orders.positions(session, today=today)
    return [
        _row(item, level, positions.get(item.id, Position()), supplier)
        for item, level, supplier in found
        if code is None or item.code == code
    ]


def _row(item: Item, level: ItemLevel, there: Position, supplier: str | None) -> dict[str, Any]:
    lasts = int(max(0, there.total) / level.daily) if level.daily > 0 else None
    return {
        "item": item.code,
        "reorder_point": level.reorder_point,
        "order_up_to": level.order_up_to,
        "fixed": level.fixed,
        "note": level.note,
        "position": there.total,
        "counted": there,
        "daily": round(level.daily, 2),
        "spread": round(level.spread, 2),
        "lasts_days": lasts,
        "known_days": level.known_days,
        "computed_on": level.computed_on,
        "supplier": supplier,
    }
