"""Cells of tables that a spreadsheet opens: typed, and text that stays text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell

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
