"""What a cell may hold."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.lists import fields, vocabulary
from inventory.lists.fields import Unfit
from inventory.words import CountsAs, Family, PlaceKind, RegulatoryClass

from .helpers import normalise_gtin

gtin = fields.gtin(normalise_gtin)


@pytest.mark.parametrize(
    "text",
    ["1000", "1 000", "1\u00a0000", "1\u202f000", "1000,0", "1000,00", "1 000,00", "0001000"],
)
def test_a_thousand_pieces_however_they_are_written(text: str) -> None:
    assert fields.pieces(text) == 1000


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "0,00", "-50", "12,5", "1.000", "1,000", "1.000,00", "10 00", "1000,000"),
        *("1e3", "5,01914E+12", "1000001", "mille", "١٠٠٠", "1000 p", "½", "9" * 5000),
    ],
)
def test_pieces_that_could_be_something_else_are_refused(text: str) -> None:
    with pytest.raises(Unfit) as caught:
        fields.pieces(text)
    assert str(caught.value.expected)


def test_a_date_is_no_number_of_pieces() -> None:
    with pytest.raises(Unfit):
        fields.pieces(date(2026, 9, 14))


@pytest.mark.parametrize(
    "text", ["14/09/2026", "14/9/2026", "2026-09-14", "14-09-2026", "14.09.2026"]
)
def test_a_day_however_it_is_written(text: str) -> None:
    assert fields.day(text) == date(2026, 9, 14)


@pytest.mark.parametrize(
    "text",
    [
        *("", "31/04/2031", "2026-13-01", "29/02/2027", "14/09/26", "09/14/2026", "14/09-2026"),
        *("14 septembre 2026", "46279", "01/01/1999", "01/01/2101", "14/09/2026 10:00", "0/0/2026"),
    ],
)
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        fields.day(text)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_as_it_is_shown(day: date) -> None:
    assert fields.day(fields.shown(day)) == fields.day(day.isoformat()) == fields.day(day) == day


@given(st.text() | st.dates())
def test_no_cell_raises_anything_but_unfit(cell: str | date) -> None:
    parsers = (
        *(fields.pieces, fields.day, fields.code, fields.note, fields.lot, gtin),
        *(fields.line_of_text(40), vocabulary.FAMILY, vocabulary.COUNTS_AS, vocabulary.LEVEL),
    )
    for parse in parsers:
        try:
            parse(cell)
        except Unfit as unfit:
            assert str(unfit.expected)
    assert "\n" not in fields.shown(cell)


def test_lots_are_kept_exactly() -> None:
    assert fields.lot("008298877") == "008298877"
    assert fields.lot("C-26-07") == "C-26-07"
    assert fields.lot("") == ""


@pytest.mark.parametrize("lot", ["5,01914E+12", "a\nb", "a\x1db", "x" * 61, "unknown"])
def test_lots_a_label_cannot_carry_are_refused(lot: str) -> None:
    with pytest.raises(Unfit):
        fields.lot(lot)


def test_what_the_spreadsheet_has_ruined_is_said() -> None:
    for parse in (fields.pieces, fields.code, fields.lot, gtin):
        with pytest.raises(Unfit, match="shortened"):
            parse("5,01914E+12")
    with pytest.raises(Unfit, match="made a date of it"):
        fields.lot(date(2026, 3, 1))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("5019144107587", "05019144107587"),
        ("5 019144 107587", "05019144107587"),
        ("382903057603", "00382903057603"),
        ("30382903057604", "30382903057604"),
        ("", None),
    ],
)
def test_gtins_are_kept_as_fourteen_digits(written: str, kept: str | None) -> None:
    assert gtin(written) == kept


@pytest.mark.parametrize("text", ["5019144107588", "501914410758", "12345", "ABC", "0382903814342"])
def test_a_wrong_gtin_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        gtin(text)


@pytest.mark.parametrize("text", ["Récupération", "RECUPERATION", "inzameling", "recovery"])
def test_words_are_known_in_three_languages(text: str) -> None:
    assert vocabulary.FAMILY(text) == Family.RECOVERY


def test_words_of_the_other_columns() -> None:
    assert vocabulary.COUNTS_AS("Seringue à aiguille fixe") == CountsAs.FIXED_NEEDLE_SYRINGE
    assert vocabulary.COUNTS_AS("") == CountsAs.NOTHING
    assert vocabulary.REGULATORY_CLASS("geneesmiddel") == RegulatoryClass.MEDICINE
    assert vocabulary.PLACE_KIND("Vehicule") == PlaceKind.VEHICLE


def test_an_unknown_word_is_answered_with_the_words_in_the_readers_language() -> None:
    with pytest.raises(Unfit) as caught:
        vocabulary.REGULATORY_CLASS("gratuit")
    words = caught.value.expected.params["words"]
    assert words.in_language("fr") == "dispositif médical, médicament"
    assert words.in_language("nl") == "medisch hulpmiddel, geneesmiddel"
    for text in ("", "!"):
        with pytest.raises(Unfit):
            vocabulary.FAMILY(text)


def test_nobody_can_make_a_place_of_the_ledger() -> None:
    for text in ("unaccounted", "handed-out", "supplier"):
        with pytest.raises(Unfit):
            vocabulary.PLACE_KIND(text)
