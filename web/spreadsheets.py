"""Cells of tables that a spreadsheet opens: typed, and text that stays text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By the ending of a file's name."""

WIDEST = 40
"""Characters of a column."""

Value = str | int | Decimal | date | None

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula to a spreadsheet, and a formula can send data away."""


def csv_cell(value: Value) -> str | int:
    """As a spreadsheet in Brussels reads it: decimal commas, days first."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}".replace(".", ",")
        case date():
            return f"{value:%d/%m/%Y}"
        case str() if value.startswith(FORMULA_STARTS):
            return f"'{value}"
    return value


def fill(cell: Any, value: Value) -> None:
    """Text stays text: neither a formula nor an error value, also when somebody edits the cell."""
    assert isinstance(cell, Cell)
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value) or None
    if cell.value is not None:
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA_STARTS)


def csv_file(rows: Sequence[Sequence[Value]]) -> bytes:
    """What a spreadsheet in Brussels opens by itself: semicolons, UTF-8 with a byte order mark, decimal commas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([[csv_cell(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def workbook(rows: Sequence[Sequence[Value]], *, title: str, headings: int = 1) -> Workbook:
    """One sheet with these rows, those up to the headings (a row, counted from 1) always in sight."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = title
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            fill(sheet.cell(number, column), value)
    for column in range(1, len(rows[headings - 1]) + 1):
        sheet.cell(headings, column).font = Font(bold=True)
        longest = max(len(str(row[column - 1] or "")) for row in rows if len(row) >= column)
        sheet.column_dimensions[get_column_letter(column)].width = min(longest, WIDEST) + 2
    sheet.freeze_panes = f"A{headings + 1}"
    return book


def saved(book: Workbook) -> bytes:
    """As a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
