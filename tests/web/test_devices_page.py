"""The administrator's page of devices: the steps of `comptoir devices setup`, over what the station's process tells."""

from __future__ import annotations

import html
from dataclasses import asdict
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from inventory import people, printing, stations
from inventory.database import Database
from inventory.tables import PrintJob, Scanner, Station
from inventory.words import Role
from tests.web.test_desk_browser import faults
from web import station_status
from web.example import PERSON, PIN
from web.scanners import ScannerSetting

from .conftest import csrf_of
from .counter import BROWSER

DEVICE = "/dev/input/by-id/usb-Honeywell_0123-event-kbd"
RULE = 'SUBSYSTEM=="input", ATTRS{idVendor}=="0c2e", GROUP="comptoir-scanner", MODE="0660"'
PLUGGED = {
    "kind": "keys",
    "node": "/dev/input/event7",
    "device": DEVICE,
    "name": "Honeywell Xenon",
    "held": True,
    "held_by": ["Xorg"],
    "allowed": False,
    "rules": [RULE],
}
PRINTER = {
    "kind": "printer",
    "node": "/dev/usb/lp0",
    "device": "usb://04b8:0202",
    "name": "EPSON TM-T20",
}
FOUND = {
    "keymap": "be",
    "caps": True,
    "suffix": "enter",
    "identifier": False,
    "separator": "lost",
}


@pytest.fixture
def camille(camille: FlaskClient) -> FlaskClient:
    camille.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return camille


def tell(client: FlaskClient, **status: Any) -> None:
    """As the station's process tells of itself."""
    told = station_status.parse(msgspec.json.encode(status))
    assert told is not None
    client.application.config["LIVE"].statuses.told("CLIP", told)


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return html.unescape(answer.text)


def post(client: FlaskClient, address: str, **data: str) -> tuple[int, str]:
    sent = client.post(f"/devices/CLIP/{address}", data={"csrf": csrf_of(client), **data})
    return sent.status_code, sent.location or html.unescape(sent.text)


def listed(database: Database) -> list[ScannerSetting]:
    with database.reading() as session:
        rows = session.scalars(select(Scanner).order_by(Scanner.name))
        return [ScannerSetting.listed(one) for one in rows]


def begun(client: FlaskClient, device: str = DEVICE) -> None:
    answer = post(client, "scanner/test", device=device)
    assert answer == (303, f"/devices/CLIP/scanner?device={device}")


def wished(client: FlaskClient) -> str:
    """The device that the station is to try."""
    wish: dict[str, str] = client.application.config["LIVE"].statuses.wish("CLIP")
    return wish.get("self_test", "")


def scanned(client: FlaskClient, device: str = DEVICE, **other: Any) -> None:
    """A test is begun, and somebody scans the code."""
    begun(client, device)
    tell(client, self_test={"device": device, "state": "found", "found": {**FOUND, **other}})


def test_only_administrators_see_it(camille: FlaskClient, database: Database) -> None:
    assert 'href="/devices"' in camille.get("/").text
    with database.writing() as session:
        people.add_person(session, name="Noor", role=Role.LOGISTICS, pin="4071")
    noor = camille.application.test_client()
    noor.post("/sign-in", data={"name": "Noor", "pin": "4071"})
    assert 'href="/devices"' not in noor.get("/").text
    assert noor.get("/devices").status_code == 403


def test_each_state_is_said_with_what_to_do(camille: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        setting = ScannerSetting.of(DEVICE, name="desk")
        stations.set_scanner(
            session, station="CLIP", **{k: getattr(setting, k) for k in setting.__slots__}
        )
        stations.set_printer(session, station="CLIP", printer="tcp://192.0.2.7:9100")
    assert "Nothing is heard of the station" in page(camille, "/devices/CLIP")
    states = {"near-end": "soon out of paper", "paper-out": "Put in a new roll", "silent": "cable"}
    for state, words in states.items():
        tell(camille, printer={"state": state}, scanners=[{"name": "desk", "state": "lost"}])
        for address in ("/devices", "/devices/CLIP"):
            said = page(camille, address)
            assert words in said and "is in the way" in said
    tell(camille, scanners=[{"name": "desk", "state": "ready"}])
    assert "Ready" in page(camille, "/devices")


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("absent", "plug it in"),
        ("gone", "plug it in"),
        ("forbidden", "has the rule"),
        ("busy", "end that program"),
        ("shared", "list each by its by-path"),
        ("unusable", "cannot be read"),
    ],
)
def test_why_a_scanner_is_lost_is_said_of_each(
    camille: FlaskClient, database: Database, why: str, words: str
) -> None:
    with database.writing() as session:
        for name in ("desk", "door"):
            setting = ScannerSetting.of(f"/dev/serial/by-id/{name}", name=name)
            stations.set_scanner(session, station="CLIP", **asdict(setting))
    ready = {"name": "door", "state": "ready"}
    tell(camille, scanners=[{"name": "desk", "state": "lost", "why": why}, ready])
    for address in ("/devices", "/devices/CLIP"):
        said = page(camille, address)
        assert said.count(words) == 1 and said.count("Ready") == 1
    tell(camille, self_test={"device": "/dev/serial/by-id/desk", "state": why})
    begun(camille, "/dev/serial/by-id/desk")
    tell(camille, self_test={"device": "/dev/serial/by-id/desk", "state": why})
    assert words in page(camille, "/devices/CLIP/scanner?device=/dev/serial/by-id/desk")


def test_one_scanner_too_many_is_refused_where_it_is_named(
    camille: FlaskClient, database: Database
) -> None:
    """Else the service would refuse all that the station tells of itself."""
    with database.writing() as session:
        for number in range(stations.MOST_SCANNERS):
            setting = ScannerSetting.of(f"/dev/ttyACM{number}", name=f"s{number}")
            stations.set_scanner(session, station="CLIP", **asdict(setting))
    scanned(camille)
    refused = post(camille, "scanner", device=DEVICE, name="desk", role="")
    assert refused[0] == 400 and "64 scanners at most" in refused[1]
    assert len(listed(database)) == stations.MOST_SCANNERS


def test_a_station_without_any_device_says_how_it_gets_one(
    camille: FlaskClient, database: Database
) -> None:
    """`comptoir run` starts no process for it: to wait for one would be in vain."""
    with database.writing() as session:
        stations.set_printer(session, station="CLIP", printer="")
    for address in ("/devices/CLIP", f"/devices/CLIP/scanner?device={DEVICE}"):
        said = page(camille, address)
        assert "comptoir station run CLIP" in said and "“comptoir run” starts it" not in said
        assert "look for them" in said
    assert post(camille, "here") == (303, "/devices/CLIP?told=here")
    said = page(camille, "/devices/CLIP")
    assert "“comptoir run” starts it" in said and "look for them" not in said
    assert "another machine after all" in said
    assert post(camille, "elsewhere") == (303, "/devices/CLIP")
    assert "look for them" in page(camille, "/devices/CLIP")
    assert post(camille, "here")[0] == 303
    tell(camille)
    assert "“comptoir run” starts it" not in page(camille, "/devices/CLIP")


def test_no_device_is_looked_for_where_a_token_was_given_out(
    camille: FlaskClient, database: Database
) -> None:
    """Its process belongs on the machine that has the token."""
    with database.writing() as session:
        stations.set_printer(session, station="CLIP", printer="")
        stations.new_token(session, station="CLIP")
    assert "look for them" not in page(camille, "/devices/CLIP")
    assert post(camille, "here")[0] == 400


def test_a_made_up_scanner_is_on_the_list_before_it_is_tried(
    camille: FlaskClient, database: Database
) -> None:
    """Only then does it exist."""
    assert post(camille, "scanner/test", device="simulated:second")[0] == 303
    with database.reading() as session:
        listed = [one.name for one in stations.scanners(session, station="CLIP")]
    assert "simulated second" in listed


def test_a_made_up_scanner_takes_nobodys_name(camille: FlaskClient, database: Database) -> None:
    setting = ScannerSetting.of(DEVICE, name="simulated second")
    with database.writing() as session:
        stations.set_scanner(session, station="CLIP", **asdict(setting))
    refused = post(camille, "scanner/test", device="simulated:second")
    assert refused[0] == 400 and "is called simulated second" in refused[1]
    assert setting in listed(database)


def test_what_is_plugged_in_is_asked_of_the_station_and_shown_with_its_troubles(
    camille: FlaskClient,
) -> None:
    tell(camille)
    assert "is being asked" in page(camille, "/devices/CLIP")
    assert camille.application.config["LIVE"].statuses.wish("CLIP")["look"]
    tell(camille, plugged=[PLUGGED, PRINTER])
    said = page(camille, "/devices/CLIP")
    assert "Honeywell Xenon" in said and DEVICE in said
    assert "Held by Xorg" in said
    assert RULE in said and "may not open it" in said
    assert 'value="usb://04b8:0202"' in said


def test_a_scanner_is_tried_named_and_saved_with_what_the_test_told(
    camille: FlaskClient, database: Database
) -> None:
    tell(camille)
    begun(camille)
    assert "lets go of the scanner" in page(camille, f"/devices/CLIP/scanner?device={DEVICE}")
    assert wished(camille) == DEVICE
    early = post(camille, "scanner", device=DEVICE, name="desk", role="lane-a")
    assert early[0] == 400 and "Scan the self-test code first" in early[1]
    assert listed(database) == []

    scanned(camille)
    said = page(camille, f"/devices/CLIP/scanner?device={DEVICE}")
    assert "Belgian keyboard" in said and "drops the separator" in said
    saved = post(camille, "scanner", device=DEVICE, name="desk", role="lane-a")
    assert saved == (303, "/devices/CLIP?told=saved")
    setting = ScannerSetting(
        "desk", DEVICE, "be", role="lane-a", suffix="key", separator="lost", caps=True
    )
    assert listed(database) == [setting]
    assert "Belgian" not in page(camille, f"/devices/CLIP/scanner?device={DEVICE}"), "forgotten"


def test_the_speed_of_a_serial_scanner_is_saved_too(
    camille: FlaskClient, database: Database
) -> None:
    device, serial = "/dev/serial/by-id/usb-FTDI_1", {"keymap": "", "caps": False}
    tell(camille)
    begun(camille, device)
    tell(camille, self_test={"device": device, "state": "other", "baud": 115200})
    said = page(camille, f"/devices/CLIP/scanner?device={device}")
    assert "now has 115200 bits a second" in said and "US keyboard" not in said
    scanned(camille, device, **serial, baud=115200)
    assert "115200 bits a second" in page(camille, f"/devices/CLIP/scanner?device={device}")
    assert post(camille, "scanner", device=device, name="desk", role="")[0] == 303
    assert [one.baud for one in listed(database)] == [115200]
    assert "115200 bits a second" in page(camille, "/devices/CLIP")
    scanned(camille, device, **serial, baud=9600)
    assert "bits a second" not in page(camille, f"/devices/CLIP/scanner?device={device}")


def test_only_a_button_begins_a_test_and_no_other_page_ends_it(camille: FlaskClient) -> None:
    """A link somewhere else would take a counter's scanner away; and so would a second window."""
    tell(camille)
    said = page(camille, f"/devices/CLIP/scanner?device={DEVICE}")
    assert "serves nobody" in said and wished(camille) == ""
    assert camille.post("/devices/CLIP/scanner/test", data={"device": DEVICE}).status_code == 403
    assert wished(camille) == ""
    begun(camille)
    for address in ("/devices/CLIP", "/devices/CLIP/scanner?device=/dev/ttyACM0", "/devices"):
        page(camille, address)
    assert wished(camille) == DEVICE
    assert post(camille, "scanner/test/end", device=DEVICE)[0] == 303
    assert wished(camille) == ""


def test_a_test_is_over_once_the_code_was_scanned(camille: FlaskClient, database: Database) -> None:
    """The scanner serves again while it is named."""
    scanned(camille)
    assert wished(camille) == ""
    tell(camille)
    said = page(camille, f"/devices/CLIP/scanner?device={DEVICE}")
    assert "Belgian keyboard" in said and "Test again" in said
    assert post(camille, "scanner", device=DEVICE, name="desk", role="")[0] == 303
    assert [one.keymap for one in listed(database)] == ["be"]


def test_a_test_is_over_after_three_minutes_whoever_looks(
    camille: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [1000.0]
    statuses = camille.application.config["LIVE"].statuses
    monkeypatch.setattr(statuses, "_clock", lambda: now_s[0])
    begun(camille)
    for _ in range(19):
        assert wished(camille) == DEVICE
        tell(camille, self_test={"device": DEVICE, "state": "waiting"})
        said = page(camille, f"/devices/CLIP/scanner?device={DEVICE}&live=1")
        assert "Now scan" in said and "End the test" in said
        now_s[0] += 9.7
    tell(camille, self_test={"device": DEVICE, "state": "waiting"})
    said = page(camille, f"/devices/CLIP/scanner?device={DEVICE}&live=1")
    assert wished(camille) == "" and "the test is over" in said and "Now scan" not in said


def test_a_scanner_on_the_list_is_changed_not_doubled(
    camille: FlaskClient, database: Database
) -> None:
    scanned(camille)
    post(camille, "scanner", device=DEVICE, name="desk", role="")
    begun(camille, f"{DEVICE}2")
    tell(camille, self_test={"device": f"{DEVICE}2", "state": "found", "found": FOUND})
    taken = post(camille, "scanner", device=f"{DEVICE}2", name="desk", role="")
    assert taken[0] == 400 and "is called desk" in taken[1]
    scanned(camille, keymap="us", separator="kept")
    assert 'value="desk"' in page(camille, f"/devices/CLIP/scanner?device={DEVICE}")
    assert post(camille, "scanner", device=DEVICE, name="door", role="lane-b")[0] == 303
    (one,) = listed(database)
    assert (one.name, one.keymap, one.role, one.separator) == ("door", "us", "lane-b", "kept")
    assert post(camille, "scanner/remove", name="door")[0] == 303
    assert listed(database) == []


def test_a_scanner_that_may_not_be_read_shows_the_line_to_copy(camille: FlaskClient) -> None:
    begun(camille)
    tell(camille, plugged=[PLUGGED], self_test={"device": DEVICE, "state": "forbidden"})
    assert RULE in page(camille, f"/devices/CLIP/scanner?device={DEVICE}")


def test_a_test_of_another_device_counts_for_nothing(
    camille: FlaskClient, database: Database
) -> None:
    scanned(camille)
    page(camille, "/devices/CLIP/scanner?device=/dev/ttyACM0")
    assert post(camille, "scanner", device="/dev/ttyACM0", name="desk")[0] == 400
    begun(camille, "/dev/ttyACM0")
    begun(camille, DEVICE)  # in another window
    tell(camille, self_test={"device": DEVICE, "state": "found", "found": FOUND})
    assert post(camille, "scanner", device="/dev/input/by-id/other-event-kbd", name="a")[0] == 400
    assert listed(database) == []


@pytest.mark.parametrize("device", ["ttyACM0", "simulated:?"])
def test_what_is_no_device_is_said_at_its_field(camille: FlaskClient, device: str) -> None:
    assert "is not a device" in page(camille, f"/devices/CLIP/scanner?device={device}", 400)
    refused = post(camille, "scanner/test", device=device)
    assert refused[0] == 400 and "is not a device" in refused[1]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("192.168.1.50", "give 192.168.1.50:9100"),
        ("imprimante", "has no port"),
        ("/etc/passwd", "is a file, not a printer"),
        ("/dev/../etc/passwd", "is a file, not a printer"),
        ("file:///var/lib/comptoir/comptoir.db", "is a file, not a printer"),
        ("serial:///dev/%2e%2e/etc/passwd", "is a file, not a printer"),
        ("", "Give the address of the printer"),
    ],
)
def test_what_is_no_printer_is_refused_at_its_field(
    camille: FlaskClient, database: Database, address: str, words: str
) -> None:
    """It would be printed to for ever, and every paper would count as printed."""
    with database.reading() as session:
        before = session.scalar(select(Station.printer).where(Station.name == "CLIP"))
    refused = post(camille, "printer", printer=address)
    assert refused[0] == 400 and words in refused[1]
    with database.reading() as session:
        assert session.scalar(select(Station.printer).where(Station.name == "CLIP")) == before


@pytest.mark.parametrize(
    "address",
    [
        "tcp://192.0.2.7:9100",
        "192.0.2.7:9100",
        "usb://04b8:0e15/J4QX001",
        "serial:///dev/serial/by-id/x?baud=19200",
        "/dev/usb/lp0",
        "simulated:",
    ],
)
def test_every_way_to_a_printer_is_taken(camille: FlaskClient, address: str) -> None:
    assert post(camille, "printer", printer=address)[0] == 303


def test_an_empty_path_is_asked_for_not_quoted(camille: FlaskClient) -> None:
    refused = post(camille, "scanner/test", device=" ")
    assert refused[0] == 400 and "Give the path of the scanner" in refused[1]
    assert "“”" not in refused[1]


@pytest.mark.parametrize("path", ["/etc/passwd", "/dev/../etc/passwd", "/dev/bus/usb/001/004"])
def test_a_path_that_is_no_device_is_refused(camille: FlaskClient, path: str) -> None:
    refused = post(camille, "scanner/test", device=path)
    assert refused[0] == 400 and "is not a device" in refused[1]


def test_a_printer_is_chosen_tried_and_its_letters_noted(
    camille: FlaskClient, database: Database
) -> None:
    wrong = post(camille, "printer", printer="htp://x")
    assert wrong[0] == 400 and "is not the address of a printer" in wrong[1]
    chosen = post(camille, "printer", printer="tcp://192.0.2.7:9100")
    assert chosen == (303, "/devices/CLIP/printer")
    assert post(camille, "printer/trial")[0] == 303
    with database.reading() as session:
        assert [job.what for job in session.scalars(select(PrintJob))] == [printing.TRIAL]
    assert "Waits for the printer" in page(camille, "/devices/CLIP/printer")
    answer = {"csrf": csrf_of(camille), "line": ["4", "6"]}
    camille.post("/devices/CLIP/printer/seen", data=answer)
    code_page = select(Station.code_page).where(Station.name == "CLIP")
    with database.reading() as session:
        assert session.scalar(code_page) == "CP858"
    assert post(camille, "printer/seen") == (303, "/devices/CLIP/printer?told=nothing")
    assert "Nothing was ticked" in page(camille, "/devices/CLIP/printer?told=nothing")
    with database.reading() as session:
        assert session.scalar(code_page) == "CP858"
    assert post(camille, "printer/seen", line="0")[0] == 303
    with database.reading() as session:
        assert session.scalar(code_page) == "none"
    assert post(camille, "printer/remove") == (303, "/devices/CLIP?told=removed")
    assert camille.get("/devices/CLIP/printer").location == "/devices/CLIP"


def test_the_code_and_the_sheet(camille: FlaskClient) -> None:
    assert camille.get("/devices/self-test.svg").mimetype == "image/svg+xml"
    assert camille.get("/devices/sheet.pdf").data.startswith(b"%PDF")
    assert camille.get("/devices/NOWHERE").status_code == 404


class TestInABrowser:
    pytestmark = BROWSER

    def test_a_page_with_a_refused_form_goes_on_following(self, page: Page, flask_app: Any) -> None:
        page.goto("/sign-in?next=/devices/CLIP")
        page.get_by_label("Your name").fill(PERSON)
        page.get_by_label("Your PIN").fill(PIN)
        page.get_by_label("Your PIN").press("Enter")
        page.get_by_role("textbox", name="Path").fill("ttyACM0")
        page.get_by_role("button", name="Test this scanner").click()
        expect(page.get_by_text("is not a device")).to_be_visible()
        status = msgspec.convert({"plugged": [PLUGGED]}, station_status.Status)
        flask_app.config["LIVE"].statuses.told("CLIP", status)
        expect(page.get_by_text("Honeywell Xenon")).to_be_visible()

    def test_axe_finds_nothing_and_nobody_scrolls_sideways(
        self, page: Page, database: Database, flask_app: Any
    ) -> None:
        statuses = flask_app.config["LIVE"].statuses
        with database.writing() as session:
            stations.set_printer(session, station="CLIP", printer="tcp://192.0.2.7:9100")
        page.goto("/sign-in?next=/devices/CLIP")
        page.get_by_label("Your name").fill(PERSON)
        page.get_by_label("Your PIN").fill(PIN)
        page.get_by_label("Your PIN").press("Enter")
        status = msgspec.convert(
            {
                "plugged": [PLUGGED, PRINTER],
                "printer": {"state": "paper-out"},
                "self_test": {"device": DEVICE, "state": "found", "found": FOUND},
            },
            station_status.Status,
        )
        statuses.told("CLIP", status)
        expect(page.get_by_text("Honeywell Xenon")).to_be_visible()
        found = {}
        for address in (
            "/devices",
            "/devices/CLIP",
            "/devices/CLIP/printer",
            f"/devices/CLIP/scanner?device={DEVICE}",
        ):
            page.goto(address)
            found[address] = list(faults(page))
        assert {address: told for address, told in found.items() if told} == {}
