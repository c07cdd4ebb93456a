"""Unopened material that comes back: seen by whoever took it, and nowhere a debt."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .counter import BROWSER, last, line, panel, problems, sign_in, touch

pytestmark = BROWSER


def bring_back(page: Page, item: str, number: str = "1") -> None:
    panel(page, "returned")
    for digit in number if number != "1" else "":
        page.locator("#returned .keys").get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Never opened, to put aside").click()
    expect(page.locator("#pictures")).to_be_visible()
    touch(page, item)


def looks_noted(page: Page) -> None:
    """Not like something handed out: a sign and a colour of its own."""
    expect(page.locator("#last-icon")).to_have_attribute("href", "#p-unopened")
    expect(page.locator("#last.noted")).to_be_attached()


def test_unopened_material_stands_with_what_came_back(page: Page) -> None:
    sign_in(page)
    back = page.locator("#came-back li")
    bring_back(page, "PRES", "3")
    last(page, "Condom", "3")
    looks_noted(page)
    expect(back).to_have_text(["Unopened, put aside: 3 × Condom"])
    expect(page.locator("#no-lines")).to_be_hidden()
    # It is no line: nothing was handed out, and nothing is there to correct.
    expect(page.locator("#lines li")).to_have_count(0)
    for size in ((1366, 768), (1024, 768), (390, 844)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        expect(back).to_be_in_viewport(ratio=1)
        assert problems(page) == []

    for item in ("KIT-INJ", "LUB", "SER1", "EAU5", "KIT-CRACK", "PRES"):
        touch(page, item)
    line(page, "Condom", 1)
    bring_back(page, "PRES")
    expect(back).to_have_text(["Unopened, put aside: 4 × Condom"])
    bring_back(page, "LUB")
    expect(back.last).to_have_text("Unopened, put aside: 1 × Lubricant sachet")
    # Brought into sight below a long list, on a phone beside one.
    page.evaluate("scrollTo(0, 0)")
    expect(back.last).to_be_in_viewport(ratio=1)
    line(page, "Lubricant sachet", 1)
    page.locator(".undo").click()
    expect(back).to_have_count(1)
    page.locator("#next").click()
    expect(back).to_have_count(0)
    expect(page.locator("#passages")).to_have_text("1")


def test_it_does_not_look_handed_out_without_a_network_either(page: Page) -> None:
    sign_in(page)
    page.route("**/reads", lambda route: route.abort())
    bring_back(page, "PRES", "3")
    last(page, "Condom", "3")
    expect(page.locator("#last-icon")).to_have_attribute("href", "#p-unopened")
    expect(page.locator("#last.warn")).to_be_attached()
    assert problems(page) == []
    page.unroute_all(behavior="wait")
    expect(page.locator("#kept")).to_be_hidden()
    # Another one that did not come back after all.
    bring_back(page, "PRES")
    last(page, "Condom", "1")
    page.locator(".undo").click()
    last(page, "Condom", "−1")
    looks_noted(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert problems(page) == []
    touch(page, "PRES")
    last(page, "Condom", "+1")
    expect(page.locator("#last.ok")).to_be_attached()
