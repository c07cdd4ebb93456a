"""A list on A4: a head of titled values and one wide table, over as many pages as it takes.

The words and figures come ready; this module knows how they stand on a page, and nothing of what they list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from labels.a4 import FAMILY, HEIGHT_MM, WIDTH_MM, a4_document
from labels.letters import printable

_MARGIN_MM: Final = 15.0
_WIDE_MM: Final = HEIGHT_MM - 2 * _MARGIN_MM  # it lies on its side
_HIGH_MM: Final = WIDTH_MM
_FOOT_MM: Final = 20.0
_LINE_MM: Final = 5.2
_HEADS: Final = 3
"""Titled values side by side."""

_INK: Final = (18, 32, 43)
_SOFT: Final = (81, 98, 111)
_TEAL: Final = (11, 102, 107)
_RULE: Final = (205, 211, 214)
_SHADE: Final = (236, 243, 243)


@dataclass(frozen=True, slots=True)
class Column:
    """`wide` is its part of the width; figures stand to the right."""

    title: str
    wide: int
    is_figure: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One cell for each column; a `marked` one is what the reader looks for."""

    cells: tuple[str, ...]
    marked: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """All that a list says. `head` are values with their titles; `page` is said as "page %d / %d"."""

    title: str
    subtitle: str
    head: tuple[tuple[str, str], ...]
    note: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    printed: str
    page: str


def list_pdf(page: ListPage, *, language: str, made_at: datetime) -> bytes:
    """The list as a PDF that carries its fonts. The same list at the same moment gives the same bytes."""
    pdf = a4_document(
        title=printable(f"{page.title} · {page.subtitle}"), language=language, landscape=True
    )
    pdf.set_creation_date(made_at)
    pdf.set_margins(_MARGIN_MM, _MARGIN_MM)
    pdf.set_auto_page_break(True, _FOOT_MM)
    pdf.c_margin = 0
    pdf.add_page()
    _head(pdf, page)
    _table(pdf, page)
    _feet(pdf, page)
    return bytes(pdf.output())


def _head(pdf: FPDF, page: ListPage) -> None:
    _put(pdf, 0, 13, _WIDE_MM, 11, page.title, size=24, bold=True)
    _put(pdf, 0, 23.5, _WIDE_MM, 8, page.subtitle, size=15, bold=True, ink=_TEAL)
    wide = _WIDE_MM / _HEADS
    for n, (title, value) in enumerate(page.head):
        x, y = n % _HEADS * wide, 35 + n // _HEADS * 11
        _put(pdf, x, y, wide, 4, title, size=8.5, ink=_SOFT)
        _put(pdf, x, y + 4, wide, 5.5, value, size=11)
    y = 35 + -(-len(page.head) // _HEADS) * 11
    pdf.set_xy(_MARGIN_MM, y + 1)
    if page.note:
        _ink(pdf, 11, bold=True)
        pdf.multi_cell(
            _WIDE_MM, 5.5, printable(page.note), align="L", new_x="LMARGIN", new_y="NEXT"
        )
    pdf.ln(3)


def _table(pdf: FPDF, page: ListPage) -> None:
    _ink(pdf, 9.5)
    pdf.set_draw_color(*_RULE)
    pdf.set_line_width(0.2)
    marked = FontFace(emphasis="BOLD", fill_color=_SHADE)
    with pdf.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=tuple(column.wide for column in page.columns),
        text_align=tuple("RIGHT" if column.is_figure else "LEFT" for column in page.columns),
        headings_style=FontFace(emphasis="BOLD", color=_SOFT, size_pt=8.5),
        line_height=_LINE_MM,
        padding=(0.6, 1.8),
        v_align="TOP",
        width=_WIDE_MM,
    ) as table:
        table.row([printable(column.title) for column in page.columns])
        for row in page.rows:
            cells = [printable(cell) for cell in row.cells]
            table.row(cells, style=marked if row.marked else None)


def _feet(pdf: FPDF, page: ListPage) -> None:
    """On every page, now that it is known how many there are."""
    pages = pdf.pages_count
    pdf.set_auto_page_break(False)
    for number in range(1, pages + 1):
        pdf.page = number
        y = _HIGH_MM - 13
        pdf.set_draw_color(*_RULE)
        pdf.line(_MARGIN_MM, y - 1.5, _MARGIN_MM + _WIDE_MM, y - 1.5)
        said = page.page % (number, pages)
        of_it = f"{page.title} · {page.subtitle}"
        _put(pdf, 0, y, _WIDE_MM, 5, page.printed, size=9, ink=_SOFT)
        if number > 1:
            _put(pdf, 0, 8, _WIDE_MM, 5, of_it, size=9, bold=True, ink=_TEAL)
        _put(pdf, 0, y, _WIDE_MM, 5, said, size=9, ink=_SOFT, align="R")


def _ink(pdf: FPDF, size: float, *, bold: bool = False, ink: tuple[int, int, int] = _INK) -> None:
    pdf.set_font(FAMILY, "B" if bold else "", size)
    pdf.set_text_color(*ink)


def _put(
    pdf: FPDF,
    x: float,
    y: float,
    wide: float,
    high: float,
    text: str,
    *,
    size: float,
    bold: bool = False,
    ink: tuple[int, int, int] = _INK,
    align: str = "L",
) -> None:
    """`x` is from the left margin."""
    _ink(pdf, size, bold=bold, ink=ink)
    pdf.set_xy(_MARGIN_MM + x, y)
    pdf.cell(wide, high, printable(text), align=align)
