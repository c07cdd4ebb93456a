"""What a printer has no letters for is drawn: joined, turned the right way, in the columns of the lines around it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from labels import drawn
from labels.alphabet import CodePage
from labels.drawn import COLUMN, PITCH, is_right_to_left, rows_image, shapes
from labels.layout import Row
from labels.letters import FONTS
from labels.paper import receipt_bytes
from labels.receipt import Line, Paper, Receipt, Section
from tests.labels.escpos_decoder import decode

arabic = pytest.mark.skipif(not shapes(), reason="ARABIC IS NOT TESTED: libfribidi0 is missing")


def black_columns(picture: Image.Image) -> list[int]:
    dots = picture.convert("L")
    return [
        x for x in range(dots.width) if dots.crop((x, 0, x + 1, dots.height)).getextrema()[0] == 0
    ]


def strokes(picture: Image.Image) -> list[tuple[int, int]]:
    """First and last column of each thing that no white column divides."""
    found: list[tuple[int, int]] = []
    for x in black_columns(picture):
        if found and found[-1][1] == x - 1:
            found[-1] = (found[-1][0], x)
        else:
            found.append((x, x))
    return found


def height(picture: Image.Image, stroke: tuple[int, int]) -> int:
    box = (
        picture.convert("L").point(lambda dot: 255 - dot).crop((stroke[0], 0, stroke[1] + 1, PITCH))
    )
    bounds = box.getbbox()
    assert bounds is not None
    return bounds[3] - bounds[1]


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("name", ["Dvořák œ", "Шприц 2 мл", "Σύριγγα", "شنطة", "igłą"])
def test_figures_end_where_those_of_the_printer_end(paper: Paper, name: str) -> None:
    section = Section("", (Line("Kit", "48", "41"), Line(name, "1746", "112")))
    job = decode(receipt_bytes(Receipt("x", sections=(section,)), paper=paper))
    ((width, high, dots),) = job.images
    (line,) = [line for line in job.lines if line.startswith("Kit")]
    picture = Image.frombytes("1", (width, high), bytes(255 - byte for byte in dots))
    black = black_columns(picture)
    for end in (line.index("48") + 2, line.index("41") + 2):
        last = max(x for x in black if x < end * COLUMN)
        assert end * COLUMN - last <= COLUMN // 2
        assert not any(end * COLUMN <= x < end * COLUMN + COLUMN // 2 for x in black)
    assert black[0] < COLUMN


@arabic
def test_arabic_joins_its_letters() -> None:
    joined = strokes(rows_image([Row("بببب")], 42))
    apart = strokes(rows_image([Row("ب \u200cب \u200cب \u200cب")], 42))
    assert (len(joined), len(apart)) == (1, 4)


@arabic
def test_arabic_goes_from_right_to_left_and_figures_within_it_do_not() -> None:
    picture = rows_image([Row("ا ب")], 42)  # a tall letter before a flat one
    flat, tall = strokes(picture)
    assert height(picture, tall) > height(picture, flat)
    arabic, other = (rows_image([Row(text)], 42) for text in ("ب 17", "17 Ш"))
    end = strokes(other)[1][1] + 1  # of the 7
    assert arabic.crop((0, 0, end, PITCH)) == other.crop((0, 0, end, PITCH))


def test_where_letters_cannot_be_turned_none_is_shown_wrongly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drawn, "shapes", lambda: False)
    assert rows_image([Row("شنطة é")], 42) == rows_image([Row("???? é")], 42)


@pytest.mark.parametrize("columns", [32, 42])
def test_what_is_long_is_drawn_smaller_and_never_over_its_figures(columns: int) -> None:
    name = "Ǆ" * (columns - 10)
    picture = rows_image([Row(name + "   1746")], columns)
    lines = strokes(picture)
    assert max(b[0] - a[1] for a, b in pairwise(lines)) >= COLUMN
    assert picture.width == columns * COLUMN


def test_a_row_is_as_high_as_a_line_and_stays_in_it() -> None:
    rows = [Row("ǺŐgjpqyقجي", bold) for bold in (False, True)]
    picture = rows_image(rows, 42)
    assert picture.size == (42 * COLUMN, 2 * PITCH)
    for row, part in zip(rows, (0, PITCH), strict=True):
        alone = rows_image([row], 42)
        assert picture.crop((0, part, picture.width, part + PITCH)) == alone
        room = Image.new("1", (alone.width, 1), 1)
        assert alone.crop((0, PITCH - 1, alone.width, PITCH)) == room, "nothing is cut off"


@pytest.mark.parametrize("letter", "œŐřłшΩعא→☐")
def test_every_letter_is_one(letter: str) -> None:
    """Not the empty box that stands for a letter no font has."""
    box = rows_image([Row("\ue123")], 42)
    assert rows_image([Row(letter)], 42) != box


def test_another_font_of_the_machine_is_taken_where_it_has_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / "DejaVuSans.ttf") as font:
        for table in font["cmap"].tables:
            table.cmap = {0x6CE8: table.cmap[ord("W")]}
        font.save(tmp_path / "some.ttf")
    box = rows_image([Row("注")], 42)
    monkeypatch.setattr(drawn, "_CHINESE", (str(tmp_path / "some.ttf"),))
    drawn._faces.cache_clear()
    try:
        assert rows_image([Row("注")], 42) == rows_image([Row("W")], 42) or box != rows_image(
            [Row("注")], 42
        )
    finally:
        drawn._faces.cache_clear()


def test_right_to_left_is_known() -> None:
    assert is_right_to_left("Kit حقيبة") and is_right_to_left("א")
    assert not is_right_to_left("Kit é Шприц 12")


def test_nothing_but_ascii_is_sent_to_a_printer_without_code_pages() -> None:
    receipt = Receipt("Décompte", footer=("imprimé à 22:35", "plain"))
    job = receipt_bytes(receipt, code_page=CodePage.NONE)
    assert b"\x1bt" not in job
    assert [line.strip() for line in decode(job).lines] == ["plain"]
