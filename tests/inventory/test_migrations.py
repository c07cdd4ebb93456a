"""The migrations: up, exactly the tables that the code knows, down to nothing, and up again. On both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from inventory import database as database_module
from inventory.database import (
    MIGRATIONS,
    SECRET,
    Database,
    migrate,
    open_database,
    revisions,
    sqlite_url,
)
from inventory.tables import Base, Place, Setting
from inventory.words import FIXED_PLACES
from tests import postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "empty.db")
    return postgres.create(request.getfixturevalue("postgres_url"))


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()


def test_the_names_of_the_files_say_the_order() -> None:
    """The product reads them without loading Alembic."""
    script = ScriptDirectory.from_config(config())
    assert [one.revision for one in script.walk_revisions()] == revisions()[::-1]


def test_up_down_and_up_again(empty: Database) -> None:
    migrate(empty)
    assert differences(empty) == []
    places = fixed_places(empty)
    down(empty)
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    migrate(empty)
    assert differences(empty) == []
    assert fixed_places(empty) == places


def test_a_column_that_no_migration_makes_is_seen(empty: Database) -> None:
    migrate(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("ALTER TABLE move ADD COLUMN weather VARCHAR(20)"))
    (difference,) = differences(empty)
    assert difference[0] == "remove_column"


def test_the_fixed_places_have_their_numbers(empty: Database) -> None:
    """And the next place gets the next number: sequences know what the migration wrote."""
    migrate(empty)
    assert fixed_places(empty) == {number: str(kind) for number, kind in FIXED_PLACES.items()}
    with empty.writing() as session:
        place = Place(code="A", name="A", kind="store")
        session.add(place)
        session.flush()
        assert place.id == max(FIXED_PLACES) + 1


def test_several_that_open_an_empty_database_take_turns(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service and its worker start together on the first day."""
    monkeypatch.setattr(database_module, "migrate", migrate)
    barrier = threading.Barrier(4)
    secrets: list[str] = []
    failures: list[BaseException] = []

    def start() -> None:
        try:
            barrier.wait(60)
            database = open_database(empty_url)
            with database.reading() as session:
                secrets.append(session.get_one(Setting, SECRET).value)
            database.close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(secrets) == 4
    assert len(set(secrets)) == 1


def test_a_new_file_is_opened_by_several_at_once(tmp_path: Path) -> None:
    """SQLite tells at once that the file is locked while another gives it its log: seen once in forty."""

    def start(number: int) -> bool:
        database = Database(sqlite_url(tmp_path / f"{number}.db"))
        barrier.wait(60)
        with database.reading() as session:
            session.connection()
        database.close()
        return True

    for number in range(150):
        barrier = threading.Barrier(4)
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(start, [number] * 4))


def differences(database: Database) -> list[tuple[object, ...]]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [tuple(one) for one in compare_metadata(context, Base.metadata)]


def fixed_places(database: Database) -> dict[int, str]:
    with database.reading() as session:
        return dict(session.execute(select(Place.id, Place.kind)).all())


def down(database: Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(config(connection), "base")


def config(connection: Connection | None = None) -> Config:
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.attributes["connection"] = connection
    return found
