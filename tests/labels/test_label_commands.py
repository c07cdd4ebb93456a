"""comptoir label and comptoir decode: what one writes the other reads, and what is refused leaves no file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fpdf import FPDF
from PIL import Image

from labels.house import Kind, house_code
from tests import templates
from web.cli import common, main

ITEM = "(01)05410036306703(17)260930(10)ABC12"
EXAMPLES = {
    "code128": "1000000161",
    "ean13": "5410036306703",
    "gs1-128": ITEM,
    "gs1-datamatrix": ITEM,
    "qr": "héllo €",
}


def comptoir(*words: str | Path, language: str = "en_GB.UTF-8") -> Result:
    environment = {"LANG": language, "LC_ALL": language}
    return CliRunner().invoke(main, [str(word) for word in words], env=environment)


def read(file: Path) -> list[dict[str, Any]]:
    done = comptoir("decode", file, "--json")
    assert done.exit_code == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("symbology", EXAMPLES)
def test_what_is_written_is_read(symbology: str, tmp_path: Path) -> None:
    text, out = EXAMPLES[symbology], tmp_path / "code.png"
    done = comptoir("label", "--symbology", symbology, "--dpi", "300", "--out", out, text)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    with Image.open(out) as picture:
        assert picture.mode == "1"
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.02)
        wide, high = picture.size
    (found,) = read(out)
    assert (found["symbology"], found["text"], found["page"]) == (symbology, text, 1)
    assert found["content_type"] == ("GS1" if symbology.startswith("gs1") else "Text")
    assert len(found["position"]) == 4
    assert all(0 <= x <= wide and 0 <= y <= high for x, y in found["position"])


def test_a_refusal_ends_the_process_with_2(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("comptoir")
    words = ("label", "--symbology", "ean13", "--out", tmp_path / "code.png", "5410036306704")
    done = subprocess.run((program, *words), capture_output=True, check=False)
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (2, b"", [])


def test_an_svg_is_as_large_as_on_paper(tmp_path: Path) -> None:
    out = tmp_path / "code.svg"
    assert comptoir("label", "--symbology", "code128", "--out", out, "1000000161").exit_code == 0
    (wide,) = re.findall(r'width="([\d.]+)mm"', out.read_text())
    assert float(wide) == pytest.approx(27.5, abs=0.5)


@pytest.mark.parametrize(
    ("symbology", "text", "reason"),
    [
        ("gs1-128", "(01)05410036306704", "should be 3"),
        ("gs1-datamatrix", "(01)05410036306703(17)260230", "no date"),
        ("gs1-128", "(17)260930", "(01)"),
        ("ean13", "5410036306704", "should be 3"),
        ("ean13", "541", "12 or 13 digits"),
        ("code128", "é", "Character 1"),
        ("code128", "", "empty"),
        ("qr", "x" * 3000, "too long"),
    ],
)
def test_what_is_refused_says_why_and_leaves_no_file(
    symbology: str, text: str, reason: str, tmp_path: Path
) -> None:
    out = tmp_path / "code.png"
    done = comptoir("label", "--symbology", symbology, "--out", out, text)
    assert done.exit_code == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_speaks_the_language_of_the_terminal(tmp_path: Path) -> None:
    words = ("label", "--symbology", "ean13", "--out", tmp_path / "code.png", "541")
    assert "12 ou 13 chiffres" in comptoir(*words, language="fr_BE.UTF-8").stderr
    assert "12 of 13 cijfers" in comptoir(*words, language="nl_BE.UTF-8").stderr


def test_codes_on_the_pages_of_a_pdf(tmp_path: Path) -> None:
    pdf = FPDF()
    for symbology in ("gs1-128", "qr"):
        out = tmp_path / f"{symbology}.png"
        comptoir(
            "label", "--symbology", symbology, "--dpi", "300", "--out", out, EXAMPLES[symbology]
        )
        pdf.add_page()
        with Image.open(out) as picture:
            pdf.image(picture.convert("L"), 20, 30, picture.width * 25.4 / 300)
    pdf.output(str(tmp_path / "pages.pdf"))
    found = read(tmp_path / "pages.pdf")
    assert [(one["page"], one["symbology"], one["text"]) for one in found] == [
        (1, "gs1-128", ITEM),
        (2, "qr", EXAMPLES["qr"]),
    ]


def test_a_transparent_picture_is_seen_on_white(tmp_path: Path) -> None:
    opaque, clear = tmp_path / "opaque.png", tmp_path / "clear.png"
    comptoir("label", "--symbology", "qr", "--out", opaque, "x")
    with Image.open(opaque) as picture:
        ink = picture.convert("L").point(lambda grey: 255 - grey)
    black = Image.new("RGBA", ink.size)
    black.putalpha(ink)
    black.save(clear)
    assert [one["text"] for one in read(clear)] == ["x"]


def test_a_page_without_codes_and_a_file_that_is_none(tmp_path: Path) -> None:
    Image.new("L", (300, 300), 255).save(tmp_path / "white.png")
    assert read(tmp_path / "white.png") == []
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "text.pdf").write_bytes(b"%PDF-1.4 not one")
    for name in ("text.png", "text.pdf", "nowhere.png"):
        done = comptoir("decode", tmp_path / name, "--json")
        assert (done.exit_code, done.stdout) == (2, "")
        assert name in done.stderr


@pytest.fixture
def lot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The code of a lot of kits in a data folder of its own."""
    monkeypatch.setenv("COMPTOIR_DATA", str(tmp_path / "data"))
    common.database.cache_clear()
    common.settings.cache_clear()
    (tmp_path / "data").mkdir(mode=0o700)
    templates.example(tmp_path / "data" / "comptoir.db")
    done = comptoir("assemble", "--kit", "KIT-HYG", "--count", "2", "--json")
    assert done.exit_code == 0, done.stderr
    return str(json.loads(done.stdout)["lot"])


def test_labels_of_a_lot_are_written_in_every_form(lot: str, tmp_path: Path) -> None:
    for kind in ("pdf", "escpos", "png", "svg"):
        words = ("label", "--layout", "kit", "--lot", lot, "--format", kind)
        done = comptoir(*words, "--out", tmp_path / f"kit.{kind}")
        assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    texts = {found["text"] for found in read(tmp_path / "kit.png")}
    assert texts == {found["text"] for found in read(tmp_path / "kit.pdf")}
    (digits,) = texts
    again = tmp_path / "again.png"
    by_digits = ("label", "--layout", "kit", "--lot", digits, "--format", "png")
    assert comptoir(*by_digits, "--out", again).exit_code == 0
    assert again.read_bytes() == (tmp_path / "kit.png").read_bytes()
    assert (tmp_path / "kit.escpos").read_bytes().startswith(b"\x1b@")
    assert (tmp_path / "kit.svg").read_text().startswith("<svg")


def test_copies_fill_sheets_and_rolls(lot: str, tmp_path: Path) -> None:
    out = tmp_path / "kits"
    words = ("label", "--layout", "kit", "--lot", lot, "--copies", "20", "--start", "3")
    assert comptoir(*words, "--format", "pdf", "--out", out).exit_code == 0
    assert [found["page"] for found in read(out)].count(2) == 2  # one label, its code twice
    assert comptoir(*words, "--format", "escpos", "--out", out).exit_code == 0
    assert out.read_bytes().count(b"\x1dV") == 20


@pytest.mark.parametrize(
    ("layout", "of"), [("shelf", "SER1"), ("command", "next-person"), ("kit-narrow", None)]
)
def test_every_layout_by_name(layout: str, of: str | None, lot: str, tmp_path: Path) -> None:
    words = ("label", "--layout", layout, "--of", of or lot, "--format", "png")
    done = comptoir(*words, "--out", tmp_path / "one.png")
    assert done.exit_code == 0, done.stderr
    assert read(tmp_path / "one.png")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--layout", "nothing", "--of", "X", "--format", "png"),
        ("--layout", "kit", "--lot", "K999999", "--format", "png"),
        ("--layout", "kit", "--format", "png"),
        ("--layout", "shelf", "--of", "SER1"),
        ("--layout", "shelf", "--of", "SER1", "--format", "png", "--copies", "2"),
        ("--layout", "shelf", "--of", "SER1", "--format", "pdf", "--paper", "roll-80"),
        ("--layout", "shelf", "--of", "SER1", "--format", "escpos", "--paper", "l7160"),
        ("--layout", "shelf", "--of", "SER1", "--format", "escpos", "--paper", "roll-58"),
        ("--layout", "shelf", "--of", "SER1", "--format", "pdf", "--start", "99"),
        ("--layout", "badge", "--of", "Camille", "--format", "pdf"),
        ("--layout", "shelf", "--of", "SER1", "--format", "pdf", "--offset", "80", "80"),
        ("--layout", "kit", "--symbology", "qr", "X"),
        (),
    ],
)
def test_a_wrong_wish_is_refused_with_2_and_nothing_is_written(
    wrong: tuple[str, ...], lot: str, tmp_path: Path
) -> None:
    done = comptoir("label", *wrong, "--out", tmp_path / "out")
    assert done.exit_code == 2 and done.stderr.strip()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("layout", "paper", "instead"),
    [
        ("kit", "roll-58", ("kit-narrow", "--paper roll-80")),
        ("shelf", "roll-58", ("--paper roll-80",)),
        ("kit-narrow", "l7159", ("--paper l7160", "--paper l7163")),
    ],
)
def test_what_does_not_fit_says_what_does(
    layout: str, paper: str, instead: tuple[str, ...], lot: str, tmp_path: Path
) -> None:
    kind = "escpos" if paper.startswith("roll") else "pdf"
    of = "SER1" if layout == "shelf" else lot
    words = ("label", "--format", kind, "--out", tmp_path / "out", "--of", of)
    done = comptoir(*words, "--layout", layout, "--paper", paper)
    assert done.exit_code == 2 and paper in done.stderr
    for wish in instead:
        assert wish in done.stderr, done.stderr
    assert "--paper l7159" not in done.stderr
    # What it names is taken.
    better = re.findall(r"--(?:layout|paper) [\w-]+", done.stderr)
    for wish in better:
        option, value = wish.split()
        wished = {"--layout": layout, "--paper": paper} | {option: value}
        again = comptoir(*words, *(part for pair in wished.items() for part in pair))
        assert again.exit_code == 0, (wish, again.stderr)


def test_a_lot_of_a_component_a_lot_that_is_gone_and_a_badge_say_so(
    lot: str, tmp_path: Path
) -> None:
    words = ("label", "--layout", "kit", "--format", "png", "--out", tmp_path / "out.png")
    of_a_part = comptoir(*words, "--lot", "S1A2511")
    assert of_a_part.exit_code == 2
    assert "S1A2511" in of_a_part.stderr and "no kit" in of_a_part.stderr
    badge = comptoir("label", "--layout", "badge", "--format", "pdf", "--out", tmp_path / "b.pdf")
    assert badge.exit_code == 2 and "comptoir person badge" in badge.stderr
    assert list(tmp_path.glob("*.p*")) == []


def test_a_label_of_a_box_by_the_article_names_the_digits(lot: str, tmp_path: Path) -> None:
    """They are what `--of` takes then; an article whose boxes all have codes says so."""
    asked = ("label", "--layout", "pack", "--format", "png", "--out", tmp_path / "box.png", "--of")
    refused = comptoir(*asked, "CUP")
    assert refused.exit_code == 2
    digits = re.search(r"--of (\d{10}) \(× 100\)\.", refused.stderr)
    assert digits is not None, refused.stderr
    assert comptoir(*asked, digits[1]).exit_code == 0
    assert "TAMP has no box without a code" in comptoir(*asked, "TAMP").stderr
    assert "is on no list" in comptoir(*asked, "NOTHING").stderr


def test_kinds_of_files_that_are_not_read_are_named(lot: str, tmp_path: Path) -> None:
    for kind in ("svg", "escpos"):
        out = tmp_path / f"kit.{kind}"
        words = ("label", "--layout", "kit", "--lot", lot, "--format", kind, "--out", out)
        assert comptoir(*words).exit_code == 0
        done = comptoir("decode", out)
        assert done.exit_code == 2 and done.stderr.count("\n") == 1
        assert out.name in done.stderr and "SVG and ESC/POS are not" in done.stderr


def test_a_layout_nobody_has_is_said_first(tmp_path: Path) -> None:
    done = comptoir("label", "--layout", "nope", "--out", tmp_path / "out")
    assert done.exit_code == 2 and "nope" in done.stderr and "kit-narrow" in done.stderr


def test_a_file_is_not_called_what_it_is_not(tmp_path: Path) -> None:
    words = ("label", "--layout", "shelf", "--of", "SER1", "--format", "pdf")
    done = comptoir(*words, "--out", tmp_path / "out.png")
    assert done.exit_code == 2 and "out.png" in done.stderr
    assert not (tmp_path / "out.png").exists()


def test_ten_digits_of_another_kind_name_no_lot(lot: str, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    words = ("label", "--layout", "kit", "--lot", lot, "--format", "png", "--out", out)
    assert comptoir(*words).exit_code == 0
    digits = read(out)[0]["text"]
    number = int(digits[2:8])
    for kind in (Kind.PACK, Kind.ITEM, Kind.BADGE):
        other = ("label", "--layout", "kit", "--lot", house_code(kind, number), "--format", "png")
        assert comptoir(*other, "--out", tmp_path / "no.png").exit_code == 2
    bare = ("label", "--layout", "kit", "--lot", str(number), "--format", "png")
    assert comptoir(*bare, "--out", tmp_path / "no.png").exit_code == 2
    assert not (tmp_path / "no.png").exists()
