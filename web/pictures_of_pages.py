"""Files with codes on them, as pictures of their pages."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from inventory.errors import ComptoirError
from inventory.messages import Message

PAGE_DPI = 300
"""At which pages of a PDF are looked at."""

_TIMEOUT_S = 120


class NotAPicture(ComptoirError):
    """Neither a picture nor a PDF, or a damaged one."""

    code = "not_a_picture"


def pages_of(file: Path) -> Iterator[Image.Image]:
    """In shades of grey on white, one after the other. Raises `NotAPicture`."""
    try:
        data = file.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise NotAPicture(
            Message("“%(file)s” cannot be read: %(why)s.", file=str(file), why=why)
        ) from error
    if data.startswith(b"%PDF"):
        yield from _pdf_pages(file)
    else:
        yield _picture(data, file)


def _picture(data: bytes, file: Path) -> Image.Image:
    try:
        with Image.open(BytesIO(data)) as picture:
            ink = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise _not_read(file) from error
    paper = Image.new("RGBA", ink.size, "white")  # what is transparent is not black
    return Image.alpha_composite(paper, ink).convert("L")


def _not_read(file: Path) -> NotAPicture:
    return NotAPicture(
        Message(
            "“%(file)s” is not read here: only pictures (PNG, JPEG, GIF, BMP, TIFF, WebP) and PDF are, and whole ones; "
            "SVG and ESC/POS are not.",
            file=str(file),
        )
    )


def _pdf_pages(file: Path) -> Iterator[Image.Image]:
    """By poppler, which most systems have."""
    program = shutil.which("pdftoppm")
    if program is None:
        raise NotAPicture(Message("Pages of a PDF are read with pdftoppm: install poppler-utils."))
    with tempfile.TemporaryDirectory() as folder:
        order = [program, "-r", str(PAGE_DPI), "-gray", str(file), f"{folder}/page"]
        done = subprocess.run(order, capture_output=True, timeout=_TIMEOUT_S, check=False)
        if done.returncode:
            raise _not_read(file)
        for page in sorted(Path(folder).iterdir()):  # numbered with as many zeros as needed
            with Image.open(page) as picture:
                yield picture.convert("L")
