"""What the lead of a workshop asks and decides: kits to make, lots on hold."""

from __future__ import annotations

from typing import Any

import click

from inventory import days, kit_needs, on_hold
from inventory.messages import Message
from inventory.tables import Lot
from inventory.words import PlaceKind
from web.cli.common import as_json, command, print_json, print_table, reading, tell, writing
from web.cli.kits import place_of_kind
from web.lots import only_lot


@click.command("kits")
@click.option("--at", metavar="PLACE", help="Which workshop; the only one unless told.")
@as_json
@command
def kits(at: str | None, as_json: bool) -> None:
    """How many kits are needed, and how many can be made of what is there: each alone, and all together.

    \b
    Example: comptoir kits --json
    """
    with reading() as session:
        workshop = place_of_kind(session, at, PlaceKind.WORKSHOP, "--at")
        found = kit_needs.needs(session, workshop=workshop, day=days.today())
        rows: list[dict[str, Any]] = [
            {
                "kit": one.kit.code,
                "needed": one.needed,
                "ready": one.ready,
                "in_the_making": one.in_the_making,
                "on_the_way": one.on_the_way,
                "can_make": one.here.kits,
                "with_stores": one.with_stores.kits,
                "limit": one.with_stores.limit.code if one.with_stores.limit else None,
                "together": one.together,
            }
            for one in found.kits
        ]
        fetch = [{"item": item.code, "pieces": pieces} for item, pieces in found.to_fetch]
    if as_json:
        print_json({"kits": rows, "to_fetch": fetch})
    elif rows:
        print_table([*rows[0]], [[*row.values()] for row in rows])


@click.command("hold")
@click.argument("lot_or_code")
@as_json
@command
def hold(lot_or_code: str, as_json: bool) -> None:
    """Put a lot on hold: nothing chooses it any more, and whoever scans it hears of it. Twice is harmless.

    \b
    Example: comptoir hold K000042
    """
    with writing() as session:
        lot = only_lot(session, lot_or_code)
        on_hold.put(session, lot=lot, day=days.today())
        _show(lot, as_json)


@click.command("release")
@click.argument("lot_or_code")
@as_json
@command
def release(lot_or_code: str, as_json: bool) -> None:
    """Release a lot that was on hold: it is used like any other. Twice is harmless.

    \b
    Example: comptoir release K000042
    """
    with writing() as session:
        lot = only_lot(session, lot_or_code)
        released = on_hold.release(session, lot=lot)
        if released and not as_json:
            click.echo(
                tell(Message("Lot %(lot)s is released: it may be used again.", lot=lot.code))
            )
        else:
            _show(lot, as_json)


def _show(lot: Lot, as_json: bool) -> None:
    since = lot.on_hold_since
    if as_json:
        print_json({"item": lot.item.code, "lot": lot.code, "on_hold_since": since})
    elif since is not None:
        click.echo(tell(Message("Lot %(lot)s is on hold since %(day)s.", lot=lot.code, day=since)))
    else:
        click.echo(tell(Message("Lot %(lot)s is not on hold.", lot=lot.code)))
