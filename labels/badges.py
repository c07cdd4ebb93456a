"""Badges to cut out, ten on an A4 sheet: a name large enough to read, the code twice, for any scanner.

As large as a bank card (ISO/IEC 7810 ID-1), so that they fit the usual sleeves. Codes are drawn at 300 dots an inch, of
which office printers make whole dots.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from fpdf import FPDF
from fpdf.enums import MethodReturnValue
from fpdf.fonts import TTFFont
from PIL import Image

from labels.a4 import FAMILY, HEIGHT_MM, WIDTH_MM, a4_document, printable
from labels.codes import Symbology, draw
from labels.readback import checked_image

CARD_WIDTH: Final = 85.6
CARD_HEIGHT: Final = 54.0
COLUMNS: Final = 2
ROWS: Final = 5

_LEFT: Final = (WIDTH_MM - COLUMNS * CARD_WIDTH) / 2
_TOP: Final = (HEIGHT_MM - ROWS * CARD_HEIGHT) / 2
_PADDING: Final = 5.0
_DPI: Final = 300
_DOT_MM: Final = 25.4 / _DPI
_BAR_DOTS: Final = 4  # of a module: a third of a millimetre
_BAR_HEIGHT: Final = 190  # dots: 16 mm
_QR_DOTS: Final = 200  # at most: 17 mm
_NAME_PT: Final = (30, 26, 22, 18, 15)  # the largest at which the name fits
_GREY: Final = 120


@dataclass(frozen=True, slots=True)
class Badge:
    """Whose it is, and the ten digits of its in-house code."""

    name: str
    code: str


def badge_sheet(badges: Sequence[Badge], *, title: str, language: str) -> bytes:
    """A PDF of as many A4 pages as needed. Raises `UnreadableCode` where a code does not read back."""
    pdf = a4_document(title=title, language=language)
    pdf.c_margin = 0
    for number, badge in enumerate(badges):
        position = number % (COLUMNS * ROWS)
        if position == 0:
            pdf.add_page()
        row, column = divmod(position, COLUMNS)
        _card(pdf, badge, _LEFT + column * CARD_WIDTH, _TOP + row * CARD_HEIGHT)
    return bytes(pdf.output())


def _card(pdf: FPDF, badge: Badge, x: float, y: float) -> None:
    pdf.set_draw_color(_GREY)
    pdf.set_line_width(0.1)
    pdf.rect(x, y, CARD_WIDTH, CARD_HEIGHT)
    pdf.set_text_color(0)
    _name(pdf, badge.name, x + _PADDING, y + _PADDING)
    bars, qr = _pictures(badge.code)
    bottom = y + CARD_HEIGHT - _PADDING - 4
    left = x + (CARD_WIDTH - (bars.width + qr.width) * _DOT_MM) / 2
    _put(pdf, bars, left, bottom)
    _put(pdf, qr, left + bars.width * _DOT_MM, bottom)
    pdf.set_font(FAMILY, size=9)
    pdf.set_xy(left, bottom + 0.5)
    digits = f"{badge.code[:2]} {badge.code[2:8]} {badge.code[8:]}"
    pdf.cell(w=bars.width * _DOT_MM, h=4, text=digits, align="C")


def _pictures(code: str) -> tuple[Image.Image, Image.Image]:
    bars = draw(Symbology.CODE_128, code, dpi=_DPI, dots=_BAR_DOTS, height=_BAR_HEIGHT)
    qr = draw(Symbology.QR, code, dpi=_DPI, room=_QR_DOTS)
    return checked_image(bars, layout="badges"), checked_image(qr, layout="badges")


def _name(pdf: FPDF, name: str, x: float, y: float) -> None:
    """On one line or two, as large as it fits."""
    room, text = CARD_WIDTH - 2 * _PADDING, _in_letters(pdf, printable(name))
    for size in _NAME_PT:
        pdf.set_font(FAMILY, "B", size)
        height = size * 0.42
        widest_word = max(map(pdf.get_string_width, text.split()), default=0.0)
        lines = pdf.multi_cell(room, height, text, dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(lines, list)
        if widest_word <= room and len(lines) <= (1 if size > 22 else 2):
            break
    pdf.set_xy(x, y)
    pdf.multi_cell(room, height, text, align="C", max_line_height=height)


def _in_letters(pdf: FPDF, name: str) -> str:
    """A letter that the font lacks without its accents; what it lacks altogether is left out."""
    known = _cmap(pdf)
    letters = (
        letter if ord(letter) in known else unicodedata.normalize("NFD", letter)[0]
        for letter in unicodedata.normalize("NFC", name)
    )
    return "".join(letter for letter in letters if ord(letter) in known)


def _cmap(pdf: FPDF) -> Container[int]:
    pdf.set_font(FAMILY, "B")
    font = pdf.current_font
    assert isinstance(font, TTFFont)
    return font.cmap


def _put(pdf: FPDF, image: Image.Image, x: float, bottom: float) -> None:
    height = image.height * _DOT_MM
    pdf.image(image, x, bottom - height, image.width * _DOT_MM, height)
