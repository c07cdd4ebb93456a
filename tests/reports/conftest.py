from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.database import Database, sqlite_url

from .evenings import Organisation


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the example organisation, made once."""
    file = tmp_path_factory.mktemp("example") / "comptoir.db"
    here = Organisation.opened(sqlite_url(file))
    here.db.forget_erased()
    here.db.close()
    return file


@pytest.fixture
def here(example: Path, tmp_path: Path) -> Iterator[Organisation]:
    file = tmp_path / "comptoir.db"
    shutil.copy(example, file)
    organisation = Organisation(Database(sqlite_url(file)))
    yield organisation
    organisation.db.close()
