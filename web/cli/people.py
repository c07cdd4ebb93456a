"""People who work here."""

from __future__ import annotations

import click

from inventory import people
from inventory.words import Role
from web.cli.common import command, writing


@click.group("person")
def person() -> None:
    """People who work here and sign in. Nothing they hand out points back to them.

    \b
    Example: comptoir person add Amal --role counter
    """


@person.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.COUNTER.value
)
@click.option("--pin", prompt=True, hide_input=True, help="At least four digits.")
@command
def add(name: str, role: str, pin: str) -> None:
    """Add somebody, or give them a new PIN.

    \b
    Example: comptoir person add Amal --role counter --pin 4071
    """
    with writing() as session:
        people.add_person(session, name=name, role=Role(role), pin=pin)
