"""The last read is whole, however long its name, at every size of the counter; and nothing moves for it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .counter import BROWSER, ready, sign_in
from .keys import scan

pytestmark = BROWSER

SIZES = [(1280, 800), (1024, 768), (1366, 768), (390, 844)]

WHOLE = """() => {
  const box = document.querySelector("#last"), words = box.querySelector("div");
  const within = box.getBoundingClientRect();
  const cut = [...box.children, ...words.children].filter((it) => {
    const own = it.getBoundingClientRect();
    return it.scrollHeight > it.clientHeight + 1 && it === words
      || it.scrollWidth > it.clientWidth + 1 && it.tagName === "STRONG"
      || own.top < within.top || own.bottom > within.bottom || own.right > within.right;
  });
  return cut.length === 0 && box.scrollHeight <= box.clientHeight;
}"""


def below(page: Page) -> float:
    """Where what stands under the last read begins."""
    top: float = page.locator("#last").evaluate("it => it.getBoundingClientRect().bottom")
    return top


def speak(page: Page, language: str) -> None:
    whole_site = page.url.split("/stations")[0]
    page.context.add_cookies([{"name": "language", "value": language, "url": whole_site}])
    page.reload()
    ready(page)


def longest(page: Page) -> list[str]:
    """The items with the longest names of all that can be touched."""
    names: list[tuple[str, str]] = page.locator(".picture").evaluate_all(
        "all => all.map(it => [it.dataset.item, it.innerText.trim()])"
    )
    return [item for item, _ in sorted(names, key=lambda one: -len(one[1]))[:3]]


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_the_longest_names_are_whole_beside_their_number(page: Page, language: str) -> None:
    sign_in(page)
    speak(page, language)
    items = longest(page)
    assert "SER05" in items
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        before = below(page)
        for item in items:
            page.keyboard.press("F7")
            page.keyboard.type("100", delay=120)
            page.keyboard.press("Enter")
            page.locator(f"[data-item={item}]").click()
            expect(page.locator("#last.ok #last-pieces")).to_have_text("+100")
            page.evaluate("document.querySelector('#last').scrollIntoView({block: 'start'})")
            assert page.evaluate(WHOLE), (width, item)
        page.evaluate("window.scrollTo(0, 0)")
        assert below(page) == before


def test_a_pack_is_whole_too_and_after_the_screen_was_turned(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page)
    speak(page, "fr")
    scan(page, "1200000678")
    expect(page.locator("#last.ok #last-pieces")).to_have_text("+100")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(WHOLE)
