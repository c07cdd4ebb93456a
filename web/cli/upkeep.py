"""Keeping the data: backup and restore."""

from __future__ import annotations

from pathlib import Path

import click

from inventory import backup as backups
from inventory.messages import Message
from web.cli.common import command, database, tell


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@command
def backup(file: Path) -> None:
    """Write everything to one file, while the service runs. Open shifts are closed in the copy only.

    \b
    Example: comptoir backup /media/usb/comptoir-2026-11-21.db
    """
    backups.backup(database(), file)
    click.echo(tell(Message("Backup written: %(file)s", file=str(file))))


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Replace what is in the database.")
@command
def restore(file: Path, force: bool) -> None:
    """Make the database what a backup says, all at once. Everybody signs in again.

    \b
    Example: COMPTOIR_DATA=./elsewhere comptoir restore comptoir-2026-11-21.db
    """
    backups.restore(database(), file, force=force)
    click.echo(tell(Message("Restored: %(file)s", file=str(file))))
