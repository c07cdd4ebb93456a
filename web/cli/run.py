"""The processes: everything on this machine, or one at a time."""

from __future__ import annotations

from datetime import datetime

import click

from web.cli.common import (
    as_json,
    command,
    database,
    print_json,
    print_table,
    reading,
    settings,
)


@click.command("run")
@click.option("--demo", is_flag=True, help="Load the example organisation into an empty database.")
@command
def run(demo: bool) -> None:
    """Start everything on this machine: the server, the worker, and the stations with a scanner or printer here.

    \b
    Example: comptoir run --demo
    """
    from web.supervisor import run_all

    run_all(settings(), database(), demo=demo)


@click.command("serve")
@command
def serve() -> None:
    """Serve pages and the API.

    \b
    Example: COMPTOIR_PORT=8000 comptoir serve
    """
    from web.server import serve_forever

    serve_forever(settings(), database())


@click.command("worker")
@command
def worker() -> None:
    """Run the timed jobs: close shifts left open, compute levels at night, draft orders, tell alerts, send mail, forget
    what is too old to keep.

    \b
    Example: comptoir worker
    """
    from web.mail_settings import Mailing
    from web.worker import work_forever

    work_forever(database(), Mailing.from_environment())


@click.command("jobs")
@as_json
@command
def jobs(as_json: bool) -> None:
    """The timed jobs of the worker: when each ran last, and when it runs next.

    \b
    Example: comptoir jobs --json
    """
    from inventory import days
    from web.mail_settings import Mailing
    from web.worker import timetable

    with reading() as session:
        found = timetable(session, Mailing.from_environment(), now=days.now())
    if as_json:
        print_json([{"name": name, "last": last, "next": next_} for name, last, next_ in found])
    else:
        rows = [[name, _clock(last), _clock(next_)] for name, last, next_ in found]
        print_table(["job", "last", "next"], rows)


def _clock(moment: datetime | None) -> str | None:
    from inventory import days

    return None if moment is None else f"{days.local(moment):%Y-%m-%d %H:%M}"
