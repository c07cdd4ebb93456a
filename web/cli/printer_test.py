"""`comptoir devices test`: what a station's printer can do, seen by somebody on its own paper."""

from __future__ import annotations

import sys

import click

from devices.printer import Outcome
from inventory import catalogue
from inventory.errors import NotAllowed
from inventory.messages import Message
from labels.drawn import shapes
from web.cli.common import as_json, command, print_json, reading, settings, tell, writing
from web.cli.paper import on_paper
from web.printer_trial import answered, trial_job

_BECAME = {
    Outcome.PRINTED: Message("It is on paper: the printer said so itself."),
    Outcome.UNKNOWN: Message(
        "The printer does not say whether it is on paper: after each print somebody will be asked."
    ),
    Outcome.NOT_SENT: Message("Nothing was printed."),
}
NO_SHAPES = Message("Arabic cannot be printed on this computer: install the package libfribidi0.")


@click.command("test")
@click.argument("station")
@click.option(
    "--answer",
    metavar="NUMBERS",
    help="Which numbered lines of the last test receipt read right, such as “1 4”; 0 for none. Prints nothing.",
)
@as_json
@command
def printer_test(station: str, answer: str | None, as_json: bool) -> None:
    """Print a test receipt on a station's printer, ask what is to be seen on it, and pick the code page.

    It shows the same letters in each code page, the width of the paper, a picture, a code and the cut. What the chosen
    code page lacks is drawn from then on. To be run where the printer is plugged in.

    \b
    Example: comptoir devices test CLIP
    Example: comptoir devices test CLIP --answer "1 4"
    """
    told: dict[str, object] = {"station": station}
    if answer is None:
        told |= _print(station)
        if as_json or not sys.stdin.isatty() or told["outcome"] == Outcome.NOT_SENT:
            _tell(told, as_json, None if told["outcome"] == Outcome.NOT_SENT else _next(station))
            return
        answer = click.prompt(
            tell(Message("Which numbered lines read right (such as 1 4; 0 for none)?"))
        )
    with writing() as session:
        told["code_page"] = answered(session, station=station, said=answer).value
    _tell(told, as_json, Message("Code page %(page)s.", page=str(told["code_page"])))


def _print(name: str) -> dict[str, object]:
    """Print it, and how the printer was before, and became."""
    with reading() as session:
        station = catalogue.station(session, name)
        if not station.printer:
            raise NotAllowed(Message("Station %(name)s has no printer.", name=name))
        url = station.printer
        job = trial_job(
            station, address=settings().address or f"http://127.0.0.1:{settings().port}"
        )
    health, outcome = on_paper(name, url, job)
    click.echo(tell(_BECAME[outcome]), err=True)
    if not shapes():
        click.echo(tell(NO_SHAPES), err=True)
    return {"health": health.value, "outcome": outcome.value}


def _next(station: str) -> Message:
    return Message(
        'Say what is to be seen: comptoir devices test %(station)s --answer "1 4"', station=station
    )


def _tell(told: dict[str, object], as_json: bool, last: Message | None) -> None:
    if as_json:
        print_json(told)
    elif last is not None:
        click.echo(tell(last))
