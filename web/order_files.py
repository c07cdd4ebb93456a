"""The file of an order: stock audit and order form in one, in the supplier's language, as XLSX, PDF or CSV.

A head with the order's number, dates and address, an empty line, then one line for everything the supplier sells us.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.properties import PageSetupProperties

from inventory.messages import Message
from inventory.order_sheet import SheetLine
from inventory.tables import Purchase
from web.i18n import say
from web.order_pdf import order_pdf
from web.order_template import written_into
from web.settings import Settings
from web.spreadsheets import Value, csv_file, saved, workbook

HEAD = (
    Message("Order"),
    Message("Supplier"),
    Message("Address"),
    Message("Drafted on"),
    Message("Sent on"),
    Message("Expected on"),
    Message("Note"),
)
COLUMNS = (
    Message("Reference"),
    Message("Article"),
    Message("On hand"),
    Message("In kits"),
    Message("On order"),
    Message("On loan"),
    Message("Need a week"),
    Message("Ordered"),
    Message("Note"),
)
"""In this order for ever, new ones at the end: suppliers read them by place."""

HEADINGS = len(HEAD) + 2
"""The row of the headings, counted from 1."""


def order_rows(order: Purchase, lines: Sequence[SheetLine]) -> list[list[Value]]:
    """All cells of the file, row by row."""
    language = order.supplier.language
    head: list[Value] = [
        order.number,
        order.supplier.name,
        order.supplier.email,
        order.drafted_on,
        order.sent_on,
        order.expected_on,
        order.note,
    ]
    titled = zip(HEAD, head, strict=True)
    return [
        *([say(title, language), value] for title, value in titled),
        [],
        [say(title, language) for title in COLUMNS],
        *(_row(line, language) for line in lines),
    ]


def _row(line: SheetLine, language: str) -> list[Value]:
    return [
        line.reference or line.code,
        line.names.in_language(language),
        line.usable,
        line.in_kits,
        line.on_order,
        line.lent,
        Decimal(f"{line.weekly:.1f}"),
        line.ordered,
        line.note,
    ]


def order_csv(order: Purchase, lines: Sequence[SheetLine]) -> bytes:
    """The same as CSV."""
    return csv_file(order_rows(order, lines))


def order_xlsx(
    order: Purchase, lines: Sequence[SheetLine], *, templates: Path | None = None
) -> bytes:
    """The supplier's own form where it has one, of that folder or the data folder's. Raises BadTemplate."""
    if not order.supplier.template:
        return own_form(order, lines)
    folder = templates or Settings.from_environment().templates
    return written_into(folder / order.supplier.template, order, lines)


def own_form(order: Purchase, lines: Sequence[SheetLine]) -> bytes:
    """One sheet, named as the order, ready to be printed on an A4 page's width."""
    book = workbook(order_rows(order, lines), title=order.number, headings=HEADINGS)
    sheet = book.worksheets[0]
    for number in range(1, len(HEAD) + 1):
        sheet.cell(number, 1).font = Font(bold=True)
        sheet.cell(number, 2).alignment = Alignment(horizontal="left")
    sheet.print_title_rows = f"{HEADINGS}:{HEADINGS}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0  # as many pages as it takes
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return saved(book)


FORMATS: dict[str, Callable[[Purchase, Sequence[SheetLine]], bytes]] = {
    ".xlsx": order_xlsx,
    ".pdf": order_pdf,
    ".csv": order_csv,
}
"""By the ending of the file's name."""
