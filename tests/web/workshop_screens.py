"""The pictures of the workshop's screen in docs/screens: `make screens` takes them in a browser, from the example."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from inventory.database import Database, open_database, sqlite_url
from inventory.printing import State
from tests.web import workshop
from tests.web.conftest import code_of, serving
from tests.web.counter import CHROMIUM, FLAGS
from tests.web.keys import scan
from tests.web.screens import FOLDER, PHONE, WIDE, save
from web import app
from web.example import load_example

TABLET, UPRIGHT = (1280, 800), (800, 1280)
ZOOMED = (640, 400)
"""The tablet at 200 %."""


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the browser's size, language and theme, and how far the work is."""

    name: str
    size: tuple[int, int]
    language: str
    theme: str
    until: str


SHOTS = (
    Shot("choose-fr", TABLET, "fr", "light", "choose"),
    Shot("lots-fr", WIDE, "fr", "light", "lots"),
    Shot("making-fr", TABLET, "fr", "light", "making"),
    Shot("making-ar", TABLET, "ar", "light", "making"),
    Shot("making-ar-dark", WIDE, "ar", "dark", "making"),
    Shot("making-upright-nl", UPRIGHT, "nl", "light", "making"),
    Shot("making-phone-ar", PHONE, "ar", "light", "making"),
    Shot("making-zoomed-en", ZOOMED, "en", "light", "making"),
    Shot("stop-fr", WIDE, "fr", "light", "stop"),
    Shot("paper-fr", WIDE, "fr", "light", "paper"),
    Shot("counting-fr", TABLET, "fr", "light", "counting"),
    Shot("result-nl", TABLET, "nl", "light", "result"),
)


def main(names: list[str]) -> None:
    """All of them, or those named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for shot in [shot for shot in SHOTS if not names or shot.name in names]:
            with _service() as (address, database):
                page = _table(browser, address, shot)
                _work(page, database, shot.until)
                page.mouse.move(0, 0)
                page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
                save(page, FOLDER / f"workshop-{shot.name}.png")
                page.context.close()
        browser.close()


@contextmanager
def _service() -> Iterator[tuple[str, Database]]:
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "comptoir.db")
        with closing(open_database(url)) as database:
            load_example(database)
            workshop.stock_workshop(database)
            with serving(app.create_app(database)) as address:
                yield address, database


def _table(browser: Browser, address: str, shot: Shot) -> Page:
    width, height = shot.size
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=2 if shot.size == ZOOMED else 1,
        color_scheme="dark" if shot.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    workshop.enter(page, shot.language)
    return page


def _work(page: Page, database: Database, until: str) -> None:
    if until == "choose":
        return
    workshop.choose(page)
    if until == "lots":
        for item in ("SER1", "CUP", "ACIT"):
            workshop.answered(page, f"#parts [data-item={item}]")
        return
    workshop.confirm_all(page)
    if until == "stop":
        scan(page, code_of(database, "EMB"))
        page.locator("#stop:visible").wait_for()
        return
    for button in ("#ten", "#ten", "#one", "#one", "#one"):
        workshop.answered(page, button)
    if until == "making":
        return
    if until == "paper":
        scan(page, workshop.command("labels-10"))
        page.locator("#coming:visible").wait_for()
        workshop.job_becomes(database, State.UNKNOWN)
        page.locator("#question:visible").wait_for()
        return
    workshop.answered(page, "#finish")
    workshop.type_count(page, 22)
    if until == "result":
        workshop.answered(page, "#finish")
        page.locator("#result:visible").wait_for()


if __name__ == "__main__":
    main(sys.argv[1:])
