"""Black at one touch, help, themes, sounds, and the page by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from inventory.database import Database
from web.pages import command_code

from .conftest import code_of
from .counter import BROWSER, PANELS, last, line, panel, problems, ready, sign_in, touch
from .keys import scan

pytestmark = BROWSER


def is_black(page: Page) -> bool:
    """Whether every corner and the middle of the screen belong to the black sheet."""
    belongs: bool = page.evaluate(
        """() => [[2, 2], [innerWidth - 2, 2], [2, innerHeight - 2], [innerWidth / 2, innerHeight / 2]]
        .every(([x, y]) => document.elementFromPoint(x, y)?.id === "dark")"""
    )
    return belongs


def brightness_around(page: Page, selector: str) -> list[float]:
    """Of its edge and its sign: as bright as a screen gets, or nobody finds it at once."""
    found: list[float] = page.locator(selector).evaluate(
        r"""it => [it, it.querySelector(".icon")].map(part => {
            const { borderTopColor, stroke } = getComputedStyle(part);
            const colour = part === it ? borderTopColor : stroke;
            return Math.min(...colour.match(/\d+/g).slice(0, 3).map(Number));
        })"""
    )
    return found


def test_one_touch_makes_the_screen_black(page: Page, database: Database) -> None:
    sign_in(page)
    page.get_by_role("button", name="Hide", exact=True).click()
    back = page.get_by_role("button", name="Show the screen again")
    expect(back).to_be_focused()
    assert is_black(page)
    assert brightness_around(page, "#show-again") == [255, 255]
    assert problems(page) == []
    with page.expect_response("**/reads") as answer:
        scan(page, code_of(database, "KIT-INJ"), scanner="BE")
    assert answer.value.json()["results"][0]["status"] == "accepted"
    assert is_black(page)

    page.reload()
    ready(page)
    assert is_black(page)
    back.click()
    line(page, "Injecting kit", 1)
    page.keyboard.press("F9")
    assert is_black(page)
    page.keyboard.press("F2")  # is nobody's while the screen is black
    page.keyboard.press("F9")
    expect(back).to_be_hidden()
    line(page, "Injecting kit", 1)


def test_a_command_code_hides_and_shows(page: Page) -> None:
    sign_in(page)
    scan(page, command_code("hide"))
    expect(page.locator("#dark")).to_be_visible()
    assert is_black(page)
    scan(page, command_code("hide"), scanner="BE")
    expect(page.locator("#dark")).to_be_hidden()


def test_help_opens_on_a_question_mark_and_not_on_a_scan(page: Page, database: Database) -> None:
    sign_in(page)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#pictures")).to_be_visible()
    # A scan that holds one, as the host's layout makes it, is a scan.
    page.keyboard.type("?" + code_of(database, "PRES"), delay=8)
    page.keyboard.press("Enter")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("F1")
    expect(page.locator("#help")).to_be_visible()


def test_shortcut_keys_are_switched_off_in_words(page: Page) -> None:
    sign_in(page)
    panel(page, "help")
    switch = page.get_by_role("switch", name="Shortcut keys")
    off = page.get_by_text("Shortcut keys off")
    expect(switch).to_have_text("Shortcut keys: on")
    # It is seen without scrolling where people stand.
    expect(switch).to_be_in_viewport(ratio=1)
    expect(off).to_be_hidden()
    switch.press("Enter")
    expect(switch).not_to_be_checked()
    expect(switch).to_have_text("Shortcut keys: off")
    expect(
        page.get_by_role("status").filter(has_text="The shortcut keys are off.")
    ).to_be_attached()
    expect(off).to_be_visible()
    assert problems(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("F1")
    page.keyboard.press("F2")
    expect(page.locator("#help")).to_be_hidden()
    page.reload()
    ready(page)
    for size in ((1366, 768), (1024, 768)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        expect(off).to_be_in_viewport(ratio=1)
    panel(page, "help")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(page.get_by_role("status").filter(has_text="The shortcut keys work.")).to_be_attached()
    expect(off).to_be_hidden()
    page.keyboard.press("F1")
    expect(page.locator("#help")).to_be_hidden()


def test_a_theme_is_remembered(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    sign_in(page)
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    panel(page, "menu")
    page.get_by_role("button", name="Dark", exact=True).click()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    assert page.evaluate(background) == dark
    page.goto("/")
    assert page.evaluate(background) == dark
    page.goto("/stations/CLIP")
    for name in PANELS:
        panel(page, name)
        assert problems(page) == [], name
        page.keyboard.press("Escape")
    page.emulate_media(color_scheme="dark")
    panel(page, "menu")
    page.get_by_role("button", name="Light", exact=True).click()
    assert page.evaluate(background) == light
    page.get_by_role("button", name="Automatic").click()
    assert page.evaluate(background) == dark


TONES = """
window.tones = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (when) {
  window.tones.push(this.frequency.value);
  return start.call(this, when);
};
"""


def test_sounds_tell_what_became_of_a_read(page: Page) -> None:
    page.add_init_script(TONES)
    sign_in(page)
    # The first touch wakes the sound; from then on each read has its own.
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 1)
    page.evaluate("window.tones = []")
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 2)
    scan(page, "3400930000008")
    expect(page.locator("#last.bad")).to_be_visible()
    page.context.set_offline(True)
    touch(page, "KIT-SNIFF")
    expect(page.locator("#kept")).to_have_text("1 kept")
    accepted, *others = page.evaluate("window.tones")
    refused, kept = others[:2], others[2:]
    assert len({accepted, *refused}) == 3 and len(kept) == 3
    page.context.set_offline(False)
    line(page, "Sniffing kit", 1)

    panel(page, "menu")
    page.get_by_role("button", name="Silent").click()
    page.keyboard.press("Escape")
    page.evaluate("window.tones = []")
    touch(page, "KIT-INJ")
    line(page, "Injecting kit", 3)
    assert page.evaluate("window.tones") == []
    page.reload()
    panel(page, "menu")
    expect(page.get_by_role("button", name="Silent")).to_have_attribute("aria-pressed", "true")


def focused(page: Page) -> str:
    text: str = page.evaluate(
        "document.activeElement.innerText.trim() || document.activeElement.id"
    )
    return text


def test_the_keyboard_alone(page: Page) -> None:
    """Nothing is touched: a person with two lines, a number, a return, the next person, the tally."""
    sign_in(page)
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == "× 1":
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="× 2", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.picture')"):
            break
    first = focused(page)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    line(page, first, 2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    second = focused(page)
    page.keyboard.press("Space")
    line(page, second, 1)
    page.keyboard.press("F6")
    expect(page.locator("#returned")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused(page) == "50":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#came-back li")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("F3")
    expect(page.locator("#came-back li")).to_have_count(0)
    page.keyboard.press("F2")
    expect(page.locator("#passages")).to_have_text("1")


@pytest.mark.parametrize("scanner", ["US", "BE"])
def test_the_scanner_works_in_every_panel(page: Page, database: Database, scanner: str) -> None:
    sign_in(page)
    for n, name in enumerate(PANELS, start=1):
        panel(page, name)
        scan(page, code_of(database, "LUB"), scanner=scanner)
        line(page, "Lubricant sachet", n)
        # A number is used up with what it was for, and who takes something needs the pictures; everything else stays.
        stays = name not in ("keypad", "returned")
        expect(page.locator(f"#{name}")).to_be_visible(visible=stays)
        page.keyboard.press("Escape")


def test_training_says_so_all_around(page: Page) -> None:
    sign_in(page)
    panel(page, "menu")
    page.get_by_role("button", name="Training").click()
    expect(page.locator("body")).to_have_class(re.compile("training"))
    frame = page.evaluate("getComputedStyle(document.body).borderTopColor")
    assert frame == "rgb(242, 177, 52)"
    for size in ((1366, 768), (390, 844)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        expect(page.locator("#training")).to_have_text("Training: nothing is counted")
        assert problems(page) == []


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_no_family_is_cut(page: Page, language: str) -> None:
    sign_in(page)
    page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
    page.reload()
    ready(page)
    families = page.locator(".families button")
    for size in ((1366, 768), (1280, 720), (1024, 768)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for family in families.all():
            expect(family).to_be_in_viewport(ratio=0.99)
        row = page.locator(".families")
        assert row.evaluate("row => row.scrollWidth <= row.clientWidth"), size
        cut = "all => all.filter(it => it.scrollWidth > it.clientWidth).map(it => it.innerText)"
        assert families.evaluate_all(cut) == []
        heights = families.evaluate_all("all => all.map(it => it.offsetHeight)")
        assert set(heights) == {56}


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)], ids=["wide", "small"])
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_twelve_pictures_without_scrolling(
    page: Page, language: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    sign_in(page)
    page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
    page.reload()
    ready(page)
    seen = page.locator(".picture").evaluate_all(
        """all => { const end = document.querySelector(".shelves").getBoundingClientRect().bottom;
        return all.filter(it => it.getBoundingClientRect().bottom <= end).length }"""
    )
    assert seen >= 12
    targets = page.locator("button:visible").evaluate_all(
        "all => all.filter(b => b.offsetHeight < 56 || b.offsetWidth < 56).map(b => b.innerText)"
    )
    assert targets == []
    letters = page.locator("body *:visible").evaluate_all(
        """all => all.filter(it => [...it.childNodes].some(n => n.nodeType === 3 && n.data.trim())
        && parseFloat(getComputedStyle(it).fontSize) < 16).map(it => it.innerText)"""
    )
    assert letters == []


def test_a_last_read_that_is_not_known_is_amber(page: Page) -> None:
    sign_in(page)
    scan(page, "3400930999998")
    expect(page.locator("#last.warn")).to_be_visible()
    last(page, "Kept: 1 of a code no list has. It can be named later.", "+1")
    assert problems(page) == []
