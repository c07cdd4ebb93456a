"""The tally on A4, read back by poppler: every figure of the page is on it, in the right place."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from inventory import days
from inventory.tally import Article, ContentRow, CountRow, ReturnRow, Row, ShortRow, Tally
from web.tally_pdf import tally_pdf

from .test_tally_formats import ARTICLES, CLIP, EVENING, article

MADE_AT = datetime(2026, 11, 21, 22, 35, tzinfo=days.ZONE)


def poppler(program: str, *arguments: str | Path) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, check=True, text=True)
    return done.stdout


def written(folder: Path, tally: Tally, language: str = "fr", place: str | None = None) -> Path:
    file = folder / "tally.pdf"
    file.write_bytes(tally_pdf(tally, language, place=place, made_at=MADE_AT))
    return file


def lines(file: Path) -> list[str]:
    """As they stand on the page; two columns share a line."""
    return [
        re.sub(r"\s+", " ", line)
        for line in poppler("pdftotext", "-layout", file, "-").splitlines()
    ]


def test_the_evening_in_french(tmp_path: Path) -> None:
    text = "\n".join(lines(written(tmp_path, EVENING)))
    for said in (
        "Décompte samedi 21 novembre 2026",
        "Comptoir CLIP",
        "61 208 361",
        "Injecting kit fr 48",
        "Syringe 1 ml fr 112",
        "Total 117",
        "selon la personne 87",
        "par poids 0,78 kg 100",
        "Bouteille 1,5 l, en rue 2× 174",
        "Total 361",
        "Douche 4",
        "À vérifier : remis au-delà des",
        "03059948002413 2",
        "Comptoir · établi le 21/11/26 à 22:35 page 1 / 1",
    ):
        assert said in text, said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ("Overzicht", "zaterdag 21 november 2026")),
        ("en", ("Tally", "Saturday, 21 November 2026")),
    ],
)
def test_in_other_languages(tmp_path: Path, language: str, words: tuple[str, ...]) -> None:
    text = " ".join(lines(written(tmp_path, EVENING, language)))
    assert all(word in text for word in words)


def test_it_prints_alike_everywhere(tmp_path: Path) -> None:
    """Its fonts are in it; A4; the same tally at the same moment is the same file."""
    file = written(tmp_path, EVENING)
    fonts = poppler("pdffonts", file).splitlines()[2:]
    assert len(fonts) == 2 and all(
        "AtkinsonHyperlegible" in font and " yes yes " in font for font in fonts
    )
    assert "A4" in poppler("pdfinfo", file)
    assert file.read_bytes() == tally_pdf(EVENING, "fr", made_at=MADE_AT)


def pages(file: Path) -> int:
    return int(re.findall(r"Pages:\s+(\d+)", poppler("pdfinfo", file))[0])


def long(many: int) -> Tally:
    names = ("Sachet", "Embout en silicone pour pipe à crack, longueur cinq centimètres")
    more = {f"A{n}": article(100 + n, f"{names[n % 2]} {n}", "injection") for n in range(many)}
    rows = [Row(code, *CLIP, "CLIP", 1000 + n) for n, code in enumerate(more)]
    return replace(EVENING, articles={**ARTICLES, **more}, rows=[*EVENING.rows, *rows])


def test_a_long_list_goes_on_over_columns_and_pages(tmp_path: Path) -> None:
    file = written(tmp_path, long(150))
    text = " ".join(lines(file))
    count = pages(file)
    assert count > 1
    assert "Articles hors kits (suite)" in text
    assert all(f"page {n} / {count}" in text for n in range(1, count + 1))
    figures = [f"1 {n:03}" for n in range(150)]
    assert [text.count(figure) for figure in figures] == [1] * 150


def usual() -> Tally:
    """An evening of a busy counter: 61 lines in eight tables."""

    def articles(prefix: str, many: int, family: str) -> dict[str, Article]:
        name = {"kit": "Kit de l’un", "injection": "Seringue 1 ml aiguille fixe"}[family]
        return {
            f"{prefix}{n}": article(
                200 + n, f"{name} {n}", family, "fixed-needle-syringe" * (n == 0)
            )
            for n in range(many)
        }

    kits, loose, inside = (
        articles("K", 5, "kit"),
        articles("L", 20, "injection"),
        articles("C", 16, "injection"),
    )
    ways: list[tuple[str, str]] = [
        ("container", unit) for unit in ("container-0.5l", "bottle-1.5l", "container-3l")
    ]
    ways += [("declared", "piece"), ("weight", "kg"), ("volume", "l")]
    return replace(
        EVENING,
        articles={**ARTICLES, **kits, **loose, **inside},
        rows=[Row(code, *CLIP, "CLIP", 7 + n) for n, code in enumerate({**kits, **loose})],
        contents=[ContentRow(code, *CLIP, 11 + n) for n, code in enumerate(inside)],
        returns=[
            ReturnRow(*CLIP, "person", method, Decimal(2), unit, Fraction(3), 6)
            for method, unit in ways
        ],
        counts=[
            *(CountRow(f"contact:{kind}", *CLIP, 3) for kind in ("reception", "shower", "laundry")),
            CountRow("passage", *CLIP, 61),
        ],
        short=[ShortRow("L1", "CLIP", 1), ShortRow("L2", "CLIP", 4)],
        unopened=[],
    )


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_a_usual_evening_is_one_page(tmp_path: Path, language: str) -> None:
    assert pages(written(tmp_path, usual(), language)) == 1


@pytest.mark.parametrize("many", [22, 25, 26, 27, 50, 52, 53, 54, 100])
def test_where_a_table_is_parted_three_lines_stay_together(tmp_path: Path, many: int) -> None:
    """Under every heading, in every column of every page."""
    tally = long(many)
    contents = [ContentRow(row.item, *CLIP, 7) for row in tally.rows[-20:]]
    tables = replace(tally, rows=tally.rows[-many:], contents=contents, returns=[], short=[])
    tables = replace(tables, unopened=[])
    file = written(tmp_path, replace(tables, counts=tally.counts[-1:], unknown=[]))
    boxes = poppler("pdftotext", "-bbox", file, "-")
    lines = 0
    for page in boxes.split("<page ")[1:]:
        found = re.findall(r'yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">([^<]*)<', page)
        for edge in (283, 547):  # where the figures of a column end, in points
            words = [(float(y), word) for y, x1, word in found if abs(float(x1) - edge) < 3]
            heads = sorted(y for y, word in words if word == "Pièces")
            for top, below in pairwise([*heads, 795]):
                under = sum(top < y < below and word[0].isdigit() for y, word in words)
                lines += under
                assert under >= 3, (many, words)
    assert lines == many + 1 + 20 + 1


def test_nothing_overlaps_and_figures_end_at_one_edge(tmp_path: Path) -> None:
    boxes = poppler("pdftotext", "-bbox", written(tmp_path, long(150)), "-")
    for page in boxes.split("<page ")[1:]:
        found = re.findall(
            r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', page
        )
        words = [(*map(float, box[:4]), box[4]) for box in found]
        edges = {round(x1, 1) for _, _, x1, _, word in words if re.fullmatch(r"1.\d{3}", word)}
        assert len(edges) <= 2, "one edge for each column"
        for n, (ax0, ay0, ax1, ay1, a) in enumerate(words):
            for bx0, by0, bx1, by1, b in words[n + 1 :]:
                wide, high = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
                assert wide < 0.5 or high < 2.5, (a, b)
        assert all(x0 > 40 and x1 < 595 - 40 and y1 < 842 - 20 for x0, _, x1, y1, _ in words)


def test_an_evening_without_anything_says_so(tmp_path: Path) -> None:
    nothing = replace(
        EVENING, shifts=0, rows=[], contents=[], returns=[], counts=[], short=[], unknown=[]
    )
    text = " ".join(lines(written(tmp_path, nothing, place="Comptoir CLIP")))
    assert "Comptoir CLIP" in text and "Rien n’a été enregistré." in text


def test_there_is_ink_in_both_columns_of_a_long_one(tmp_path: Path) -> None:
    poppler("pdftoppm", "-r", "40", "-gray", written(tmp_path, long(80)), tmp_path / "page")
    image = Image.open(next(tmp_path.glob("page-*1.pgm")))
    wide, high = image.size
    for left in (0.1, 0.55):
        column = image.crop((int(wide * left), high // 3, int(wide * (left + 0.35)), high))
        assert min(column.tobytes()) < 100
