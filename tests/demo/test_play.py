"""Six weeks played through the services: the books agree, and there is something to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from inventory import alerts, days, opening_days, orders
from inventory.alerts import Kind
from inventory.database import Database, open_database, sqlite_url
from inventory.order_rules import COMING, Status
from inventory.tables import (
    Evening,
    Item,
    Move,
    Person,
    Place,
    PrintJob,
    Read,
    Shift,
    ShiftReturn,
)
from inventory.verify import verify
from inventory.words import HANDED_OUT, Reason
from web import simulated_lists
from web.cli import main
from web.demo.plan import Plan
from web.demo.play import play
from web.demo.profile import EXAMPLE
from web.example import PERSON, load_example

LAST = date(2026, 11, 22)
MORNING = datetime.combine(LAST, time(9), days.ZONE)


def played(folder: Path, *, weeks: int, seed: int = 1) -> Database:
    database = open_database(sqlite_url(folder / "comptoir.db"))
    load_example(database, deliveries=False)
    plan = Plan(EXAMPLE, seed, LAST - timedelta(weeks=weeks), LAST)
    with days.played_at(MORNING):  # whatever day the test runs on
        assert [day.day for day in play(database, plan)][-1] == LAST
    return database


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with closing(played(tmp_path_factory.mktemp("history"), weeks=6)) as database:
        yield database


def test_the_books_agree_and_no_journal_is_left(history: Database) -> None:
    with history.reading() as session:
        report = verify(session)
        assert report.faults == []
        assert report.checked["shifts"] > 60 and report.checked["kits"] > 10
        for table in (Read, Evening):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalar(select(func.count(Shift.station_id))) == 0
        timed = select(Move.id).where(Move.to_id == HANDED_OUT, Move.recorded_at.is_not(None))
        assert session.scalars(timed).all() == []
        assert session.scalars(select(Person.name)).all() == ["Camille"]


def test_everything_happened_in_its_own_time(history: Database) -> None:
    """Nothing reads today's clock: what was booked was recorded on its day, and nothing is yet to come."""
    with history.reading() as session:
        recorded = session.execute(
            select(Move.day, Move.recorded_at).where(Move.recorded_at.is_not(None))
        ).all()
        assert recorded and all(at and days.service_day(at) == day for day, at in recorded)
        assert session.scalars(select(Move.id).where(Move.day > LAST)).all() == []


def test_it_went_through_every_service(history: Database) -> None:
    with history.reading() as session:
        reasons = set(session.scalars(select(Move.reason).distinct()))
        assert reasons >= {
            Reason.OPENING,
            Reason.RECEIPT,
            Reason.TRANSFER,
            Reason.ASSEMBLY,
            Reason.HAND_OUT,
            Reason.SHORTFALL,
            Reason.DONATION,
            Reason.CORRECTION,
        }
        places = session.scalars(
            select(Place.code).join(Shift, Shift.place_id == Place.id).distinct()
        )
        assert set(places) == {one.place for one in EXAMPLE.outings}
        assert len(session.scalars(select(ShiftReturn.measured)).all()) > 20


def test_the_last_morning_has_something_to_say(history: Database) -> None:
    with history.reading() as session, days.played_at(MORNING):
        found = orders.all_orders(session)
        drafted = [one for one in found if one.status == Status.DRAFT]
        coming = [one for one in found if one.status in COMING]
        assert drafted and coming and any(one.status == Status.CLOSED for one in found)
        assert all(one.expected_on and one.sent_on for one in coming)
        told = {one.kind for one in alerts.alerts(session, now=MORNING)}
        assert told >= {Kind.LOW, Kind.EXPIRING, Kind.NOTHING_RECORDED}
        asked = opening_days.nothing_recorded(session, today=LAST)
        assert [one.place for one in asked] == ["CLIP"]


def test_the_same_seed_gives_the_same_totals(tmp_path: Path) -> None:
    def totals(name: str, seed: int) -> list[tuple[object, ...]]:
        (tmp_path / name).mkdir()
        with (
            closing(played(tmp_path / name, weeks=1, seed=seed)) as database,
            database.reading() as session,
        ):
            rows = session.execute(
                select(Move.day, Item.code, Move.from_id, Move.to_id, Move.reason, Move.channel)
                .add_columns(func.sum(Move.pieces))
                .join(Item, Item.id == Move.item_id)
                .group_by(Move.day, Item.code, Move.from_id, Move.to_id, Move.reason, Move.channel)
                .order_by(Move.day, Item.code, Move.from_id, Move.to_id, Move.reason)
                .order_by(Move.channel)
            )
            return [tuple(row) for row in rows]

    first = totals("first", 5)
    assert len(first) > 150
    assert first == totals("second", 5)


@pytest.fixture
def in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The commands find a folder with the small example."""
    with closing(open_database(sqlite_url(tmp_path / "comptoir.db"))) as database:
        load_example(database)
        for module in ("demo", "run", "common"):
            monkeypatch.setattr(f"web.cli.{module}.database", lambda: database)
        before = moves(database)
        yield database
        assert moves(database) == before


def moves(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Move)) or 0


def comptoir(*words: str) -> Result:
    return CliRunner().invoke(main, words, env={"LC_ALL": "en_GB.UTF-8"})


def test_a_folder_in_use_is_left_alone(in_use: Database) -> None:
    done = comptoir("demo")
    assert done.exit_code == 2
    assert "There is stock already" in done.output and "Traceback" not in done.output


def test_an_empty_folder_gets_a_history_and_devices_with_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_database(sqlite_url(tmp_path / "comptoir.db"))) as database:
        monkeypatch.setattr("web.cli.demo.database", lambda: database)
        done = comptoir("demo", "--years", "0.05")
        assert done.exit_code == 0, done.output
        assert PERSON in done.output
        with database.reading() as session:
            assert simulated_lists.any_there(session)
            assert session.scalars(select(PrintJob)).all() == []


def test_a_history_does_not_reach_beyond_today(in_use: Database) -> None:
    done = comptoir("demo", "--until", f"{days.today() + timedelta(days=1)}")
    assert done.exit_code == 2 and "yet to come" in done.output


def test_starting_again_simulates_nothing_more(
    in_use: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr("web.supervisor.run_all", lambda *_, demo: started.append(demo))
    assert comptoir("run", "--demo", "--years", "1").exit_code == 0
    assert started == [True]
    assert comptoir("run", "--years", "1").exit_code == 2
