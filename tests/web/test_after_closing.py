"""What arrived after its evening was closed is said where somebody looks, and one button closes it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import catalogue, days
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.tables import Place, Shift, Station
from inventory.tally import tally
from inventory.words import PlaceKind
from labels.house import Kind, house_code
from web import reads

from .conftest import csrf_of

TODAY = days.today()
YESTERDAY = TODAY - timedelta(days=1)
EVENING = days.now() - timedelta(hours=30)
"""A day that has ended, whatever the hour of the test."""


def send(database: Database, *codes: str, minutes: int = 0) -> None:
    at = EVENING + timedelta(minutes=minutes)
    batch = [{"id": str(uuid4()), "code": code, "at": at.isoformat()} for code in codes]
    with database.reading() as session:
        (station,) = session.scalars(
            select(Station.name).join(Station.place).where(Station.mode == "hand-out")
        ).all()[:1]
    done = reads.record(database, station=station, raw_reads=batch, language="fr")
    assert done is not None
    assert {result["status"] for result in done.results} == {"accepted"}


def command(name: str) -> str:
    return house_code(Kind.COMMAND, BY_NAME[name].number)


@pytest.fixture
def came_late(database: Database) -> int:
    """Two were counted at closing; then a third comes in. The open shift's number."""
    with database.reading() as session:
        kit = house_code(Kind.ITEM, catalogue.item(session, "KIT-INJ").id)
    send(database, kit, command("next-person"))
    send(database, command("digit-2"), command("close-shift"), minutes=20)
    send(database, kit, command("next-person"), minutes=10)
    with database.reading() as session:
        return session.scalars(select(Shift.id).where(Shift.station_id.is_not(None))).one()


def passages(database: Database) -> tuple[int, int, int]:
    with database.reading() as session:
        day = days.service_day(EVENING)
        found = tally(session, first=day, last=day)
    return found.shifts, found.open_shifts, found.passages


def seen(page: str) -> str:
    """What the form sends along of what it shows."""
    (found,) = re.findall(r'name="seen" value="([0-9a-f]+)"', page)
    return str(found)


@pytest.mark.parametrize(("answer", "counted"), [("held", 2), ("more", 3)])
def test_it_is_said_and_closed_by_a_button(
    camille: FlaskClient, database: Database, came_late: int, answer: str, counted: int
) -> None:
    camille.set_cookie("language", "en")
    day = days.service_day(EVENING)
    for address in ("/", f"/tally?from={day}&to={day}"):
        page = camille.get(address).text
        assert "Reads that arrived after closing: 2." in page
        assert "Add their passages: 1" in page
    assert "arrived after closing" not in camille.get(f"/tally?from={TODAY}&to={TODAY}").text
    data = {"csrf": csrf_of(camille), "answer": answer, "seen": seen(page)}
    done = camille.post(f"/after-closing/{came_late}", data=data)
    assert done.status_code == 303 and f"from={day}" in (done.location or "")
    assert passages(database) == (1, 0, counted)
    assert camille.post(f"/after-closing/{came_late}", data=data).location == "/"
    assert passages(database) == (1, 0, counted)
    assert "arrived after closing" not in camille.get("/").text


def test_a_page_that_showed_something_else_closes_nothing(
    camille: FlaskClient, database: Database, came_late: int
) -> None:
    camille.set_cookie("language", "en")
    data = {"csrf": csrf_of(camille), "answer": "more", "seen": seen(camille.get("/").text)}
    send(database, command("contact-shower"), minutes=12)
    refused = camille.post(f"/after-closing/{came_late}", data=data)
    assert refused.status_code == 400
    assert "changed meanwhile" in refused.text
    assert passages(database) == (1, 1, 2)


def test_what_names_another_channel_is_said_to_stay_by_itself(
    camille: FlaskClient, database: Database, came_late: int
) -> None:
    camille.set_cookie("language", "en")
    with database.reading() as session:
        van = session.scalars(select(Place).where(Place.kind == PlaceKind.VEHICLE)).first()
        assert van is not None
        code = house_code(Kind.PLACE, van.id)
    send(database, command("correct-channel"), code, minutes=12)
    page = camille.get("/").text
    assert "They name another channel or site" in page
    assert "counted with the shift of that day" not in page
    assert "Add their passages" not in page
    assert passages(database) == (2, 1, 3)
