"""A4 documents: a PDF that carries its own fonts, so that it prints alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fpdf import FPDF

FAMILY: Final = "Atkinson Hyperlegible"
WIDTH_MM: Final = 210.0
HEIGHT_MM: Final = 297.0

_FONTS: Final = Path(__file__).parent / "fonts"

# The font has no narrow no-break space; a wide one does not break a line either.
_SAME: Final = str.maketrans({"\u202f": "\u00a0", "\u2011": "-"})


def a4_document(*, title: str, language: str, landscape: bool = False) -> FPDF:
    """An empty A4 document in millimetres, upright or on its side, with the house font in regular ("") and bold ("B").

    Pages break where the caller says.
    """
    pdf = FPDF(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
    for style in ("", "B"):
        pdf.add_font(FAMILY, style, font_file(bold=bool(style)))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_title(title)
    pdf.set_lang(language)
    pdf.set_creator("Comptoir")
    pdf.set_producer("Comptoir")
    pdf.set_font(FAMILY, size=10)
    return pdf


def font_file(*, bold: bool) -> Path:
    """The house font."""
    return _FONTS / f"AtkinsonHyperlegible-{'Bold' if bold else 'Regular'}.ttf"


def printable(text: str) -> str:
    """`text` in characters that the font has, as far as they have a twin in it."""
    return text.translate(_SAME)
