"""The scanners of a station."""

from __future__ import annotations

from dataclasses import asdict

import click

from devices.keymaps import KEYMAPS
from devices.serial_scanner import DEFAULT_BAUD, LEAST_BAUD, MOST_BAUD
from web.cli.common import as_json, command, print_json, print_table, reading, writing
from web.scanners import DOUBLE_MS, ROLES, SEPARATORS, SUFFIXES, ScannerSetting, types_keys


@click.group("scanner")
def scanner() -> None:
    """The scanners of a station that runs on this machine.

    \b
    Example: comptoir station scanner add CLIP desk /dev/serial/by-id/usb-Datalogic_0123-if00
    """


@scanner.command("add")
@click.argument("station")
@click.argument("name")
@click.argument("device")
@click.option(
    "--keymap",
    type=click.Choice(sorted(KEYMAPS)),
    help="The layout that a keyboard scanner was set to; us unless told.",
)
@click.option(
    "--double-ms",
    type=click.IntRange(0, 5000),
    default=DOUBLE_MS,
    show_default=True,
    help="The same code within this time is one trigger; 0: never.",
)
@click.option(
    "--role",
    type=click.Choice([role for role in ROLES if role]),
    help="The lane its reads belong to; the station's current one unless told.",
)
@click.option(
    "--suffix",
    type=click.Choice([suffix for suffix in SUFFIXES if suffix]),
    help="Whether it ends its reads with a key; found out unless told.",
)
@click.option(
    "--separator",
    type=click.Choice([separator for separator in SEPARATORS if separator]),
    help="Whether the separator in GS1 codes arrives; where it is lost, lots are not sure.",
)
@click.option("--caps", is_flag=True, help="It types as if Caps Lock were on.")
@click.option(
    "--baud",
    type=click.IntRange(LEAST_BAUD, MOST_BAUD),
    default=DEFAULT_BAUD,
    show_default=True,
    help="The speed of its serial port, in bits a second; a CDC-ACM port has none.",
)
@command
def add(
    station: str,
    name: str,
    device: str,
    keymap: str | None,
    double_ms: int,
    role: str | None,
    suffix: str | None,
    separator: str | None,
    caps: bool,
    baud: int,
) -> None:
    """Add a scanner to a station; the same name again changes it.

    DEVICE is its path: under /dev/serial/by-id where it has a serial port, under /dev/input/by-id where it acts as a
    keyboard. Of two alike, each has a path of its own under by-path.

    \b
    Two workers at one counter each have a scanner of their own: --role lane-a for one, lane-b for the other.

    \b
    Example: comptoir station scanner add CLIP desk /dev/input/by-id/usb-Honeywell_0123-event-kbd --keymap be
    """
    from inventory import stations

    setting = ScannerSetting.of(
        device,
        name=name,
        keymap=keymap or "",
        double_ms=double_ms,
        role=role or "",
        suffix=suffix or "",
        separator=separator or "",
        caps=caps,
        baud=baud,
    )
    with writing() as session:
        stations.set_scanner(session, station=station, **asdict(setting))


@scanner.command("remove")
@click.argument("station")
@click.argument("name")
@command
def remove(station: str, name: str) -> None:
    """Take a scanner away from a station.

    \b
    Example: comptoir station scanner remove CLIP desk
    """
    from inventory import stations

    with writing() as session:
        stations.remove_scanner(session, station=station, name=name)


@scanner.command("list")
@click.argument("station")
@as_json
@command
def list_(station: str, as_json: bool) -> None:
    """The scanners of a station.

    \b
    Example: comptoir station scanner list CLIP
    """
    from inventory import stations

    with reading() as session:
        rows = [
            {
                "scanner": one.name,
                "device": one.device,
                "keymap": one.keymap or None,
                "double_ms": one.double_ms,
                "role": one.role or None,
                "suffix": one.suffix or None,
                "separator": one.separator or None,
                "caps": one.caps,
                "baud": None if types_keys(one.device) else one.baud,
            }
            for one in stations.scanners(session, station=station)
        ]
    if as_json:
        print_json(rows)
    else:
        headings = [
            "scanner",
            "device",
            "keymap",
            "double ms",
            "role",
            "suffix",
            "separator",
            "caps",
            "baud",
        ]
        print_table(headings, [[*row.values()] for row in rows])
