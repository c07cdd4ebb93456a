"""What somebody has to know, at once or in the digest of the week."""

from __future__ import annotations

import click

from inventory import alerts as rules
from inventory import days, telling
from web.cli.common import as_json, command, database, print_json, reading, tell


@click.command("alerts")
@click.option("--now", "at_once", is_flag=True, help="Tell at once what nobody was told yet.")
@as_json
@command
def alerts(at_once: bool, as_json: bool) -> None:
    """What has to be known now, the worst first: recalls, essentials that run out, what is low, expires or has no name.

    With --now, what nobody was told yet goes out by every way that is set up, whatever the hour; that alone is shown.

    \b
    Example: comptoir alerts --json
    """
    from web import alert_mail
    from web.mail_settings import Mailing

    mailing, now = Mailing.from_environment(), days.now()
    if at_once:
        shown = database().write(
            lambda session: alert_mail.tell_everything(session, mailing=mailing, now=now)
        )
        untold = [] if mailing.tells else shown
    else:
        with reading() as session:
            found = rules.alerts(session, now=now)
            untold = telling.untold(session, found)
        shown = [*(one for one in found if one.kind.at_once), *rules.digest(found)]
    if as_json:
        rows = ("kind", "keys", "says")
        print_json(
            [
                {
                    **{name: getattr(one, name) for name in rows},
                    "at_once": one.kind.at_once,
                    "told": one not in untold,
                }
                for one in shown
            ]
        )
        return
    for one in shown:
        click.echo(tell(one.says))
    if not mailing.tells:
        click.echo(tell(alert_mail.NOBODY_IS_TOLD), err=True)
