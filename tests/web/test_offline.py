"""Without an answer of the server: the lines of the person at the counter, and a station that was shut elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete

from inventory import days, station_opening
from inventory.database import Database
from inventory.tables import SignIn
from tests.e2e.conftest import with_example
from web import access
from web.example import PERSON, PIN

from .counter import BROWSER, line, panel, problems, ready, sign_in, touch
from .keys import scan
from .standing import Team

pytestmark = BROWSER

UNKNOWN = "4006501000019"


def lines(page: Page) -> list[tuple[str, str]]:
    """What the current person has, as it is shown: names and numbers."""
    rows = page.locator("#lines li")
    return [
        (row.locator(".name").inner_text(), row.locator("b").inner_text()) for row in rows.all()
    ]


def kept(page: Page, name: str, pieces: str) -> None:
    """A line that says of itself that it is not sent yet."""
    row = page.locator("#lines li.kept").filter(has_text=name)
    expect(row.locator("b")).to_have_text(pieces)
    expect(row.locator("em")).to_have_text("not sent yet")


def command(page: Page, name: str) -> None:
    """A command code under the scanner."""
    scan(page, page.evaluate("(name) => JSON.parse(page.textContent).codes[name]", name))


def gone(route: Route) -> None:
    route.abort()


def test_the_person_is_seen_while_the_server_is_away(
    browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A real server, killed and started again: what the page showed meanwhile is what it then answers."""
    here = with_example(tmp_path_factory.mktemp("away") / "data")
    context = browser.new_context(
        locale="en-GB",
        base_url=f"http://127.0.0.1:{here.port}",
        viewport={"width": 1366, "height": 768},
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    with here.serving() as server:
        sign_in(page)
        touch(page, "KIT-INJ")
        line(page, "Injecting kit", 1)
        server.kill()
    one_person(page)
    another_at_the_other_lane(page)
    command(page, "lane-a")
    kept(page, "Injecting kit", "2")
    before = lines(page)
    with here.serving():
        expect(page.locator("#kept")).to_be_hidden()
        expect(page.locator(".kept")).to_have_count(0)
        # The code is no article of this service: the server keeps it, and it is no line.
        assert lines(page) == [row for row in before if UNKNOWN not in row[0]]
        expect(page.locator("#passages")).to_have_text("1")
        expect(page.locator("#passages-waiting")).to_be_hidden()
    context.close()


def one_person(page: Page) -> None:
    touch(page, "KIT-INJ")
    kept(page, "Injecting kit", "2")
    five = page.locator(".quantity", has_text="× 5")
    five.click()
    expect(five).to_have_attribute("aria-pressed", "true")
    touch(page, "PRES")
    kept(page, "Condom", "5")
    expect(five).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#last-title")).to_have_text("Condom")
    expect(page.locator("#last-pieces")).to_have_text("+5")
    scan(page, UNKNOWN)
    kept(page, f"Code {UNKNOWN}", "× 1")
    assert problems(page) == []
    touch(page, "NALOX")
    kept(page, "Naloxone", "1")
    page.get_by_role("button", name="Undo the last one").click()
    expect(page.locator("#lines li")).to_have_count(3)


def another_at_the_other_lane(page: Page) -> None:
    """Served and gone, while the first still stands there."""
    command(page, "lane-b")
    expect(page.locator("#lane-b")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#lines li")).to_have_count(0)
    touch(page, "CUP")
    kept(page, "Sterile cooker", "1")
    expect(page.locator("#passages-waiting")).to_be_hidden()
    page.get_by_role("button", name="Next person").click()
    expect(page.locator("#lines li")).to_have_count(0)
    expect(page.locator("#passages")).to_have_text("0")
    expect(page.locator("#passages-waiting")).to_have_text("+1 not sent yet")
    expect(page.locator("#last-title")).to_have_text("Next person")


def test_a_read_whose_answer_was_lost_shows_once(page: Page) -> None:
    sign_in(page)
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/reads", lose)
    touch(page, "KIT-INJ")
    expect(page.locator("#kept")).to_have_text("1 kept")
    # The server has it, and says so to every page; to this one it is still on its way.
    assert (
        page.evaluate("fetch('/api/stations/CLIP/session').then((it) => it.json())")["session"][
            "lines"
        ]
        == [{"item": "KIT-INJ", "lot": None, "pieces": 1}] * 2
    )
    kept(page, "Injecting kit", "2")
    touch(page, "PRES")
    kept(page, "Condom", "1")
    kept(page, "Injecting kit", "2")
    page.unroute_all(behavior="wait")
    expect(page.locator("#kept")).to_be_hidden()
    line(page, "Injecting kit", 2)
    line(page, "Condom", 1)
    expect(page.locator(".kept")).to_have_count(0)


def test_a_page_loaded_again_shows_what_it_kept(page: Page) -> None:
    """As after a tab was discarded: the reads are still there, their lines too, and they arrive once."""
    sign_in(page)
    for address in ("**/reads", "**/session", "**/live"):
        page.route(address, gone)
    touch(page, "KIT-INJ")
    kept(page, "Injecting kit", "1")
    page.reload()
    ready(page)
    kept(page, "Injecting kit", "1")
    expect(page.locator("#kept")).to_have_text("1 kept")
    page.unroute_all(behavior="wait")
    line(page, "Injecting kit", 1)
    expect(page.locator(".kept")).to_have_count(0)


def test_what_the_page_cannot_know_is_said(page: Page) -> None:
    sign_in(page)
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)
    page.route("**/reads", gone)
    page.get_by_role("button", name="Undo the last one").click()
    expect(page.locator("#came-back")).to_contain_text("is undone once the system answers")
    line(page, "Injecting kit", 1)
    command(page, "close-shift")
    touch(page, "KIT-INJ")
    expect(page.locator("#came-back")).to_contain_text("2 more reads are kept")
    expect(page.locator("#lines li")).to_have_count(0)
    assert problems(page) == []


def test_closing_without_the_number_the_page_cannot_know(page: Page, database: Database) -> None:
    """Somebody trained, and ended that without a network: who came by before is known to the server alone."""
    sign_in(page)
    for _ in range(3):
        page.get_by_role("button", name="One passage more").click()
    expect(page.locator("#passages")).to_have_text("3")
    command(page, "training")
    expect(page.locator("#training")).to_be_visible()
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)
    page.reload()
    ready(page)
    page.route("**/reads", gone)
    command(page, "training")
    touch(page, "PRES")
    expect(page.locator("#came-back")).to_contain_text("2 more reads are kept")
    panel(page, "closing")
    counted = page.get_by_label("How many passages?")
    expect(counted).to_have_value("")
    expect(counted).to_have_accessible_description(re.compile("this number is not known here"))
    expect(page.get_by_text("This is what was counted.")).to_be_hidden()
    expect(page.get_by_role("button", name="One more", exact=True)).to_be_hidden()
    assert problems(page) == []
    page.locator("#close-now").click()
    expect(page.locator("#pictures")).to_be_visible()
    page.unroute_all(behavior="wait")
    expect(page.get_by_role("heading", name="Tally · Comptoir CLIP")).to_be_visible()
    # The three, and whoever took the condom.
    expect(page.locator(".figures li").first).to_have_text(re.compile("^4 passages"))


def test_a_correction_that_waits_in_the_other_lane_is_shown(page: Page) -> None:
    sign_in(page)
    touch(page, "KIT-INJ")
    for name in ("digit-3", "correct-line"):
        command(page, name)
    expect(page.locator("#expecting")).to_be_visible()
    command(page, "lane-b")
    expect(page.locator("#lane-b")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#expecting")).to_be_hidden()
    page.route("**/reads", gone)
    command(page, "lane-a")
    expect(page.locator("#expecting-what")).to_contain_text("whose line becomes this number")
    touch(page, "KIT-INJ")
    kept(page, "Injecting kit", "3")
    page.unroute_all(behavior="wait")
    expect(page.locator("#kept")).to_be_hidden()
    line(page, "Injecting kit", 3)


def loading_again(page: Page) -> list[bool]:
    """Whether the page keeps each of the keys from loading it again."""
    page.evaluate("""() => {
      const listening = "held" in window;
      window.held = [];
      if (!listening) addEventListener("keydown", (event) => {
        if (event.key === "F5" || event.key === "r") window.held.push(event.defaultPrevented);
        event.preventDefault();
      });
    }""")
    page.keyboard.press("F5")
    page.keyboard.press("Control+r")
    held: list[bool] = page.evaluate("window.held")
    return held


def test_the_keys_that_load_again_keep_the_page_while_nothing_answers(page: Page) -> None:
    sign_in(page)
    assert loading_again(page) == [False, False]
    for address in ("**/reads", "**/session", "**/live"):
        page.route(address, gone)
    touch(page, "KIT-INJ")
    kept(page, "Injecting kit", "1")
    assert loading_again(page) == [True, True]
    expect(page.locator("#last-title")).to_have_text(
        "No network: this page stays, since nothing can be loaded. Nothing is lost."
    )
    expect(page.get_by_role("alert").filter(has_text="this page stays")).to_be_attached()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert problems(page) == []
    touch(page, "PRES")
    kept(page, "Condom", "1")
    page.unroute_all(behavior="wait")
    expect(page.locator("#network")).to_have_text("Network")
    assert loading_again(page) == [False, False]


@pytest.fixture
def standing(page: Page, flask_app: Flask, database: Database) -> Page:
    """A browser that stands at CLIP, open for the day, with nobody's account."""
    today = days.today()
    with database.writing() as session:
        token = station_opening.pair(session, station="CLIP", device="counter", today=today)
        station_opening.open_station(session, station="CLIP", place_id=None, today=today)
    page.add_init_script(NETWORKS)
    page.goto("/sign-in")
    page.context.add_cookies([{"name": access.STATION_COOKIE, "value": token, "url": page.url}])
    page.goto("/stations/CLIP")
    ready(page)
    return page


NETWORKS = """
window.networks = new Set();
addEventListener("DOMContentLoaded", () => {
  const pill = document.querySelector("#network");
  if (pill) new MutationObserver(() => window.networks.add(pill.textContent.trim()))
    .observe(pill, { childList: true, subtree: true });
});
"""


def shut(database: Database) -> None:
    """As from another browser."""
    database.write(lambda session: station_opening.close_station(session, station="CLIP"))


def shut_and_served(page: Page, database: Database) -> None:
    """Somebody goes on serving at a station that was shut."""
    touch(page, "PRES")
    line(page, "Condom", 1)
    shut(database)
    expect(page.locator("#stopped")).to_contain_text("no longer open on this device")
    expect(page.get_by_role("alert").filter(has_text="Nothing is lost")).to_be_visible()
    touch(page, "KIT-INJ")
    kept(page, "Injecting kit", "1")
    expect(page.locator("#last")).to_contain_text("Kept on this device, sent later (1).")
    expect(page.locator("#network")).to_have_text("Network")
    assert page.evaluate("[...window.networks]") == ["Network"]


def opened_again(page: Page) -> None:
    line(page, "Injecting kit", 1)
    line(page, "Condom", 1)
    expect(page.locator(".kept")).to_have_count(0)
    expect(page.locator("#stopped")).to_be_hidden()
    expect(page.locator("#kept")).to_be_hidden()


def test_a_station_shut_elsewhere_is_opened_again_by_a_badge(
    standing: Page, database: Database, team: Team
) -> None:
    shut_and_served(standing, database)
    assert problems(standing) == []
    standing.emulate_media(color_scheme="dark")
    assert problems(standing) == []
    scan(standing, team.noor)
    opened_again(standing)
    assert team.noor not in standing.evaluate("JSON.stringify([localStorage, sessionStorage])")


def test_a_station_shut_elsewhere_is_opened_again_by_a_pin(
    standing: Page, database: Database, team: Team
) -> None:
    shut_and_served(standing, database)
    standing.get_by_role("link", name="Open with a PIN").click()
    standing.get_by_label("Your name").fill("Noor")
    standing.get_by_label("Your PIN").fill("4071")
    standing.get_by_role("button", name="Open the station").click()
    opened_again(standing)


def test_a_station_opened_again_elsewhere_goes_on_by_itself(
    standing: Page, database: Database
) -> None:
    """Such as by a badge at the station's own scanner."""
    shut_and_served(standing, database)
    with database.writing() as session:
        station_opening.open_station(session, station="CLIP", place_id=None, today=days.today())
    opened_again(standing)


def test_whoever_is_signed_out_elsewhere_is_told(page: Page, database: Database) -> None:
    page.add_init_script(NETWORKS)
    sign_in(page)
    database.write(lambda session: session.execute(delete(SignIn)))
    expect(page.locator("#stopped")).to_contain_text("no longer signed in on this device")
    touch(page, "KIT-INJ")
    kept(page, "Injecting kit", "1")
    assert page.evaluate("[...window.networks]") == ["Network"]
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_label("Your name").fill(PERSON)
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Sign in", exact=True).click()
    line(page, "Injecting kit", 1)
    expect(page.locator("#stopped")).to_be_hidden()


def test_an_error_of_the_system_is_no_missing_network_and_loses_nothing(page: Page) -> None:
    sign_in(page)
    page.route("**/reads", lambda route: route.fulfill(status=500, body="no"))
    touch(page, "KIT-INJ")
    expect(page.locator("#network")).to_have_text("System error")
    expect(page.locator("#last-message")).to_have_text(
        "The system answered with an error. Kept on this device, sent later (1)."
    )
    kept(page, "Injecting kit", "1")
    assert problems(page) == []
    # Then the network goes too, and it says so: what is routed last comes first.
    page.route("**/reads", gone)
    expect(page.locator("#network")).to_have_text("No network")
    expect(page.locator("#last-message")).to_have_text("Kept without network, sent later (1).")
    page.unroute_all(behavior="wait")
    expect(page.locator("#kept")).to_be_hidden()
    line(page, "Injecting kit", 1)
