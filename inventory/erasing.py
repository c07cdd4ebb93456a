"""After a shift is erased: leave no copy of its journal in any file, nor the order in which its reads came.

Rows that stay (balances, lots) are touched by reads one after the other, and a database keeps that order where nobody
looks: the place of a row in its page, the number of the transaction that wrote it. So these tables are written anew, in
the order of their keys. Then the write-ahead log is cut off. tests/anonymity plays somebody who looks there.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Engine, Table
from sqlalchemy.exc import OperationalError

from inventory.tables import Balance, Base, Evening, Hold, Lot, PrintJob, Read, SetAside

TOUCHED_BY_READS = tuple(
    Base.metadata.tables[row.__tablename__] for row in (Balance, Lot, SetAside, PrintJob)
)

PATIENCE_MS = 3_000
"""How long to wait for readers; writers wait meanwhile, and the worker tries again."""


def forget(engine: Engine, one_writer: AbstractContextManager[Any]) -> bool:
    """Outside any transaction. False where somebody reading held it back."""
    if engine.dialect.name != "sqlite":
        return _forget_postgresql(engine)
    with one_writer, engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        (before,) = driver.execute("PRAGMA busy_timeout").fetchone()
        driver.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            _write_anew(driver)
            if not _cut_log(driver):
                return False
            _clear_index(driver)
            return _cut_log(driver)
        except driver.OperationalError:
            return False
        finally:
            driver.execute(f"PRAGMA busy_timeout = {before}")


def _cut_log(driver: Any) -> bool:
    busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _clear_index(driver: Any) -> None:
    """The index of the log (-shm) still names the pages that each read wrote, one after the other: the first entry of
    a new log clears it."""
    driver.execute("PRAGMA user_version = 0")


def _write_anew(driver: Any) -> None:
    """Empty each table as a whole, which overwrites its pages, and fill it in the order of its keys."""
    driver.execute("PRAGMA foreign_keys = OFF")  # moves go on pointing at lots
    try:
        driver.execute("BEGIN IMMEDIATE")
        try:
            for table in TOUCHED_BY_READS:
                _write_table_anew(driver, table)
            driver.execute("COMMIT")
        except BaseException:
            driver.execute("ROLLBACK")
            raise
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


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
