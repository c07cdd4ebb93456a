"""Sheets, shifts and opening days in a real browser: typed in by keyboard alone, nothing lost, no barrier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from inventory import catalogue, days, opening_days
from inventory.counter import sheets as services
from inventory.counter import taking_back
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database
from inventory.tables import SetAside, Setting, Shift
from inventory.tally import tally
from web import sheets
from web.example import PERSON, PIN

from .conftest import serving
from .counter import BROWSER

TODAY = days.today()
YESTERDAY = TODAY - timedelta(days=1)
MOST_KEYS = 150
"""For an evening of twenty articles: at a key a second, three minutes with time to find the numbers on paper."""

pytestmark = BROWSER


@pytest.fixture
def page(browser: Browser, flask_app: Flask) -> Iterator[Page]:
    """A signed-in page; what it complains about fails the test."""
    with serving(flask_app) as address:
        context = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="en-GB", base_url=address
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sheets")
        page.get_by_label("Your name").fill(PERSON)
        page.get_by_label("Your PIN").fill(PIN)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Type in a sheet")).to_be_visible()
        yield page
        context.close()
        assert complaints == []


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def open_sheet(page: Page, sheet: str = "") -> None:
    page.goto(f"/sheets/{sheet or uuid4()}?place=CLIP&day={YESTERDAY}")
    expect(page.locator("html[data-script=ready]")).to_be_attached()


def drafts(page: Page) -> list[str]:
    """The sheets of which this tab still holds what was typed."""
    kept: list[str] = page.evaluate("Object.keys(sessionStorage)")
    return [key for key in kept if key.startswith("sheet ")]


def shifts(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Shift.id))) or 0


def test_no_family_is_parted_from_its_heading(page: Page) -> None:
    open_sheet(page)
    columns = page.evaluate(
        """[...document.querySelectorAll(".groups fieldset")].map((family) =>
            new Set([...family.querySelectorAll(".box")].map((box) =>
                Math.round(box.getBoundingClientRect().left))).size)"""
    )
    assert len(columns) > 8 and set(columns) == {1}
    lefts = page.locator(".groups fieldset").evaluate_all("(all) => all.map((f) => f.offsetLeft)")
    assert len(set(lefts)) == 3, "three columns on a wide screen"


def test_an_evening_of_twenty_articles_by_keyboard_alone(page: Page, database: Database) -> None:
    with database.reading() as session:
        found = list(sheets.boxes(sheets.groups(session, catalogue.place(session, "CLIP").id)))
    names = [box.name for box in found]
    noted = {name: str(3 + 7 * n) for n, name in enumerate(names[1:40:2])}
    noted |= {"passages": "61", "return kilograms": "2,5", "contact shower": "4"}
    assert sum(name.startswith("item ") for name in noted) == 20
    keys = Keys(page)
    page.get_by_label("Day of the sheet").fill(str(YESTERDAY))
    keys.press("Enter")
    expect(page.locator("html[data-script=ready]")).to_be_attached()
    for box in found:
        keys.press(*noted.get(box.name, ""), "Enter" if len(box.name) % 2 else "ArrowDown")
    expect(page.get_by_role("button", name="Save the sheet")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_text("The sheet is saved")).to_be_visible()
    assert keys.pressed <= MOST_KEYS
    with database.reading() as session:
        told = tally(session, first=YESTERDAY, last=YESTERDAY)
    expected = {name[5:]: int(n) for name, n in noted.items() if name.startswith("item ")}
    assert {row.item: row.handed_out for row in told.rows} == expected
    assert (told.shifts, told.passages, told.contacts) == (1, 61, {"shower": 4})
    assert told.returned == 321
    expect(page.locator(".figures")).to_contain_text("61")
    expect(page.locator(".figures")).to_contain_text("321")


def test_enter_in_a_box_never_sends_even_without_the_script(page: Page, database: Database) -> None:
    page.route("**/sheet-*.js", lambda route: route.abort())
    page.goto(f"/sheets/{uuid4()}?place=CLIP&day={YESTERDAY}")
    page.get_by_label("Passages", exact=True).fill("61")
    page.get_by_label("Passages", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Save the sheet")).to_be_visible()
    assert shifts(database) == 0
    page.get_by_role("button", name="Save the sheet").click()
    expect(page.get_by_text("The sheet is saved")).to_be_visible()


def test_what_is_no_number_stays_and_is_marked(page: Page, database: Database) -> None:
    open_sheet(page)
    keys = Keys(page)
    keys.press("4", "o")
    passages = page.get_by_label("Passages", exact=True)
    expect(passages).to_have_attribute("aria-invalid", "true")
    keys.press("Enter")
    kilograms = page.get_by_label("Kilograms")
    kilograms.focus()
    keys.press("0", ",", "7", "8")
    expect(kilograms).not_to_have_attribute("aria-invalid", "true")
    keys.press("ArrowUp")
    expect(page.get_by_label("Pieces, estimated")).to_be_focused()
    page.get_by_role("button", name="Save the sheet").click()
    expect(passages).to_have_value("4o")
    expect(passages).to_be_focused()
    assert shifts(database) == 0
    passages.fill("40")
    expect(passages).not_to_have_attribute("aria-invalid", "true")


def test_what_is_wrong_is_shown_and_focused_and_nothing_is_lost(
    page: Page, database: Database
) -> None:
    open_sheet(page)
    page.get_by_label("Passages", exact=True).fill("61")
    page.locator("[name='item SER1']").evaluate("box => { box.value = 'twelve' }")  # pasted
    page.get_by_role("button", name="Save the sheet").click()
    wrong = page.locator("[name='item SER1']")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description("Only whole numbers, such as 12.")
    expect(wrong).to_have_value("twelve")
    expect(page.get_by_label("Passages", exact=True)).to_have_value("61")
    assert shifts(database) == 0
    assert Axe().run(page).violations_count == 0


def test_loaded_again_clicked_twice_and_gone_back_to(page: Page, database: Database) -> None:
    open_sheet(page)
    page.get_by_label("Passages", exact=True).fill("61")
    page.locator("[name='item SER1']").fill("12")
    page.reload()
    expect(page.get_by_label("Passages", exact=True)).to_have_value("61")  # nothing is lost
    assert len(drafts(page)) == 1
    page.get_by_role("button", name="Save the sheet").dblclick()
    page.wait_for_url("**recorded=1")
    expect(page.get_by_text("The sheet is saved")).to_be_visible()
    assert drafts(page) == []
    page.go_back()
    expect(page.get_by_text("This sheet was recorded before. Nothing was added.")).to_be_visible()
    page.reload()
    assert shifts(database) == 1


def test_a_lost_connection_loses_nothing(page: Page, database: Database) -> None:
    open_sheet(page)
    address = page.url
    page.get_by_label("Passages", exact=True).fill("61")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save the sheet").click()
    expect(page.get_by_label("Passages", exact=True)).to_have_count(0)  # the browser says so itself
    page.context.set_offline(False)
    page.goto(address)
    expect(page.get_by_label("Passages", exact=True)).to_have_value("61")
    page.get_by_role("button", name="Save the sheet").click()
    expect(page.get_by_text("The sheet is saved")).to_be_visible()
    assert shifts(database) == 1


def test_the_channel_is_corrected_with_the_keyboard(page: Page, database: Database) -> None:
    page.goto(f"/services/{an_evening(database)}")
    page.get_by_label("Channel", exact=True).focus()
    page.keyboard.type("maraude")
    page.keyboard.press("Tab")
    page.keyboard.type("Gare du M")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Corrected: the whole shift now counts there.")).to_be_visible()
    with database.reading() as session:
        told = tally(session, first=YESTERDAY, last=YESTERDAY)
    assert {(row.channel, row.site) for row in told.rows} == {("maraude", "MIDI")}


def test_the_first_page_asks_and_is_answered(page: Page, database: Database) -> None:
    with database.writing() as session:
        since = TODAY - timedelta(days=2)
        opening_days.set_usual(session, place="CLIP", weekdays=range(7), today=since)
    page.goto("/")
    expect(page.get_by_role("heading", name="Open, nothing recorded?")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Nothing was handed out").first.click()
    page.get_by_role("button", name="It was closed").click()
    expect(page.get_by_role("heading", name="Open, nothing recorded?")).to_have_count(0)
    assert shifts(database) == 1


@pytest.mark.parametrize(("width", "scheme"), [(1366, "dark"), (390, "light")])
def test_no_page_has_a_barrier(page: Page, database: Database, scheme: str, width: int) -> None:
    with database.writing() as session:
        opening_days.set_exception(session, place="CLIP", day=TODAY, open=False)
    number, back = an_evening(database), an_evening(database)
    with database.writing() as session:
        assert taking_back.take_back(session, shift_id=back)
        place_id = catalogue.place(session, "CLIP").id
        long_ago = TODAY - timedelta(days=500)
        session.add(SetAside(code="SER1", day=long_ago, place_id=place_id, pieces=12))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 768})
    sheet = f"/sheets/{uuid4()}?place=CLIP&day={YESTERDAY}"
    for address in (
        "/sheets",
        sheet,
        "/services",
        f"/services/{number}?recorded=1",
        f"/services/{number}/take-back",
        f"/services/{back}",
        "/late",
        "/movements/quarantine",
        "/opening-days",
    ):
        page.goto(address)
        found = Axe().run(page)
        assert found.violations_count == 0, (address, found.generate_report())
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{address} is {wide} px wider than the screen"


def an_evening(database: Database) -> int:
    sheet = Sheet(uuid4(), "CLIP", YESTERDAY, passages=2, items={"SER1": 5}, contacts={"shower": 1})
    with database.writing() as session:
        secret = session.get_one(Setting, SECRET).value
        number = services.record_sheet(session, sheet=sheet, secret=secret, now=days.now())
    assert number is not None
    return number
