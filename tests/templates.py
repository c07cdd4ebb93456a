"""Databases that many tests begin with: written once in a process, and copied from then on."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

from inventory.database import Database, open_database, sqlite_url
from inventory.database import migrate as migrate_by_scripts
from web.example import load_example

_written: dict[str, Path] = {}


def copied(name: str, file: Path, write: Callable[[Path], None]) -> Path:
    """`file` as `write` would write it, in one step."""
    if name not in _written:
        _written[name] = _folder() / f"{name}.db"
        write(_written[name])
    part = file.with_name(f".{file.name}")
    shutil.copy(_written[name], part)
    part.chmod(0o600)
    return part.replace(file)


def example(file: Path) -> Path:
    """A database that holds the example organisation."""
    return copied("example", file, _write_example)


def migrate(database: Database) -> None:
    """As `inventory.database.migrate`, which `tests.inventory.test_migrations` proves: a new file is a copy of one
    that the scripts made."""
    file = Path(database.url.database or "")
    if database.is_sqlite and not (file.exists() and file.stat().st_size):
        copied("migrated", file, _write_migrated)
    migrate_by_scripts(database)


def _write_migrated(file: Path) -> None:
    with closing(Database(sqlite_url(file))) as database:
        migrate_by_scripts(database)


def _write_example(file: Path) -> None:
    with closing(open_database(sqlite_url(file))) as database:
        load_example(database)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="comptoir-templates-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
