"""The workshop's screen in a browser: whole sessions by touch alone and by scanner alone, and what may go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from inventory import days, stations
from inventory.database import Database
from inventory.tables import Batch, BatchLot, Bench, Move, Read
from inventory.trace import trace
from inventory.verify import verify
from labels.house import Kind, house_code
from web import workshop_pages
from web.example import PERSON, PIN
from web.station_status import Printer

from . import workshop
from .conftest import code_of
from .counter import BROWSER, problems, ready, recorded
from .keys import scan
from .workshop import answered, choose, command, confirm_all, enter, kits_ready, phase, type_count

pytestmark = BROWSER

CONTENTS = {
    **{
        "SER1": ("S1A2511", 2),
        "CUP": ("CU-118", 2),
        "ACIT": ("C-26-07", 2),
        "EAU5": ("EPPI-881", 2),
    },
    **{"TAMP": ("AT4471", 2), "TSEC": ("TS-09", 2), "PRES": ("P9912", 1), "DEPL-FR": ("", 1)},
}
"""Of each injecting kit: the lot that expires first, and pieces."""


@pytest.fixture(autouse=True)
def stocked(database: Database) -> None:
    workshop.stock_workshop(database, second_table="TAD-2")


@contextmanager
def another(browser: Browser, address: str, station: str) -> Iterator[Page]:
    """A tablet of its own."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(20_000)
    enter(page, station=station)
    yield page
    context.close()


def booked(database: Database, kits: int) -> None:
    """Exactly these kits of one batch: in the stock, in the moves, and nothing left of who, when or where."""
    with database.reading() as session:
        lot = workshop.kit_lot(session)
        assert workshop.assemblies(session) == [(lot.id, kits)]
        assert workshop.on_hand(session, "KIT-INJ") == kits
        assert workshop.on_hand(session, "SER1") == workshop.KITS_WORTH - 2 * kits
        assert workshop.on_hand(session, "PRES") == workshop.KITS_WORTH - kits
        made = session.scalars(select(Move).where(Move.lot_id == lot.id)).all()
        assert [(move.pieces, move.day) for move in made] == [(kits, days.today())]
        used = {(one.item, one.lot, one.pieces) for one in trace(session, lot_id=lot.id).components}
        assert used == {(item, first, each * kits) for item, (first, each) in CONTENTS.items()}
        for table in (Batch, Bench, Read):
            assert session.scalars(select(table)).all() == []
        assert verify(session).faults == []


def test_a_whole_session_in_arabic_by_touch_alone(page: Page, database: Database) -> None:
    enter(page, "ar")
    expect(page.locator("html[dir=rtl]")).to_be_attached()
    expect(page.locator("#sentence")).to_have_text("اختر طقمًا.")
    expect(page.locator("#choose [data-item=KIT-INJ] bdi[lang=ar]")).to_have_text("طقم الحقن")
    choose(page)
    confirm_all(page)
    expect(page.locator("#sentence")).to_have_text("كل شيء صحيح. يمكنك أن تبدأ.")
    for button in ("#ten", "#five", "#one", "#one", "#redo", "#one"):
        answered(page, button)
    kits_ready(page, 17)
    # The rail is where one begins to read, and the way out points out.
    rail, work = page.locator(".rail").bounding_box(), page.locator("#work").bounding_box()
    assert rail and work and rail["x"] >= work["x"] + work["width"]
    answered(page, "#finish")
    phase(page, "counting")
    expect(page.locator("#finish")).to_be_disabled()
    type_count(page, 15)
    answered(page, "#one")
    answered(page, "#finish")
    result = page.locator("#result")
    expect(result.locator("h1")).to_contain_text("1")
    expect(result.locator(".noted b")).to_have_text("17")
    expect(result.locator(".counted b")).to_have_text("16")
    expect(page.locator("#difference .fewer")).to_have_count(1)
    result.locator(".out").click()
    phase(page, "choose")
    booked(database, 16)


def test_a_whole_session_in_french_by_scanner_alone(
    page: Page, flask_app: Flask, database: Database
) -> None:
    workshop.at_the_printer(flask_app, Printer("ready"))
    enter(page)
    page.evaluate("localStorage.setItem('workshop-language', 'fr')")
    page.reload()
    ready(page)
    phase(page, "choose")
    scan(page, code_of(database, "KIT-INJ"))
    phase(page, "lots")
    scan(page, f"{workshop.SWABS}1729013110AT4471", scanner="BE")
    expect(page.locator("#parts .confirmed[data-item=TAMP]")).to_be_visible()
    expect(page.locator("#sentence")).to_have_text("C’est juste.")
    for item in ("SER1", "CUP", "ACIT", "EAU5", "TSEC", "PRES", "DEPL-FR"):
        scan(page, code_of(database, item))
        expect(page.locator(f"#parts .confirmed[data-item={item}]")).to_be_visible()
    phase(page, "making")
    with recorded(page):
        scan(page, command("kits-10"))
    kits_ready(page, 10)
    with database.reading() as session:
        label = house_code(Kind.LOT, workshop.kit_lot(session).id)
    for number in (11, 12):
        scan(page, label)
        kits_ready(page, number)
    scan(page, command("redo"))
    kits_ready(page, 11)
    scan(page, command("labels-10"))
    expect(page.locator("#sentence")).to_contain_text("10")
    scan(page, command("finish"))
    phase(page, "counting")
    for name in ("digit-1", "digit-1", "kits-1"):
        scan(page, command(name))
    expect(page.locator("#count-number")).to_have_text("12")
    scan(page, command("finish"))
    expect(page.locator("#result .counted b")).to_have_text("12")
    expect(page.locator("#difference .more")).to_have_count(1)
    expect(page.locator("#result h1")).to_have_text(re.compile(r"\b1\W+de plus"))
    scan(page, code_of(database, "KIT-CRACK"))
    phase(page, "lots")
    expect(page.locator("#result")).to_be_hidden()
    scan(page, command("leave"))
    phase(page, "choose")
    booked(database, 12)


def test_two_tables_make_one_batch(
    page: Page, browser: Browser, address: str, database: Database
) -> None:
    enter(page)
    choose(page)
    confirm_all(page)
    answered(page, "#five")
    with another(browser, address, "TAD-2") as second:
        expect(second.locator("#choose [data-item=KIT-INJ] .busy")).to_be_visible()
        answered(second, "#choose [data-item=KIT-INJ]")
        phase(second, "making")
        kits_ready(second, 5)
        answered(second, "#ten")
        kits_ready(page, 15)
        answered(page, "#one")
        kits_ready(second, 16)
        answered(page, "#finish")
        type_count(page, 16)
        kits_ready(second, 16)
        # Another table sees that the count has begun; this one knows.
        expect(second.locator("#elsewhere")).to_be_visible()
        expect(page.locator("#elsewhere")).to_be_hidden()
        answered(page, "#finish")
        expect(page.locator("#result .counted b")).to_have_text("16")
        expect(page.locator("#difference > *")).to_have_count(0)
        phase(second, "choose")
        expect(second.locator("#saying.ok")).to_be_visible()
    booked(database, 16)


def test_leaving_coming_back_and_loading_again_lose_nothing(page: Page, database: Database) -> None:
    enter(page, "nl")
    choose(page)
    answered(page, "#parts [data-item=SER1]")
    page.reload()
    phase(page, "lots")
    expect(page.locator("#parts .confirmed")).to_have_count(1)
    expect(page.locator("html[lang=nl]")).to_be_attached()
    confirm_all(page)
    answered(page, "#five")
    answered(page, "#leave")
    phase(page, "choose")
    page.goto("/")
    page.goto("/stations/TAD")
    answered(page, "#choose [data-item=KIT-INJ]")
    phase(page, "making")
    kits_ready(page, 5)
    answered(page, "#finish")
    type_count(page, 4)
    page.reload()
    phase(page, "counting")
    expect(page.locator("#count-number")).to_have_text("4")
    answered(page, "#leave")
    kits_ready(page, 5)
    answered(page, "#finish")
    type_count(page, 5)
    answered(page, "#finish")
    expect(page.locator("#result .counted b")).to_have_text("5")
    booked(database, 5)


def test_a_picture_touched_by_mistake_is_touched_again(page: Page, database: Database) -> None:
    enter(page)
    choose(page)
    wrong = page.locator("#parts [data-item=SER1]")
    # A hand that shakes touches twice: that is one touch.
    with page.expect_response(re.compile("/reads$")):
        wrong.dblclick()
    expect(page.locator("#parts .confirmed[data-item=SER1]:not(.settling)")).to_be_visible()
    answered(page, "#parts [data-item=SER1]")
    expect(page.locator("#saying.ok")).to_be_visible()
    expect(page.locator("#parts .confirmed")).to_have_count(0)
    with database.reading() as session:
        assert session.scalars(select(BatchLot)).all() == []
    # Without a network too, and by keys.
    page.context.set_offline(True)
    wrong.press("Enter")
    expect(page.locator("#parts .confirmed")).to_have_count(1)
    wrong.press("Enter")
    expect(page.locator("#parts .confirmed")).to_have_count(0)
    page.context.set_offline(False)
    confirm_all(page)
    answered(page, "#one")
    kits_ready(page, 1)


def test_without_a_network_one_goes_on(page: Page, database: Database) -> None:
    enter(page)
    choose(page)
    confirm_all(page)
    answered(page, "#one")
    page.context.set_offline(True)
    for button in ("#ten", "#one", "#redo"):
        page.locator(button).click()
    kits_ready(page, 11)
    expect(page.locator("#away")).to_be_visible()
    expect(page.locator("#saying.kept")).to_be_visible()
    page.keyboard.press("F5")
    expect(page.locator("#said")).to_have_text("No network. The page stays open. Nothing is lost.")
    page.locator("#open-help").click()
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#finish").click()
    phase(page, "counting")
    scan(page, command("digit-1"))
    scan(page, command("digit-1"))
    expect(page.locator("#count-number")).to_have_text("11")
    with database.reading() as session:
        assert [one.ready for one in session.scalars(select(Batch))] == [1]
    page.locator("#finish").click()
    page.context.set_offline(False)
    expect(page.locator("#result .counted b")).to_have_text("11")
    expect(page.locator("#away")).to_be_hidden()
    booked(database, 11)


def test_the_stations_own_scanner_speaks_through_the_page(
    page: Page, flask_app: Flask, database: Database
) -> None:
    with database.writing() as session:
        token = stations.new_token(session, station="TAD")
    enter(page)
    for code, sees in (
        (code_of(database, "KIT-INJ"), "body[data-phase=lots]"),
        (code_of(database, "EMB"), "#stop:not([hidden])"),
        (code_of(database, "SER1"), "#parts .confirmed[data-item=SER1]"),
        (command("help"), "#help:not([hidden])"),
    ):
        read = {"id": str(uuid4()), "code": code, "at": days.now().isoformat()}
        sent = flask_app.test_client().post(
            "/api/stations/TAD/reads",
            json={"reads": [read]},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert sent.status_code == 200
        expect(page.locator(sees)).to_be_visible()
    expect(page.locator("#stop")).to_be_hidden()


def test_what_was_right_before_is_not_said_of_what_stops(page: Page, database: Database) -> None:
    enter(page)
    choose(page)
    scan(page, code_of(database, "SER1"))
    expect(page.locator("#saying.ok")).to_be_visible()
    scan(page, code_of(database, "EMB"))
    expect(page.locator("#stop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#saying.idle")).to_be_visible()


def test_the_keyboard_alone_does_it_all(page: Page) -> None:
    enter(page)
    page.locator("#choose button").first.focus()
    page.keyboard.press("Enter")
    phase(page, "lots")
    buttons = page.locator("#parts button:not(.confirmed)")
    for left in range(buttons.count(), 0, -1):
        buttons.first.focus()
        page.keyboard.press("Enter")
        expect(buttons).to_have_count(left - 1)
    phase(page, "making")
    page.locator("#one").focus()
    page.keyboard.press("Enter")
    kits_ready(page, 1)
    page.locator("#open-labels").press("Enter")
    expect(page.locator("#labels .choices button").first).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("#finish").press("Enter")
    phase(page, "counting")
    page.keyboard.press("Digit1")
    expect(page.locator("#count-number")).to_have_text("1")
    page.locator("#finish").press("Enter")
    expect(page.locator("#result .out")).to_be_focused()
    page.keyboard.press("Enter")
    phase(page, "choose")


def test_a_recorded_voice_has_a_loudspeaker(page: Page, flask_app: Flask, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en.toml").write_text('name = "English"\ndirection = "ltr"\n[words]\n')
    (tmp_path / "en" / "choose-kit.wav").write_bytes(silence())
    workshop_pages.speak(flask_app, tmp_path)
    enter(page)
    hear = page.locator("#saying .hear")
    expect(hear).to_be_visible()
    with page.expect_response("**/workshop/voices/en/choose-kit") as heard:
        hear.click()
    assert heard.value.status in (200, 206)
    page.locator("#languages [data-language=fr]").click()
    expect(hear).to_be_hidden()


def silence() -> bytes:
    """A tenth of a second of nothing, as a WAV file."""
    import io
    import wave

    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 800)
    return written.getvalue()


def every_phase(page: Page, database: Database) -> Iterator[str]:
    """Stops wherever the screen looks different."""
    yield "choose"
    choose(page)
    answered(page, "#parts [data-item=SER1]")
    expect(page.locator("#parts .confirmed")).to_have_count(1)
    yield "lots"
    confirm_all(page)
    answered(page, "#ten")
    yield "making"
    for panel in ("labels", "settings", "help"):
        page.locator(f"#open-{panel}").click()
        yield panel
        page.keyboard.press("Escape")
    scan(page, code_of(database, "EMB"))
    expect(page.locator("#stop")).to_be_visible()
    yield "stop"
    page.keyboard.press("Escape")
    answered(page, "#finish")
    yield "counting"
    type_count(page, 12)
    answered(page, "#finish")
    expect(page.locator("#result")).to_be_visible()
    yield "result"


SMALL = """() => [...document.querySelectorAll("button, a.button")]
  .filter((one) => one.checkVisibility() && !one.closest("[inert]"))
  .filter((one) => { const box = one.getBoundingClientRect(); return box.width < 87.5 || box.height < 87.5 })
  .map((one) => one.id || one.outerHTML.slice(0, 80))"""

WIDER = "() => document.documentElement.scrollWidth > innerWidth + 1"


@pytest.mark.parametrize(
    ("language", "theme", "sizes"),
    [
        ("nl", "light", [(1280, 800), (640, 400)]),  # the second is the first at 200 %
        ("ar", "dark", [(1366, 768), (390, 844)]),
    ],
)
def test_every_phase_is_for_everybody(
    page: Page, database: Database, language: str, theme: str, sizes: list[tuple[int, int]]
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    enter(page, language)
    found = []
    for phase_ in every_phase(page, database):
        for width, height in reversed(sizes):
            page.set_viewport_size({"width": width, "height": height})
            where = f"{phase_} at {width}"
            found += [f"{where}: {one}" for one in problems(page)]
            found += [f"{where}: {one} is small" for one in page.evaluate(SMALL)]
            found += [f"{where} is wider than the screen"] * page.evaluate(WIDER)
    assert found == []


def test_a_counter_that_makes_kits_for_a_while_has_the_screen(page: Page) -> None:
    page.goto("/stations/CLIP")
    page.locator("#name").fill(PERSON)
    page.locator("#pin").fill(PIN)
    page.locator("#pin").press("Enter")
    ready(page)
    scan(page, command("mode-assemble"))
    phase(page, "choose")
    assert page.url.endswith("/stations/CLIP/workshop")
    scan(page, command("mode-hand-out"))
    expect(page.locator("body.counter")).to_be_attached()
    assert page.url.endswith("/stations/CLIP")
