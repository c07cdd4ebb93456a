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
from web.signals import end_at_once


@click.command("run")
@click.option("--demo", is_flag=True, help="Load the example organisation into an empty database.")
@click.option(
    "--years",
    type=click.FloatRange(0.05, 20),
    help="With --demo: simulate so long a history first, in an empty database.",
)
@command
def run(demo: bool, years: float | None) -> None:
    """Start everything on this machine: the server, the worker, and the stations with a scanner or printer here.

    \b
    Example: comptoir run --demo
    Example: comptoir run --demo --years 1
    """
    if years is not None:
        if not demo:
            raise click.UsageError("--years goes with --demo.")
        _simulate_once(years)  # which says how far it came, at Ctrl-C
    end_at_once()
    from web.supervisor import run_all

    run_all(settings(), database(), demo=demo)


def _simulate_once(years: float) -> None:
    """Where there is something already, it is left as it is."""
    from inventory import days
    from web.cli.demo import simulate
    from web.demo.play import is_in_use

    with reading() as session:
        if is_in_use(session):
            return
    simulate(database(), years=years, last=days.today())


@click.command("serve")
@command
def serve() -> None:
    """Serve pages and the API.

    \b
    Example: COMPTOIR_PORT=8000 comptoir serve
    """
    end_at_once()
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
    end_at_once()
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
