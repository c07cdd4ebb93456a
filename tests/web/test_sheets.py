"""Tick sheets, shifts and opening days through the pages: forms as a browser sends them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from inventory import catalogue, days, ledger, opening_days
from inventory.database import Database
from inventory.messages import Names
from inventory.opening_days import Opening
from inventory.stock import stock
from inventory.tables import Item, Shift
from inventory.tally import Tally, tally
from web import access, pictograms, sheets
from web.pages import command_code

from .conftest import csrf_of

TODAY = days.today()
YESTERDAY = TODAY - timedelta(days=1)
EVENING = {"passages": "61", "item KIT-INJ": "48", "item SER1": "112", "return kilograms": "0,78"}


def post_sheet(
    client: FlaskClient, sheet: UUID, boxes: Mapping[str, str], day: date = YESTERDAY
) -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    data = {"csrf": csrf_of(client), "place": "CLIP", "day": str(day), **boxes}
    answer = client.post(f"/sheets/{sheet}", data=data)
    return answer.status_code, answer.location or "", answer.text


def told(database: Database, day: date = YESTERDAY) -> Tally:
    with database.reading() as session:
        return tally(session, first=day, last=day)


def shifts(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Shift.id))) or 0


def test_an_evening_typed_in_is_confirmed_with_its_totals(
    camille: FlaskClient, database: Database
) -> None:
    status, where, _ = post_sheet(camille, uuid4(), EVENING)
    assert status == 303
    page = camille.get(where, headers={"Accept-Language": "en"}).text
    assert "The sheet is saved" in page
    for figure in ("61", "100", "48", "112"):
        assert re.search(rf">{figure}<", page), figure
    found = told(database)
    assert (found.passages, found.returned) == (61, 100)
    assert {row.item: row.handed_out for row in found.rows} == {"KIT-INJ": 48, "SER1": 112}


def test_the_same_sheet_again_adds_nothing(camille: FlaskClient, database: Database) -> None:
    sheet = uuid4()
    assert post_sheet(camille, sheet, EVENING)[0] == 303
    before = told(database)
    status, where, _ = post_sheet(camille, sheet, EVENING)  # a double click
    assert (status, shifts(database)) == (303, 1)
    page = camille.get(where, headers={"Accept-Language": "en"}).text
    assert "recorded before" in page and ">61<" in page
    gone_back = camille.get(f"/sheets/{sheet}?place=CLIP&day={YESTERDAY}")
    assert (gone_back.status_code, "already=1" in (gone_back.location or "")) == (303, True)
    assert told(database) == before


@pytest.mark.parametrize(
    ("box", "value", "sentence"),
    [
        ("item SER1", "12a", "Only whole numbers"),
        ("item SER1", "-3", "Only whole numbers"),
        ("item SER1", "1.5", "Only whole numbers"),
        ("item SER1", "100000", "too large"),
        ("item SER1", "9999999999", "too large"),
        ("return litres", "2,5000", "Only a number"),
        ("return litres", "two", "Only a number"),
        ("item SER1", "٣", "Only whole numbers"),
    ],
)
def test_what_is_wrong_is_said_at_its_box_and_nothing_is_lost(
    camille: FlaskClient, database: Database, box: str, value: str, sentence: str
) -> None:
    camille.set_cookie("language", "en")
    status, _, page = post_sheet(camille, uuid4(), {**EVENING, box: value})
    assert (status, shifts(database)) == (422, 0)
    wrong = re.findall(r'<div class="box wrong">.*?</div>', page, re.DOTALL)
    assert len(wrong) == 1 and sentence in wrong[0] and f'name="{box}"' in wrong[0]
    for name, typed in {**EVENING, box: value}.items():
        assert re.search(rf'name="{name}" value="{re.escape(typed)}"', page), name


def test_an_empty_sheet_is_not_taken_for_an_evening(
    camille: FlaskClient, database: Database
) -> None:
    assert post_sheet(camille, uuid4(), {})[0] == 422
    assert shifts(database) == 0
    assert post_sheet(camille, uuid4(), {"passages": "0"})[0] == 303
    assert shifts(database) == 1


def test_a_day_to_come_is_refused_before_anything_is_typed(camille: FlaskClient) -> None:
    camille.set_cookie("language", "en")
    page = camille.get(f"/sheets/{uuid4()}?place=CLIP&day={TODAY + timedelta(days=1)}").text
    assert "yet to come" in page and "Type it in" in page


def test_each_box_has_the_symbol_of_the_counter(camille: FlaskClient) -> None:
    page = camille.get(f"/sheets/{uuid4()}?place=CLIP&day={YESTERDAY}").text
    found = dict(re.findall(r'<label for="(box[^"]+)"><svg.*?href="#p-([\w-]+)"', page))
    names = dict(re.findall(r'<input id="(box[^"]+)" name="([^"]+)"', page))
    symbols = {names[box]: symbol for box, symbol in found.items()}
    counter = camille.get("/stations/CLIP").text
    for name in ("contact shower", "contact laundry", "return litres", "return container-3l"):
        command = command_code(name.replace("return ", "returned-").replace(" ", "-"))
        (button,) = re.findall(rf'data-code="{command}"\s*[^>]*><svg.*?href="#p-([\w-]+)"', counter)
        assert symbols[name] == button, name
    assert symbols["return container-0.5l"] != symbols["return container-3l"]
    assert pictograms.of(Item(name_en="Nitrile gloves", family="care", counts_as="")) == "gloves"
    drawn = re.findall(r'id="p-([\w-]+)"', page)
    assert {"gloves", *symbols.values()} <= set(drawn)


def test_pieces_estimated_on_paper_are_estimated_in_the_tally(
    camille: FlaskClient, database: Database
) -> None:
    assert post_sheet(camille, uuid4(), {"return estimated": "40"})[0] == 303
    (row,) = told(database).returns
    assert (row.method, row.unit, row.pieces) == ("estimated", "piece", 40)


# On paper


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["Comptoir CLIP", "Kit injection", "Kilos", "Pièces, estimées", "Total", "Douche"]),
        ("nl", ["Comptoir CLIP", "Injectiekit", "Totaal", "Douche"]),
        ("en", ["Comptoir CLIP", "Injecting kit", "Kilograms", "Total", "Shower"]),
    ],
)
def test_the_sheet_has_everything_in_the_order_of_the_screen(
    camille: FlaskClient, database: Database, tmp_path: Path, language: str, words: list[str]
) -> None:
    camille.set_cookie("language", language)
    answer = camille.get("/sheets/print?place=CLIP")
    assert answer.mimetype == "application/pdf"
    pdf = tmp_path / "sheet.pdf"
    pdf.write_bytes(answer.data)
    text = " ".join(read_back(pdf).split())
    for word in words:
        assert word in text, (word, text)
    with database.reading() as session:
        found = sheets.groups(session, catalogue.place(session, "CLIP").id)
    names = [
        box.label.in_language(language)
        for box in sheets.boxes(found)
        if isinstance(box.label, Names)
    ]
    assert len(names) > 40
    at = [text.find(name) for name in names]
    assert -1 not in at and at == sorted(at)


def read_back(pdf: Path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True
    ).stdout


def test_a_day_that_is_given_stands_on_the_sheet(camille: FlaskClient, tmp_path: Path) -> None:
    pdf = tmp_path / "sheet.pdf"
    pdf.write_bytes(camille.get("/sheets/print?place=CLIP&day=2026-11-21").data)
    assert "21/11/2026" in read_back(pdf)


# Afterwards


def test_the_channel_of_a_shift_is_corrected_in_one_act(
    camille: FlaskClient, database: Database
) -> None:
    camille.set_cookie("language", "en")
    _, where, _ = post_sheet(camille, uuid4(), EVENING)
    address = where.partition("?")[0]
    data = {"csrf": csrf_of(camille), "seen-channel": "comptoir", "seen-site": "CLIP"}
    data |= {"channel": "maraude", "site": "MIDI"}
    for _ in range(2):  # done twice is done once
        answer = camille.post(f"{address}/where", data=data)
        assert answer.status_code == 303
    assert "Corrected" in camille.get(answer.location or "").text
    assert {(row.channel, row.site) for row in told(database).rows} == {("maraude", "MIDI")}
    late = camille.post(f"{address}/where", data=data | {"channel": "dispensaire"})
    assert late.status_code == 409 and "meanwhile" in late.text
    listed = camille.get("/services").text
    assert "maraude" in listed and "Gare du Midi" in listed


# Open, nothing recorded?


def usually_open(database: Database, since: date) -> None:
    with database.writing() as session:
        opening_days.set_usual(session, place="CLIP", weekdays=range(7), today=since)


def answer(client: FlaskClient, day: date, said: str) -> int:
    data = {"csrf": csrf_of(client), "place": "CLIP", "day": str(day), "answer": said}
    return client.post("/unrecorded", data=data).status_code


def test_the_first_page_asks_and_every_answer_ends_the_question(
    camille: FlaskClient, database: Database
) -> None:
    camille.set_cookie("language", "en")
    assert "Open, nothing recorded?" not in camille.get("/").text
    usually_open(database, TODAY - timedelta(days=3))
    page = camille.get("/").text
    assert page.count('name="answer" value="closed"') == 3
    two, three = TODAY - timedelta(days=2), TODAY - timedelta(days=3)
    for _ in range(2):
        assert answer(camille, YESTERDAY, "nothing") == 303
        assert answer(camille, two, "closed") == 303
    assert post_sheet(camille, uuid4(), EVENING, three)[0] == 303
    assert "Open, nothing recorded?" not in camille.get("/").text
    assert shifts(database) == 2
    with database.reading() as session:
        place_id = catalogue.place(session, "CLIP").id
        found = opening_days.openings(session, place_id=place_id, first=three, last=YESTERDAY)
    assert list(found.values()) == [Opening.OPEN, Opening.CLOSED, Opening.OPEN]


def test_a_long_absence_is_asked_about_a_few_days_at_a_time(
    camille: FlaskClient, database: Database
) -> None:
    camille.set_cookie("language", "en")
    usually_open(database, TODAY - timedelta(days=60))
    page = camille.get("/").text
    assert page.count('name="answer" value="closed"') == 5
    assert "9 more days" in page


def test_opening_days_are_set_at_the_desk(camille: FlaskClient, database: Database) -> None:
    csrf = csrf_of(camille)
    weekdays = {"csrf": csrf, "place": "CLIP", "weekday": ["0", "2", "8", "x"]}
    assert camille.post("/opening-days/usual", data=weekdays).status_code == 303
    extra = {"csrf": csrf, "place": "CLIP", "day": str(TODAY), "open": "closed"}
    assert camille.post("/opening-days/exception", data=extra).status_code == 303
    with database.reading() as session:
        place_id = catalogue.place(session, "CLIP").id
        known = opening_days.calendar(session, place_id=place_id)
    assert known.since == {0: TODAY, 2: TODAY}
    assert known.exceptions == {TODAY: False}
    page = camille.get("/opening-days?place=CLIP").text
    assert page.count(" checked") == 2


def test_a_counter_without_an_account_prints_the_sheet_of_its_place(
    camille: FlaskClient, database: Database
) -> None:
    """The browser stands at an open station; whoever opened it has gone."""
    paired = camille.post("/stations/CLIP/pair", data={"csrf": csrf_of(camille)})
    assert paired.status_code == 303
    camille.delete_cookie(access.COOKIE)
    assert camille.get("/sheets/print?place=CLIP").mimetype == "application/pdf"
    for address in ("/sheets/print?place=MEDIBUS", "/sheets/print", "/sheets", "/services"):
        assert "/sign-in" in (camille.get(address).location or ""), address


def test_a_sheet_is_taken_back_in_one_act_and_typed_in_anew(
    camille: FlaskClient, database: Database
) -> None:
    camille.set_cookie("language", "en")
    usually_open(database, YESTERDAY)
    sheet = uuid4()
    _, where, _ = post_sheet(camille, sheet, EVENING)
    address = where.partition("?")[0]
    before = camille.get(f"{address}/take-back").text
    assert re.search(r"Passages</th><td>61<.*Syringe 1\sml.*?<td>112<.*<td>100<", before, re.DOTALL)
    assert told(database).passages == 61, "nothing has changed yet"
    shown = camille.get(address).text
    assert f'href="{address}/take-back"' in shown and f'action="{address}/take-back"' not in shown
    for _ in range(2):  # sent twice it is taken back once
        answer = camille.post(f"{address}/take-back", data={"csrf": csrf_of(camille)})
        assert (answer.status_code, answer.location) == (303, address)
    page = camille.get(address).text
    assert "counts nowhere any more" in page and "Type it in anew" in page
    assert "take-back" not in page and ">61<" not in page
    assert camille.get(f"{address}/take-back").location == address
    assert f"/sheets?place=CLIP&amp;day={YESTERDAY}" in page
    assert (told(database).passages, told(database).rows) == (0, [])
    assert "taken back" in camille.get("/services").text
    assert "Open, nothing recorded?" in camille.get("/").text
    assert "already=1" in post_sheet(camille, sheet, EVENING)[1]  # a late copy of the old form
    assert told(database).passages == 0
    assert post_sheet(camille, uuid4(), EVENING)[0] == 303
    assert told(database).passages == 61


def test_what_was_counted_since_stands_in_the_way_no_more(
    camille: FlaskClient, database: Database
) -> None:
    camille.set_cookie("language", "en")
    _, where, _ = post_sheet(camille, uuid4(), EVENING)
    with database.writing() as session:
        place, item = catalogue.place(session, "CLIP"), catalogue.item(session, "SER1")
        ledger.correct(session, place=place, item=item, lot="new", counted=7, day=TODAY)
    address = where.partition("?")[0]
    assert "keeps the stock that was counted" in camille.get(f"{address}/take-back").text
    camille.post(f"{address}/take-back", data={"csrf": csrf_of(camille)})
    assert (told(database).passages, told(database).rows) == (0, [])
    with database.reading() as session:
        assert [(row.lot, row.pieces) for row in stock(session, place="CLIP", item="SER1")] == [
            ("new", 7)
        ]
    assert camille.post("/services/9999/take-back", data={"csrf": csrf_of(camille)}).location


def test_only_a_sheet_can_be_taken_back(camille: FlaskClient, database: Database) -> None:
    camille.set_cookie("language", "en")
    with database.writing() as session:
        place_id = catalogue.place(session, "CLIP").id
        shift = Shift(place_id=place_id, site_id=place_id, channel="comptoir", day=YESTERDAY)
        session.add(shift)
        session.flush()
        address = f"/services/{shift.id}"
    assert "take-back" not in camille.get(address).text
    assert camille.get(f"{address}/take-back").location == address
    answer = camille.post(f"{address}/take-back", data={"csrf": csrf_of(camille)})
    assert answer.status_code == 409 and "Only a sheet" in answer.text


def test_the_list_of_shifts_says_what_there_was(camille: FlaskClient, database: Database) -> None:
    """One passage is no passages, and what was picked up in the street handed out nothing."""
    camille.set_cookie("language", "en")
    post_sheet(camille, uuid4(), {"passages": "1", "item KIT-INJ": "1"})
    post_sheet(camille, uuid4(), {"return kilograms": "0,78"})
    post_sheet(camille, uuid4(), {"passages": "0"})
    page = " ".join(camille.get("/services").text.split())
    for said in ("<b>1</b> passage<", "<b>1</b> piece<", "<b>100</b> used ones back"):
        assert page.count(said) == 1, said
    assert page.count("Nothing was handed out.") == 1 and "<b>0</b>" not in page
