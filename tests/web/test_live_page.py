"""What the counter page shows of its station's own scanner, printer and network, and of a server that is away."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from devices.events import LostReason
from inventory import stations
from inventory.database import Database
from tests.e2e.conftest import with_example
from tests.e2e.processes import post_reads, read
from web.live import Live
from web.station_status import Printer, Scanner, Status

from .conftest import code_of
from .counter import BROWSER, last, line, problems, ready, recorded, sign_in, touch
from .keys import scan

pytestmark = BROWSER


@pytest.fixture
def scanner(database: Database, address: str) -> Scans:
    """The station's own scanner: reads sent with the station's token."""
    token = database.write(lambda session: stations.new_token(session, station="CLIP"))
    return Scans(int(address.rpartition(":")[2]), token)


class Scans:
    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token

    def __call__(self, *codes: str) -> None:
        post_reads(self.port, "CLIP", self.token, [read(code) for code in codes])


def test_the_stations_own_scanner_is_shown(page: Page, database: Database, scanner: Scans) -> None:
    sign_in(page)
    scanner(code_of(database, "KIT-INJ"))
    last(page, "Injecting kit", "+1")
    line(page, "Injecting kit", 1)
    expect(page.get_by_role("status").filter(has_text="Injecting kit, +1")).to_be_attached()
    scanner("3400930000008")
    expect(page.get_by_role("alert")).to_contain_text("check digit is wrong")


def test_own_reads_are_shown_once(page: Page) -> None:
    page.add_init_script(SAID_HOW_OFTEN)
    sign_in(page)
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)
    touch(page, "PRES")
    line(page, "Condom", 1)
    expect(page.get_by_role("status").filter(has_text="Condom")).to_be_attached()
    assert page.evaluate("window.said") == ["Injecting kit, +1, Recorded.", "Condom, +1, Recorded."]


SAID_HOW_OFTEN = """
window.said = [];
addEventListener("DOMContentLoaded", () => {
  const region = document.querySelector("#said");
  if (region) new MutationObserver(() => {
    if (region.textContent) window.said.push(region.textContent);
  }).observe(region, { childList: true });
});
"""


def test_where_no_stream_is_to_be_had_the_page_asks(
    page: Page, database: Database, scanner: Scans
) -> None:
    page.route("**/live", lambda route: route.fulfill(status=503, json={"poll": True}))
    with page.expect_response("**/session"), page.expect_response("**/live"):
        sign_in(page)
    with page.expect_response("**/session"):
        pass
    scanner(code_of(database, "NALOX"))
    last(page, "Naloxone nasal spray 1.8 mg", "+1")
    line(page, "Naloxone nasal spray 1.8 mg", 1)
    expect(page.locator("#network")).to_have_text("Network")


@pytest.fixture
def live(flask_app: Flask) -> Live:
    found: Live = flask_app.config["LIVE"]
    return found


def test_the_bar_says_how_the_devices_are(page: Page, live: Live) -> None:
    sign_in(page)
    expect(page.locator("#scanner")).to_be_hidden()
    live.status("CLIP", Status([Scanner("desk", "ready")], Printer("near-end")))
    expect(page.locator("#scanner")).to_have_text("Scanner")
    expect(page.locator("#printer")).to_have_text("Printer: soon out of paper")
    expect(page.locator("#network")).to_have_text("Network")
    assert problems(page) == []
    live.status("CLIP", Status([Scanner("desk", "lost", "gone")], Printer("paper-out"), kept=3))
    expect(page.locator("#scanner")).to_have_text("Scanner unplugged")
    expect(page.locator("#printer")).to_have_text("Printer: no paper")
    expect(page.locator("#printer-advice")).to_have_text(
        "Printer: no paper. Put in a new roll: what waits is printed by itself."
    )
    expect(page.locator("#kept")).to_have_text("3 kept")
    page.emulate_media(color_scheme="dark")
    assert problems(page) == []
    live.status("CLIP", Status([Scanner("desk", "ready")], Printer("ready")))
    expect(page.locator("#printer-advice")).to_be_hidden()


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("absent", "Scanner unplugged"),
        ("gone", "Scanner unplugged"),
        ("busy", "Scanner busy"),
        ("forbidden", "Scanner access refused"),
        ("shared", "Scanner not unique"),
        ("unusable", "Scanner unusable"),
        (None, "Scanner not ready"),
    ],
)
def test_the_bar_says_why_a_scanner_is_lost(
    page: Page, live: Live, why: LostReason | None, words: str
) -> None:
    live.status("CLIP", Status([Scanner("desk", "lost", why)]))
    sign_in(page)
    expect(page.locator("#scanner")).to_have_text(words)
    live.status("CLIP", Status([Scanner("desk", "lost", why), Scanner("door", "ready")]))
    expect(page.locator("#scanner")).to_have_text(f"{words}: desk")


def test_a_scanner_lost_and_back_is_said_aloud_once_each(page: Page, live: Live) -> None:
    """To whoever does not see the bar, and beside what is said of the reads."""
    sign_in(page)
    page.evaluate(
        """() => { window.told = [];
        const region = document.querySelector("#scanner-said");
        new MutationObserver(() => window.told.push(region.textContent))
            .observe(region, { childList: true, characterData: true, subtree: true }) }"""
    )
    door = Scanner("door", "ready")
    news: list[tuple[Scanner, str]] = [
        (Scanner("desk", "lost"), "Scanner not ready: desk"),
        (Scanner("desk", "ready"), "Scanner"),
        (Scanner("desk", "lost", "gone"), "Scanner unplugged: desk"),
        (Scanner("desk", "lost", "absent"), "Scanner unplugged: desk"),
        (Scanner("desk", "ready"), "Scanner"),
    ]
    for number, (scanner, words) in enumerate(news):
        for kept in (2 * number + 1, 2 * number + 2):  # told again: it stays as it was
            live.status("CLIP", Status([scanner, door], kept=kept))
            expect(page.locator("#kept")).to_have_text(f"{kept} kept")
        expect(page.locator("#scanner")).to_have_text(words)
    expect(page.get_by_role("status").filter(has_text="Scanner ready: desk")).to_be_attached()
    assert page.evaluate("window.told") == ["Scanner unplugged: desk", "Scanner ready: desk"]


@pytest.mark.parametrize("language", ["fr", "nl"])
@pytest.mark.parametrize("size", [(1366, 768), (1024, 768), (360, 740)])
def test_long_names_of_lost_scanners_move_nothing(
    page: Page, live: Live, language: str, size: tuple[int, int]
) -> None:
    sign_in(page)
    page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.reload()
    ready(page)
    live.status("CLIP", Status([Scanner("desk", "ready")], Printer("paper-out"), kept=3))
    expect(page.locator("#kept")).to_be_visible()
    box = "all => all.map(it => JSON.stringify(it.getBoundingClientRect()))"
    fixed = page.locator(".bar > :not(.states), main .quantities, #last")
    before = fixed.evaluate_all(box)
    lost = [
        Scanner(f"{n}-usb-Datalogic_ADC_Handheld_012345678-if0", "lost", "gone") for n in range(9)
    ]
    live.status("CLIP", Status(lost, Printer("paper-out"), kept=3))
    expect(page.locator("#scanner")).to_contain_text("+6")
    assert fixed.evaluate_all(box) == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    bar, pill = (page.locator(one).bounding_box() for one in (".bar", "#scanner"))
    assert bar is not None and pill is not None
    assert bar["y"] <= pill["y"] and pill["y"] + pill["height"] <= bar["y"] + bar["height"]
    assert pill["height"] < 32, "one line"
    assert problems(page) == []


@contextmanager
def station_process(kept: int) -> Iterator[int]:
    """What a station answers on its own machine: gives its port."""

    class Says(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            status: dict[str, Any] = {"scanners": [], "printer": None, "kept": kept, "dropped": 0}
            self.wfile.write(json.dumps(status).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Says)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


def test_what_the_station_keeps_is_said_while_the_server_is_away(page: Page, live: Live) -> None:
    with station_process(kept=4) as port:
        sign_in(page)
        live.status("CLIP", Status([Scanner("desk", "ready")], kept=0, port=port))
        expect(page.locator("#scanner")).to_be_visible()
        page.route("**/reads", lambda route: route.abort())
        touch(page, "KIT-INJ")
        expect(page.locator("#network")).to_have_text("No network")
        # One on this page, four at the station.
        expect(page.locator("#kept")).to_have_text("5 kept")
        expect(page.locator("#last-title")).to_have_text("4 kept")


def test_a_scan_thrown_away_at_the_station_is_to_be_scanned_again(page: Page, live: Live) -> None:
    sign_in(page)
    live.status("CLIP", Status([Scanner("desk", "ready")], dropped=1))  # before this page: nobody's
    expect(page.locator("#scanner")).to_be_visible()
    live.status("CLIP", Status([Scanner("desk", "ready")], dropped=2))
    expect(page.locator("#last-title")).to_have_text("The scan was garbled. Scan again.")
    expect(page.locator("#alert")).to_have_text("The scan was garbled. Scan again.")
    # An administrator tries it: to scan again would be in vain.
    live.status("CLIP", Status([Scanner("desk", "lost", "tested")], dropped=3))
    expect(page.locator("#scanner")).to_have_text("Scanner being tested")
    told = "Being tested: what it scans is not counted"
    expect(page.locator("#last-title")).to_have_text(told)


def test_a_server_that_is_killed_loses_nothing(
    browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Touches and scans go on while `serve` is dead; all of them arrive once it is back, each once."""
    here = with_example(tmp_path_factory.mktemp("killed") / "data")
    context = browser.new_context(locale="en-GB", base_url=f"http://127.0.0.1:{here.port}")
    page = context.new_page()
    page.set_default_timeout(30_000)
    codes = {}
    with here.serving() as server:
        sign_in(page)
        codes = {
            item: page.locator(f"[data-item={item}]").get_attribute("data-code")
            for item in ("PRES", "CUP")
        }
        with recorded(page):
            touch(page, "KIT-INJ")
        line(page, "Injecting kit", 1)
        server.kill()
    for n in range(1, 4):
        touch(page, "KIT-INJ")
        scan(page, str(codes["PRES"]), scanner="BE")
        expect(page.locator("#kept")).to_have_text(f"{2 * n} kept")
    expect(page.locator("#network")).to_have_text("No network")
    expect(page.locator("#last.warn")).to_contain_text("Kept without network, sent later (6).")
    assert problems(page) == []
    with here.serving() as server:
        line(page, "Injecting kit", 4)
        line(page, "Condom", 3)
        expect(page.locator("#kept")).to_be_hidden()
        expect(page.locator("#network")).to_have_text("Network", timeout=20_000)
        server.kill()
        scan(page, str(codes["CUP"]))
        expect(page.locator("#kept")).to_have_text("1 kept")
    page.close()
    with here.serving():
        page = context.new_page()
        page.goto("/stations/CLIP")
        ready(page)
        line(page, "Sterile cooker with filter", 1)
        line(page, "Injecting kit", 4)
    context.close()


def test_a_browser_that_cannot_keep_anything_says_so(page: Page) -> None:
    sign_in(page)
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
    touch(page, "KIT-INJ")
    expect(page.get_by_role("alert")).to_contain_text("NOT recorded")
    expect(page.locator("#lines li")).to_have_count(0)
