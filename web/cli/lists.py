"""Lists in, codes out."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from inventory.errors import FaultyLists
from inventory.lists import Imported, ListKind, import_lists
from inventory.tables import Item, Lot, Pack, Place
from labels.gtin import gtin_of
from labels.house import Kind, house_code
from web.cli.common import (
    BAD_INPUT,
    as_json,
    command,
    plain,
    print_json,
    print_table,
    reading,
    writing,
)


@click.command("import")
@click.argument("kind", type=click.Choice([kind.value for kind in ListKind]))
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE…")
@click.option("--to", metavar="PLACE", help="Where receipts go; the store unless told.")
@click.option("--check", is_flag=True, help="Only report: write nothing.")
@as_json
@command
def import_(kind: str, files: tuple[Path, ...], to: str | None, check: bool, as_json: bool) -> None:
    """Read lists from CSV or XLSX: every row is checked before any is written, all or nothing.

    \b
    Example: comptoir import receipts livraison-2026-09-14.csv --to RESERVE
    """
    try:
        with writing() as session:
            done = import_lists(
                session,
                kind=ListKind(kind),
                files=files,
                to=to,
                check=check,
                normalise_gtin=gtin_of,
            )
    except FaultyLists as error:
        if not as_json:
            raise
        print_json({"imported": 0, "faults": [plain(fault) for fault in error.faults]})
        raise click.exceptions.Exit(BAD_INPUT) from error
    _report(done, as_json=as_json)


def _report(done: Imported, *, as_json: bool) -> None:
    if as_json:
        print_json({"imported": done.imported, "unchanged": done.unchanged, "faults": []})
    else:
        click.echo(f"{done.imported} ✓   {done.unchanged} =")


@click.command("codes")
@click.option("--item", metavar="ITEM", help="Only the codes of this article.")
@as_json
@command
def codes(item: str | None, as_json: bool) -> None:
    """Every code that can be read here: of articles, packs, lots and places.

    \b
    Example: comptoir codes --item KIT-INJ --json
    """
    with reading() as session:
        items = select(Item).order_by(Item.code)
        if item:
            items = items.where(Item.code == item)
        rows = []
        for article in session.scalars(items):
            rows.append(_row("item", house_code(Kind.ITEM, article.id), article.code, 1))
            for pack in session.scalars(
                select(Pack).where(Pack.item_id == article.id).order_by(Pack.id)
            ):
                code = pack.gtin or house_code(Kind.PACK, pack.id)
                rows.append(_row("pack", code, article.code, pack.pieces))
            for lot in session.scalars(
                select(Lot).where(Lot.item_id == article.id).order_by(Lot.code)
            ):
                rows.append(
                    _row("lot", house_code(Kind.LOT, lot.id), article.code, 1, lot=lot.code)
                )
        if not item:
            for place in session.scalars(select(Place).order_by(Place.code)):
                rows.append(
                    {"kind": "place", "code": house_code(Kind.PLACE, place.id), "place": place.code}
                )
    if as_json:
        print_json(rows)
    else:
        keys = ["kind", "code", "item", "lot", "pieces", "place"]
        print_table(keys, [[row.get(key) for key in keys] for row in rows])


def _row(kind: str, code: str, item: str, pieces: int, lot: str | None = None) -> dict[str, object]:
    return {"kind": kind, "code": code, "item": item, "pieces": pieces, "lot": lot or None}
