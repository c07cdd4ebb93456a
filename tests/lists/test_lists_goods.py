"""What the rows of the lists of goods may say: opening stock, and deliveries."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from inventory.lists import Imported, ListKind
from inventory.tables import (
    Balance,
    Item,
    Lot,
    Move,
    Place,
    Receipt,
    ReceiptLine,
)
from inventory.words import OPENING, Reason

from .helpers import EXAMPLE_FILES, HEADERS, Office


def lies(office: Office, place: str, item: str) -> dict[str, int]:
    """Pieces of an item in a place, by lot."""
    with office.db.reading() as session:
        rows = session.execute(
            select(Lot.code, Balance.pieces)
            .join(Lot, Lot.id == Balance.lot_id)
            .join(Item, Item.id == Balance.item_id)
            .join(Place, Place.id == Balance.place_id)
            .where(Place.code == place, Item.code == item)
        )
        return dict(rows.all())


# Opening stock


def test_opening_stock_lies_where_it_was_counted(stocked: Office) -> None:
    rows = ("CLIP;SER1;120;008;31/12/2020", "CLIP;GARR;7;;", "SAC1;SER1;3;008;31/12/2020")
    assert stocked.add(ListKind.STOCK, *rows) == Imported(3, 0)
    assert stocked.add(ListKind.STOCK, *rows) == Imported(0, 3)
    assert lies(stocked, "CLIP", "SER1") == {"008": 120}
    assert lies(stocked, "CLIP", "GARR") == {"": 7}
    with stocked.db.reading() as session:
        moves = session.scalars(select(Move)).all()
        assert {(m.from_id, m.reason, m.day) for m in moves} == {
            (OPENING, Reason.OPENING, date(2026, 11, 21))
        }


def test_opening_stock_of_an_earlier_day(stocked: Office) -> None:
    path = stocked.file(HEADERS[ListKind.STOCK] + ";date\nCLIP;GARR;7;;;01/09/2026")
    stocked.run(ListKind.STOCK, path)
    with stocked.db.reading() as session:
        assert session.scalars(select(Move.day)).all() == [date(2026, 9, 1)]


def test_another_number_of_a_known_opening_stock_is_a_fault(stocked: Office) -> None:
    stocked.add(ListKind.STOCK, "CLIP;GARR;7;;")
    found = stocked.faults(ListKind.STOCK, stocked.rows(ListKind.STOCK, "CLIP;GARR;8;;"))
    assert found == [(2, "pièces", "8", "7, as imported before")]


def test_every_wrong_row_of_the_opening_stock_is_named(stocked: Office) -> None:
    assert stocked.wrong(
        ListKind.STOCK,
        "MIDI;GARR;1;;",
        "clip;GARR;1;;",
        "supplier;GARR;1;;",
        "CLIP;SER1;1;;",
        "CLIP;GARR;1;;31/12/2030",
        "CLIP;GARR;1;;",
        "CLIP;GARR;1;;",
        "CLIP;SER1;1;A;31/12/2030",
        "SAC1;SER1;1;A;31/12/2031",
    ) == [
        (2, "lieu"),
        (3, "lieu"),
        (4, "lieu"),
        (5, "lot"),
        (5, "péremption"),
        (6, "lot"),
        (8, "lot"),
        (10, "péremption"),
    ]


def test_a_code_in_other_capitals_is_pointed_out(stocked: Office) -> None:
    ((_, _, _, expected),) = stocked.faults(
        ListKind.STOCK, stocked.rows(ListKind.STOCK, "CLIP;Garr;1;;")
    )
    assert expected.endswith("did you mean GARR?")


# Deliveries

NOTE = "MV;7;14/09/2026;{};{};{};{}"
SYRINGES = NOTE.format("SER1", 10, "A", "31/12/2030")


def test_a_lot_twice_in_a_note_is_added_up(stocked: Office) -> None:
    again = NOTE.format("SER1", 5, "A", "31/12/2030")
    assert stocked.add(ListKind.RECEIPTS, SYRINGES, again) == Imported(2, 0)
    assert lies(stocked, "RESERVE", "SER1") == {"A": 15}
    assert stocked.add(ListKind.RECEIPTS, again, SYRINGES) == Imported(0, 2)
    with stocked.db.reading() as session:
        assert session.scalars(select(ReceiptLine.pieces)).all() == [15]


def test_a_note_over_several_files_is_one_delivery(stocked: Office) -> None:
    files = (
        stocked.rows(ListKind.RECEIPTS, SYRINGES),
        stocked.rows(ListKind.RECEIPTS, NOTE.format("GARR", 3, "", "")),
    )
    assert stocked.run(ListKind.RECEIPTS, *files) == Imported(2, 0)
    assert stocked.run(ListKind.RECEIPTS, *files) == Imported(0, 2)
    with stocked.db.reading() as session:
        assert len(session.scalars(select(Receipt)).all()) == 1


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([SYRINGES, NOTE.format("GARR", 3, "", "")], (3, "bon")),
        ([NOTE.format("SER1", 11, "A", "31/12/2030")], (2, "bon")),
        ([SYRINGES.replace("A", "B")], (2, "bon")),
        ([SYRINGES.replace("14/09", "15/09")], (2, "date")),
    ],
)
def test_the_same_note_with_other_lines_is_a_fault(
    stocked: Office, rows: list[str], where: tuple[int, str]
) -> None:
    stocked.add(ListKind.RECEIPTS, SYRINGES)
    assert stocked.wrong(ListKind.RECEIPTS, *rows) == [where]


def test_a_note_with_a_line_less_is_a_fault(stocked: Office) -> None:
    stocked.add(ListKind.RECEIPTS, SYRINGES, NOTE.format("GARR", 3, "", ""))
    assert stocked.wrong(ListKind.RECEIPTS, SYRINGES) == [(2, "bon")]


def test_a_note_typed_in_other_capitals_is_the_same(stocked: Office) -> None:
    stocked.add(ListKind.RECEIPTS, SYRINGES.replace("MV;7", "Modus Vivendi;MV-7"))
    again = SYRINGES.replace("MV;7", "MODUS  VIVENDI;mv-7")
    assert stocked.add(ListKind.RECEIPTS, again) == Imported(0, 1)


def test_every_wrong_cell_of_a_delivery_is_named(stocked: Office) -> None:
    stocked.add(ListKind.RECEIPTS, SYRINGES)
    assert stocked.wrong(
        ListKind.RECEIPTS,
        ";;;;;A;",
        "MV;8;22/13/2026;GARR;1;;",
        "MV;8;22/11/2026;SER1;1;A;30/12/2030",
        "MV;9;14/09/2026;SER1;1;B;14/09/2026",
        "MV;9;15/09/2026;SER1;1;C;14/09/2026",
        "MV;9;14/09/2026;GARR;1;;31/12/2030",
        "MV;9;14/09/2026;SER1;x;;hier",
    ) == [
        (2, "fournisseur"),
        (2, "bon"),
        (2, "date"),
        (2, "article"),
        (2, "pièces"),
        (3, "date"),
        (4, "péremption"),
        (6, "péremption"),
        (6, "date"),
        (7, "lot"),
        (8, "pièces"),
        (8, "péremption"),
        (8, "lot"),
    ]


def test_a_lot_and_an_expiry_are_kept_where_none_is_asked_for(stocked: Office) -> None:
    stocked.add(
        ListKind.RECEIPTS,
        NOTE.format("GARR", 3, "G1", "31/12/2030"),
        NOTE.format("GARR", 4, "G2", ""),
    )
    assert lies(stocked, "RESERVE", "GARR") == {"G1": 3, "G2": 4}


def test_deliveries_go_to_the_place_that_is_named(stocked: Office) -> None:
    stocked.add(ListKind.RECEIPTS, SYRINGES, to="MEDIBUS")
    assert lies(stocked, "MEDIBUS", "SER1") == {"A": 10}
    assert stocked.add(ListKind.RECEIPTS, SYRINGES, to="MEDIBUS") == Imported(0, 1)
    assert stocked.wrong(ListKind.RECEIPTS, SYRINGES) == [(2, "bon")]


@pytest.mark.parametrize("to", ["NOWHERE", "MIDI", "supplier", ""])
def test_deliveries_cannot_go_where_nothing_lies(stocked: Office, to: str) -> None:
    assert stocked.wrong(ListKind.RECEIPTS, SYRINGES, to=to) == [(1, "--to")]


def test_the_place_must_be_named_where_there_is_not_one_store(office: Office) -> None:
    office.run(ListKind.ARTICLES, EXAMPLE_FILES[ListKind.ARTICLES])
    assert office.wrong(ListKind.RECEIPTS, SYRINGES) == [(1, "--to")]
    office.add(ListKind.PLACES, "A;A;réserve;", "B;B;réserve;")
    assert office.wrong(ListKind.RECEIPTS, SYRINGES) == [(1, "--to")]
    assert office.add(ListKind.RECEIPTS, SYRINGES, to="B") == Imported(1, 0)


def test_real_places_alone_hold_what_was_imported(stocked: Office) -> None:
    stocked.add(ListKind.RECEIPTS, SYRINGES)
    stocked.add(ListKind.STOCK, "RESERVE;SER1;2;A;31/12/2030")
    assert lies(stocked, "RESERVE", "SER1") == {"A": 12}
    with stocked.db.reading() as session:
        assert len(session.scalars(select(Balance)).all()) == 1
