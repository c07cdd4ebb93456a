"""The form of an order on A4, read back by poppler."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from inventory.messages import Names
from inventory.order_sheet import SheetLine
from inventory.tables import Purchase, Supplier
from web.order_pdf import order_pdf

from .ordering import NOW

CUPS = SheetLine(
    "CUP", "B-12", Names("Coupelle", "Beker", "Cup"), 4000, 20, 0, 3, 36.75, 100_000, ""
)


def order(language: str = "fr", note: str = "Livrer par la cour.") -> Purchase:
    by = Supplier(name="Modus Vivendi", email="commandes@example.org", language=language)
    return Purchase(
        number="2026-001",
        supplier=by,
        drafted_on=date(2026, 11, 20),
        sent_on=None,
        expected_on=date(2026, 12, 7),
        note=note,
    )


def poppler(program: str, *arguments: str | Path) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, check=True, text=True)
    return done.stdout


def written(folder: Path, found: Purchase, lines: list[SheetLine]) -> Path:
    file = folder / "order.pdf"
    file.write_bytes(order_pdf(found, lines, made_at=NOW))
    return file


def said(file: Path) -> str:
    return re.sub(r"\s+", " ", poppler("pdftotext", "-layout", file, "-"))


def test_every_figure_is_on_it(tmp_path: Path) -> None:
    idle = replace(CUPS, code="SER", reference="", ordered=0, usable=0, weekly=0.0, lent=0)
    text = said(written(tmp_path, order(), [CUPS, replace(idle, note="rien")]))
    for words in (
        "Commande 2026-001",
        "Modus Vivendi · commandes@example.org",
        "20/11/2026 – 07/12/2026",
        "Livrer par la cour.",
        "B-12 Coupelle 4 000 20 3 36,8 100 000",
        "SER Coupelle 0 20 rien",
        "page 1 / 1",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Bestelling 2026-001"), ("en", "Order 2026-001")]
)
def test_it_speaks_the_suppliers_language(tmp_path: Path, language: str, words: str) -> None:
    text = said(written(tmp_path, order(language), [CUPS]))
    assert words in text and CUPS.names.in_language(language) in text


def test_it_prints_alike_everywhere(tmp_path: Path) -> None:
    file = written(tmp_path, order(), [CUPS])
    fonts = poppler("pdffonts", file).splitlines()[2:]
    assert fonts and all("Atkinson" in font and " yes yes " in font for font in fonts)
    assert "841.89 x 595.28 pts (A4)" in poppler("pdfinfo", file)
    assert file.read_bytes() == order_pdf(order(), [CUPS], made_at=NOW)


@pytest.mark.parametrize("count", [0, 1, 200])
def test_it_takes_as_many_pages_as_it_needs(tmp_path: Path, count: int) -> None:
    lines = [replace(CUPS, reference=f"R{n:03d}") for n in range(count)]
    file = written(tmp_path, order(), lines)
    text = said(file)
    assert [f"R{n:03d}" in text for n in range(count)] == [True] * count
    pages = text.count("Référence")
    assert f"page {pages} / {pages}" in text and (pages > 3) == (count == 200)


@pytest.mark.parametrize("letter", ["w", "mot "])
def test_no_text_runs_over_the_edge(tmp_path: Path, letter: str) -> None:
    """Nothing but paper within a centimetre of the edges, and nothing above the foot is hidden by it."""
    long = (letter * 200)[:200].strip()
    names = Names(long, long, long)
    lines = [replace(CUPS, names=names, note=long, reference=long[:60])] * 4
    file = written(tmp_path, order(note=long), lines)
    poppler("pdftoppm", "-r", "50", "-gray", "-png", file, tmp_path / "page")
    pictures = sorted(tmp_path.glob("page*.png"))
    assert len(pictures) > 1
    for picture in pictures:
        image = Image.open(picture).convert("L")
        left, top, right, bottom = (
            image.point(lambda value: 255 * (value < 200)).getbbox() or (0,) * 4
        )
        assert min(left, image.width - right) > 20 and min(top, image.height - bottom) > 10
