"""A4 documents: a PDF that carries its own fonts, so that it prints alike everywhere."""

from __future__ import annotations

from typing import Final

from fpdf import FPDF

from labels.letters import font_file

FAMILY: Final = "Atkinson Hyperlegible"
WIDTH_MM: Final = 210.0
HEIGHT_MM: Final = 297.0


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
