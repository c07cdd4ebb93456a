"""The processes: everything on this machine, or one at a time."""

from __future__ import annotations

import click

from web.cli.common import command, database, settings


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
    """Run the timed jobs: close shifts left open, forget what is too old to keep.

    \b
    Example: comptoir worker
    """
    from web.worker import work_forever

    work_forever(database())
