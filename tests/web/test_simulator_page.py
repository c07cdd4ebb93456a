"""The page of the made-up scanner and printer: it commands the real ports, shows the paper, and is for few."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from devices.simulators.process import Simulator
from inventory import catalogue, days, ledger, people
from inventory.database import Database
from inventory.tables import Pack
from inventory.words import SUPPLIER, Reason, Role
from tests.devices.test_simulators import LIMIT_S, answers, until
from tests.web.test_desk_browser import faults
from web import simulated_lists, simulator_codes
from web.example import PERSON, PIN
from web.settings import Settings
from web.simulator_pages import FAULTS, PRINTER_STATES
from web.station_status import Status

from .conftest import csrf_of
from .counter import BROWSER

NAMES = ["CLIP.printer", "CLIP.scanner"]
DOTS = bytes([0b10101010, 0xFF]) * 3
JOB = (
    b"\x1b@\x1bt\x10\x1bE\x01COMPTOIR\x1bE\x00 caf\xe9\n\x1ba\x01\x1d!\x11HUIT\n\x1d!\x00"
    b"\x1dv0\x00\x02\x00\x03\x00" + DOTS + b"\x1bp\x00\x19\x19<fin>\n\x1dV\x01"
)


@pytest.fixture
def camille(camille: FlaskClient) -> FlaskClient:
    camille.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return camille


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("COMPTOIR_DATA", str(tmp_path))
    return Settings.from_environment().simulated


@pytest.fixture
def equipped(database: Database, folder: Path) -> Path:
    simulated_lists.equip(database)
    return folder


@pytest.fixture
def simulated(equipped: Path) -> Iterator[Path]:
    """The devices of CLIP, in a process of the test's own."""
    simulator = Simulator(equipped, NAMES)
    thread = threading.Thread(target=simulator.run)
    thread.start()
    until(lambda: all((equipped / name).exists() for name in NAMES))
    yield equipped
    simulator.stop()
    thread.join(LIMIT_S)


def test_of_suppliers_boxes_those_of_the_place_come_first_and_what_is_gone_does_not(
    database: Database,
) -> None:
    with database.writing() as session:
        pack = session.scalars(select(Pack).where(Pack.gtin.is_not(None)).limit(1)).one()
        clip, store = (catalogue.place(session, name) for name in ("CLIP", "TAD"))
        for code, place in (("A-STORE", store), ("B-CLIP", clip), ("C-GONE", None)):
            lot = catalogue.lot(session, item_id=pack.item_id, code=code, expires=date(2030, 1, 31))
            if place:
                ledger.post(
                    session,
                    item_id=pack.item_id,
                    lot_id=lot.id,
                    pieces=5,
                    from_id=SUPPLIER,
                    to_id=place.id,
                    reason=Reason.RECEIPT,
                    day=days.today(),
                )
        groups = {str(one.name): one.codes for one in simulator_codes.groups(session, clip.id)}
    details = [one.detail for one in groups["Suppliers' boxes"]]
    assert details[0] == "B-CLIP" and "A-STORE" in details and "C-GONE" not in details


def act(client: FlaskClient, device: str, what: str, **more: str) -> str:
    data = {"csrf": csrf_of(client), "device": device, "act": what, **more}
    answer = client.post("/simulator/CLIP", data=data, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def printed(folder: Path, job: bytes = JOB) -> None:
    before = len(answers(folder)["CLIP.printer"]["papers"])
    with (folder / "CLIP.printer").open("wb", buffering=0) as port:
        port.write(job)
        until(lambda: len(answers(folder)["CLIP.printer"]["papers"]) > before)
        until(lambda: bool(answers(folder)["CLIP.printer"]["papers"][-1]["cut"]))


@pytest.mark.usefixtures("folder")
def test_where_nothing_is_made_up_there_is_no_card_but_a_page_that_helps(
    camille: FlaskClient,
) -> None:
    assert "/simulator" not in camille.get("/").text
    assert "simulated:" in camille.get("/simulator").text
    assert camille.get("/simulator/CLIP").status_code == 404


@pytest.mark.usefixtures("equipped")
def test_it_is_on_the_desk_of_administrators_and_of_nobody_else(
    camille: FlaskClient, database: Database
) -> None:
    assert 'href="/simulator"' in camille.get("/").text
    assert camille.get("/simulator").location == "/simulator/CLIP"
    with database.writing() as session:
        people.add_person(session, name="Noor", role=Role.LOGISTICS, pin="4071")
    noor = camille.application.test_client()
    noor.post("/sign-in", data={"name": "Noor", "pin": "4071"})
    assert 'href="/simulator"' not in noor.get("/").text
    assert noor.get("/simulator/CLIP").status_code == 403
    data = {"csrf": csrf_of(noor), "device": "CLIP.scanner", "act": "scan", "code": "1"}
    assert noor.post("/simulator/CLIP", data=data).status_code == 403


@pytest.mark.usefixtures("equipped")
def test_a_process_that_is_away_is_said_whatever_is_done(camille: FlaskClient) -> None:
    assert "The simulator does not run" in camille.get("/simulator/CLIP").text
    said = act(camille, "CLIP.scanner", "scan", code="1")
    assert "The simulator does not run" in said and "was sent" not in said


def test_every_button_does_what_it_says(camille: FlaskClient, simulated: Path) -> None:
    for state, _, _ in PRINTER_STATES:
        act(camille, "CLIP.printer", "become", value=state)
        assert answers(simulated)["CLIP.printer"]["state"] == state
    for setting, faulty, _ in FAULTS:
        for value, wanted in (("on", True), ("off", False)):
            act(camille, "CLIP.scanner", "set", setting=setting, value=value)
            assert (answers(simulated)["CLIP.scanner"][setting] == faulty) is wanted
    act(camille, "CLIP.printer", "become", value="ready")
    act(camille, "CLIP.printer", "roll-ends")
    assert "nobody hears this scanner" in act(camille, "CLIP.scanner", "scan", code="0013748911")
    camille.application.config["LIVE"].statuses.told("CLIP", Status())
    assert answers(simulated)["CLIP.printer"]["lines_left"] == 5
    assert "code was sent" in act(camille, "CLIP.scanner", "scan", code="0013748911")
    act(camille, "CLIP.scanner", "set", setting="plugged", value="on")
    assert not (simulated / "CLIP.scanner").exists()
    assert "cannot be done" in act(camille, "CLIP.scanner", "scan", code="0013748911")
    printed(simulated)
    act(camille, "CLIP.printer", "tear-off")
    assert answers(simulated)["CLIP.printer"]["papers"] == []


def test_nothing_else_can_be_done(camille: FlaskClient, simulated: Path) -> None:
    before = answers(simulated)
    csrf = csrf_of(camille)
    for status, data in (
        (404, {"device": "TAD.printer", "act": "become", "value": "ready"}),
        (404, {"device": "../x", "act": "scan", "code": "1"}),
        (400, {"device": "CLIP.printer", "act": "explode"}),
        (400, {"device": "CLIP.scanner", "act": "set", "setting": "kind", "value": "on"}),
        (303, {"device": "CLIP.printer", "act": "become", "value": "on fire"}),
        (303, {"device": "CLIP.printer", "act": "scan", "code": "1"}),
    ):
        assert camille.post("/simulator/CLIP", data={"csrf": csrf, **data}).status_code == status
    assert answers(simulated) == before


def test_what_is_typed_is_read_with_its_separator(camille: FlaskClient, simulated: Path) -> None:
    with (simulated / "CLIP.scanner").open("rb", buffering=0) as port:
        act(camille, "CLIP.scanner", "scan", typed="10LOT42A{GS}21000123")
        assert port.read(100) == b"10LOT42A\x1d21000123\r"


def test_the_paper_says_what_stands_on_it_and_what_nobody_knows(
    camille: FlaskClient, simulated: Path
) -> None:
    printed(simulated)
    shown = camille.get("/simulator/CLIP").text
    assert (
        '<p class="left"><span class="b ">COMPTOIR</span><span class=""> café</span></p>' in shown
    )
    assert '<span class="w t">HUIT</span>' in shown
    assert "1b 70 00 19 19" in shown and "&lt;fin&gt;" in shown
    picture = camille.get("/simulator/CLIP/CLIP.printer/1/2.png")
    dots = Image.open(io.BytesIO(picture.data)).convert("1")
    assert dots.size == (16, 3)
    assert bytes(byte ^ 0xFF for byte in dots.tobytes()) == DOTS
    for elsewhere in (
        "CLIP.printer/1/0",
        "CLIP.printer/9/2",
        "CLIP.scanner/1/2",
        "TAD.printer/1/2",
    ):
        assert camille.get(f"/simulator/CLIP/{elsewhere}.png").status_code == 404


class TestInABrowser:
    pytestmark = BROWSER

    @pytest.fixture
    def here(self, page: Page, simulated: Path) -> Page:
        printed(simulated)
        page.goto("/sign-in?next=/simulator/CLIP")
        page.get_by_label("Your name").fill(PERSON)
        page.get_by_label("Your PIN").fill(PIN)
        page.get_by_label("Your PIN").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Simulator")
        return page

    def test_axe_finds_nothing_and_nobody_scrolls_sideways(self, here: Page) -> None:
        assert list(faults(here)) == []

    def test_it_keeps_up_with_the_paper_and_the_focus_stays(
        self, here: Page, simulated: Path
    ) -> None:
        here.evaluate("window.stays = true")
        button = here.get_by_role("button", name="Cover open")
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(button).to_be_focused()
        here.get_by_role("button", name="All well").click()
        expect(here.get_by_text("Paper 1")).to_be_visible()
        printed(simulated, b"second\n\x1dV\x01")
        expect(here.get_by_text("Paper 2")).to_be_visible()
        here.get_by_role("button", name="Pull the plug").click()
        expect(here.get_by_text("unplugged", exact=True)).to_be_visible()
        assert here.evaluate("window.stays")
