"""Tables of pages as files: CSV and XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Response, abort
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from inventory.messages import Message, Names
from web import language
from web.i18n import say
from web.spreadsheets import Value, csv_cell, fill

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 40
"""Characters of a column."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a page shows as a table: a name for the file, headings, and rows of as many cells."""

    name: str
    headings: Sequence[Message]
    rows: Iterable[Sequence[Value | Message | Names]]

    def cells(self, code: str) -> list[list[Value]]:
        """Headings and rows in one language."""
        return [
            [say(one, code) for one in self.headings],
            *([_cell(one, code) for one in row] for row in self.rows),
        ]


def _cell(value: Value | Message | Names, code: str) -> Value:
    match value:
        case Message():
            return say(value, code)
        case Names():
            return value.in_language(code)
    return value


def _csv(rows: list[list[Value]], name: str) -> bytes:
    """What a spreadsheet in Brussels opens by itself: semicolons, UTF-8 with a byte order mark, decimal commas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([[csv_cell(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[Value]], name: str) -> bytes:
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = name
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            fill(sheet.cell(number, column), value)
    for column in range(1, len(rows[0]) + 1):
        sheet.cell(1, column).font = Font(bold=True)
        longest = max(len(str(row[column - 1] or "")) for row in rows)
        sheet.column_dimensions[get_column_letter(column)].width = min(longest, WIDEST) + 2
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FORMS: dict[str, tuple[Callable[[list[list[Value]], str], bytes], str]] = {
    "xlsx": (_xlsx, SHEET),
    "csv": (_csv, "text/csv"),
}
"""By the ending of the file's name."""


def download(table: Table, form: str) -> Response:
    """A table as a file in the reader's language; 404 for a form that there is not."""
    if form not in FORMS:
        abort(404)
    make, mimetype = FORMS[form]
    return attachment(
        make(table.cells(language.current()), table.name), f"{table.name}.{form}", mimetype
    )


def attachment(data: bytes, name: str, mimetype: str) -> Response:
    """A file to be kept."""
    response = Response(data, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
