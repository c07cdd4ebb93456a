"""An order written into a supplier's own spreadsheet. Marks in its cells say what goes where.

`{{number}}` and the other marks of the order stand anywhere. The marks of a line stand in one row, the last of its
sheet, which is repeated for each article; or anywhere with the article they are about, by its reference or code:
`{{ordered S1-29G}}`. Formulas, formats and all else of the template stay as they are.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.worksheet import Worksheet

from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.order_sheet import SheetLine
from inventory.tables import Purchase
from web.spreadsheets import Value, csv_cell, fill

MOST_ROWS, MOST_COLUMNS = 2000, 100
"""Of a sheet, as far as marks are looked for."""

MOST_BYTES = 5_000_000

OF_ORDER: Mapping[str, Callable[[Purchase], Value]] = {
    "number": lambda order: order.number,
    "supplier": lambda order: order.supplier.name,
    "address": lambda order: order.supplier.email,
    "drafted_on": lambda order: order.drafted_on,
    "sent_on": lambda order: order.sent_on,
    "expected_on": lambda order: order.expected_on,
    "order_note": lambda order: order.note,
}

OF_LINE: Mapping[str, Callable[[SheetLine, str], Value]] = {
    "reference": lambda line, _: line.reference or line.code,
    "code": lambda line, _: line.code,
    "article": lambda line, language: line.names.in_language(language),
    "on_hand": lambda line, _: line.usable,
    "in_kits": lambda line, _: line.in_kits,
    "on_order": lambda line, _: line.on_order,
    "on_loan": lambda line, _: line.lent,
    "weekly": lambda line, _: Decimal(f"{line.weekly:.1f}"),
    "ordered": lambda line, _: line.ordered,
    "note": lambda line, _: line.note,
}

ORDERED = "ordered"

_MARK = re.compile(r"\{\{\s*([^{}\s]+)(?:\s+([^{}]*?))?\s*\}\}")


class BadTemplate(ComptoirError):
    """A supplier's spreadsheet cannot be filled in as it is."""

    code = "bad_template"

    def __init__(self, file: Path, what: Message) -> None:
        super().__init__(Message("%(file)s: %(what)s", file=file.name, what=what))


def written_into(file: Path, order: Purchase, lines: Sequence[SheetLine]) -> bytes:
    """The template, filled in. Raises BadTemplate: what is wrong, in which cell."""
    template = _Template(file, order, lines)
    book = _opened(file)
    for sheet in book.worksheets:
        template.fill_in(sheet)
    template.check_all_ordered()
    # No program has reckoned its formulas with these figures yet.
    book.calculation.fullCalcOnLoad = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _opened(file: Path) -> Workbook:
    try:
        data = file.read_bytes()
        if len(data) > MOST_BYTES:
            raise BadTemplate(file, Message("too large for a form."))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on drawings that nobody asked for
            return load_workbook(io.BytesIO(data))
    except OSError as error:
        raise BadTemplate(
            file,
            Message(
                "not found in the folder of templates (%(folder)s): put it there.",
                folder=str(file.parent),
            ),
        ) from error
    except BadTemplate:
        raise
    except Exception as error:  # the library lets out whatever broken XML made it stumble over
        raise BadTemplate(file, Message("no XLSX spreadsheet: save it as one.")) from error


@dataclass(frozen=True, slots=True)
class _Mark:
    """`{{name article}}` of a cell."""

    text: str
    name: str
    article: str

    @classmethod
    def of(cls, read: re.Match[str]) -> _Mark:
        return cls(read[0], read[1], read[2] or "")

    @property
    def is_known(self) -> bool:
        return self.name in OF_LINE or (self.name in OF_ORDER and not self.article)

    @property
    def is_of_row(self) -> bool:
        return self.name in OF_LINE and not self.article


class _Template:
    """One order and the spreadsheet it is written into."""

    def __init__(self, file: Path, order: Purchase, lines: Sequence[SheetLine]) -> None:
        self.file, self.order, self.lines = file, order, lines
        self.language = order.supplier.language
        self.by_name = {
            name.casefold(): line for line in lines for name in (line.code, line.reference) if name
        }
        self.written: set[str] = set()
        self.rows = 0
        """How many rows are repeated, over all sheets."""

    def fill_in(self, sheet: Worksheet) -> None:
        marked = {cell: marks for cell in _texts(sheet) if (marks := self._marks(sheet, cell))}
        rows = {cell.row for cell, marks in marked.items() if any(mark.is_of_row for mark in marks)}
        self.rows += len(rows)
        if self.rows > 1:
            raise self._bad(
                sheet,
                f"A{max(rows)}",
                Message("only one row of a form is repeated: this is another."),
            )
        for cell, marks in marked.items():
            if cell.row not in rows:
                self._write(cell, marks, None)
        for row in rows:
            self._repeat(sheet, row)

    def check_all_ordered(self) -> None:
        """What is ordered and stands nowhere would never come. Raises BadTemplate."""
        for line in self.lines:
            if line.ordered and line.code not in self.written:
                raise BadTemplate(
                    self.file,
                    Message(
                        "%(item)s is ordered, and no cell is for it: write {{ordered %(article)s}} "
                        "where the pieces go, or {{ordered}} in a row for all.",
                        item=line.names,
                        article=line.reference or line.code,
                    ),
                )

    def _bad(self, sheet: Worksheet, cell: str, what: Message) -> BadTemplate:
        where = Message(
            "%(sheet)s, cell %(cell)s: %(what)s", sheet=sheet.title, cell=cell, what=what
        )
        return BadTemplate(self.file, where)

    def _marks(self, sheet: Worksheet, cell: Cell) -> list[_Mark]:
        """Those of a cell, each known."""
        found = [_Mark.of(read) for read in _MARK.finditer(str(cell.value))]
        for mark in found:
            if not mark.is_known:
                what = Message(
                    "%(mark)s is no mark; these are: %(known)s.",
                    mark=mark.text,
                    known=", ".join([*OF_ORDER, *OF_LINE]),
                )
                raise self._bad(sheet, cell.coordinate, what)
        return found

    def _repeat(self, sheet: Worksheet, row: int) -> None:
        """A row for each article, as the one with the marks is. Nothing stands below: it would be written over."""
        below = next((cell for cell in _cells(sheet, row + 1) if cell.value is not None), None)
        if below is not None:
            raise self._bad(
                sheet,
                below.coordinate,
                Message("nothing may stand below the row that is repeated: move it above."),
            )
        models = [(cell, cell.value) for cell in _cells(sheet, row, row)]
        height = sheet.row_dimensions[row].height
        if not self.lines:
            for model, _ in models:
                model.value = None
        for number, line in enumerate(self.lines, start=row):
            sheet.row_dimensions[number].height = height
            for model, value in models:
                cell: Any = sheet.cell(number, model.column)
                _copy_style(model, cell)
                cell.value = _moved(value, model, number)
                if isinstance(value, str) and not value.startswith("="):
                    self._write(cell, self._marks(sheet, cell), line)

    def _write(self, cell: Cell, marks: Sequence[_Mark], line: SheetLine | None) -> None:
        """The values of a cell's marks: one alone keeps its type, else they are part of its text."""
        text = str(cell.value)
        if len(marks) == 1 and marks[0].text == text.strip():
            fill(cell, self._value(marks[0], line))
        elif marks:

            def said(read: re.Match[str]) -> str:
                value = self._value(_Mark.of(read), line)
                return value if isinstance(value, str) else str(csv_cell(value))

            fill(cell, _MARK.sub(said, text))

    def _value(self, mark: _Mark, line: SheetLine | None) -> Value:
        """An article that is no longer the supplier's has none."""
        if mark.name in OF_ORDER:
            return OF_ORDER[mark.name](self.order)
        if mark.article:
            line = self.by_name.get(mark.article.casefold())
        if line is None:
            return None
        if mark.name == ORDERED:
            self.written.add(line.code)
        return OF_LINE[mark.name](line, self.language)


def _copy_style(model: Cell, cell: Cell) -> None:
    if cell is not model:
        for name in ("font", "border", "fill", "number_format", "protection", "alignment"):
            setattr(cell, name, copy(getattr(model, name)))


def _moved(value: Any, model: Cell, row: int) -> Any:
    """A formula of the repeated row is about its own row."""
    if isinstance(value, str) and value.startswith("="):
        target = f"{model.column_letter}{row}"
        return Translator(value, origin=model.coordinate).translate_formula(target)
    return value


def _texts(sheet: Worksheet) -> Iterator[Cell]:
    """Cells of text: a formula is the template's own."""
    for cell in _cells(sheet, 1):
        if isinstance(cell.value, str) and cell.data_type != "f":
            yield cell


def _cells(sheet: Worksheet, first: int, last: int = MOST_ROWS) -> Iterator[Cell]:
    bottom = min(sheet.max_row, last)
    if first > bottom:
        return
    columns = min(sheet.max_column, MOST_COLUMNS)
    for row in sheet.iter_rows(min_row=first, max_row=bottom, max_col=columns):
        yield from (cell for cell in row if isinstance(cell, Cell))
