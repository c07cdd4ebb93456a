"""The desk's page of paper: what is in doubt is asked, and each button does what it says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import days, printing, stations
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.printing import State
from inventory.tables import PrintJob
from inventory.words import Mode
from labels.house import Kind, house_code
from tests.inventory.house import raw_read
from web import reads
from web.live import Live
from web.station_status import AWAY_AFTER_S, Printer, Status

from . import workshop
from .conftest import code_of, csrf_of
from .test_kit_label_jobs import touches
from .test_live import Clock


@pytest.fixture(autouse=True)
def closed_shift(database: Database) -> None:
    """A station with a printer, at which a shift has closed."""
    with database.writing() as session:
        stations.add_station(
            session, name="CLIP", place="CLIP", mode=Mode.HAND_OUT, printer="tcp://192.0.2.7:9100"
        )
    close = house_code(Kind.COMMAND, BY_NAME["close-shift"].number)
    read(database, code_of(database, "KIT-INJ"), close)


def read(database: Database, *codes: str) -> None:
    now = datetime.now(UTC).isoformat()
    raw = [{"id": str(uuid4()), "code": code, "at": now} for code in codes]
    reads.record(database, station="CLIP", raw_reads=raw, language="fr")


def becomes(database: Database, *states: State) -> None:
    """What the printer's process tells of the only job, one after the other."""
    with database.writing() as session:
        job = session.scalars(select(PrintJob)).one()
        for state in states:
            if state is State.SENDING:
                printing.claim(session, station_id=job.station_id, job_id=job.id)
            else:
                printing.report(session, station_id=job.station_id, job_id=job.id, state=state)


def jobs(database: Database) -> list[tuple[str, bool]]:
    with database.reading() as session:
        rows = session.scalars(select(PrintJob).order_by(PrintJob.id))
        return [(job.state, job.copy) for job in rows]


def buttons(page: str) -> list[str]:
    return re.findall(r'name="act" value="(\w+)"', page)


def press(client: FlaskClient, database: Database, act: str) -> str:
    with database.reading() as session:
        number = session.scalars(select(PrintJob.id).order_by(PrintJob.id)).first()
    data = {"act": act, "csrf": csrf_of(client)}
    return client.post(f"/prints/{number}", data=data, follow_redirects=True).text


def test_what_waits_can_be_cancelled(camille: FlaskClient, database: Database) -> None:
    assert buttons(camille.get("/prints").text) == ["cancel"]
    assert buttons(press(camille, database, "cancel")) == ["again"]
    assert jobs(database) == [("cancelled", False)]


@pytest.mark.parametrize(
    ("act", "then"), [("yes", [("printed", False)]), ("no", [("queued", True)])]
)
def test_what_is_in_doubt_is_asked(
    camille: FlaskClient, database: Database, act: str, then: list[tuple[str, bool]]
) -> None:
    becomes(database, State.SENDING, State.UNKNOWN)
    page = camille.get("/prints").text
    assert "L’impression est-elle sortie" in page
    assert buttons(page) == ["yes", "no"]
    press(camille, database, act)
    assert jobs(database) == then
    assert "Ce n’était plus possible" in press(camille, database, act)
    assert jobs(database) == then


@pytest.fixture
def clock(flask_app: Flask) -> Clock:
    """By which the service, that begins now, says which stations are away."""
    clock = Clock()
    flask_app.config["LIVE"] = Live(clock)
    return clock


@pytest.mark.parametrize(
    ("act", "then"), [("yes", [("printed", False)]), ("no", [("queued", True)])]
)
@pytest.mark.parametrize("was_heard", [True, False])
def test_what_a_station_that_is_gone_had_under_way_is_asked(
    camille: FlaskClient,
    flask_app: Flask,
    database: Database,
    clock: Clock,
    act: str,
    then: list[tuple[str, bool]],
    was_heard: bool,
) -> None:
    """Its process died and did not come back, since this service began or before."""
    becomes(database, State.SENDING)
    if was_heard:
        clock.now_s += AWAY_AFTER_S
        flask_app.config["LIVE"].status("CLIP", Status())
    clock.now_s += AWAY_AFTER_S
    page = camille.get("/prints").text
    assert "Impression en cours" in page and buttons(page) == []
    assert "Ce n’était plus possible" in press(camille, database, act)
    assert jobs(database) == [("sending", False)]
    clock.now_s += 1
    page = camille.get("/prints").text
    assert "L’impression est-elle sortie" in page
    assert buttons(page) == ["yes", "no"]
    assert "Ce n’était plus possible" not in press(camille, database, act)
    assert jobs(database) == then
    for other in ("yes", "no"):  # somebody else still has the question
        assert "Ce n’était plus possible" in press(camille, database, other)
    assert jobs(database) == then


def test_a_station_that_takes_a_job_is_there(
    client: FlaskClient, camille: FlaskClient, database: Database, clock: Clock
) -> None:
    """Whatever became of its heartbeat."""
    with database.writing() as session:
        token = stations.new_token(session, station="CLIP")
        number = session.scalars(select(PrintJob.id)).one()
    clock.now_s += AWAY_AFTER_S + 1
    mine = {"Authorization": f"Bearer {token}"}
    taken = client.post(
        f"/api/stations/CLIP/jobs/{number}", headers=mine, json={"state": "sending"}
    )
    assert taken.status_code == 200
    clock.now_s += AWAY_AFTER_S
    assert buttons(camille.get("/prints").text) == []
    client.post("/api/stations/CLIP/status", headers=mine, json={"of": "another", "printer": 5})
    clock.now_s += AWAY_AFTER_S
    assert buttons(camille.get("/prints").text) == []
    clock.now_s += 1
    assert buttons(camille.get("/prints").text) == ["yes", "no"]


@pytest.mark.parametrize("page", ["session", "batch", "/devices/CLIP/printer"])
def test_every_page_that_tells_of_paper_asks(
    camille: FlaskClient, database: Database, clock: Clock, page: str
) -> None:
    becomes(database, State.SENDING)
    address = page if page.startswith("/") else f"/api/stations/CLIP/{page}"
    assert camille.get(address).status_code == 200
    assert jobs(database) == [("sending", False)]
    clock.now_s += AWAY_AFTER_S + 1
    shown = camille.get(address)
    assert jobs(database) == [("unknown", False)]
    if page == "session":
        assert shown.get_json()["session"]["print"]["state"] == "unknown"


def test_a_reprint_is_a_copy(camille: FlaskClient, database: Database) -> None:
    becomes(database, State.SENDING)
    assert buttons(camille.get("/prints").text) == []
    becomes(database, State.PRINTED)
    assert "COPIE" in press(camille, database, "again")
    assert jobs(database) == [("printed", False), ("queued", True)]


def test_the_tally_so_far(camille: FlaskClient, database: Database) -> None:
    read(database, code_of(database, "KIT-INJ"))
    data = {"station": "CLIP", "csrf": csrf_of(camille)}
    camille.post("/prints", data=data)
    assert jobs(database) == [("queued", False), ("queued", False)]
    data["station"] = "TAD"
    page = camille.post("/prints", data=data, follow_redirects=True).text
    assert "Rien à imprimer" in page


def test_the_printer_is_said_in_words(
    camille: FlaskClient, flask_app: Flask, database: Database
) -> None:
    assert "Le poste ne répond pas" in camille.get("/prints").text
    flask_app.config["LIVE"].statuses.told("CLIP", Status(printer=Printer("paper-out")))
    assert "plus de papier" in camille.get("/prints").text


@pytest.mark.parametrize("act", ["", "print", "yes' OR 1"])
def test_nothing_else_can_be_asked(camille: FlaskClient, database: Database, act: str) -> None:
    data = {"act": act, "csrf": csrf_of(camille)}
    assert camille.post("/prints/1", data=data).status_code == 400
    assert jobs(database) == [("queued", False)]


def test_a_job_that_is_gone_changes_nothing(camille: FlaskClient, database: Database) -> None:
    data = {"act": "again", "csrf": csrf_of(camille)}
    page = camille.post("/prints/77", data=data, follow_redirects=True)
    assert page.status_code == 200
    assert jobs(database) == [("queued", False)]


def test_labels_that_came_out_are_told_for_all_tables_together(
    camille: FlaskClient, database: Database
) -> None:
    """Of what one table printed no row is left; the batch of the place knows how many there are of its lot."""
    workshop.stock_workshop(database)
    with database.writing() as session:
        stations.add_station(
            session, name="TAD-2", place="TAD", mode=Mode.ASSEMBLE, printer=workshop.PRINTER
        )
    assert "Labels that are out leave this list" in queue_of(camille, "TAD")
    raw = [
        raw_read(code, days.now()) for code in (*touches(database), workshop.command("labels-10"))
    ]
    reads.record(database, station="TAD", raw_reads=raw, language="fr")
    with database.reading() as session:
        lot = workshop.kit_lot(session, "KIT-HYG").code
    assert queue_of(camille, "TAD").count(f"Labels, lot {lot}, 10") == 2  # it waits
    workshop.job_becomes(database, State.PRINTED)
    for station in ("TAD", "TAD-2"):
        shown = queue_of(camille, station)
        assert shown.count(f"Labels, lot {lot}, 10") == 1
        assert "all tables of this place" in shown and "Nothing was printed" not in shown
    assert "Nothing was printed" not in queue_of(camille, "CLIP"), "its tally was"


def queue_of(client: FlaskClient, station: str) -> str:
    """A station's part of the page."""
    page = client.get("/prints", headers={"Accept-Language": "en"}).text
    (part,) = [one for one in page.split("<section")[1:] if f">{station}</span></h2>" in one]
    return part
