"""After a shift is erased: leave no copy of its journal in any file, nor the order in which its reads came.

Rows that stay (balances, lots) are touched by reads one after the other, and a database keeps that order where nobody
looks: the place of a row in its page, the number of the transaction that wrote it. So these tables are written anew, in
the order of their keys. Then the write-ahead log is cut off. tests/anonymity plays somebody who looks there.
"""

from __future__ import annotations

import re
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import OperationalError

from inventory.tables import (
    Balance,
    Base,
    Batch,
    BatchLot,
    Bench,
    Closing,
    Evening,
    Hold,
    JobRun,
    Lot,
    PrintJob,
    Read,
    SetAside,
    ShiftCount,
    ShiftReturn,
    UnknownCode,
)

TOUCHED_BY_READS = tuple(
    Base.metadata.tables[row.__tablename__]
    for row in (Balance, Lot, SetAside, PrintJob, Batch, BatchLot, Bench, Closing)
) + tuple(
    # Reads that came late for a closed shift are added here: these rows would tell which they were.
    Base.metadata.tables[row.__tablename__]
    for row in (ShiftCount, ShiftReturn, UnknownCode)
)

# Of a row that is updated, PostgreSQL keeps the old versions: those of a timed job tell how many transactions there
# were until each of its runs.
UPDATED_ALL_EVENING = tuple(
    Base.metadata.tables[row.__tablename__] for row in (Hold, Read, Evening, JobRun)
)

PATIENCE_MS = 3_000
"""How long to wait for readers; writers wait meanwhile, and the worker tries again."""

QUEUE_MS = 250
"""How long at once to queue for a table of PostgreSQL alone: whoever comes later, even to read, queues behind."""

LOOK_AGAIN_S = 0.1
"""How soon to look whether a reader has gone: the pages of a counter read for milliseconds, four times a second."""

FIRST_NUMBER = re.compile(r"\d+")

# Of the index of the log: bytes of a block, its entries, and those that a header takes the place of in the first. See
# https://www.sqlite.org/walformat.html.
INDEX_BLOCK, INDEX_ENTRIES, INDEX_HEADER = 32_768, 4096, 34


def forget(engine: Engine, one_writer: AbstractContextManager[Any]) -> bool:
    """Outside any transaction. False where somebody reading held it back."""
    if engine.dialect.name != "sqlite":
        return _forget_postgresql(engine)
    with one_writer, engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        connection.detach()  # its settings are for this once
        for pragma in (
            f"busy_timeout = {PATIENCE_MS}",
            "synchronous = NORMAL",  # on disk when the log is cut off, which is soon enough
            "wal_autocheckpoint = 0",
            "foreign_keys = OFF",  # moves go on pointing at lots that are written anew
        ):
            driver.execute(f"PRAGMA {pragma}")
        try:
            _write_anew(driver)
            return _cut_log(driver) and _clear_index(driver) and _cut_log(driver)
        except driver.OperationalError:
            return False


def _cut_log(driver: Any) -> bool:
    busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _clear_index(driver: Any) -> bool:
    """The index of the log (-shm) still names the pages that each read wrote, one after the other.

    SQLite clears a block of it when the log gets its first entry there. So a log of empty transactions, each of one
    page, is written up to the last block that is not clear: a reader lets a log grow as long as he pleases.
    """
    (file,) = (row[2] for row in driver.execute("PRAGMA database_list") if row[1] == "main")
    last = _last_to_clear(Path(f"{file}-shm"))
    entries = max(1, last * INDEX_ENTRIES - INDEX_HEADER + 1)
    for _ in range(entries):
        driver.execute("PRAGMA user_version = 0")
    _, written, _ = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return bool(written >= entries)  # less where another process wrote and began the log anew


def _last_to_clear(index: Path) -> int:
    """The last block that names a page other than the first, which is all that empty transactions write; or 0.

    The index never gets shorter while the service runs. Another process reads it: in this one, closing the file would
    give up all locks that SQLite has on it (see https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    if index.stat().st_size <= INDEX_BLOCK:
        return 0
    content = memoryview(subprocess.run(["cat", index], stdout=subprocess.PIPE, check=True).stdout)
    blocks = range(content.nbytes // INDEX_BLOCK)
    pages = (content[n * INDEX_BLOCK :][: 4 * INDEX_ENTRIES].cast("I") for n in blocks)
    return max((n for n, named in enumerate(pages) if not {0, 1}.issuperset(named)), default=0)


def _write_anew(driver: Any) -> None:
    """Empty each table as a whole, which overwrites its pages, and fill it in the order of its keys."""
    driver.execute("BEGIN IMMEDIATE")
    try:
        for table in TOUCHED_BY_READS:
            _write_table_anew(driver, table)
        driver.execute("COMMIT")
    except BaseException:
        driver.execute("ROLLBACK")
        raise


def _write_table_anew(driver: Any, table: Table) -> None:
    keys = ", ".join(column.name for column in table.primary_key)
    rows = driver.execute(f"SELECT * FROM {table.name} ORDER BY {keys}").fetchall()
    driver.execute(f"DELETE FROM {table.name}")
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        driver.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)


def _forget_postgresql(engine: Engine) -> bool:
    """Rows of one transaction tell no order, nor do those that lie in the order of their keys."""
    touched = ", ".join(table.name for table in TOUCHED_BY_READS)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
            connection.exec_driver_sql(f"LOCK TABLE {touched} IN EXCLUSIVE MODE")
            for table in TOUCHED_BY_READS:
                column = table.columns.keys()[-1]
                connection.exec_driver_sql(f"UPDATE {table.name} SET {column} = {column}")
        until = monotonic() + PATIENCE_MS / 1000
        tables = (*TOUCHED_BY_READS, *UPDATED_ALL_EVENING)
        return all(_cluster(engine, table, until) for table in tables)
    except OperationalError:
        return False


def _cluster(engine: Engine, table: Table, until: float) -> bool:
    """Write a table to a new file, in the order of its keys, and leave the old one behind with what was deleted.

    Deleted rows go along while somebody reads an older state; false where that is still so after `until`, or where
    somebody used the table all the time. Rows that another counter replaced just now count as well, above all those of
    `evening`, one a read: where it is busy without a pause the worker does the rest.
    """
    while True:
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {QUEUE_MS}")
                held_back = _rewrite(connection, table)
        except OperationalError:
            held_back = True
        if not held_back or monotonic() > until:
            return not held_back
        with engine.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_sleep({LOOK_AGAIN_S})")


def _rewrite(connection: Connection, table: Table) -> bool:
    """Whether deleted rows went along: only what the server says of its work tells, in words of its own language."""
    driver: Any = connection.connection.driver_connection
    said: list[str] = []

    def listen(notice: Any) -> None:
        said.append(notice.message_detail or "")

    driver.add_notice_handler(listen)
    try:
        connection.exec_driver_sql(f"CLUSTER VERBOSE {table.name} USING {table.primary_key.name}")
    finally:
        driver.remove_notice_handler(listen)
    # "0 dead row versions cannot be removed yet."
    return "0" not in [number.group() for detail in said if (number := FIRST_NUMBER.search(detail))]
