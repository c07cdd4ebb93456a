"""What opening a station must not allow: trying badges out, one key in place of another, knowing who opened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import days, station_opening, stations
from inventory.database import Database
from inventory.tables import Base, StationToken
from labels.house import Kind, house_code
from web import access, station_badges
from web.i18n import say
from web.limits import FREE_TRIES
from web.live import MOST_PER_BROWSER

from .conftest import code_of
from .standing import Team, csrf_of_station, enter, is_open, scan


def test_another_browser_does_not_open_it(flask_app: Flask, team: Team, database: Database) -> None:
    stranger = flask_app.test_client()
    stranger.post("/stations/CLIP/opening", data={"badge": team.noor})
    stranger.set_cookie(access.STATION_COOKIE, "made up")
    stranger.post("/stations/CLIP/opening", data={"badge": team.noor})
    assert not is_open(database)


def test_badges_cannot_be_tried_out_at_a_scanner(
    client: FlaskClient, team: Team, token: str, database: Database
) -> None:
    tried = [house_code(Kind.BADGE, number) for number in range(30)]
    assert team.noor not in tried
    messages = [result["message"] for result in scan(client, token, *tried, team.noor)]
    assert messages.count(say(station_badges.NOT_VALID, "en")) == FREE_TRIES["badge"]
    assert not is_open(database)
    # What is handed out meanwhile is recorded.
    (result,) = scan(client, token, code_of(database, "KIT-INJ"))
    assert result["status"] == "accepted"


def test_a_badge_of_ones_own_gives_no_further_tries(
    flask_app: Flask, client: FlaskClient, team: Team, token: str
) -> None:
    flask_app.config["SIGN_IN_ATTEMPTS"].clock = lambda: 0.0
    codes = []
    for number in range(30):
        codes += [house_code(Kind.BADGE, number)] + [team.noor] * (number % 9 == 8)
    messages = [result["message"] for result in scan(client, token, *codes)]
    assert messages.count(say(station_badges.HANDOVER, "en")) == 0
    assert messages.count(say(station_badges.NOT_VALID, "en")) == FREE_TRIES["badge"]


@pytest.mark.parametrize("address", ["/sign-in", "/stations/CLIP/opening"])
def test_badges_cannot_be_tried_out_at_a_browser(
    flask_app: Flask, counter: FlaskClient, team: Team, address: str
) -> None:
    """Whatever number it gives itself for each try."""
    flask_app.config["SIGN_IN_ATTEMPTS"].clock = lambda: 0.0
    tried = [house_code(Kind.BADGE, number) for number in range(FREE_TRIES["badge"])]
    answers = []
    for number, badge in enumerate([*tried, team.noor]):
        counter.set_cookie("browser", f"{number:032x}")
        data = {"csrf": csrf_of_station(counter), "badge": badge}
        answers.append(counter.post(address, data=data).status_code)
    assert answers == [401] * FREE_TRIES["badge"] + [429]


def test_the_workshop_opens_no_counter_by_its_scanner(
    client: FlaskClient, team: Team, token: str, database: Database
) -> None:
    (result,) = scan(client, token, team.workshop)
    assert result["message"] == say(station_badges.ANOTHER_STATION, "en")
    assert not is_open(database)
    scan(client, token, team.noor)
    (result,) = scan(client, token, team.workshop)
    assert result["message"] == say(station_badges.ANOTHER_STATION, "en")
    with database.writing() as session:
        at_workshop = stations.new_token(session, station="TAD")
    read = {"id": str(uuid4()), "code": team.workshop, "at": datetime.now(UTC).isoformat()}
    headers = {"Authorization": f"Bearer {at_workshop}", "Accept-Language": "en"}
    sent = client.post("/api/stations/TAD/reads", json={"reads": [read]}, headers=headers)
    assert sent.get_json()["results"][0]["message"] == say(station_badges.OPENED, "en")


def test_a_browser_has_its_share_of_streams_whatever_it_calls_itself(
    flask_app: Flask, counter: FlaskClient, client: FlaskClient, team: Team, token: str
) -> None:
    scan(client, token, team.noor)
    cookie = counter.get_cookie(access.STATION_COOKIE)
    assert cookie is not None
    streams = []
    for number in range(MOST_PER_BROWSER + 1):
        tab = flask_app.test_client()
        tab.set_cookie(access.STATION_COOKIE, cookie.value)
        tab.set_cookie(access.COOKIE, f"made up {number}")
        streams.append(tab.get("/stations/CLIP/live"))
    assert [stream.status_code for stream in streams] == [200] * MOST_PER_BROWSER + [503]
    for stream in streams:
        stream.close()


def test_nothing_says_who_opened(
    counter: FlaskClient, client: FlaskClient, team: Team, token: str, database: Database
) -> None:
    """Every table, before and after: only the two columns of the station differ, whoever it was."""

    def everything() -> dict[str, list[Any]]:
        with database.reading() as session:
            return {
                table.name: sorted(map(repr, session.execute(select(table))))
                for table in Base.metadata.sorted_tables
            }

    seen = []
    for badge in (team.noor, team.sam):
        scan(client, token, badge)
        seen.append(everything())
        enter(counter, name="Noor", pin="4071")
        with database.writing() as session:
            station_opening.close_station(session, station="CLIP")
    assert seen[0] == seen[1]


def test_a_paired_browser_is_listed_and_revoked(
    flask_app: Flask, counter: FlaskClient, team: Team, database: Database
) -> None:
    enter(counter, badge=team.noor)
    with database.writing() as session:
        (kept,) = session.scalars(select(StationToken)).all()
        assert (kept.device, kept.since) == ("?", days.today())
        stations.revoke_token(session, hash_=kept.hash)
    assert "/sign-in" in counter.get("/stations/CLIP").location
    cookie = counter.get_cookie(access.STATION_COOKIE)
    assert cookie is not None


@pytest.mark.parametrize("before", ["", "browser "])
@pytest.mark.parametrize(
    ("method", "address"),
    [("POST", "reads"), ("POST", "status"), ("GET", "jobs")],
)
def test_the_cookie_of_a_browser_is_no_token(
    counter: FlaskClient, client: FlaskClient, before: str, method: str, address: str
) -> None:
    """Nor with what is put before it to make its hash another."""
    cookie = counter.get_cookie(access.STATION_COOKIE)
    assert cookie is not None
    headers = {"Authorization": f"Bearer {before}{cookie.value}"}
    body: dict[str, Any] | None = {"reads": []} if address == "reads" else None
    at = f"/api/stations/CLIP/{address}"
    sent = client.open(at, method=method, json=body, headers=headers)
    assert sent.status_code == 401


def test_a_token_is_no_cookie_of_a_browser(flask_app: Flask, token: str) -> None:
    client = flask_app.test_client()
    client.set_cookie(access.STATION_COOKIE, token)
    assert "/sign-in" in client.get("/stations/CLIP").location
