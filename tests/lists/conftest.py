from __future__ import annotations

from pathlib import Path

import pytest

from .helpers import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.opened(tmp_path)


@pytest.fixture
def stocked(office: Office) -> Office:
    """An office that knows the items and places of the example."""
    return office.with_lists()
