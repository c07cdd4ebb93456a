"""Code 128 drawn for paper, and read back before anybody may print it."""

import re
from typing import Final

import zxingcpp
from barcode.codex import Code128
from PIL import Image

from labels.errors import UnreadableCode

_QUIET: Final = 10  # modules of white on both sides (ISO/IEC 15417)


def bars_path(text: str) -> tuple[int, str]:
    """`text` as Code 128 for a screen: its width in modules, quiet zones included, and the bars as the data of an SVG
    path one unit high."""
    (modules,) = Code128(text).build()
    bars = (
        f"M{_QUIET + found.start()} 0h{len(found[0])}v1h-{len(found[0])}z"
        for found in re.finditer("1+", modules)
    )
    return len(modules) + 2 * _QUIET, "".join(bars)


def bars_image(text: str, *, dots: int, height: int) -> Image.Image:
    """`text` as Code 128 in black (0) on white (255), quiet zones included, `height` dots high.

    A module is `dots` dots wide, a whole number: 3 at 203 dpi and 4 at 300 dpi read best. Raises
    `UnreadableCode` when an independent decoder reads something else than `text` in the picture.
    """
    (modules,) = Code128(text).build()
    quiet = "0" * _QUIET
    row = Image.new("L", (len(modules) + 2 * _QUIET, 1))
    row.putdata([0 if module == "1" else 255 for module in quiet + modules + quiet])
    image = row.resize((row.width * dots, height), Image.Resampling.NEAREST)
    if [found.text for found in zxingcpp.read_barcodes(image)] != [text]:
        raise UnreadableCode
    return image
