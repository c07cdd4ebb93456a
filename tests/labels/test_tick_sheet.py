"""The tick sheet read back: its words by pdftotext, its boxes on a picture of the page."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from labels.tick_sheet import Row, Section, TickSheet, tick_sheet_pdf

pytestmark = pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils")

DPI = 150
MM = DPI / 25.4
DRAWING = "M3 9h18v11.5H3zM8 9V6.5h8V9"
LEAST_BOX_MM = (4.7, 5.4)
"""What a gloved hand with a biro hits: width and height."""


def sheet(items: int, *, day: str | None = None) -> TickSheet:
    rows = tuple(Row(f"Item {n:02} œuf « × »", DRAWING, 2 if n < 3 else 1) for n in range(items))
    return TickSheet(
        title="Feuille à cocher",
        place="Comptoir CLIP",
        hint="Une case par pièce.",
        day_label="Date",
        day=day,
        page_label="Page",
        more_label="En plus",
        total_label="Total",
        language="fr",
        sections=(
            Section("Passages", (Row("Passages", None, 2),)),
            Section("Articles", rows),
            Section("Rapporté", (Row("Kilos", None, 0), Row("Un très long nom " * 6, None, 1))),
        ),
    )


def words(pdf: bytes, tmp_path: Path) -> list[str]:
    """The text of each page."""
    file = tmp_path / "sheet.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True)
    return done.stdout.decode().split("\f")[:-1]


def pictures(pdf: bytes, tmp_path: Path) -> list[Image.Image]:
    file = tmp_path / "sheet.pdf"
    file.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(DPI), "-png", file, tmp_path / "page"], check=True)
    return [Image.open(page).convert("L") for page in sorted(tmp_path.glob("page-*.png"))]


@pytest.mark.parametrize(("items", "pages"), [(5, 1), (25, 1), (45, 2), (100, 4)])
def test_one_side_where_the_items_fit_else_numbered_pages(
    items: int, pages: int, tmp_path: Path
) -> None:
    texts = words(tick_sheet_pdf(sheet(items)), tmp_path)
    assert len(texts) == pages
    for number, text in enumerate(texts, 1):
        assert "Comptoir CLIP" in text and "Total" in text
        assert (f"Page {number}/{pages}" in text) == (pages > 1)
    everything = " ".join(texts)
    at = [everything.find(f"Item {n:02} œuf « × »") for n in range(items)]
    assert -1 not in at and at == sorted(at)


def test_every_page_names_its_section(tmp_path: Path) -> None:
    assert all("Articles" in text for text in words(tick_sheet_pdf(sheet(100)), tmp_path))


def test_the_day_is_printed_where_it_is_given(tmp_path: Path) -> None:
    (with_day,) = words(tick_sheet_pdf(sheet(5, day="ven. 20/11/2026")), tmp_path)
    assert "ven. 20/11/2026" in with_day


@pytest.mark.parametrize("items", [5, 25, 45])
def test_the_boxes_are_big_enough_and_nothing_leaves_the_page(items: int, tmp_path: Path) -> None:
    for page in pictures(tick_sheet_pdf(sheet(items)), tmp_path):
        ink = page.point(lambda grey: 255 if grey < 235 else 0).getbbox()
        assert ink is not None
        left, top, right, bottom = (edge / MM for edge in ink)
        assert left > 9 and top > 8 and right < 201 and bottom < 288
        rows = boxes(page)
        assert len(rows) > 5
        for widths, height in rows:
            assert len(widths) == 20
            assert min(widths) > LEAST_BOX_MM[0] and height > LEAST_BOX_MM[1]


def boxes(page: Image.Image) -> list[tuple[list[float], float]]:
    """Each line of boxes on a page: their widths, and how high they are, in mm."""
    found = []
    height = 0
    edges: list[int] = []
    for y in range(page.height):
        now = _lines(page, y)
        if len(now) == len(edges) == EDGES:
            height += 1
        elif height:
            widths = [(right - left) / MM for left, right in pairwise(edges)]
            found.append(([width for width in widths if width > GAP_MM], height / MM))
            height = 0
        edges = now
    return found


GAP_MM = 2.5
"""Wider than the space between two fives."""
EDGES = 4 * 6


def _lines(page: Image.Image, y: int) -> list[int]:
    """Where dark lines begin from left to right, in the room for boxes."""
    row = page.crop((round(62 * MM), y, round(167.2 * MM), y + 1)).tobytes()
    return [n for n in range(1, len(row)) if row[n] < 190 <= row[n - 1]]
