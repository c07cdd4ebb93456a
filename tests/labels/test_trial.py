"""The receipt that shows what a printer can do, on a printer that has some code pages and on one that has none."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
import zxingcpp
from PIL import Image, ImageOps

from labels.alphabet import CodePage
from labels.receipt import Paper
from labels.trial import PAGES, SAMPLE, Words, chosen, trial_bytes
from tests.labels.escpos_decoder import CODE_PAGES, Shown, decode

WORDS = Words("Essai de l’imprimante", "Quelles lignes ?", "Dessiné :", "Bord à bord :", "Code :")
ADDRESS = "https://comptoir.example.org"


def seen(paper: Paper, pages: Iterable[int], monkeypatch: pytest.MonkeyPatch) -> Shown:
    """On a printer with these code pages: another number leaves it in the one of its reset."""
    has = {number: name for number, name in CODE_PAGES.items() if number in pages}
    monkeypatch.setattr(
        "tests.labels.escpos_decoder.CODE_PAGES",
        {number: has.get(number, "cp437") for number in range(256)},
    )
    return decode(trial_bytes(WORDS, paper=paper, qr=ADDRESS))


def right(shown: Shown) -> list[int]:
    """What somebody answers who compares each line with the first."""
    numbers = []
    for line in shown.lines:
        if found := re.fullmatch(r"(\d)  (.*)", line):
            letters = found[2].split("  ")
            if letters == list(SAMPLE)[: len(letters)]:
                numbers.append(int(found[1]))
    return numbers


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize(
    ("pages", "page"),
    [
        ({0, 2, 16, 19, 40, 71}, CodePage.WPC1252),
        ({0, 16, 19}, CodePage.WPC1252),
        ({0, 71}, CodePage.WPC1252_71),
        ({0, 2, 19}, CodePage.CP858),
        ({0, 2}, CodePage.CP850),
        ({0}, CodePage.CP437),
        ({0, 40}, CodePage.LATIN9),
    ],
)
def test_the_fullest_page_that_reads_right_is_chosen(
    paper: Paper, pages: set[int], page: CodePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen(right(seen(paper, pages, monkeypatch))) is page


def test_where_no_line_reads_right_all_is_drawn() -> None:
    assert chosen([]) is CodePage.NONE


def test_what_nobody_printed_is_no_answer() -> None:
    for wrong in ([0], [len(PAGES) + 1], [1, 99]):
        with pytest.raises(ValueError, match="not printed"):
            chosen(wrong)


@pytest.mark.parametrize("paper", Paper)
def test_its_own_words_need_no_code_page(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are drawn; nothing beyond ASCII is sent but the numbered lines."""
    shown = seen(paper, (), monkeypatch)
    assert all(line.isascii() or re.match(r"\d  ", line) for line in shown.lines)
    assert shown.cut
    *pictures, ruler, code = shown.images
    assert ruler[0] == paper.dots
    width, height, dots = code
    image = ImageOps.invert(Image.frombytes("1", (width, height), dots).convert("L"))
    assert [one.text for one in zxingcpp.read_barcodes(image)] == [ADDRESS]
    assert pictures and shown.resets == 1 + len(PAGES) + 1
