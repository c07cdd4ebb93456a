"""In-house codes: what is printed reads back, and a slip of one finger never reads as another."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import gtin, house
from labels.errors import NumberOutOfRange
from labels.house import HouseCode, Kind, house_code, parse_house

kinds = st.sampled_from(Kind)
numbers = st.integers(0, 999_999)


def test_the_examples_in_the_words_are_true() -> None:
    assert doctest.testmod(house).failed == 0
    assert doctest.testmod(gtin).failed == 0


def test_the_check_is_that_of_the_standard() -> None:
    # ISO 7064 MOD 97-10 by its definition: the whole number leaves 1 modulo 97. The IBAN's own
    # example stands for the published ones: 3214282912345698765432161182 leaves 1.
    assert 3214282912345698765432161182 % 97 == 1
    assert house.check_digits("32142829123456987654321611") == "82"


@given(kinds, numbers)
def test_what_is_printed_reads_back(kind: Kind, number: int) -> None:
    code = house_code(kind, number)
    assert len(code) == 10
    assert code.isdigit()
    assert int(code) % 97 == 1
    assert parse_house(code) == HouseCode(kind, number)


@given(kinds, numbers)
def test_one_wrong_digit_is_always_found(kind: Kind, number: int) -> None:
    code = house_code(kind, number)
    for place in range(10):
        for digit in "0123456789":
            if digit != code[place]:
                assert parse_house(code[:place] + digit + code[place + 1 :]) is None


@given(kinds, numbers)
def test_two_swapped_neighbours_are_always_found(kind: Kind, number: int) -> None:
    code = house_code(kind, number)
    for place in range(9):
        first, second = code[place], code[place + 1]
        if first != second:
            assert parse_house(code[:place] + second + first + code[place + 2 :]) is None


def test_only_the_check_that_is_printed_is_taken() -> None:
    """01 and 98 leave the same remainder; so do 00 and 97, and 02 and 99."""
    code = next(c for n in range(200) if (c := house_code(Kind.LOT, n)).endswith("98"))
    assert int(code[:8] + "01") % 97 == 1
    assert parse_house(code[:8] + "01") is None


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_a_number_of_seven_digits_is_not_printed(number: int) -> None:
    with pytest.raises(NumberOutOfRange) as caught:
        house_code(Kind.ITEM, number)
    assert caught.value.number == number


@pytest.mark.parametrize(
    "text",
    ["", "1", "100000016", "10000001610", "10000O0161", "١٠٠٠٠٠٠١٦١", "1000000161\n", "²" * 10],
)
def test_anything_else_is_not_an_in_house_code(text: str) -> None:
    assert parse_house(text) is None


def test_a_kind_nobody_made_is_not_an_in_house_code() -> None:
    payload = "18000001"
    assert house.has_valid_check(payload + house.check_digits(payload))
    assert parse_house(payload + house.check_digits(payload)) is None
