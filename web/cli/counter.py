"""What happens at a counter, from the keyboard: reads, the closing of a shift, the command codes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from uuid import uuid4

import click

from inventory import catalogue, days
from inventory.counter import shifts
from inventory.counter.commands import COMMANDS
from inventory.database import SECRET
from inventory.errors import NotOnTheLists
from inventory.messages import Counted, Message
from inventory.tables import Setting
from labels.house import Kind, house_code
from web import reads
from web.cli.common import (
    as_json,
    command,
    database,
    print_json,
    print_table,
    settings,
    shown_lot,
    tell,
    writing,
)


@click.command("read")
@click.option("--station", required=True, metavar="NAME", help="Where the codes are read.")
@click.argument("codes", nargs=-1, required=True, metavar="CODE…")
@as_json
@command
def read(station: str, codes: tuple[str, ...], as_json: bool) -> None:
    """Record codes as if they had been scanned at a station; "-" takes one per line from standard input.

    \b
    Example: comptoir read --station CLIP 00382903057603
    """
    for code in _codes(codes):
        done = reads.record(
            database(),
            station=station,
            raw_reads=[{"id": str(uuid4()), "code": code, "at": days.now().isoformat()}],
            language=settings().language,
        )
        if done is None:
            raise NotOnTheLists(Message("Station"), station)
        result = done.results[0]
        if as_json:
            print_json(result)
        else:
            what = " ".join(str(part) for part in (result["pieces"], result["item"]) if part)
            click.echo(f"{result['status']:9} {what:20} {result['message']}")
        sys.stdout.flush()


def _codes(arguments: Iterable[str]) -> Iterator[str]:
    for argument in arguments:
        if argument != "-":
            yield argument
            continue
        # Only LF ends a line: a code can hold GS, which str.splitlines() takes for a line end.
        for line in sys.stdin.buffer:
            yield line.removesuffix(b"\n").decode("utf-8", "surrogateescape")


@click.group("shift")
def shift() -> None:
    """Shifts: they open by themselves at the first read.

    \b
    Example: comptoir shift close --station CLIP
    """


@shift.command("close")
@click.option("--station", required=True, metavar="NAME", help="Whose shift is closed.")
@click.option(
    "--passages",
    type=click.IntRange(0, 100_000),
    help="Passages counted by hand, if not as clicked.",
)
@as_json
@command
def close(station: str, passages: int | None, as_json: bool) -> None:
    """Close a station's shift: post what was handed out and erase its journal.

    \b
    Example: comptoir shift close --station CLIP --passages 61
    """
    with writing() as session:
        secret = session.get_one(Setting, SECRET).value
        closed = shifts.close_station(session, station=station, secret=secret, passages=passages)
        place_id = catalogue.station(session, station).place_id
        low = reads.low_there(session, place_id) if closed else []
    erased = database().forget_erased()
    posted: dict[tuple[str, str], int] = {}
    for one in closed:
        for part in one.posted:
            posted[part.item, part.lot] = posted.get((part.item, part.lot), 0) + part.pieces
    rows = [
        {"item": i, "lot": shown_lot(lot), "pieces": n} for (i, lot), n in sorted(posted.items())
    ]
    if as_json:
        print_json(
            {
                "day": closed[-1].day if closed else None,
                "passages": sum(one.passages for one in closed),
                "posted": rows,
                "low": low,
                "erased": erased,
            }
        )
        return
    if not closed:
        click.echo(tell(Message("No shift is open.")))
        return
    print_table(["item", "lot", "pieces"], [list(row.values()) for row in rows])
    _say_closed(sum(one.passages for one in closed), erased=erased)


def _say_closed(passages: int, *, erased: bool) -> None:
    click.echo(tell(Counted("%(count)d passage", "%(count)d passages", count=passages)))
    done = Message("Shift closed. Its journal is erased.")
    held_back = Message(
        "Shift closed. Somebody is reading: the worker erases the rest of its journal."
    )
    click.echo(tell(done if erased else held_back))


@click.command("commands")
@as_json
@command
def commands(as_json: bool) -> None:
    """The command codes: what a sheet of barcodes can say to a counter.

    \b
    Example: comptoir commands --json
    """
    database()  # like any command, it makes an empty folder ready
    rows = [
        {
            "name": command.name,
            "code": house_code(Kind.COMMAND, command.number),
            "says": tell(command.says),
        }
        for command in COMMANDS
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(["name", "code", "says"], [list(row.values()) for row in rows])
