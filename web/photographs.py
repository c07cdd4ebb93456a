"""Taking in a photograph: whatever was sent, what is kept is a small image of ours without metadata.

A phone writes into its photographs where and when they were taken, and by whom. Only the points of the image pass.
"""

from __future__ import annotations

import io
import threading

from PIL import Image, ImageOps

from inventory.errors import ComptoirError
from inventory.messages import Message

MOST_BYTES = 15 * 1024 * 1024
MOST_POINTS = 50_000_000
"""A phone's best; a file of a few bytes can claim any number, and would fill the memory."""

SIDE = 640
"""Twice what the largest picture of the counter shows."""

QUALITY = 82
SMOOTH = ("L", "LA", "RGB", "RGBA")
"""How points are written where they can be mixed; a palette cannot."""

FORMATS = ("JPEG", "PNG", "WEBP")
MIMETYPE = "image/webp"

_one_at_a_time = threading.Lock()


class NotAPhotograph(ComptoirError):
    code = "not_a_photograph"


def prepare(data: bytes) -> bytes:
    """The photograph as it is kept: WebP, upright, at most 640 points wide and high, on white, without metadata.

    Raises NotAPhotograph, which says what to do.
    """
    if len(data) > MOST_BYTES:
        raise NotAPhotograph(
            Message(
                "The photograph is larger than %(most)d MB. Take it at a lower resolution.",
                most=MOST_BYTES // 1024 // 1024,
            )
        )
    with _one_at_a_time:
        return _encoded(_upright(data))


def _upright(data: bytes) -> Image.Image:
    try:
        # Only these three: other readers of the library are larger and seldom used.
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_many_points() from None
    except Exception:  # whatever a reader stumbles over, the file is no photograph for us
        raise NotAPhotograph(
            Message("This is no photograph in JPEG, PNG or WebP. Save it as one of these.")
        ) from None
    if image.width * image.height > MOST_POINTS:
        raise _too_many_points()
    try:
        if image.mode not in SMOOTH:
            image = image.convert("RGBA")
        image.thumbnail((SIDE, SIDE))  # reads a JPEG at a fraction of its size
        return ImageOps.exif_transpose(image)
    except Exception:
        raise NotAPhotograph(
            Message("The photograph is damaged or cut short. Take or copy it again.")
        ) from None


def _encoded(image: Image.Image) -> bytes:
    layers = image.convert("RGBA")
    # A new image: nothing that came with the file comes along.
    clean = Image.new("RGB", layers.size, "white")
    clean.paste(layers, mask=layers.getchannel("A"))
    written = io.BytesIO()
    clean.save(written, "WEBP", quality=QUALITY, method=4)
    return written.getvalue()


def _too_many_points() -> NotAPhotograph:
    return NotAPhotograph(
        Message(
            "The photograph has more than %(most)d million points. Take it at a lower resolution.",
            most=MOST_POINTS // 1_000_000,
        )
    )
