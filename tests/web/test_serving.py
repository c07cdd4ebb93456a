"""A station is opened once with a badge or a PIN, and then serves without an account. No row says who."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import badges, days, people, station_opening
from inventory.counter import shifts
from inventory.counter.values import Session, dump_session
from inventory.database import SECRET, Database
from inventory.tables import Evening, PrintJob, Setting, Station
from web import access, station_badges
from web.example import PERSON, PIN
from web.i18n import say
from web.live import Live
from web.pages import command_code
from web.station_status import AWAY_AFTER_S

from .conftest import code_of, csrf_of
from .standing import Team, csrf_of_station, enter, is_open, scan
from .test_live import Clock


def test_a_badge_read_by_the_scanner_opens_the_page(
    client: FlaskClient, counter: FlaskClient, team: Team, token: str
) -> None:
    sent = counter.get("/stations/CLIP")
    assert (sent.status_code, sent.location) == (302, "/stations/CLIP/opening")
    assert counter.get("/api/stations/CLIP/opening").get_json() == {"open": False, "paper": None}
    (result,) = scan(client, token, team.noor)
    assert result["status"] == "ignored"
    assert result["message"] == say(station_badges.OPENED, "en")
    assert counter.get("/api/stations/CLIP/opening").get_json() == {"open": True, "paper": None}
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


def test_the_closed_page_asks_whether_the_paper_came_out(
    counter: FlaskClient, client: FlaskClient, team: Team, token: str, database: Database
) -> None:
    """Closing the shift has closed the station: nobody there has an account."""
    with database.writing() as session:
        session.scalars(select(Station).where(Station.name == "CLIP")).one().printer = "tcp://x"
    scan(client, token, team.noor, code_of(database, "KIT-INJ"), command_code("close-shift"))
    question = "L’impression est-elle sortie"
    assert question not in counter.get("/stations/CLIP/opening").text

    with database.reading() as session:
        number = session.scalars(select(PrintJob.id)).one()

    def told(state: str) -> None:
        address = f"/api/stations/CLIP/jobs/{number}"
        client.post(address, json={"state": state}, headers={"Authorization": f"Bearer {token}"})

    told("sending")
    told("unknown")
    assert counter.get("/api/stations/CLIP/opening").get_json() == {"open": False, "paper": number}
    assert question in counter.get("/stations/CLIP/opening").text

    def answers(act: str, job: int) -> list[str]:
        form = {"csrf": csrf_of_station(counter), "act": act, "job": job}
        assert counter.post("/stations/CLIP/paper", data=form).status_code == 303
        assert counter.post("/stations/TAD/paper", data=form).status_code == 302  # to the sign-in
        with database.reading() as session:
            return [one.state for one in session.scalars(select(PrintJob))]

    assert answers("yes", number + 1) == ["unknown"]
    assert answers("no", number) == ["queued"]
    assert answers("yes", number) == ["queued"], "it is no longer in doubt"
    assert question not in counter.get("/stations/CLIP/opening").text
    told("sending")
    told("unknown")
    assert answers("yes", number) == ["printed"]


def test_the_closed_page_asks_about_what_its_station_had_under_way_when_it_died(
    counter: FlaskClient,
    client: FlaskClient,
    flask_app: Flask,
    team: Team,
    token: str,
    database: Database,
) -> None:
    clock = Clock()
    flask_app.config["LIVE"] = Live(clock)
    with database.writing() as session:
        session.scalars(select(Station).where(Station.name == "CLIP")).one().printer = "tcp://x"
    scan(client, token, team.noor, code_of(database, "KIT-INJ"), command_code("close-shift"))
    with database.reading() as session:
        number = session.scalars(select(PrintJob.id)).one()
    address = f"/api/stations/CLIP/jobs/{number}"
    headers = {"Authorization": f"Bearer {token}"}
    assert client.post(address, json={"state": "sending"}, headers=headers).status_code == 200
    opening = "/api/stations/CLIP/opening"
    assert counter.get(opening).get_json() == {"open": False, "paper": None}
    clock.now_s += AWAY_AFTER_S + 1
    assert counter.get(opening).get_json() == {"open": False, "paper": number}
    assert "L’impression est-elle sortie" in counter.get("/stations/CLIP/opening").text


def test_closing_yesterdays_shift_closes_nothing_today(database: Database, team: Team) -> None:
    with database.writing() as session:
        station = session.scalars(select(Station).where(Station.name == "CLIP")).one()
        yesterday = days.now() - timedelta(days=1)
        opened = shifts.open_shift(
            session,
            station_id=station.id,
            place_id=station.place_id,
            channel="",
            day=days.service_day(yesterday),
            now=yesterday,
        )
        somebody = Session(counters={"passage:20": 1})
        session.get_one(Evening, opened.id).session = dump_session(somebody)
        session.flush()
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
