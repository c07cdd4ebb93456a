"""An evening of so many reads that the write-ahead log is written back in the middle of it; and one where somebody
reads the old state meanwhile, so that the log outgrows the first block of its index, which the next entry clears.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from devices import outbox
from inventory import database, days, erasing
from inventory.tables import Balance
from tests.anonymity.attacker import Report, attack
from tests.anonymity.evening import PASSAGES, Evening
from web import worker
from web.jobs import at_once

ONE_BLOCK = 4062
"""Entries in the first block of the index of a log."""

LOG_HEADER, FRAME = 32, 24 + 4096


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing waits for the disk: a power cut is not what is tried here, and thousands of reads are."""
    prepare = database._prepare_sqlite

    def prepared(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    monkeypatch.setattr(database, "_prepare_sqlite", prepared)
    pragmas = [pragma.replace("= FULL", "= OFF") for pragma in outbox.PRAGMAS]
    assert pragmas != list(outbox.PRAGMAS)
    monkeypatch.setattr(outbox, "PRAGMAS", tuple(pragmas))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def evening(folder: Path) -> Iterator[Evening]:
    """Each read in a transaction of its own."""
    evening = Evening(folder)
    evening.lengthen()
    evening.slow_network = False
    with evening.running():
        yield evening


def test_a_long_evening_tells_nothing(evening: Evening) -> None:
    evening.serve(PASSAGES + 5)
    assert longest_log(evening) <= database.LOG_PAGES + 100, "not written back"
    assert sum(len(counter.sent) for counter in evening.counters) >= 1_200
    for counter in evening.counters:
        evening.close(counter)
    evening.truths = [evening.truth_of_all()]
    report = look(evening)
    assert not report.beaten, report


@pytest.mark.parametrize("protected", [True, False])
def test_a_log_that_a_reader_let_grow_is_erased_once_he_has_gone(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    if not protected:
        monkeypatch.setattr(erasing, "_clear_index", clear_first_block)
    monkeypatch.setattr(erasing, "PATIENCE_MS", 100)
    with somebody_reading(evening):
        while longest_log(evening) < ONE_BLOCK + PASSAGES:
            evening.serve(5)
        for counter in evening.counters:
            evening.close(counter, erased=False)
        taken = evening.carry_away(evening.folder.with_name("taken-too-early"))
        assert evening.counters[0].sent[0].id.bytes in (taken / "comptoir.db-wal").read_bytes()
    now = days.now()
    at_once(evening.db, worker.forget_old, now)
    evening.truths = []  # their orders are tried above
    found = look(evening).found
    assert not found if protected else ["page writes" in one for one in found] == [True]


def clear_first_block(driver: Any) -> bool:
    """What one entry in a new log does."""
    driver.execute("PRAGMA user_version = 0")
    return True


def longest_log(evening: Evening) -> int:
    """The most pages that the log ever held: its file is as long as that until it is cut off."""
    return ((evening.folder / "comptoir.db-wal").stat().st_size - LOG_HEADER) // FRAME


@contextmanager
def somebody_reading(evening: Evening) -> Iterator[None]:
    """A long report, or a backup to a slow stick."""
    with evening.db.reading() as session:
        session.execute(select(Balance)).all()
        yield


def look(evening: Evening) -> Report:
    taken = evening.carry_away(evening.folder.with_name("taken"))
    return attack(taken, evening.truths, evening.erased)
