"""A report on A4: a head, a few large figures, and tables of figures in two columns, over as many pages as it takes.

The words and figures come ready; this module knows how they stand on a page, and nothing of what they count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, chain
from typing import Final

from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from labels.a4 import FAMILY, HEIGHT_MM, WIDTH_MM, a4_document
from labels.letters import printable

_MARGIN_MM: Final = 17.0
_GUTTER_MM: Final = 10.0
_COLUMN_MM: Final = (WIDTH_MM - 2 * _MARGIN_MM - _GUTTER_MM) / 2
_FIGURE_MM: Final = 21.0
_FOOT_MM: Final = HEIGHT_MM - 20.0
_LINE_MM: Final = 5.6
_LEADING_MM: Final = 4.4
_SCALES: Final = (1.0, 0.94, 0.88, 0.83)
"""How high lines may stand: as high as can be without a page more."""
_LEAST_LINES: Final = 3
"""Of a table that is parted, on either side."""
_AFTER_TABLE_MM: Final = 6.0

_INK: Final = (18, 32, 43)
_SOFT: Final = (81, 98, 111)
_TEAL: Final = (11, 102, 107)
_RULE: Final = (205, 211, 214)


@dataclass(frozen=True, slots=True)
class Table:
    """`heads` say what each figure is; a row has a label and as many figures; `total` ends it."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report says. `figures` are numbers with their words; `page` is said as "page %d / %d"."""

    title: str
    place: str
    period: str
    note: str
    figures: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    printed: str
    page: str
    continued: str


def report_pdf(report: Report, *, language: str, made_at: datetime) -> bytes:
    """The report as a PDF that carries its fonts. The same report at the same moment gives the same bytes.

    As few pages as there can be; then lines as high as these allow.
    """
    title = printable(f"{report.title} · {report.place} · {report.period}")

    def laid_out(scale: float) -> FPDF:
        pdf = a4_document(title=title, language=language)
        pdf.set_creation_date(made_at)
        page = _Page(pdf, report, scale)
        page.head()
        for table in report.tables:
            page.table(table)
        page.feet()
        return pdf

    pdf = laid_out(_SCALES[0])
    if pdf.pages_count > 1:
        tightest = laid_out(_SCALES[-1])
        others = (laid_out(scale) for scale in _SCALES[1:-1])
        as_few = (
            found for found in chain((pdf,), others) if found.pages_count == tightest.pages_count
        )
        pdf = next(as_few, tightest)
    return bytes(pdf.output())


class _Page:
    """Where the next line goes: down a column, into the second one, onto a new page."""

    def __init__(self, pdf: FPDF, report: Report, scale: float) -> None:
        self.pdf, self.report, self.scale = pdf, report, scale
        self.top = self.y = 0.0
        self.column = 0
        pdf.c_margin = 0
        pdf.add_page()

    @property
    def x(self) -> float:
        return _MARGIN_MM + self.column * (_COLUMN_MM + _GUTTER_MM)

    # The head and the foot

    def head(self) -> None:
        """What, where and when; then the large figures."""
        full = WIDTH_MM - 2 * _MARGIN_MM
        self._put(_MARGIN_MM, 15, full, 11, self.report.title, size=24, bold=True)
        self._put(_MARGIN_MM, 26, full, 8, self.report.place, size=15, bold=True, ink=_TEAL)
        self._put(_MARGIN_MM, 17, full, 9, self.report.period, size=13, bold=True, align="R")
        self._put(_MARGIN_MM, 34.5, full, 6, self.report.note, size=10, ink=_SOFT)
        y = 43.0
        if self.report.figures:
            wide = full / len(self.report.figures)
            for n, (number, words) in enumerate(self.report.figures):
                x = _MARGIN_MM + n * wide
                self._put(x, y, wide, 12, number, size=28, bold=True, ink=_TEAL)
                self._put(x, y + 11.5, wide - 4, 5, words, size=9.5, ink=_SOFT)
            y += 21
        self._rule(_MARGIN_MM, y, full, _INK, 0.4)
        self.top = self.y = y + 5

    def feet(self) -> None:
        """On every page, now that it is known how many there are."""
        pages = self.pdf.pages_count
        full = WIDTH_MM - 2 * _MARGIN_MM
        for number in range(1, pages + 1):
            self.pdf.page = number
            self._font(1)  # a page that is gone back to has forgotten its font
            y = HEIGHT_MM - 14
            self._rule(_MARGIN_MM, y - 1.5, full, _RULE, 0.2)
            self._put(_MARGIN_MM, y, full, 5, self.report.printed, size=9, ink=_SOFT)
            said = self.report.page % (number, pages)
            self._put(_MARGIN_MM, y, full, 5, said, size=9, ink=_SOFT, align="R")

    # Tables

    def table(self, table: Table) -> None:
        """Whole where it fits; else in parts of at least three lines, each under its heading."""
        totals = () if table.total is None else (table.total,)
        lines = [(row, False) for row in table.rows] + [(total, True) for total in totals]
        heights = [self._height(table, row, bold) for row, bold in lines]
        done = 0
        while done < len(lines):
            count = self._that_fit(table, heights[done:])
            if count:
                self._heading(table)
                for row, bold in lines[done : done + count]:
                    self._row(table, row, bold=bold)
                if not done:
                    table = replace(table, title=f"{table.title} {self.report.continued}")
                done += count
            if done < len(lines):
                self._next_column()
        self.y += self.scale * _AFTER_TABLE_MM

    def _that_fit(self, table: Table, heights: list[float]) -> int:
        """How many of these lines to put here: none where too few would stay, or be left for elsewhere."""
        room = _FOOT_MM - self.y - self._heading_height(table)
        fit = sum(1 for below in accumulate(heights) if below <= room)
        if fit == len(heights):
            return fit
        parted = min(fit, len(heights) - _LEAST_LINES)
        if parted >= _LEAST_LINES:
            return parted
        return 0 if self.y > self.top else max(fit, 1)

    def _heading_height(self, table: Table) -> float:
        return 5.2 * len(self._title(table)) + 1.6

    def _title(self, table: Table) -> list[str]:
        """Its lines, as wide as the words over the figures leave room."""
        self._font(8.5)
        first = self.pdf.get_string_width(printable(table.heads[0])) if table.heads else _FIGURE_MM
        room = _COLUMN_MM - _FIGURE_MM * (len(table.heads) - 1) - first - 2
        self._font(11, bold=True)
        return self._wrapped(table.title, room)

    def _heading(self, table: Table) -> None:
        for line in self._title(table):
            self._put(self.x, self.y, _COLUMN_MM, 5.2, line, size=11, bold=True)
            self.y += 5.2
        for n, head in enumerate(table.heads, 1):
            x, wide, align = self._cell(n, len(table.heads) + 1)
            self._put(x, self.y - 5, wide, 5.2, head, size=8.5, ink=_SOFT, align=align)
        self._rule(self.x, self.y + 1, _COLUMN_MM, _INK, 0.25)
        self.y += 1.6

    def _height(self, table: Table, row: tuple[str, ...], bold: bool) -> float:
        more = len(self._label(row[0], table, bold=bold)) - 1
        return self.scale * (_LINE_MM + more * _LEADING_MM)

    def _row(self, table: Table, row: tuple[str, ...], *, bold: bool = False) -> None:
        """The figures stand beside the first line of the label."""
        line_mm, leading_mm = self.scale * _LINE_MM, self.scale * _LEADING_MM
        for n, line in enumerate(self._label(row[0], table, bold=bold)):
            x, wide, _ = self._cell(0, len(row))
            self._put(x, self.y + n * leading_mm, wide, line_mm, line, bold=bold)
        for n, figure in list(enumerate(row))[1:]:
            x, wide, align = self._cell(n, len(row))
            self._put(x, self.y, wide, line_mm, figure, bold=bold, align=align)
        self.y += self._height(table, row, bold)
        self._rule(self.x, self.y, _COLUMN_MM, _RULE, 0.15)

    def _label(self, text: str, table: Table, *, bold: bool = False) -> list[str]:
        self._font(10, bold=bold)
        return self._wrapped(text, _COLUMN_MM - _FIGURE_MM * len(table.heads))

    def _cell(self, n: int, count: int) -> tuple[float, float, str]:
        """Left edge, width and side of a cell: the label takes what the figures leave."""
        figures = _FIGURE_MM * (count - 1)
        if n == 0:
            return self.x, _COLUMN_MM - figures, "L"
        return self.x + _COLUMN_MM - figures + (n - 1) * _FIGURE_MM, _FIGURE_MM, "R"

    def _next_column(self) -> None:
        if self.column == 0:
            self.column = 1
        else:
            self._new_page()
        self.y = self.top

    def _new_page(self) -> None:
        """Lost from its pile, it still says what it is of."""
        self.pdf.add_page()
        full = WIDTH_MM - 2 * _MARGIN_MM
        self._put(_MARGIN_MM, 11, full, 5, self.report.place, size=9, bold=True, ink=_TEAL)
        self._put(_MARGIN_MM, 11, full, 5, self.report.period, size=9, ink=_SOFT, align="R")
        self.column, self.top = 0, _MARGIN_MM + 4

    # Marks on the page

    def _wrapped(self, text: str, wide: float) -> list[str]:
        """In the font that is set."""
        lines = self.pdf.multi_cell(
            wide, text=printable(text), dry_run=True, output=MethodReturnValue.LINES, align="L"
        )
        assert isinstance(lines, list)
        return lines or [""]

    def _font(self, size: float, *, bold: bool = False) -> None:
        self.pdf.set_font(FAMILY, "B" if bold else "", size)

    def _put(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        text: str,
        *,
        size: float = 10,
        bold: bool = False,
        ink: tuple[int, int, int] = _INK,
        align: str = "L",
    ) -> None:
        self._font(size, bold=bold)
        self.pdf.set_text_color(*ink)
        self.pdf.set_xy(x, y)
        self.pdf.cell(wide, high, printable(text), align=align)

    def _rule(
        self, x: float, y: float, wide: float, ink: tuple[int, int, int], thick: float
    ) -> None:
        self.pdf.set_draw_color(*ink)
        self.pdf.set_line_width(thick)
        self.pdf.line(x, y, x + wide, y)
