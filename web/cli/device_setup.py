"""`comptoir devices setup`: a person is walked through adding a scanner or a printer."""

from __future__ import annotations

import queue
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from shutil import get_terminal_size
from time import monotonic
from typing import Any

import click

from devices.plugged import Plugged, look
from devices.self_test import BRACKETED, Found
from devices.serial_scanner import DEFAULT_BAUD
from devices.trial import State, Trial
from inventory.errors import NotAllowed
from inventory.messages import Message
from web.cli.common import command, reading, tell, writing
from web.cli.devices import is_called
from web.device_words import KINDS, advice, said_of_test, settings, troubles
from web.printing import refuse_wrong_address
from web.scanners import ROLES, ScannerSetting, types_keys
from web.simulated import is_simulated

PATIENCE_S = 90.0
"""Whoever chose the keyboard they type on gets it back."""
LET_GO = Message("The self-test code was not scanned in time: the device is let go.")

Told = queue.SimpleQueue[tuple[State, Found | None]]

SIMULATED = Message(
    "What is simulated needs no setting up: comptoir station scanner add STATION NAME simulated:"
)


@click.command("setup")
@click.argument("station", required=False)
@click.option(
    "--device", help="Its path or address, as `comptoir devices` shows it; asked unless told."
)
@click.option("--name", help="What the scanner is called; asked unless told.")
@click.option(
    "--role", type=click.Choice([role for role in ROLES if role]), help="Whose lane it is."
)
@command
def setup(station: str | None, device: str | None, name: str | None, role: str | None) -> None:
    """Add a scanner or a printer to a station: choose it, scan the self-test code, and what it tells is written down.

    Without STATION nothing is written. The self-test code is drawn here if the terminal is wide enough, and is on the
    sheet of `comptoir devices sheet`. A scanner that a running station holds is set up on the page "Devices".

    \b
    Example: comptoir devices setup CLIP
    """
    if station is not None:
        from inventory import catalogue

        with reading() as session:
            catalogue.station(session, station)
    one = _chosen(device)
    if one.kind == "printer":
        _printer(one, station)
        return
    baud = _listed_baud(station, one.device)
    found = _tried(one, baud)
    while not all(said.fine for said in advice(found)) and click.confirm(
        tell(Message("Change something, and test again?")), default=False
    ):
        found = _tried(one, baud)
    known = ScannerSetting.of(one.device, **settings(found), role=role or "")
    if station is None:
        click.echo(add_command(known, name or "NAME"))
        return
    name = name or click.prompt(tell(Message("What is it called")), default=known.name)
    from inventory import stations

    with writing() as session:
        stations.set_scanner(session, station=station, **{**asdict(known), "name": name})
    said = Message("%(name)s is on the list of %(station)s.", name=name, station=station)
    click.echo(tell(said))


def add_command(setting: ScannerSetting, name: str) -> str:
    """What puts it on the list of a station, typed elsewhere."""
    known = ("keymap", "role", "suffix", "separator")
    options = [f"--{key} {value}" for key in known if (value := getattr(setting, key))]
    caps = ["--caps"] if setting.caps else []
    speed = [f"--baud {setting.baud}"] if setting.baud != DEFAULT_BAUD else []
    device = shlex.quote(setting.device)
    words = [
        "comptoir station scanner add STATION",
        shlex.quote(name),
        device,
        *options,
        *caps,
        *speed,
    ]
    return " ".join(words)


def _chosen(device: str | None) -> Plugged:
    """The device that is meant, of those that are plugged in or by its path."""
    found = look()
    if device is not None:
        named = [one for one in found if is_called(one, device)]
        return named[0] if named else _by_path(device)
    if not found:
        raise NotAllowed(
            Message("Nothing is plugged in that could be a scanner or a receipt printer.")
        )
    for number, one in enumerate(found, start=1):
        click.echo(f"{number}  {one.name} · {tell(KINDS[one.kind])} · {one.device}")
        for trouble in troubles(one):
            click.echo(f"   {tell(trouble)}")
        for rule in () if one.allowed else one.rules:
            click.echo(f"   {rule}")
    number = click.prompt(tell(Message("Which one")), type=click.IntRange(1, len(found)))
    return found[number - 1]


def _by_path(device: str) -> Plugged:
    """A device that udev does not tell of. Raises NotAllowed."""
    if is_simulated(device):
        raise NotAllowed(SIMULATED)
    kind: Any = "printer" if "://" in device else "keys" if types_keys(device) else "serial"
    return Plugged(kind, device, device, "", "", "", "", device, "")


def _printer(one: Plugged, station: str | None) -> None:
    click.echo(tell(Message("The printer's address is %(address)s.", address=one.device)))
    if station is None:
        return
    from inventory import stations

    refuse_wrong_address(one.device)
    with writing() as session:
        stations.set_printer(session, station=station, printer=one.device)
    click.echo(f"comptoir devices test {station}")


def _listed_baud(station: str | None, device: str) -> int:
    """The speed of its port, if the scanner is on the list already."""
    if station is None:
        return DEFAULT_BAUD
    from inventory import stations

    with reading() as session:
        listed = stations.scanners(session, station=station)
        return next((row.baud for row in listed if row.device == device), DEFAULT_BAUD)


def _tried(one: Plugged, baud: int) -> Found:
    """What a scan of the self-test code told, said in words."""
    _draw_code()
    until_s = monotonic() + PATIENCE_S
    with _trial(one, baud) as (trial, told):
        while True:
            try:
                state, found = told.get(timeout=max(0.0, until_s - monotonic()))
            except queue.Empty:
                raise NotAllowed(LET_GO) from None
            if found is not None:
                break
            how = said_of_test(state, trial.baud)
            if how and state == "unusable":
                raise NotAllowed(how)
            if how:
                click.echo(tell(how))
            for rule in one.rules if state == "forbidden" else ():
                click.echo(f"  {rule}")
    for said in advice(found):
        click.echo(("✓ " if said.fine else "! ") + tell(said.says))
    return found


@contextmanager
def _trial(one: Plugged, baud: int) -> Iterator[tuple[Trial, Told]]:
    told: Told = queue.SimpleQueue()
    by_keys = one.kind == "keys"
    trial = Trial(one.device, lambda *what: told.put(what), by_keys=by_keys, baud=baud)
    thread = threading.Thread(target=trial.run, daemon=True)
    thread.start()
    try:
        yield trial, told
    finally:
        trial.stop()
        thread.join()


HALVES = {"00": " ", "01": "▐", "10": "▌", "11": "█"}


def code_line() -> str:
    """The bars of the self-test code in characters, two modules each."""
    from labels import codes

    code = codes.draw(codes.Symbology.GS1_128, BRACKETED)
    left, right = code.quiet
    modules = "0" * left + code.rows[0] + "0" * right + "0"
    pairs = (modules[at : at + 2] for at in range(0, len(modules) - 1, 2))
    return "".join(HALVES[pair] for pair in pairs)


def _draw_code() -> None:
    """The self-test code, where the terminal holds it."""
    line = code_line()
    if get_terminal_size().columns < len(line):
        click.echo(
            tell(
                Message("The self-test code is on the sheet of “comptoir devices sheet FILE.pdf”.")
            )
        )
        return
    for _ in range(8):
        click.secho(line, fg="black", bg="white")
