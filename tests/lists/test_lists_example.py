"""The lists of the example organisation, as its logistics lead hands them over."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from inventory.errors import FaultyLists
from inventory.lists import Imported, ListKind
from inventory.tables import Balance, Item, Lot, Move, Pack, Place, Receipt, ReceiptLine, Recipe
from inventory.words import SUPPLIER, CountsAs, Family, PlaceKind, Reason, RegulatoryClass

from .helpers import DATA, EXAMPLE_FILES, Office

ROWS = {
    ListKind.ARTICLES: 45,
    ListKind.CODES: 11,
    ListKind.PLACES: 14,
    ListKind.RECIPES: 27,
    ListKind.RECEIPTS: 38,
    ListKind.SCREEN: 24,
    ListKind.SUPPLIERS: 2,
    ListKind.SUPPLY: 40,
}


def import_example(office: Office) -> None:
    for kind, path in EXAMPLE_FILES.items():
        office.run(kind, path)


def test_every_row_of_the_example_is_imported(office: Office) -> None:
    for kind, path in EXAMPLE_FILES.items():
        assert office.run(kind, path) == Imported(ROWS[kind], 0), kind


def test_importing_the_example_again_changes_nothing(office: Office) -> None:
    import_example(office)
    before = office.content()
    for kind, path in EXAMPLE_FILES.items():
        assert office.run(kind, path) == Imported(0, ROWS[kind]), kind
    assert office.content() == before


def test_check_reports_and_writes_nothing(office: Office) -> None:
    before = office.content()
    path = EXAMPLE_FILES[ListKind.ARTICLES]
    assert office.run(ListKind.ARTICLES, path, check=True) == Imported(45, 0)
    assert office.content() == before


def test_the_example_says_what_its_lists_say(office: Office) -> None:
    import_example(office)
    with office.db.reading() as session:
        syringe = session.scalars(select(Item).where(Item.code == "SER1")).one()
        assert syringe.name_fr == "Seringue 1 ml aiguille fixe 29G"
        assert syringe.name_nl == "Spuit 1 ml vaste naald 29G"
        assert syringe.family == Family.INJECTION
        assert syringe.counts_as == CountsAs.FIXED_NEEDLE_SYRINGE
        assert syringe.regulatory_class == RegulatoryClass.MEDICAL_DEVICE
        assert syringe.shelf_life_months == 60
        tourniquet = session.scalars(select(Item).where(Item.code == "GARR")).one()
        assert tourniquet.counts_as == CountsAs.NOTHING and not tourniquet.dated

        kinds = {place.code: place.kind for place in session.scalars(select(Place))}
        assert kinds["RESERVE"] == PlaceKind.STORE and kinds["MIDI"] == PlaceKind.HOTSPOT

        packs = [(p.gtin, p.pieces, p.level) for p in session.scalars(select(Pack))]
        assert ("05019144107587", 100, "box") in packs
        assert ("00382903057603", 1, "piece") in packs
        assert sum(gtin is None for gtin, _, _ in packs) == 3

        kit = session.scalars(
            select(Recipe).join(Item, Item.id == Recipe.item_id).where(Item.code == "KIT-CRACK")
        ).one()
        assert {line.item.code: line.pieces for line in kit.lines} == {
            "DOSEUR": 1,
            "EMB": 2,
            "GRIL": 5,
            "BATON": 1,
            "CHLOR": 2,
            "PRES": 1,
            "DEPL-FR": 1,
        }


def test_a_delivery_lies_in_the_store_with_its_lots(office: Office) -> None:
    import_example(office)
    with office.db.reading() as session:
        receipt = session.scalars(select(Receipt)).one()
        assert (receipt.supplier, receipt.note) == ("Modus Vivendi", "MV-2026-0914")
        store = session.get_one(Place, receipt.place_id)
        assert store.code == "RESERVE"
        moves = session.scalars(select(Move)).all()
        assert len(moves) == len(session.scalars(select(ReceiptLine)).all()) == 38
        for move in moves:
            assert (move.from_id, move.to_id) == (SUPPLIER, store.id)
            assert (move.reason, move.day) == (Reason.RECEIPT, date(2026, 9, 14))
            assert move.receipt_id == receipt.id and move.recorded_at is not None
        expires, pieces = session.execute(
            select(Lot.expires, Balance.pieces)
            .join(Balance, Balance.lot_id == Lot.id)
            .where(Lot.code == "008298877", Balance.place_id == store.id)
        ).one()
        assert (expires, pieces) == (date(2027, 9, 30), 100)
        assert session.scalar(select(func.sum(Balance.pieces))) == 78_660


def test_every_fault_of_the_faulty_delivery_is_named(office: Office) -> None:
    import_example(office)
    before = office.content()
    path = DATA / "livraison-fautive.csv"
    with pytest.raises(FaultyLists) as caught:
        office.run(ListKind.RECEIPTS, path)
    assert office.content() == before
    faults = caught.value.faults
    assert [(fault.line, fault.column, fault.value) for fault in faults] == [
        (2, "péremption", "31/04/2031"),
        (3, "article", "SER9"),
        (4, "pièces", "1.000"),
        (5, "pièces", "-50"),
        (6, "pièces", "12,5"),
        (7, "date", "2026-13-01"),
        (8, "lot", ""),
        (9, "bon", ""),
        (9, "péremption", "30/09/2020"),
        (10, "fournisseur", ""),
        (10, "pièces", ""),
    ]
    assert {fault.line for fault in faults} == set(range(2, 11))
    assert {fault.file for fault in faults} == {str(path)}
    assert all(str(fault.expected) for fault in faults)


def test_a_faulty_file_keeps_a_good_one_of_the_same_call_out(stocked: Office) -> None:
    good = EXAMPLE_FILES[ListKind.RECEIPTS]
    stocked.faults(ListKind.RECEIPTS, DATA / "livraison-fautive.csv")
    before = stocked.content()
    with pytest.raises(FaultyLists):
        stocked.run(ListKind.RECEIPTS, good, DATA / "livraison-fautive.csv")
    assert stocked.content() == before
