"""What the logistics desk and the workshop book: transfers, corrections, kits, and the way of a lot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, ledger, recipes, taking_apart
from inventory import trace as traces
from inventory.errors import NotAllowed
from inventory.kits import Component
from inventory.messages import Counted, Message
from inventory.tables import Item, Lot, Move, Place, Recipe
from inventory.words import NO_LOT, UNKNOWN_LOT, PlaceKind, RegulatoryClass
from labels.house import Kind, house_code
from web import beyond
from web.cli.booking import PIECES, item_named, lot_named, needs_lot, pieces_wanted, show
from web.cli.common import (
    DAY,
    as_json,
    command,
    print_json,
    reading,
    shown_lot,
    tell,
    writing,
)
from web.lots import lots_of, only_lot


@click.command("transfer")
@click.option("--from", "source", required=True, metavar="PLACE")
@click.option("--to", "target", required=True, metavar="PLACE")
@item_named
@pieces_wanted
@lot_named
@click.option("--expires", type=DAY, help="Of a lot that comes from a donation or was found.")
@as_json
@command
def transfer(
    source: str,
    target: str,
    item: str,
    pieces: int,
    lot: str | None,
    expires: date | None,
    as_json: bool,
) -> None:
    """Move pieces from one place to another. Places outside too: donation, found, disposed, lost.

    \b
    Example: comptoir transfer --from RESERVE --to TAD --item SER1 --pieces 2000
    """
    needs_lot(lot, expires)
    with writing() as session:
        moves = ledger.transfer(
            session,
            from_place=catalogue.place(session, source),
            to_place=catalogue.place(session, target),
            item=catalogue.item(session, item),
            pieces=pieces,
            lot=lot,
            expires=expires,
            day=days.today(),
        )
        rows = [_move_row(session, item, move) for move in moves]
    show({"moves": rows}, rows, as_json)


def _move_row(session: Session, item: str, move: Move) -> dict[str, Any]:
    lot = session.get_one(Lot, move.lot_id)
    return {"item": item, "lot": shown_lot(lot.code), "pieces": move.pieces}


@click.command("correct")
@click.option("--place", required=True)
@click.option("--item", required=True)
@click.option("--lot", help="Needed where more than one lot of the item lies there.")
@click.option("--counted", required=True, type=click.IntRange(0, 1_000_000), help="Pieces.")
@as_json
@command
def correct(place: str, item: str, lot: str | None, counted: int, as_json: bool) -> None:
    """Bring the books to what was counted. The difference is kept as unaccounted.

    \b
    Example: comptoir correct --place CLIP --item SER1 --lot S1A2603 --counted 412
    """
    with writing() as session:
        here, what = catalogue.place(session, place), catalogue.item(session, item)
        move = ledger.correct(
            session,
            place=here,
            item=what,
            lot=_only_lot(session, here, what) if lot is None else lot,
            counted=counted,
            day=days.today(),
        )
        rows = [_move_row(session, item, move)] if move else []
        if move and move.from_id == here.id:
            rows[0]["pieces"] = -move.pieces
    show({"moves": rows}, rows, as_json)


def _only_lot(session: Session, place: Place, item: Item) -> str:
    """The lot that is meant where none is named."""
    there = ledger.available(session, place_id=place.id, item_id=item.id, with_on_hold=True)
    codes = [session.get_one(Lot, lot.lot_id).code for lot in there]
    if len(codes) > 1:
        shown = ", ".join(code or "“”" for code in codes)
        raise NotAllowed(
            Message("Name the lot that was counted: the books have %(lots)s.", lots=shown)
        )
    return codes[0] if codes else (UNKNOWN_LOT if item.dated else NO_LOT)


@click.command("assemble")
@click.option("--kit", required=True, help="Item of the kit.")
@click.option("--count", required=True, type=PIECES, help="Kits to make.")
@click.option(
    "--version", type=click.IntRange(1, 10_000), help="Of the recipe; the latest unless told."
)
@click.option("--from", "source", metavar="PLACE", help="Of the components; the store unless told.")
@click.option("--to", "target", metavar="PLACE", help="Of the kits; the workshop unless told.")
@click.option(
    "--use",
    multiple=True,
    metavar="ITEM=LOT",
    help="Take this lot of a component; again for more lots, in their order.",
)
@click.option("--propose", is_flag=True, help="Only show the lots that would be used.")
@as_json
@command
def assemble(
    kit: str,
    count: int,
    version: int | None,
    source: str | None,
    target: str | None,
    use: tuple[str, ...],
    propose: bool,
    as_json: bool,
) -> None:
    """Make kits: components go in, first expired first, and one new lot of kits comes out.

    \b
    Example: comptoir assemble --kit KIT-INJ --count 120 --use SER1=S1A2511
    """
    with reading() if propose else writing() as session:
        item = catalogue.item(session, kit)
        recipe = kits.recipe(session, kit=item, version=version)
        asked = _Asked(recipe, count, place_of_kind(session, source, PlaceKind.STORE, "--from"))
        if propose:
            made, components = _proposed(session, asked, _choices(use))
        else:
            to_place = place_of_kind(session, target, PlaceKind.WORKSHOP, "--to")
            made, components = _assembled(session, asked, to_place, _choices(use))
        classes = recipes.regulatory_classes(session, recipe)
    _show_assembled(made, components, classes, as_json)


@dataclass(frozen=True, slots=True)
class _Asked:
    recipe: Recipe
    count: int
    from_place: Place


Made = tuple[dict[str, Any], list[Component]]


def _proposed(session: Session, asked: _Asked, chosen: dict[str, list[str]]) -> Made:
    components = kits.propose(
        session,
        recipe=asked.recipe,
        count=asked.count,
        place=asked.from_place,
        day=days.today(),
        chosen=chosen,
    )
    expires = kits.earliest_expiry(components)
    made = {"lot": None, "label": None, "kits": asked.count, "expires": expires}
    return made, components


def _assembled(
    session: Session, asked: _Asked, to_place: Place, chosen: dict[str, list[str]]
) -> Made:
    done = kits.assemble(
        session,
        kit=session.get_one(Item, asked.recipe.item_id),
        count=asked.count,
        version=asked.recipe.version,
        from_place=asked.from_place,
        to_place=to_place,
        day=days.today(),
        chosen=chosen,
    )
    label = house_code(Kind.LOT, done.lot_id)
    made = {"lot": done.lot, "label": label, "kits": asked.count, "expires": done.expires}
    return made, done.components


def _choices(use: Iterable[str]) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for one in use:
        item, sign, lot = one.partition("=")
        if not (item and sign):
            raise click.BadParameter(f"{one!r}: write ITEM=LOT.", param_hint="--use")
        chosen.setdefault(item, []).append(lot)
    return chosen


def place_of_kind(session: Session, code: str | None, kind: PlaceKind, option: str) -> Place:
    """The place named, or the only one of its kind."""
    if code is not None:
        return catalogue.place(session, code)
    places = session.scalars(select(Place).where(Place.kind == kind).limit(2)).all()
    if len(places) != 1:
        raise NotAllowed(
            Message(
                "There is not just one place of that kind: name it with %(option)s.", option=option
            )
        )
    return places[0]


def _show_assembled(
    made: dict[str, Any],
    components: list[Component],
    classes: tuple[RegulatoryClass, ...],
    as_json: bool,
) -> None:
    rows = _component_rows(components)
    if as_json:
        print_json({**made, "classes": classes, "components": rows})
        return
    if made["lot"]:
        click.echo(
            tell(
                Counted(
                    "%(count)d kit made: lot %(lot)s, label %(label)s.",
                    "%(count)d kits made: lot %(lot)s, label %(label)s.",
                    count=made["kits"],
                    lot=made["lot"],
                    label=made["label"],
                )
            )
        )
    if made["expires"]:
        click.echo(tell(Message("They expire on %(day)s.", day=made["expires"])))
    if RegulatoryClass.MEDICINE in classes:
        click.echo(tell(Message("They contain a medicine.")))
    show({}, rows, as_json)


def _component_rows(components: list[Component]) -> list[dict[str, Any]]:
    return [
        {"item": part.item, "lot": shown_lot(part.lot), "pieces": part.pieces}
        for part in components
    ]


@click.command("take-apart")
@click.argument("lot_or_code")
@click.option("--count", required=True, type=PIECES, help="Kits to take apart.")
@click.option("--at", metavar="PLACE", help="Where they are; the workshop unless told.")
@as_json
@command
def take_apart(lot_or_code: str, count: int, at: str | None, as_json: bool) -> None:
    """Take kits made here apart: the components are stock again, in their own lots.

    \b
    Example: comptoir take-apart K000042 --count 10
    """
    with writing() as session:
        done = taking_apart.take_apart(
            session,
            lot_id=only_lot(session, lot_or_code).id,
            count=count,
            place=place_of_kind(session, at, PlaceKind.WORKSHOP, "--at"),
            day=days.today(),
        )
    rows, settled = _component_rows(done.components), _component_rows(done.settled)
    show({"kits": done.kits, "components": rows, "settled": settled}, rows, as_json)
    if settled and not as_json:
        click.echo(tell(Message("No longer to be checked:")))
        show({}, settled, as_json)


@click.command("trace")
@click.argument("lot_or_code")
@as_json
@command
def trace(lot_or_code: str, as_json: bool) -> None:
    """Follow a lot both ways: into kits, onto shelves and out; and back to who delivered it.

    The lot as printed on the box, or anything that can be scanned and names a lot.

    \b
    Example: comptoir trace S1A2511
    """
    with reading() as session:
        lots = lots_of(session, lot_or_code)
        found = traces.merged(traces.trace(session, lot_id=lot.id) for lot in lots)
        told = [beyond.sentence(one) for lot in lots for one in _beyond(session, lot)]
    parts = {
        "kit_lots": _rows(found.kit_lots),
        "on_hand": _rows(found.on_hand),
        "handed_out": _rows(found.handed_out),
        "from": _rows(found.from_),
        "components": _rows(found.components),
    }
    if as_json:
        print_json(parts)
        return
    for name, rows in parts.items():
        if rows:
            click.echo(f"\n{name}")
            show({}, rows, as_json)
    for message in told:
        click.echo(f"\n{tell(message)}")


def _beyond(session: Session, lot: Lot) -> list[taking_apart.Beyond]:
    return taking_apart.beyond_the_books(session, lot_id=lot.id)


def _rows(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows as JSON objects; pieces without a lot have none."""
    rows = []
    for row in found:
        names = type(row).__dataclass_fields__
        values = {name: getattr(row, name) for name in names}
        rows.append({name: value if value != NO_LOT else None for name, value in values.items()})
    return rows
