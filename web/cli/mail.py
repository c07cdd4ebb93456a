"""The outbox: what waits to be sent, what was refused, and trying again."""

from __future__ import annotations

from typing import Any

import click

from inventory import days, outbox
from inventory.outbox import STATE, State
from inventory.tables import Mail
from web.cli.common import as_json, command, print_json, print_table, reading, tell, writing


@click.group("mail")
def mail() -> None:
    """Mail that waits to be sent, was sent or was refused.

    \b
    Example: comptoir mail list
    """


@mail.command("list")
@as_json
@command
def list_(as_json: bool) -> None:
    """Every mail of the last month, latest first, and what the server said of it. "doubtful": an answer was lost, so
    somebody may have it twice, under the same Message-ID.

    \b
    Example: comptoir mail list --json
    """
    with reading() as session:
        rows = [_row(one) for one in outbox.all_mail(session)]
    if as_json:
        print_json(rows)
    elif rows:
        columns = ["id", "day", "state", "tries", "to", "subject", "said"]
        for row in rows:
            row["state"] = tell(STATE[State(row["state"])])
        print_table(columns, [[row[name] for name in columns] for row in rows])


@mail.command("retry")
@click.argument("id")
@as_json
@command
def retry(id: str, as_json: bool) -> None:
    """Try a mail again at once: one that waits, or one that was refused. The beginning of its id will do.

    \b
    Example: comptoir mail retry 4f2a91c0
    """
    with writing() as session:
        row = _row(outbox.retry(session, number=id, now=days.now()))
    if as_json:
        print_json(row)


def _row(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id.hex()[:8],
        "day": mail.day,
        "state": mail.state,
        "tries": mail.tries,
        "way": mail.way,
        "to": mail.recipients,
        "copy": mail.copy_to,
        "refused": mail.refused,
        "subject": mail.subject,
        "said": mail.said,
        "doubtful": mail.doubtful,
        "next": mail.next_at.isoformat() if mail.next_at else None,
    }
