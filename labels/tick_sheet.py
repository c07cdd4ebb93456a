"""The tick sheet: an evening on paper, where there is no current, no screen or no hand free.

One box a piece, in fives, big enough for gloves and a biro; a space for many at once; a box for the total, from which
the evening is typed in. The words and the order are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
from fpdf import FPDF

from labels.a4 import FAMILY, HEIGHT_MM, WIDTH_MM, a4_document
from labels.letters import printable


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to count. `drawing` is a path on a square of 24; without `lines` of boxes there is room to write."""

    label: str
    drawing: str | None = None
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TickSheet:
    """What is on the sheet. Without `day` there is a space to write one in."""

    title: str
    place: str
    hint: str
    day_label: str
    day: str | None
    page_label: str
    more_label: str
    total_label: str
    language: str
    sections: tuple[Section, ...]


def tick_sheet_pdf(sheet: TickSheet) -> bytes:
    """A PDF of one side of A4 where the rows fit on it, else of numbered pages of equal rows."""
    pdf = a4_document(title=f"{sheet.title} · {sheet.place}", language=sheet.language)
    pdf.c_margin = 0
    scale, pages = min(_laid_out(sheet), _laid_out(_lean(sheet)), key=_sides)
    for number, parts in enumerate(pages, 1):
        pdf.add_page()
        _head(pdf, sheet, number, len(pages))
        y = SIZES.top
        for part in parts:
            height = _height(part) * scale
            if isinstance(part, Row):
                _row(pdf, part, y, height)
            else:
                _heading(pdf, sheet, part, y, height)
            y += height
    return bytes(pdf.output())


class Sizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The layout of the sheet (`tick_sheet.toml`), in millimetres."""

    margin: float
    top: float
    symbol: float
    name: float
    groups: int
    box: float
    group_gap: float
    more: float
    total: float
    line: float
    heading: float
    largest: float


SIZES: Final = msgspec.toml.decode(
    Path(__file__).with_suffix(".toml").read_text("utf-8"), type=Sizes
)
ROOM: Final = HEIGHT_MM - SIZES.margin - SIZES.top
STEPS: Final = 50
"""In which rows grow to their largest."""

_BOXES_AT: Final = SIZES.margin + SIZES.symbol + SIZES.name + 2
_TOTAL_AT: Final = WIDTH_MM - SIZES.margin - SIZES.total
_MORE_AT: Final = _TOTAL_AT - SIZES.more - 1.5

INK: Final = (18, 32, 43)
SOFT: Final = (81, 98, 111)
RULE: Final = (190, 199, 205)
BOX: Final = (110, 125, 136)

Part = Row | str
"""A row, or the heading of the section it belongs to."""


Layout = tuple[float, list[list[Part]]]
"""How much higher than the least the rows are, and the pages."""


def _sides(layout: Layout) -> bool:
    """One side of paper is worth a line of boxes; beyond that, boxes are."""
    return len(layout[1]) > 1


def _lean(sheet: TickSheet) -> TickSheet:
    """With one line of boxes at most."""

    def lean(section: Section) -> Section:
        return replace(section, rows=tuple(replace(r, lines=min(r.lines, 1)) for r in section.rows))

    return replace(sheet, sections=tuple(map(lean, sheet.sections)))


def _laid_out(sheet: TickSheet) -> Layout:
    """As few pages as there can be, then rows as high as these allow."""
    fewest = _pages(sheet, 1)
    for step in range(STEPS, 0, -1):
        scale = 1 + (SIZES.largest - 1) * step / STEPS
        pages = _pages(sheet, scale)
        if len(pages) == len(fewest):
            return scale, pages
    return 1, fewest


def _pages(sheet: TickSheet, scale: float) -> list[list[Part]]:
    pages: list[list[Part]] = [[]]
    left = ROOM
    for heading, row, opens in _rows(sheet):
        needed = (_height(row) + (SIZES.heading if opens else 0)) * scale
        if needed > left and pages[-1]:
            pages.append([])
            left, opens = ROOM, True  # the heading again: a page is read by itself
            needed = (_height(row) + SIZES.heading) * scale
        pages[-1] += [heading, row] if opens else [row]
        left -= needed
    return pages


def _rows(sheet: TickSheet) -> Iterator[tuple[str, Row, bool]]:
    """Each row, its section's heading, and whether it is the first of its section."""
    for section in sheet.sections:
        for n, row in enumerate(section.rows):
            yield section.heading, row, n == 0


def _height(part: Part) -> float:
    return SIZES.heading if isinstance(part, str) else SIZES.line * max(part.lines, 1)


# Drawing


def _head(pdf: FPDF, sheet: TickSheet, number: int, pages: int) -> None:
    wide = WIDTH_MM - 2 * SIZES.margin
    _text(pdf, SIZES.margin, 8, 118, 9, sheet.place, size=20, bold=True)
    _text(pdf, SIZES.margin, 16.5, 118, 5, sheet.title, size=12, colour=SOFT)
    _text(pdf, 130, 9, 19, 9, sheet.day_label, size=12, align="R")
    _day(pdf, sheet.day)
    if pages > 1:
        page = f"{sheet.page_label} {number}/{pages}"
        _text(pdf, 152, 17.5, 48, 5, page, size=11, bold=True, align="R")
    _text(pdf, SIZES.margin, 22.5, wide, 5, sheet.hint, size=10)


def _day(pdf: FPDF, day: str | None) -> None:
    """Day, month and year to be written by hand, or the day it is for."""
    if day is not None:
        _text(pdf, 152, 9, 48, 9, day, size=14, bold=True, align="R")
        return
    ends = (152.0, 165.0, 168.0, 181.0, 184.0, 200.0)
    pdf.set_draw_color(*INK)
    pdf.set_line_width(0.4)
    for left, right in zip(ends[::2], ends[1::2], strict=True):
        pdf.line(left, 17, right, 17)
    for left, right in list(pairwise(ends))[1::2]:
        _text(pdf, left, 9, right - left, 9, "/", size=12, align="C")


def _heading(pdf: FPDF, sheet: TickSheet, heading: str, y: float, height: float) -> None:
    at, tall = y + height - SIZES.heading, SIZES.heading
    _text(pdf, SIZES.margin, at, 120, tall, heading, size=12, bold=True)
    _text(pdf, _MORE_AT, at, SIZES.more, tall, sheet.more_label, size=9, colour=SOFT, align="C")
    _text(pdf, _TOTAL_AT, at, SIZES.total, tall, sheet.total_label, size=9, colour=SOFT, align="C")
    _rule(pdf, y + height)


def _row(pdf: FPDF, row: Row, y: float, height: float) -> None:
    if row.drawing is not None:
        _symbol(pdf, row.drawing, y + height / 2)
    _label(pdf, row.label, y, height)
    each = height / max(row.lines, 1)
    for line in range(row.lines):
        _boxes(pdf, y + line * each, each)
    if row.lines:
        _write_here(pdf, _MORE_AT, SIZES.more, y, height)
    else:
        _write_here(pdf, _BOXES_AT, _MORE_AT + SIZES.more - _BOXES_AT, y, height)
    pdf.set_draw_color(*INK)
    pdf.set_line_width(0.55)
    pdf.rect(_TOTAL_AT, y + 0.5, SIZES.total, height - 1)
    _rule(pdf, y + height)


def _label(pdf: FPDF, label: str, y: float, height: float) -> None:
    """On one line where it fits, else on two of smaller letters."""
    left, size = SIZES.margin + SIZES.symbol + 1.5, 10.5
    pdf.set_font(FAMILY, size=size)
    if pdf.get_string_width(printable(label)) <= SIZES.name - 2:
        _text(pdf, left, y, SIZES.name, height, label, size=size)
        return
    size, line = 9.0, 3.3
    pdf.set_font(FAMILY, size=size)
    lines: Any = pdf.multi_cell(
        SIZES.name - 1, line, printable(label), dry_run=True, output="LINES"
    )
    top = y + (height - line * len(lines[:2])) / 2
    for n, text in enumerate(lines[:2]):
        _text(pdf, left, top + n * line, SIZES.name - 1, line, text, size=size)


def _boxes(pdf: FPDF, y: float, height: float) -> None:
    top, tall = y + 0.5, height - 1
    pdf.set_draw_color(*BOX)
    pdf.set_line_width(0.3)
    for group in range(SIZES.groups):
        left = _BOXES_AT + group * (5 * SIZES.box + SIZES.group_gap)
        pdf.rect(left, top, 5 * SIZES.box, tall)
        for n in range(1, 5):
            pdf.line(left + n * SIZES.box, top, left + n * SIZES.box, top + tall)


def _write_here(pdf: FPDF, left: float, width: float, y: float, height: float) -> None:
    pdf.set_draw_color(*BOX)
    pdf.set_line_width(0.3)
    pdf.set_dash_pattern(dash=0.6, gap=1)
    pdf.line(left, y + height - 1.7, left + width, y + height - 1.7)
    pdf.set_dash_pattern()


def _symbol(pdf: FPDF, drawing: str, middle: float) -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24">'
        f'<path d="{drawing}" fill="none" stroke="#12202b" stroke-width="1.5" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    pdf.image(
        BytesIO(svg.encode()),
        SIZES.margin,
        middle - SIZES.symbol / 2 + 0.3,
        SIZES.symbol - 0.6,
        SIZES.symbol - 0.6,
    )


def _rule(pdf: FPDF, y: float) -> None:
    pdf.set_draw_color(*RULE)
    pdf.set_line_width(0.2)
    pdf.line(SIZES.margin, y, WIDTH_MM - SIZES.margin, y)


def _text(
    pdf: FPDF,
    x: float,
    y: float,
    width: float,
    height: float,
    text: str,
    *,
    size: float,
    bold: bool = False,
    colour: tuple[int, int, int] = INK,
    align: str = "L",
) -> None:
    """One line in a box; letters shrink rather than leave it."""
    words = printable(text)
    pdf.set_text_color(*colour)
    pdf.set_font(FAMILY, "B" if bold else "", size)
    wide = pdf.get_string_width(words)
    if wide > width:
        pdf.set_font_size(size * width / wide)
    pdf.set_xy(x, y)
    pdf.cell(width, height, words, align=align)
