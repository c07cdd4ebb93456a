"""Receipts: what an independent decoder sees of the bytes, on both papers and in both alphabets."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from labels.alphabet import CodePage, clean, has, spell
from labels.drawn import COLUMN, PITCH
from labels.errors import (
    EmptyCode,
    LabelError,
    PaperTooNarrow,
    TooLong,
    TooWide,
    UnreadableCode,
    WrongCharacter,
)
from labels.layout import NARROWEST, wrap
from labels.paper import receipt_bytes
from labels.receipt import Line, Paper, Receipt, Section, receipt_text
from tests.labels.escpos_decoder import decode

TALLY = Receipt(
    title="COMPTOIR CLIP",
    date_line="samedi 21/11/2026",
    subtitle="Décompte 19:00 – 22:34",
    subtitle_right="poste CLIP",
    sections=(
        Section(lines=(Line("Passages", "61"),)),
        Section(
            heading="Remis",
            value_heading="pièces",
            second_heading="samedi dernier",
            lines=(
                Line("Kit injection", "48", "41"),
                Line("Kit inhalation", "73", "70"),
                Line("Seringue 1 ml (hors kits)", "112", "96"),
                Line("seringues en tout", "208", "178", indent=1),
                Line("Naaldcontainerverzameldoosbeschermhoes 0,5 l", "3", "2"),
                Line("Rapporté", "1\u202f187", "150", bold=True),
                Line("par poids (0,78\u202fkg)", "100", indent=1),
            ),
        ),
        Section(lines=(Line("À vérifier", "1"), Line("Coût des œufs", "12 €"))),
    ),
    notes=("Journal effacé\u202f: il ne reste que les totaux.",),
    footer=("imprimé à 22:35",),
)

WIDE = """\
COMPTOIR CLIP            samedi 21/11/2026
Décompte 19:00 – 22:34          poste CLIP
------------------------------------------
Passages                                61
------------------------------------------
Remis                       pièces  samedi
                                   dernier
Kit injection                   48      41
Kit inhalation                  73      70
Seringue 1 ml (hors kits)      112      96
  seringues en tout            208     178
Naaldcontainerverzameldoosbeschermhoes
  0,5 l                          3       2
Rapporté                     1 187     150
  par poids (0,78 kg)          100
------------------------------------------
À vérifier                               1
Coût des œufs                         12 €
------------------------------------------
Journal effacé : il ne reste que les
totaux.
                           imprimé à 22:35
"""

NARROW = """\
COMPTOIR CLIP  samedi 21/11/2026
Décompte 19:00 – 22:34
                      poste CLIP
--------------------------------
Passages                      61
--------------------------------
Remis               pièces
                  samedi dernier
Kit injection           48    41
Kit inhalation          73    70
Seringue 1 ml
  (hors kits)          112    96
  seringues en tout    208   178
Naaldcontainerverzameldoosbes...
  0,5 l                  3     2
Rapporté             1 187   150
  par poids
    (0,78 kg)          100
--------------------------------
À vérifier                     1
Coût des œufs               12 €
--------------------------------
Journal effacé : il ne reste que
les totaux.
                 imprimé à 22:35
"""

papers = pytest.mark.parametrize(("paper", "text"), [(Paper.WIDE, WIDE), (Paper.NARROW, NARROW)])


@papers
def test_the_text_stands_as_drawn(paper: Paper, text: str) -> None:
    assert receipt_text(TALLY, paper.columns) == text


@papers
def test_the_paper_shows_the_same_lines_as_the_text(paper: Paper, text: str) -> None:
    job = receipt_bytes(TALLY, paper=paper)
    shown = decode(job)
    assert shown.lines == text.splitlines()
    assert shown.bold == [line for line in text.splitlines() if line in bold_lines(text)]
    assert (shown.resets, shown.american, shown.cut) == (1, False, True)


@pytest.mark.parametrize("character", "#$@[\\]^`{|}~")
def test_characters_that_some_countries_replace_are_asked_for(character: str) -> None:
    receipt = Receipt("x", footer=(f"a {character} b",))
    shown = decode(receipt_bytes(receipt))
    assert shown.american
    assert shown.lines[-1].strip() == f"a {character} b"


def bold_lines(text: str) -> list[str]:
    starts = ("COMPTOIR", "Remis", "Rapporté")
    lines = text.splitlines()
    return [line for line in lines if line.startswith(starts) or line.endswith("dernier")]


@pytest.mark.parametrize("label, lines", [
    ("Spuit 1 ml vaste naald 29G (buiten kits)",
     ["Spuit 1 ml vaste naald 29G", "  (buiten kits)        112    96"]),
    ("Seringue 0,5 ml aiguille fixe 30G (hors kits)",
     ["Seringue 0,5 ml aiguille fixe", "  30G (hors kits)      112    96"]),
    ("Spuit 0,5 ml met vaste naald 30G, met lage dode ruimte (buiten kits)",
     ["Spuit 0,5 ml met vaste naald...", "  (buiten kits)        112    96"]),
    ("Chloorhexidinereinigingsdoekje",
     ["Chloorhexidinereinigingsdoekje", "                       112    96"]),
    ("Kit", ["Kit                    112    96"]),
    ("Seringue 1 ml aiguille fixe 29G", ["Seringue 1 ml", "  aiguille fixe 29G    112    96"]),
    ("Naloxone spray nasal 1,8 mg", ["Naloxone spray", "  nasal 1,8 mg         112    96"]),
    ("Eau à préparer 5 ml stérile", ["Eau à préparer", "  5 ml stérile         112    96"]),
    ("9 × Récupérateur 3 l", ["9 × Récupérateur 3 l   112    96"]),
    ("12 × Récupérateur 3 l", ["12 × Récupérateur", "  3 l                  112    96"]),
])  # fmt: skip
def test_a_long_name_takes_two_lines_and_keeps_its_end(label: str, lines: list[str]) -> None:
    """On narrow paper, with two columns of figures: the least room there is."""
    section = Section("", (Line(label, "112", "96"),), "stuks", "vorige maandag")
    receipt = Receipt("t", sections=(section,))
    assert receipt_text(receipt, Paper.NARROW.columns).splitlines()[-len(lines) :] == lines


def test_long_heads_of_columns_stay_apart() -> None:
    section = Section("Remis", (Line("Kit", "1", "2"),), "x" * 20, "y" * 20)
    text = receipt_text(Receipt("t", sections=(section,)), Paper.NARROW.columns)
    assert f"Remis {'x' * 20}\n{'y' * 20:>32}\n" in text


def test_bold_ends_with_its_line() -> None:
    last = Section(lines=(Line("Rapporté", "187", bold=True),))
    shown = decode(receipt_bytes(Receipt("x", sections=(last,), footer=("imprimé",))))
    assert shown.bold == ["x", "Rapporté".ljust(39) + "187"]


@papers
@pytest.mark.parametrize("code_page", CodePage)
def test_every_line_is_there_in_letters_or_drawn(
    paper: Paper, text: str, code_page: CodePage
) -> None:
    shown = decode(receipt_bytes(TALLY, paper=paper, code_page=code_page))
    lines = [spell(line, code_page) for line in text.replace("  ", "\u00a0 ").splitlines()]
    assert len(lines) == len(text.splitlines())
    lacking = [line for line in lines if not has(code_page, line)]
    assert bool(lacking) is (
        code_page in (CodePage.CP858, CodePage.CP850, CodePage.CP437, CodePage.NONE)
    )
    assert len(shown.lines) == len(lines) - len(lacking)
    assert sum(high for _, high, _ in shown.images) == len(lacking) * PITCH
    assert {wide for wide, _, _ in shown.images} <= {paper.columns * COLUMN}
    assert not any(shown.centred)


def test_a_second_job_owes_nothing_to_the_first() -> None:
    """The trap of python-escpos: a builder used twice believes the printer in the wrong page."""
    first = receipt_bytes(TALLY, code_page=CodePage.CP858)
    second = receipt_bytes(TALLY)
    assert receipt_bytes(TALLY, code_page=CodePage.CP858) == first
    assert decode(first).lines[1].startswith("Décompte 19:00 - 22:34")
    assert decode(second).lines[1].startswith("Décompte 19:00 – 22:34")


@pytest.mark.parametrize("code_page", [CodePage.WPC1252, CodePage.WPC1252_71, CodePage.CP858])
def test_every_accent_of_french_and_dutch(code_page: CodePage) -> None:
    accents = "àâäçéèêëîïôöùûüÿ ÀÂÇÉÈÊËÎÏÔÙÛÜ áíóúñæ ßøå €×½²°«»µ§"
    shown = decode(receipt_bytes(Receipt(accents), code_page=code_page))
    assert "".join(shown.lines).replace(" ", "") == accents.replace(" ", "")


def test_signs_that_a_printer_lacks_are_spelled_and_letters_kept() -> None:
    assert spell("cœur – « l’été »…", CodePage.CP858) == "cœur - « l'été »..."
    assert spell("Dvořák • ﬁn e\u0301", CodePage.CP850) == "Dvořák - ﬁn é"
    assert spell("« – »", CodePage.NONE) == "« - »"
    assert spell("مرحبا", CodePage.WPC1252) == "مرحبا"


def test_no_text_can_command_a_printer() -> None:
    wicked = "\x1b@\x1dV\x00\n\r\x07\x10\x04\x01\x7f\x85\u2028\u202e\ud800"
    receipt = Receipt(wicked, sections=(Section(wicked, (Line(wicked, wicked, wicked),)),))
    shown = decode(receipt_bytes(receipt))  # fails at any command it does not know
    assert shown.resets == 1
    assert clean(wicked) == "@ V ?"
    assert receipt_text(receipt).replace("\n", "").isprintable()


def test_a_figure_is_never_cut() -> None:
    long = "123456789012345678901234567890"
    section = Section("Remis", (Line("Seringue", long, "7"), Line("Kit", "1", "2")))
    for paper in Paper:
        lines = receipt_text(Receipt("x", sections=(section,)), paper.columns).splitlines()
        assert long.rjust(paper.columns) in lines
        assert "7".rjust(paper.columns) in lines
        assert lines[-1].split() == ["Kit", "1", "2"]


@pytest.mark.parametrize("paper", Paper)
def test_the_code_on_the_paper_reads_back(paper: Paper) -> None:
    address = "https://comptoir.example.org/decompte/1600000142?du=2026-11-21"
    receipt = replace(TALLY, qr=address)
    shown = decode(receipt_bytes(receipt, paper=paper))
    [(width, height, bits)] = shown.images
    assert width <= paper.dots
    assert shown.centred == [True]
    image = ImageOps.invert(Image.frombytes("1", (width, height), bits).convert("L"))
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [address]
    assert shown.lines == receipt_text(TALLY, paper.columns).splitlines()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("", EmptyCode), ("a" * 3000, TooLong), ("a" * 1500, TooWide), ("\ud800", WrongCharacter)],
)
def test_a_code_that_nobody_could_read_is_not_printed(text: str, refusal: type[LabelError]) -> None:
    with pytest.raises(refusal):
        receipt_bytes(replace(TALLY, qr=text), paper=Paper.NARROW)


def test_a_decoder_that_reads_something_else_stops_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zxingcpp, "read_barcodes", lambda *_, **__: [])
    with pytest.raises(UnreadableCode, match="layout receipt"):
        receipt_bytes(replace(TALLY, qr="1600000142"))


def test_printing_leaves_nothing_in_the_temporary_directory(tmp_path: Path) -> None:
    """python-escpos makes a directory there whenever it is loaded."""
    program = "from labels.paper import receipt_bytes as b, Receipt as R; assert b(R('x'))"
    root = Path(__file__).parent.parent.parent
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert list(tmp_path.iterdir()) == []


texts = st.text(max_size=60) | st.text(alphabet="abé –œ€\u202f-", max_size=60)
lines = st.builds(
    Line, texts, texts, st.none() | texts, indent=st.integers(0, 30), bold=st.booleans()
)
sections = st.builds(Section, texts, st.lists(lines, max_size=4).map(tuple), texts, texts)
some = st.lists(texts, max_size=2).map(tuple)
receipts = st.builds(
    Receipt, texts, texts, st.lists(sections, max_size=3).map(tuple), texts, texts, some,
    footer=some,
)  # fmt: skip


@given(receipts, st.sampled_from(Paper), st.sampled_from(CodePage))
def test_any_words_fit_the_paper(receipt: Receipt, paper: Paper, code_page: CodePage) -> None:
    shown = decode(receipt_bytes(receipt, paper=paper, code_page=code_page))
    assert max((len(line) for line in shown.lines), default=0) <= paper.columns
    assert shown.cut


def short(label: str, columns: int) -> list[str]:
    """The label, where two lines surely hold it."""
    return [label] if len(clean(label)) <= columns // 3 else []


@given(receipts, st.integers(NARROWEST, 100))
def test_any_words_fit_the_text(receipt: Receipt, columns: int) -> None:
    lines = receipt_text(receipt, columns).splitlines()
    assert max((len(line) for line in lines), default=0) <= columns
    whole = "".join(lines).replace(" ", "").replace("-", "")
    for line in (line for section in receipt.sections for line in section.lines):
        # a label takes two lines at most, the words of a heading push no figure off the paper
        for text in (line.value, line.second_value or "", *short(line.label, columns)):
            for character in clean(text).replace("-", "").replace("\u00a0", ""):
                assert character == " " or character in whole


def test_no_room_at_all_is_said_rather_than_tried_forever() -> None:
    with pytest.raises(PaperTooNarrow):
        receipt_text(TALLY, 3)


@given(st.text(alphabet="ab \u00a0", max_size=40), st.integers(2, 12))
def test_wrapping_loses_no_character(text: str, width: int) -> None:
    wrapped = wrap(text, width)
    assert all(len(line) <= width for line in wrapped)
    assert "".join(wrapped).replace("-", "").replace(" ", "") == text.replace(" ", "")
