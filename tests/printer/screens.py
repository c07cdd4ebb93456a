"""The pictures of paper in docs/screens: `make screens` takes them from the emulator, dot by dot (as root)."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from inventory.printing import KIT_LABELS, TALLY
from labels.receipt import Paper
from tests.printer import emulator
from tests.printer.jobs import evening, sent

FOLDER = Path("docs/screens")
MARGIN = 16
"""Dots of white around the paper: heads do not reach its edges."""

PICTURES = (
    ("paper-tally-80-fr", TALLY, "wide", Paper.WIDE, "fr"),
    ("paper-kit-80-fr", KIT_LABELS, "wide", Paper.WIDE, "fr"),
    ("paper-tally-58-nl", TALLY, "narrow", Paper.NARROW, "nl"),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with evening() as database, emulator.running() as emulated:
        for name, what, printer, paper, language in PICTURES:
            data = sent(database, what, paper, language).data
            printed = emulated.print(printer, data)
            image: Image.Image = printed.papers[0].image.convert("L")
            framed = ImageOps.expand(image, MARGIN, fill=255).convert("1")
            framed.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
