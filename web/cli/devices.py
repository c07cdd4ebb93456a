"""Scanners and printers: what is plugged into this machine, and setting it up."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import click

from inventory.errors import NotAllowed
from inventory.messages import Message
from web.cli.common import as_json, command, print_json, reading, settings, tell

if TYPE_CHECKING:
    from devices.plugged import Plugged

FILE = "/etc/udev/rules.d/60-comptoir.rules"


LATER = {"setup": ("device_setup", "setup"), "test": ("printer_test", "printer_test")}
"""Commands with a module of their own, imported when they are called."""


class _Devices(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in LATER:
            return super().get_command(ctx, cmd_name)
        module, name = LATER[cmd_name]
        found: click.Command = getattr(import_module(f"web.cli.{module}"), name)
        return found


@click.group("devices", cls=_Devices, invoke_without_command=True)
@as_json
@click.pass_context
@command
def devices(context: click.Context, as_json: bool) -> None:
    """What is plugged into this machine: scanners, serial ports, printers; and setting them up.

    Of each: how it works, what to write into the settings, who holds it, and what is in the way, with the udev rule
    that helps.

    \b
    Example: comptoir devices
    Example: comptoir devices setup CLIP
    """
    if context.invoked_subcommand is not None:
        return
    from devices.plugged import look
    from web.device_words import KINDS, troubles
    from web.setting_up import plain

    found = look()
    if as_json:
        print_json(
            [
                {**plain(one), "holders": list(one.holders), "troubles": troubles(one)}
                for one in found
            ]
        )
        return
    if not found:
        click.echo(tell(NOTHING))
    for one in found:
        click.secho(one.name, bold=True)
        click.echo(f"  {one.device}")
        click.echo(f"  {tell(KINDS[one.kind])} · {one.vendor}:{one.product} · {one.node}")
        for trouble in troubles(one):
            click.echo(f"  {tell(trouble)}")
        for rule in () if one.allowed else one.rules:
            click.echo(f"  {rule}")


NOTHING = Message("Nothing is plugged in that could be a scanner or a receipt printer.")


@devices.command("rules")
@click.argument("names", metavar="[DEVICE]...", nargs=-1)
@command
def rules(names: tuple[str, ...]) -> None:
    """Print udev rules: each DEVICE for the station's account, and for nobody else.

    A keyboard that is given to the station can be read by it. So without DEVICE only what is on a station's list has
    its rule; those of the others, the keyboard of the office among them, are commented out.

    \b
    Example: comptoir devices rules /dev/input/by-id/usb-Honeywell_1900-event-kbd usb://04b8:0e15
    """
    from devices.plugged import PRINTER_GROUP, SCANNER_GROUP, look

    found = look()
    for name in names:
        if not any(is_called(one, name) for one in found):
            raise NotAllowed(Message("%(device)s is not plugged in.", device=name))
    wanted = names or _listed()
    click.echo(
        f"# {FILE}. Once: groupadd --system {SCANNER_GROUP}; groupadd --system {PRINTER_GROUP}"
    )
    click.echo("# Then: udevadm control --reload && udevadm trigger; or plug the devices in again.")
    given = [one for one in found if any(is_called(one, name) for name in wanted)]
    said: set[str] = set()
    for one in given:
        _print_rules(one, said)
    others = [] if names else [one for one in found if one not in given]
    if others:
        click.echo(f"\n{tell(OTHERS)}")
    for one in others:
        _print_rules(one, said, "# ")


OTHERS = Message(
    "# On no station's list. Name what is a scanner or a printer: comptoir devices rules DEVICE…"
)


def _print_rules(one: Plugged, said: set[str], mark: str = "") -> None:
    """Those that are not `said` yet: two alike have the same."""
    for rule in one.rules:
        if rule not in said:
            click.echo(f"\n# {one.name} ({one.kind}) {one.device}\n{mark}{rule}")
            said.add(rule)


def _listed() -> list[str]:
    """The scanners and printers of the stations, where this machine has their lists."""
    if not settings().has_database():
        return []
    from sqlalchemy import select

    from inventory.tables import Scanner, Station

    with reading() as session:
        return [*session.scalars(select(Scanner.device)), *session.scalars(select(Station.printer))]


def is_called(one: Plugged, name: str) -> bool:
    """Whether the settings mean this device by that path or address."""
    path = unquote(urlsplit(name).path) if name.startswith(("serial://", "file://")) else name
    usb = f"usb://{one.vendor}:{one.product}" if one.kind == "printer" else one.device
    if path in (one.device, one.node, one.by_id, one.by_path, usb):
        return path != ""
    return path.startswith("/") and os.path.realpath(path) == os.path.realpath(one.node)


@devices.command("sheet")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--language", type=click.Choice(["fr", "nl", "en"]), help="Unless told, the terminal's."
)
@command
def sheet(file: Path, language: str | None) -> None:
    """Write an A4 sheet with the self-test code and with codes that configure scanners, as PDF.

    \b
    Example: comptoir devices sheet scanners.pdf
    """
    from web.device_sheet import sheet_pdf
    from web.settings import terminal_language

    data = sheet_pdf(language or terminal_language())
    try:
        file.write_bytes(data)
    except OSError as error:
        raise click.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from error
