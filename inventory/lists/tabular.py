"""A table from a file, as spreadsheets in Brussels save them: CSV of every flavour, or XLSX.

Pure: bytes in, rows out. Whatever the bytes are, only `NotATable` comes out of here, and no file makes this
machine run out of memory: its size, what it unpacks to and the number of its rows are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from inventory.messages import Message

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000

Cell: TypeAlias = str | date
"""What a cell shows, without surrounding spaces; a date where the spreadsheet itself knows that it is one."""

_ZIP = b"PK\x03\x04"
# Excel before 2007, and what newer ones wrap a file with a password in.
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line; `line` is the number a spreadsheet shows beside it."""

    line: int
    cells: tuple[Cell, ...]


class NotATable(Exception):
    """The file cannot be read as a table: what was expected, and on which line reading stopped."""

    def __init__(self, expected: Message, *, line: int = 1, value: str = "") -> None:
        super().__init__(str(expected))
        self.expected = expected
        self.line = line
        self.value = value


def read_table(path: Path) -> tuple[Row, list[Row]]:
    """The header, which is line 1, and the lines below it that hold anything.

    Raises NotATable for everything else.
    """
    from inventory.lists import delimited, spreadsheet  # they need the names above

    data = _bytes(path)
    if data.startswith(_OLE):
        raise NotATable(
            Message("a CSV or XLSX file without password: this one is protected or of an old kind")
        )
    rows = spreadsheet.rows(data) if data.startswith(_ZIP) else delimited.rows(data)
    filled = list(_bounded(rows))
    if not filled or filled[0].line != 1:
        raise NotATable(Message("the names of the columns on line 1, and rows below them"))
    return filled[0], filled[1:]


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise NotATable(Message("a file that is there and can be read")) from error
    if len(data) > MAX_BYTES:
        raise NotATable(Message("a file of at most %(size)d MB", size=MAX_BYTES // (1024 * 1024)))
    return data


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    count = 0
    for row in rows:
        if not any(row.cells):
            continue
        count += 1
        if count > MAX_ROWS + 1:  # the header is no row
            raise NotATable(
                Message("at most %(count)d rows in one file", count=MAX_ROWS), line=row.line
            )
        yield row
