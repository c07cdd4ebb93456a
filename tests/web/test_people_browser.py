"""Badges and the opening of a station in a real browser, with a scanner that types."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from inventory import badges, days, people, station_opening, stations
from inventory.database import Database
from inventory.words import Role
from labels.house import Kind, house_code
from web.example import PERSON, PIN

from .counter import BROWSER, problems, ready, sign_in
from .keys import scan

pytestmark = BROWSER


@pytest.fixture
def badge(database: Database) -> str:
    """Noor's, as a scanner sends it."""
    with database.writing() as session:
        noor = people.add_person(session, name="Noor", role=Role.COUNTER, pin="4071", place="CLIP")
        return house_code(Kind.BADGE, badges.make(session, person_id=noor.id))


def stands_at_clip(page: Page) -> None:
    """Camille gives this browser its station, closes it and goes."""
    sign_in(page)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="This browser stands here").click()
    ready(page)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Close this station").click()
    # The page looks as before, for the account serves too.
    ready(page)
    closed = page.get_by_role("region", name="This station is closed.")
    expect(closed).to_contain_text("You still serve with your own account.")
    expect(closed.get_by_role("link", name="Go on serving")).to_be_visible()
    closed.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Station CLIP is not open")).to_be_visible()


@pytest.mark.parametrize("scanner", ["US", "BE"])
def test_a_badge_scanned_in_any_focus_opens_the_station(
    page: Page, badge: str, scanner: str
) -> None:
    stands_at_clip(page)
    # Both ways in are seen, and neither is hidden behind the other.
    expect(page.get_by_role("button", name="Open the station")).to_be_in_viewport(ratio=1)
    page.get_by_label("Your name").focus()
    scan(page, badge, scanner=scanner)
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()
    ready(page)
    assert not [cookie for cookie in page.context.cookies() if cookie["name"] == "sign_in"]


def test_the_page_opens_by_itself_when_the_stations_scanner_reads_a_badge(
    page: Page, flask_app: Flask, database: Database, badge: str
) -> None:
    stands_at_clip(page)
    with database.writing() as session:
        token = stations.new_token(session, station="CLIP")
    station: FlaskClient = flask_app.test_client()
    read = {"id": str(uuid4()), "code": badge, "at": days.now().isoformat()}
    headers = {"Authorization": f"Bearer {token}"}
    station.post("/api/stations/CLIP/reads", json={"reads": [read]}, headers=headers)
    ready(page)
    expect(page.get_by_role("button", name="Next person")).to_be_visible()


def test_a_badge_on_the_counter_page_is_stored_nowhere(
    page: Page, database: Database, badge: str
) -> None:
    sign_in(page)
    page.context.set_offline(True)
    scan(page, badge)
    expect(page.locator("#last-title")).to_contain_text("the badge was not sent")
    kept = page.evaluate("() => JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert badge not in kept and badge[2:8] not in kept
    page.context.set_offline(False)
    scan(page, badge)
    expect(page.locator("#last")).to_contain_text("open until the end of the service day")
    assert badge not in page.content()


def test_closing_elsewhere_ends_the_page_and_loses_nothing(
    page: Page, database: Database, badge: str
) -> None:
    stands_at_clip(page)
    scan(page, badge)
    ready(page)
    with database.writing() as session:
        station_opening.close_station(session, station="CLIP")
    page.locator("[data-item=KIT-INJ]").first.click()
    page.get_by_role("link", name="Open with a PIN").click()
    expect(page.get_by_role("heading", name="Station CLIP is not open")).to_be_visible()
    scan(page, badge)
    ready(page)
    expect(page.locator("#lines li").filter(has_text="Injecting kit")).to_be_visible()


def test_signing_in_by_badge_with_the_scanner(page: Page, badge: str) -> None:
    sign_in(page)
    page.context.clear_cookies(name="sign_in")
    page.goto("/sign-in?next=/tally")
    scan(page, badge)
    expect(page.get_by_role("heading", name="Tally")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("link", name="Noor")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["wide", "phone"])
def test_axe_finds_nothing(
    page: Page, database: Database, badge: str, theme: str, size: tuple[int, int]
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/sign-in?next=/access")
    page.get_by_label("Your name").fill(PERSON)
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Access")).to_be_visible()
    with database.reading() as session:
        noor = people.named(session, "Noor").id
    for address in ("/access", f"/access/{noor}", "/account", "/sign-in/pin", "/sign-in/link/x"):
        page.goto(address)
        assert problems(page) == [], address
        sideways = page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
        assert sideways == 0, address
    page.context.clear_cookies(name="sign_in")
    page.goto("/sign-in")
    assert problems(page) == []
