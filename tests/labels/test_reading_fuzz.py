"""No input of any bytes or length raises out of the reader."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import gtin as gtins
from labels.house import Kind, house_code, parse_house
from labels.reading import MAX_CHARACTERS, Details, House, Product, Unreadable, read_code

GS = "\x1d"
REAL = [
    "]C1010038290305760317270228102203009",
    "]C10130382903057604",
    f"]C117310228102603001{GS}30100",
    "]d201003829030299521727093010008298877",
    "]E00382903096046",
    "5019144107587",
    f"01003829030576031727022810LOT42A{GS}21000123",
    "(01)00382903057603(17)270228(10)LOT42A",
    f"]d2010038290305760339102{GS}3922EUR1{GS}310900000170032612312359{GS}8008261231",
    house_code(Kind.COMMAND, 5),
]
FRAGMENTS = ["]C1", "]E0", "]d2", "]Q3", "]I1", GS, "\r\n", "\x00", "(", ")", "+", "01", "10", "17"]
FRAGMENTS += ["30", "21", "37", "00", "390", "3103", "7003", "8008", "é", "\udcff", "٣", "９"]


def check(text: str) -> None:
    """Read, and hold the answer to what every answer promises."""
    reading = read_code(text)
    match reading:
        case Product(gtin, lot, _, count):
            assert len(gtin) == 14
            assert gtin.isascii()
            assert gtin.isdigit()
            assert gtins.has_valid_check(gtin)
            assert lot is None or 1 <= len(lot) <= 20
            assert count is None or count >= 1
        case Details(lot, expires, count):
            assert (lot, expires, count) != (None, None, None)
        case House(kind, number):
            assert parse_house(house_code(kind, number)) == reading
        case Unreadable(reason):
            assert reason.value


@given(st.text())
def test_any_text(text: str) -> None:
    check(text)


@given(st.text(alphabet=st.characters(), min_size=1), st.sampled_from(REAL))
def test_any_text_around_a_real_code(text: str, real: str) -> None:
    check(text + real)
    check(real + text)
    check(real[:3] + text)


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    check(data.decode("latin-1"))
    check(data.decode("utf-8", "surrogateescape"))
    check(data.decode("utf-16-le", "surrogatepass") if len(data) % 2 == 0 else "")


@given(st.lists(st.sampled_from([*FRAGMENTS, *REAL, *"0123456789AZ"]), max_size=40))
def test_any_mixture_of_what_codes_are_made_of(parts: list[str]) -> None:
    check("".join(parts))


@given(st.text(alphabet="0123456789", max_size=60), st.sampled_from(["", "]C1", "]E0", "]I1", GS]))
@settings(max_examples=500)
def test_any_digits(digits: str, before: str) -> None:
    check(before + digits)


@pytest.mark.parametrize("character", ["5", " ", GS, "(", "\x00", "\ud800", "é", "]C1"])
def test_ten_megabytes_are_refused_at_once(character: str) -> None:
    text = character * (10_000_000 // len(character))
    begin = time.perf_counter()
    assert isinstance(read_code(text), Unreadable)
    assert time.perf_counter() - begin < 1.0


@pytest.mark.parametrize("start", ["", "]C1", "]d2", "(01)", GS, "]C110"])
@pytest.mark.parametrize("unit", ["30", "(", "(10)A", "10A" + GS, "9", " ", "3100000001"])
def test_the_longest_text_that_is_read_takes_no_time(start: str, unit: str) -> None:
    text = (start + unit * MAX_CHARACTERS)[:MAX_CHARACTERS]
    begin = time.perf_counter()
    check(text)
    assert time.perf_counter() - begin < 0.5


def test_fifty_thousand_damaged_codes() -> None:
    """Cheaper than hypothesis, so that far more of them go through; the seed makes it repeatable."""
    chance = random.Random(20261121)
    alphabet = [chr(n) for n in range(128)] + list("0123456789" * 8) + [GS] * 8
    for _ in range(50_000):
        characters = list(chance.choice(REAL))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(characters) + 1)
            drop = chance.choice((0, 0, 1, 1, 3))
            characters[place : place + drop] = chance.choices(alphabet, k=chance.choice((0, 1, 2)))
        read_code("".join(characters))
