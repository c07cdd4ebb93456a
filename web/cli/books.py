"""What lies where, and whether the database keeps its promises."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import click

from devices.outbox import check_outbox
from inventory import stock as stocks
from inventory import verify as verification
from inventory.messages import Message
from inventory.verify import Fault
from inventory.words import PlaceKind
from web.cli.common import (
    BROKEN_PROMISE,
    DAY,
    as_json,
    command,
    print_json,
    print_table,
    reading,
    settings,
    shown_lot,
    tell,
)

UNACCOUNTED = PlaceKind.UNACCOUNTED.value


@click.command("stock")
@click.option("--place", metavar="PLACE", help="Only what lies there.")
@click.option("--item", metavar="ITEM", help="Only this article.")
@click.option("--at", type=DAY, metavar="DATE", help="At the end of that service day.")
@as_json
@command
def stock(place: str | None, item: str | None, at: date | None, as_json: bool) -> None:
    """What lies where, open shifts included. Below zero at "unaccounted" is what was handed out beyond the books; above
    zero, what a count did not find.

    \b
    Example: comptoir stock --place CLIP --at 2026-11-20
    """
    with reading() as session:
        found = stocks.stock(session, place=place, item=item, at=at)
    rows = [
        {
            "place": row.place,
            "item": row.item,
            "lot": shown_lot(row.lot),
            "expires": row.expires,
            "pieces": row.pieces,
        }
        for row in found
    ]
    if as_json:
        print_json(rows)
    else:
        headings = ["place", "item", "lot", "expires", "pieces"]
        print_table(headings, [list(row.values()) for row in rows])
        for line in _unaccounted(row.pieces for row in found if row.place == UNACCOUNTED):
            click.echo(line)


def _unaccounted(pieces: Iterable[int]) -> list[str]:
    """What figures there mean, for whoever reads the table."""
    signs = {count > 0 for count in pieces}
    below = Message("unaccounted, below zero: handed out beyond the books; a count settles it.")
    above = Message(
        "unaccounted, above zero: a count found so much less than the books had; it is not stock."
    )
    return [tell(said) for sign, said in ((False, below), (True, above)) if sign in signs]


@click.command("verify")
@as_json
@command
def verify(as_json: bool) -> None:
    """Prove that balances, moves, journals, kits, deliveries and outboxes agree. Exit code 1 where they do not.

    \b
    Example: comptoir verify --json
    """
    with reading() as session:
        report = verification.verify(session)
    outboxes = settings().outboxes()
    report = report.with_more(
        "outboxes",
        len(outboxes),
        [
            Fault(fault.code, Message(fault.sentence, **fault.params))
            for outbox in outboxes
            for fault in check_outbox(outbox)
        ],
    )
    faults = [{"code": fault.code, "message": tell(fault.message)} for fault in report.faults]
    if as_json:
        print_json({"ok": report.ok, "checked": report.checked, "faults": faults})
    else:
        print_table(["checked", "count"], [[what, n] for what, n in report.checked.items()])
        for fault in faults:
            click.echo(fault["message"], err=True)
        if report.ok:
            click.echo(tell(Message("Everything agrees.")))
    if not report.ok:
        raise click.exceptions.Exit(BROKEN_PROMISE)
