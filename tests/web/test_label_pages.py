"""Labels at the desk: what the pages offer, and that what they print is read back by an independent decoder."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from io import BytesIO
from pathlib import Path
from shutil import which

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from inventory import catalogue, kits, photos
from inventory.counter.commands import COMMANDS
from inventory.database import Database
from inventory.printing import NoLabel
from inventory.tables import Lot
from labels import codes
from labels.house import Kind, house_code
from labels.pictures import Drawing, Photograph
from web import label_contents, label_sets, pictograms

needs_poppler = pytest.mark.skipif(not which("pdftoppm"), reason="needs poppler-utils")


def codes_on(pdf: bytes, folder: Path) -> list[str]:
    """The texts of all codes of a PDF, page by page, from left to right and downwards."""
    (folder / "labels.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "300", "-gray", "labels.pdf", "p"], cwd=folder, check=True)
    found = []
    for page in sorted(folder.glob("p-*.pgm")):
        codes = zxingcpp.read_barcodes(Image.open(page))
        codes.sort(key=lambda one: (one.position.top_left.y // 150, one.position.top_left.x))
        found += [one.text for one in codes]
    return found


@pytest.fixture
def lot(database: Database) -> int:
    """Two hygiene kits assembled in the store."""
    with database.writing() as session:
        store = catalogue.place(session, "RESERVE")
        made = kits.assemble(
            session,
            kit=catalogue.item(session, "KIT-HYG"),
            count=2,
            from_place=store,
            to_place=store,
            day=date(2026, 9, 15),
        )
        return made.lot_id


@needs_poppler
def test_the_sheet_of_command_codes_holds_every_command(
    camille: FlaskClient, tmp_path: Path
) -> None:
    page = camille.get("/labels/command").text
    assert page.count(" checked") == len(COMMANDS)
    answer = camille.get("/labels/command/sheets?of=*")
    assert answer.mimetype == "application/pdf"
    assert codes_on(answer.data, tmp_path) == [
        house_code(Kind.COMMAND, command.number) for command in COMMANDS
    ]


@needs_poppler
def test_labels_of_a_lot_of_kits(camille: FlaskClient, lot: int, tmp_path: Path) -> None:
    page = camille.get("/labels/kit").text
    assert page.count('name="of"') == 1 and f'value="{lot}"' in page
    answer = camille.get(f"/labels/kit/sheets?of={lot}&copies=3&start=4")
    assert codes_on(answer.data, tmp_path) == 6 * [house_code(Kind.LOT, lot)]
    text = subprocess.run(
        ["pdftotext", "labels.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert text.count("Kit hygiène") == 3 and "DUNE" not in text


def test_a_lot_that_cannot_be_printed_letter_by_letter_is_refused_in_a_sentence(
    camille: FlaskClient, database: Database, lot: int
) -> None:
    with database.writing() as session:
        session.get_one(Lot, lot).code = "Ω42"
    answer = camille.get(f"/labels/kit/sheets?of={lot}")
    assert answer.status_code == 422
    alert = re.findall(r'role="alert">(.*?)</p>', answer.text, re.DOTALL)
    assert "Ω42" in alert[0] and "kit" in alert[0] and "lot" in alert[0]
    refused = camille.get(f"/labels/kit/preview/{lot}.svg")
    assert refused.status_code == 400 and "Ω42" in refused.text


def test_a_photograph_with_a_code_on_it_gives_way_to_the_drawing(database: Database) -> None:
    def shown(image: Image.Image) -> type:
        file = BytesIO()
        image.save(file, "PNG")
        with database.writing() as session:
            item = catalogue.item(session, "KIT-HYG")
            item.name_en = "Outreach set"  # of which there is no drawing but a box
            assert pictograms.of(item) == "box"
            photos.put(session, item=item.code, image=file.getvalue())
            return type(label_contents.shelf(session, item, "fr").pictures["item"])

    assert shown(Image.linear_gradient("L")) is Photograph
    assert shown(codes.image(codes.draw(codes.Symbology.EAN_13, "5410036306703"))) is Drawing


@pytest.mark.parametrize(
    "stopped",
    [{"on_hold_since": date(2026, 1, 5)}, {"expires": date(2026, 1, 5)}, {"code": "unknown"}],
)
def test_lots_nobody_may_use_are_not_offered_and_the_reason_is_said(
    camille: FlaskClient, database: Database, lot: int, stopped: dict[str, date | str]
) -> None:
    assert f'value="{lot}"' in camille.get("/labels/kit").text
    with database.writing() as session:
        found = session.get_one(Lot, lot)
        for name, value in stopped.items():
            setattr(found, name, value)
    assert f'value="{lot}"' not in camille.get("/labels/kit").text
    assert camille.get(f"/labels/kit/preview/{lot}.svg").status_code == 404
    with database.reading() as session:
        for name in (session.get_one(Lot, lot).code, house_code(Kind.LOT, lot)):
            with pytest.raises(NoLabel):
                label_sets.named(session, "kit", name)


def test_without_kits_the_page_says_where_they_come_from(camille: FlaskClient) -> None:
    assert "Aucun kit" in camille.get("/labels/kit").text


@pytest.mark.parametrize(
    "wrong",
    ["copies=0", "copies=501", "copies=x", "start=0", "start=22", "right=21", "down=..", "of=none"],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(camille: FlaskClient, wrong: str) -> None:
    values = {"of": "SER1", "copies": "7", "start": "3", "right": "1,5", "down": "0"}
    values |= dict([wrong.split("=")])
    answer = camille.get("/labels/shelf/sheets", query_string=values)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    said_of = wrong.split("=")[0]
    assert f'id="{said_of}-fault"' in answer.text and answer.text.count('-fault">') == 1
    for name in ("copies", "start", "right", "down"):
        (field,) = re.findall(rf'<input id="{name}"[^>]*>', answer.text)
        assert f'value="{values[name]}"' in field
        assert ("aria-invalid" in field) == (name == said_of)
    assert ('<details class="card" open>' in answer.text) == (said_of in ("right", "down"))


def test_the_correction_is_remembered_by_this_browser(camille: FlaskClient) -> None:
    camille.get("/labels/shelf/sheets?of=SER1&right=1,5&down=-0.5")
    page = camille.get("/labels/command").text
    assert 'value="1.5"' in page and 'value="-0.5"' in page


def test_sheets_too_small_are_not_offered_and_strange_ones_not_found(camille: FlaskClient) -> None:
    assert 'value="l7160"' in camille.get("/labels/shelf").text
    assert camille.get("/labels/shelf/sheets?of=SER1&sheet=roll-80").status_code == 404
    assert camille.get("/labels/nothing").status_code == 404
    assert (
        camille.get("/labels/badge").status_code == 404
    )  # made when they are printed, never again
    assert camille.get("/labels/calibration?sheet=l7163").mimetype == "application/pdf"
    assert camille.get("/labels/shelf/preview/NOTHING.svg").status_code == 404
