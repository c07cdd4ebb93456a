"""CSV: UTF-8, UTF-16 ("Unicode text") or Windows-1252; semicolons, commas or tabs."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from inventory.lists.tabular import NotATable, Row
from inventory.messages import Message

DELIMITERS = ";,\t"

# Excel obeys such a first line and does not show it.
_SEPARATOR_LINE = re.compile(r'"?sep=([;,\t])"?\r?\n?', re.IGNORECASE)


def rows(data: bytes) -> Iterator[Row]:
    """The records of a CSV file, blank ones too.

    A record is one line, as in the spreadsheet, even where a cell holds a line break.
    """
    text = _decode(data)
    named = _SEPARATOR_LINE.match(text)
    if named:
        text = text[named.end() :]
    delimiter = named[1] if named else _sniff(text)
    records = _reader(text, delimiter)
    line = 0
    while True:
        line += 1
        try:
            record = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            raise NotATable(
                Message("cells whose quotes are closed, of at most 100 000 characters"), line=line
            ) from error
        yield Row(line, tuple(cell.strip() for cell in record))


def _decode(data: bytes) -> str:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = data.decode("utf-16")
        else:
            text = _eight_bits(data)
    except UnicodeDecodeError as error:
        raise NotATable(Message("a CSV or XLSX file")) from error
    if "\0" in text:
        raise NotATable(Message("a CSV or XLSX file"))
    return text


def _eight_bits(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def _sniff(text: str) -> str:
    """The delimiter that cuts the header into most columns."""
    return max(DELIMITERS, key=lambda delimiter: _columns(text, delimiter))


def _columns(text: str, delimiter: str) -> int:
    try:
        return sum(1 for cell in next(_reader(text, delimiter), []) if cell.strip())
    except csv.Error:
        return 0


def _reader(text: str, delimiter: str) -> Any:
    # strict: a quote that is never closed would otherwise swallow the rest of the file into one cell.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
