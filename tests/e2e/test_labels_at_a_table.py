"""Labels at a table of the workshop, by real processes: a server, a station's own, a browser that is touched, and a
printer that dies in the middle of a batch. Whoever stands there is asked; nothing is doubled unasked."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
import zxingcpp
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, expect

from devices.service import Service
from inventory.database import Database, sqlite_url
from tests.devices.escpos_printer import PaperPrinter, paper_printer
from tests.e2e.conftest import CommandLine
from tests.e2e.processes import LIMIT_S
from tests.labels.escpos_decoder import decode
from tests.web import workshop
from tests.web.counter import BROWSER
from tests.web.workshop import answered, command, confirm_all

pytestmark = [*BROWSER, pytest.mark.slow]


@dataclass
class Table:
    """A station where kits are made, what it shows, and the printer beside it."""

    line: CommandLine
    name: str
    token: str
    paper: PaperPrinter
    page: Page
    lot: str
    digits: str

    @property
    def arguments(self) -> list[str]:
        return ["station", "run", self.name, "--token", self.token, "--stay"]

    def gets_its_printer(self) -> None:
        of_it = ["--place", "TAD", "--mode", "assemble"]
        self.line.run("station", "add", self.name, *of_it, "--printer", self.paper.url)

    def asks_for(self, labels: int) -> None:
        self.page.locator("#open-labels").click()
        answered(self.page, f"#labels [data-code='{command(f'labels-{labels}')}']")

    def is_asked_about(self, labels: int) -> None:
        expect(self.page.locator("#question")).to_be_visible()
        expect(self.page.locator("#in-doubt-copies")).to_have_text(str(labels))
        expect(self.page.locator("#in-doubt-lot")).to_have_text(self.lot)

    def answers(self, answer: str) -> None:
        answered(self.page, f"#question .{answer}")
        expect(self.page.locator("#question")).to_be_hidden()

    def labels(self, number: int) -> None:
        """So many come out, each with the digits of these kits."""
        for _ in range(number):
            assert digits_on(self.paper.cuts.get(timeout=LIMIT_S)) == {self.digits}

    def once(self, labels: float, happens: Callable[[], None]) -> None:
        """What happens when so many labels of the next job are out; one label was printed before."""
        before = len(self.paper.printed)
        begins = self.paper.printed.index(b"\x1dv")
        self.paper.at[before + begins + round((before - begins) * labels)] = happens

    def has_nothing_left(self) -> None:
        """Neither paper nor a job."""
        for sign in ("#coming", "#stuck", "#asks", "#question"):
            expect(self.page.locator(sign)).to_be_hidden()
        service = Service(f"http://127.0.0.1:{self.line.here.port}", self.name, self.token)
        assert service.call("GET", "jobs")[1]["jobs"] == []
        assert self.paper.cuts.empty()


def digits_on(label: bytes) -> set[str]:
    """What the codes of a label say, read from the dots that were printed."""
    ((width, height, dots),) = decode(label).images
    image = ImageOps.invert(Image.frombytes("1", (width, height), dots).convert("L"))
    return {code.text for code in zxingcpp.read_barcodes(image)}


@pytest.fixture
def table(service: CommandLine, browser: Browser) -> Iterator[Table]:
    """Kits are chosen and their parts checked at a table that has no printer yet."""
    name = f"TABLE-{random.randrange(10**9)}"
    with closing(Database(sqlite_url(service.here.data / "comptoir.db"))) as database:
        if not workshop_is_stocked(database):
            workshop.stock_workshop(database)
    service.run("station", "add", name, "--place", "TAD", "--mode", "assemble")
    token = service.json("station", "token", name)["token"]
    context = browser.new_context(base_url=f"http://127.0.0.1:{service.here.port}")
    page = context.new_page()
    page.set_default_timeout(LIMIT_S * 1000)
    with paper_printer() as paper:
        workshop.enter(page, "fr", station=name)
        answered(page, "#choose [data-item=KIT-HYG]")
        # A batch of the test before is joined: its parts are checked already.
        joined = page.locator("body[data-phase=making]")
        expect(page.locator("body[data-phase=lots]").or_(joined)).to_be_attached()
        if not joined.count():
            confirm_all(page)
        shown = page.request.get(f"/api/stations/{name}/batch").json()
        yield Table(service, name, token, paper, page, shown["lot"], shown["label"])
    context.close()


def workshop_is_stocked(database: Database) -> bool:
    with database.reading() as session:
        return workshop.on_hand(session, "SER1") > 0


def test_a_printer_that_dies_in_the_middle_of_a_batch(table: Table) -> None:
    page, paper = table.page, table.paper
    expect(page.locator("#open-labels")).to_be_hidden()
    table.gets_its_printer()
    # The table was open all the while.
    expect(page.locator("#open-labels")).to_be_visible()
    with table.line.here.start(*table.arguments):
        table.asks_for(1)
        table.labels(1)
        dead = threading.Event()

        def die() -> None:
            paper.go_away()
            dead.set()

        table.once(4.5, die)
        table.asks_for(10)
        assert dead.wait(LIMIT_S)
        table.labels(4)
        assert paper.cuts.empty(), "the fifth was torn off"
        table.is_asked_about(10)
        # Later: the printer is mended, and what is asked for now comes out, and nothing else.
        page.locator("#question .out").click()
        paper.come_back()
        table.asks_for(1)
        table.labels(1)
        expect(page.locator("#asks")).to_be_visible()
        assert paper.cuts.empty(), "doubled unasked"
        page.locator("#asks").click()
        table.is_asked_about(10)
        table.answers("no")
        table.labels(10)
        table.has_nothing_left()


def test_a_printer_that_dies_after_the_last_label_prints_none_again(table: Table) -> None:
    page, paper = table.page, table.paper
    table.gets_its_printer()
    with table.line.here.start(*table.arguments):
        table.asks_for(1)
        table.labels(1)
        table.once(10, paper.go_away)
        table.asks_for(10)
        table.labels(10)
        table.is_asked_about(10)
        paper.come_back()
        table.answers("yes")
        table.asks_for(1)
        table.labels(1)
        table.has_nothing_left()
    expect(page.locator("#ready-number")).to_have_text("0")


def test_the_stations_process_is_killed_in_the_middle_of_a_batch(table: Table) -> None:
    paper = table.paper
    table.gets_its_printer()
    killed = threading.Event()
    with table.line.here.start(*table.arguments) as process:
        table.asks_for(1)
        table.labels(1)

        def kill() -> None:
            process.kill()
            killed.set()

        table.once(2.5, kill)
        table.asks_for(10)
        assert killed.wait(LIMIT_S)
    with table.line.here.start(*table.arguments):
        table.is_asked_about(10)
        # What the printer had taken comes out, whoever is dead; the rest is torn off.
        came_out = 0
        while not paper.cuts.empty():
            table.labels(1)
            came_out += 1
        assert came_out >= 2
        paper.hang_up()
        table.answers("no")
        table.labels(10)
        table.has_nothing_left()
