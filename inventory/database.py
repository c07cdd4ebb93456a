"""The database: one engine, a transaction that writes, one that only reads, and the migrations.

SQLite is the embedded default; PostgreSQL runs the same code. What differs between them stands in this file.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from secrets import token_hex
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from inventory import erasing
from inventory.ledger import PLACES, lock
from inventory.statements import DRIVER, driver_of
from inventory.tables import Setting

BUSY_TIMEOUT_S = 60
POOL_SIZE = 32
RETRIES = 8

LOG_PAGES = 3_000
"""Of 4 KiB, of write-ahead log before it is written back, some 700 reads: few of them wait for that, and its index
stays within one block, so that closing has little to clear (see `erasing`)."""

# PostgreSQL: deadlock_detected, serialization_failure, and unique_violation, where two made the same row at once: the
# second then finds it.
RETRYABLE = {"40P01", "40001", "23505"}

SECRET = "secret"
"""The key under which read ids are hashed and cookies are signed."""

T = TypeVar("T")


class Database:
    """An engine that knows how to begin. Callers own the transaction: `with db.writing() as session: …`."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(url, is_sqlite=self.is_sqlite)
        self._reader = self.engine.execution_options(read_only=True)
        self._of_one_moment = self.engine.execution_options(of_one_moment=True)
        # SQLite lets one connection write at a time and makes the others poll; threads of this process queue fairly
        # instead. Other processes still meet at BEGIN IMMEDIATE.
        self._one_writer = threading.RLock() if self.is_sqlite else nullcontext()
        self._writer: Session | None = None

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that commits at the end, or undoes everything."""
        return self._writing_sqlite() if self.is_sqlite else self._writing_postgresql(self.engine)

    @contextmanager
    def _writing_postgresql(self, engine: Engine) -> Iterator[Session]:
        with Session(engine) as session, session.begin():
            session.info[DRIVER] = driver_of(session)
            yield session

    @contextmanager
    def _writing_sqlite(self) -> Iterator[Session]:
        """A transaction of the one connection that writes to SQLite, begun and ended on the driver.

        SQLAlchemy's own beginning and ending cost as much as all statements of a read, most of which need neither
        its objects nor its transaction; where something does use them, they join the driver's.
        """
        with self._one_writer:
            session = self._writer = self._writer or _writer(self.engine)
            driver, _ = session.info[DRIVER]
            driver.execute("BEGIN IMMEDIATE")
            try:
                yield session
                if session.in_transaction():
                    session.commit()
                    session.close()  # its objects belong to this transaction
                else:
                    driver.commit()
            except BaseException:
                self._writer = None  # a new connection next time, whatever state this one is in
                try:
                    session.close()
                finally:
                    driver.rollback()
                    cast(Connection, session.get_bind()).close()
                raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A snapshot for questions."""
        with Session(self._reader) as session, session.begin():
            yield session

    def write(self, work: Callable[[Session], T], *, of_one_moment: bool = False) -> T:
        """Run `work` in a writing transaction, again where PostgreSQL let another go first.

        `of_one_moment` is for what compares many tables: else each statement on PostgreSQL sees what was committed
        before it, and a shift that closes in between is counted twice, or not at all.
        """
        if self.is_sqlite:
            with self.writing() as session:
                return work(session)
        places: set[int] = set()
        for attempt in range(RETRIES):
            try:
                with self._writing_postgresql(
                    self._of_one_moment if of_one_moment else self.engine
                ) as session:
                    session.info[PLACES] = places
                    lock(session, places)
                    return work(session)
            except Exception as error:
                # The driver's own error, or SQLAlchemy's around it.
                state = getattr(getattr(error, "orig", error), "sqlstate", None)
                if state not in RETRYABLE or attempt == RETRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def forget_erased(self) -> bool:
        """Leave nothing of what was erased outside the tables, nor the order in which reads touched what stays.

        Outside any transaction. False where a long reader held it back; the worker tries again.
        """
        return erasing.forget(self.engine, self._one_writer)

    def close(self) -> None:
        with self._one_writer:
            if self._writer is not None:
                cast(Connection, self._writer.get_bind()).close()
                self._writer = None
        self.engine.dispose()


def _engine(url: str, *, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        # A service pauses for hours between evenings; the server may have hung up meanwhile.
        engine = create_engine(url, pool_size=POOL_SIZE, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        hide_parameters=True,  # a traceback in the log must not tell a read
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _writer(engine: Engine) -> Session:
    connection = engine.connect()
    return Session(connection, info={DRIVER: (connection.connection.driver_connection, True)})


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite
    _keep_a_log(connection)
    for pragma in (
        "synchronous = FULL",
        f"wal_autocheckpoint = {LOG_PAGES}",
        "secure_delete = ON",
        "foreign_keys = ON",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """A write-ahead log, which stays with the file. Of several that open a new file at once one changes it, and SQLite
    tells the others at once that it is locked, however long they would have waited."""
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    if driver.in_transaction:  # begun by `Database.writing`
        return
    # Without IMMEDIATE two writers both read, then one fails or overwrites: sixteen threads drove a stock to -8.
    read_only = connection.get_execution_options().get("read_only")
    driver.execute("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("read_only"):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    elif options.get("of_one_moment"):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def open_database(url: str) -> Database:
    """A database ready for use: migrated, and with the organisation's own key."""
    database = Database(url)
    migrate(database)
    with database.reading() as session:
        has_secret = session.get(Setting, SECRET) is not None
    if not has_secret:
        database.write(_make_secret)
    return database


def _make_secret(session: Session) -> None:
    # Asked again: two processes may start together on the first day.
    if session.get(Setting, SECRET) is None:
        session.add(Setting(name=SECRET, value=token_hex(32)))


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


MIGRATIONS = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """Every migration, oldest first; their files begin with their number."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("*_*.py"))


def current_revision(database: Database) -> str | None:
    """What the database was last migrated to; None for an empty one."""
    with database.reading() as session:
        connection = session.connection()
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`; an empty database gets everything. Two processes at once take turns."""
    if revision == "head" and current_revision(database) == revisions()[-1]:
        return
    # Only now: every command passes by here, and Alembic takes longer to load than most of them to run.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(20260914)"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
