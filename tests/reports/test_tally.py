"""The tally: what left the counter, what came back, how many came by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import catalogue, ledger
from inventory.returns import measure, pieces_of, pieces_of_shifts
from inventory.shift_list import shifts_of
from inventory.tables import Pack
from inventory.tally import (
    ContentRow,
    CountRow,
    Indicators,
    ReturnRow,
    Row,
    ShortRow,
    Tally,
    UnknownRow,
    last_day,
    tally,
)
from inventory.unknown import book_named
from inventory.words import HANDED_OUT, Reason

from .evenings import A_WEEK_BEFORE, SATURDAY, Organisation

GTIN = "03059948002413"


def counted(here: Organisation, **which: object) -> Tally:
    with here.session() as session:
        return tally(session, **which)  # type: ignore[arg-type]


def stocked(here: Organisation) -> str:
    """Kits and syringes at the counter and in the van; the lot of the kits."""
    lot = here.assemble("KIT-INJ", 100, to="CLIP")
    here.transfer("KIT-INJ", 40, to="MEDIBUS", source="CLIP")
    here.transfer("SER1", 300, to="CLIP")
    here.transfer("SER1", 100, to="MEDIBUS")
    here.transfer("AIG23", 100, to="CLIP")
    here.transfer("SER10", 100, to="CLIP")
    return lot


def an_evening(here: Organisation) -> None:
    here.read("times-3", "KIT-INJ", "times-10", "SER1", "next-person")
    here.read("times-4", "AIG23", "times-2", "SER10", "returned-declared-20", "next-person")
    here.read("digit-2", "point", "digit-5", "returned-kilograms", "next-person", "passages-plus")
    here.read("contact-shower", "contact-shower", "contact-laundry")
    here.read("times-2", f"gtin {GTIN}", "next-person")


def test_an_evening_in_rows(here: Organisation) -> None:
    stocked(here)
    an_evening(here)
    found = counted(here)
    assert (found.first, found.last) == (SATURDAY, SATURDAY)
    assert (found.shifts, found.open_shifts) == (1, 1)
    assert found.rows == [
        Row("AIG23", "comptoir", "CLIP", "CLIP", 4),
        Row("KIT-INJ", "comptoir", "CLIP", "CLIP", 3),
        Row("SER1", "comptoir", "CLIP", "CLIP", 10),
        Row("SER10", "comptoir", "CLIP", "CLIP", 2),
    ]
    assert {row.item: row.pieces for row in found.contents} == {
        "ACIT": 6,
        "CUP": 6,
        "DEPL-FR": 3,
        "EAU5": 6,
        "PRES": 3,
        "SER1": 6,
        "TAMP": 6,
        "TSEC": 6,
    }
    assert found.contents[0] == ContentRow("ACIT", "comptoir", "CLIP", 6)
    assert found.indicators == Indicators(16, 2, 4)
    assert found.indicators.syringes == 18
    assert found.passages == 5
    assert found.contacts == {"laundry": 1, "shower": 2}
    assert CountRow("passage", "comptoir", "CLIP", 5) in found.counts
    assert found.unknown == [UnknownRow(GTIN, "comptoir", "CLIP", 2)]
    assert found.short == []


def test_returns_keep_method_and_factor(here: Organisation) -> None:
    an_evening_of_returns = ["returned-declared-20", "digit-2", "point", "digit-5"]
    here.read(*an_evening_of_returns, "returned-kilograms", "returned-bottle-1.5l", "from-street")
    here.read("times-3", "returned-container-0.5l", "digit-7", "returned-estimated")
    found = counted(here)
    one = Fraction(1)
    assert found.returns == [
        ReturnRow(
            "comptoir", "CLIP", "person", "container", Decimal(1), "bottle-1.5l", Fraction(87), 87
        ),
        ReturnRow("comptoir", "CLIP", "person", "declared", Decimal(20), "piece", one, 20),
        ReturnRow("comptoir", "CLIP", "person", "estimated", Decimal(7), "piece", one, 7),
        ReturnRow(
            "comptoir", "CLIP", "person", "weight", Decimal("2.5"), "kg", Fraction(5000, 39), 321
        ),
        ReturnRow(
            "comptoir",
            "CLIP",
            "street",
            "container",
            Decimal(3),
            "container-0.5l",
            Fraction(29),
            87,
        ),
    ]
    assert found.returned == 87 + 20 + 7 + 321 + 87


def test_days_add_up_to_their_period(here: Organisation) -> None:
    for day, reads, pieces in (
        # 2.5 kg are 320.5 pieces, 1.2 kg 153.8: rounded together they would be one piece less.
        (A_WEEK_BEFORE, ("digit-2", "point", "digit-5"), 321),
        (SATURDAY, ("digit-1", "point", "digit-2"), 154),
    ):
        here.read(*reads, "returned-kilograms", day=day)
        assert [row.pieces for row in counted(here, first=day, last=day).returns] == [pieces]
        here.close()
        assert [row.pieces for row in counted(here, first=day, last=day).returns] == [pieces]
    (both,) = counted(here, first=A_WEEK_BEFORE).returns
    assert (both.measured, both.pieces) == (Decimal("3.7"), 321 + 154)
    with here.db.reading() as session:
        shifts = shifts_of(session, first=A_WEEK_BEFORE, last=SATURDAY)
    assert sum(shift.returned for shift in shifts) == both.pieces


def test_within_a_shift_measures_are_summed_before_they_are_rounded(here: Organisation) -> None:
    for _ in range(2):  # 0.2 kg are 25.64 pieces, 0.4 kg 51.28
        here.read("digit-0", "point", "digit-2", "returned-kilograms")
    assert [row.pieces for row in counted(here).returns] == [51]


def test_the_same_factor_written_in_two_ways_is_one(here: Organisation) -> None:
    here.read("digit-0", "point", "digit-2", "returned-kilograms")
    here.close()
    here.tamper("UPDATE shift_return SET factor = '10000/78'")
    here.read("digit-0", "point", "digit-2", "returned-kilograms")
    (row,) = counted(here).returns
    assert (row.measured, row.factor, row.pieces) == (Decimal("0.4"), Fraction(5000, 39), 26 + 26)


@pytest.mark.parametrize(
    ("measured", "factor", "pieces"),
    [
        ("0.5", Fraction(1), 1),
        ("1.5", Fraction(1), 2),
        ("2.5", Fraction(1), 3),  # half to even would say 2
        ("0.499", Fraction(1), 0),
        ("0.039", Fraction(5000, 39), 5),
        ("0.0351", Fraction(5000, 39), 5),  # exactly 4.5; as floats 4.499999…
        ("2.5", Fraction(5000, 39), 321),
        ("0.25", Fraction(58), 15),  # 14.5
    ],
)
def test_half_a_piece_is_rounded_up(measured: str, factor: Fraction, pieces: int) -> None:
    assert pieces_of(Decimal(measured), factor) == pieces


@given(st.integers(0, 10**9), st.fractions(min_value=0, max_value=1000, max_denominator=10_000))
def test_rounding_is_never_off_by_more_than_half(thousandths: int, factor: Fraction) -> None:
    exact = Fraction(thousandths, 1000) * factor
    off = pieces_of(measure(thousandths), factor) - exact
    assert -Fraction(1, 2) < off <= Fraction(1, 2)


FACTORS = st.fractions(min_value=0, max_value=1000, max_denominator=10_000)


@given(st.lists(st.lists(st.integers(0, 10**7), max_size=5), max_size=10), FACTORS)
def test_any_days_add_up_and_no_shift_is_off_by_a_piece(
    days_of_shifts: list[list[int]], factor: Fraction
) -> None:
    shifts = [thousandths for day in days_of_shifts for thousandths in day]
    whole = pieces_of_shifts(shifts, factor)
    assert whole == sum(pieces_of_shifts(day, factor) for day in days_of_shifts)
    assert whole == pieces_of_shifts(reversed(shifts), factor)
    for thousandths in shifts:
        exact = Fraction(thousandths, 1000) * factor
        assert abs(pieces_of_shifts([thousandths], factor) - exact) < 1
    assert abs(whole - Fraction(sum(shifts), 1000) * factor) <= Fraction(len(shifts), 2)


def test_closing_changes_no_total(here: Organisation) -> None:
    stocked(here)
    an_evening(here)
    here.read("times-200", "SER1", "times-200", "SER1", "next-person")
    before = counted(here)
    assert before.short == [ShortRow("SER1", "CLIP", 110)]
    here.close()
    after = counted(here)
    assert after == replace(before, open_shifts=0)
    assert counted(here, shift_id=here.shift_id()) == after


def test_open_and_closed_shifts_add_up(here: Organisation) -> None:
    stocked(here)
    an_evening(here)
    here.close()
    here.read("times-2", "SER1", "next-person", "returned-declared-10", "next-person")
    here.read("times-7", "SER1", "next-person", station="MEDIBUS")
    found = counted(here)
    assert (found.shifts, found.open_shifts) == (3, 2)
    assert [row for row in found.rows if row.item == "SER1"] == [
        Row("SER1", "comptoir", "CLIP", "CLIP", 12),
        Row("SER1", "médibus", "MEDIBUS", "MEDIBUS", 7),
    ]
    assert found.passages == 5 + 2 + 1
    assert [row.measured for row in found.returns if row.method == "declared"] == [30]
    assert counted(here, channel="médibus").rows == [
        Row("SER1", "médibus", "MEDIBUS", "MEDIBUS", 7)
    ]
    assert counted(here, place="MEDIBUS").passages == 1
    assert counted(here, place="CLIP").passages == 7
    assert counted(here, shift_id=here.shift_id()).rows == counted(here, place="MEDIBUS").rows


def test_days_are_service_days_and_both_ends_count(here: Organisation) -> None:
    stocked(here)
    for n, day in enumerate((A_WEEK_BEFORE, SATURDAY - timedelta(days=1), SATURDAY), start=1):
        here.read(f"times-{n}", "SER1", "next-person", day=day)
        here.close()
    for first, last, pieces in [
        (A_WEEK_BEFORE, A_WEEK_BEFORE, 1),
        (A_WEEK_BEFORE, SATURDAY - timedelta(days=1), 3),
        (A_WEEK_BEFORE + timedelta(days=1), SATURDAY, 5),
        (A_WEEK_BEFORE, None, 6),
        (None, SATURDAY - timedelta(days=1), 3),
        (None, None, 3),
    ]:
        found = counted(here, first=first, last=last)
        assert sum(row.handed_out for row in found.rows) == pieces, (first, last)


def test_without_dates_it_is_the_latest_evening_whatever_arrives_later(here: Organisation) -> None:
    with here.session() as session:
        assert tally(session).rows == []
    here.read("SER1", "next-person", day=SATURDAY)
    here.read("SER2", "next-person", day=A_WEEK_BEFORE)
    with here.session() as session:
        assert last_day(session) == SATURDAY
    assert [row.item for row in counted(here).rows] == ["SER1"]


def test_what_is_handed_out_at_a_hotspot(here: Organisation) -> None:
    stocked(here)
    here.read("place MIDI", "times-7", "SER1", "next-person", station="MEDIBUS")
    here.read("times-2", "SER1", "next-person")
    rows = [Row("SER1", "médibus", "MEDIBUS", "MIDI", 7)]
    for _ in ("open", "closed"):
        assert counted(here, place="MIDI").rows == rows
        assert counted(here, place="MIDI").passages == 1
        assert counted(here, place="MEDIBUS").rows == rows
        assert counted(here, place="CLIP").rows == [Row("SER1", "comptoir", "CLIP", "CLIP", 2)]
        here.close("MEDIBUS")


def test_a_hand_out_corrected_back_is_taken_off(here: Organisation) -> None:
    stocked(here)
    here.read("times-7", "SER1", "next-person")
    here.close()
    with here.session() as session:
        clip, item = catalogue.place(session, "CLIP"), catalogue.item(session, "SER1")
        lot = catalogue.lot(session, item_id=item.id, code="S1A2511")
        move = ledger.post(
            session,
            item_id=item.id,
            lot_id=lot.id,
            pieces=3,
            from_id=HANDED_OUT,
            to_id=clip.id,
            reason=Reason.CORRECTION,
            day=SATURDAY,
        )
        move.channel, move.site_id = "comptoir", clip.id
    assert counted(here).rows == [Row("SER1", "comptoir", "CLIP", "CLIP", 4)]
    assert counted(here, place="CLIP", channel="comptoir").rows == counted(here).rows


def test_the_lot_says_which_recipe_a_kit_was_made_by(here: Organisation) -> None:
    stocked(here)
    here.read("KIT-INJ", "next-person")
    with here.session() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO recipe (item_id, version) SELECT id, 2 FROM item WHERE code = 'KIT-INJ'"
        )
        session.connection().exec_driver_sql(
            "INSERT INTO recipe_line (recipe_id, item_id, pieces)"
            " SELECT max(recipe.id), item.id, 9 FROM recipe, item WHERE item.code = 'SER05'"
        )
    here.read("KIT-INJ/BOUGHT", "next-person")
    contents = {row.item: row.pieces for row in counted(here).contents}
    assert (contents["SER1"], contents["SER05"]) == (2, 9)


def test_a_code_named_later_is_a_hand_out_of_its_own_day(here: Organisation) -> None:
    here.read("times-2", f"gtin {GTIN}", "next-person", day=A_WEEK_BEFORE)
    here.close()
    assert counted(here).unknown == [UnknownRow(GTIN, "comptoir", "CLIP", 2)]
    with here.session() as session:
        ser1 = catalogue.item(session, "SER1")
        session.add(Pack(item_id=ser1.id, pieces=10, level="box", gtin=GTIN))
        session.flush()
        book_named(session, gtin=GTIN)
    found = counted(here, place="CLIP", channel="comptoir")
    assert found.unknown == []
    assert found.rows == [Row("SER1", "comptoir", "CLIP", "CLIP", 20)]
    assert counted(here, place="CLIP").short == [ShortRow("SER1", "CLIP", 20)]


def test_training_counts_nothing_and_hides_nothing(here: Organisation) -> None:
    stocked(here)
    here.read("SER1", "next-person", "returned-declared-10", "next-person")
    before = counted(here)
    here.read("training", "times-50", "SER1", "next-person", "returned-declared-100")
    assert counted(here) == before
