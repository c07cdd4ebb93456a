"""Layouts of labels: one small file each, in millimetres from the top left corner of the label.

A layout says where things are; what they say comes with the label (`labels.label.Content`). A field whose text, picture
or code a label does not have is left out.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import msgspec

from labels.codes import Symbology
from labels.errors import UnknownLayout

FOLDER: Final = Path(__file__).parent


class _Box(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    x: float
    y: float
    width: float
    height: float


class Text(_Box, tag="text", frozen=True, kw_only=True):
    """Words in a box: the largest of `sizes` (points) at which they fit into so many lines."""

    text: str
    """Which text of the label."""
    sizes: tuple[float, ...]
    lines: int = 1
    bold: bool = False
    align: Literal["left", "center", "right"] = "left"
    exact: bool = False
    """Letter by letter, or the label is refused: cut short or respelt, a lot is another lot."""


class Picture(_Box, tag="picture", frozen=True, kw_only=True):
    """A picture, whole, in the middle of the box."""

    picture: str
    """Which picture of the label."""


class CodeField(_Box, tag="code", frozen=True, kw_only=True):
    """A code as large as whole dots allow, in the middle of the box; bars fill its height."""

    code: str
    """Which code of the label."""
    symbology: Symbology


class Frame(_Box, tag="frame", frozen=True, kw_only=True):
    """A thin line around the box, to cut along or to lead the eye."""


Field = Text | Picture | CodeField | Frame


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A label's size and what stands where on it."""

    width: float
    height: float
    field: tuple[Field, ...]
    name: str = ""


def boxes(picture: str) -> list[tuple[float, float]]:
    """How wide and high a picture is shown, in millimetres, on any layout."""
    fields = (one for name in names() for one in load(name).field)
    sizes = {
        (one.width, one.height)
        for one in fields
        if isinstance(one, Picture) and one.picture == picture
    }
    return sorted(sizes)


def names() -> list[str]:
    """Of every layout there is."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@lru_cache
def load(name: str) -> Layout:
    """A layout by its name. Raises `UnknownLayout`."""
    if name not in names():
        raise UnknownLayout(name, names())
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    return msgspec.structs.replace(msgspec.toml.decode(text, type=Layout), name=name)
