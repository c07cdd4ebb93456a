"""What commands print: at once, on the printer of a station, without the queue."""

from __future__ import annotations

from contextlib import closing

import click

from devices.errors import DeviceError
from devices.printer import Health, Outcome, Printer
from inventory.errors import ComptoirError, NotAllowed
from inventory.messages import Message
from web.cli.common import settings, tell
from web.print_pages import PRINTERS
from web.printing import locks_beside, printer_address


class PrinterFailed(ComptoirError):
    """A printer that cannot be opened, in the words of its own error."""

    def __init__(self, error: DeviceError) -> None:
        super().__init__(Message(error.sentence, **error.params))
        self.code = error.code


def on_paper(station: str, printer: str, job: bytes) -> tuple[Health, Outcome]:
    """Print this on the printer of a station: how that was at first, and what became of the job. How it is is said as
    it changes, for a roll may be changed meanwhile.

    Raises PrinterFailed, NotAllowed where it prints for somebody else.
    """
    heard: list[Health] = []

    def hear(health: Health) -> None:
        heard.append(health)
        click.echo(tell(PRINTERS[health][1]), err=True)

    outbox = settings().outbox(station)
    try:
        address = printer_address(outbox, station, printer)
        # A station's process may have been cut off in a job of its own.
        one = Printer(address, hear, locks=locks_beside(outbox), in_doubt=True)
    except DeviceError as error:
        raise PrinterFailed(error) from error
    with closing(one):
        outcome = one.print(lambda: job)
    if not heard:
        raise NotAllowed(Message("Its printer prints at this moment: try again."))
    return heard[0], outcome
