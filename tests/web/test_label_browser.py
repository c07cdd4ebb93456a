"""The desk's pages of labels in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .counter import BROWSER, problems, sign_in

pytestmark = BROWSER


def test_the_pages_are_for_everybody(page: Page) -> None:
    sign_in(page)
    for where in (
        "/labels",
        "/labels/command",
        "/labels/kit",
        "/labels/shelf?of=-",
        "/labels/pack",
    ):
        page.goto(where)
        assert problems(page) == [], where
    page.goto("/labels/shelf?of=-")
    picture = page.get_by_role("img", name="The label as it will be printed")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_role("button", name="Make the sheets").click()
    expect(page.get_by_role("alert")).to_contain_text("look at what is marked")
    expect(page.locator("#of-fault")).to_contain_text("Choose at least one label")
