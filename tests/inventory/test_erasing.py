"""What erasing does to the log of SQLite and to its index, which stays as long as the log ever was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory import erasing
from inventory.database import Database, open_database, sqlite_url

from .house import fast_folder

LOG_HEADER, FRAME = 32, 24 + 4096

THIRD_BLOCK = 4062 + 4096 + 1
"""The first entry of the third block of the index of a log."""

# Every connection to a log holds this byte of its index. Who gets it alone takes the index for his own and empties it.
TAKE_INDEX = """
import fcntl, sys
fcntl.lockf(open(sys.argv[1], "r+b"), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 128)
"""


@pytest.fixture
def database() -> Iterator[Database]:
    database = open_database(sqlite_url(fast_folder() / "comptoir.db"))
    yield database
    database.close()


@pytest.fixture
def logs(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pages the log held each time it was cut off."""
    held: list[int] = []
    cut = erasing._cut_log

    def noted(driver: Any) -> bool:
        held.append((beside(database, "-wal").stat().st_size - LOG_HEADER) // FRAME)
        return cut(driver)

    monkeypatch.setattr(erasing, "_cut_log", noted)
    return held


def beside(database: Database, suffix: str) -> Path:
    return Path(f"{database.url.database}{suffix}")


def write_long_log(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE large AS SELECT zeroblob(9000 * 4096)")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE large")


def test_only_blocks_of_the_index_that_name_pages_are_cleared(
    database: Database, logs: list[int]
) -> None:
    """Each costs thousands of transactions, while no counter can write."""
    write_long_log(database)
    cleared = []
    for _ in range(3):
        assert database.forget_erased()
        cleared.append(logs[-1])
    write_long_log(database)
    assert database.forget_erased()
    assert beside(database, "-shm").stat().st_size >= 3 * erasing.INDEX_BLOCK
    long = logs[0]
    assert long > THIRD_BLOCK
    assert cleared[0] >= THIRD_BLOCK
    assert cleared[1:] == [1, 1]
    assert logs[-1] >= THIRD_BLOCK


def test_looking_at_the_index_leaves_it_to_sqlite(database: Database) -> None:
    """A process that closes a file loses all its locks on it: never open the index in this one."""
    write_long_log(database)
    assert database.forget_erased()
    take = [sys.executable, "-c", TAKE_INDEX, str(beside(database, "-shm"))]
    taken = subprocess.run(take, capture_output=True, text=True, check=False)
    assert "BlockingIOError" in taken.stderr
