"""Badges to cut out, ten on an A4 sheet: a name large enough to read, the code twice, for any scanner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labels import formats, layouts
from labels.formats import Sheet
from labels.house import spaced
from labels.label import Content, arranged
from labels.label_pdf import SHEET_DPI, sheet_pdf

CARDS: Final = "cards"


@dataclass(frozen=True, slots=True)
class Badge:
    """Whose it is, and the ten digits of its in-house code."""

    name: str
    code: str


def badge_sheet(badges: Sequence[Badge], *, title: str, language: str) -> bytes:
    """A PDF of as many A4 pages as needed. Raises `UnreadableCode` where a code does not read back."""
    layout, cards = layouts.load("badge"), formats.load(CARDS)
    assert isinstance(cards, Sheet)
    made = [(arranged(layout, _content(badge), dpi=SHEET_DPI), 1) for badge in badges]
    return sheet_pdf(made, cards, title=title, language=language)


def _content(badge: Badge) -> Content:
    texts = {"name": badge.name, "digits": spaced(badge.code)}
    return Content(texts, {"digits": badge.code})
