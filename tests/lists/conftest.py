from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from inventory.database import open_database, sqlite_url
from tests import templates

from .helpers import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.opened(tmp_path)


@pytest.fixture
def stocked(tmp_path: Path) -> Office:
    """An office that knows the items and places of the example."""
    templates.copied("stocked", tmp_path / "t.db", _write_lists)
    return Office.opened(tmp_path)


def _write_lists(file: Path) -> None:
    with closing(open_database(sqlite_url(file))) as database:
        Office(database, file.parent).with_lists()
