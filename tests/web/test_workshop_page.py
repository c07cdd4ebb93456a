"""The addresses of the workshop's screen: who is let in, where a station goes by itself, and what the team may read."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory.database import Database
from inventory.tables import Item
from inventory.words import Role
from web import workshop, workshop_pages

from .standing import Team, enter
from .test_roles import signed_in


def test_a_station_that_makes_kits_shows_the_screen_by_itself(camille: FlaskClient) -> None:
    assert camille.get("/stations/TAD").location == "/stations/TAD/workshop"
    assert 'id="choose"' in camille.get("/stations/TAD/workshop").text
    # The counter of the same station, for the team.
    assert 'class="counter"' in camille.get("/stations/TAD?counter=yes").text
    assert camille.get("/stations/CLIP").status_code == 200
    assert camille.get("/stations/NOWHERE/workshop").status_code == 404


def test_an_open_station_needs_no_account(counter: FlaskClient, team: Team) -> None:
    assert counter.get("/stations/CLIP/workshop").location == "/stations/CLIP/opening"
    enter(counter, badge=team.noor)
    assert counter.get("/stations/CLIP/workshop").status_code == 200
    assert counter.get("/api/stations/CLIP/batch").status_code == 200
    assert counter.get("/stations/TAD/workshop").status_code == 302
    assert counter.get("/workshop/sentences").status_code == 302


def test_the_page_says_nothing_of_people_or_time(camille: FlaskClient) -> None:
    page = camille.get("/stations/TAD/workshop").text
    assert "Camille" not in page
    assert not re.search(r"clock|minute|hour|target|goal|rate\b", page.partition("<main>")[2])


def test_a_speaker_reads_every_sentence_beside_the_french_one(camille: FlaskClient) -> None:
    page = camille.get("/workshop/sentences").text
    assert 'lang="ar" dir="rtl">توقف. نادِ أحدًا.' in page
    assert "Stop. Appeler quelqu’un." in page and 'class="pill warn"' in page
    assert 'class="pill ok"' in camille.get("/workshop/sentences?language=nl").text
    assert camille.get("/workshop/sentences?language=xx").status_code == 200


def test_kits_and_parts_have_names_in_the_screens_languages(
    camille: FlaskClient, database: Database
) -> None:
    """Those of the lists; the page of sentences shows them to whoever reads the language."""
    batch = camille.get("/api/stations/TAD/batch").get_json()
    names = {kit["item"]: kit["names"] for kit in batch["kits"]}
    assert names["KIT-INJ"]["ar"] == "طقم الحقن" and names["KIT-INJ"]["fr"] == "Kit injection"
    with database.reading() as session:
        spoken = workshop.spoken_names(session)
        parts = set(session.scalars(select(Item.code).where(workshop_pages._of_kits())))
    assert parts == spoken.keys(), "every kit and component of the example has an Arabic name"
    assert "طقم الحقن" in camille.get("/workshop/sentences?language=ar").text


@pytest.mark.parametrize(
    ("role", "opens"), [(Role.WORKSHOP, "/"), (Role.LOGISTICS, "/stations/TAD?counter=yes")]
)
def test_the_teams_page_is_one_that_they_may_use(flask_app: Flask, role: Role, opens: str) -> None:
    client = signed_in(flask_app, role)
    page = client.get("/stations/TAD/workshop").text
    (settings,) = re.findall(r'<section id="settings".*?</section>', page, re.S)
    assert f'href="{opens}"' in settings
    assert client.get(opens).status_code == 200
