"""What the tests of the counter page do and look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from web import assets
from web.example import PERSON, PIN

CHROMIUM = Path("/usr/bin/chromium-headless-shell")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's Chromium"),
    pytest.mark.skipif(not assets.MANIFEST.exists(), reason="needs the built pages"),
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; one at a time in a process, which is how Playwright is."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


# A machine that does much else at the same time is slow, not wrong.
expect.set_options(timeout=20_000)

PANELS = ("keypad", "returned", "contacts", "closing", "help", "menu")


def ready(page: Page) -> None:
    expect(page.locator("html[data-script=ready]")).to_be_attached()


def sign_in(page: Page, station: str = "CLIP") -> None:
    page.goto(f"/stations/{station}")
    page.get_by_label("Your name").fill(PERSON)
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Sign in", exact=True).click()
    ready(page)


def touch(page: Page, item: str) -> None:
    page.locator(f"[data-item={item}]").click()


@contextmanager
def recorded(page: Page) -> Iterator[None]:
    """Do something, and wait until the server has said what became of it: the page shows it before."""
    with page.expect_response(re.compile("/reads$")):
        yield


def panel(page: Page, name: str) -> None:
    """Open a panel from wherever its button is."""
    if name == "closing":
        panel(page, "menu")
    page.locator(f"button.open-panel[data-panel={name}]").click()
    expect(page.locator(f"#{name}")).to_be_visible()


def last(page: Page, title: str, pieces: str = "") -> None:
    expect(page.locator("#last-title")).to_have_text(title)
    expect(page.locator("#last-pieces")).to_have_text(pieces)
    expect(page.locator("#last:not(.idle)")).to_be_attached()


def line(page: Page, name: str, pieces: int) -> None:
    row = page.locator("#lines li").filter(has_text=name)
    expect(row.locator("b")).to_have_text(str(pieces))


def problems(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {[node['html'][:120] for node in rule['nodes']]}" for rule in found]
