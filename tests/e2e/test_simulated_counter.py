"""Somebody without any hardware: `comptoir run --demo`, and in a browser the whole counter works, troubles included."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.processes import Here, free_port
from tests.web.counter import BROWSER, panel, ready
from web.example import PERSON, PIN

pytestmark = [*BROWSER, pytest.mark.slow]


@pytest.fixture(scope="module")
def context(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Camille's browser, at a service that is just as it comes."""
    here = Here(tmp_path_factory.mktemp("demo") / "data", free_port())
    with here.start("run", "--demo") as everything:
        everything.wait_for("http://")
        context = browser.new_context(
            viewport={"width": 1366, "height": 768},
            locale="en-GB",
            base_url=f"http://127.0.0.1:{here.port}",
        )
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("Your name").fill(PERSON)
        page.get_by_label("Your PIN").fill(PIN)
        page.get_by_label("Your PIN").press("Enter")
        page.get_by_role("link", name="Simulator").click()
        expect(page.get_by_text("plugged in")).to_be_visible()
        page.close()
        yield context
        context.close()
        assert everything.stop() == 0


@pytest.fixture
def simulator(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    page.goto("/simulator")
    expect(page.get_by_text("nobody hears this scanner")).to_be_hidden()
    yield page
    page.close()


@pytest.fixture
def counter(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    page.goto("/stations/CLIP")
    ready(page)
    yield page
    page.close()


def close_shift(counter: Page) -> None:
    panel(counter, "closing")
    counter.locator("#passages-counted").fill("3")
    counter.locator("#closing button.main").click()
    expect(counter).to_have_url(re.compile("/tally"))


def make(simulator: Page, fault: str, *, wrong: bool) -> None:
    """Turn a fault of the scanner on or off, and wait until it is so."""
    button = simulator.get_by_role("button", name=fault)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true" if wrong else "false")


def scan_a_kit(simulator: Page, counter: Page) -> None:
    simulator.get_by_role("button", name="KIT-INJ").click()
    expect(counter.locator("#last")).to_contain_text("Injecting kit")


def test_a_kit_is_scanned_the_shift_closed_and_its_tally_lies_on_the_paper(
    simulator: Page, counter: Page
) -> None:
    scan_a_kit(simulator, counter)
    close_shift(counter)
    paper = simulator.get_by_role("group", name="Paper 1")
    expect(paper).to_contain_text("COMPTOIR CLIP")
    expect(paper).to_contain_text(re.compile(r"Kit injection +1$", re.MULTILINE))
    expect(paper.get_by_role("img")).to_be_visible()
    assert paper.get_by_role("img").evaluate("image => image.naturalWidth") > 100


def test_without_paper_the_counter_says_what_to_do_and_then_it_comes_out_once(
    simulator: Page, counter: Page
) -> None:
    papers = simulator.get_by_text(re.compile(r"^Paper \d"))
    expect(papers).to_have_count(1)
    scan_a_kit(simulator, counter)
    simulator.get_by_role("button", name="No paper").click()
    said = counter.get_by_text(re.compile("no paper", re.IGNORECASE))
    expect(said.first).to_be_visible(timeout=40_000)  # an idle printer is looked at every 20 s
    close_shift(counter)
    expect(papers).to_have_count(1)
    simulator.get_by_role("button", name="All well").click()
    expect(papers).to_have_count(2)
    counter.goto("/prints")
    expect(counter.get_by_text("Printed", exact=True)).to_have_count(2)
    expect(papers).to_have_count(2)


def test_a_scanner_that_is_unplugged_is_missed_and_heard_again(
    simulator: Page, counter: Page
) -> None:
    simulator.get_by_role("button", name="Pull the plug").click()
    expect(counter.get_by_text(re.compile("scanner", re.IGNORECASE)).first).to_be_visible()
    simulator.get_by_role("button", name="Plug it in").click()
    make(simulator, "Reads twice at one trigger", wrong=True)
    expect(simulator.get_by_text("unplugged", exact=True)).to_be_hidden()
    scan_a_kit(simulator, counter)
    make(simulator, "Reads twice at one trigger", wrong=False)


def test_the_scanner_is_set_up_on_the_page_of_devices(
    simulator: Page, context: BrowserContext
) -> None:
    """A scanner that loses the separator is found out by one scan of the code, and named."""
    make(simulator, "Loses the separator", wrong=True)
    page = context.new_page()
    page.goto("/devices/CLIP")
    page.get_by_role("link", name="Test or change scanner").click()
    page.get_by_role("button", name="Test this scanner").click()
    expect(page.get_by_text("Now scan the self-test code.")).to_be_visible()
    simulator.get_by_text(re.compile("^Setting up")).click()
    simulator.get_by_role("button", name="The self-test code").click()
    expect(page.get_by_text("It drops the separator")).to_be_visible()
    page.get_by_label("What it is called").fill("A's scanner")
    page.get_by_label("Whose lane").select_option("lane-a")
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="A's scanner")
    expect(row).to_contain_text("Ready")
    expect(row).to_contain_text("drops the separator")
    page.close()


def test_the_test_receipt_comes_out_and_what_was_seen_is_kept(
    simulator: Page, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto("/devices/CLIP/printer")
    page.get_by_role("button", name="Print the test receipt").click()
    expect(simulator.get_by_text(re.compile("4 +é +è +ç"))).to_be_visible()
    page.get_by_label(re.compile("Line 4")).check()
    page.get_by_role("button", name="Save what was seen").click()
    expect(page.get_by_text("Noted")).to_be_visible()
    expect(page.get_by_text("Line 4 in use now")).to_be_visible()
    page.close()


def test_the_first_scanner_of_a_station_is_added_on_its_page(context: BrowserContext) -> None:
    """The van has no device yet, so no process of it runs: the page starts it, it tells what is plugged in, and a
    scanner is tried before it is saved."""
    page, simulator = context.new_page(), context.new_page()
    page.goto("/devices/MEDIBUS")
    page.get_by_role("button", name="look for them").click()
    expect(page.get_by_text("starts on this machine")).to_be_visible()
    expect(page.get_by_text("the station's process runs, it tells")).to_be_hidden()
    expect(page.get_by_text("Nothing is heard of")).to_be_hidden()
    page.get_by_role("textbox", name="Path").fill("simulated:second")
    page.get_by_role("button", name="Test this scanner").click()
    expect(page.get_by_text("Now scan the self-test code.")).to_be_visible()
    simulator.goto("/simulator/MEDIBUS")
    simulator.get_by_text(re.compile("^Setting up")).click()
    simulator.get_by_role("button", name="The self-test code").click()
    expect(page.get_by_text("It ends each read with a key")).to_be_visible()
    page.get_by_label("What it is called").fill("van")
    page.get_by_role("button", name="Save it").click()
    rows = page.get_by_role("listitem").filter(has_text="simulated:second")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("van")
    expect(rows).to_contain_text("Ready")
    page.close()
    simulator.close()
