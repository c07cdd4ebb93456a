"""Codes read back from the very picture that will be printed, a little worn on purpose, before it may leave.

The wear is always the same, wherever a code stands on the page, so that what passes today passes tomorrow:

- **spread**: what a hot print head, a wet ribbon or soft paper does. Every black edge goes one whole dot further, to
  the right and downwards; then edges blur by half a dot, and corners and single dots become grey.
- **fade**: a cold or worn head. The same, with white instead of black edges moving.

Codes are let out if they read under `SPREAD`, which is the crueller: it refuses an EAN-13 of two dots a module, and one
whose modules are no whole dots. Tests try both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from labels.codes import MM, RESOLUTIONS, Code, Symbology, image
from labels.elements import bracketed
from labels.errors import UnreadableCode
from labels.pictures import Photograph, black_and_white, pixels, upright

if TYPE_CHECKING:
    import zxingcpp
    from PIL import Image


_SHORTEST_ITF: Final = 6
"""Digits: ITF has neither check nor clear ends, so two of its digits are seen in any Data Matrix or QR code."""


class Wear(StrEnum):
    SPREAD = "spread"
    FADE = "fade"


@dataclass(frozen=True, slots=True)
class Found:
    """A code that was read. Its symbology is one of `Symbology`, or ZXing's name of another kind."""

    symbology: str
    text: str
    """As people write it: GS1 in brackets."""
    says: str
    """As a scanner sends it, without an identifier of the symbology."""
    content_type: str
    """Text, GS1, Binary…: what the code itself claims to hold."""
    position: tuple[tuple[int, int], ...]
    """Corners in dots: top left, top right, bottom right, bottom left."""


def decode(
    picture: Image.Image, *, only: Sequence[Symbology] = (), shrinking: bool = True
) -> list[Found]:
    """Every code in a picture; of those symbologies `only` (which is faster).

    `shrinking` looks at the picture made smaller as well: that finds codes of very large modules, but now and then
    reads an EAN-13 of ordinary ones as another besides.
    """
    import zxingcpp

    formats = zxingcpp.BarcodeFormats(_formats(only) if only else [zxingcpp.AllReadable])
    codes = zxingcpp.read_barcodes(
        picture, formats, text_mode=zxingcpp.TextMode.Plain, try_downscale=shrinking
    )
    found = (_found(code) for code in codes)
    return [one for one in found if one.symbology != "itf" or len(one.says) >= _SHORTEST_ITF]


def checked(
    picture: Image.Image,
    codes: Sequence[Code],
    *,
    layout: str | None = None,
    printer: str | None = None,
    photographs: Sequence[tuple[Photograph, float, float]] = (),
) -> Image.Image:
    """The same picture, once worn it has been read back as these codes, all of them and no others.

    Text and symbology must be right, as often as each is there. Drawings and letters make no codes of another
    symbology; `photographs` on it, each with its box in millimetres, may show any: then all are looked for, on paper
    of a fresh printer too. Raises `UnreadableCode`, which names `layout` and `printer`.
    """
    expected = [(str(code.symbology), code.says) for code in codes]
    tired = worn(picture)
    only = () if photographs else tuple({code.symbology for code in codes})
    for paper in (tired, picture) if photographs else (tired,):
        found = decode(paper, only=only, shrinking=False)
        if Counter((code.symbology, code.says) for code in found) != Counter(expected):
            seen = [(code.symbology, code.says) for code in decode(paper, shrinking=False)]
            raise UnreadableCode(expected, seen, layout=layout, printer=printer)
    shown = [said for photograph in photographs for said in said_by(*photograph)]
    if shown:
        raise UnreadableCode(expected, [*expected, *shown], layout=layout, printer=printer)
    return picture


@lru_cache(maxsize=256)
def said_by(photograph: Photograph, wide: float, high: float) -> tuple[tuple[str, str], ...]:
    """What the codes in a photograph say, as (symbology, what it says): as it is, and as it is printed in a box of so
    many millimetres: in grey by an office printer or on a screen, in specks by a thermal head."""
    dots = {dpi: (round(wide * dpi / MM), round(high * dpi / MM)) for dpi in (600, *RESOLUTIONS)}
    forms = (
        upright(photograph.data),
        *(pixels(photograph, *dots[dpi]) for dpi in (600, 300)),
        *(black_and_white(photograph, *dots[dpi]) for dpi in RESOLUTIONS),
    )
    return tuple({(code.symbology, code.says) for form in forms for code in decode(form)})


def checked_image(
    code: Code, *, layout: str | None = None, printer: str | None = None
) -> Image.Image:
    """The picture of one code, read back. Raises `UnreadableCode`."""
    return checked(image(code), [code], layout=layout, printer=printer)


_PAPER: Final = 10
"""Dots of white around: paper goes on where the picture ends."""

_CONTRAST: Final = [min(max(2 * value - 128, 0), 255) for value in range(256)]
"""Greys drawn apart around the middle, as a camera does."""


def worn(picture: Image.Image, wear: Wear = Wear.SPREAD) -> Image.Image:
    """A picture of black (0) on white (255) as a tired printer would leave it, on a little more paper."""
    from PIL import Image, ImageChops, ImageFilter

    still, moved = (
        Image.new("L", (picture.width + 2 * _PAPER, picture.height + 2 * _PAPER), 255)
        for _ in range(2)
    )
    still.paste(picture, (_PAPER, _PAPER))
    moved.paste(picture, (_PAPER + 1, _PAPER + 1))
    edges = (ImageChops.darker if wear is Wear.SPREAD else ImageChops.lighter)(still, moved)
    return edges.filter(ImageFilter.BoxBlur(0.5)).point(_CONTRAST)


def _formats(symbologies: Sequence[Symbology]) -> list[zxingcpp.BarcodeFormat]:
    import zxingcpp

    formats = {
        Symbology.CODE_128: zxingcpp.Code128,
        Symbology.EAN_13: zxingcpp.EAN13,
        Symbology.GS1_128: zxingcpp.Code128,
        Symbology.GS1_DATAMATRIX: zxingcpp.DataMatrix,
        Symbology.QR: zxingcpp.QRCode,
    }
    return sorted({formats[symbology] for symbology in symbologies})


def _found(code: zxingcpp.Barcode) -> Found:
    corners = code.position
    is_gs1 = code.content_type.name == "GS1"
    return Found(
        symbology=_symbology(code.format.name, is_gs1=is_gs1),
        text=bracketed(code.text) if is_gs1 else code.text,
        says=code.text,
        content_type=code.content_type.name,
        position=tuple(
            (corner.x, corner.y)
            for corner in (
                corners.top_left,
                corners.top_right,
                corners.bottom_right,
                corners.bottom_left,
            )
        ),
    )


_OURS: Final = {
    ("Code128", False): Symbology.CODE_128,
    ("Code128", True): Symbology.GS1_128,
    ("EAN13", False): Symbology.EAN_13,
    ("DataMatrix", True): Symbology.GS1_DATAMATRIX,
    ("QRCode", False): Symbology.QR,
}


def _symbology(format: str, *, is_gs1: bool) -> str:
    """Code 128 and GS1-128 are the same bars: the FNC1 in front makes the difference, and so for Data Matrix."""
    ours = _OURS.get((format, is_gs1))
    return str(ours) if ours else ("gs1-" if is_gs1 else "") + format.lower()
