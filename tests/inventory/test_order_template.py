"""Orders written into a supplier's own spreadsheet, which each test makes for itself."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from inventory.messages import Names
from inventory.order_sheet import SheetLine
from inventory.tables import Purchase, Supplier
from web.order_files import FORMATS, order_xlsx
from web.order_template import OF_LINE, OF_ORDER, BadTemplate

EVIL = '=HYPERLINK("http://example.org";A1)'
CUP = SheetLine("CUP", "B-12", Names("Coupelle", "Beker", "Cup"), 4000, 20, 5, 3, 36.75, 300, EVIL)
SER = SheetLine("SER1", "", Names("Seringue", "Spuit", "Syringe"), 8000, 0, 0, 0, 0.0, 0, "")
LINES = [CUP, SER]
FIRST = date(2026, 11, 20)


def order(template: str = "form.xlsx", note: str = "+32 2 555") -> Purchase:
    by = Supplier(name="-Één & Co", email="@a@example.org", language="nl", template=template)
    return Purchase(
        number="2026-001",
        supplier=by,
        drafted_on=FIRST,
        sent_on=None,
        expected_on=date(2026, 12, 7),
        note=note,
    )


def form(folder: Path, **cells: Any) -> Worksheet:
    """A spreadsheet with these cells, saved as the template."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for where, value in cells.items():
        sheet[where] = value
    book.save(folder / "form.xlsx")
    return sheet


def filled(folder: Path, lines: list[SheetLine] = LINES, note: str = "+32 2 555") -> Worksheet:
    data = order_xlsx(order(note=note), lines, templates=folder)
    sheet = load_workbook(io.BytesIO(data)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def values(sheet: Worksheet) -> list[list[Any]]:
    return [
        [cell.value.date() if isinstance(cell.value, datetime) else cell.value for cell in row]
        for row in sheet.iter_rows()
    ]


def test_every_mark(tmp_path: Path) -> None:
    head = {f"A{n}": f"{{{{{name}}}}}" for n, name in enumerate(OF_ORDER, start=1)}
    row = {f"{'ABCDEFGHIJ'[n]}9": f"{{{{ {name} }}}}" for n, name in enumerate(OF_LINE)}
    form(tmp_path, **head, **row)
    sheet = filled(tmp_path)
    assert [row[0] for row in values(sheet)[:7]] == [
        "2026-001",
        "-Één & Co",
        "@a@example.org",
        FIRST,
        None,
        date(2026, 12, 7),
        "+32 2 555",
    ]
    assert values(sheet)[8:] == [
        ["B-12", "CUP", "Beker", 4000, 20, 5, 3, 36.8, 300, EVIL],
        ["SER1", "SER1", "Spuit", 8000, 0, 0, 0, 0, 0, None],
    ]
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)
    assert sheet["J9"].quotePrefix and sheet["A7"].quotePrefix and sheet["A2"].quotePrefix


def test_the_rest_of_the_form_stays_as_it_is(tmp_path: Path) -> None:
    sheet = form(tmp_path, A1="Bon no {{number}} du {{drafted_on}}", B1="=SUM(B3:B99)", C1=5)
    for where, value in {
        "A3": "{{article}}",
        "B3": "{{ordered}}",
        "C3": "=B3*$C$1",
        "D3": "boîte",
    }.items():
        sheet[where] = value
    sheet["B3"].font = Font(bold=True, color="FF0000")
    sheet["B3"].number_format = '# ##0 "pcs"'
    sheet.row_dimensions[3].height = 33
    assert sheet.parent is not None
    sheet.parent.save(tmp_path / "form.xlsx")
    done = filled(tmp_path)
    assert values(done)[0][:3] == ["Bon no 2026-001 du 20/11/2026", "=SUM(B3:B99)", 5]
    assert values(done)[2:] == [
        ["Beker", 300, "=B3*$C$1", "boîte"],
        ["Spuit", 0, "=B4*$C$1", "boîte"],
    ]
    for row in (3, 4):
        assert done.cell(row, 2).font.b and done.cell(row, 2).number_format == '# ##0 "pcs"'
        assert done.row_dimensions[row].height == 33


def test_cells_for_single_articles(tmp_path: Path) -> None:
    """A printed list with a cell for each article, by the supplier's name or ours; one of them is sold no more."""
    form(
        tmp_path,
        A1="Coupelles",
        B1="{{ordered b-12}}",
        A2="Seringues",
        B2="{{ordered SER1}}",
        C2="{{ on_hand  SER1 }} là",
        B3="{{ordered GONE}}",
    )
    assert values(filled(tmp_path)) == [
        ["Coupelles", 300, None],
        ["Seringues", 0, "8000 là"],
    ]


def test_text_is_never_a_formula_nor_a_mark(tmp_path: Path) -> None:
    form(tmp_path, A1="{{order_note}}", A2="{{order_note}} {{number}}", A3="{{ordered CUP}}")
    for note in (EVIL, "{{ordered CUP}}", "#REF!", "\x07bell"):
        sheet = filled(tmp_path, note=note)
        assert sheet["A1"].data_type == sheet["A2"].data_type == "s"
        assert str(sheet["A1"].value).replace(" ", "\x07", 1) == note or sheet["A1"].value == note
        assert str(sheet["A2"].value).endswith(" 2026-001")


@pytest.mark.parametrize("pieces", [1, 100_000])
def test_figures_are_numbers(tmp_path: Path, pieces: int) -> None:
    form(tmp_path, A1="{{ordered}}")
    sheet = filled(tmp_path, [replace(CUP, ordered=pieces)])
    assert sheet["A1"].value == pieces and sheet["A1"].data_type == "n"


def test_a_form_without_lines(tmp_path: Path) -> None:
    form(tmp_path, A1="{{number}}", A2="{{ordered}}", B2="text")
    assert values(filled(tmp_path, [])) == [["2026-001"]]


def refused(folder: Path, lines: list[SheetLine] = LINES) -> str:
    with pytest.raises(BadTemplate) as caught:
        order_xlsx(order(), lines, templates=folder)
    said = str(caught.value.message)
    assert said.startswith("form.xlsx: ") and "\n" not in said
    return said


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"B2": "{{pieces}}"}, ["B2", "{{pieces}}", "ordered"]),
        ({"B2": "{{number CUP}}"}, ["B2", "{{number CUP}}"]),
        ({"A1": "{{ordered}}", "C3": "{{on_hand}}"}, ["A3", "another"]),
        ({"A1": "{{ordered}}", "C4": "Signature"}, ["C4", "below"]),
        ({"A1": "{{number}}"}, ["Cup", "{{ordered B-12}}"]),
        ({"A1": "{{on_hand}}"}, ["Cup"]),
        ({"A1": "{{ordered SER1}}"}, ["Cup"]),
    ],
)
def test_what_is_wrong_with_a_form_is_told(
    tmp_path: Path, cells: dict[str, str], words: list[str]
) -> None:
    form(tmp_path, **cells)
    said = refused(tmp_path)
    assert [word for word in words if word not in said] == []


def test_a_form_that_is_none(tmp_path: Path) -> None:
    assert str(tmp_path) in refused(tmp_path)
    for content in (b"", b"PK\x03\x04rest", b"a;b\n", b"x" * 6_000_000):
        (tmp_path / "form.xlsx").write_bytes(content)
        refused(tmp_path)
    (tmp_path / "form.xlsx").unlink()
    (tmp_path / "form.xlsx").mkdir()
    refused(tmp_path)


def test_the_folder_is_that_of_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "templates").mkdir()
    form(tmp_path / "templates", A1="{{ordered}} x")
    monkeypatch.setenv("COMPTOIR_DATA", str(tmp_path))
    sheet = load_workbook(io.BytesIO(FORMATS[".xlsx"](order(), LINES))).active
    assert isinstance(sheet, Worksheet) and sheet["A1"].value == "300 x"
    own = load_workbook(io.BytesIO(FORMATS[".xlsx"](order(""), LINES))).active
    assert own is not None and own.title == "2026-001"
