"""What the rows of each list may say, beside what is known already."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, select

from inventory.lists import Imported, ListKind
from inventory.tables import (
    Balance,
    Item,
    Move,
    Place,
    Station,
    UnknownCode,
)
from inventory.words import HANDED_OUT

from .helpers import Office

SER1 = "SER1;Seringue;;;injection;seringue à aiguille fixe;;60"


# Headers and files


@pytest.mark.parametrize(
    "header",
    [
        "FOURNISSEUR; Bon ;DATE;Article;Pieces;LOT;Peremption",
        "leverancier;leveringsbon;datum;artikel;aantal;lotnummer;vervaldatum",
        "supplier;delivery note;date;item;pieces;batch;expiry date",
        '"fournisseur";"bon";"date";"article";"pièces";"lot";"péremption";;remarque',
    ],
)
def test_headers_are_known_in_three_languages(stocked: Office, header: str) -> None:
    path = stocked.file(f"{header}\nMV;1;14/09/2026;SER1;10;A;31/12/2030")
    assert stocked.run(ListKind.RECEIPTS, path) == Imported(1, 0)


def test_columns_in_another_order_and_more_of_them(stocked: Office) -> None:
    path = stocked.file("remarque,pièces,niveau,article,code\r\nx,100,boîte,SER1,\r\n")
    assert stocked.run(ListKind.CODES, path) == Imported(1, 0)


def test_each_missing_column_is_a_fault_of_line_1(stocked: Office) -> None:
    path = stocked.file("fournisseur;date;article;article;pièces\nMV;x;y;z;1")
    assert [(line, column) for line, column, _, _ in stocked.faults(ListKind.RECEIPTS, path)] == [
        (1, "bon"),
        (1, "article"),
        (1, "lot"),
        (1, "péremption"),
    ]


def test_a_file_of_something_else_is_one_fault(stocked: Office) -> None:
    for path in (stocked.file("<html><body>"), stocked.file(b""), stocked.folder / "none.csv"):
        assert [fault[0] for fault in stocked.faults(ListKind.RECEIPTS, path)] == [1]


def test_faults_are_named_as_the_file_names_its_columns(stocked: Office) -> None:
    path = stocked.file("leverancier;bon;datum;artikel;Aantal;lot;vervaldatum\nMV;1;x;GARR;0;;")
    assert [(c, v) for _, c, v, _ in stocked.faults(ListKind.RECEIPTS, path)] == [
        ("datum", "x"),
        ("Aantal", "0"),
    ]


def test_the_same_file_twice_in_one_call_is_a_fault(stocked: Office) -> None:
    path = stocked.rows(ListKind.RECEIPTS, "MV;1;14/09/2026;GARR;10;;")
    assert stocked.faults(ListKind.RECEIPTS, path, path) == [(1, "", "", "each file once")]


def test_a_cell_too_many_has_shifted_the_others(office: Office) -> None:
    row = "ALU;Feuilles; étui de 20;;;inhalation;;;36"
    assert (2, "") in office.wrong(ListKind.ARTICLES, row)
    assert office.add(ListKind.ARTICLES, SER1 + ";;;") == Imported(1, 0)


def test_an_error_cell_is_a_fault(stocked: Office) -> None:
    found = stocked.faults(
        ListKind.RECEIPTS, stocked.rows(ListKind.RECEIPTS, "MV;#N/A;######;GARR;10;;")
    )
    assert [(column, value) for _, column, value, _ in found] == [
        ("bon", "#N/A"),
        ("date", "######"),
    ]
    assert all("error" in expected for *_, expected in found)


# Items


def test_names_default_to_the_french_one(office: Office) -> None:
    office.add(ListKind.ARTICLES, SER1)
    with office.db.reading() as session:
        names = session.scalars(select(Item)).one().names
        assert (names.fr, names.nl, names.en) == ("Seringue",) * 3


def test_a_known_item_is_updated(office: Office) -> None:
    office.add(ListKind.ARTICLES, SER1)
    changed = "SER1;Seringue 1 ml;Spuit;;hygiène;;médicament;36"
    assert office.add(ListKind.ARTICLES, changed) == Imported(1, 0)
    assert office.add(ListKind.ARTICLES, changed, changed) == Imported(0, 2)
    with office.db.reading() as session:
        item = session.scalars(select(Item)).one()
        assert (item.name_nl, item.family, item.counts_as, item.shelf_life_months) == (
            "Spuit",
            "hygiene",
            "",
            36,
        )


def test_every_wrong_cell_of_an_item_is_named(office: Office) -> None:
    wrong = office.wrong(ListKind.ARTICLES, ";;;;sport;oui;non;cinq ans", "x" * 41 + SER1[4:])
    assert wrong == [
        (2, "article"),
        (2, "nom"),
        (2, "famille"),
        (2, "compte comme"),
        (2, "classe"),
        (2, "durée de conservation (mois)"),
        (3, "article"),
    ]


def test_an_item_said_twice_differently_is_a_fault(office: Office) -> None:
    other = SER1.replace("60", "36")
    assert office.wrong(ListKind.ARTICLES, SER1, other) == [(3, "article")]


def test_two_items_that_differ_in_capitals_are_a_fault(office: Office) -> None:
    path = office.rows(ListKind.ARTICLES, SER1, SER1.lower())
    assert office.faults(ListKind.ARTICLES, path) == [
        (3, "article", "ser1", "SER1, as it is written already")
    ]


def test_a_shelf_life_neither_comes_nor_goes_while_pieces_lie_somewhere(stocked: Office) -> None:
    garr, ser1 = "GARR;Garrot;;;injection;;;{}", "SER1;Seringue;;;injection;;;{}"
    stocked.add(ListKind.STOCK, "CLIP;GARR;5;;", "CLIP;SER1;5;A;31/12/2030")
    wrong = stocked.wrong(ListKind.ARTICLES, garr.format(36), ser1.format(""))
    assert wrong == [
        (2, "durée de conservation (mois)"),
        (3, "durée de conservation (mois)"),
    ]
    assert stocked.add(ListKind.ARTICLES, garr.format(""), ser1.format(48)) == Imported(2, 0)
    with stocked.db.writing() as session:
        session.execute(delete(Balance))
    assert stocked.add(ListKind.ARTICLES, garr.format(36), ser1.format("")) == Imported(2, 0)


# Codes


def test_a_code_stands_for_one_item_and_number(stocked: Office) -> None:
    rows = ("5019144107587;TAMP;100;boîte", "5 019144 107587;TAMP;100;doos")
    assert stocked.add(ListKind.CODES, *rows) == Imported(1, 1)
    wrong = stocked.faults(
        ListKind.CODES,
        stocked.rows(
            ListKind.CODES, "05019144107587;TAMP;10;boîte", "5019144107587;SER1;100;boîte"
        ),
    )
    assert [(line, column) for line, column, _, _ in wrong] == [(2, "code"), (3, "code")]
    assert "100 × TAMP" in wrong[0][3]
    assert stocked.wrong(
        ListKind.CODES, "5038483225400;PRES;6;boîte", "5038483225400;PRES;10;boîte"
    ) == [(3, "code")]


def test_the_level_of_a_code_may_change_but_not_in_one_list(stocked: Office) -> None:
    box, packet = "5019144107587;TAMP;100;boîte", "5019144107587;TAMP;100;paquet"
    stocked.add(ListKind.CODES, box)
    assert stocked.add(ListKind.CODES, packet) == Imported(1, 0)
    assert stocked.add(ListKind.CODES, packet) == Imported(0, 1)
    assert stocked.wrong(ListKind.CODES, box, packet) == [(3, "niveau")]


def test_an_empty_code_asks_for_one_of_the_house_once(stocked: Office) -> None:
    rows = (";SER1;100;boîte", ";SER1;100;boîte", ";SER1;50;boîte", ";SER1;100;carton")
    assert stocked.add(ListKind.CODES, *rows) == Imported(3, 1)
    assert stocked.add(ListKind.CODES, *rows) == Imported(0, 4)


def test_every_wrong_cell_of_a_code_is_named(stocked: Office) -> None:
    found = stocked.faults(
        ListKind.CODES,
        stocked.rows(
            ListKind.CODES,
            "5019144107588;SER9;0;tas",
            "5,01914E+12;TAMP;1;pièce",
            "123;TAMP;1;pièce",
        ),
    )
    assert [fault[:2] for fault in found] == [
        (2, "code"),
        (2, "article"),
        (2, "pièces"),
        (2, "niveau"),
        (3, "code"),
        (4, "code"),
    ]
    assert "check digit" in found[0][3] and "shortened" in found[4][3]


def test_naming_a_code_books_what_was_handed_out_under_it(stocked: Office) -> None:
    with stocked.db.writing() as session:
        clip = session.scalars(select(Place.id).where(Place.code == "CLIP")).one()
        for gtin in ("05019144107587", "05038483225400"):
            session.add(
                UnknownCode(
                    gtin=gtin,
                    day=date(2026, 11, 20),
                    place_id=clip,
                    channel="comptoir",
                    pieces=2,
                )
            )
    stocked.add(ListKind.CODES, "5019144107587;TAMP;100;boîte")
    with stocked.db.reading() as session:
        assert session.scalars(select(UnknownCode.gtin)).all() == ["05038483225400"]
        handed_out = session.scalars(select(Move).where(Move.to_id == HANDED_OUT)).one()
        assert (handed_out.pieces, handed_out.day) == (200, date(2026, 11, 20))
        assert handed_out.recorded_at is None


# Places


def test_a_known_place_is_updated(stocked: Office) -> None:
    row = "CLIP;Comptoir du CLIP;toog;comptoir"
    assert stocked.add(ListKind.PLACES, row) == Imported(1, 0)
    assert stocked.add(ListKind.PLACES, row) == Imported(0, 1)


def test_every_wrong_cell_of_a_place_is_named(stocked: Office) -> None:
    assert stocked.wrong(
        ListKind.PLACES,
        ";;cave;" + "x" * 61,
        "Supplier;Fournisseur;réserve;",
        "handed-out;Remis;comptoir;",
        "clip;Comptoir;comptoir;",
        "CLIP;Comptoir;comptoir;",
        "CLIP;Autre;comptoir;",
    ) == [
        (2, "lieu"),
        (2, "nom"),
        (2, "genre"),
        (2, "canal"),
        (3, "lieu"),
        (4, "lieu"),
        (5, "lieu"),
        (7, "lieu"),
    ]


def test_a_place_in_use_goes_on_holding_stock(stocked: Office) -> None:
    stocked.add(ListKind.STOCK, "CLIP;GARR;5;;")
    with stocked.db.writing() as session:
        tad = session.scalars(select(Place.id).where(Place.code == "TAD")).one()
        session.add(Station(name="TAD", place_id=tad, mode="assemble"))
    hotspots = ("CLIP;CLIP;hotspot;", "TAD;TAD;hotspot;", "SAC1;Sac;hotspot;")
    assert stocked.wrong(ListKind.PLACES, *hotspots) == [(2, "genre"), (3, "genre")]
    assert stocked.add(ListKind.PLACES, "CLIP;CLIP;véhicule;", hotspots[2]) == Imported(2, 0)


# Recipes


def test_a_version_never_changes(stocked: Office) -> None:
    rows = ("KIT-INJ;1;SER1;2", "KIT-INJ;1;CUP;2")
    assert stocked.add(ListKind.RECIPES, *rows) == Imported(2, 0)
    assert stocked.add(ListKind.RECIPES, *reversed(rows)) == Imported(0, 2)
    for other in (rows[:1], (*rows, "KIT-INJ;1;EAU5;2"), (rows[0], "KIT-INJ;1;CUP;3")):
        assert stocked.wrong(ListKind.RECIPES, *other) == [(2, "version")]
    assert stocked.add(ListKind.RECIPES, *rows, "KIT-INJ;2;SER1;3") == Imported(1, 2)


def test_a_version_is_all_its_rows_over_the_files(stocked: Office) -> None:
    first = stocked.rows(ListKind.RECIPES, "KIT-INJ;1;SER1;2")
    second = stocked.rows(ListKind.RECIPES, "KIT-INJ;1;CUP;2")
    assert stocked.run(ListKind.RECIPES, first, second) == Imported(2, 0)
    assert stocked.run(ListKind.RECIPES, second, first) == Imported(0, 2)


def test_a_kit_never_contains_itself(stocked: Office) -> None:
    assert stocked.wrong(ListKind.RECIPES, "KIT-INJ;1;KIT-INJ;1") == [(2, "article")]
    stocked.add(ListKind.RECIPES, "KIT-INJ;1;KIT-HYG;1", "KIT-HYG;1;KIT-MENS;1")
    assert stocked.wrong(ListKind.RECIPES, "KIT-MENS;1;SER1;1", "KIT-MENS;1;KIT-INJ;1") == [
        (3, "article")
    ]


def test_every_wrong_cell_of_a_recipe_is_named(stocked: Office) -> None:
    assert stocked.wrong(
        ListKind.RECIPES, "KIT-X;0;SER9;", "KIT-INJ;1;SER1;2", "KIT-INJ;1;SER1;3"
    ) == [(2, "kit"), (2, "version"), (2, "article"), (2, "pièces"), (4, "article")]
