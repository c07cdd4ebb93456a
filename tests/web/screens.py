"""The pictures of the counter in docs/screens: `make screens` takes them anew, in a browser, from the example."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from inventory.database import open_database, sqlite_url
from tests.web.conftest import serving
from tests.web.counter import CHROMIUM, FLAGS, panel, ready
from tests.web.keys import scan
from web import app
from web.example import PERSON, PIN, load_example
from web.live import Live
from web.pages import command_code
from web.station_status import Printer, Scanner, Status

FOLDER = Path("docs/screens")
WIDE, SMALL, PHONE = (1366, 768), (1024, 768), (390, 844)


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the browser's size, language and theme, and what is done first."""

    name: str
    size: tuple[int, int]
    language: str
    theme: str
    doing: str


SHOTS = (
    Shot("counter-fr", WIDE, "fr", "light", "serve"),
    Shot("counter-nl-dark", WIDE, "nl", "dark", "lane"),
    Shot("correct-en", SMALL, "en", "light", "correct"),
    Shot("returned-nl", SMALL, "nl", "light", "returned"),
    Shot("help-fr", WIDE, "fr", "light", "help"),
    Shot("kept-en-dark", SMALL, "en", "dark", "kept"),
    Shot("training-fr", WIDE, "fr", "light", "training"),
    Shot("unload-fr", WIDE, "fr", "light", "unload"),
    Shot("closing-fr", WIDE, "fr", "light", "closing"),
    Shot("phone-fr", PHONE, "fr", "light", "lane"),
    Shot("phone-nl-dark", PHONE, "nl", "dark", "serve"),
)


def main(names: list[str]) -> None:
    """All of them, or those named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for shot in [shot for shot in SHOTS if not names or shot.name in names]:
            with _counter(browser, shot) as page:
                _serve_somebody(page)
                _do(page, shot.doing)
                save(page, FOLDER / f"{shot.name}.png")
        browser.close()


@contextmanager
def _counter(browser: Browser, shot: Shot) -> Iterator[Page]:
    """A fresh service and somebody signed in at the counter CLIP."""
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "comptoir.db")
        with closing(open_database(url)) as database:
            load_example(database)
            flask = app.create_app(database)
            with serving(flask) as address:
                width, height = shot.size
                context = browser.new_context(
                    base_url=address,
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if shot.theme == "dark" else "light",
                    reduced_motion="reduce",
                )
                context.add_cookies([{"name": "language", "value": shot.language, "url": address}])
                page = context.new_page()
                page.goto("/stations/CLIP")
                page.locator("#name").fill(PERSON)
                page.locator("#pin").fill(PIN)
                page.locator("#pin").press("Enter")
                ready(page)
                live: Live = flask.config["LIVE"]
                live.status("CLIP", Status([Scanner("desk", "ready")], Printer("near-end")))
                yield page
                context.close()


def _touch(page: Page, selector: str) -> None:
    with page.expect_response(re.compile("/reads$")):
        page.locator(selector).click()


def _serve_somebody(page: Page) -> None:
    panel(page, "keypad")
    for digit in "37":
        _touch(page, f"#keypad .keys button:text-is('{digit}')")
    _touch(page, ".passages button:last-child")
    page.keyboard.press("Escape")
    for item in ("SER1", "EAU5", "PRES", "KIT-INJ", "KIT-INJ"):
        _touch(page, f"[data-item={item}]")


def _do(page: Page, doing: str) -> None:
    match doing:
        case "lane":
            _touch(page, "#lane-b")
            _touch(page, "[data-item=KIT-CRACK]")
        case "correct":
            page.locator("#lines button").first.click()
            page.locator("#correct [data-digit='3']").click()
        case "returned":
            panel(page, "returned")
            _touch(page, ".containers button >> nth=1")
            _touch(page, ".said button >> nth=1")
            _touch(page, f"[data-code='{command_code('brought-back')}']")
            _touch(page, "[data-item=PRES]")
            page.locator("#came-back li >> nth=2").wait_for()
            panel(page, "returned")
        case "help" | "closing":
            panel(page, doing)
        case "kept":
            page.context.set_offline(True)
            page.locator("[data-item=KIT-INJ]").click()
            page.locator("#kept:visible").wait_for()
        case "training":
            panel(page, "menu")
            _touch(page, "#training-toggle")
            page.keyboard.press("Escape")
            scan(page, page.locator("[data-item=KIT-SNIFF]").get_attribute("data-code") or "")
            page.locator("#lines li").wait_for()
        case "unload":
            for name in ("mode-unload", "times-20"):
                with page.expect_response(re.compile("/reads$")):
                    scan(page, command_code(name))
            _touch(page, "[data-item=SER1]")
            _touch(page, "[data-item=PRES]")
            page.locator("#lines li >> nth=1").wait_for()
    page.locator("#printer:visible").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.locator("#clock").evaluate("clock => { clock.textContent = '20:14' }")
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")
    page.locator(".shelves").evaluate("shelves => { shelves.scrollTop = 0 }")


def save(page: Page, path: Path) -> None:
    """Small: few colours are enough for a page of flat ones."""
    page.evaluate("document.fonts.ready")
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
