"""Labels after a layout, as a file: what `comptoir label --layout` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inventory.errors import NotAllowed
from inventory.messages import Message
from labels import formats, layouts
from labels.errors import LabelTooLarge, UnknownFormat
from labels.formats import Roll, Sheet
from labels.label import Label, arranged
from web import label_sets
from web.cli.common import reading, settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for; `paper` is a sheet or a roll, or nothing for what suits the layout."""

    layout: str
    of: str
    copies: int
    dpi: int
    paper: str | None
    start: int
    offset: tuple[float, float]


def made(asked: Asked, kind: str) -> bytes:
    """The file: pdf, escpos, png or svg. Raises `LabelError`, NotOnTheLists and NotAllowed."""
    if kind in ("png", "svg") and asked.copies != 1:
        raise NotAllowed(Message("A picture holds one label: ask for one copy."))
    with reading() as session:
        return _KINDS[kind](session, asked)


def _label(session: Session, asked: Asked, dpi: int) -> Label:
    chosen = label_sets.named(session, asked.layout, asked.of)
    return arranged(layouts.load(asked.layout), chosen.content(settings().language), dpi=dpi)


def _pdf(session: Session, asked: Asked) -> bytes:
    from labels.label_pdf import SHEET_DPI, sheet_pdf

    paper = formats.load(asked.paper or label_sets.kind_of(asked.layout).sheet)
    if not isinstance(paper, Sheet):
        raise UnknownFormat(paper.name, _names(Sheet))
    return sheet_pdf(
        [(_label(session, asked, SHEET_DPI), asked.copies)],
        paper,
        title=asked.of,
        language=settings().language,
        start=asked.start,
        offset=asked.offset,
    )


def _escpos(session: Session, asked: Asked) -> bytes:
    from labels.label_escpos import label_job

    paper = _roll(asked)
    return label_job([(_label(session, asked, paper.dpi), asked.copies)], paper)


def _png(session: Session, asked: Asked) -> bytes:
    from labels.label_pixels import label_png

    return label_png(_label(session, asked, asked.dpi))


def _svg(session: Session, asked: Asked) -> bytes:
    from labels.label_svg import label_svg

    return label_svg(_label(session, asked, asked.dpi), title=asked.of).encode()


_KINDS: dict[str, Callable[[Session, Asked], bytes]] = {
    "pdf": _pdf,
    "escpos": _escpos,
    "png": _png,
    "svg": _svg,
}


def _roll(asked: Asked) -> Roll:
    """The one asked for, else the narrowest on which the layout fits."""
    if asked.paper is not None:
        found = formats.load(asked.paper)
        if not isinstance(found, Roll):
            raise UnknownFormat(found.name, _names(Roll))
        return found
    layout = layouts.load(asked.layout)
    rolls = [found for found in map(formats.load, formats.names()) if isinstance(found, Roll)]
    for roll in sorted(rolls, key=lambda roll: roll.dots):
        if roll.width >= layout.width:
            return roll
    raise LabelTooLarge(asked.layout, (layout.width, layout.height), "roll", (0.0, None))


def _names(kind: type[Sheet | Roll]) -> list[str]:
    return [name for name in formats.names() if isinstance(formats.load(name), kind)]
