"""The signs of the workshop's screen: what is wrong, labels that do not come, an error, a closed station."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from inventory import catalogue, days, ledger, on_hold
from inventory.database import Database
from inventory.printing import State
from inventory.tables import Lot
from web import workshop_pages
from web.example import PERSON, PIN
from web.station_status import Printer

from . import workshop
from .conftest import code_of
from .counter import BROWSER, problems, ready
from .keys import scan
from .workshop import (
    answered,
    at_the_printer,
    choose,
    command,
    confirm_all,
    enter,
    job_becomes,
    kits_ready,
    phase,
    type_count,
)

pytestmark = BROWSER


@pytest.fixture(autouse=True)
def stocked(database: Database) -> None:
    workshop.stock_workshop(database)


def test_labels_wait_or_are_stuck_and_the_table_is_asked_whether_they_came_out(
    page: Page, flask_app: Flask, database: Database
) -> None:
    at_the_printer(flask_app, Printer("ready"))
    enter(page, "ar")
    choose(page)
    confirm_all(page)
    page.locator("#open-labels").click()
    answered(page, f"#labels [data-code='{command('labels-10')}']")
    expect(page.locator("#coming")).to_be_visible()
    at_the_printer(flask_app, Printer("paper-out"))
    expect(page.locator("#coming")).to_be_hidden()
    stuck = page.locator("#stuck")
    expect(stuck).to_be_visible()
    assert problems(page) == []
    stuck.click()
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    job_becomes(database, State.UNKNOWN)
    question = page.locator("#question")
    expect(question).to_be_visible()
    expect(page.locator("#in-doubt-copies")).to_have_text("10")
    assert problems(page) == []
    for answer in question.locator(".choices button").all():
        box = answer.bounding_box()
        assert box and box["width"] >= 88 and box["height"] >= 88
    # Left for later it waits in the rail, and work goes on.
    question.locator(".out").click()
    answered(page, "#one")
    kits_ready(page, 1)
    expect(question).to_be_hidden()
    page.locator("#asks").click()
    answered(page, "#question .no")
    expect(question).to_be_hidden()
    expect(stuck).to_be_visible()
    # Asked once more of the same labels; a scanner answers.
    job_becomes(database, State.UNKNOWN)
    expect(question).to_be_visible()
    scan(page, command("did-print-yes"))
    for sign in ("#question", "#coming", "#stuck", "#asks"):
        expect(page.locator(sign)).to_be_hidden()


def test_a_question_that_came_behind_a_stop_is_asked_once_that_is_read(
    page: Page, flask_app: Flask, database: Database
) -> None:
    """The touch that ends the stop is none to the question that it uncovers."""
    at_the_printer(flask_app, Printer("ready"))
    enter(page, "fr")
    choose(page)
    confirm_all(page)
    page.locator("#open-labels").click()
    answered(page, f"#labels [data-code='{command('labels-1')}']")
    scan(page, code_of(database, "EMB"))
    stop, question = page.locator("#stop"), page.locator("#question")
    expect(stop).to_be_visible()
    job_becomes(database, State.UNKNOWN)
    expect(page.locator("#asks:not([hidden])")).to_be_attached()
    expect(stop).to_be_visible()
    stop.locator(".out").click()
    expect(question).to_be_visible()
    expect(stop).to_be_hidden()
    answered(page, "#question .yes")
    expect(page.locator("#asks")).to_be_hidden()


def test_what_a_service_that_has_just_started_does_not_know_is_not_said(page: Page) -> None:
    """No station's process was heard yet: that labels do not come out is known half a minute later."""
    page.clock.install()
    enter(page, "fr")
    choose(page)
    confirm_all(page)
    page.locator("#open-labels").click()
    answered(page, f"#labels [data-code='{command('labels-1')}']")
    expect(page.locator("#coming")).to_be_visible()
    expect(page.locator("#stuck")).to_be_hidden()
    page.clock.fast_forward(30_000)
    expect(page.locator("#stuck")).to_be_visible()


def test_a_scan_for_labels_is_as_the_touch_and_a_second_touch_of_continue_is_none(
    page: Page, flask_app: Flask, database: Database
) -> None:
    at_the_printer(flask_app, Printer("ready"))
    enter(page, "fr")
    choose(page)
    confirm_all(page)
    answered(page, "#one")
    page.locator("#open-labels").click()
    expect(page.locator("#labels")).to_be_visible()
    scan(page, command("labels-1"))
    expect(page.locator("#labels")).to_be_hidden()
    expect(page.locator("#coming")).to_be_visible()
    answered(page, "#finish")
    phase(page, "counting")
    type_count(page, 1)
    answered(page, "#finish")
    onward = page.locator("#result .out")
    expect(onward).to_be_visible()
    job_becomes(database, State.UNKNOWN)
    expect(page.locator("#asks:not([hidden])")).to_be_attached()
    # "Later" appears under the finger.
    box = onward.bounding_box()
    assert box
    expect(page.locator("#result:not(.settling)")).to_be_visible()
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    question = page.locator("#question")
    expect(page.locator("#question:not(.settling)")).to_be_visible()
    answered(page, "#question .yes")
    expect(question).to_be_hidden()


def test_an_error_of_the_system_is_no_missing_network_and_loses_nothing(page: Page) -> None:
    enter(page, "fr")
    choose(page)
    confirm_all(page)
    page.route("**/reads", lambda route: route.fulfill(status=500, body="no"))
    page.locator("#one").click()
    sign = page.locator("#away")
    expect(sign).to_have_text("Erreur du système. Rien n’est perdu. Continuez.")
    expect(page.locator("#sentence")).to_have_text(
        "Erreur du système. Rien n’est perdu. Continuez."
    )
    page.locator("#one").click()
    kits_ready(page, 2)
    page.keyboard.press("F5")
    expect(page.locator("#said")).to_contain_text("Erreur du système. La page reste ouverte.")
    assert problems(page) == []
    page.route("**/reads", lambda route: route.abort())
    expect(sign).to_have_text("Pas de réseau. Rien n’est perdu. Continuez.")
    page.unroute_all(behavior="wait")
    expect(sign).to_be_hidden()
    # Each once: the server has two.
    answered(page, "#finish")
    phase(page, "counting")
    type_count(page, 2)
    answered(page, "#finish")
    expect(page.locator("#result .noted b")).to_have_text("2")


def test_whoever_closes_the_station_with_an_account_is_told_that_it_is_closed(
    page: Page, flask_app: Flask, tmp_path: Path
) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr.toml").write_text('name = "Français"\ndirection = "ltr"\n[words]\n')
    (tmp_path / "fr" / "closed-here.ogg").write_bytes(b"OggS")
    workshop_pages.speak(flask_app, tmp_path)
    enter(page, "fr")
    page.goto("/stations/TAD?counter=yes")
    ready(page)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="This browser stands here").click()
    phase(page, "choose")
    notice = page.locator("#still-open")
    expect(notice).to_have_count(0)
    page.locator("#open-settings").click()
    page.locator("#settings form button").click()
    expect(notice).to_be_visible()
    expect(notice.locator("h1")).to_have_text("Ce poste est fermé. Votre compte reste ouvert.")
    expect(notice.locator(".hear")).to_be_visible()
    assert problems(page) == []
    # Whatever comes before it, it is there until somebody chose.
    scan(page, command("help"))
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    expect(notice).to_be_visible()
    notice.locator("a.button").click()
    phase(page, "choose")
    expect(notice).to_have_count(0)


def test_a_table_that_is_shut_by_somebody_else_says_so(page: Page) -> None:
    """Nobody touches anything: the sign comes by itself, and goes once the station is open again."""
    enter(page, "fr")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    closed = page.locator("#closed")
    expect(closed).to_be_visible()
    expect(page.locator("#closed-title")).to_have_text("Ce poste est fermé. Rien n’est perdu.")
    page.context.add_cookies([{**one} for one in cookies])  # type: ignore[typeddict-item]
    expect(closed).to_be_hidden()


def test_what_is_wrong_turns_amber_until_somebody_touches_it(
    page: Page, database: Database
) -> None:
    enter(page)
    choose(page)
    gone = days.today() - timedelta(days=1)
    scan(page, f"]C1{workshop.SWABS}17{gone:%y%m%d}10OLD")
    stop = page.locator("#stop")
    expect(stop).to_be_visible()
    expect(page.locator("#stop-picture")).to_contain_text("Alcohol swab")
    expect(page.locator("#stop-sentence")).to_have_text("The date has passed.")
    covered, screen = stop.bounding_box(), page.viewport_size
    assert covered and screen and covered["width"] == screen["width"]
    stop.click(position={"x": 40, "y": 40})
    expect(stop).to_be_hidden()
    expect(page.locator("#parts .confirmed")).to_have_count(0)
    scan(page, code_of(database, "EMB"))
    expect(page.locator("#stop-sentence")).to_have_text("This does not go into this kit.")
    expect(page.locator("#stop-picture")).to_contain_text("outhpiece")
    # What is not wrong but does nothing leaves it there; what is right takes it away.
    scan(page, command("kits-1"))
    expect(page.locator("#saying.note")).to_be_attached()
    expect(stop).to_be_visible()
    scan(page, code_of(database, "SER1"))
    expect(stop).to_be_hidden()
    expect(page.locator("#parts .confirmed")).to_have_count(1)


def test_a_table_that_is_shut_keeps_what_is_done(page: Page, database: Database) -> None:
    enter(page)
    choose(page)
    confirm_all(page)
    page.context.clear_cookies()
    scan(page, command("kits-1"))
    closed = page.locator("#closed")
    expect(closed).to_be_visible()
    scan(page, command("kits-1"))
    assert (
        page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('read/')).length")
        == 2
    )
    closed.locator("a").click()
    page.locator("#name").fill(PERSON)
    page.locator("#pin").fill(PIN)
    page.locator("#pin").press("Enter")
    phase(page, "making")
    kits_ready(page, 2)


def test_nobody_is_asked_to_go_on_while_a_part_is_stopped(page: Page, database: Database) -> None:
    enter(page, "fr")
    choose(page)
    confirm_all(page)
    expect(page.locator("#sentence")).to_contain_text("Remplissez", timeout=20_000)
    _hold(database, "CUP")
    page.reload()
    phase(page, "making")
    expect(page.locator("#parts .stopped")).to_have_count(1)
    expect(page.locator("#sentence")).to_have_text("Stop. Appeler quelqu’un.")
    assert problems(page) == []


def test_a_part_that_may_not_be_used_has_a_sign_and_says_why(
    page: Page, database: Database
) -> None:
    _hold(database, "CUP")
    enter(page, "fr")
    expect(page.locator("#choose [data-item=KIT-INJ]")).to_contain_text("Pas assez de matériel")
    choose(page)
    cup = page.locator("#parts [data-item=CUP]")
    expect(cup.locator(".sign.empty")).to_be_visible()
    assert problems(page) == []
    answered(page, "#parts [data-item=CUP]")
    expect(page.locator("#stop")).to_contain_text("Il ne faut pas utiliser ce carton.")


def _hold(database: Database, item: str) -> None:
    """Every lot of it at the workshop."""
    with database.writing() as session:
        place, article = catalogue.place(session, "TAD"), catalogue.item(session, item)
        for there in ledger.available(session, place_id=place.id, item_id=article.id):
            on_hold.put(session, lot=session.get_one(Lot, there.lot_id), day=days.today())
