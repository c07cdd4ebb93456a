"""The cells of a spreadsheet as programs open it, and as they should be: text or numbers, dates as they are written."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook

from web.spreadsheets import Value

Shown = str | Decimal
Reader = Callable[[Path, bytes], list[list[Shown]]]
"""What a program shows of a spreadsheet, with a folder to work in: every cell, row by row."""

# Semicolons, quotes, UTF-8, English (GB), text always in quotes, as shown, all sheets: see "Filter Options for CSV".
AS_CSV = "csv:Text - txt - csv (StarCalc):59,34,76,1,,2057,true,true,false,false,false,0"


def in_libreoffice(folder: Path, data: bytes) -> list[list[Shown]]:
    (folder / "order.xlsx").write_bytes(data)
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [
            *("soffice", "--headless", f"-env:UserInstallation={profile}"),
            *("--convert-to", AS_CSV, "--outdir", folder, folder / "order.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    lines = (folder / "order.csv").read_text(encoding="utf-8").splitlines()
    return [[_cell(read) for read in _CELLS.finditer(line)] for line in lines]


_CELLS = re.compile(r'(?:^|(?<=;))(?:"((?:[^"]|"")*)"|([^;]*))(?=;|$)')
"""Text in quotes, the others without."""


def _cell(read: re.Match[str]) -> Shown:
    if read[1] is not None:
        return read[1].replace('""', '"')
    try:
        return Decimal(read[2])
    except ArithmeticError:
        return read[2]  # a date, an error, or nothing


def in_openpyxl(_folder: Path, data: bytes) -> list[list[Shown]]:
    rows = load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True)
    return [[shown(_plain(value)) for value in row] for row in rows]


def _plain(value: object) -> Value:
    if isinstance(value, datetime):
        return value.date()
    return Decimal(str(value)) if isinstance(value, float) else value  # type: ignore[return-value]


def shown(value: Value) -> Shown:
    match value:
        case None:
            return ""
        case str():
            return value
        case date():
            return value.isoformat()
    return Decimal(value)


def padded(rows: Sequence[Sequence[Shown]]) -> list[list[Shown]]:
    wide = max(map(len, rows))
    return [[*row, *[""] * (wide - len(row))] for row in rows]
