"""A sheet on A4 for setting up scanners: one large code that tests them, and small ones that configure them.

The words come ready; this module knows how they stand on the page. Codes that lie far apart are not read by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from fpdf import FPDF

from labels import codes
from labels.a4 import FAMILY, WIDTH_MM, a4_document
from labels.codes import MM, Code, Symbology
from labels.label_pdf import SHEET_DPI
from labels.letters import printable
from labels.readback import checked_image

_MARGIN_MM: Final = 18.0
_WIDE_MM: Final = WIDTH_MM - 2 * _MARGIN_MM
_ROW_MM: Final = 38.0
_COLUMNS: Final = 2
_TEST_DOTS: Final = 4  # of a module: to be read from a screen's distance
_TEST_HEIGHT_MM: Final = 22.0
_HEIGHT_MM: Final = 14.0
_MAKER_MM: Final = 32.0

_INK: Final = (18, 32, 43)
_SOFT: Final = (81, 98, 111)
_TEAL: Final = (11, 102, 107)
_RULE: Final = (205, 211, 214)


@dataclass(frozen=True, slots=True)
class Order:
    """A code that configures a scanner: what it does, and what its maker calls it."""

    does: str
    command: str


@dataclass(frozen=True, slots=True)
class ScannerSheet:
    """All that the sheet says. `self_test` is bracketed GS1; `booklets` are makers with the chapters to look for."""

    title: str
    steps: tuple[str, ...]
    self_test: str
    maker: str
    orders_note: str
    orders: tuple[Order, ...]
    others: str
    others_note: str
    booklets: tuple[tuple[str, str], ...]


def scanner_sheet(sheet: ScannerSheet, *, language: str) -> bytes:
    """The sheet as a PDF of one page. Raises `UnreadableCode` where a code does not read back."""
    pdf = a4_document(title=printable(sheet.title), language=language)
    pdf.set_margins(_MARGIN_MM, _MARGIN_MM)
    pdf.add_page()
    pdf.c_margin = 0
    pdf.set_y(_MARGIN_MM)
    _text(pdf, sheet.title, size=22, bold=True, after=3)
    for number, step in enumerate(sheet.steps, start=1):
        _text(pdf, f"{number}.  {step}", size=11.5, after=1)
    _self_test(pdf, sheet.self_test)
    _heading(pdf, sheet.maker)
    _text(pdf, sheet.orders_note, size=10, ink=_SOFT, after=4)
    _orders(pdf, sheet.orders)
    _heading(pdf, sheet.others)
    _text(pdf, sheet.others_note, size=10, ink=_SOFT, after=2)
    for maker, chapters in sheet.booklets:
        _ink(pdf, 10, bold=True)
        pdf.cell(_MAKER_MM, 5.5, printable(maker))
        _ink(pdf, 10)
        pdf.cell(_WIDE_MM - _MAKER_MM, 5.5, printable(chapters), new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def _self_test(pdf: FPDF, text: str) -> None:
    height = round(_TEST_HEIGHT_MM * SHEET_DPI / MM)
    code = codes.draw(Symbology.GS1_128, text, dpi=SHEET_DPI, dots=_TEST_DOTS, height=height)
    y = pdf.get_y() + 5
    _bars(pdf, code, (WIDTH_MM - _mm(code.width)) / 2, y)
    pdf.set_y(y + _TEST_HEIGHT_MM + 1)
    _text(pdf, text, size=9, ink=_SOFT, align="C", after=2)


def _orders(pdf: FPDF, orders: tuple[Order, ...]) -> None:
    height = round(_HEIGHT_MM * SHEET_DPI / MM)
    top, wide = pdf.get_y(), _WIDE_MM / _COLUMNS
    for n, order in enumerate(orders):
        x, y = _MARGIN_MM + n % _COLUMNS * wide, top + n // _COLUMNS * _ROW_MM
        code = codes.draw(
            Symbology.CODE_128, order.command, dpi=SHEET_DPI, height=height, for_reader=True
        )
        pdf.set_xy(x, y)
        _ink(pdf, 11, bold=True)
        pdf.cell(wide, 6, printable(order.does))
        # The white before the first bar stands left of the words.
        _bars(pdf, code, x - _mm(code.quiet[0] * code.dots), y + 7)
        pdf.set_xy(x, y + 8 + _HEIGHT_MM)
        _ink(pdf, 8.5, ink=_SOFT)
        pdf.cell(wide, 4, printable(order.command))
    pdf.set_y(top + -(-len(orders) // _COLUMNS) * _ROW_MM)


def _bars(pdf: FPDF, code: Code, x: float, y: float) -> None:
    """A code as the very dots that were read back, on the dots of the printer."""
    picture = BytesIO()
    checked_image(code).convert("1").save(picture, "PNG")
    x, y = (round(n * SHEET_DPI / MM) * MM / SHEET_DPI for n in (x, y))
    pdf.image(picture, x, y, _mm(code.width), _mm(code.height))


def _mm(dots: int) -> float:
    return dots * MM / SHEET_DPI


def _heading(pdf: FPDF, text: str) -> None:
    pdf.ln(2)
    pdf.set_draw_color(*_RULE)
    pdf.line(_MARGIN_MM, pdf.get_y(), _MARGIN_MM + _WIDE_MM, pdf.get_y())
    pdf.ln(3)
    _text(pdf, text, size=14, bold=True, ink=_TEAL, after=1)


def _ink(pdf: FPDF, size: float, *, bold: bool = False, ink: tuple[int, int, int] = _INK) -> None:
    pdf.set_font(FAMILY, "B" if bold else "", size)
    pdf.set_text_color(*ink)


def _text(
    pdf: FPDF,
    text: str,
    *,
    size: float,
    bold: bool = False,
    ink: tuple[int, int, int] = _INK,
    align: str = "L",
    after: float = 0,
) -> None:
    _ink(pdf, size, bold=bold, ink=ink)
    line_mm = size * 0.48
    pdf.set_x(_MARGIN_MM)
    pdf.multi_cell(_WIDE_MM, line_mm, printable(text), align=align, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(after)
