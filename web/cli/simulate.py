"""The process of the devices that are made of software."""

from __future__ import annotations

import click

from inventory.messages import Message
from web.cli.common import command, settings
from web.settings import WrongSetting
from web.signals import ToldToStop, end_at_once


@click.command("simulate")
@click.argument("devices", nargs=-1, required=True)
@command
def simulate(devices: tuple[str, ...]) -> None:
    """Be scanners and printers for whoever has none. `comptoir run` starts it for stations whose scanner or printer is
    `simulated:`; administrators command it on the page "Simulator".

    DEVICES are a station and what it has: CLIP.scanner, CLIP.printer.

    \b
    Example: comptoir simulate CLIP.scanner CLIP.printer
    """
    end_at_once()
    from devices.simulators.process import Simulator

    try:
        simulator = Simulator(settings().simulated, devices)
    except ValueError as error:
        raise WrongSetting(
            Message("%(device)s is neither a scanner nor a printer.", device=str(error))
        ) from error
    ToldToStop().then(simulator.stop)
    simulator.run()
