"""The house font: how wide words are, how they break, and their outlines.

Measured by FreeType through Pillow, so that what is arranged for a picture, a PDF or an SVG is the same.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont
    from PIL.ImageFont import FreeTypeFont

FONTS: Final = Path(__file__).parent / "fonts"

POINT: Final = 25.4 / 72
"""Millimetres."""
LINE: Final = 1.2
"""From one baseline to the next, in sizes of the letters."""
ASCENT: Final = 0.95
"""From the top of a line to its baseline, in sizes of the letters: the font's own."""

_UNITS: Final = 1000  # at which widths are measured: fine enough for any size
_DOTS: Final = "…"

# The font has no narrow no-break space; a wide one does not break a line either.
_SAME: Final = str.maketrans({"\u202f": "\u00a0", "\u2011": "-"})


@dataclass(frozen=True, slots=True)
class Fitted:
    """Text in lines at a size in points."""

    lines: tuple[str, ...]
    points: float

    @property
    def height(self) -> float:
        """Millimetres."""
        return len(self.lines) * self.points * POINT * LINE


def font_file(*, bold: bool) -> Path:
    """The house font."""
    return FONTS / f"AtkinsonHyperlegible-{'Bold' if bold else 'Regular'}.ttf"


def printable(text: str) -> str:
    """`text` in characters that the font has, as far as they have a twin in it."""
    return text.translate(_SAME)


@lru_cache(maxsize=64)
def sized(points: float, *, bold: bool) -> FreeTypeFont:
    """The font with letters of so many pixels."""
    from PIL import ImageFont

    basic = ImageFont.Layout.BASIC
    return ImageFont.truetype(font_file(bold=bold), points, layout_engine=basic)


def width(text: str, points: float, *, bold: bool) -> float:
    """Millimetres."""
    return sized(_UNITS, bold=bold).getlength(text) / _UNITS * points * POINT


def known(text: str) -> str:
    """`text` in the font's letters: accents it lacks are dropped, letters it lacks left out."""
    letters = []
    for letter in unicodedata.normalize("NFC", printable(text)):
        plain = letter if ord(letter) in _cmap() else unicodedata.normalize("NFD", letter)[0]
        letters.append(plain if ord(plain) in _cmap() else "")
    return "".join(letters).strip()


def fitted(
    text: str, *, wide: float, high: float, sizes: tuple[float, ...], lines: int, bold: bool
) -> Fitted:
    """The largest of `sizes` (points, falling) at which `text` fits into `wide` × `high` mm and so many lines.

    Where none is small enough, the smallest, ending in dots: a label is never left unprinted for a long name.
    """
    for points in sizes:
        found = Fitted(tuple(_broken(text, wide, points, bold)), points)
        if len(found.lines) <= lines and found.height <= high + 0.01:
            return found
    smallest = sizes[-1]
    room = max(1, min(lines, int((high + 0.01) / (smallest * POINT * LINE))))
    kept = _broken(text, wide, smallest, bold)
    if len(kept) > room:
        kept = [*kept[: room - 1], _ended(kept[room - 1], wide, smallest, bold)]
    return Fitted(tuple(kept), smallest)


def fitted_exactly(
    text: str, *, wide: float, high: float, sizes: tuple[float, ...], lines: int, bold: bool
) -> Fitted | None:
    """`text` letter by letter at the largest of `sizes` at which it fits; lines end wherever they are full, with no
    hyphen, but not at a space, which nobody would see. None where it does not fit, or the font lacks a letter."""
    text = unicodedata.normalize("NFC", text)
    if known(text) != text:
        return None
    for points in sizes:
        found = Fitted(tuple(_filled(text, wide, points, bold)), points)
        whole = all(line == line.strip() for line in found.lines)
        if whole and len(found.lines) <= lines and found.height <= high + 0.01:
            return found
    return None


def _filled(text: str, wide: float, points: float, bold: bool) -> list[str]:
    lines = []
    while width(text, points, bold=bold) > wide:
        ends = (n for n in range(len(text) - 1, 1, -1) if " " not in text[n - 1 : n + 1])
        end = next((n for n in ends if width(text[:n], points, bold=bold) <= wide), 1)
        lines.append(text[:end])
        text = text[end:]
    return [*lines, text]


def _broken(text: str, wide: float, points: float, bold: bool) -> list[str]:
    """In lines; a word wider than a line, as Dutch makes them, is broken with a hyphen."""
    lines = [""]
    for word in filter(None, text.split(" ")):  # not at a no-break space
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, points, bold=bold) <= wide:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        while width(word, points, bold=bold) > wide and len(word) > 2:
            head = next(
                n
                for n in range(len(word) - 1, 0, -1)
                if n == 1 or width(word[:n] + "-", points, bold=bold) <= wide
            )
            lines[-1] = word[:head] + "-"
            lines.append("")
            word = word[head:]
        lines[-1] = word
    return lines


def _ended(line: str, wide: float, points: float, bold: bool) -> str:
    while line and width(line + _DOTS, points, bold=bold) > wide:
        line = line[:-1]
    return line.rstrip() + _DOTS


@lru_cache(maxsize=2)
def _opened(*, bold: bool) -> TTFont:
    from fontTools.ttLib import TTFont

    return TTFont(font_file(bold=bold), lazy=True)


@lru_cache(maxsize=1)
def _cmap() -> dict[int, str]:
    found: dict[int, str] = _opened(bold=True).getBestCmap()
    return found


def outline(text: str, *, bold: bool) -> tuple[str, int]:
    """`text` as the data of an SVG path standing on the line y = 0, and the units its letters are high.

    y grows upwards, as in fonts.
    """
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    font = _opened(bold=bold)
    glyphs, x = font.getGlyphSet(), 0
    pen = SVGPathPen(glyphs)
    for letter in text:
        name = _cmap().get(ord(letter), ".notdef")
        glyphs[name].draw(TransformPen(pen, (1, 0, 0, 1, x, 0)))
        x += glyphs[name].width
    return pen.getCommands(), font["head"].unitsPerEm
