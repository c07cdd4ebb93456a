"""The tally on paper and for other programs."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest

from inventory import days
from inventory.messages import Names
from inventory.tally import (
    Article,
    ContentRow,
    CountRow,
    ReturnRow,
    Row,
    ShortRow,
    Tally,
    UnknownRow,
    UnopenedRow,
)
from labels.receipt import receipt_text
from web.tally_formats import COLUMNS, tally_csv, tally_dict, tally_table, tally_text, tally_xlsx
from web.tally_receipt import receipt_of

from .evenings import A_WEEK_BEFORE, SATURDAY


def article(number: int, name: str, family: str, counts_as: str = "") -> Article:
    return Article(number, Names(f"{name} fr", f"{name} nl", name), family, counts_as)


ARTICLES = {
    "SER1": article(1, "Syringe 1 ml", "injection", "fixed-needle-syringe"),
    "SER10": article(2, "Syringe 10 ml", "injection", "syringe-body"),
    "AIG23": article(3, "Needle 23G", "injection", "needle"),
    "CUP": article(4, "Cooker", "injection"),
    "PIPE": article(5, "Glass stem", "inhalation"),
    "KIT": article(6, "Injecting kit", "kit"),
}
CLIP = ("comptoir", "CLIP")
EVENING = Tally(
    first=SATURDAY,
    last=SATURDAY,
    shifts=1,
    open_shifts=0,
    rows=[
        Row("KIT", *CLIP, "CLIP", 48),
        Row("PIPE", *CLIP, "CLIP", 5),
        Row("SER1", *CLIP, "CLIP", 112),
    ],
    contents=[ContentRow("CUP", *CLIP, 96), ContentRow("SER1", *CLIP, 96)],
    returns=[
        ReturnRow(*CLIP, "person", "declared", Decimal(87), "piece", Fraction(1), 87),
        ReturnRow(*CLIP, "person", "weight", Decimal("0.78"), "kg", Fraction(5000, 39), 100),
        ReturnRow(*CLIP, "street", "container", Decimal(2), "bottle-1.5l", Fraction(87), 174),
    ],
    unopened=[UnopenedRow("SER1", *CLIP, 3)],
    counts=[CountRow("contact:shower", *CLIP, 4), CountRow("passage", *CLIP, 61)],
    short=[ShortRow("SER1", "CLIP", 1)],
    unknown=[UnknownRow("03059948002413", *CLIP, 2)],
    articles=ARTICLES,
    places={"CLIP": "Comptoir CLIP", "MEDIBUS": "Médibus", "MIDI": "Gare du Midi"},
)
BEFORE = replace(
    EVENING,
    first=A_WEEK_BEFORE,
    last=A_WEEK_BEFORE,
    rows=[
        Row("KIT", *CLIP, "CLIP", 41),
        Row("SER1", *CLIP, "CLIP", 96),
        Row("CUP", *CLIP, "CLIP", 7),
    ],
    contents=[ContentRow("SER1", *CLIP, 82)],
    returns=EVENING.returns[:1],
    unopened=[],
)


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=days.ZONE)


def text(tally: Tally = EVENING, columns: int = 42, **more: Any) -> str:
    return receipt_text(receipt_of(tally, "en", **more), columns)


def test_a_receipt_as_it_is_drawn() -> None:
    printed = text(
        previous=BEFORE, station="CLIP", times=(at(19, 0), at(22, 34)), printed_at=at(22, 35)
    )
    assert printed == (
        "COMPTOIR CLIP          Saturday 21/11/2026\n"
        "Tally 19:00 – 22:34           station CLIP\n"
        "------------------------------------------\n"
        "Passages                                61\n"
        "  Shower                                 4\n"
        "------------------------------------------\n"
        "Handed out                 pieces     last\n"
        "                                  Saturday\n"
        "Injecting kit                  48       41\n"
        "Syringe 1 ml\n"
        "  (not in kits)               112       96\n"
        "  syringes in all             208      178\n"
        "Cooker (not in kits)            0        7\n"
        "Glass stem                      5        0\n"
        "Brought back                  361       87\n"
        "  as the person said           87       87\n"
        "  by weight (0.78 kg)         100        0\n"
        "  2 × Bottle 1.5 l, in\n"
        "    the street                174        0\n"
        "Brought back unopened           3        0\n"
        "------------------------------------------\n"
        "To be verified                           1\n"
        "Codes that no list has yet\n"
        "  03059948002413                         2\n"
        "------------------------------------------\n"
        "Closed: only these totals are kept, the\n"
        "journal is erased.\n"
        "                          printed at 22:35\n"
    )


def test_needles_and_syringes_are_told_apart_and_no_total_repeats_a_line() -> None:
    rows = [
        Row("SER1", *CLIP, "CLIP", 5),
        Row("SER10", *CLIP, "CLIP", 3),
        Row("AIG23", *CLIP, "CLIP", 9),
    ]
    printed = text(replace(EVENING, rows=rows, contents=[]))
    assert "syringes in all                        8" in printed
    assert "needles in all" not in printed
    assert "syringes in all" not in text(replace(EVENING, rows=rows[:1], contents=[]))
    only_kits = replace(
        EVENING, rows=EVENING.rows[:1], contents=[*EVENING.contents, ContentRow("AIG23", *CLIP, 5)]
    )
    assert "syringes in all                       96" in text(only_kits)
    assert "loose needles in all                   5" in text(only_kits)


def test_each_place_and_channel_has_its_own_lines() -> None:
    van = Row("SER1", "maraude", "MEDIBUS", "MIDI", 7)
    printed = text(replace(EVENING, rows=[*EVENING.rows, van]))
    assert printed.startswith("All places ")
    clip, medibus = printed.index("Comptoir CLIP · comptoir"), printed.index("Médibus · maraude")
    assert clip < printed.index("Injecting kit") < medibus < printed.index("Syringe 1 ml  ")
    assert "syringes in all, everywhere            215" in printed


def test_an_evening_says_whether_its_journal_is_erased() -> None:
    assert "the journal is erased" in text().replace("\n", " ")
    opened = text(replace(EVENING, open_shifts=1)).replace("\n", " ")
    assert "A shift is still open" in opened
    assert "erased" not in opened
    nothing = replace(EVENING, shifts=0, rows=[], contents=[], returns=[], counts=[])
    assert "Nothing was recorded." in text(replace(nothing, short=[], unknown=[]))


def test_a_week_without_an_evening_has_no_column() -> None:
    assert text(previous=replace(BEFORE, shifts=0)) == text()


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (A_WEEK_BEFORE, SATURDAY, "14/11/2026 – 21/11/2026"),
        (SATURDAY, None, "since 21/11/2026"),
        (None, SATURDAY, "up to 21/11/2026"),
    ],
)
def test_a_period_is_said(first: Any, last: Any, said: str) -> None:
    assert said in text(replace(EVENING, first=first, last=last))


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize("columns", [32, 42])
def test_every_language_fits_on_every_paper(language: str, columns: int) -> None:
    receipt = receipt_of(EVENING, language, previous=BEFORE, station="CLIP", printed_at=at(22, 35))
    lines = receipt_text(receipt, columns).splitlines()
    assert max(map(len, lines)) <= columns
    assert lines == [line.rstrip() for line in lines]


def test_text_is_the_receipt() -> None:
    assert tally_text(EVENING, "en") == text()


# For other programs


def test_json_has_the_keys_of_the_contract() -> None:
    van = Row("SER1", "comptoir", "CLIP", "MIDI", 8)
    found = json.loads(
        json.dumps(tally_dict(replace(EVENING, rows=[*EVENING.rows, van])), default=str)
    )
    assert found["rows"] == [
        {"item": "KIT", "channel": "comptoir", "place": "CLIP", "handed_out": 48},
        {"item": "PIPE", "channel": "comptoir", "place": "CLIP", "handed_out": 5},
        {"item": "SER1", "channel": "comptoir", "place": "CLIP", "handed_out": 120},
    ]
    assert found["sites"][-1] == {**found["rows"][-1], "site": "MIDI", "handed_out": 8}
    assert found["returns"][1] == {
        "channel": "comptoir",
        "place": "CLIP",
        "origin": "person",
        "method": "weight",
        "measured": 0.78,
        "unit": "kg",
        "factor": pytest.approx(128.2051282),
        "factor_exact": "5000/39",
        "pieces": 100,
    }
    assert (found["returns"][0]["measured"], found["returns"][0]["factor"]) == (87, 1)
    assert found["passages"] == 61
    assert found["contacts"] == {"shower": 4}
    assert found["shortfall"] == 1
    assert found["indicators"] == {
        "fixed_needle_syringes": 216,
        "syringe_bodies": 0,
        "loose_needles": 0,
        "syringes": 216,
    }


def csv_rows(tally: Tally = EVENING, language: str = "en") -> list[dict[str, str]]:
    data = tally_csv(tally, language)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def test_csv_is_one_flat_table() -> None:
    rows = csv_rows()
    assert list(rows[0]) == [str(words) for words in COLUMNS.values()]
    assert len(rows) == 3 + 2 + 3 + 1 + 2 + 1 + 1
    assert rows[2] == {
        **dict.fromkeys(rows[0], ""),
        "section": "handed out",
        "from": "21/11/2026",
        "to": "21/11/2026",
        "channel": "comptoir",
        "place": "CLIP",
        "site": "CLIP",
        "item": "SER1",
        "name": "Syringe 1 ml",
        "family": "injecting",
        "counts as": "syringe with fixed needle",
        "pieces": "112",
        "place name": "Comptoir CLIP",
        "site name": "Comptoir CLIP",
    }
    weight = rows[6]
    assert (weight["measured"], weight["unit"], weight["factor"]) == ("0,78", "kg", "128,2051")
    assert (weight["section"], weight["method"], weight["pieces"]) == (
        "brought back",
        "by weight",
        "100",
    )
    container = rows[7]
    assert (container["measured"], container["unit"], container["factor"]) == (
        "2",
        "Bottle 1.5 l",
        "87",
    )


def test_what_reports_are_built_on_stays_where_it_is() -> None:
    """By position and by code, in the CSV as in the XLSX: what is new is at the end, and a name may change."""
    assert ";".join(COLUMNS) == (
        "section;first;last;channel;place;site;item;name;family;counts_as;"
        "pieces;origin;method;measured;unit;factor;place_name;site_name"
    )
    there = Row("SER1", "rounds", "MEDIBUS", "MIDI", 7)
    tally = replace(EVENING, rows=[there])
    cells = list(csv_rows(tally)[0].values())
    assert (cells[4:6], cells[16:]) == (["MEDIBUS", "MIDI"], ["Médibus", "Gare du Midi"])
    sheet = openpyxl.load_workbook(io.BytesIO(tally_xlsx(tally, "nl"))).active
    assert sheet is not None
    line = [cell.value for cell in sheet[2]]
    assert (line[4:6], line[16:]) == (["MEDIBUS", "MIDI"], ["Médibus", "Gare du Midi"])
    short = next(row for row in csv_rows() if row["section"] == "to be verified")
    assert (short["place"], short["place name"]) == ("CLIP", "Comptoir CLIP")
    assert (short["site"], short["site name"]) == ("", "")


CODES_OF_ITS_OWN = re.compile(r"[0-9]+/[0-9]+|bottle-|container-|handed_out|[a-z]+:[a-z]+|None")


@pytest.mark.parametrize(
    ("language", "shower", "said", "weight", "bottle", "piece"),
    [
        ("fr", "Douche", "selon la personne", "par poids", "Bouteille 1,5 l", "pièce"),
        ("nl", "Douche", "volgens de persoon", "per gewicht", "Fles 1,5 l", "stuk"),
    ],
)
def test_a_table_says_what_the_page_says(
    language: str, shower: str, said: str, weight: str, bottle: str, piece: str
) -> None:
    """In the reader's words: the product's own codes are for programs, in the JSON."""
    headings, rows = tally_table(EVENING, language)
    column = list(COLUMNS).index
    assert [row[column("name")] for row in rows if row[column("pieces")] == 4] == [shower]
    assert [row[column("method")] for row in rows[5:7]] == [said, weight]
    assert [row[column("unit")] for row in rows[5:8]] == [piece, "kg", bottle]
    texts = [*headings, *(cell for row in rows for cell in row if isinstance(cell, str))]
    assert not [text for text in texts if CODES_OF_ITS_OWN.search(text)]
    english = {"declared", "weight", "shower", "street", "person", "passage", "short"}
    assert not english & set(texts)


NASTY = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\tx", 'a;b"c\nd', "\x07bell"]


@pytest.mark.parametrize("nasty", NASTY)
def test_no_name_becomes_a_formula(nasty: str) -> None:
    names = Names(nasty, nasty, nasty)
    articles = {**ARTICLES, "PIPE": replace(ARTICLES["PIPE"], names=names)}
    tally = replace(EVENING, articles=articles)
    read = csv_rows(tally)[1]["name"]
    assert read.endswith(nasty)
    assert not read.startswith(("=", "+", "-", "@", "\t"))
    sheet = openpyxl.load_workbook(io.BytesIO(tally_xlsx(tally, "en"))).active
    assert sheet is not None
    cell = sheet.cell(3, list(COLUMNS).index("name") + 1)
    assert cell.data_type == "s"
    assert str(cell.value).replace("_x0007_", "\x07").strip() == nasty.replace("\x07", " ").strip()


def test_xlsx_holds_numbers_and_dates_as_such() -> None:
    book = openpyxl.load_workbook(io.BytesIO(tally_xlsx(EVENING, "fr")))
    sheet = book.active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    column = list(COLUMNS).index
    assert len(rows) == 1 + 13
    assert rows[3][column("pieces")] == 112
    assert rows[3][column("first")] == datetime(2026, 11, 21)  # noqa: DTZ001 - as a sheet has it
    assert rows[7][column("measured")] == pytest.approx(0.78)
    assert rows[7][column("factor")] == pytest.approx(128.2051)
    assert rows[7][column("pieces")] == 100
    figures = ("pieces", "measured", "factor")
    assert not [row for row in rows[1:] for name in figures if isinstance(row[column(name)], str)]
    assert rows[3][column("name")] == "Syringe 1 ml fr"
    assert sheet.freeze_panes == "A2"


def test_a_correction_may_leave_less_than_nothing() -> None:
    tally = replace(EVENING, rows=[Row("PIPE", *CLIP, "CLIP", -3)])
    assert csv_rows(tally)[0]["pieces"] == "-3"
    assert tally_dict(tally)["rows"][0]["handed_out"] == -3
