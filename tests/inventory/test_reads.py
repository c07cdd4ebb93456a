"""Single mistakes a counter must not make, each with the reads that once made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from inventory import days
from inventory.database import Database
from web import app, reads

from .house import (
    Template,
    assert_sound,
    command,
    raw_read,
    stock_by_place,
)


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    template = Template()
    yield template
    template.remove()


@pytest.fixture
def database(template: Template) -> Iterator[Database]:
    with template.copy() as database:
        yield database


def send(
    database: Database, station: str, *codes: str, ago: Sequence[int] = ()
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Reads made now, or so many seconds ago: the answers and the session."""
    now = days.now()
    moments = [now - timedelta(seconds=n) for n in ago] or [now] * len(codes)
    batch = [raw_read(code, at) for code, at in zip(codes, moments, strict=True)]
    done = reads.record(database, station=station, raw_reads=batch, language="en")
    assert done is not None
    return done.results, done.session


def stock(database: Database) -> dict[tuple[str, str], int]:
    with database.reading() as session:
        assert_sound(session)
        return stock_by_place(session)


# Who may send


@pytest.fixture
def client(database: Database) -> FlaskClient:
    return app.create_app(database).test_client()


@pytest.mark.parametrize("header", ["", "Basic dTpw", "Bearer", "Bearer ", "bearer x", "Token t"])
def test_only_a_token_of_this_station_records(client: FlaskClient, header: str) -> None:
    batch = {"reads": [raw_read(command("times-5"))]}
    headers = {"Authorization": header}
    answer = client.post("/api/stations/CLIP-1/reads", json=batch, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("body", ["[" * 100_000, '{"reads":' + "[" * 100_000, "", "nul", "3"])
def test_what_is_no_batch_is_said_to_be_none(client: FlaskClient, body: str) -> None:
    headers = {"Authorization": "Bearer x"}
    answer = client.post("/api/stations/CLIP-1/reads", data=body, headers=headers)
    assert answer.status_code == 400
