"""Backup and restore: one SQLite file, whatever engine the service runs on.

The rows of one snapshot are copied into a database in memory; there the open shifts are posted and erased; only then
is it written out. So no journal is ever in a backup, nor in a file it was made from.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Dialect, Float, Table, delete, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from inventory.counter import shifts
from inventory.database import SECRET, Database, current_revision, migrate, revisions
from inventory.errors import DatabaseNotEmpty, NotABackup, NotAllowed
from inventory.messages import Message
from inventory.tables import Base, Closing, JobRun, Mail, MailFile, Place, PrintJob, Setting, SignIn
from inventory.words import LAST_FIXED_PLACE

APPLICATION_ID = 0x434D5054  # "CMPT", where SQLite files say whose they are
CHUNK = 5_000  # rows copied at a time

# Whoever restores signs in again: a backup opens no door. Stations keep their tokens (hashes), for nobody is there to
# type a new one into each; `comptoir station token` gives another. Backups are kept, but when a counter closed is known
# for a week only. Mail that waits stays where it is: a copy brought up elsewhere must not write to suppliers.
NOT_IN_A_BACKUP = {row.__tablename__ for row in (SignIn, PrintJob, Closing, Mail, MailFile)}


def backup(database: Database, file: Path) -> None:
    """Write a backup to `file`, replacing what is there only once the new one is on disk. The service may run.

    Raises NotAllowed where the file cannot be written, or is the database itself.
    """
    if database.is_sqlite and _same_file(file, Path(database.url.database or "")):
        raise NotAllowed(Message("%(file)s is the database itself.", file=str(file)))
    try:
        with _in_memory() as copy:
            with database.reading() as source, copy.writing() as target:
                _copy(source, target)
            with copy.writing() as target:
                secret = target.get(Setting, SECRET)
                shifts.close_all(target, shifts.open_shifts(target), secret.value if secret else "")
                target.execute(delete(Closing))
                target.execute(delete(PrintJob))  # paper for a shift that goes on
            try:
                _write_out(copy, file)
            except (OSError, sqlite3.OperationalError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                told = {"file": str(file), "reason": str(reason)}
                raise NotAllowed(
                    Message("%(file)s cannot be written: %(reason)s.", **told)
                ) from error
    finally:
        # The snapshot may have held back the erasing of a shift that closed meanwhile.
        database.forget_erased()


def restore(database: Database, file: Path, *, force: bool = False) -> None:
    """Make `database` what the backup says, in one transaction: a running service sees the old or the new.

    A backup of an older version is brought up to date first. Raises NotABackup, and DatabaseNotEmpty unless `force`.
    """
    with _loaded(file) as copy:
        if database.is_sqlite and database.url.database:
            Path(database.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        migrate(database)
        try:
            with copy.reading() as source, database.writing() as target:
                _lock_all(target)
                if not force and not _is_empty(target):
                    raise DatabaseNotEmpty(
                        Message("The database is not empty. With --force it is replaced.")
                    )
                _copy(source, target)
                _reset_sequences(target)
        except IntegrityError as error:
            raise _not_a_backup(file, Message("its tables contradict each other")) from error
    database.forget_erased()


@contextmanager
def _in_memory() -> Iterator[Database]:
    """An empty database of today's schema that no file ever holds."""
    copy = Database("sqlite://")
    try:
        migrate(copy)
        yield copy
    finally:
        copy.close()


def _copy(source: Session, target: Session) -> None:
    """Replace every table of the target, row by row in the order of the keys."""
    tables = Base.metadata.sorted_tables
    for table in reversed(tables):
        target.execute(delete(table))
    for table in tables:
        if table.name not in NOT_IN_A_BACKUP:
            _copy_table(source.connection(), target.connection(), table)


def _copy_table(source: Connection, target: Connection, table: Table) -> None:
    """Straight from driver to driver: values are only converted where the engines differ."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    mark = "?" if target.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * len(table.columns))
    convert = _converter(source.dialect, target.dialect, table)
    rows = source.exec_driver_sql(
        f'SELECT {names} FROM "{table.name}" ORDER BY {keys}',
        execution_options={"yield_per": CHUNK},
    )
    for part in rows.partitions(CHUNK):
        target.exec_driver_sql(
            f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', [convert(row) for row in part]
        )


def _converter(
    source: Dialect, target: Dialect, table: Table
) -> Callable[[Iterable[Any]], tuple[Any, ...]]:
    if source.name == target.name:
        return tuple
    # Floats come as floats from both; for them SQLAlchemy would ask which of its types PostgreSQL has sent.
    out = [
        None
        if isinstance(c.type, Float)
        else c.type.dialect_impl(source).result_processor(source, None)
        for c in table.columns
    ]
    into = [c.type.dialect_impl(target).bind_processor(target) for c in table.columns]
    ways = [(get or _same, put or _same) for get, put in zip(out, into, strict=True)]
    return lambda row: tuple(put(get(v)) for (get, put), v in zip(ways, row, strict=True))


def _same(value: Any) -> Any:
    return value


def _write_out(copy: Database, file: Path) -> None:
    """Write the database to a temporary name, then rename it: `file` is always a whole backup."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{token_hex(4)}.part")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with copy.engine.connect() as connection:
            driver = _driver(connection)
            driver.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            # Writes living rows only, page after page; what was erased never was in this file.
            driver.execute("VACUUM INTO ?", (str(temporary),))
        _sync(temporary)
        os.replace(temporary, file)
        _sync(file.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _loaded(file: Path) -> Iterator[Database]:
    """A backup in memory, checked and brought to today's schema; the file itself is only read."""
    copy = Database("sqlite://")
    try:
        try:
            uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
            with closing(sqlite3.connect(uri, uri=True)) as source:
                _check(file, source)
                with copy.engine.connect() as connection:
                    source.backup(_driver(connection))
        except sqlite3.Error as error:
            raise _not_a_backup(file, _reason(file, error)) from error
        _check_revision(file, copy)
        migrate(copy)
        yield copy
    finally:
        copy.close()


def _check(file: Path, source: sqlite3.Connection) -> None:
    if source.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise _not_a_backup(file, Message("it was made by something else"))
    if [row[0] for row in source.execute("PRAGMA integrity_check(1)")] != ["ok"]:
        raise _not_a_backup(file, Message("it is damaged"))


def _reason(file: Path, error: sqlite3.Error) -> Message:
    if not file.is_file():
        return Message("there is no such file")
    if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
        return Message("it was made by something else")
    return Message("it is damaged")


def _check_revision(file: Path, copy: Database) -> None:
    revision = current_revision(copy)
    if revision is None:
        raise _not_a_backup(file, Message("it was made by something else"))
    if revision not in revisions():
        raise _not_a_backup(file, Message("a newer version of Comptoir made it: update first"))


def _not_a_backup(file: Path, reason: Message) -> NotABackup:
    return NotABackup(
        Message("%(file)s cannot be restored: %(reason)s.", file=str(file), reason=reason)
    )


def _is_empty(session: Session) -> bool:
    """Whether there is nothing but what every new database has."""
    for table in Base.metadata.sorted_tables:
        if table.name in (Setting.__tablename__, JobRun.__tablename__, SignIn.__tablename__):
            continue
        query = select(table).limit(1)
        if table.name == Place.__tablename__:
            query = query.where(table.c.id > LAST_FIXED_PLACE)
        if session.execute(query).first() is not None:
            return False
    return True


def _lock_all(session: Session) -> None:
    """Let nobody write meanwhile; SQLite has one writer at a time already."""
    if session.get_bind().dialect.name != "sqlite":
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        session.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _reset_sequences(session: Session) -> None:
    """PostgreSQL: numbers go on after the highest one copied."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for table in Base.metadata.sorted_tables:
        column = _numbered(table)
        if column is not None:
            highest = select(func.coalesce(func.max(table.c[column]), 0) + 1).scalar_subquery()
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', column)
            session.execute(select(func.setval(sequence, highest, False)))


def _numbered(table: Table) -> str | None:
    column = table.autoincrement_column
    return column.name if column is not None else None


def _same_file(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _driver(connection: Any) -> Any:
    return connection.connection.driver_connection
