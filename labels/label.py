"""A label: what it says, put where its layout wants it, ready for a picture, a PDF or an SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from labels import layouts, letters
from labels.codes import MM, Code, Symbology, draw
from labels.errors import NotExact
from labels.layouts import Layout
from labels.pictures import Photograph, Picture


@dataclass(frozen=True, slots=True)
class Content:
    """What a label says, by the names its layout uses. A text that is empty, or not there, is left out."""

    texts: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `x` is its left end and `y` its baseline, in millimetres."""

    text: str
    x: float
    y: float
    points: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in a box, in millimetres."""

    picture: Picture
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A code; `column` and `row` of its top left corner are whole dots from that of the label."""

    code: Code
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Line:
    """A frame, in millimetres."""

    x: float
    y: float
    width: float
    height: float


Thing = Words | Shown | Placed | Line


@dataclass(frozen=True, slots=True)
class Label:
    """An arranged label for one resolution; `width` and `height` in millimetres."""

    layout: str
    width: float
    height: float
    dpi: int
    things: tuple[Thing, ...]

    @property
    def codes(self) -> list[Code]:
        return [thing.code for thing in self.things if isinstance(thing, Placed)]

    @property
    def photographs(self) -> list[tuple[Photograph, float, float]]:
        """Each with its box in millimetres."""
        shown = ((thing.picture, thing) for thing in self.things if isinstance(thing, Shown))
        return [
            (picture, box.width, box.height)
            for picture, box in shown
            if isinstance(picture, Photograph)
        ]


def arranged(layout: Layout, content: Content, *, dpi: int) -> Label:
    """The label for a printer of `dpi` dots an inch. Raises `NotExact`, and what `labels.codes.draw` raises: `TooWide`
    and the rest."""
    things = [thing for one in layout.field for thing in _things(one, content, dpi, layout.name)]
    return Label(layout.name, layout.width, layout.height, dpi, tuple(things))


def _things(one: layouts.Field, content: Content, dpi: int, layout: str) -> Iterator[Thing]:
    match one:
        case layouts.Text():
            yield from _words(one, content.texts.get(one.text, ""), layout)
        case layouts.Picture():
            picture = content.pictures.get(one.picture)
            if picture is not None:
                yield Shown(picture, one.x, one.y, one.width, one.height)
        case layouts.CodeField():
            text = content.codes.get(one.code, "")
            if text:
                yield _placed(one, text, dpi)
        case layouts.Frame():
            yield Line(one.x, one.y, one.width, one.height)


def _fitted(box: layouts.Text, text: str, layout: str) -> letters.Fitted:
    fit = letters.fitted_exactly if box.exact else letters.fitted
    found = fit(
        text, wide=box.width, high=box.height, sizes=box.sizes, lines=box.lines, bold=box.bold
    )
    if found is None:
        raise NotExact(layout, box.text, text)
    return found


def _words(box: layouts.Text, text: str, layout: str) -> Iterator[Words]:
    """In the middle of the box's height."""
    if not box.exact:
        text = letters.known(text)
    if not text:
        return
    fitted = _fitted(box, text, layout)
    size = fitted.points * letters.POINT
    top = box.y + (box.height - fitted.height) / 2
    for n, line in enumerate(fitted.lines):
        free = box.width - letters.width(line, fitted.points, bold=box.bold)
        shift = {"left": 0.0, "center": free / 2, "right": free}[box.align]
        baseline = top + size * (n * letters.LINE + letters.ASCENT)
        yield Words(line, box.x + shift, baseline, fitted.points, box.bold)


def _placed(box: layouts.CodeField, text: str, dpi: int) -> Placed:
    wide, high = int(box.width * dpi / MM), int(box.height * dpi / MM)
    square = box.symbology in (Symbology.QR, Symbology.GS1_DATAMATRIX)
    code = draw(
        box.symbology,
        text,
        dpi=dpi,
        room=min(wide, high) if square else wide,
        height=None if square else high,
    )
    left, top = round(box.x * dpi / MM), round(box.y * dpi / MM)
    return Placed(code, left + (wide - code.width) // 2, top + (high - code.height) // 2)
