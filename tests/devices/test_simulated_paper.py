"""What the made-up printer's paper shows of a job: the words a person would read, and nothing left out silently."""

from __future__ import annotations

import random

import pytest

from devices.simulators import escpos
from devices.simulators.paper import Cut, NotKnown, Picture, Span, Style, TextRow, read_paper

PICTURE = b"\x1dv0\x00\x02\x00\x03\x00" + b"\x10\x04\x1b@\x0aA"


def test_text_with_its_code_page_style_and_place() -> None:
    job = b"\x1b@\x1bt\x10Caf\xe9 \x80\n\x1bE\x01gras\x1bE\x00 non\n\x1ba\x01\x1d!\x11HUIT\x1d!\x00\n\x1dV\x01"
    assert read_paper(job) == [
        TextRow((Span("Café €"),)),
        TextRow((Span("gras", Style(bold=True)), Span(" non"))),
        TextRow((Span("HUIT", Style(wide=True, tall=True)),), "centre"),
        Cut(),
    ]


def test_a_picture_is_its_dots_whatever_they_look_like() -> None:
    rows = read_paper(b"\x1ba\x01" + PICTURE + b"after\n")
    assert rows == [Picture(16, 3, PICTURE[8:], "centre"), TextRow((Span("after"),), "centre")]


@pytest.mark.parametrize(
    "command", [b"\x1bp\x00\x19\x19", b"\x1dk\x04123\x00", b"\x1b\xfe", b"\x07"]
)
def test_what_it_cannot_draw_it_says(command: bytes) -> None:
    assert read_paper(b"before\n" + command + b"after\n") == [
        TextRow((Span("before"),)),
        NotKnown(command),
        TextRow((Span("after"),)),
    ]


def test_a_code_page_nobody_knows_is_no_guess() -> None:
    assert read_paper(b"\x1bt\xf0abc\n") == [TextRow((Span("\ufffd" * 3),))]


def test_no_bytes_make_it_fail() -> None:
    some = random.Random(7)
    for _ in range(3000):
        read_paper(bytes(some.choices((*escpos.LEADS, *range(256)), k=some.randrange(40))))
