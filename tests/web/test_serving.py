"""A station is opened once with a badge or a PIN, and then serves without an account. No row says who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import badges, days, people, station_opening, stations
from inventory.counter import shifts
from inventory.database import SECRET, Database
from inventory.tables import Base, Setting, Station, StationToken
from inventory.words import Role
from labels.house import Kind, house_code
from web import access, station_badges
from web.example import PERSON, PIN
from web.i18n import say
from web.limits import FREE_TRIES
from web.live import MOST_PER_BROWSER
from web.pages import command_code

from .conftest import code_of, csrf_of


@dataclass
class Team:
    """Badges as their scanners send them."""

    noor: str
    sam: str
    workshop: str


@pytest.fixture
def team(database: Database) -> Team:
    """Noor works at CLIP, Sam usually in the van, Wim at the workshop."""
    with database.writing() as session:
        made = {}
        for name, role, place in (
            ("Noor", Role.COUNTER, "CLIP"),
            ("Sam", Role.FIELD, "MEDIBUS"),
            ("Wim", Role.WORKSHOP, "TAD"),
        ):
            person = people.add_person(session, name=name, role=role, pin="4071", place=place)
            made[name] = house_code(Kind.BADGE, badges.make(session, person_id=person.id))
    return Team(made["Noor"], made["Sam"], made["Wim"])


@pytest.fixture
def token(database: Database) -> str:
    with database.writing() as session:
        return stations.new_token(session, station="CLIP")


@pytest.fixture
def counter(flask_app: Flask) -> FlaskClient:
    """The counter's browser: somebody gave it its station once, and it was closed since."""
    client = flask_app.test_client()
    client.post("/sign-in", data={"name": PERSON, "pin": PIN})
    paired = client.post("/stations/CLIP/pair", data={"csrf": csrf_of(client)})
    assert paired.location == "/stations/CLIP"
    client.delete_cookie(access.COOKIE)
    client.post("/stations/CLIP/close", data={"csrf": csrf_of_station(client)})
    assert not is_open(flask_app.config["DATABASE"])
    return client


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


def test_a_badge_read_by_the_scanner_opens_the_page(
    client: FlaskClient, counter: FlaskClient, team: Team, token: str
) -> None:
    sent = counter.get("/stations/CLIP")
    assert (sent.status_code, sent.location) == (302, "/stations/CLIP/opening")
    assert counter.get("/api/stations/CLIP/opening").get_json() == {"open": False}
    (result,) = scan(client, token, team.noor)
    assert result["status"] == "ignored"
    assert result["message"] == say(station_badges.OPENED, "en")
    assert counter.get("/api/stations/CLIP/opening").get_json() == {"open": True}
    page = counter.get("/stations/CLIP")
    assert page.status_code == 200
    assert counter.get("/stations/CLIP/opening").location == "/stations/CLIP"


def test_serving_needs_no_account(
    counter: FlaskClient, client: FlaskClient, team: Team, token: str, database: Database
) -> None:
    scan(client, token, team.noor)
    read = {"id": str(uuid4()), "code": code_of(database, "KIT-INJ"), "at": days.now().isoformat()}
    headers = {access.CSRF_HEADER: csrf_of_station(counter)}
    done = counter.post("/api/stations/CLIP/reads", json={"reads": [read]}, headers=headers)
    assert done.get_json()["results"][0]["status"] == "accepted"
    assert counter.get("/api/stations/CLIP/session").status_code == 200
    assert counter.get("/").location == "/stations/CLIP"
    # Without the page's token it is another site's request.
    assert counter.post("/api/stations/CLIP/reads", json={"reads": []}).status_code == 403


def test_a_browser_at_an_open_station_sees_nothing_else(
    counter: FlaskClient, client: FlaskClient, team: Team, token: str
) -> None:
    scan(client, token, team.noor)
    for address in ("/stations/TAD", "/access", "/account", "/tally?place=TAD", "/tally"):
        assert "/sign-in" in counter.get(address).location, address
    assert counter.get("/api/stations/TAD/session").status_code == 401


def test_todays_tally_of_its_place_after_closing(
    counter: FlaskClient, client: FlaskClient, team: Team, token: str, database: Database
) -> None:
    scan(client, token, team.noor, code_of(database, "KIT-INJ"), command_code("close-shift"))
    assert not is_open(database)
    today = days.today().isoformat()
    sent = counter.get("/tally?place=CLIP")
    assert f"from={today}" in sent.location and f"to={today}" in sent.location
    assert counter.get(sent.location).status_code == 200
    for other in ("2026-01-01", ""):
        address = f"/tally?place=CLIP&from={other}&to={today}"
        assert "/sign-in" in counter.get(address).location
    assert counter.get("/stations/CLIP").location == "/stations/CLIP/opening"


def test_closing_yesterdays_shift_closes_nothing_today(database: Database, team: Team) -> None:
    with database.writing() as session:
        station = session.scalars(select(Station).where(Station.name == "CLIP")).one()
        yesterday = days.now() - timedelta(days=1)
        shifts.open_shift(
            session,
            station_id=station.id,
            place_id=station.place_id,
            channel="",
            day=days.service_day(yesterday),
            now=yesterday,
        )
        station_opening.open_station(session, station="CLIP", place_id=None, today=days.today())
        secret = session.get_one(Setting, SECRET).value
        assert len(shifts.close_station(session, station="CLIP", secret=secret)) == 1
    assert is_open(database)


@pytest.mark.parametrize("way", ["badge", "azerty", "pin", "badge typed as a name"])
def test_opening_at_the_browser(
    counter: FlaskClient, team: Team, database: Database, way: str
) -> None:
    azerty = team.noor.translate(str.maketrans("1234567890", "&é\"'(§è!çà"))
    data = {
        "badge": {"badge": team.noor},
        "azerty": {"badge": azerty},
        "pin": {"name": "noor", "pin": "4071"},
        "badge typed as a name": {"name": team.noor, "pin": ""},
    }[way]
    answer = enter(counter, **data)
    assert (answer.status_code, answer.location) == (303, "/stations/CLIP")
    assert is_open(database)
    assert counter.get_cookie(access.COOKIE) is None  # nobody is signed in by that


def test_what_does_not_open(counter: FlaskClient, team: Team, database: Database) -> None:
    lost = team.noor
    with database.writing() as session:
        badges.revoke(session, person_id=people.named(session, "Noor").id)
    for data in (
        {"badge": lost},
        {"badge": "1500000000"},
        {"badge": code_of(database, "KIT-INJ")},
        {"name": "Noor", "pin": "0000"},
        {"badge": team.workshop},
        {},
    ):
        answer = enter(counter, **data)
        assert answer.status_code == 401, data
        assert 'role="alert"' in answer.text
        assert all(value not in answer.text for value in data.values() if value.isdigit())
        assert not is_open(database)


def test_another_browser_does_not_open_it(flask_app: Flask, team: Team, database: Database) -> None:
    stranger = flask_app.test_client()
    stranger.post("/stations/CLIP/opening", data={"badge": team.noor})
    stranger.set_cookie(access.STATION_COOKIE, "made up")
    stranger.post("/stations/CLIP/opening", data={"badge": team.noor})
    assert not is_open(database)


def test_another_place_is_noticed_and_opens(
    counter: FlaskClient, client: FlaskClient, team: Team, token: str, database: Database
) -> None:
    (result,) = scan(client, token, team.sam)
    assert result["message"] == say(station_badges.ELSEWHERE, "en")
    assert is_open(database)
    with database.writing() as session:
        station_opening.close_station(session, station="CLIP")
    page = enter(counter, badge=team.sam)
    assert page.status_code == 200 and 'role="alert"' in page.text
    assert is_open(database)
    csrf = csrf_of_station(counter)
    assert counter.post("/stations/CLIP/close", data={"csrf": csrf}).status_code == 303
    assert not is_open(database)


def test_a_handover_is_told_and_a_badge_names_nobody(
    client: FlaskClient, team: Team, token: str
) -> None:
    results = scan(client, token, team.noor, team.noor)
    assert results[1]["message"] == say(station_badges.HANDOVER, "en")
    said = repr(results)
    assert "Noor" not in said and team.noor not in said and team.noor[2:8] not in said


def test_a_read_is_recorded_though_nobody_opened(
    client: FlaskClient, token: str, database: Database
) -> None:
    (result,) = scan(client, token, code_of(database, "KIT-INJ"))
    assert result["status"] == "accepted"
    assert not is_open(database)


def test_it_ends_with_the_service_day(
    counter: FlaskClient, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(counter, badge=team.noor)
    assert counter.get("/stations/CLIP").status_code == 200
    tomorrow = days.today() + timedelta(days=1)
    monkeypatch.setattr(days, "today", lambda: tomorrow)
    assert counter.get("/stations/CLIP").location == "/stations/CLIP/opening"
    assert "/sign-in" in counter.get("/tally?place=CLIP").location


def test_a_badge_of_yesterday_opens_nothing(
    client: FlaskClient, team: Team, token: str, database: Database
) -> None:
    (result,) = scan(client, token, team.noor, at=datetime.now(UTC) - timedelta(days=1))
    assert result["message"] == say(station_badges.AN_OLD_ONE, "en")
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


def test_a_sign_in_that_ends_at_an_open_station_disturbs_nobody(
    counter: FlaskClient, database: Database
) -> None:
    """The page was opened by somebody who signed out elsewhere: its token still goes."""
    counter.post("/sign-in", data={"name": PERSON, "pin": PIN})
    csrf = csrf_of(counter)
    with database.writing() as session:
        station_opening.open_station(session, station="CLIP", place_id=None, today=days.today())
        people.set_pin(session, person=people.named(session, PERSON), hashed="another")
    sent = counter.post(
        "/api/stations/CLIP/reads", json={"reads": []}, headers={access.CSRF_HEADER: csrf}
    )
    assert sent.status_code == 200
