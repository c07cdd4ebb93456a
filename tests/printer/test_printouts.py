"""What leaves for a printer, judged by somebody else's: nothing it does not know, every word in its place, every code
readable on the paper itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zxingcpp

from devices.printer import Outcome
from inventory.database import Database
from inventory.printing import KIT_LABELS, TALLY
from labels import formats, layouts
from labels.formats import Roll
from labels.label import Content, arranged
from labels.label_escpos import label_job
from labels.paper import receipt_bytes
from labels.receipt import Paper, Receipt
from tests.printer import emulator
from tests.printer.emulator import EPSON, Emulator
from tests.printer.jobs import COPIES, Sent, evening, sent

pytestmark = [pytest.mark.printer, pytest.mark.timeout(900)]

HELLO = b"\x1b@hello\n\x1dV\x01"


@pytest.fixture(scope="module")
def emulated() -> Iterator[Emulator]:
    with emulator.running() as made:
        yield made


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with evening() as made:
        yield made


def codes_on(paper: emulator.Paper) -> list[tuple[str, str]]:
    found = zxingcpp.read_barcodes(paper.image.convert("L"))
    return sorted((code.format.name, code.text) for code in found)


def prints(emulated: Emulator, printer: str, job: Sent) -> None:
    """The job comes out whole: as many pieces of paper, the words, the codes, and not one complaint."""
    printed = emulated.print(printer, job.data)
    assert printed.complaints == []
    assert printed.outcome is Outcome.PRINTED
    assert [codes_on(paper) for paper in printed.papers] == [job.codes] * job.papers
    for paper in printed.papers:
        lines = [line.rstrip() for line in paper.text.splitlines()]
        assert [line for line in lines if not line.startswith("[image ")] == job.lines


@pytest.mark.parametrize(
    ("printer", "paper", "language"),
    [
        ("wide", Paper.WIDE, "fr"),
        ("narrow", Paper.NARROW, "nl"),
        ("wide", Paper.WIDE, "en"),
        (EPSON, Paper.WIDE, "fr"),
        (EPSON, Paper.NARROW, "nl"),
    ],
)
@pytest.mark.parametrize("what", [TALLY, KIT_LABELS])
def test_every_word_and_code_is_on_the_paper(
    emulated: Emulator, database: Database, what: str, printer: str, paper: Paper, language: str
) -> None:
    job = sent(database, what, paper, language)
    assert job.papers == (COPIES if what == KIT_LABELS else 1)
    prints(emulated, printer, job)


@pytest.mark.parametrize("printer", ["wide", "narrow"])
def test_every_letter_of_french_and_dutch_is_that_letter(emulated: Emulator, printer: str) -> None:
    letters = "àâäçéèêëîïôöùûüÿœ ÀÂÇÉÈÊËÎÏÔÙÛÜŒ áíóúñ €×½²°«»µ§’–"
    paper = Paper.NARROW if printer == "narrow" else Paper.WIDE
    data = receipt_bytes(Receipt("x", notes=(letters,)), paper=paper)
    printed = emulated.print(printer, data)
    assert printed.complaints == []
    (shown,) = printed.papers
    assert shown.text.split()[-len(letters.split()) :] == letters.split()


def test_the_one_command_it_lacks_is_sent_where_it_matters(emulated: Emulator) -> None:
    """ESC R, which Epson's reference has: the sign is itself on printers that were sold for any country."""
    printed = emulated.print("wide", receipt_bytes(Receipt("lot #4")))
    assert printed.complaints == ["printer.command.unknown skipped unknown bytes 1b 52 00"]
    assert [paper.text.strip() for paper in printed.papers] == ["lot #4"]


# The judge judges.


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (b"\x1b\xfe", "printer.command.unknown"),
        (b"\x1bt\x63", "printer.codepage.unsupported"),
    ],
)
def test_what_the_printer_does_not_know_is_told(
    emulated: Emulator, wrong: bytes, complaint: str
) -> None:
    printed = emulated.print(EPSON, wrong + HELLO)
    (told,) = printed.complaints
    assert told.startswith(complaint)


def test_a_label_of_another_lot_does_not_pass(emulated: Emulator) -> None:
    roll = formats.load("roll-80")
    assert isinstance(roll, Roll)
    other = Content({"name": "Kit", "digits": "1000004235"}, {"digits": "1000004235"}, {})
    data = label_job([(arranged(layouts.load("kit"), other, dpi=roll.dpi), 1)], roll)
    expected = [("Code128", "1000001240"), ("QRCode", "1000001240")]
    with pytest.raises(AssertionError, match="1000004235"):
        prints(emulated, "wide", Sent(data, [], expected, 1))
