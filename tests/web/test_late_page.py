"""What arrived too late to be counted: the logistics lead sees it, and lets it go."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import catalogue, people
from inventory.database import Database
from inventory.tables import Move, SetAside
from inventory.words import Role

from .conftest import csrf_of

LONG_AGO = date(2025, 3, 14)
UNLISTED = "04006501000019"


@pytest.fixture
def late(database: Database) -> None:
    with database.writing() as session:
        place_id = catalogue.place(session, "CLIP").id
        for code, pieces in (("SER1", 12), (UNLISTED, 1)):
            row = SetAside(code=code, day=LONG_AGO, place_id=place_id, pieces=pieces)
            session.add(row)


def left(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {row.code: row.pieces for row in session.scalars(select(SetAside))}


def let_go(client: FlaskClient, **said: str) -> int:
    data = {"code": "SER1", "day": str(LONG_AGO), "place": "CLIP", "pieces": "12", **said}
    return client.post("/late", data={"csrf": csrf_of(client), **data}).status_code


def test_the_desk_speaks_of_it_only_while_something_waits(
    camille: FlaskClient, database: Database
) -> None:
    camille.set_cookie("language", "en")
    assert "Arrived too late" not in camille.get("/").text
    assert "came in time" in camille.get("/late").text
    with database.writing() as session:
        place_id = catalogue.place(session, "CLIP").id
        session.add(SetAside(code="SER1", day=LONG_AGO, place_id=place_id, pieces=12))
    assert "Arrived too late" in camille.get("/").text
    assert let_go(camille) == 303
    assert "Arrived too late" not in camille.get("/").text


@pytest.mark.usefixtures("late")
def test_one_line_a_day_place_and_article(camille: FlaskClient, database: Database) -> None:
    camille.set_cookie("language", "en")
    page = " ".join(camille.get("/late").text.split())
    assert page.count('name="day" value="2025-03-14"') == 2
    assert "<b>12</b> pieces" in page and "<b>1</b> piece<" in page
    assert f"A code no list has: {UNLISTED}" in page and "14 March 2025" in page


@pytest.mark.usefixtures("late")
def test_it_goes_once_looked_at_and_never_into_the_books(
    camille: FlaskClient, database: Database
) -> None:
    assert let_go(camille, pieces="11") == 303  # another number than there is now: it came since
    assert left(database) == {"SER1": 12, UNLISTED: 1}
    for _ in range(2):
        assert let_go(camille) == 303
    assert left(database) == {UNLISTED: 1}
    assert let_go(camille, pieces="many") == let_go(camille, pieces="9" * 30) == 400
    with database.reading() as session:
        assert session.scalars(select(Move).where(Move.day == LONG_AGO)).all() == []


@pytest.mark.usefixtures("late")
def test_others_do_not_see_it(camille: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        people.add_person(session, name="Noor", role=Role.COUNTER, pin="4071")
    camille.post("/sign-in", data={"name": "Noor", "pin": "4071"})
    camille.set_cookie("language", "en")
    assert "Arrived too late" not in camille.get("/").text
    assert camille.get("/late").status_code == 403
