from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from unittest.mock import patch

import pytest

from inventory.database import Database, open_database
from inventory.tables import Purchase
from tests import postgres

from . import benches, house
from .benches import Table
from .ordering import in_need
from .workshop import Books, Workshop


@pytest.fixture(scope="session", autouse=True)
def lot_numbers_from_the_seed() -> Iterator[None]:
    """Hypothesis seeds `random` for each example: what it found can then be repeated."""
    with patch("inventory.tables.lists.randbelow", random.randrange):
        yield


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop.opened(tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="session")
def postgres_workshop(postgres_url: str) -> Workshop:
    return Workshop.written(open_database(postgres.create(postgres_url)))


@pytest.fixture
def sqlite_books(workshop: Workshop) -> Iterator[Books]:
    with workshop.books() as books:
        yield books


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def books(request: pytest.FixtureRequest) -> Iterator[Books]:
    name = "workshop" if request.param == "sqlite" else "postgres_workshop"
    made: Workshop = request.getfixturevalue(name)
    with made.books() as books:
        yield books


@pytest.fixture
def order(books: Books) -> Purchase:
    """With the supplier: 300 cups and 100 syringes."""
    return in_need(books)


@pytest.fixture(scope="session")
def template() -> Iterator[house.Template]:
    """A migrated SQLite database with the lists of `house`, to be copied."""
    made = house.Template()
    yield made
    made.remove()


@pytest.fixture(scope="session")
def fresh_postgres(postgres_url: str) -> house.Fresh:
    """Databases with the lists of `house`, copied from one that the migrations built."""
    template = postgres.create(postgres_url)
    with closing(open_database(template)) as lists:
        house.write_lists(lists)

    @contextmanager
    def fresh() -> Iterator[Database]:
        with closing(Database(postgres.create(postgres_url, copy_of=template))) as database:
            yield database

    return fresh


@pytest.fixture
def sqlite_database(template: house.Template) -> Iterator[Database]:
    """One of SQLite alone, for what has nothing to do with the engine."""
    with template.copy() as database:
        yield database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, template: house.Template) -> Iterator[Database]:
    """A database with the lists of `house`, of each kind."""
    if request.param == "sqlite":
        with template.copy() as database:
            yield database
    else:
        fresh: house.Fresh = request.getfixturevalue("fresh_postgres")
        with fresh() as database:
            yield database


@pytest.fixture
def shop(database: Database) -> Database:
    """Three tables and plenty of everything that a kit needs."""
    benches.set_up(database)
    database.write(benches.plenty)
    return database


@pytest.fixture
def table(shop: Database) -> Table:
    return Table(shop)
