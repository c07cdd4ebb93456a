"""A receipt: what counts first, figures aligned right, no ornament.

The words come ready and translated; this module knows how they stand on paper, and nothing of
what they count. The same layout makes the text on a terminal and the lines on paper.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from labels.alphabet import NO_BREAK, clean
from labels.errors import PaperTooNarrow
from labels.layout import NARROWEST, Row, figure_width, figures, heads, spread, wrap


class Paper(IntEnum):
    """The width of a roll, in millimetres."""

    NARROW = 58
    WIDE = 80

    @property
    def columns(self) -> int:
        """Characters on a line."""
        return 32 if self is Paper.NARROW else 42

    @property
    def dots(self) -> int:
        """Printable width in dots at 203 dpi (TM-T88: 512 on 80 mm)."""
        return 384 if self is Paper.NARROW else 512


@dataclass(frozen=True, slots=True)
class Line:
    """A label with one or two figures, already formatted; `indent` counts steps of two columns."""

    label: str
    value: str = ""
    second_value: str | None = None
    indent: int = 0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Lines between two rules, under an optional heading with heads for the columns of figures.

    There are two columns of figures as soon as anything speaks of the second.
    """

    heading: str = ""
    lines: tuple[Line, ...] = ()
    value_heading: str = ""
    second_heading: str = ""

    @property
    def figures(self) -> int:
        """How many columns of figures the section has: 1 or 2."""
        second = any(line.second_value is not None for line in self.lines)
        return 2 if second or self.second_heading else 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that a receipt says.

    `stamp` stands above everything. `title` and `date_line` share the first line, `subtitle` and
    `subtitle_right` the second, where they fit. `notes` follow the sections; `qr` is drawn as a
    code on paper; `footer` comes last, at the right edge.
    """

    title: str
    date_line: str = ""
    sections: tuple[Section, ...] = ()
    subtitle: str = ""
    subtitle_right: str = ""
    notes: tuple[str, ...] = ()
    qr: str | None = None
    footer: tuple[str, ...] = ()
    stamp: str = ""


def receipt_text(receipt: Receipt, columns: int = Paper.WIDE.columns) -> str:
    """The receipt as lines of at most `columns` (20 or more) characters, without its QR code.

    No control character is left but the line ends.
    """
    plain = rewritten(receipt, clean)
    rows = body(plain, columns) + foot(plain, columns)
    return "".join(row.text.replace(NO_BREAK, " ") + "\n" for row in rows)


def body(receipt: Receipt, columns: int) -> list[Row]:
    """The lines above the QR code: head, sections and notes. The words must be clean. Raises `PaperTooNarrow`."""
    if columns < NARROWEST:
        raise PaperTooNarrow(columns)
    rows = [Row(f" {receipt.stamp} ".center(columns, "*"), True)] if receipt.stamp else []
    rows += spread(receipt.title, receipt.date_line, columns, bold=True)
    rows += spread(receipt.subtitle, receipt.subtitle_right, columns)
    for section in receipt.sections:
        rows += [_rule(columns), *_section(section, columns)]
    if receipt.notes:
        rows.append(_rule(columns))
    return rows + [Row(line) for note in receipt.notes for line in wrap(note, columns)]


def foot(receipt: Receipt, columns: int) -> list[Row]:
    """The lines beneath the QR code. The words must be clean."""
    return [Row(line.rjust(columns)) for text in receipt.footer for line in wrap(text, columns)]


def rewritten(receipt: Receipt, rewrite: Callable[[str], str]) -> Receipt:
    """The same receipt with every word passed through `rewrite`; the QR code keeps its text."""

    def line(old: Line) -> Line:
        second = None if old.second_value is None else rewrite(old.second_value)
        return replace(old, label=rewrite(old.label), value=rewrite(old.value), second_value=second)

    def section(old: Section) -> Section:
        return replace(
            old,
            heading=rewrite(old.heading),
            lines=tuple(map(line, old.lines)),
            value_heading=rewrite(old.value_heading),
            second_heading=rewrite(old.second_heading),
        )

    return replace(
        receipt,
        stamp=rewrite(receipt.stamp),
        title=rewrite(receipt.title),
        date_line=rewrite(receipt.date_line),
        sections=tuple(map(section, receipt.sections)),
        subtitle=rewrite(receipt.subtitle),
        subtitle_right=rewrite(receipt.subtitle_right),
        notes=tuple(map(rewrite, receipt.notes)),
        footer=tuple(map(rewrite, receipt.footer)),
    )


def _rule(columns: int) -> Row:
    return Row("-" * columns)


def _section(section: Section, columns: int) -> list[Row]:
    """The heading and the lines, the figures of all of them in the same columns."""
    count = section.figures
    headings = [section.value_heading, section.second_heading][:count]
    # On narrow paper the names of articles need the room more than the headings do.
    roomy = columns > Paper.NARROW.columns
    cells = [word for heading in headings for word in heading.split() if roomy]
    for line in section.lines:
        cells += [line.value, line.second_value or ""]
    width = figure_width(cells, count, columns)
    rows = []
    if section.heading or any(headings):
        rows += [Row(text, True) for text in heads(section.heading, headings, columns, width)]
    for line in section.lines:
        beside = [line.value, line.second_value or ""][:count]
        texts = figures(line.label, beside, columns, width, indent=line.indent)
        rows += [Row(text, line.bold) for text in texts]
    return rows
