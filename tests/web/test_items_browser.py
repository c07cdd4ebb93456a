"""The desk's pages of articles in a real browser: without a script, by keyboard, for everybody."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.web import photographs as given

from .counter import BROWSER, problems, sign_in

pytestmark = BROWSER


def test_a_photograph_is_chosen_and_seen_at_the_counter(page: Page, tmp_path: Path) -> None:
    (tmp_path / "kit.jpg").write_bytes(given.from_a_phone())
    sign_in(page)
    page.goto("/items")
    assert problems(page) == []
    page.get_by_role("link", name="Injecting kit").click()
    page.get_by_label("Choose or take a photograph").set_input_files(tmp_path / "kit.jpg")
    page.get_by_role("button", name="Use this photograph").click()
    expect(page.locator("img.likeness")).to_be_visible()
    assert problems(page) == []
    page.goto("/stations/CLIP")
    shown = page.locator("[data-item=KIT-INJ] img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalHeight)") == 640


def test_a_button_pressed_by_keyboard_can_be_pressed_again(page: Page) -> None:
    sign_in(page)
    page.goto("/screens?place=CLIP")
    assert problems(page) == []
    pictures = page.locator("#kit .order li")
    expect(pictures.nth(3)).to_have_attribute("id", "KIT-HYG")
    page.get_by_role("button", name="Up: Hygiene kit").focus()
    for place in (2, 1, 0):
        page.keyboard.press("Enter")
        expect(pictures.nth(place)).to_have_attribute("id", "KIT-HYG")
        expect(page.get_by_role("button", name="Up: Hygiene kit")).to_be_focused()
