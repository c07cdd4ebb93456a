"""What codes say, and the gaps that the parsers underneath leave open."""

import calendar
import time
import timeit
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import gtin as gtins
from labels.house import HouseCode, Kind, check_digits, house_code
from labels.reading import Details, House, Product, Reason, Unreadable, read_code

GS = "\x1d"
NEEDLE = "00382903057603"
CONDOM = "05410036306703"
FEBRUARY = date(2027, 2, 28)


def with_check(payload: str) -> str:
    return f"{payload}{gtins.check_digit(payload)}"


def refused(text: str) -> Reason | None:
    reading = read_code(text)
    return reading.reason if isinstance(reading, Unreadable) else None


# In-house codes


@given(st.sampled_from(Kind), st.integers(0, 999_999))
def test_ten_digits_are_ours_in_any_symbology_we_print(kind: Kind, number: int) -> None:
    code = house_code(kind, number)
    for read in (code, f"]C0{code}", f"]Q1{code}", f"]d1{code}", f"]A0{code}", f" {code}\r\n"):
        assert read_code(read) == House(kind, number) == HouseCode(kind, number)


def test_ten_digits_that_are_not_ours_are_nothing_else() -> None:
    assert refused("1000000162") is Reason.CHECK_DIGIT
    assert refused("18000001" + check_digits("18000001")) is Reason.HOUSE_KIND
    assert refused(f"]I0{house_code(Kind.LOT, 1)}") is Reason.LENGTH


def test_ten_digits_in_a_gs1_symbology_are_an_element_string() -> None:
    assert read_code("]C1" + house_code(Kind.LOT, 1)) == Details(lot="00000161")


# GTINs


@given(st.sampled_from([8, 12, 13, 14]), st.integers(0, 10**13 - 1))
def test_a_gtin_of_any_length_becomes_fourteen_digits(length: int, number: int) -> None:
    digits = with_check(f"{number:014d}"[-(length - 1) :])
    assert read_code(digits) == Product(digits.zfill(14))


@given(st.sampled_from([8, 12, 13, 14]), st.integers(0, 10**13 - 1), st.integers(1, 9))
def test_a_wrong_check_digit_is_always_found(length: int, number: int, off: int) -> None:
    digits = with_check(f"{number:014d}"[-(length - 1) :])
    wrong = digits[:-1] + str((int(digits[-1]) + off) % 10)
    assert refused(wrong) is Reason.CHECK_DIGIT


@pytest.mark.parametrize("digits", ["1", "1234567", "123456789", "12345678901", "123456789012345"])
def test_other_lengths_are_no_code(digits: str) -> None:
    assert refused(digits) is Reason.LENGTH


@pytest.mark.parametrize(
    ("read", "gtin"),
    [
        ("]E00382903096046", "00382903096046"),
        ("]E0" + CONDOM[1:], CONDOM),
        ("]E496385074", "00000096385074"),
        ("]E3" + CONDOM[1:] + "12", CONDOM),
        ("]E3" + CONDOM[1:] + "51299", CONDOM),
        ("]I1" + "30382903057604", "30382903057604"),
        ("]I0" + "30382903057604", "30382903057604"),
        ("]C0" + CONDOM[1:], CONDOM),
        ("]C1" + "01" + NEEDLE, NEEDLE),
        ("]e0" + "01" + NEEDLE, NEEDLE),
        ("]J1" + "01" + NEEDLE, NEEDLE),
        ("]Q3" + "01" + NEEDLE, NEEDLE),
        ("\r\n\t " + CONDOM[1:] + " \t\r\n", CONDOM),
        ("5 410036 306703", CONDOM),
        ("01" + NEEDLE, NEEDLE),
        (f"{GS}01{NEEDLE}", NEEDLE),
    ],
)
def test_a_gtin_in_each_symbology(read: str, gtin: str) -> None:
    assert read_code(read) == Product(gtin)


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        ("]E0382903096046", Reason.LENGTH),  # twelve digits after ]E0, which biip takes
        ("]E05410036306704", Reason.CHECK_DIGIT),
        ("]E054100363067O3", Reason.MALFORMED),
        ("]E4963850741", Reason.LENGTH),
        ("]E4" + CONDOM[1:], Reason.LENGTH),
        ("]E3" + CONDOM[1:], Reason.SYMBOLOGY),  # an add-on is announced and missing
        ("]E112", Reason.SYMBOLOGY),
        ("]I1" + CONDOM[1:], Reason.LENGTH),
        ("]C096385074", Reason.LENGTH),  # a GTIN-8 travels in an EAN-8 only
        ("]C1", Reason.EMPTY),  # which biip takes
        (f"]C1{GS}", Reason.EMPTY),
        ("]C0", Reason.EMPTY),
        ("]C101" + NEEDLE[:-1] + "4", Reason.CHECK_DIGIT),  # which biip takes
        ("]", Reason.MALFORMED),
        ("]C", Reason.MALFORMED),
        ("]!!" + CONDOM[1:], Reason.MALFORMED),
        ("]C1]C101" + NEEDLE, Reason.MALFORMED),
        ("", Reason.EMPTY),
        (" \r\n\t ", Reason.EMPTY),
        ("bonjour", Reason.MALFORMED),
        ("+A99912345/$$52001510X3", Reason.HIBC),
        ("]C0+A99912345/$$52001510X3", Reason.HIBC),
        ("]d1+A99912345C", Reason.HIBC),
        (CONDOM[1:-1] + "\x003", Reason.CONTROL_CHARACTERS),
        ("]C101" + NEEDLE + "\x7f", Reason.CONTROL_CHARACTERS),
        ("[)>\x1e06\x1d9N11123", Reason.CONTROL_CHARACTERS),
        ("٥٤١٠٠٣٦٣٠٦٧٠٣", Reason.CHARACTERS),  # Arabic digits: int() would take them
        ("\udc80", Reason.CHARACTERS),
        ("5" * 513, Reason.TOO_LONG),
        ("]C1" + "01" + NEEDLE + "10" + "A" * 21, Reason.MALFORMED),
    ],
)
def test_what_is_refused_and_why(read: str, reason: Reason) -> None:
    assert refused(read) is reason


@pytest.mark.parametrize(
    ("prefix", "restricted"),
    [
        *((prefix, True) for prefix in ["02", "04", "98", "99", *map(str, range(20, 30))]),
        *((prefix, False) for prefix in ["01", "03", "05", "06", "19", "30", "54", "97"]),
    ],
)
def test_restricted_and_coupon_ranges_are_told_at_every_length(
    prefix: str, restricted: bool
) -> None:
    payload = f"{prefix}1234567890"
    forms = [with_check(payload), *(with_check(f"{level}{payload}") for level in "0189")]
    if prefix.startswith("0"):
        forms.append(with_check(payload[1:]))  # a UPC-A hides its nought
    for form in forms:
        for read in (form, f"]C101{form.zfill(14)}"):
            reading = read_code(read)
            assert isinstance(reading, Product)
            assert reading.restricted is restricted, read


@pytest.mark.parametrize("first", "0123456789")
def test_a_gtin_8_has_its_own_restricted_ranges(first: str) -> None:
    payload = f"{first}638507"
    for read in (with_check(payload), f"]C101{with_check('100000' + payload)}"):
        reading = read_code(read)
        assert isinstance(reading, Product)
        assert reading.restricted is (first in "02"), read


# Element strings


def test_the_order_of_the_fields_does_not_matter() -> None:
    expected = Product(NEEDLE, "LOT42A", FEBRUARY, 10)
    assert read_code(f"]C101{NEEDLE}1727022830 10".replace(" ", "") + f"{GS}10LOT42A") == expected
    assert read_code(f"]d217270228{GS}10LOT42A{GS}3010{GS}01{NEEDLE}{GS}") == expected
    assert read_code(f"{GS}10LOT42A{GS}01{NEEDLE}17270228{GS}{GS}30010") == expected


def test_a_lost_separator_leaves_lot_and_expiry_unsure() -> None:
    swallowed = f"01{NEEDLE}1727022810LOT42A21000123"
    unsure = Product(NEEDLE, "LOT42A21000123", FEBRUARY, sure=False)
    assert read_code(swallowed) == unsure
    assert read_code(f"]C0{swallowed}") == unsure
    whole = swallowed.replace("21000123", f"{GS}21000123")
    assert read_code(whole) == Product(NEEDLE, "LOT42A", FEBRUARY)
    assert read_code(f"]d2{whole}") == Product(NEEDLE, "LOT42A", FEBRUARY)
    assert read_code(f"01{NEEDLE}17270228") == Product(
        NEEDLE, None, FEBRUARY
    )  # all of fixed length
    trailing = Product(NEEDLE, "LOT42A")
    assert read_code(f"01{NEEDLE}10LOT42A{GS}\r\n") == trailing  # a separator at the end counts
    assert refused(f"]C101{NEEDLE}10{'A' * 20}17270228") is Reason.MALFORMED  # full, then more
    serial = read_code(f"01{NEEDLE}1727022821000123")
    assert serial == Product(NEEDLE, None, FEBRUARY, sure=False)


def test_an_identifier_proves_nothing_where_the_scanner_loses_the_separator() -> None:
    swallowed = f"]C101{NEEDLE}1727022810LOT42A21000123"
    assert read_code(swallowed) == Product(NEEDLE, "LOT42A21000123", FEBRUARY)
    lost = read_code(swallowed, separator_lost=True)
    assert lost == Product(NEEDLE, "LOT42A21000123", FEBRUARY, sure=False)
    details = read_code("]C11731022810260300121000123", separator_lost=True)
    assert details == Details("260300121000123", date(2031, 2, 28), sure=False)
    fixed = f"]C101{NEEDLE}17270228"
    assert read_code(fixed, separator_lost=True) == Product(NEEDLE, None, FEBRUARY)
    arrived = f"]C101{NEEDLE}10LOT42A{GS}17270228"  # so it was not lost, after all
    assert read_code(arrived, separator_lost=True) == Product(NEEDLE, "LOT42A", FEBRUARY)


def test_data_without_a_gtin_need_proof_that_they_are_gs1() -> None:
    box = f"17310228102603001{GS}30100"
    expected = Details("2603001", date(2031, 2, 28), 100)
    assert read_code(f"]C1{box}") == expected
    assert read_code(box) == expected
    assert read_code("]C117310228") == Details(expires=date(2031, 2, 28))
    for text in ("17310228102603001", "10LOT42A21000123", "1731022811260101"):
        assert refused(text) is Reason.NO_PRODUCT


def test_the_form_printed_for_people_can_be_typed() -> None:
    expected = Product(NEEDLE, "LOT42A", FEBRUARY)
    assert read_code(f"(01){NEEDLE}(17)270228(10)LOT42A") == expected
    assert read_code(f"(01) {NEEDLE} (17) 270228 (10) LOT42A(21)000123") == expected
    assert read_code("(17)310228(10)2603001") == Details("2603001", date(2031, 2, 28))
    for broken in (
        "(",
        "()",
        "(01)",
        f"(01){NEEDLE}(10)",
        f"(01{NEEDLE}",
        f"(1){NEEDLE}",
        "(10)A(B)",
    ):
        assert refused(broken) is Reason.MALFORMED, broken


@given(st.dates(date(2001, 1, 1), date(2049, 12, 31)))
def test_every_day_and_every_end_of_month(day: date) -> None:
    end = date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])
    assert read_code(f"]C117{day:%y%m%d}") == Details(expires=day)
    assert read_code(f"]C117{day:%y%m}00") == Details(expires=end)


@pytest.mark.parametrize("yymmdd", ["270230", "260229", "271301", "270001", "270432", "270400"])
def test_impossible_dates_are_refused(yymmdd: str) -> None:
    possible = yymmdd == "270400"  # the last of April
    assert (refused(f"]C101{NEEDLE}17{yymmdd}") is Reason.DATE) is not possible


def test_only_the_expiry_is_an_expiry() -> None:
    for ai in ("11", "13", "15", "16"):
        assert read_code(f"]C101{NEEDLE}{ai}270228") == Product(NEEDLE)
    assert read_code(f"]C101{NEEDLE}11260230") == Product(NEEDLE)  # an odd one stops nobody


@pytest.mark.parametrize(("digits", "pieces"), [("1", 1), ("0100", 100), ("99999999", 99_999_999)])
def test_a_count_is_a_whole_number_of_pieces(digits: str, pieces: int) -> None:
    assert read_code(f"]C130{digits}") == Details(count=pieces)


@pytest.mark.parametrize("digits", ["", "0", "00000000"])
def test_a_count_of_nothing_is_refused(digits: str) -> None:
    assert refused(f"]C101{NEEDLE}30{digits}") is Reason.COUNT


def test_a_serial_number_is_never_kept() -> None:
    reading = read_code(f"]d201{NEEDLE}21SERIAL7{GS}10LOT42A{GS}240OTHER{GS}250THING")
    assert reading == Product(NEEDLE, "LOT42A")
    assert "SERIAL7" not in repr(reading)
    assert refused("]d221SERIAL7") is Reason.NO_PRODUCT


@pytest.mark.parametrize(
    "data",
    [
        f"02{NEEDLE}3710",
        "00340123450000000018",
        f"00340123450000000018{GS}10LOT",
        "3710",
        f"02{NEEDLE}",
    ],
)
def test_a_pallet_is_not_a_product(data: str) -> None:
    assert refused(f"]C1{data}") is Reason.LOGISTIC_UNIT


def test_a_field_said_twice_must_say_the_same() -> None:
    assert read_code(f"]C110A{GS}10A") == Details(lot="A")
    assert refused(f"]C110A{GS}10B") is Reason.MALFORMED
    assert refused(f"]C101{NEEDLE}01{CONDOM}") is Reason.MALFORMED


def test_a_refusal_holds_nothing_of_what_was_read() -> None:
    card = "6703123456789012345"
    assert repr(read_code(card)) == "Unreadable(reason=<Reason.MALFORMED: 'malformed'>)"


def test_a_plain_code_is_read_in_microseconds() -> None:
    """The hot path of the counter, in processor time, since the machine may be busy."""
    for code in (CONDOM[1:], house_code(Kind.LOT, 1)):
        timer = timeit.Timer(partial(read_code, code), timer=time.process_time)
        assert min(timer.repeat(number=1000, repeat=5)) / 1000 < 50e-6


def test_a_gtin_in_a_spreadsheet_is_held_to_the_same_rules() -> None:
    assert gtins.gtin_of(CONDOM[1:]) == CONDOM
    for wrong in (CONDOM[1:-1] + "4", CONDOM[2:], "", "٥٤١٠٠٣٦٣٠٦٧٠٣", f"{CONDOM} "):
        assert gtins.gtin_of(wrong) is None
