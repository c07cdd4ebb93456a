"""XLSX: the first sheet, its values as the spreadsheet shows them in Brussels."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import openpyxl

from inventory.lists.tabular import MAX_ROWS, Cell, NotATable, Row
from inventory.messages import Message

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_COLUMNS = 64
# The last line a spreadsheet can have. Blank lines above it are common: somebody once coloured them.
LAST_LINE = 1_048_576

# Formats such as 00000000000000, which show a number with leading zeros.
_PADDED = re.compile(r"00+")


def rows(data: bytes) -> Iterator[Row]:
    """The lines of the first sheet, blank ones left out."""
    try:
        _refuse_bomb(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on styles and drawings that nobody asked for
            return iter(_first_sheet(data))
    except NotATable:
        raise
    except Exception as error:  # the library lets out whatever broken XML made it stumble over
        raise NotATable(Message("a CSV or XLSX file")) from error


def _refuse_bomb(data: bytes) -> None:
    # Reading stops at the size a member declares, so that declared sizes can be trusted.
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise NotATable(Message("a spreadsheet that is not packed this tightly"))


def _first_sheet(data: bytes) -> list[Row]:
    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    try:
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # other programs write wrong ones, which would cut rows off
        header = next(iter(sheet.iter_rows(max_row=1, max_col=MAX_COLUMNS)), ())
        width = max((n for n, cell in enumerate(header, start=1) if _shown(cell)), default=1)
        found: list[Row] = []
        before: Any = None
        for line, cells in enumerate(sheet.iter_rows(max_col=width), start=1):
            if line > LAST_LINE or len(found) > MAX_ROWS + 1:
                break
            if cells is before:  # the library gives one and the same tuple for each line it skips
                continue
            before = cells
            shown = tuple(_shown(cell) for cell in cells)
            if any(shown):
                found.append(Row(line, shown))
        return found
    finally:
        book.close()


def _shown(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).upper()
    return _number(value, cell.number_format)


def _number(value: int | float, number_format: str) -> str:
    # Formulas leave traces of binary fractions: 0.1 × 3 × 10 is 3.0000000000000004.
    rounded = round(value, 9)
    if rounded != int(rounded):
        return str(rounded).replace(".", ",")
    whole = str(int(rounded))
    return whole.zfill(len(number_format)) if _PADDED.fullmatch(number_format) else whole
