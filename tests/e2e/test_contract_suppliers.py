"""Lists of suppliers by the command line, and the days their rules give."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from inventory import days
from tests.e2e.conftest import CommandLine


@pytest.fixture
def sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twentieth of December 2026, before noon."""
    monkeypatch.setattr(days, "now", lambda: datetime(2026, 12, 20, 10, tzinfo=days.ZONE))


@pytest.mark.usefixtures("sunday")
def test_suppliers_and_their_next_days(example: CommandLine) -> None:
    found = {row["name"]: row for row in example.json("suppliers")}
    modus, pharmacy = found["Modus Vivendi"], found["Grossiste en pharmacie"]
    assert (modus["review"], modus["cutoff_hour"], modus["lead_days"]) == ("FRI1 FRI3", 12, 10)
    assert {"first": "2026-12-24", "last": "2027-01-03"} in modus["closed"]
    # The first Friday of January is a closed day.
    assert (modus["next_review"], modus["following_review"]) == ("2027-01-15", "2027-02-05")
    assert modus["expected"] == "2027-01-25"
    assert (pharmacy["next_review"], pharmacy["expected"]) == ("2026-12-21", "2026-12-23")
    shown = example.run("suppliers").output
    assert "Modus Vivendi" in shown and "2027-01-15" in shown and "2026-12-24/2027-01-03" in shown


def test_the_lists_are_imported_as_any_other(example: CommandLine, tmp_path: Path) -> None:
    new = tmp_path / "leveranciers.csv"
    new.write_text("leverancier;adres;levertijd;besteldagen;uiterste uur\nNieuw;;5;VRI6;12\n")
    refused = example.run("import", "suppliers", new, code=2).stderr
    assert "besteldagen “VRI6”" in refused and "line 2" in refused
    new.write_text(new.read_text().replace("VRI6", "VRI"))
    assert example.json("import", "suppliers", new) == {"imported": 1, "unchanged": 0, "faults": []}
    supply = tmp_path / "aanvoer.csv"
    supply.write_text("leverancier;artikel;veelvoud\nnieuw;KIT-HYG;5\n")
    assert example.json("import", "supply", supply)["imported"] == 1
    assert example.json("import", "supply", supply)["unchanged"] == 1
    assert "Nieuw" in example.run("suppliers").output
