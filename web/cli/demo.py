"""A history to look at: years of a service such as ours, simulated through the real services."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from inventory import days
from inventory.errors import NotAllowed
from inventory.messages import Message
from web import simulated_lists
from web.cli.common import DAY, command, database, tell
from web.example import PERSON, PIN, load_example

if TYPE_CHECKING:
    from inventory.database import Database

SEED = 1
YEAR = 365.25

years_wanted = click.FloatRange(0.05, 20)


@click.command("demo")
@click.option(
    "--years", type=years_wanted, default=1, show_default=True, help="0.5 is half a year."
)
@click.option(
    "--seed", type=int, default=SEED, show_default=True, help="Another seed, another history."
)
@click.option(
    "--until", type=DAY, help="The last day, whose evening is still to come (default: today)."
)
@command
def demo(years: float, seed: int, until: date | None) -> None:
    """Simulate years of a service through the services that counters, workshops and desks use.

    Loads the example organisation where there are no lists. Refuses where anything was ever booked.

    \b
    Example: COMPTOIR_DATA=./five-years comptoir demo --years 5 --seed 7
    """
    last = until or days.today()
    if last > days.today():
        raise NotAllowed(Message("This day is yet to come. A history ends today at the latest."))
    if simulate(database(), years=years, seed=seed, last=last):
        click.echo(
            tell(Message("Sign in as %(name)s, PIN %(pin)s.", name=PERSON, pin=PIN)), err=True
        )


def simulate(database: Database, *, years: float, seed: int = SEED, last: date) -> bool:
    """Play a history that ends on the morning of the last day, with a bar on standard error that grows; whether it is
    the example's, whose stations get simulated devices.

    Raises AlreadyInUse, and whatever the services say of lists that are not the example's.
    """
    from web.demo import play
    from web.demo.plan import Plan
    from web.demo.profile import EXAMPLE

    with database.reading() as session:
        play.refuse_in_use(session)
    is_example = load_example(database, deliveries=False)
    plan = Plan(EXAMPLE, seed, last - timedelta(days=round(years * YEAR)), last)
    reached, label = plan.first, tell(Message("Simulating a history"))
    with click.progressbar(
        length=(last - plan.first).days + 1, label=label, file=sys.stderr
    ) as bar:
        try:
            for day in play.play(database, plan):
                reached = day.day
                bar.update(1)
        except KeyboardInterrupt:
            stopped = Message(
                "Stopped: the history ends on %(day)s. To begin again, take an empty folder.",
                day=reached,
            )
            raise click.ClickException(tell(stopped)) from None
    if is_example:  # only now: a printer would have every evening of the past to print
        simulated_lists.equip(database)
    click.echo(
        tell(Message("Played from %(first)s to %(last)s.", first=plan.first, last=last)), err=True
    )
    return is_example
