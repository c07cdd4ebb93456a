"""Two people at once, lines that are corrected by touching them, and lines that fade."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from inventory import catalogue, days
from inventory.database import Database
from labels.house import Kind, house_code
from web.pages import command_code

from .conftest import code_of
from .counter import BROWSER, last, line, panel, problems, ready, sign_in, touch
from .keys import scan

pytestmark = BROWSER


def correct(page: Page, name: str) -> None:
    page.locator("#lines button").filter(has_text=name).click()
    expect(page.locator("#correct-name")).to_have_text(name)


def badge(page: Page, item: str, text: str) -> None:
    expect(page.locator(f"[data-item={item}] .badge")).to_have_text(text)


def test_two_people_at_once(page: Page) -> None:
    sign_in(page)
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)
    page.get_by_role("button", name="Person B").click()
    expect(page.locator("#lane-b")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#lines li")).to_have_count(0)
    expect(page.get_by_role("button", name="Person A, 1 piece", exact=True)).to_be_visible()
    touch(page, "SER1")
    line(page, "Syringe 1 ml fixed needle 29G", 1)
    badge(page, "SER1", "1")
    expect(page.locator("[data-item=KIT-INJ] .badge")).to_be_hidden()

    scan(page, command_code("lane-a"), scanner="BE")
    line(page, "Injecting kit", 1)
    page.get_by_role("button", name="Next person").click()
    expect(page.locator("#lines li")).to_have_count(0)
    page.keyboard.press("F4")
    line(page, "Syringe 1 ml fixed needle 29G", 1)
    page.get_by_role("button", name="Next person").click()
    expect(page.locator("#passages")).to_have_text("2")


def test_a_line_is_corrected_where_it_stands(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name="× 5").click()
    touch(page, "SER1")
    touch(page, "PRES")
    line(page, "Condom", 1)
    correct(page, "Syringe 1 ml fixed needle 29G")
    expect(page.get_by_text("5 now. How many should it be?")).to_be_visible()
    assert problems(page) == []
    keypad = page.locator("#correct")
    for digit in "12":
        keypad.get_by_role("button", name=digit, exact=True).click()
    keypad.get_by_role("button", name="OK").click()
    last(page, "Syringe 1 ml fixed needle 29G", "+7")
    line(page, "Syringe 1 ml fixed needle 29G", 12)

    correct(page, "Condom")
    keypad.get_by_role("button", name="0", exact=True).click()
    keypad.get_by_role("button", name="OK").click()
    last(page, "Condom", "−1")
    expect(page.locator("#lines li")).to_have_count(1)
    page.get_by_role("button", name="Undo the last one").click()
    line(page, "Condom", 1)


def test_a_correction_by_keyboard_that_a_scan_interrupts(page: Page, database: Database) -> None:
    sign_in(page)
    touch(page, "CUP")
    line(page, "Sterile cooker with filter", 1)
    page.locator("#lines button").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("The right number")
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    page.keyboard.type("4", delay=300)
    scan(page, code_of(database, "PRES"), scanner="BE")
    badge(page, "PRES", "1")
    expect(field).to_have_value("4")
    page.keyboard.press("Enter")
    line(page, "Sterile cooker with filter", 4)
    line(page, "Condom", 1)
    correct(page, "Condom")
    page.keyboard.press("Escape")
    expect(page.locator("#lines button").filter(has_text="Condom")).to_be_focused()


def test_a_number_typed_before_does_not_spoil_a_correction(page: Page) -> None:
    sign_in(page)
    touch(page, "GARR")
    line(page, "Tourniquet", 1)
    page.get_by_role("button", name="× 20").click()
    expect(page.get_by_role("button", name="× 20")).to_have_attribute("aria-pressed", "true")
    correct(page, "Tourniquet")
    page.locator("#correct").get_by_role("button", name="3", exact=True).click()
    page.keyboard.press("Enter")
    line(page, "Tourniquet", 3)


def test_the_page_says_whom_the_next_article_is_for(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says is what happens, lane by lane; also on a page that is opened only then, and on a slow clock."""
    real_now, later = days.now, [timedelta()]
    monkeypatch.setattr(days, "now", lambda: real_now() + later[0])
    page.clock.install(time=real_now() - timedelta(minutes=5))

    def wait(seconds: int) -> None:
        later[0] += timedelta(seconds=seconds)
        page.clock.run_for(seconds * 1000)

    sign_in(page)
    next_article = page.locator("#next-article")
    expect(next_article).to_have_text("Next article: A, new person")
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)
    expect(next_article).to_have_text("Next article: A, this person")
    wait(40)
    page.get_by_role("button", name="Person B").click()
    expect(next_article).to_have_text("Next article: B, new person")
    touch(page, "PRES")
    line(page, "Condom", 1)
    expect(next_article).to_have_text("Next article: B, this person")
    expect(page.locator("body")).not_to_have_class(re.compile("quiet"))
    wait(21)
    # Of the other lane it is said there; this one has 39 seconds left.
    expect(page.locator("#lane-a")).to_have_class("gone")
    expect(next_article).to_have_text("Next article: B, this person")
    page.get_by_role("button", name="Person A").click()
    for _ in range(2):
        expect(next_article).to_have_text("Next article: A, next person")
        expect(page.locator("body")).to_have_class(re.compile("quiet"))
        line(page, "Injecting kit", 1)
        assert problems(page) == []
        page.reload()
        ready(page)
    touch(page, "SER1")
    expect(page.locator("#lines li")).to_have_count(1)
    line(page, "Syringe 1 ml fixed needle 29G", 1)
    expect(page.locator("#passages")).to_have_text("1")
    expect(next_article).to_have_text("Next article: A, this person")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_came_back_is_said_with_the_lines(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    sign_in(page)
    panel(page, "returned")
    page.get_by_role("button", name="Bottle 1.5 l").click()
    expect(page.locator("#came-back li")).to_have_text(["Came back: Bottle 1.5 l"])
    page.locator("#returned").get_by_role("button", name="20", exact=True).click()
    expect(page.locator("#came-back li")).to_have_text(
        ["Came back: Bottle 1.5 l", "Came back: 20 (the person says)"]
    )
    page.get_by_role("button", name="Picked up in the street").click()
    expect(page.locator("#expecting")).to_contain_text("Picked up in the street")
    assert problems(page) == []
    page.locator("#expecting").get_by_role("button", name="Leave it").click()
    expect(page.locator("#expecting")).to_be_hidden()


def test_unopened_material_goes_to_quarantine(page: Page) -> None:
    sign_in(page)
    panel(page, "returned")
    page.get_by_role("button", name="Never opened, to put aside").click()
    expect(page.locator("#expecting")).to_contain_text("comes back unopened")
    expect(page.locator("#pictures")).to_be_visible()
    touch(page, "NALOX")
    expect(page.locator("#expecting")).to_be_hidden()
    expect(page.locator("#last.noted #last-title")).to_have_text("Naloxone nasal spray 1.8 mg")
    expect(page.locator("#lines li")).to_have_count(0)


def test_a_contact_takes_nothing_along(page: Page) -> None:
    sign_in(page)
    panel(page, "contacts")
    for name in ("Reception", "Shower", "Laundry"):
        page.locator("#contacts").get_by_role("button", name=name).click()
        last(page, f"Contact noted: {name}.")
    expect(page.locator("#lines li")).to_have_count(0)
    expect(page.locator("#passages")).to_have_text("0")


def test_added_afterwards_counts_nobody_twice(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name="Add afterwards").click()
    expect(page.locator("#afterwards")).to_be_visible()
    touch(page, "KIT-SNIFF")
    line(page, "Sniffing kit", 1)
    page.get_by_role("button", name="Next person").click()
    expect(page.locator("#afterwards")).to_be_hidden()
    expect(page.locator("#passages")).to_have_text("0")

    for added in (0, 1):
        page.get_by_role("button", name="Add afterwards").click()
        for _ in range(added):
            touch(page, "PRES")
            line(page, "Condom", 1)
        page.get_by_role("button", name="Stop adding").click()
        last(page, "Adding afterwards is over.")
        expect(page.locator("#afterwards")).to_be_hidden()
        expect(page.get_by_role("button", name="Add afterwards")).to_be_visible()
    expect(page.locator("#passages")).to_have_text("0")


def test_a_station_in_another_mode_says_so_and_leads_back(page: Page, database: Database) -> None:
    """Whoever reads a mode code by mistake, or comes to a screen somebody left so, cannot overlook it."""
    sign_in(page)
    expect(page.locator("#not-handing-out")).to_be_hidden()
    scan(page, command_code("mode-unload"), scanner="BE")
    expect(page.locator("#mode-title")).to_have_text("Unloading")
    page.reload()
    ready(page)
    expect(page.locator("#mode")).to_have_text("unload")
    expect(page.locator("#mode-title")).to_have_text("Unloading")
    for gone in ("#next-article", "#lanes", "#next"):
        expect(page.locator(gone)).to_be_hidden()
    scan(page, place_code(database, "RESERVE"), scanner="BE")
    expect(page.locator("#mode-title")).to_have_text("Unloading to Réserve")
    touch(page, "PRES")
    last(page, "Condom", "+1")
    expect(page.locator("#last-message")).to_have_text("Unloaded, not handed out.")
    line(page, "Condom", 1)
    # Lines are corrected where things are handed out: none invites a touch here.
    expect(page.locator("#lines").get_by_role("button")).to_have_count(0)
    page.locator("#lines li").click()
    expect(page.locator("#correct")).to_be_hidden()
    assert problems(page) == []

    page.get_by_role("button", name="Back to handing out").click()
    expect(page.locator("#not-handing-out")).to_be_hidden()
    expect(page.locator("#mode")).to_have_text("hand out")
    expect(page.get_by_role("button", name="Next person")).to_be_visible()
    touch(page, "PRES")
    expect(page.locator("#last-message")).to_have_text("Recorded.")


def place_code(database: Database, place: str) -> str:
    with database.reading() as session:
        return house_code(Kind.PLACE, catalogue.place(session, place).id)
