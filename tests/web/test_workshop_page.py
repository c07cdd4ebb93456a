"""The addresses of the workshop's screen: who is let in, where a station goes by itself, and what the team may read."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from .standing import Team, enter


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
