"""Tables of pages as files: CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Response, abort

from inventory.messages import Message, Names
from web import language
from web.i18n import say
from web.spreadsheets import MEDIA_TYPES, Value, csv_file, saved, workbook


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


FORMS: dict[str, Callable[[list[list[Value]], str], bytes]] = {
    "xlsx": lambda rows, name: saved(workbook(rows, title=name)),
    "csv": lambda rows, name: csv_file(rows),
}
"""By the ending of the file's name."""


def download(table: Table, form: str) -> Response:
    """A table as a file in the reader's language; 404 for a form that there is not."""
    if form not in FORMS:
        abort(404)
    data = FORMS[form](table.cells(language.current()), table.name)
    return attachment(data, f"{table.name}.{form}")


def attachment(data: bytes, name: str) -> Response:
    """A file to be kept."""
    response = Response(data, mimetype=MEDIA_TYPES[name.rpartition(".")[2]])
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
