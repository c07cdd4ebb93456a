"""What left the counter, as text, paper and files."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import click
from sqlalchemy.orm import Session

from devices.printer import Outcome
from inventory import catalogue, days
from inventory import tally as tallies
from inventory.errors import NotAllowed
from inventory.messages import Message
from inventory.tally import Tally
from labels.alphabet import CodePage
from labels.paper import receipt_bytes
from labels.receipt import Paper
from web.cli.common import (
    DAY,
    as_json,
    command,
    plain,
    print_json,
    reading,
    settings,
    tell,
)
from web.cli.paper import on_paper
from web.printer_trial import code_page_of
from web.tally_formats import Format, tally_csv, tally_dict, tally_text, tally_xlsx
from web.tally_receipt import receipt_of

WEEK = timedelta(days=7)


@click.command("tally")
@click.option("--from", "first", type=DAY, metavar="DATE", help="First service day.")
@click.option("--to", "last", type=DAY, metavar="DATE", help="Last service day.")
@click.option("--channel", metavar="CHANNEL", help="Only this channel.")
@click.option("--place", metavar="PLACE", help="Drawn from there; of a hotspot, handed out there.")
@click.option("--print", "station", metavar="STATION", help="On the printer of this station.")
@click.option(
    "--format", "as_format", type=click.Choice([one.value for one in Format]), help="Default: text."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write there instead of to standard output.",
)
@click.option(
    "--pdf",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write an A4 document there: short for --format pdf --out FILE.",
)
@as_json
@command
def tally(
    first: date | None,
    last: date | None,
    channel: str | None,
    place: str | None,
    station: str | None,
    as_format: str | None,
    out: Path | None,
    pdf: Path | None,
    as_json: bool,
) -> None:
    """What left the counter, what came back and how many came by; without dates, the day of the last shift opened.

    \b
    Examples: comptoir tally --print CLIP
              comptoir tally --from 2026-11-01 --to 2026-11-30 --format xlsx --out november.xlsx
              comptoir tally --place CLIP --pdf clip.pdf
    """
    if pdf and (as_format or out or as_json):
        raise click.UsageError("--pdf says the format and the file by itself.")
    if pdf:
        as_format, out = Format.PDF, pdf
    if first and last and last < first:
        raise click.UsageError("--to lies before --from.")
    with reading() as session:
        found = tallies.tally(session, first=first, last=last, channel=channel, place=place)
        before = _week_before(session, found, channel, place)
        printer = _printer(session, station) if station else None
    if station and printer:
        _print(found, before, station, printer)
    if printer is None or as_format or as_json or out:
        chosen = Format.JSON if as_json else Format(as_format or Format.TEXT)
        _write(found, before, chosen, out, found.places.get(place or ""))


def _week_before(
    session: Session, found: Tally, channel: str | None, place: str | None
) -> Tally | None:
    """A day is shown beside the same weekday of the week before."""
    if found.first is None or found.first != found.last:
        return None
    day = found.first - WEEK
    return tallies.tally(session, first=day, last=day, channel=channel, place=place)


def _printer(session: Session, name: str) -> tuple[str, Paper, CodePage]:
    station = catalogue.station(session, name)
    if not station.printer:
        raise NotAllowed(Message("Station %(name)s has no printer.", name=name))
    return station.printer, Paper(station.paper_mm), code_page_of(station)


def _print(
    found: Tally, before: Tally | None, station: str, printer: tuple[str, Paper, CodePage]
) -> None:
    url, paper, code_page = printer
    receipt = receipt_of(
        found, settings().language, previous=before, station=station, printed_at=days.now()
    )
    _, outcome = on_paper(station, url, receipt_bytes(receipt, paper=paper, code_page=code_page))
    match outcome:
        case Outcome.PRINTED:
            click.echo(tell(Message("Printed at station %(name)s.", name=station)), err=True)
        case Outcome.NOT_SENT:
            raise NotAllowed(Message("The tally was not printed."))
        case Outcome.UNKNOWN:
            raise NotAllowed(
                Message("Nobody knows whether the tally is on paper: look at the printer.")
            )


def _write(
    found: Tally, before: Tally | None, chosen: Format, out: Path | None, place: str | None
) -> None:
    language = settings().language
    if chosen is Format.JSON and out is None:
        print_json(tally_dict(found))
        return
    if chosen in (Format.XLSX, Format.PDF) and out is None and sys.stdout.isatty():
        raise click.UsageError(f"{chosen.upper()} needs --out FILE.")
    match chosen:
        case Format.TEXT:
            data = tally_text(found, language, previous=before).encode()
        case Format.JSON:
            data = json.dumps(tally_dict(found), default=plain, ensure_ascii=False).encode()
        case Format.CSV:
            data = tally_csv(found, language)
        case Format.XLSX:
            data = tally_xlsx(found, language)
        case Format.PDF:
            from web.tally_pdf import tally_pdf  # only who wants paper waits for it

            data = tally_pdf(found, language, place=place)
    if out is None:
        click.echo(data, nl=False)
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise click.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from error
