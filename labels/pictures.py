"""Pictures on labels: a photograph, or a drawing of ours on a square of 24, in black on white."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

SQUARE: Final = 24
STROKE: Final = 1.5
"""How thick the line of a drawing is, on its square of 24."""

_FINER: Final = 4  # drawn so many times larger, then reduced
_STEP: Final = 12  # straight lines a curve becomes


@dataclass(frozen=True, slots=True)
class Drawing:
    """A pictogram: the data of an SVG path, drawn with a round pen."""

    path: str


@dataclass(frozen=True, slots=True)
class Photograph:
    """A file of a format Pillow knows."""

    data: bytes


Picture = Drawing | Photograph

USE_BY: Final = Drawing("M7 3h10M7 21h10M8 3v4l8 10v4M16 3v4L8 17v4M10 20h4")
"""An hourglass: "use by" in no language (ISO 7000-2607)."""


@lru_cache(maxsize=64)
def pixels(picture: Picture, wide: int, high: int) -> Image.Image:
    """In shades of grey, `wide` × `high` dots, the whole picture in the middle of white."""
    from PIL import Image, ImageOps

    ground = Image.new("L", (wide, high), 255)
    found = (
        _drawn(picture.path, min(wide, high))
        if isinstance(picture, Drawing)
        else ImageOps.contain(upright(picture.data), (wide, high))
    )
    ground.paste(found, ((wide - found.width) // 2, (high - found.height) // 2))
    return ground


def black_and_white(picture: Picture, wide: int, high: int) -> Image.Image:
    """The same in black and white alone: drawings with clean edges, photographs in specks."""
    found = pixels(picture, wide, high)
    if isinstance(picture, Drawing):
        return found.point(lambda grey: 255 if grey > 127 else 0)
    return found.convert("1").convert("L")


def upright(data: bytes) -> Image.Image:
    """A photograph in shades of grey, upright, on white where it is transparent."""
    from io import BytesIO

    from PIL import Image, ImageOps

    with Image.open(BytesIO(data)) as opened:
        found = ImageOps.exif_transpose(opened).convert("RGBA")
    white = Image.new("RGBA", found.size, "white")
    return Image.alpha_composite(white, found).convert("L")


def _drawn(path: str, side: int) -> Image.Image:
    from PIL import Image, ImageDraw

    scale = side * _FINER / SQUARE
    large = Image.new("L", (side * _FINER, side * _FINER), 255)
    draw = ImageDraw.Draw(large)
    thick = max(round(STROKE * scale), _FINER)
    for line in _polylines(path):
        points = [(x * scale, y * scale) for x, y in line]
        draw.line(points, fill=0, width=thick, joint="curve")
        for x, y in (points[0], points[-1]):
            draw.circle((x, y), thick / 2, fill=0)
    return large.resize((side, side), Image.Resampling.BOX)


Point = tuple[float, float]


def _polylines(path: str) -> list[list[Point]]:
    """The path in straight lines."""
    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.svgLib.path import parse_path

    pen = RecordingPen()
    parse_path(path, pen)
    lines: list[list[Point]] = []
    for what, points in pen.value:
        if what == "moveTo":
            lines.append([points[0]])
        elif what == "lineTo":
            lines[-1].append(points[0])
        elif what in ("curveTo", "qCurveTo"):
            lines[-1] += _curve((lines[-1][-1], *points))
        elif what == "closePath":
            lines[-1].append(lines[-1][0])
    return lines


def _curve(points: tuple[Point, ...]) -> list[Point]:
    """Points on a Bézier curve of any degree, without its first."""
    degree = len(points) - 1
    found = []
    for step in range(1, _STEP + 1):
        t = step / _STEP
        weights = [math.comb(degree, n) * t**n * (1 - t) ** (degree - n) for n in range(degree + 1)]
        found.append(
            (
                sum(w * x for w, (x, _) in zip(weights, points, strict=True)),
                sum(w * y for w, (_, y) in zip(weights, points, strict=True)),
            )
        )
    return found
