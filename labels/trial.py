"""A receipt that shows what a printer can do: a line of letters in each code page, numbered, for somebody to say which
read right; how wide the paper is, a picture, a code, and the cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from labels.alphabet import CodePage, has
from labels.codes import Symbology, draw
from labels.drawn import COLUMN
from labels.layout import Row, wrap
from labels.paper import PROFILE, new_printer, print_rows
from labels.readback import checked_image
from labels.receipt import Paper

SAMPLE: Final = tuple("éèçëïêÀ€œ")
"""The letters that the older code pages lack stand last: their lines are shorter, and right all the same."""

OTHERS: Final = "ő Ж مرحبا"
"""In no code page here, and so always drawn."""

PAGES: Final = tuple(page for page in CodePage if page is not CodePage.NONE)
"""As they are numbered from 1."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the receipt says, in the language of its reader."""

    title: str
    compare: str
    """That the numbered lines are compared with this one, and may be shorter."""
    drawn: str
    width: str
    code: str


def trial_bytes(words: Words, *, paper: Paper, qr: str) -> bytes:
    """The whole print job. Its words are drawn where they are more than ASCII: no code page is known yet."""
    printer = new_printer(PROFILE)

    def say(text: str, *, bold: bool = False) -> None:
        rows = [Row(line, bold) for line in wrap(text, paper.columns)]
        print_rows(printer, rows, paper, CodePage.NONE)

    say(words.title, bold=True)
    say(words.compare)
    print_rows(printer, [Row(""), _line("=", SAMPLE)], paper, CodePage.NONE)
    for number, page in enumerate(PAGES, start=1):
        printer.hw("INIT")  # a page it does not know must not show as the one before
        printer._raw(page.command)
        letters = [letter for letter in SAMPLE if has(page, letter)]
        print_rows(printer, [_line(str(number), letters)], paper, page)
    printer.hw("INIT")
    print_rows(printer, [Row("")], paper, CodePage.NONE)
    say(f"{words.drawn} {OTHERS}")
    say(words.width)
    printer.image(_ruler(paper))
    say(words.code)
    printer.set(align="center")
    code = draw(Symbology.QR, qr, room=paper.dots)
    printer.image(checked_image(code, layout="trial", printer=f"{paper.value} mm"))
    printer.set(align="left")
    printer.cut(mode="PART")
    return bytes(printer.output)


def _line(number: str, letters: Iterable[str]) -> Row:
    """A letter at each third column, drawn or not."""
    return Row("  ".join([number, *letters]))


def chosen(right: Iterable[int]) -> CodePage:
    """The fullest of the code pages whose numbered lines read right; `NONE` where none did.

    Raises ValueError for a number that no line has.
    """
    numbers = set(right)
    if not numbers <= set(range(1, len(PAGES) + 1)):
        raise ValueError("a line that was not printed")
    return PAGES[min(numbers) - 1] if numbers else CodePage.NONE


def _ruler(paper: Paper) -> object:
    """From the first dot of the paper to the last, with a mark at each tenth letter."""
    from PIL import Image, ImageDraw

    picture = Image.new("1", (paper.dots, 24), 1)
    pen = ImageDraw.Draw(picture)
    pen.line((0, 22, paper.dots, 22), fill=0, width=2)
    for column in range(0, paper.dots // COLUMN + 1):
        x = min(column * COLUMN, paper.dots - 1)
        pen.line((x, 22 - (18 if column % 10 == 0 else 8), x, 22), fill=0)
    for x in (0, paper.dots - 2):
        pen.line((x, 0, x, 23), fill=0, width=2)
    return picture
