"""Lines of a receipt as dots, for letters that the printer has not: in the house font, with the joins and the direction
of their script.

Each piece of text stands in the columns that the printer's own letters would fill: names begin where the names above
them begin, figures end where the figures above them end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from labels.alphabet import NO_BREAK, UNKNOWN
from labels.layout import Row
from labels.letters import FONTS, font_file

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

COLUMN: Final = 12
"""Dots that a letter of a receipt printer is wide."""
PITCH: Final = 30
"""Dots from one line to the next, as printers do it unless told otherwise."""

_BASELINE: Final = 22
_INDENT: Final = 4
"""Columns; what begins further from the left and ends at the right edge belongs there."""
_SMALLEST: Final = 12
_PIECE: Final = re.compile(r"[^ ]+(?: [^ ]+)*")


@dataclass(frozen=True, slots=True)
class _Face:
    """A font in two weights, and the dots its letters are high where there is room."""

    regular: Path
    bold: Path
    size: int

    def file(self, *, bold: bool) -> Path:
        return self.bold if bold else self.regular


_CHINESE: Final = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
)
"""Debian's packages fonts-wqy-microhei and fonts-noto-cjk: too large to bring along."""


@lru_cache(maxsize=1)
def _faces() -> tuple[_Face, ...]:
    """The house font, one for the scripts it lacks, and those of the machine."""
    wide = _Face(FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf", 22)
    found = [Path(file) for file in _CHINESE if Path(file).exists()]
    house = _Face(font_file(bold=False), font_file(bold=True), 24)
    return (house, wide, *(_Face(file, file, 22) for file in found))


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words without a gap between them; `left` and `right` are the dots it may fill."""

    text: str
    left: int
    right: int
    at_right: bool


def rows_image(rows: Sequence[Row], columns: int) -> Image:
    """The rows as a picture of one bit, as wide as so many columns of the printer's letters."""
    from PIL import Image

    picture = Image.new("1", (columns * COLUMN, len(rows) * PITCH), 1)
    for number, row in enumerate(rows):
        for piece in _pieces(row.text, columns):
            picture.paste(_drawn(piece, bold=row.bold), (piece.left, number * PITCH))
    return picture


def _drawn(piece: _Piece, *, bold: bool) -> Image:
    """In its own place, so that it never runs over a figure."""
    from PIL import Image, ImageDraw

    picture = Image.new("1", (piece.right - piece.left, PITCH), 1)
    draw = ImageDraw.Draw(picture)
    draw.fontmode = "1"  # whole dots: a head knows no grey
    at, anchor = ((picture.width, _BASELINE), "rs") if piece.at_right else ((0, _BASELINE), "ls")
    draw.text(at, piece.text, fill=0, font=_fitting(piece, bold=bold), anchor=anchor)
    return picture


def is_right_to_left(text: str) -> bool:
    """Whether any of it is written from right to left."""
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


@lru_cache(maxsize=1)
def shapes() -> bool:
    """Whether this machine can join and turn letters: Pillow brings all of it but libfribidi0."""
    from PIL import features

    return bool(features.check("raqm"))


def _pieces(text: str, columns: int) -> Iterator[_Piece]:
    """A gap belongs to what stands before it, but for a column that figures may need: letters differ in width here."""
    found = list(_PIECE.finditer(text))
    for n, one in enumerate(found):
        first, last = n == 0, n + 1 == len(found)
        at_right = not first or (one.end() == columns and one.start() > _INDENT)
        left = max(0, one.start() - at_right)
        right = one.end() if at_right else columns if last else found[n + 1].start() - 2
        words = _drawable(one.group().replace(NO_BREAK, " "))
        yield _Piece(words, left * COLUMN, right * COLUMN, at_right)


def _drawable(text: str) -> str:
    if shapes() or not is_right_to_left(text):
        return text
    return "".join(UNKNOWN if is_right_to_left(letter) else letter for letter in text)


def _fitting(piece: _Piece, *, bold: bool) -> FreeTypeFont:
    """The face that has most of its letters, as large as there is room."""
    face = max(_faces(), key=lambda one: sum(ord(letter) in _has(one) for letter in piece.text))
    for size in range(face.size, _SMALLEST, -1):
        font = _font(face.file(bold=bold), size)
        if font.getlength(piece.text) <= piece.right - piece.left:
            return font
    return _font(face.file(bold=bold), _SMALLEST)


@lru_cache(maxsize=64)
def _font(file: Path, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(file, size)  # shaped wherever this machine can


@lru_cache(maxsize=8)
def _has(face: _Face) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(face.regular, lazy=True, fontNumber=0) as font:
        return frozenset(font.getBestCmap())
