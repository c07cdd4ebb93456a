"""Codes to be printed: one value, one way to draw it, whatever the symbology.

A code is judged before it is drawn, drawn in whole dots of its printer with its quiet zones, and read back by
`labels.readback` before it may leave. python-barcode draws EAN-13, libzint the others
(through zxing-cpp's writer); ZXing's own decoder reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from labels import gtin as gtins
from labels.errors import (
    EmptyCode,
    TooLong,
    TooWide,
    WrongCharacter,
    WrongCheckDigit,
    WrongLength,
)
from labels.gs1 import element_string

if TYPE_CHECKING:  # the counter's own process never draws: these are loaded with the first code
    import zxingcpp
    from PIL import Image


class Symbology(StrEnum):
    """What can be drawn. The names are those of the command line."""

    CODE_128 = "code128"
    EAN_13 = "ean13"
    GS1_128 = "gs1-128"
    GS1_DATAMATRIX = "gs1-datamatrix"
    QR = "qr"


LONGEST_CODE_128: Final = 80  # characters: 230 mm at two dots, more than any label
LONGEST_GS1_128: Final = (
    48  # with identifiers and separators (GS1 General Specifications, section 5.4.4)
)

RESOLUTIONS: Final = (203, 300)
"""Dots an inch: of label and receipt printers, and of office printers."""

MM: Final = 25.4


@dataclass(frozen=True, slots=True)
class _Form:
    """What a symbology asks of its drawing."""

    quiet: tuple[int, int]
    """Modules of white: to the left and the right; around on all sides for those in two dimensions."""
    dots: tuple[int, int]
    """Of a module, where nothing else is asked for, at each of `RESOLUTIONS`."""
    least: int
    """Dots of a module: fewer do not survive a print head that burns one dot too wide."""
    most: int
    """Dots of a module where there is room for more: wide enough."""
    height_mm: float = 0
    """Of the bars; 0 for those in two dimensions."""


# Quiet zones: ISO/IEC 15417 (Code 128), 15420 (EAN-13), 16022 (Data Matrix), 18004 (QR). Modules come close to a
# quarter of a millimetre for Code 128, to the nominal third for EAN-13, and to the 0.38 mm GS1 prefers for Data Matrix.
_FORMS: Final = {
    Symbology.CODE_128: _Form((10, 10), (2, 3), 2, 4, 12),
    Symbology.EAN_13: _Form((11, 7), (3, 4), 3, 4, 20),
    Symbology.GS1_128: _Form((10, 10), (2, 3), 2, 4, 13),
    Symbology.GS1_DATAMATRIX: _Form((1, 1), (3, 4), 3, 6),
    Symbology.QR: _Form((4, 4), (3, 4), 3, 6),
}


@dataclass(frozen=True, slots=True)
class Code:
    """A code that can be drawn: `draw` makes it."""

    symbology: Symbology
    text: str
    """As people write it: GS1 in brackets, an EAN-13 with its check digit."""
    says: str
    """What reads back: GS1 data without brackets, with GS between fields; else the text."""
    rows: tuple[str, ...]
    """Modules from the top, "1" dark and "0" light, without quiet zones; one row for bars."""
    quiet: tuple[int, int]
    """Modules of white left and right; above and below as well where there are several rows."""
    dots: int
    """Whole dots of a module."""
    dpi: int
    height: int
    """Dots from the top to the bottom, quiet zones included."""

    @property
    def modules(self) -> int:
        """Of its width, quiet zones included."""
        return len(self.rows[0]) + sum(self.quiet)

    @property
    def width(self) -> int:
        """In dots, quiet zones included."""
        return self.modules * self.dots

    @property
    def is_linear(self) -> bool:
        return len(self.rows) == 1


def draw(
    symbology: Symbology,
    text: str,
    *,
    dpi: int = 203,
    dots: int | None = None,
    room: int | None = None,
    height: int | None = None,
    for_reader: bool = False,
) -> Code:
    """The code of a text: Code 128 takes printable ASCII, EAN-13 12 or 13 digits, GS1 the bracketed form, QR any text.

    A module is `dots` dots wide; without it as wide as fits into `room` dots, and without that as wide as is usual at
    `dpi` (203 or 300). `height` in dots is that of bars. A Code 128 `for_reader` begins with FNC3: a
    scanner takes what it says for an order, and sends nothing (ISO/IEC 15417). Raises a `LabelError` for a text that
    makes no code (see `labels.errors`), and `TooWide`.
    """
    text, says = _judged(symbology, text)
    form = _FORMS[symbology]
    rows = _modules(symbology, text, for_reader=for_reader)
    modules = len(rows[0]) + sum(form.quiet)
    if dots is None:
        dots = form.dots[RESOLUTIONS.index(dpi)]
        if room is not None:
            dots = max(form.least, min(room // modules, form.most))
    if dots < form.least:
        raise ValueError(f"{symbology} needs {form.least} dots a module, not {dots}")
    if room is not None and modules * dots > room:
        raise TooWide(modules * dots, room)
    if not form.height_mm:
        height = (len(rows) + 2 * form.quiet[0]) * dots
    elif height is None:
        height = round(form.height_mm * dpi / MM)
    return Code(symbology, text, says, rows, form.quiet, dots, dpi, height)


def image(code: Code) -> Image.Image:
    """Black (0) on white (255), a pixel a dot, quiet zones included."""
    from PIL import Image

    size = (len(code.rows[0]), len(code.rows))
    modules = Image.frombytes("L", size, "".join(code.rows).encode().translate(_INK))
    picture = Image.new("L", (code.width, code.height), 255)
    margin = 0 if code.is_linear else code.quiet[0] * code.dots
    black = (size[0] * code.dots, code.height - 2 * margin)
    picture.paste(
        modules.resize(black, Image.Resampling.NEAREST), (code.quiet[0] * code.dots, margin)
    )
    return picture


_INK: Final = bytes.maketrans(b"01", b"\xff\x00")


def svg_path(code: Code) -> str:
    """The dark modules as the data of an SVG path, a unit a module, `code.modules` wide; bars are one unit high."""
    top = 0 if code.is_linear else code.quiet[0]
    return "".join(
        f"M{code.quiet[0] + found.start()} {top + y}h{len(found[0])}v1h-{len(found[0])}z"
        for y, row in enumerate(code.rows)
        for found in re.finditer("1+", row)
    )


def svg(code: Code) -> str:
    """A drawing of its own, as large in millimetres as it is printed at its resolution."""
    wide, high = code.width * MM / code.dpi, code.height * MM / code.dpi
    units = 1 if code.is_linear else len(code.rows) + 2 * code.quiet[0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.3f}mm" height="{high:.3f}mm" '
        f'viewBox="0 0 {code.modules} {units}" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{code.modules}v{units}H0z"/><path d="{svg_path(code)}"/></svg>\n'
    )


def _judged(symbology: Symbology, text: str) -> tuple[str, str]:
    """The text in its normal form, and what a reader sends for it."""
    if not text:
        raise EmptyCode
    if symbology is Symbology.CODE_128:
        _check_characters(text, r"[^ -~]")
        _check_length(text, LONGEST_CODE_128)
    elif symbology is Symbology.EAN_13:
        text = _ean_13(text)
    elif symbology is Symbology.QR:
        # Halves of characters are no text; a mark of the order of bytes is taken off by whoever reads.
        _check_characters(text, "^\ufeff|[\ud800-\udfff]")
    else:
        elements = element_string(text)
        if symbology is Symbology.GS1_128:
            _check_length(elements.data, LONGEST_GS1_128)
        return elements.bracketed, elements.data
    return text, text


def _check_characters(text: str, wrong: str) -> None:
    found = re.search(wrong, text)
    if found:
        raise WrongCharacter(found[0], found.start() + 1)


def _check_length(text: str, limit: int) -> None:
    if len(text) > limit:
        raise TooLong(len(text), limit)


def _ean_13(text: str) -> str:
    """Thirteen digits; a twelfth is given its check digit."""
    _check_characters(text, "[^0-9]")
    if len(text) == 12:
        return text + str(gtins.check_digit(text))
    if len(text) != 13:
        raise WrongLength(len(text))
    if not gtins.has_valid_check(text):
        raise WrongCheckDigit(text, str(gtins.check_digit(text[:-1])))
    return text


def _modules(symbology: Symbology, text: str, *, for_reader: bool) -> tuple[str, ...]:
    """The bare symbol. Raises `TooLong` where the text does not fit into the largest one."""
    from PIL import Image

    if symbology is Symbology.EAN_13:
        return _ean_13_modules(text)
    try:
        symbol = _symbol(symbology, text, for_reader=for_reader)
    except ValueError:  # of judged text, libzint refuses only what is too long
        raise TooLong(len(text), None) from None
    picture = Image.fromarray(symbol.to_image(scale=1, add_quiet_zones=False))
    wide = picture.width
    flat = picture.point(lambda grey: 48 if grey else 49).tobytes().decode()  # "0" and "1"
    if symbology in (Symbology.GS1_DATAMATRIX, Symbology.QR):
        return tuple(flat[at : at + wide] for at in range(0, len(flat), wide))
    return (flat[:wide],)


def _ean_13_modules(digits: str) -> tuple[str, ...]:
    from barcode.ean import EuropeanArticleNumber13

    return tuple(EuropeanArticleNumber13(digits).build())


def _symbol(symbology: Symbology, text: str, *, for_reader: bool) -> zxingcpp.Barcode:
    import zxingcpp

    match symbology:
        case Symbology.CODE_128:
            return zxingcpp.create_barcode(text, zxingcpp.Code128, reader_init=for_reader)
        case Symbology.GS1_128:
            return zxingcpp.create_barcode(text, zxingcpp.Code128, gs1=True)
        case Symbology.GS1_DATAMATRIX:
            return zxingcpp.create_barcode(text, zxingcpp.DataMatrix, gs1=True, force_square=True)
        case _:
            # A QR code. Told to be UTF-8 where it is not plain ASCII: telephones know few other character sets.
            encoding = {} if text.isascii() else {"eci": "UTF-8"}
            return zxingcpp.create_barcode(text, zxingcpp.QRCode, ec_level="M", **encoding)
