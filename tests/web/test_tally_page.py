"""The tally as a page and as files: the same figures, by the same address."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from inventory import days
from inventory.database import Database
from web import reads
from web.pages import command_code

from .conftest import code_of


@pytest.fixture
def evening(database: Database) -> None:
    """Two kits and a syringe at the counter, a kit from the van."""
    at = {"CLIP": ["times-2", "KIT-INJ", "SER1"], "MEDIBUS": ["KIT-INJ"]}
    for station, what in at.items():
        for number, name in enumerate(what):
            code = code_of(database, name) if name.isupper() else command_code(name)
            read = {
                "id": f"00000000-0000-4000-8000-{hash_of(station)}{number:04}",
                "code": code,
                "at": days.now().isoformat(),
            }
            done = reads.record(database, station=station, raw_reads=[read], language="en")
            assert done is not None and done.results[0]["status"] == "accepted", done


def hash_of(station: str) -> str:
    return station.encode().hex()[:8].ljust(8, "0")


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
