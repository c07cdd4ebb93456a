"""What a closed evening leaves behind in the files of a PostgreSQL server, its log of writes excepted."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, Table, text

from inventory import days, erasing
from inventory.tables import ShiftCount, ShiftReturn
from tests import postgres
from tests.anonymity.attacker import search
from tests.anonymity.evening import PASSAGES, Evening
from web import worker
from web.jobs import Job, at_once, run_due

pytestmark = pytest.mark.postgres


@pytest.fixture
def evening(postgres_url: str, tmp_path: Path) -> Iterator[Evening]:
    evening = Evening(tmp_path, url=postgres.create(postgres_url))
    with evening.running():
        yield evening


@pytest.mark.parametrize("protected", [True, False])
def test_rows_that_reads_touched_lie_in_the_order_of_their_keys(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    if not protected:
        monkeypatch.setattr(erasing, "_cluster", vacuum)
    evening.serve(PASSAGES // 2)
    for counter in evening.counters:
        evening.close(counter)
    in_order = {table.name: lies_in_order(evening, table) for table in erasing.TOUCHED_BY_READS}
    assert all(in_order.values()) is protected
    assert in_order["balance"] is in_order["lot"] is protected


@pytest.mark.parametrize("protected", [True, False])
def test_who_was_read_late_lies_among_the_others(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """Nor does the number of a transaction tell which rows of a closed shift's totals came with the late moves."""
    evening.serve(PASSAGES // 4)
    for counter in evening.counters:
        evening.close(counter)
    if not protected:
        monkeypatch.setattr(erasing, "forget", lambda engine, one_writer: True)
    evening.come_late(evening.counters[0])
    totals = [ShiftCount.__table__, ShiftReturn.__table__]
    for table in totals:
        assert isinstance(table, Table)
        assert lies_in_order(evening, table) is protected, table.name
        assert (written_by(evening, table) == 1) is protected, table.name


def written_by(evening: Evening, table: Table) -> int:
    """By how many transactions the rows of a table were written."""
    with evening.db.reading() as session:
        query = text(f"SELECT count(DISTINCT xmin::text) FROM {table.name}")
        return int(session.execute(query).scalar_one())


def vacuum(engine: Engine, table: Table, until: float) -> bool:
    """Also a new file without what was deleted; but rows stay in the order in which they were touched."""
    with engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.exec_driver_sql(f"VACUUM (FULL) {table.name}")
    return True


def lies_in_order(evening: Evening, table: Table) -> bool:
    keys = ", ".join(column.name for column in table.primary_key)
    with evening.db.reading() as session:
        rows = session.execute(text(f"SELECT {keys} FROM {table.name} ORDER BY ctid")).all()
        in_order = session.execute(text(f"SELECT {keys} FROM {table.name} ORDER BY {keys}")).all()
    return rows == in_order


@pytest.mark.parametrize("protected", [True, False])
def test_what_a_reader_of_an_older_state_holds_back_is_erased_once_he_has_gone(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    if not protected:
        monkeypatch.setattr(erasing, "_cluster", vacuum)
    monkeypatch.setattr(erasing, "PATIENCE_MS", 300)
    evening.serve(2)
    with evening.db.reading() as session:
        session.execute(text("SELECT count(*) FROM item")).all()
        for counter in evening.counters:
            evening.close(counter, erased=not protected)  # VACUUM says nothing
        assert any(": read" in found for found in look(evening))
    at_once(evening.db, worker.forget_old, days.now())
    assert look(evening) == []


def test_who_reads_a_table_for_long_holds_up_the_erasing_but_no_counter(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new file for `balance` needs it alone, and whoever comes later queues behind: so nobody waits there long."""
    monkeypatch.setattr(erasing, "PATIENCE_MS", 20_000)
    begun = Event()
    rewrite = erasing._rewrite

    def noted(connection: Connection, table: Table) -> bool:
        begun.set()
        return rewrite(connection, table)

    monkeypatch.setattr(erasing, "_rewrite", noted)
    evening.serve(1)
    with ThreadPoolExecutor(1) as pool:
        with evening.db.reading() as session:
            session.execute(text("SELECT count(*) FROM balance")).all()
            erased = pool.submit(evening.db.forget_erased)
            assert begun.wait(20)
            evening.serve(1)
            assert not erased.done(), "the counters waited until erasing gave up"
        assert erased.result()


def test_old_versions_of_timed_jobs_are_no_clock(evening: Evening) -> None:
    """Each has a time and the number of its transaction: how many reads there were between two of them."""
    job = Job("close-idle-shifts", timedelta(minutes=5), worker.close_idle_shifts)
    for run in range(8):
        evening.serve(1)
        assert run_due(evening.db, days.now() + run * job.every, (job,)) == [job.name]
    assert versions(evening, job.name) == 8
    for counter in evening.counters:
        evening.close(counter)
    assert versions(evening, job.name) == 1


def test_statistics_of_the_planner_hold_no_reads(evening: Evening) -> None:
    """The server looks at samples of each table by itself, and keeps what it saw when the table is empty again."""
    evening.serve(PASSAGES // 10)
    analyze(evening)
    for counter in evening.counters:
        evening.close(counter)
    analyze(evening)
    assert look(evening) == []


def analyze(evening: Evening) -> None:
    with evening.db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def look(evening: Evening) -> list[str]:
    """What was erased, in the files of all tables and indexes; not in the server's log of writes."""
    return search({path: path.read_bytes() for path in files(evening)}, evening.erased)


def versions(evening: Evening, job: str) -> int:
    with evening.db.reading() as session:
        path = session.scalar(text("SELECT pg_relation_filepath('job_run')"))
    return next(f for f in files(evening) if f.match(path)).read_bytes().count(job.encode())


def files(evening: Evening) -> list[Path]:
    with evening.db.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.exec_driver_sql("CHECKPOINT")
        database = alone.exec_driver_sql(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).scalar_one()
    data = Path(str(evening.db.url.query["host"])) / "data"
    return [path for path in (data / "base" / str(database)).iterdir() if path.is_file()]
