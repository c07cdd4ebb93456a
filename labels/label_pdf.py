"""Labels on A4 sheets as PDF: letters as letters, codes as the very dots that were read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Final

from fpdf import FPDF

from labels import codes, pictures
from labels.a4 import FAMILY, HEIGHT_MM, WIDTH_MM, a4_document
from labels.codes import MM
from labels.errors import LabelTooLarge, NoSuchPosition, OffThePaper
from labels.formats import Sheet
from labels.label import Label, Line, Placed, Shown, Words
from labels.label_pixels import label_image

SHEET_DPI: Final = 300
"""Codes on sheets are made of dots an office printer has: its 600 or 1200 are whole multiples."""

FURTHEST: Final = 20.0
"""Millimetres by which a printer may be corrected: more is another sheet."""

_PICTURE_DPI: Final = 600


def sheet_pdf(
    labels: Iterable[tuple[Label, int]],
    sheet: Sheet,
    *,
    title: str,
    language: str,
    start: int = 1,
    offset: tuple[float, float] = (0.0, 0.0),
) -> bytes:
    """Labels, each so many times, on as many sheets as needed.

    The first goes to the position `start`, counted from 1 row by row, so that a sheet begun is used up. `offset`
    (millimetres to the right and downwards) is what the printer is out by. Raises `LabelTooLarge`, `NoSuchPosition`,
    `OffThePaper` and `UnreadableCode`.
    """
    if not 1 <= start <= sheet.count:
        raise NoSuchPosition(start, sheet.count)
    if max(map(abs, offset)) > FURTHEST:
        raise OffThePaper
    pdf = a4_document(title=title, language=language)
    pdf.set_line_width(0.1)
    position = count(start - 1)
    for label, copies in labels:
        _check_room(label, sheet)
        label_image(label, printer=sheet.title)  # read back once: every copy is of the same dots
        stamp = _stamp(label)
        for _ in range(copies):
            at = next(position)
            if at % sheet.count == 0 or not pdf.pages_count:
                pdf.add_page()
            _draw(pdf, stamp, *_corner(sheet, at % sheet.count, label, offset))
    return bytes(pdf.output())


def label_pdf(label: Label, *, title: str, language: str) -> bytes:
    """One label on a page of its own size. Raises `UnreadableCode`."""
    label_image(label)
    pdf = a4_document(title=title, language=language)
    pdf.add_page(format=(label.width, label.height))
    _draw(pdf, _stamp(label), 0, 0)
    return bytes(pdf.output())


def calibration_pdf(
    sheet: Sheet, *, title: str, language: str, offset: tuple[float, float]
) -> bytes:
    """Every label's outline and a cross in the middle of the first: laid over a sheet against the light, it shows how
    far the printer is out."""
    pdf = a4_document(title=title, language=language)
    pdf.add_page()
    pdf.set_line_width(0.1)
    for position in range(sheet.count):
        x, y = sheet.corner(position)
        pdf.rect(x + offset[0], y + offset[1], sheet.width, sheet.height)
    x, y = (sheet.corner(0)[n] + offset[n] for n in (0, 1))
    middle = (x + sheet.width / 2, y + sheet.height / 2)
    for mm in range(-5, 6):
        long = 2.0 if mm % 5 == 0 else 1.0
        pdf.line(middle[0] + mm, middle[1] - long, middle[0] + mm, middle[1] + long)
        pdf.line(middle[0] - long, middle[1] + mm, middle[0] + long, middle[1] + mm)
    return bytes(pdf.output())


def _corner(
    sheet: Sheet, position: int, label: Label, offset: tuple[float, float]
) -> tuple[float, float]:
    """Of the label in the middle of its place, as the printer is corrected. Raises `OffThePaper`."""
    x, y = sheet.corner(position)
    left = x + (sheet.width - label.width) / 2 + offset[0]
    top = y + (sheet.height - label.height) / 2 + offset[1]
    if min(left, top) < 0 or left + label.width > WIDTH_MM or top + label.height > HEIGHT_MM:
        raise OffThePaper
    return left, top


def _check_room(label: Label, sheet: Sheet) -> None:
    if label.width > sheet.width or label.height > sheet.height:
        raise LabelTooLarge(
            label.layout, (label.width, label.height), sheet.name, (sheet.width, sheet.height)
        )


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A label made ready once, however often it is printed: its pictures as files that are hashed in no time."""

    words: tuple[Words, ...]
    images: tuple[tuple[BytesIO, float, float, float, float], ...]
    lines: tuple[Line, ...]


def _stamp(label: Label) -> _Stamp:
    of = label.things
    return _Stamp(
        words=tuple(thing for thing in of if isinstance(thing, Words)),
        images=tuple(_image(t, label.dpi) for t in of if isinstance(t, Shown | Placed)),
        lines=tuple(thing for thing in of if isinstance(thing, Line)),
    )


def _image(thing: Shown | Placed, dpi: int) -> tuple[BytesIO, float, float, float, float]:
    """A PNG, and its box in millimetres."""
    out, dot = BytesIO(), MM / dpi
    if isinstance(thing, Placed):
        code = thing.code
        codes.image(code).convert("1").save(out, "PNG")
        return out, thing.column * dot, thing.row * dot, code.width * dot, code.height * dot
    size = (round(n * _PICTURE_DPI / MM) for n in (thing.width, thing.height))
    pictures.pixels(thing.picture, *size).save(out, "PNG")
    return out, thing.x, thing.y, thing.width, thing.height


def _draw(pdf: FPDF, stamp: _Stamp, x: float, y: float) -> None:
    # Codes lie on the printer's dots, wherever the label begins.
    x, y = (round(n * SHEET_DPI / MM) * MM / SHEET_DPI for n in (x, y))
    for words in stamp.words:
        pdf.set_font(FAMILY, "B" if words.bold else "", words.points)
        pdf.text(x + words.x, y + words.y, words.text)
    for image, left, top, wide, high in stamp.images:
        pdf.image(image, x + left, y + top, wide, high)
    for line in stamp.lines:
        pdf.rect(x + line.x, y + line.y, line.width, line.height)
