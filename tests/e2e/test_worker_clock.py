"""A worker whose machine's clock is set: what it waited for by the old one is not waited for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inventory.database import Database, open_database, sqlite_url
from tests.e2e.clock import Clock
from tests.e2e.conftest import with_example
from tests.e2e.processes import Here
from tests.e2e.test_paper import wait_until
from web.jobs import last_runs

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Clocked(Here):
    """A folder whose processes have the clock of the test."""

    clock: Clock

    @property
    def environment(self) -> Mapping[str, str]:  # type: ignore[override]
        return {
            **Here.environment.fget(self),  # type: ignore[attr-defined]
            **self.clock.environment,
        }


def ran(database: Database) -> datetime:
    """When what runs every five minutes did."""
    with database.reading() as session:
        return last_runs(session).get("close-idle-shifts", datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("jump", [timedelta(days=365), -timedelta(days=365)])
def test_a_clock_that_is_set_back_a_year_stops_no_worker(tmp_path: Path, jump: timedelta) -> None:
    """Nor one that is set a year ahead: within seconds all that is due by the new clock has run, and goes on to."""
    made = with_example(tmp_path / "data")
    here = Clocked(made.data, made.port, Clock(tmp_path / "clock"))
    with closing(open_database(sqlite_url(made.data / "comptoir.db"))) as database:
        here.clock.set(NOW)
        with here.start("worker") as worker:
            wait_until(lambda: abs(ran(database) - NOW) < timedelta(minutes=2))
            for moment in (NOW + jump, NOW + jump + timedelta(minutes=6)):
                here.clock.set(moment)
                wait_until(lambda at=moment: abs(ran(database) - at) < timedelta(minutes=2))  # type: ignore[misc]
            assert any("The clock was set" in line for line in worker.lines.queue if line)
