"""The pages of the desk that no other test opens in a browser: after a week they have nothing for axe, and they fit."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from inventory import days, stations
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.tables import Move
from inventory.words import Mode
from labels.house import Kind, house_code
from web import reads
from web.example import PERSON, PIN

from .conftest import code_of
from .counter import BROWSER, problems
from .desk_screens import NOW, a_week
from .test_people_browser import stands_at_clip

pytestmark = BROWSER

ADDRESSES = (
    "/levels?place=CLIP",
    "/replenish",
    "/replenish/list?number=1",
    "/prints",
    "/tally?place=CLIP",
    "/workshop/sentences",
    "/workshop/sentences?language=nl",
)

WIDTHS = (640, 320)
"""A screen of 1280 px at 200 %, and at 400 %."""


@pytest.fixture(autouse=True)
def week(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after which a label of kits waits for the printer."""
    monkeypatch.setattr(days, "now", lambda: NOW)
    a_week(database)
    with database.writing() as session:
        printer = "tcp://192.0.2.7:9100"
        stations.add_station(
            session, name="CLIP", place="CLIP", mode=Mode.HAND_OUT, printer=printer
        )
    close = house_code(Kind.COMMAND, BY_NAME["close-shift"].number)
    raw = [
        {"id": str(uuid4()), "code": code, "at": NOW.isoformat()}
        for code in (code_of(database, "KIT-INJ"), close)
    ]
    reads.record(database, station="CLIP", raw_reads=raw, language="fr")


def addresses(database: Database) -> Iterator[str]:
    with database.reading() as session:
        booked = session.scalars(select(Move.booking_id).where(Move.booking_id.is_not(None)))
        number = booked.first()
    assert number is not None
    yield from (*ADDRESSES, f"/movements/booked?number={UUID(bytes=number)}")


def faults(page: Page) -> Iterator[tuple[str, str]]:
    """What axe finds, light and dark, and how far the page reaches beyond a narrow screen."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        yield from ((scheme, problem) for problem in problems(page))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            yield f"{width} px", f"{too_wide} too wide"
    page.set_viewport_size({"width": 1366, "height": 768})


def test_axe_finds_nothing_and_nobody_scrolls_sideways(page: Page, database: Database) -> None:
    stands_at_clip(page)
    found = {page.url: list(faults(page))}
    page.goto("/sign-in")
    page.get_by_label("Your name").fill(PERSON)
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_label("Your PIN").press("Enter")
    expect(page.get_by_role("link", name="Stock")).to_be_visible()
    for address in addresses(database):
        page.goto(address)
        assert page.url.endswith(address)
        expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
        found[address] = list(faults(page))
    assert {address: told for address, told in found.items() if told} == {}
