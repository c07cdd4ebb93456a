"""The pictures of the desk can be taken: each of its pages opens, on the example after a week, and has its figures."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from inventory import days
from inventory.database import Database

from .desk_screens import NOW, PAGES, a_week


@pytest.fixture
def week(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "now", lambda: NOW)
    a_week(database)


@pytest.mark.usefixtures("week")
def test_every_page_of_a_picture_opens(camille: FlaskClient) -> None:
    found = {name: camille.get(where, follow_redirects=True) for name, where in PAGES.items()}
    assert {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(PAGES, 200)
    assert "/recipes/KIT-INJ" in found["kits"].text
    assert "S1A2511" in found["lot"].text and "MV-2026-0914" in found["lot"].text
