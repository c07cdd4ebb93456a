"""Stations: adding them, their tokens, and the process that drives one."""

from __future__ import annotations

from pathlib import Path

import click

from devices.errors import OutboxError
from inventory.messages import Message
from inventory.words import Mode
from web.cli.common import as_json, command, print_json, print_table, reading, settings, writing
from web.cli.scanners import scanner
from web.i18n import LANGUAGES
from web.scanners import ScannerSetting
from web.settings import WrongSetting
from web.signals import end_at_once

# A counter PC without a database starts faster for not importing one: the ledger is imported where it is used.


@click.group("station")
def station() -> None:
    """Devices on which reads are made.

    \b
    Example: comptoir station add CLIP --place CLIP --mode hand-out
    """


station.add_command(scanner)


@station.command("add")
@click.argument("name")
@click.option("--place", required=True, metavar="PLACE", help="The place it draws from.")
@click.option("--mode", required=True, type=click.Choice([mode.value for mode in Mode]))
@click.option(
    "--printer",
    default="",
    metavar="URL",
    help="tcp://host:9100, usb://vendor:product, serial:///dev/ttyS0, /dev/usb/lp0 or file:///path.",
)
@click.option(
    "--paper", type=click.Choice(["80", "58"]), default="80", help="Width in millimetres."
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="fr", help="What its paper speaks."
)
@as_json
@command
def add(
    name: str,
    place: str,
    mode: str,
    printer: str,
    paper: str,
    language: str,
    as_json: bool,
) -> None:
    """Add a station; the same again changes its printer.

    \b
    Example: comptoir station add CLIP --place CLIP --mode hand-out --printer tcp://192.0.2.7:9100
    """
    from inventory import stations
    from web.printing import refuse_wrong_address

    refuse_wrong_address(printer)
    with writing() as session:
        stations.add_station(
            session,
            name=name,
            place=place,
            mode=Mode(mode),
            printer=printer,
            paper_mm=int(paper),
            language=language,
        )
    if as_json:
        print_json({"station": name, "place": place, "mode": mode})


@station.command("token")
@click.argument("name")
@click.option(
    "--revoke", is_flag=True, help="First make all former tokens of this station invalid."
)
@as_json
@command
def token(name: str, revoke: bool, as_json: bool) -> None:
    """Make a token for a station. It is shown once.

    \b
    Example: comptoir station token CLIP --json
    """
    from inventory import stations

    with writing() as session:
        if revoke:
            stations.revoke_tokens(session, station=name)
        made = stations.new_token(session, station=name)
    if as_json:
        print_json({"token": made})
    else:
        click.echo(made)


@station.command("list")
@as_json
@command
def list_(as_json: bool) -> None:
    """The stations, their places and printers.

    \b
    Example: comptoir station list
    """
    from sqlalchemy import select

    from inventory.tables import Station

    with reading() as session:
        rows = [
            {
                "station": one.name,
                "place": one.place.code,
                "mode": one.mode,
                "printer": one.printer or None,
                "paper": one.paper_mm,
                "code_page": one.code_page,
            }
            for one in session.scalars(select(Station).order_by(Station.name))
        ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ["station", "place", "mode", "printer", "paper", "code page"],
            [[*row.values()] for row in rows],
        )


@station.command("run")
@click.argument("name")
@click.option(
    "--server", metavar="URL", help="Where `comptoir serve` answers; this machine unless told."
)
@click.option(
    "--token",
    "given",
    metavar="TOKEN",
    envvar="COMPTOIR_STATION_TOKEN",
    help="The station's token.",
)
@click.option(
    "--scanner",
    "devices",
    multiple=True,
    metavar="DEVICE[,KEYMAP|BAUD]",
    help="Its scanners, if not those on its list; us, be or fr where it acts as a keyboard, else a speed.",
)
@click.option(
    "--stay",
    is_flag=True,
    help="Go on when standard input ends, even without scanner; with a token, the list of scanners is followed.",
)
@click.option(
    "--kept-command",
    metavar="COMMAND",
    envvar="COMPTOIR_KEPT_COMMAND",
    default="",
    help="Run at each read kept while the server is away, such as “aplay kept.wav”.",
)
@command
def run(
    name: str,
    server: str | None,
    given: str | None,
    devices: tuple[str, ...],
    stay: bool,
    kept_command: str,
) -> None:
    """Drive a station: scanners in, a durable outbox, reads sent to the server until they are answered.

    Codes are read from standard input too, one per line. With a token, nothing else of this service need be on the
    machine: the counter PC asks the server for everything. While the server is away each read kept rings the
    terminal's bell.

    \b
    Example: comptoir station run CLIP --scanner /dev/ttyACM0
    Example: comptoir station run CLIP --scanner /dev/input/by-id/usb-Honeywell_0123-event-kbd,be
    """
    end_at_once()
    from inventory import stations
    from web.station import run_station

    stations.check_number(len(devices))
    here = settings()
    outbox = here.outbox(name)
    scanners = [ScannerSetting.parse(device) for device in devices]
    follows = False
    if given is None:
        on_the_list, given = _as_on_the_lists(name, here.station_token(name))
        follows, scanners = not scanners, scanners or on_the_list
    elif stay:
        follows = not scanners
    try:
        run_station(
            name=name,
            token=given,
            server=server or f"http://127.0.0.1:{here.port}",
            outbox=outbox,
            scanners=scanners,
            follows=follows,
            stay=stay,
            kept_command=kept_command,
        )
    except OutboxError as error:
        raise WrongSetting(Message(error.sentence, **error.params)) from error


def _as_on_the_lists(name: str, token_file: Path) -> tuple[list[ScannerSetting], str]:
    """The scanners and the token of a station that runs beside the database; its token is made once and kept."""
    from inventory import stations

    kept = token_file.read_text().strip() if token_file.exists() else ""
    with writing() as session:
        scanners = [ScannerSetting.listed(one) for one in stations.scanners(session, station=name)]
        if stations.is_token(session, station=name, token=kept):
            return scanners, kept
        token = stations.new_token(session, station=name)
        # Whole, and before the database knows it: a token nobody holds looks like one given out to another machine.
        token_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = token_file.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(token)
        part.replace(token_file)
    return scanners, token
