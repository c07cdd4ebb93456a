"""After a shift is erased: leave no copy of its journal in any file, nor the order in which its reads came.

Rows that stay (balances, lots) are touched by reads one after the other, and a database keeps that order where nobody
looks: the place of a row in its page, the number of the transaction that wrote it. So these tables are written anew, in
the order of their keys. Then the write-ahead log is cut off. tests/anonymity plays somebody who looks there.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table
from sqlalchemy.exc import OperationalError

from inventory.tables import Balance, Base, Evening, Hold, Lot, PrintJob, Read, SetAside

TOUCHED_BY_READS = tuple(
    Base.metadata.tables[row.__tablename__] for row in (Balance, Lot, SetAside, PrintJob)
)

PATIENCE_MS = 3_000
"""How long to wait for readers; writers wait meanwhile, and the worker tries again."""

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
    page, is written up to the last block there ever was: a reader lets a log grow as long as he pleases.
    """
    (file,) = (row[2] for row in driver.execute("PRAGMA database_list") if row[1] == "main")
    blocks = Path(f"{file}-shm").stat().st_size // INDEX_BLOCK
    entries = max(1, (blocks - 1) * INDEX_ENTRIES - INDEX_HEADER + 1)
    for _ in range(entries):
        driver.execute("PRAGMA user_version = 0")
    _, written, _ = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return bool(written >= entries)  # less where another process wrote and began the log anew


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
    """Rows of one transaction tell no order; VACUUM FULL leaves the old files behind with what was deleted."""
    touched = [table.name for table in TOUCHED_BY_READS]
    evening = [row.__tablename__ for row in (Hold, Read, Evening)]
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(touched)} IN EXCLUSIVE MODE")
            for table in TOUCHED_BY_READS:
                column = table.columns.keys()[-1]
                connection.exec_driver_sql(f"UPDATE {table.name} SET {column} = {column}")
        with engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            alone.exec_driver_sql(f"SET lock_timeout = {PATIENCE_MS}")
            try:
                alone.exec_driver_sql(f"VACUUM (FULL) {', '.join([*touched, *evening])}")
            finally:
                alone.exec_driver_sql("RESET lock_timeout")
    except OperationalError:
        return False
    return True
