"""What labels are printed on: sheets of labels for office printers, and rolls. One small file each."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from labels.errors import UnknownFormat

FOLDER: Final = Path(__file__).parent


class Sheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="sheet"):
    """An A4 sheet of equal labels, in millimetres: `left` and `top` are where the first one begins, `across` and `down`
    how far it is from one to the next."""

    title: str
    width: float
    height: float
    columns: int
    rows: int
    left: float
    top: float
    across: float
    down: float
    name: str = ""

    @property
    def count(self) -> int:
        """Labels on a sheet."""
        return self.columns * self.rows

    def corner(self, position: int) -> tuple[float, float]:
        """Of the label at a position counted from 0, row by row; millimetres from the paper's top left."""
        row, column = divmod(position, self.columns)
        return self.left + column * self.across, self.top + row * self.down


class Roll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="roll"):
    """A roll in a thermal printer: the dots of its head. `profile` is python-escpos's name of such a printer."""

    title: str
    dots: int
    dpi: int
    profile: str
    name: str = ""

    @property
    def width(self) -> float:
        """Millimetres that can be printed on."""
        return self.dots * 25.4 / self.dpi


Format = Sheet | Roll


def names() -> list[str]:
    """Of every format there is."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@lru_cache
def load(name: str) -> Format:
    """A format by its name. Raises `UnknownFormat`."""
    if name not in names():
        raise UnknownFormat(name, names())
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    return msgspec.structs.replace(msgspec.toml.decode(text, type=Sheet | Roll), name=name)
