"""A station, its team and the browser that stands at it: what the tests of opening a station share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import days, station_opening
from inventory.database import Database
from inventory.tables import Station
from web import access


@dataclass
class Team:
    """Badges as their scanners send them."""

    noor: str
    sam: str
    workshop: str


def csrf_of_station(client: FlaskClient) -> str:
    cookie = client.get_cookie(access.STATION_COOKIE)
    assert cookie is not None
    application = client.application
    assert application is not None
    with application.test_request_context(headers={"Cookie": f"station={cookie.value}"}):
        return access.csrf_token()


def is_open(database: Database) -> bool:
    with database.reading() as session:
        station = session.scalars(select(Station).where(Station.name == "CLIP")).one()
        return station_opening.is_open(station, days.today())


def scan(client: FlaskClient, token: str, *codes: str, at: datetime | None = None) -> list[Any]:
    """Codes read by the station's own scanner."""
    moment = (at or datetime.now(UTC)).isoformat()
    reads = [{"id": str(uuid4()), "code": code, "at": moment} for code in codes]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    answer = client.post("/api/stations/CLIP/reads", json={"reads": reads}, headers=headers)
    assert answer.status_code == 200
    results: list[Any] = answer.get_json()["results"]
    return results


def enter(client: FlaskClient, **data: str) -> Any:
    form = {"csrf": csrf_of_station(client), **data}
    return client.post("/stations/CLIP/opening", data=form)
