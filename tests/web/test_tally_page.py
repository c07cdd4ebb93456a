"""The tally as a page and as files: the same figures, by the same address."""

from __future__ import annotations

import csv
import io
import re
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from inventory import days, stations
from inventory.database import Database
from inventory.tables import Shift
from web import reads
from web.pages import command_code

from .conftest import code_of


@pytest.fixture
def evening(database: Database) -> None:
    """Two kits and a syringe at the counter, a kit from the van."""
    read_at(database, "CLIP", "times-2", "KIT-INJ", "SER1")
    read_at(database, "MEDIBUS", "KIT-INJ")


def read_at(database: Database, station: str, *names: str) -> None:
    for name in names:
        code = code_of(database, name) if name.isupper() else command_code(name)
        read = {"id": str(uuid4()), "code": code, "at": days.now().isoformat()}
        done = reads.record(database, station=station, raw_reads=[read], language="en")
        assert done is not None and done.results[0]["status"] == "accepted", done


@pytest.mark.usefixtures("evening")
def test_what_is_not_on_paper_yet_is_said(database: Database, camille: FlaskClient) -> None:
    """Whoever closed the shift looks at this page: out of paper, nothing came out."""
    english = {"Accept-Language": "en"}
    with database.writing() as session:
        stations.set_printer(session, station="CLIP", printer="tcp://192.0.2.7:9100")
    assert "not on paper" not in camille.get("/tally?place=CLIP", headers=english).text
    read_at(database, "CLIP", "close-shift")
    assert "Tallies not on paper yet: 1" in camille.get("/tally?place=CLIP", headers=english).text
    assert "not on paper" not in camille.get("/tally?place=MEDIBUS", headers=english).text


@pytest.mark.usefixtures("evening")
def test_page_and_files_say_the_same(camille: FlaskClient) -> None:
    found = camille.get("/tally.json?place=CLIP").get_json()
    handed_out = {row["item"]: row["handed_out"] for row in found["rows"]}
    assert handed_out == {"KIT-INJ": 2, "SER1": 1}
    rows = list(csv.reader(io.StringIO(camille.get("/tally.csv?place=CLIP").text), delimiter=";"))
    assert any("KIT-INJ" in row and "2" in row for row in rows)
    book = load_workbook(io.BytesIO(camille.get("/tally.xlsx?place=CLIP").data))
    cells = [[cell.value for cell in row] for row in book.worksheets[0].rows]
    assert any("KIT-INJ" in row and 2 in row for row in cells)
    page = camille.get("/tally?place=CLIP", headers={"Accept-Language": "en"}).text
    assert ">2</td>" in page and "A shift is still open" in page
    assert "/tally.xlsx?place=CLIP" in page and "/stations/CLIP" in page


def test_a_shift_says_what_came_back_unopened_as_its_tally_does(
    database: Database, camille: FlaskClient
) -> None:
    read_at(database, "CLIP", "SER1", "times-2", "brought-back", "PRES")
    with database.reading() as session:
        shift_id = session.scalars(select(Shift.id)).one()
    for address in (f"/services/{shift_id}", f"/tally?shift={shift_id}"):
        page = camille.get(address, headers={"Accept-Language": "en"}).text
        _, caption, table = page.partition("Brought back unopened, in quarantine</caption>")
        assert caption, address
        lines = re.sub(r"<[^>]+>|\s+", " ", table.partition("</table>")[0])
        assert re.search(r"\bCondom +2\b", lines) and "Syringe" not in lines
    read_at(database, "MEDIBUS", "SER1")
    with database.reading() as session:
        other = session.scalars(select(Shift.id).where(Shift.id != shift_id)).one()
    page = camille.get(f"/services/{other}", headers={"Accept-Language": "en"}).text
    assert "Syringe" in page and "in quarantine" not in page


def test_a_shift_and_its_tally_show_the_same(database: Database, camille: FlaskClient) -> None:
    """Kits apart from single articles, what was picked up in the street apart from what was brought."""
    read_at(database, "CLIP", "times-2", "KIT-INJ", "SER1")
    read_at(database, "CLIP", "returned-bottle-1.5l", "from-street", "returned-bottle-1.5l")
    with database.reading() as session:
        shift_id = session.scalars(select(Shift.id)).one()
    pages = [
        camille.get(address, headers={"Accept-Language": "en"}).text
        for address in (f"/services/{shift_id}", f"/tally?shift={shift_id}")
    ]
    shown = [page.partition('<ul class="figures">')[2].partition("</div>")[0] for page in pages]
    assert shown[0] and shown[0] == shown[1]
    assert "Articles outside kits" in shown[0] and shown[0].count("picked up in the street") == 1


@pytest.mark.usefixtures("evening")
@pytest.mark.parametrize(
    ("address", "figures"), [("/tally?place=CLIP", "figures"), ("/services", "card shifts")]
)
def test_the_days_are_chosen_before_what_they_are_chosen_for(
    camille: FlaskClient, address: str, figures: str
) -> None:
    page = camille.get(address).text
    assert page.index("<h1>") < page.index('name="from"') < page.index(f'<ul class="{figures}"')


@pytest.mark.usefixtures("evening")
def test_all_places_are_told_apart(camille: FlaskClient) -> None:
    page = camille.get("/tally").text
    assert "comptoir · Comptoir CLIP" in page and "médibus · Médibus" in page


def test_a_file_bears_its_period(camille: FlaskClient) -> None:
    answer = camille.get("/tally.csv?from=2026-09-01&to=2026-09-30&place=CLIP")
    named = answer.headers["Content-Disposition"]
    assert named == "attachment; filename=tally-2026-09-01-2026-09-30-clip.csv"


@pytest.mark.parametrize("query", ["from=x&to=2026-13-01", "from=", "place="])
def test_what_nobody_can_read_is_taken_for_nothing(camille: FlaskClient, query: str) -> None:
    assert camille.get(f"/tally?{query}").status_code == 200


@pytest.mark.parametrize("address", ["/tally?place=NOWHERE", "/tally.doc", "/stations/NOWHERE"])
def test_what_is_not_there_is_not_found(camille: FlaskClient, address: str) -> None:
    answer = camille.get(address)
    assert answer.status_code == 404
    assert "<h1>" in answer.text
