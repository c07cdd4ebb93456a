"""The counter page asks by itself whether the paper came out, and nothing stands in the way of the scanner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from inventory import catalogue, printing, stations
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.printing import State
from inventory.tables import Lot, PrintJob
from inventory.words import Mode
from labels.house import Kind, house_code
from tests.web.conftest import code_of, serving
from tests.web.counter import BROWSER, panel, problems, sign_in, touch
from tests.web.test_live import Clock
from tests.web.test_people_browser import stands_at_clip
from web import reads
from web.live import Live
from web.station_status import AWAY_AFTER_S

pytestmark = BROWSER


@pytest.fixture
def page(browser: Browser, flask_app: Flask) -> Iterator[Page]:
    with serving(flask_app) as address:
        context = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="en-GB", base_url=address
        )
        yield context.new_page()
        context.close()


def in_doubt(database: Database) -> None:
    """A shift was closed, and its printer fell silent."""
    taken(database)
    with database.writing() as session:
        job = session.scalars(select(PrintJob).where(PrintJob.state == State.SENDING)).one()
        printing.report(session, station_id=job.station_id, job_id=job.id, state=State.UNKNOWN)


def taken(database: Database) -> None:
    """A shift was closed, and its station began to print."""
    with database.writing() as session:
        stations.add_station(
            session, name="CLIP", place="CLIP", mode=Mode.HAND_OUT, printer="tcp://192.0.2.7:9100"
        )
    close = house_code(Kind.COMMAND, BY_NAME["close-shift"].number)
    now = datetime.now(UTC).isoformat()
    raw = [
        {"id": str(uuid4()), "code": code, "at": now}
        for code in (code_of(database, "KIT-INJ"), close)
    ]
    reads.record(database, station="CLIP", raw_reads=raw, language="en")
    with database.writing() as session:
        job = session.scalars(select(PrintJob).where(PrintJob.state == State.QUEUED)).one()
        printing.claim(session, station_id=job.station_id, job_id=job.id)


def jobs(database: Database) -> list[tuple[str, bool]]:
    with database.reading() as session:
        rows = session.scalars(select(PrintJob).order_by(PrintJob.id))
        return [(job.state, job.copy) for job in rows]


@pytest.mark.parametrize(
    ("button", "becomes"),
    [("Yes, it is there", ("printed", False)), ("No, print again", ("queued", True))],
)
def test_the_question_comes_by_itself_and_goes_with_its_answer(
    page: Page, database: Database, button: str, becomes: tuple[str, bool]
) -> None:
    sign_in(page)
    question = page.get_by_text("Did the paper come out?")
    expect(question).to_be_hidden()
    in_doubt(database)
    expect(question).to_be_visible()
    assert problems(page) == []
    answer = page.get_by_role("button", name=button)
    box = answer.bounding_box()
    assert box is not None and box["height"] >= 56
    answer.click()
    expect(question).to_be_hidden()
    assert jobs(database) == [becomes]


def test_the_question_comes_by_itself_when_the_station_is_gone(
    page: Page, flask_app: Flask, database: Database
) -> None:
    clock = Clock()
    flask_app.config["LIVE"] = Live(clock)
    sign_in(page)
    taken(database)
    question = page.get_by_text("Did the paper come out?")
    expect(question).to_be_hidden()
    clock.now_s += AWAY_AFTER_S + 1
    expect(question).to_be_visible()
    page.get_by_role("button", name="No, print again").click()
    expect(question).to_be_hidden()
    assert jobs(database) == [("queued", True)]


def test_labels_in_doubt_are_named_as_labels(page: Page, database: Database) -> None:
    sign_in(page)
    with database.writing() as session:
        printer = "tcp://192.0.2.7:9100"
        stations.add_station(
            session, name="CLIP", place="CLIP", mode=Mode.HAND_OUT, printer=printer
        )
        station = catalogue.station(session, "CLIP")
        lot = session.scalars(select(Lot).where(Lot.code != "")).first()
        assert lot is not None
        printing.kit_labels(session, station_id=station.id, lot_id=lot.id, copies=20)
        (job,) = printing.unfinished(session, station_id=station.id)
        told = {"station_id": station.id, "job_id": job.id}
        printing.claim(session, **told)
        printing.report(session, **told, state=State.UNKNOWN)
        code = lot.code
    question = page.get_by_role("alert").filter(has_text="Did the paper come out?")
    expect(question).to_contain_text(f"Labels, lot {code}, 20")
    page.get_by_role("button", name="Yes, it is there").click()
    expect(question).to_be_hidden()
    assert jobs(database) == []


def test_a_second_question_waits_and_a_double_touch_answers_only_the_first(
    page: Page, database: Database
) -> None:
    sign_in(page)
    in_doubt(database)
    in_doubt(database)
    question = page.get_by_role("alert").filter(has_text="Did the paper come out?")
    expect(question).to_have_text(re.compile(r"Tally of \w+,? \d+ \w+, \d\d:\d\d – \d\d:\d\d"))
    answer = page.get_by_role("button", name="Yes, it is there")
    answer.click()
    expect(answer).to_be_disabled()
    assert jobs(database) == [("printed", False), ("unknown", False)]
    answer.click()  # once it can be touched again
    expect(question).to_be_hidden()
    assert jobs(database) == [("printed", False)] * 2


def test_a_station_that_closed_with_its_shift_asks_too(page: Page, database: Database) -> None:
    stands_at_clip(page)
    question = page.get_by_role("heading", name="Did the paper come out?")
    expect(question).to_be_hidden()
    in_doubt(database)
    expect(question).to_be_visible()
    assert problems(page) == []
    page.get_by_role("button", name="Yes, it is there").click()
    expect(question).to_be_hidden()
    assert jobs(database) == [("printed", False)]


def test_the_tally_so_far_from_the_menu(page: Page, database: Database) -> None:
    with database.writing() as session:
        stations.add_station(
            session, name="CLIP", place="CLIP", mode=Mode.HAND_OUT, printer="tcp://192.0.2.7:9100"
        )
    sign_in(page)
    touch(page, "KIT-INJ")
    panel(page, "menu")
    page.get_by_role("button", name="Print the tally").click()
    expect(page.locator("#last-title")).to_have_text("The tally goes to the printer.")
    assert jobs(database) == [("queued", False)]
