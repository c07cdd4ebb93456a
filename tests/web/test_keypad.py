"""Any number: the keypad by finger and by the keys of a keyboard, with a scanner that types in between."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from inventory.database import Database
from web.pages import command_code

from .conftest import code_of
from .counter import BROWSER, last, line, panel, problems, ready, sign_in, touch
from .keys import by_hand, scan

pytestmark = BROWSER

SLOWLY_MS = 120
"""Between two keys of a person in a hurry."""


def shows(page: Page, number: str) -> None:
    expect(page.locator("#keypad .typed-number")).to_have_text(number)


def test_the_keys_of_a_keyboard_type_the_number(page: Page) -> None:
    sign_in(page)
    page.keyboard.press("F7")
    page.keyboard.type("120", delay=SLOWLY_MS)
    shows(page, "120")
    page.keyboard.press("Backspace")
    shows(page, "12")
    page.keyboard.press("Enter")
    expect(page.locator("#pictures")).to_be_visible()
    expect(page.locator("#number")).to_have_text("× 12")
    expect(page.get_by_role("button", name="Another number")).to_be_focused()
    touch(page, "SER1")
    last(page, "Syringe 1 ml fixed needle 29G", "+12")

    # Escape leaves it, and no number stays behind for what comes next.
    page.keyboard.press("F7")
    page.keyboard.type("99", delay=SLOWLY_MS)
    page.keyboard.press("Escape")
    expect(page.locator("#pictures")).to_be_visible()
    expect(page.get_by_role("button", name="× 1", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    touch(page, "PRES")
    last(page, "Condom", "+1")


def test_a_belgian_row_needs_no_shift(page: Page) -> None:
    sign_in(page)
    panel(page, "keypad")
    by_hand(page, "Digit4 Numpad5")
    shows(page, "45")
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#number")).to_have_text("× 45")


def test_what_is_shown_while_it_is_typed_is_what_counts(page: Page) -> None:
    """Without Num Lock the keys on the right type nothing; Playwright presses them so."""
    sign_in(page)
    panel(page, "keypad")
    number = page.locator("#keypad .typed-number")
    number.evaluate(
        """(number) => {
          window.shown = [];
          const note = () => window.shown.push(number.textContent);
          new MutationObserver(note).observe(number, { childList: true });
        }"""
    )
    page.keyboard.type("4")
    page.keyboard.press("Numpad5")
    shows(page, "4")
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#number")).to_have_text("× 4")
    assert set(page.evaluate("window.shown")) == {"4"}


@pytest.mark.parametrize("scanner", ["US", "BE"])
@pytest.mark.parametrize("end", [True, False], ids=["enter", "silence"])
def test_a_scan_is_for_the_number_typed_before_it(
    page: Page, database: Database, scanner: str, end: bool
) -> None:
    sign_in(page)
    panel(page, "keypad")
    page.keyboard.type("12", delay=SLOWLY_MS)
    scan(page, code_of(database, "PRES"), scanner=scanner, end=end)
    last(page, "Condom", "+12")
    line(page, "Condom", 12)
    expect(page.locator("#keypad")).to_be_hidden()
    scan(page, code_of(database, "PRES"), scanner=scanner, end=end)
    line(page, "Condom", 13)
    panel(page, "keypad")
    # Digits of a scan that went wrong are no number, and its Enter is no OK.
    scan(page, "34009", scanner=scanner)
    expect(page.locator("#keypad")).to_be_visible()
    shows(page, "1")


def test_ok_stands_beside_the_digits(page: Page) -> None:
    sign_in(page)
    panel(page, "keypad")
    keypad = page.locator("#keypad")
    for digit in "37":
        keypad.get_by_role("button", name=digit, exact=True).click()
    shows(page, "37")
    # After a finger, Enter is OK and not that digit again.
    page.keyboard.press("Enter")
    expect(keypad).to_be_hidden()
    expect(page.locator("#number")).to_have_text("× 37")
    panel(page, "keypad")
    shows(page, "1")
    keypad.get_by_role("button", name="4", exact=True).click()
    assert problems(page) == []
    keypad.get_by_role("button", name="OK").click()
    expect(page.locator("#pictures")).to_be_visible()
    touch(page, "KIT-INJ")
    last(page, "Injecting kit", "+4")


def test_a_finger_does_not_wait_for_the_silence_after_a_key(page: Page) -> None:
    sign_in(page)
    panel(page, "returned")
    page.keyboard.type("2.5", delay=SLOWLY_MS)
    page.get_by_role("button", name="kilograms").click()
    expect(page.locator("#came-back li")).to_have_text("Came back: 2.5 kg")


def test_a_number_for_used_material_is_none_for_what_is_handed_out(page: Page) -> None:
    sign_in(page)
    panel(page, "returned")
    page.keyboard.type("50", delay=SLOWLY_MS)
    page.get_by_role("button", name="To the pictures").click()
    touch(page, "KIT-INJ")
    last(page, "Injecting kit", "+1")


def test_the_pictures_come_back_for_whoever_comes_next(page: Page, database: Database) -> None:
    sign_in(page)
    returned, pictures = page.locator("#returned"), page.locator("#pictures")
    expect(pictures).to_be_visible()
    touch(page, "KIT-INJ")
    containers = returned.locator(".containers button")
    ways: list[Callable[[], object]] = [
        lambda: page.get_by_role("button", name="Next person").click(),
        lambda: page.locator("#lane-b").click(),
        lambda: page.keyboard.press("F4"),
        lambda: scan(page, command_code("lane-b")),
        lambda: scan(page, code_of(database, "PRES")),
        lambda: scan(page, "4006501000019"),
        lambda: page.keyboard.press("F2"),
    ]
    for bring_back in ways:
        panel(page, "returned")
        containers.first.click()
        containers.last.click()
        returned.locator(".keys").get_by_role("button", name="3", exact=True).click()
        expect(returned).to_be_visible()
        expect(page.locator("#came-back li")).to_have_count(2)
        bring_back()
        expect(pictures).to_be_visible()
        expect(returned).to_be_hidden()
        # The three is none of whoever comes next.
        expect(page.locator("#number")).to_have_text("")
        if page.locator("#came-back li").count():
            page.get_by_role("button", name="Next person").click()
        expect(page.locator("#came-back li")).to_have_count(0)
    panel(page, "returned")
    page.locator("button.open-panel[data-panel=returned]").click()
    expect(pictures).to_be_visible()


def test_passages_are_typed_by_touch_before_closing(page: Page) -> None:
    sign_in(page)
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)
    panel(page, "closing")
    counted = page.get_by_label("How many passages?")
    expect(counted).to_have_value("1")
    keys = page.locator("#closing .keys")
    for digit in "43":
        keys.get_by_role("button", name=digit, exact=True).click()
    expect(counted).to_have_value("43")
    page.get_by_role("button", name="One less", exact=True).click()
    expect(counted).to_have_value("42")
    for size in ((1366, 768), (390, 844)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert problems(page) == []
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(page.locator("#close-now")).to_be_in_viewport(ratio=1)
    expect(keys.get_by_role("button", name="0", exact=True)).to_be_in_viewport(ratio=1)
    keys.get_by_role("button", name="Clear the number").click()
    for digit in "32":
        keys.get_by_role("button", name=digit, exact=True).click()
    page.locator("#close-now").click()
    expect(page.locator(".figures li").first).to_have_text(re.compile("^32 passages"))


def test_a_number_is_seen_while_nothing_gets_through(page: Page) -> None:
    sign_in(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="× 5").click()
    expect(page.get_by_role("button", name="× 5")).to_have_attribute("aria-pressed", "true")
    touch(page, "KIT-INJ")
    expect(page.get_by_role("button", name="× 1", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.context.set_offline(False)
    line(page, "Injecting kit", 5)


def test_choosing_training_closes_the_menu(page: Page) -> None:
    sign_in(page)
    menu = page.get_by_role("button", name="Menu")
    menu.focus()
    for _ in range(2):
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Training").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#menu")).to_be_hidden()
        expect(menu).to_be_focused()
    expect(page.locator("body")).not_to_have_class(re.compile("training"))
    scan(page, command_code("training"))
    expect(page.locator("body")).to_have_class(re.compile("training"))


def test_the_focus_goes_back_where_it_was(page: Page) -> None:
    """Also out of a panel within the menu, and where somebody else takes the line away that is being corrected."""
    sign_in(page)
    panel(page, "closing")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Menu")).to_be_focused()
    touch(page, "PRES")
    page.locator("#lines button").click()
    expect(page.get_by_label("The right number")).to_be_focused()
    scan(page, command_code("next-person"))
    expect(page.locator("#correct")).to_be_hidden()
    expect(page.get_by_role("button", name="Person A")).to_be_focused()


def test_a_correction_follows_its_line(page: Page, database: Database) -> None:
    """It says what the line is by now, and is gone with whoever's line it was."""
    sign_in(page)
    touch(page, "PRES")
    page.locator("#lines button").click()
    now = page.locator("#correct-now")
    expect(now).to_have_text("1 now. How many should it be?")
    scan(page, code_of(database, "PRES"))
    expect(now).to_have_text("2 now. How many should it be?")
    expect(page.get_by_label("The right number")).to_have_attribute("placeholder", "2")
    # Somebody else with the same, and nothing seen in between.
    page.context.set_offline(True)
    for code in (command_code("next-person"), code_of(database, "PRES")):
        scan(page, code)
    page.context.set_offline(False)
    expect(page.locator("#passages")).to_have_text("1")
    line(page, "Condom", 1)
    expect(page.locator("#correct")).to_be_hidden()
    page.locator("#lines button").click()
    scan(page, command_code("undo"))
    expect(page.locator("#correct")).to_be_hidden()


@pytest.mark.parametrize("end", [True, False], ids=["enter", "silence"])
def test_a_key_at_the_moment_of_a_scan_spoils_nothing(
    page: Page, database: Database, end: bool
) -> None:
    """A digit is told from those of the code by its time alone, a comma by what it is."""
    sign_in(page)
    for typed, gap_s, number in (
        ("Comma", 0.0, 1),
        ("NumpadDecimal", 0.04, 1),
        ("Digit2 Comma", 0.0, 2),
        ("Digit2 Digit5", 0.04, 25),
        ("Digit2 Comma", 0.1, 2),
    ):
        panel(page, "keypad")
        scan(page, code_of(database, "PRES"), typed=typed, gap_s=gap_s, end=end)
        last(page, "Condom", f"+{number}")
        expect(page.locator("#number")).to_have_text("")
        page.locator(".undo").click()
        expect(page.locator("#no-lines")).to_be_visible()


def test_what_was_typed_of_used_material_is_not_for_the_next_scan(
    page: Page, database: Database
) -> None:
    sign_in(page)
    panel(page, "returned")
    scan(page, code_of(database, "PRES"), typed="Digit2 Comma Digit5", gap_s=0.04)
    last(page, "Condom", "+1")
    scan(page, command_code("digit-3"))
    expect(page.locator("#returned .typed-number")).to_have_text("3")
    # But unopened material is counted by it.
    scan(page, command_code("brought-back"))
    scan(page, code_of(database, "PRES"))
    last(page, "Condom", "3")


def in_french(page: Page) -> None:
    page.context.add_cookies([{"name": "language", "value": "fr", "url": page.url}])
    page.reload()
    ready(page)


def test_a_comma_has_no_effect_on_pieces(page: Page) -> None:
    sign_in(page)
    in_french(page)
    panel(page, "keypad")
    expect(page.locator("#keypad [data-code]")).to_have_count(11)
    page.keyboard.type("37,", delay=SLOWLY_MS)
    shows(page, "37")
    page.keyboard.type(",5", delay=SLOWLY_MS)
    shows(page, "375")
    # All within one breath, and at its own key.
    page.keyboard.press("Backspace")
    shows(page, "37")
    page.keyboard.press("NumpadDecimal")
    page.keyboard.press("Enter")
    expect(page.locator("#number")).to_have_text("× 37")
    touch(page, "PRES")
    last(page, "Préservatif", "+37")


@pytest.mark.parametrize("way", ["keyboard", "touch", "scanner"])
def test_a_weight_is_typed_with_a_comma(page: Page, way: str) -> None:
    sign_in(page)
    in_french(page)
    panel(page, "returned")
    weights = page.locator("#returned")
    match way:
        case "keyboard":
            page.keyboard.type("37,5", delay=SLOWLY_MS)
        case "touch":
            for key in ("3", "7", "Virgule", "5"):
                weights.locator(".keys").get_by_role("button", name=key, exact=True).click()
        case "scanner":
            for name in ("digit-3", "digit-7", "point", "digit-5"):
                scan(page, command_code(name))
    expect(weights.locator(".typed-number")).to_have_text("37,5")
    # The number stands where the next one is chosen, too, until it is used.
    expect(page.locator("#number")).to_have_text("× 37,5")
    weights.get_by_role("button", name="kilos").click()
    expect(page.locator("#came-back li")).to_have_text("Rapporté\u00a0: 37,5\u00a0kg")
    expect(page.locator("#number")).to_have_text("")


def test_every_line_can_be_touched_and_reached_by_keys(page: Page) -> None:
    sign_in(page)
    for item in ("PRES", "LUB", "KIT-INJ"):
        touch(page, item)
    lines = page.locator("#lines button")
    expect(lines).to_have_count(3)
    for n in range(3):
        expect(lines.nth(n).locator("use[href='#p-edit']")).to_be_visible()
        expect(lines.nth(n)).to_have_accessible_description("touch to correct")
    # Said once; a pen says it of the others.
    expect(page.locator("#lines small:visible")).to_have_count(1)
    lines.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#correct-name")).to_have_text("Lubricant sachet")
    page.keyboard.type("4", delay=SLOWLY_MS)
    page.keyboard.press("Enter")
    line(page, "Lubricant sachet", 4)
    expect(lines.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("0", delay=SLOWLY_MS)
    page.keyboard.press("Enter")
    expect(lines).to_have_count(2)
    expect(page.get_by_role("button", name="Person A")).to_be_focused()
