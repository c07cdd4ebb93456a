"""Labels as they come out: every layout, on every paper, read back by an independent decoder from the paper itself."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from itertools import combinations
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labels import codes, formats, layouts
from labels.codes import Code, Symbology
from labels.errors import (
    LabelTooLarge,
    NoSuchPosition,
    NotExact,
    OffThePaper,
    UnknownFormat,
    UnknownLayout,
    UnreadableCode,
)
from labels.formats import Roll, Sheet
from labels.label import Content, Label, Placed, Shown, Words, arranged
from labels.label_escpos import label_job
from labels.label_pdf import calibration_pdf, label_pdf, sheet_pdf
from labels.label_pixels import label_image, label_png
from labels.label_svg import label_svg
from labels.layouts import Text
from labels.letters import POINT, Fitted, fitted_exactly, width
from labels.pictures import USE_BY, Drawing, Photograph
from labels.readback import said_by
from tests.labels.escpos_decoder import decode as shown_by_printer

LONG = "Wegwerpscheermesjes met beschermkapje en verzorgingsdoekje (dubbelverpakking)"
BOX = Drawing("M3 8h18v12H3zM8 8V4h8v4M12 11v6M9 14h6")
DIGITS = "1000004235"
ROLLS = [name for name in formats.names() if isinstance(formats.load(name), Roll)]
SHEETS = [name for name in formats.names() if isinstance(formats.load(name), Sheet)]
needs_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs poppler-utils")


def content(
    name: str = "Kit injection", others: str = "Injectiekit · Injecting kit", lot: str = "K000042"
) -> Content:
    texts = {"name": name, "other-names": others, "expires": "31/08/2028", "lot": lot}
    texts |= {"pieces": "100 pièces", "digits": "10 000042 35"}
    found = {"item": BOX, "command": BOX, "use-by": USE_BY}
    return Content(texts, {"digits": DIGITS}, found)


LOTS = ("230915A-01", "LOT2026-118", "12 3/4_%5 é", "A1B2C3D4E5F6G7H8I9J0", 20 * "W")


def of_lot(lot: str) -> Content:
    return content(LONG, LONG, lot)


def sheet(name: str) -> Sheet:
    found = formats.load(name)
    assert isinstance(found, Sheet)
    return found


def roll(name: str) -> Roll:
    found = formats.load(name)
    assert isinstance(found, Roll)
    return found


def read(picture: Image.Image) -> list[tuple[str, str]]:
    return sorted((one.format.name, one.text) for one in zxingcpp.read_barcodes(picture))


def expected(label: Label) -> list[tuple[str, str]]:
    names = {Symbology.CODE_128: "Code128", Symbology.QR: "QRCode"}
    return sorted((names[code.symbology], code.says) for code in label.codes)


def boxes(label: Label) -> list[tuple[float, float, float, float]]:
    """Where things stand that must not touch: left, top, right, bottom, in millimetres; quiet zones belong to codes."""
    found = []
    for thing in label.things:
        if isinstance(thing, Placed):
            dot = 25.4 / label.dpi
            left, top = thing.column * dot, thing.row * dot
            found.append((left, top, left + thing.code.width * dot, top + thing.code.height * dot))
        elif isinstance(thing, Words):
            size = thing.points * POINT
            right = thing.x + width(thing.text, thing.points, bold=thing.bold)
            found.append((thing.x, thing.y - 0.7 * size, right, thing.y + 0.22 * size))
        elif isinstance(thing, Shown):
            found.append((thing.x, thing.y, thing.x + thing.width, thing.y + thing.height))
    return found


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > 0.05
        and min(one[3], other[3]) - max(one[1], other[1]) > 0.05
    )


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("name", layouts.names())
def test_every_layout_reads_back_and_nothing_touches(name: str, dpi: int) -> None:
    for words in (content(), content(LONG, LONG), content("X", ""), *map(of_lot, LOTS)):
        label = arranged(layouts.load(name), words, dpi=dpi)
        picture = label_image(label)
        assert read(picture) == expected(label) != []
        for box in boxes(label):
            assert box[0] >= -0.05 and box[1] >= -0.05, (name, box)
            assert box[2] <= label.width + 0.05 and box[3] <= label.height + 0.05, (name, box)
        for one, other in combinations(boxes(label), 2):
            assert not overlap(one, other), (name, one, other)


@settings(max_examples=40, deadline=None)
@given(name=st.text(max_size=120), others=st.text(max_size=200))
def test_whatever_an_article_is_called_its_label_is_printed(name: str, others: str) -> None:
    layout = layouts.load("kit")
    label = arranged(layout, content(name, others), dpi=203)
    label_image(label)
    room = {field.text: field.width for field in layout.field if isinstance(field, Text)}
    for words in label.things:
        if isinstance(words, Words):
            assert width(words.text, words.points, bold=words.bold) <= max(room.values()) + 0.01


def test_a_long_name_is_smaller_then_broken_then_ends_in_dots() -> None:
    def names(text: str) -> list[Words]:
        label = arranged(layouts.load("shelf"), content(text), dpi=203)
        return [one for one in label.things if isinstance(one, Words) and one.bold]

    short, long, longest = names("Pipe"), names(LONG), names(LONG + " " + LONG)
    assert len(short) == 1 and short[0].points == 19
    assert len(long) > 1 and long[0].points < 19
    assert longest[-1].text.endswith("…")
    assert "-" in "".join(one.text for one in names("Hottentottententententoonstelling"))


@pytest.mark.parametrize("name", ["kit", "kit-narrow"])
def test_a_lot_is_printed_letter_by_letter_or_not_at_all(name: str) -> None:
    layout = layouts.load(name)

    def printed(lot: str) -> str:
        label = arranged(layout, Content({"lot": lot}), dpi=203)
        words = [one for one in label.things if isinstance(one, Words)]
        assert len(words) <= 2 and min(one.points for one in words) >= 6
        return "".join(one.text for one in words)

    for lot in LOTS:
        assert printed(lot) == lot
    for wrong in ("Ω42", "批42", "A\u202fB", " 42", 60 * "W"):
        with pytest.raises(NotExact) as refused:
            printed(wrong)
        error = refused.value
        assert (error.layout, error.field, error.text) == (name, "lot", wrong)


def test_a_line_of_a_lot_does_not_end_at_a_space_nobody_would_see() -> None:
    """AB C on two lines is not to be taken for ABC."""

    def lines(text: str) -> Fitted | None:
        return fitted_exactly(text, wide=10, high=99, sizes=(8,), lines=99, bold=False)

    found = lines("WWWW WWWW W WWW WW")
    assert found is not None and len(found.lines) > 2
    assert "".join(found.lines) == "WWWW WWWW W WWW WW"
    assert all(line.strip() == line for line in found.lines)
    assert lines("WW" + 30 * " " + "WW") is None


def test_what_a_label_does_not_have_is_left_out() -> None:
    words = Content({"name": "Kit"}, {"digits": DIGITS})
    label = arranged(layouts.load("kit"), words, dpi=203)
    assert [one.text for one in label.things if isinstance(one, Words)] == ["Kit"]
    assert not [one for one in label.things if isinstance(one, Shown)]


def test_a_label_that_does_not_read_back_does_not_leave_and_says_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    label = arranged(layouts.load("kit"), content(), dpi=203)
    whole = codes.image

    def scratched(code: Code) -> Image.Image:
        picture = whole(code)
        picture.paste(255, (picture.width // 2, 0, picture.width // 2 + 12, picture.height))
        return picture

    monkeypatch.setattr(codes, "image", scratched)
    to_a_printer: list[Callable[[], object]] = [
        lambda: label_job([(label, 1)], roll("roll-80"), printer="TAD"),
        lambda: label_png(label, printer="TAD"),
    ]
    for leave in to_a_printer:
        with pytest.raises(UnreadableCode) as caught:
            leave()
        assert (caught.value.layout, caught.value.printer) == ("kit", "TAD")
    to_a_file: list[Callable[[], object]] = [
        lambda: label_svg(label),
        lambda: label_pdf(label, title="", language="fr"),
    ]
    for leave in to_a_file:
        with pytest.raises(UnreadableCode, match="layout kit"):
            leave()
    on_paper: list[tuple[str, Callable[[], object]]] = [
        ("L7160", lambda: sheet_pdf([(label, 1)], sheet("l7160"), title="", language="fr")),
        ("80 mm", lambda: label_job([(label, 1)], roll("roll-80"))),
    ]
    for printer, leave in on_paper:
        with pytest.raises(UnreadableCode) as caught:
            leave()
        assert caught.value.layout == "kit" and printer in (caught.value.printer or "")


def photograph(symbology: Symbology, text: str, *, part: float) -> Photograph:
    """Of a box on which a code takes so large a part of the width."""
    code = codes.image(codes.draw(symbology, text, dots=8))
    side = round(code.width / part)
    ground = Image.new("L", (side, side), 170)
    ground.paste(code, ((side - code.width) // 2, (side - code.height) // 2))
    file = BytesIO()
    ground.convert("RGB").resize((600, 600)).save(file, "JPEG", quality=85)
    return Photograph(file.getvalue())


GS1 = "(01)05410036306703(17)270930(10)A1"
ON_BOXES = [
    (Symbology.QR, "https://example.org/a"),
    (Symbology.GS1_DATAMATRIX, GS1),
    (Symbology.EAN_13, "5410036306703"),
]


@pytest.mark.parametrize(("symbology", "text"), ON_BOXES)
def test_a_code_in_a_photograph_is_noticed_before_a_scanner_reads_it(
    symbology: Symbology, text: str
) -> None:
    """In whatever form it is printed: in specks where a thermal head prints, in grey on a sheet."""
    for part in (0.4, 0.8):
        shown = photograph(symbology, text, part=part)
        assert any(said_by(shown, *box) for box in layouts.boxes("item"))
        for name, dpi in (("kit", 203), ("shelf", 300)):
            words = Content({"name": "Kit"}, {"digits": DIGITS}, {"item": shown})
            with pytest.raises(UnreadableCode) as refused:
                label_image(arranged(layouts.load(name), words, dpi=dpi))
            assert str(symbology) in {kind for kind, _ in refused.value.found}


def test_a_photograph_without_a_code_is_printed() -> None:
    file = BytesIO()
    Image.linear_gradient("L").save(file, "PNG")
    shown = Photograph(file.getvalue())
    label = arranged(layouts.load("kit"), Content({}, {"digits": DIGITS}, {"item": shown}), dpi=203)
    assert read(label_image(label)) == expected(label)


@pytest.mark.parametrize(("name", "paper"), [("kit", "roll-80"), ("kit-narrow", "roll-58")])
def test_a_receipt_printer_shows_labels_that_scan(name: str, paper: str) -> None:
    label = arranged(layouts.load(name), content(), dpi=203)
    job = label_job([(label, 3)], roll(paper))
    copies = [b"\x1b@" + part for part in job.removeprefix(b"\x1b@").split(CUT)][:-1]
    assert len(copies) == 3
    for copy in copies:
        (picture,) = shown_by_printer(copy + CUT).images
        wide, high, bits = picture
        assert wide == roll(paper).dots
        image = Image.frombytes("1", (wide, high), bits).point(lambda dot: 0 if dot else 255)
        assert read(image.convert("L")) == expected(label)


CUT = b"\x1dV\x01"


def pages(pdf: bytes, folder: Path, dpi: int) -> list[Image.Image]:
    file = folder / "labels.pdf"
    file.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", file, folder / "page"], check=True)
    return [Image.open(page) for page in sorted(folder.glob("page-*.pgm"))]


@needs_poppler
@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_read_back_whole_from_its_page(name: str, tmp_path: Path) -> None:
    paper = sheet(name)
    layout = next(
        found
        for found in map(layouts.load, ("badge", "kit", "kit-narrow"))
        if found.width <= paper.width and found.height <= paper.height
    )
    label = arranged(layout, content(), dpi=300)
    pdf = sheet_pdf([(label, paper.count + 2)], paper, title="Labels", language="fr", start=2)
    first, second = pages(pdf, tmp_path, 300)
    assert read(first) == sorted(expected(label) * (paper.count - 1))
    assert read(second) == sorted(expected(label) * 3)
    corners = {
        paper.corner(position)
        for one in zxingcpp.read_barcodes(first)
        for position in range(paper.count)
        if _inside(one, paper.corner(position), paper)
    }
    assert corners == {paper.corner(position) for position in range(1, paper.count)}


def _inside(code: zxingcpp.Barcode, corner: tuple[float, float], paper: Sheet) -> bool:
    x, y = (n * 25.4 / 300 for n in (code.position.top_left.x, code.position.top_left.y))
    return 0 <= x - corner[0] <= paper.width and 0 <= y - corner[1] <= paper.height


@needs_poppler
def test_the_printer_is_corrected_by_so_many_millimetres(tmp_path: Path) -> None:
    label = arranged(layouts.load("kit"), content(), dpi=300)

    def corner(offset: tuple[float, float]) -> tuple[float, float]:
        folder = tmp_path / str(offset)
        folder.mkdir()
        pdf = sheet_pdf([(label, 1)], sheet("l7160"), title="", language="fr", offset=offset)
        (page,) = pages(pdf, folder, 300)
        where = min(one.position.top_left.x for one in zxingcpp.read_barcodes(page))
        high = min(one.position.top_left.y for one in zxingcpp.read_barcodes(page))
        return where * 25.4 / 300, high * 25.4 / 300

    plain, moved = corner((0, 0)), corner((2.5, -1))
    assert moved[0] - plain[0] == pytest.approx(2.5, abs=0.1)
    assert moved[1] - plain[1] == pytest.approx(-1, abs=0.1)


@needs_poppler
def test_the_calibration_sheet_shows_every_label_where_it_is(tmp_path: Path) -> None:
    pdf = calibration_pdf(sheet("l7160"), title="", language="fr", offset=(0, 0))
    (page,) = pages(pdf, tmp_path, 300)
    x, y = sheet("l7160").corner(20)
    for left in (x, x + 63.5):
        column, row = round(left * 300 / 25.4), round((y + 5) * 300 / 25.4)
        assert min(page.crop((column - 2, row, column + 3, row + 1)).tobytes()) < 200


@needs_poppler
def test_one_label_is_a_page_of_its_size(tmp_path: Path) -> None:
    label = arranged(layouts.load("kit"), content(), dpi=300)
    (page,) = pages(label_pdf(label, title="", language="fr"), tmp_path, 300)
    assert page.width == pytest.approx(62 * 300 / 25.4, abs=2)
    assert read(page) == expected(label)


def test_the_formats_lie_on_their_paper_evenly() -> None:
    """Sheets are the same left and right, above and below: where a figure was mistyped they are not."""
    for name in SHEETS:
        paper = sheet(name)
        x, y = paper.corner(paper.count - 1)
        assert paper.left == pytest.approx(210 - x - paper.width, abs=0.06), name
        assert paper.top == pytest.approx(297 - y - paper.height, abs=0.06), name
        assert paper.across >= paper.width and paper.down >= paper.height, name


def test_what_cannot_be_is_refused() -> None:
    label = arranged(layouts.load("badge"), content(), dpi=300)
    with pytest.raises(LabelTooLarge):
        sheet_pdf([(label, 1)], sheet("l7160"), title="", language="fr")
    with pytest.raises(LabelTooLarge):
        label_job([(arranged(layouts.load("badge"), content(), dpi=203), 1)], roll("roll-58"))
    small = arranged(layouts.load("kit"), content(), dpi=300)
    for start in (0, 22):
        with pytest.raises(NoSuchPosition):
            sheet_pdf([(small, 1)], sheet("l7160"), title="", language="fr", start=start)
    for offset in ((21, 0), (0, -20.5), (-9, 0)):
        with pytest.raises(OffThePaper):
            sheet_pdf([(small, 1)], sheet("l7160"), title="", language="fr", offset=offset)
    with pytest.raises(UnknownLayout, match="kit-narrow"):
        layouts.load("nothing")
    with pytest.raises(UnknownFormat, match="l7160"):
        formats.load("../layouts/kit")


def test_a_layout_is_checked_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.toml").write_text('width = 10\nheight = 10\n[[field]]\ntype = "text"\n')
    monkeypatch.setattr(layouts, "FOLDER", tmp_path)
    with pytest.raises(Exception, match="missing required field"):
        layouts.load("odd")


@needs_poppler
def test_an_svg_is_what_is_printed(tmp_path: Path) -> None:
    """Drawn by another program (fpdf2's reader of SVG, then poppler), it scans as well."""
    from fpdf import FPDF

    label = arranged(layouts.load("kit"), content(), dpi=300)
    (tmp_path / "kit.svg").write_text(label_svg(label, title="Kit injection"))
    pdf = FPDF(unit="mm", format=(label.width, label.height))
    pdf.add_page()
    pdf.image(tmp_path / "kit.svg", 0, 0, label.width, label.height)
    (page,) = pages(bytes(pdf.output()), tmp_path, 300)
    assert read(page) == expected(label)
