"""`comptoir levels` and `comptoir jobs`: what the night computes, what a person fixes, and when it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest

from inventory import days
from inventory.counter import sheets
from inventory.counter.sheets import Sheet
from inventory.database import SECRET
from inventory.tables import Setting
from tests.e2e.conftest import CommandLine, with_example
from web.cli import common


@pytest.fixture(scope="module")
def comptoir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The example after ten evenings of the same."""
    here = with_example(tmp_path_factory.mktemp("levels"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COMPTOIR_DATA", "COMPTOIR_PORT"):
            patch.setenv(name, here.environment[name])
        common.settings.cache_clear()
        with closing(common.settings().open_database()) as database, database.writing() as session:
            secret = session.get_one(Setting, SECRET).value
            for back in range(1, 11):
                day = days.today() - timedelta(days=back)
                sheet = Sheet(uuid4(), "CLIP", day, items={"KIT-INJ": 12, "NALOX": 1})
                sheets.record_sheet(session, sheet=sheet, secret=secret, now=days.now())
        yield CommandLine(here)


def test_computed_fixed_and_released(comptoir: CommandLine) -> None:
    everything = comptoir.json("levels", "--compute")
    found = {row["item"]: row for row in everything}
    kit, water = found["KIT-INJ"], found["EAU5"]
    assert kit["daily"] == 12 and kit["supplier"] is None and water["supplier"]
    assert water["daily"] > kit["daily"] and water["known_days"] == 10
    assert (
        water["position"]
        == sum(water["counted"][what] for what in ("usable", "in_kits", "on_order", "lent"))
        - water["counted"]["owed"]
    )
    assert water["lasts_days"] == int(water["position"] / water["daily"])
    (fixed,) = comptoir.json("levels", "--item", "EAU5", "--fix", "40", "100", "--note", "juillet")
    assert (fixed["reorder_point"], fixed["order_up_to"], fixed["note"]) == (40, 100, "juillet")
    assert comptoir.json("levels", "--compute", "--item", "EAU5") == [fixed]
    assert comptoir.json("levels", "--item", "EAU5", "--release") == [water]
    assert "EAU5" in comptoir.run("levels").stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ("--item", "NOSUCH"),
        ("--fix", "1", "2"),
        ("--release",),
        ("--item", "EAU5", "--fix", "3", "2"),
        ("--item", "EAU5", "--fix", "1", "2", "--release"),
        ("--item", "EAU5", "--fix", "x", "2"),
    ],
)
def test_what_is_refused_changes_nothing(comptoir: CommandLine, wrong: tuple[str, ...]) -> None:
    before = comptoir.json("levels")
    result = comptoir.run("levels", *wrong, code=2)
    assert result.stderr.strip() and comptoir.json("levels") == before


def test_jobs_say_when_they_run(comptoir: CommandLine) -> None:
    found = {row["name"]: row for row in comptoir.json("jobs")}
    assert found["compute-levels"]["last"] is None and found["compute-levels"]["next"]
    assert "close-idle-shifts" in comptoir.run("jobs").stdout


def test_alerts_at_once_and_in_the_digest(comptoir: CommandLine) -> None:
    comptoir.run("levels", "--compute")
    comptoir.run("hold", "S1A2511")
    everything = comptoir.json("alerts")
    at_once = [one for one in everything if one["at_once"]]
    (recall,) = (one for one in at_once if one["kind"] == "recall")
    assert "S1A2511" in recall["says"] and not recall["told"]
    assert len(everything) - len(at_once) <= 5
    # Nobody is set up to be told: a normal state, said, and everything waits.
    for option in ([], ["--now"]):
        result = comptoir.run("alerts", *option)
        assert result.stdout.splitlines() == [one["says"] for one in everything]
        assert len(result.stderr.splitlines()) == 1 and "COMPTOIR_SMTP_HOST" in result.stderr
    assert comptoir.json("alerts") == comptoir.json("alerts", "--now") == everything
    assert comptoir.json("mail", "list") == []
    comptoir.run("release", "S1A2511")
    assert recall not in comptoir.json("alerts")
