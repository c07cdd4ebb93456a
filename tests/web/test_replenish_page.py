"""What is to be brought: levels typed by the lead, the pick list while both ends read, the line of the tally."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from inventory import catalogue, days, replenish
from inventory.database import Database
from inventory.stations import add_station
from inventory.tables import Pick, Station
from inventory.words import Mode
from labels.house import Kind, house_code
from web import reads
from web.example import PERSON, PIN
from web.pages import command_code

from . import keys
from .conftest import code_of, csrf_of
from .counter import BROWSER, problems

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def a_scanner_in_the_store(database: Database) -> None:
    with database.writing() as session:
        add_station(session, name="STORE", place="RESERVE", mode=Mode.RECEIVE)


def place_code(database: Database, code: str) -> str:
    with database.reading() as session:
        return house_code(Kind.PLACE, catalogue.place(session, code).id)


def read(database: Database, station: str, *codes: str) -> None:
    at = days.now().isoformat()
    raw = [{"id": str(uuid4()), "code": code, "at": at} for code in codes]
    done = reads.record(database, station=station, raw_reads=raw, language="en")
    assert done is not None
    assert all(one["status"] == "accepted" for one in done.results), done.results


def only(database: Database, **levels: int) -> None:
    """CLIP has these levels and no others."""
    with database.writing() as session:
        clip = catalogue.place(session, "CLIP")
        wanted: dict[str, int | None] = dict.fromkeys(
            replenish.levels(session, place_id=clip.id), None
        )
        replenish.set_levels(session, place=clip, levels={**wanted, **levels})


def kept(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return replenish.levels(session, place_id=catalogue.place(session, "CLIP").id)


def test_levels_are_kept_all_or_none(camille: FlaskClient, database: Database) -> None:
    only(database, SER1=100, PRES=50)
    was = {"was:SER1": "100", "was:PRES": "50", "was:GARR": ""}
    form = {"csrf": csrf_of(camille), "place": "CLIP", "level:GARR": "25", **was}
    wrong = {**form, "level:SER1": "many", "level:PRES": "0"}
    answer = camille.post("/levels", data=wrong, headers=ENGLISH)
    assert answer.status_code == 400
    assert answer.text.count('aria-invalid="true"') == 2 and 'value="many"' in answer.text
    assert kept(database) == {"SER1": 100, "PRES": 50}
    right = {**form, "level:SER1": "120", "level:PRES": ""}
    for _ in range(2):
        assert camille.post("/levels", data=right).status_code == 303
    assert kept(database) == {"SER1": 120, "GARR": 25}


def test_a_page_of_levels_that_stayed_open_writes_over_nothing(
    camille: FlaskClient, database: Database
) -> None:
    only(database, SER1=100, PRES=50)
    shown = {f"{what}:{code}": level for what in ("was", "level") for code, level in SHOWN.items()}
    form = {"csrf": csrf_of(camille), "place": "CLIP", **shown}
    only(database, SER1=400, PRES=80)  # by somebody else
    camille.post("/levels", data={**form, "level:GARR": "25"})
    assert kept(database) == {"SER1": 400, "PRES": 80, "GARR": 25}
    answer = camille.post("/levels", data={**form, "level:SER1": "120"}, headers=ENGLISH)
    assert answer.status_code == 400 and "Somebody wrote 400 here meanwhile." in answer.text
    assert 'name="was:SER1" value="400"' in answer.text and 'value="120"' in answer.text
    assert 'name="level:PRES" value="80"' in answer.text
    assert kept(database)["SER1"] == 400
    camille.post("/levels", data={**form, "was:SER1": "400", "level:SER1": "120"})
    assert kept(database)["SER1"] == 120


SHOWN = {"SER1": "100", "PRES": "50", "GARR": ""}


def test_what_is_low_is_said_in_the_tally(camille: FlaskClient, database: Database) -> None:
    only(database, SER1=100, PRES=50)
    page = camille.get("/tally?place=CLIP", headers=ENGLISH).text
    assert "Articles to be replenished: 2" in page and "/replenish?place=CLIP" in page
    only(database)
    assert "to be replenished" not in camille.get("/tally?place=CLIP", headers=ENGLISH).text


def test_nothing_to_bring_says_so(camille: FlaskClient, database: Database) -> None:
    only(database)
    assert "No place has a level yet" in camille.get("/replenish", headers=ENGLISH).text
    only(database, SER1=1)
    read(database, "STORE", command_code("mode-unload"), place_code(database, "CLIP"))
    read(database, "STORE", code_of(database, "SER1"))
    page = camille.get("/replenish", headers=ENGLISH).text
    assert "Nothing is to be brought" in page
    stale = {"csrf": csrf_of(camille), "store": "RESERVE", "place": "CLIP"}
    answer = camille.post("/replenish", data=stale, headers=ENGLISH)
    assert answer.status_code == 400 and "any more" in answer.text


def test_an_open_list_shows_its_codes_and_lots(camille: FlaskClient, database: Database) -> None:
    only(database, SER1=500)
    data = {"csrf": csrf_of(camille), "store": "RESERVE", "place": "CLIP"}
    opened = camille.post("/replenish", data=data)
    page = camille.get(opened.headers["Location"], headers=ENGLISH).text
    for name in ("mode-unload", "mode-load", "mode-hand-out"):
        assert command_code(name) in page
    assert place_code(database, "CLIP") in page
    assert "lot S1A2511" in page  # the first to expire
    bars = re.findall(r'viewBox="0 0 (\d+) 1".*?fill="#000" d="([^"]+)"', page)
    assert [drawn(int(width), path) for width, path in bars] == [
        command_code("mode-unload"),
        place_code(database, "CLIP"),
        command_code("mode-load"),
        command_code("mode-hand-out"),
    ]


def test_an_end_without_a_station_says_so(camille: FlaskClient, database: Database) -> None:
    only(database, SER1=500)
    with database.writing() as session:
        session.execute(delete(Station).where(Station.name == "STORE"))
    data = {"csrf": csrf_of(camille), "store": "RESERVE", "place": "CLIP"}
    opened = camille.post("/replenish", data=data)
    page = camille.get(opened.headers["Location"], headers=ENGLISH).text
    assert "scanning at the other end is enough" in page
    assert command_code("mode-unload") not in page and command_code("mode-load") in page


def drawn(width: int, path: str) -> str:
    """What an independent reader sees in the bars of a page."""
    image = Image.new("L", (width * 3, 120), 255)
    for x, wide in re.findall(r"M(\d+) 0h(\d+)v1h-\d+z", path):
        image.paste(0, (int(x) * 3, 0, (int(x) + int(wide)) * 3, 120))
    (found,) = zxingcpp.read_barcodes(image)
    return found.text


def test_kits_nobody_has_are_to_be_assembled(camille: FlaskClient, database: Database) -> None:
    only(database, **{"KIT-INJ": 40})
    with database.reading() as session:
        (found,) = replenish.all_needs(session, day=days.today())
    page = camille.get("/replenish", headers=ENGLISH).text
    if found.short:
        assert f"{found.short[0][1]} to be assembled" in page
    else:
        pytest.fail("the example has as many kits: choose a higher level")


class TestInABrowser:
    pytestmark = BROWSER

    @pytest.fixture
    def desk(self, page: Page) -> Page:
        page.goto("/sign-in")
        page.locator("#name").fill(PERSON)
        page.locator("#pin").fill(PIN)
        page.keyboard.press("Enter")
        expect(page.locator(".desks").first).to_be_visible()
        return page

    def test_the_list_follows_both_scanners(self, desk: Page, database: Database) -> None:
        only(database, SER1=500, GARR=10)
        desk.goto("/replenish?place=CLIP")
        expect(desk.locator("tbody tr")).to_have_count(2)
        assert problems(desk) == []
        desk.get_by_role("button", name="Bring this").focus()
        desk.keyboard.press("Enter")
        row = desk.locator("tbody tr").filter(has_text="Syringe 1 ml")
        expect(row.locator("td")).to_have_text(["500", "0", "0", "500"])
        assert problems(desk) == []

        ser, tourniquet = code_of(database, "SER1"), code_of(database, "GARR")
        read(database, "STORE", command_code("mode-unload"), place_code(database, "CLIP"))
        read(database, "STORE", *(command_code(f"digit-{d}") for d in "400"), ser)
        expect(row.locator("td")).to_have_text(["500", "400", "0", "100"])
        read(database, "CLIP", command_code("mode-load"))
        read(database, "CLIP", *(command_code(f"digit-{d}") for d in "400"), ser)
        expect(row.locator("td").nth(2)).to_have_text("400")
        read(database, "STORE", *(command_code(f"digit-{d}") for d in "100"), ser)
        read(database, "STORE", *(command_code(f"digit-{d}") for d in "10"), tourniquet)
        expect(desk.get_by_role("status")).to_have_text("Everything is picked; it is on its way.")
        read(database, "CLIP", *(command_code(f"digit-{d}") for d in "100"), ser)
        read(database, "CLIP", *(command_code(f"digit-{d}") for d in "10"), tourniquet)
        expect(desk.get_by_role("status")).to_have_text("Everything has arrived.")
        with database.reading() as session:
            assert replenish.all_needs(session, day=days.today()) == []

        desk.get_by_role("button", name="The list is over").focus()
        desk.keyboard.press("Enter")
        expect(desk.get_by_text("Nothing is to be brought")).to_be_visible()
        with database.reading() as session:
            assert not any(session.scalars(select(Pick.is_open)))

    def test_what_arrives_unpicked_is_not_still_to_pick(
        self, desk: Page, database: Database
    ) -> None:
        only(database, SER1=200)
        desk.goto("/replenish?place=CLIP")
        desk.get_by_role("button", name="Bring this").click()
        row = desk.locator("tbody tr").filter(has_text="Syringe 1 ml")
        expect(desk.get_by_role("status")).to_have_text("200 pieces still to pick")
        ser = code_of(database, "SER1")
        read(database, "CLIP", command_code("mode-load"))
        read(database, "CLIP", *(command_code(f"digit-{d}") for d in "150"), ser)
        expect(row.locator("td")).to_have_text(["200", "0", "150", "50"])
        expect(desk.get_by_role("status")).to_have_text("50 pieces still to pick")
        read(database, "CLIP", *(command_code(f"digit-{d}") for d in "50"), ser)
        expect(desk.get_by_role("status")).to_have_text("Everything has arrived.")
        expect(row.locator("td").nth(3)).to_have_text("nothing")

    def test_a_scan_on_the_page_is_answered(self, desk: Page, database: Database) -> None:
        only(database, SER1=200)
        desk.goto("/replenish?place=CLIP")
        desk.get_by_role("button", name="Bring this").click()
        expect(desk.get_by_text("Scan at a station: on this page")).to_be_visible()
        for heading, station in (("Leaving", "STORE"), ("Arriving", "CLIP")):
            end = desk.get_by_role("heading", name=heading).locator("xpath=following-sibling::p[1]")
            expect(end).to_contain_text(station)
        keys.scan(desk, code_of(database, "SER1"))
        expect(desk.get_by_role("alert")).to_contain_text("this page takes no scans")
        expect(desk.get_by_role("alert")).to_contain_text("STORE · CLIP")
        expect(desk.locator("tbody tr").first.locator("td").nth(1)).to_have_text("0")
        assert problems(desk) == []

    def test_levels_by_keyboard(self, desk: Page, database: Database) -> None:
        only(database)
        desk.goto("/levels?place=CLIP")
        assert problems(desk) == []
        desk.get_by_label("Syringe 1 ml").focus()
        desk.keyboard.type("x")
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("alert")).to_be_visible()
        assert problems(desk) == []
        desk.get_by_label("Syringe 1 ml").fill("300")
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("status")).to_be_visible()
        assert kept(database) == {"SER1": 300}
