"""The counter page in a real browser, against the real application behind the product's own web server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from inventory.database import Database
from web.example import PERSON, PIN
from web.pages import command_code

from .conftest import code_of
from .counter import BROWSER, PANELS, last, line, panel, problems, sign_in, touch
from .keys import scan

pytestmark = BROWSER


def test_an_evening_by_touch_and_scanner(page: Page, database: Database) -> None:
    sign_in(page)
    first_person(page, database)
    any_number(page)
    used_material(page)
    close_and_see_the_tally(page)


def first_person(page: Page, database: Database) -> None:
    expect(page.get_by_text("Nothing yet.")).to_be_visible()

    touch(page, "KIT-INJ")
    last(page, "Injecting kit", "+1")
    page.get_by_role("button", name="× 5").click()
    expect(page.get_by_role("button", name="× 5")).to_have_attribute("aria-pressed", "true")
    touch(page, "KIT-INJ")
    last(page, "Injecting kit", "+5")
    line(page, "Injecting kit", 6)
    expect(page.get_by_role("button", name="× 1", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )

    scan(page, code_of(database, "NALOX"))
    last(page, "Naloxone nasal spray 1.8 mg", "+1")
    scan(page, code_of(database, "PRES"), scanner="BE")
    last(page, "Condom", "+1")
    page.get_by_role("button", name="Undo").click()
    last(page, "Condom", "−1")
    expect(page.locator("#lines li")).to_have_count(2)

    page.get_by_role("button", name="Next person").click()
    expect(page.locator("#passages")).to_have_text("1")
    expect(page.locator("#lines li")).to_have_count(0)


def any_number(page: Page) -> None:
    page.get_by_role("button", name="Another number").click()
    for digit in "37":
        page.locator("#keypad").get_by_role("button", name=digit, exact=True).click()
    expect(page.locator("#keypad .typed-number")).to_have_text("37")
    page.locator("#keypad").get_by_role("button", name="To the pictures").click()
    touch(page, "SER1")
    last(page, "Syringe 1 ml fixed needle 29G", "+37")


def used_material(page: Page) -> None:
    panel(page, "returned")
    page.locator("#returned").get_by_role("button", name="20", exact=True).click()
    last(page, "Returned material noted. Thank you.")
    page.get_by_role("button", name="Bottle 1.5 l").click()
    for key in ("2", "Decimal point", "5"):
        page.locator("#returned").get_by_role("button", name=key, exact=True).click()
    expect(page.locator("#returned .typed-number")).to_have_text("2.5")
    page.get_by_role("button", name="kilograms").click()
    last(page, "Returned material noted. Thank you.")
    page.get_by_role("button", name="One passage more").click()
    expect(page.locator("#passages")).to_have_text("2")


def close_and_see_the_tally(page: Page) -> None:
    panel(page, "closing")
    counted = page.get_by_label("How many passages?")
    expect(counted).to_have_value("3")
    expect(page.locator("#still-here")).to_have_text("2 + 1 person still on the screen")
    page.get_by_role("button", name="One more", exact=True).click()
    expect(counted).to_have_value("4")
    page.locator("#close-now").click()

    expect(page.get_by_role("heading", name="Tally · Comptoir CLIP")).to_be_visible()
    expect(page.get_by_text("the journal is erased")).to_be_visible()
    expect(page.locator(".figures li")).to_have_text(
        [
            re.compile("^4 passages"),
            re.compile("^49 syringes"),
            # 20 said, a bottle of 1.5 l at 58 a litre, 2.5 kg at 7.8 g apiece
            re.compile(f"^{20 + 87 + 321} used ones"),
        ]
    )
    row = page.get_by_role("row", name="Injecting kit 6").first
    expect(row).to_be_visible()


def test_a_scan_leaves_no_trace_in_a_field(page: Page, database: Database) -> None:
    sign_in(page)
    panel(page, "closing")
    counted = page.get_by_label("How many passages?")
    counted.fill("12")
    scan(page, code_of(database, "CUP"))
    last(page, "Sterile cooker with filter", "+1")
    expect(counted).to_have_value("12")
    scan(page, code_of(database, "CUP"), scanner="BE", end=False)
    line(page, "Sterile cooker with filter", 2)
    expect(counted).to_have_value("12")


@pytest.mark.parametrize("scanner", ["US", "BE"])
def test_a_gs1_code_is_read_under_both_layouts(page: Page, scanner: str) -> None:
    sign_in(page)
    gtin = re.search(r"\d{13,14}", (Path("web/example/codes.csv")).read_text())
    assert gtin is not None
    scan(page, f"]C101{gtin[0].zfill(14)}10QAZ7M", scanner=scanner)
    expect(page.locator("#last.ok")).to_be_attached()
    expect(page.locator("#lines li")).to_have_count(1)


def test_a_focused_button_is_not_pressed_by_a_scan(page: Page, database: Database) -> None:
    sign_in(page)
    touch(page, "KIT-HYG")
    last(page, "Hygiene kit", "+1")
    scan(page, code_of(database, "SAVON"))
    last(page, "Soap 20 g", "+1")
    line(page, "Hygiene kit", 1)


def test_a_stray_enter_presses_no_picture(page: Page) -> None:
    sign_in(page)
    touch(page, "KIT-HYG")
    last(page, "Hygiene kit", "+1")
    page.keyboard.press("Enter")
    touch(page, "PRES")
    last(page, "Condom", "+1")
    line(page, "Hygiene kit", 1)


def test_what_is_only_looked_up_bears_no_sign_of_something_recorded(page: Page) -> None:
    sign_in(page)
    scan(page, command_code("mode-count"))
    touch(page, "SER1")
    expect(page.locator("#last-message")).to_have_text("Looked up, nothing recorded.")
    expect(page.locator("#last-pieces")).to_have_text("")
    expect(page.locator("#last.ok")).to_have_count(0)


def test_what_is_refused_is_said_loudly(page: Page) -> None:
    sign_in(page)
    scan(page, "3400930000008")
    expect(page.get_by_role("alert")).to_contain_text("check digit is wrong")
    expect(page.locator("#last")).to_have_class("last bad")


def test_reads_are_kept_while_the_network_is_away(page: Page) -> None:
    sign_in(page)
    page.context.set_offline(True)
    touch(page, "KIT-SNIFF")
    touch(page, "KIT-SNIFF")
    expect(page.locator("#kept")).to_have_text("2 kept")
    page.context.set_offline(False)
    expect(page.locator("#kept")).to_be_hidden()
    line(page, "Sniffing kit", 2)


def test_a_server_that_takes_long_leaves_nobody_without_an_answer(page: Page) -> None:
    sign_in(page)
    held: list[Route] = []
    page.route("**/reads", lambda route: held.append(route))
    page.get_by_role("button", name="× 5").click()
    touch(page, "KIT-SNIFF")
    expect(page.locator("#last-message")).to_have_text("Kept without network, sent later (2).")
    expect(page.locator("#last-title")).to_have_text("Sniffing kit")
    expect(page.locator("#last-pieces")).to_have_text("+5")
    touch(page, "PRES")
    expect(page.locator("#last-message")).to_have_text(
        "Kept without network, sent later (3).", timeout=1000
    )
    for route in held:
        route.continue_()
    page.unroute_all(behavior="wait")
    line(page, "Sniffing kit", 5)
    line(page, "Condom", 1)
    expect(page.locator("#kept")).to_be_hidden()
    last(page, "Condom", "+1")


def test_reads_outlive_the_page(page: Page, address: str) -> None:
    sign_in(page)
    page.context.set_offline(True)
    touch(page, "KIT-MENS")
    expect(page.locator("#kept")).to_have_text("1 kept")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(f"{address}/stations/CLIP")
    line(page, "Period kit", 1)
    expect(page.locator("#kept")).to_be_hidden()


def test_training_counts_nothing(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Training").click()
    expect(page.get_by_text("Training: nothing is counted").first).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile("training"))
    scan(page, command_code("times-10"))
    touch(page, "KIT-CRACK")
    line(page, "Smoking kit", 10)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="End the training").click()
    expect(page.locator("body")).not_to_have_class(re.compile("training"))
    expect(page.locator("#lines li")).to_have_count(0)
    page.goto("/tally?place=CLIP")
    expect(page.locator("tbody tr")).to_have_count(0)


def test_a_sign_in_that_ended_loses_nothing(page: Page) -> None:
    sign_in(page)
    page.context.clear_cookies(name="sign_in")
    touch(page, "KIT-INJ")
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_label("Your name").fill(PERSON)
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Sign in", exact=True).click()
    line(page, "Injecting kit", 1)


LOOKS: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = (
    ({"width": 1366, "height": 768}, "light"),
    ({"width": 390, "height": 844}, "dark"),
    ({"width": 683, "height": 384}, "light"),  # what 200 % leaves of a counter's screen
)


def problems_at_every_size(page: Page) -> list[str]:
    """What axe finds on a counter's screen, on a phone in the dark, and zoomed."""
    found = []
    for size, theme in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        found += [f"{size} {theme}: {problem}" for problem in problems(page)]
    page.set_viewport_size(LOOKS[0][0])
    return found


def test_axe_finds_nothing(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")  # a colour on its way to another is neither
    page.goto("/sign-in")
    assert problems_at_every_size(page) == []
    sign_in(page)
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)
    assert problems_at_every_size(page) == []
    for name in PANELS:
        panel(page, name)
        assert problems_at_every_size(page) == [], name
        page.keyboard.press("Escape")
    scan(page, "3400930000008")
    expect(page.locator("#last.bad")).to_be_visible()
    assert problems_at_every_size(page) == []
    for elsewhere in ("/", "/tally", "/tally?from=2020-01-01&to=2020-01-01", "/nowhere"):
        page.goto(elsewhere)
        assert problems_at_every_size(page) == [], elsewhere


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_nothing_is_cut_off_in_any_language(page: Page, language: str) -> None:
    """No button's words reach beyond it, at the smallest counter screen and on a phone."""
    sign_in(page)
    page.get_by_role("button", name="Menu").click()
    page.locator(f"#menu button[lang={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    for width, height in ((1024, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for name in (*PANELS, "pictures"):
            if name != "pictures":
                panel(page, name)
            too_wide = page.locator("button:visible").evaluate_all(
                "all => all.filter(b => b.scrollWidth > b.clientWidth + 1).map(b => b.innerText)"
            )
            assert too_wide == [], (language, width, name)
            page.keyboard.press("Escape")
        sideways = page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
        assert sideways == 0, (language, width)
