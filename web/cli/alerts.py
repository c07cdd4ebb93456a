"""What somebody has to know, at once or in the digest of the week."""

from __future__ import annotations

import click

from inventory import alerts as rules
from inventory import days
from web.cli.common import as_json, command, print_json, reading, tell


@click.command("alerts")
@click.option("--now", "at_once", is_flag=True, help="Only what cannot wait for the digest.")
@as_json
@command
def alerts(at_once: bool, as_json: bool) -> None:
    """What has to be known now, the worst first: recalls, essentials that run out, what is low, expires or has no name.

    \b
    Example: comptoir alerts --now --json
    """
    with reading() as session:
        found = rules.alerts(session, now=days.now())
    shown = [one for one in found if one.kind.at_once]
    if not at_once:
        shown += rules.digest(found)
    if as_json:
        print_json(
            [
                {"kind": one.kind, "key": one.key, "at_once": one.kind.at_once, "says": one.says}
                for one in shown
            ]
        )
    else:
        for one in shown:
            click.echo(tell(one.says))
