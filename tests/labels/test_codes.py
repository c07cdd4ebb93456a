"""Codes: whatever valid text is drawn reads back from a worn print; whatever is not valid is never drawn.

With COMPTOIR_TESTS=long in the environment, 5,000 texts of each symbology, at both resolutions, worn both ways.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from random import Random

import pytest
import zxingcpp
from PIL import Image

from labels import codes, gs1, readback
from labels.codes import RESOLUTIONS, Code, Symbology, draw, image, svg
from labels.elements import GS
from labels.errors import (
    ClashingIdentifiers,
    CompanionMissing,
    ImpossibleDate,
    LabelError,
    NotBracketed,
    TooLong,
    TooWide,
    UnreadableCode,
    WrongCharacter,
    WrongCheckDigit,
    WrongField,
)
from labels.readback import Found, Wear, checked, checked_image, decode, worn
from labels.reading import Product, read_code
from tests import LONG
from tests.labels import payloads

TEXTS = 5000 if LONG else 100
SEED = os.environ.get("SEED", "1")

ITEM = "(01)05410036306703(17)260930(10)ABC12(21)x-1"
EXAMPLES = {
    Symbology.CODE_128: "1000000161",
    Symbology.EAN_13: "5410036306703",
    Symbology.GS1_128: ITEM,
    Symbology.GS1_DATAMATRIX: ITEM,
    Symbology.QR: "https://comptoir.example.org/tally?shift=142",
}
QUIET = {
    Symbology.CODE_128: (10, 10),
    Symbology.EAN_13: (11, 7),
    Symbology.GS1_128: (10, 10),
    Symbology.GS1_DATAMATRIX: (1, 1),
    Symbology.QR: (4, 4),
}

symbologies = pytest.mark.parametrize("symbology", Symbology)
resolutions = pytest.mark.parametrize("dpi", RESOLUTIONS)


def seen(found: list[Found]) -> list[tuple[str, str]]:
    return [(one.symbology, one.says) for one in found]


def test_the_examples_in_the_words_are_true() -> None:
    assert doctest.testmod(gs1).failed == 0


# What is drawn reads back


@pytest.mark.long
@pytest.mark.timeout(3600 if LONG else 300)
@symbologies
@resolutions
@pytest.mark.parametrize("wear", Wear)
def test_every_valid_text_reads_back_from_a_worn_print(
    symbology: Symbology, dpi: int, wear: Wear
) -> None:
    chance = Random(f"{symbology} {dpi} {wear} {SEED}")
    for _ in range(TEXTS):
        text = payloads.valid(symbology, chance)
        code = draw(symbology, text, dpi=dpi)
        found = decode(worn(image(code), wear), only=[symbology], shrinking=False)
        assert seen(found) == [(symbology, code.says)], text
        assert found[0].text == code.text
        assert code.text.startswith(text)  # a twelfth digit is given its check digit, no more


@symbologies
@resolutions
def test_anybody_reads_it_who_looks_for_any_kind_of_code(symbology: Symbology, dpi: int) -> None:
    chance = Random(f"{symbology} {dpi}")
    for _ in range(30):
        code = draw(symbology, payloads.valid(symbology, chance), dpi=dpi)
        found = decode(image(code), shrinking=False)
        assert [(one.symbology, one.text) for one in found] == [(symbology, code.text)]


def test_the_text_that_python_barcode_loses_the_start_of() -> None:
    """Its Code 128 (0.16.1) takes a leading 99 for a change of set: why libzint draws."""
    for text in ("99%^]t", "9912345678", "9999"):
        checked_image(draw(Symbology.CODE_128, text))


def test_what_we_print_the_counter_reads() -> None:
    for symbology, mark in ((Symbology.GS1_128, "]C1"), (Symbology.GS1_DATAMATRIX, "]d2")):
        product = read_code(mark + draw(symbology, ITEM).says)
        assert isinstance(product, Product)
        assert (product.gtin, product.lot, product.sure) == ("05410036306703", "ABC12", True)


# The drawing itself


@symbologies
@resolutions
def test_modules_are_whole_dots_and_quiet_zones_are_kept(symbology: Symbology, dpi: int) -> None:
    chance = Random(str(symbology))
    for text in [EXAMPLES[symbology]] + [payloads.valid(symbology, chance) for _ in range(20)]:
        code = draw(symbology, text, dpi=dpi)
        left, right = QUIET[symbology]
        for row in set(lines(image(code))):
            runs = [(ink, len(list(dots))) for ink, dots in groupby(row)]
            assert all(length % code.dots == 0 for _, length in runs)
            if len(runs) > 1:
                assert runs[0] in [(255, n) for n in range(left * code.dots, len(row))]
                assert runs[-1] in [(255, n) for n in range(right * code.dots, len(row))]
        assert quiet(code) == (left, right)
        assert 0.25 <= code.dots * 25.4 / dpi < 0.38  # millimetres: what scanners and GS1 want


def quiet(code: Code) -> tuple[int, int]:
    """The least white left and right of any line, in modules; above and below too in two dimensions."""
    picture = image(code).point(lambda ink: 255 - ink)
    box = picture.getbbox()
    assert box
    left, top, right, bottom = box
    margins = (left, picture.width - right)
    if code.is_linear:
        assert (top, bottom) == (0, picture.height)
    else:
        assert (top, picture.height - bottom) == margins
    assert all(margin % code.dots == 0 for margin in margins)
    return margins[0] // code.dots, margins[1] // code.dots


def lines(picture: Image.Image) -> Iterator[bytes]:
    data = picture.tobytes()
    assert set(data) == {0, 255}
    for at in range(0, len(data), picture.width):
        yield data[at : at + picture.width]


def test_two_encoders_draw_the_same_bars() -> None:
    chance = Random(7)
    for _ in range(50):
        ean = payloads.digits_with_check(chance, 13)
        other = zxingcpp.create_barcode(ean, zxingcpp.EAN13)
        bars = Image.fromarray(other.to_image(scale=1, add_quiet_zones=False))
        row = bars.crop((0, 0, bars.width, 1)).tobytes()
        assert draw(Symbology.EAN_13, ean).rows == ("".join("0" if b else "1" for b in row),)


@symbologies
def test_the_drawing_in_lines_is_the_picture(symbology: Symbology) -> None:
    code = draw(symbology, EXAMPLES[symbology], dpi=300)
    text = svg(code)
    wide = float(re.findall(r'width="([\d.]+)mm"', text)[0])
    assert wide == pytest.approx(code.width * 25.4 / 300, abs=0.001)
    units = 1 if code.is_linear else code.modules
    assert f'viewBox="0 0 {code.modules} {units}"' in text
    drawn = Image.new("L", (code.modules, units), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", text):
        drawn.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
    large = drawn.resize((code.width, code.height), Image.Resampling.NEAREST)
    assert large.tobytes() == image(code).tobytes()


def test_a_code_takes_the_room_there_is_in_whole_dots() -> None:
    text = EXAMPLES[Symbology.QR]
    modules = draw(Symbology.QR, text).modules
    for dots in (3, 4, 5, 6):
        code = draw(Symbology.QR, text, room=modules * dots + 2)
        assert (code.dots, code.width) == (dots, modules * dots)
    assert draw(Symbology.QR, text, room=modules * 20).dots == 6
    with pytest.raises(TooWide):
        draw(Symbology.QR, text, room=modules * 3 - 1)
    with pytest.raises(ValueError, match="3 dots"):
        draw(Symbology.QR, text, dots=2)


# What is not valid is not drawn


@symbologies
def test_every_spoilt_text_is_refused_before_anything_is_drawn(
    symbology: Symbology, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(*_: object, **__: object) -> None:
        raise AssertionError("it was drawn")

    chance = Random(f"{symbology} {SEED}")
    for _ in range(TEXTS // 5):
        for text, refusal in payloads.spoilt(symbology, chance):
            with monkeypatch.context() as no_drawing:
                too_large = refusal is TooLong and symbology in (
                    Symbology.QR,
                    Symbology.GS1_DATAMATRIX,
                )
                if not too_large:  # only whoever draws knows how much the largest symbol holds
                    no_drawing.setattr(zxingcpp, "create_barcode", drawn)
                with pytest.raises(refusal):
                    draw(symbology, text)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("(17)260930", CompanionMissing),
        ("(10)A1(21)B2", CompanionMissing),
        ("(01)05410036306703(392)1", LabelError),
        ("(01)05410036306703(3922)100", CompanionMissing),
        ("(02)05410036306703(37)5", CompanionMissing),
        ("(414)5410036306703(254)A", None),
        ("(00)054100363067031236(02)05410036306703(37)5", None),
        ("(01)05410036306703(3103)000500(3922)100", None),
        ("(01)05410036306703(3103)000500(3101)000500", ClashingIdentifiers),
        ("(01)05410036306703(17)000000", ImpossibleDate),
        ("(01)05410036306703(17)000200", None),
        ("(01)05410036306703(17)280229", None),
        ("(01)05410036306703(17)270229", ImpossibleDate),
        ("(01)05410036306703(7007)260101251231", ImpossibleDate),
        ("(01)05410036306703(7003)2601010000", None),
        ("(8003)05410036306703X", None),
        ("(8003)05410036306704X", LabelError),
        ("(01)00000000000000", WrongField),
        ("(00)000000000000000000", WrongField),
        ("(8006)054100363067030102", None),
        ("(8006)054100363067030202", None),
        ("(8006)054100363067030302", WrongField),
        ("(8006)054100363067030002", WrongField),
        ("(8013)1987654Ad4X4bL5ttr2310c2K", None),
        ("(8013)1987654Ad4X4bL5ttr2310c2L", WrongCheckDigit),
        ("(8013)1987654Ad4X4bL5ttr23102cK", WrongCheckDigit),
        ("(8013)2", LabelError),
        ("(91)anything/at:all", None),
        ("(01)05410036306703\n", LabelError),
        ("01)05410036306703", NotBracketed),
    ],
)
def test_fields_need_and_exclude_each_other(text: str, refusal: type[LabelError] | None) -> None:
    if refusal is None:
        checked_image(draw(Symbology.GS1_DATAMATRIX, text))
    else:
        with pytest.raises(refusal):
            draw(Symbology.GS1_DATAMATRIX, text)


def test_a_separator_follows_each_field_of_variable_length_but_the_last() -> None:
    text = "(10)A1(01)05410036306703(21)B(30)5(17)260930"
    says = f"10A1{GS}010541003630670321B{GS}305{GS}17260930"
    assert draw(Symbology.GS1_DATAMATRIX, text).says == says
    assert draw(Symbology.GS1_128, text).text == text


def test_the_longest_gs1_128_has_48_characters() -> None:
    text = "(01)05410036306703(10)" + "A" * 20 + "(21)"
    checked_image(draw(Symbology.GS1_128, text + "B" * 7))  # 16 + 22 + a separator + 2 + 7
    with pytest.raises(TooLong):
        draw(Symbology.GS1_128, text + "B" * 8)


# What does not read back does not leave


@symbologies
def test_a_damaged_code_does_not_leave(symbology: Symbology) -> None:
    code = draw(symbology, EXAMPLES[symbology])
    picture = image(code)
    picture.paste(255, (code.width // 3, 0, code.width // 3 + 4 * code.dots, code.height))
    picture.paste(255, (0, 0, code.width // 3, 0 if code.is_linear else code.height // 3))
    with pytest.raises(UnreadableCode, match="layout kit, printer backroom") as refused:
        checked(picture, [code], layout="kit", printer="backroom")
    assert refused.value.expected == ((symbology, code.says),)


def test_another_text_or_symbology_does_not_leave() -> None:
    plain = draw(Symbology.CODE_128, "01054100363067031726093010A")
    marked = draw(Symbology.GS1_128, "(01)05410036306703(17)260930(10)A")
    assert plain.says == marked.says
    for drawn, wanted in ((plain, marked), (marked, plain)):
        with pytest.raises(UnreadableCode):
            checked(image(drawn), [wanted])
    with pytest.raises(UnreadableCode):
        checked(image(draw(Symbology.CODE_128, "1000000161")), [draw(Symbology.CODE_128, "16")])


def test_a_page_holds_its_codes_all_of_them_and_no_others() -> None:
    bars = draw(Symbology.CODE_128, "1000000161")
    square = draw(Symbology.QR, "1000000161")
    page = Image.new("L", (bars.width + square.width + 40, 3 * square.height + 40), 255)
    page.paste(image(bars), (0, 20))
    page.paste(image(square), (bars.width + 20, 20))
    assert checked(page, [square, bars]) is page
    for wrong in ([bars], [bars, square, square], [bars, bars, square], []):
        with pytest.raises(UnreadableCode):
            checked(page, [*wrong, draw(Symbology.QR, "x")])
    page.paste(image(square), (bars.width + 20, square.height + 40))
    with pytest.raises(UnreadableCode):
        checked(page, [bars, square])
    assert checked(page, [square, bars, square]) is page


def test_the_wear_refuses_an_ean_of_modules_that_are_no_whole_dots() -> None:
    """hardware.md: 0.264 mm and 0.300 mm at 203 dpi read in one print of ten, and none."""
    chance = Random(3)
    for modules_mm, passes in ((0.264, False), (0.3, False), (0.375, True)):
        dots = modules_mm / 25.4 * 203 if not passes else 3
        let_out = 0
        for _ in range(20):
            code = draw(Symbology.EAN_13, payloads.digits_with_check(chance, 13))
            fractional = image(code).resize(
                (round(code.modules * dots), code.height), Image.Resampling.NEAREST
            )
            let_out += seen(decode(worn(fractional), shrinking=False)) == [("ean13", code.says)]
        assert let_out == (20 if passes else 0), modules_mm


def test_loading_the_modules_loads_neither_pictures_nor_decoder() -> None:
    program = (
        "import sys, labels.paper, labels.readback; print({'PIL', 'zxingcpp'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_every_symbology_has_its_form_and_its_reader() -> None:
    assert set(codes._FORMS) == set(Symbology)
    assert set(readback._OURS.values()) == set(Symbology)


def test_a_text_that_begins_with_a_mark_nobody_reads_is_at_fault_itself() -> None:
    """U+FEFF in front says in which order bytes come: it is taken off, so that another text would be read."""
    with pytest.raises(WrongCharacter) as refused:
        draw(Symbology.QR, "\ufeffabc")
    assert (refused.value.character, refused.value.position) == ("\ufeff", 1)
    checked_image(draw(Symbology.QR, "abc\ufeffd"))
