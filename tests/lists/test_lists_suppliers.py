"""The lists of suppliers and of what comes from them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inventory.lists import Imported, ListKind
from inventory.tables import Item, Supplier, SupplierClosed, SupplierItem

from .helpers import EXAMPLE_FILES, HEADERS, Office

MODUS = (
    "Modus Vivendi;orders@example.org;lead@example.org;nl;10;VEN1 VEN3;12:00;"
    "2026-12-24/2027-01-03, 2026-07-20/2026-08-07;x"
)
SUMMER = (date(2026, 7, 20), date(2026, 8, 7))
WINTER = (date(2026, 12, 24), date(2027, 1, 3))


@pytest.fixture
def supplied(stocked: Office) -> Office:
    stocked.add(ListKind.SUPPLIERS, MODUS, "Pharmacy;;;;0;;;;")
    return stocked


def kept(office: Office, name: str) -> dict[str, Any]:
    with office.db.reading() as session:
        row = session.scalars(select(Supplier).where(Supplier.name == name)).one()
        columns = ("email", "copy_to", "language", "lead_days", "review", "cutoff_hour", "note")
        return {key: getattr(row, key) for key in columns} | {
            "closed": [(one.first, one.last) for one in row.closed]
        }


def comes(office: Office, item: str) -> tuple[Any, ...]:
    with office.db.reading() as session:
        row = session.scalars(
            select(SupplierItem).join(SupplierItem.item).where(Item.code == item)
        ).one()
        return (
            row.supplier.name,
            row.reference,
            row.multiple,
            row.minimum,
            row.quota,
            row.essential,
        )


def test_a_supplier_is_kept_with_its_rules(supplied: Office) -> None:
    assert kept(supplied, "Modus Vivendi") == {
        "email": "orders@example.org",
        "copy_to": "lead@example.org",
        "language": "nl",
        "lead_days": 10,
        "review": "FRI1 FRI3",
        "cutoff_hour": 12,
        "note": "x",
        "closed": [SUMMER, WINTER],
    }
    assert kept(supplied, "Pharmacy") == {
        "email": "",
        "copy_to": "",
        "language": "fr",
        "lead_days": 0,
        "review": "",
        "cutoff_hour": 24,
        "note": "",
        "closed": [],
    }


def test_a_supplier_that_is_known_is_updated(supplied: Office) -> None:
    assert supplied.add(ListKind.SUPPLIERS, MODUS, MODUS) == Imported(0, 2)
    again = "MODUS VIVENDI;;lead@example.org;nl;12;;;2027-07-20/2027-08-07;x"
    assert supplied.add(ListKind.SUPPLIERS, again) == Imported(1, 0)
    now = kept(supplied, "MODUS VIVENDI")
    assert (now["email"], now["lead_days"], now["review"], now["cutoff_hour"]) == ("", 12, "", 24)
    assert now["closed"] == [(date(2027, 7, 20), date(2027, 8, 7))]
    with supplied.db.reading() as session:
        assert len(session.scalars(select(Supplier)).all()) == 2
        assert len(session.scalars(select(SupplierClosed)).all()) == 1
    # A period may change its last day alone.
    longer = again.replace("2027-08-07", "2027-08-14")
    assert supplied.add(ListKind.SUPPLIERS, longer) == Imported(1, 0)
    assert kept(supplied, "MODUS VIVENDI")["closed"] == [(date(2027, 7, 20), date(2027, 8, 14))]


def test_a_column_that_is_missing_is_left_alone(supplied: Office) -> None:
    before = kept(supplied, "Modus Vivendi")
    short = (
        "leverancier;e-mail;levertijd;besteldagen;uiterste uur\nModus Vivendi;a@example.org;3;do;9u"
    )
    supplied.run(ListKind.SUPPLIERS, supplied.file(short.replace("do;", "don;")))
    assert kept(supplied, "Modus Vivendi") == before | {
        "email": "a@example.org",
        "lead_days": 3,
        "review": "THU",
        "cutoff_hour": 9,
    }


@pytest.mark.parametrize("written", ["12", "12:00", "12h", "12 h", "12h00", "12u00", "12:00:00"])
def test_an_hour_as_people_and_spreadsheets_write_it(office: Office, written: str) -> None:
    office.add(ListKind.SUPPLIERS, f"MV;;;;1;;{written};;")
    assert kept(office, "MV")["cutoff_hour"] == 12


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2026-07-20/2026-08-07", [SUMMER]),
        ("20/07/2026 - 07/08/2026", [SUMMER]),
        ("20/07/2026 – 7/8/2026,24/12/2026-3/1/2027", [SUMMER, WINTER]),
        ("2026-12-24", [(date(2026, 12, 24), date(2026, 12, 24))]),
        ("2026-12-24, 2026-12-25", [(date(2026, 12, n), date(2026, 12, n)) for n in (24, 25)]),
    ],
)
def test_closed_periods_as_people_write_them(
    office: Office, written: str, found: list[tuple[date, date]]
) -> None:
    office.add(ListKind.SUPPLIERS, f"MV;;;;1;;;{written};")
    assert kept(office, "MV")["closed"] == found


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (";;;;1;;;;", "fournisseur"),
        (f"{'x' * 101};;;;1;;;;", "fournisseur"),
        ("pharmacy;;;;1;;;;", "fournisseur"),
        ("MV;orders;;;1;;;;", "adresse"),
        ("MV;orders@example;;;1;;;;", "adresse"),
        ("MV;orders@example..org;;;1;;;;", "adresse"),
        ("MV;a@example.org, b@example.org;;;1;;;;", "adresse"),
        ("MV;MV <a@example.org>;;;1;;;;", "adresse"),
        (f"MV;{'x' * 65}@example.org;;;1;;;;", "adresse"),
        ("MV;;lead at example.org;;1;;;;", "copie"),
        ("MV;;;Deutsch;1;;;;", "langue"),
        ("MV;;;;;;;;", "délai"),
        ("MV;;;;-1;;;;", "délai"),
        ("MV;;;;366;;;;", "délai"),
        ("MV;;;;10 days;;;;", "délai"),
        ("MV;;;;1;FRI6;;;", "jours de commande"),
        ("MV;;;;1;14/09/2026;;;", "jours de commande"),
        ("MV;;;;1;;25;;", "heure limite"),
        ("MV;;;;1;;0;;", "heure limite"),
        ("MV;;;;1;;12:30;;", "heure limite"),
        ("MV;;;;1;;noon;;", "heure limite"),
        ("MV;;;;1;;;July;", "fermé"),
        ("MV;;;;1;;;2026-08-07/2026-07-20;", "fermé"),
        ("MV;;;;1;;;2026-07-20/2026-08-07, 2026-08-07/2026-08-10;", "fermé"),
        ("MV;;;;1;;;2026-02-30;", "fermé"),
        ("MV;;;;1;;;2026-07-20/2026-08-07,;", "fermé"),
        (f"MV;;;;1;;;;{'x' * 201}", "note"),
    ],
)
def test_every_fault_of_a_supplier_by_line_and_column(
    supplied: Office, row: str, column: str
) -> None:
    good = "Pharmacy;;;;5;;;;"
    assert supplied.wrong(ListKind.SUPPLIERS, good, row, good) == [(3, column)]


def test_a_supplier_may_have_several_faults(office: Office) -> None:
    wrong = office.wrong(ListKind.SUPPLIERS, f";a;b;c;d;e;f;g;{'x' * 201}")
    assert wrong == [(2, name) for name in HEADERS[ListKind.SUPPLIERS].split(";")]


# What comes from them


def template(office: Office) -> str:
    with office.db.reading() as session:
        return session.scalars(select(Supplier)).one().template


def form(office: Office, name: str) -> Path:
    header = "fournisseur;adresse;délai;jours de commande;heure limite;formulaire"
    return office.file(f"{header}\nPharmacy;;0;;;{name}\n")


def test_a_supplier_has_a_form_of_its_own(office: Office) -> None:
    office.run(ListKind.SUPPLIERS, form(office, "Bon de commande.XLSX"))
    assert template(office) == "Bon de commande.XLSX"
    office.add(ListKind.SUPPLIERS, "Pharmacy;;;;1;;;;")
    assert template(office) == "Bon de commande.XLSX"
    office.run(ListKind.SUPPLIERS, form(office, ""))
    assert template(office) == ""


@pytest.mark.parametrize(
    "name", ["../form.xlsx", "a/form.xlsx", "a\\form.xlsx", "form.xls", ".xlsx", "14/09/2026"]
)
def test_a_form_is_a_spreadsheet_of_the_folder(office: Office, name: str) -> None:
    (fault,) = office.faults(ListKind.SUPPLIERS, form(office, name))
    assert fault[:3] == (2, "formulaire", name)


def test_an_item_is_kept_with_its_packs(supplied: Office) -> None:
    rows = [
        "modus vivendi;SER1;S-1;100;500;10 000;oui",
        "Pharmacy;NALOX;;;;;",
        "Pharmacy;KIT-HYG;;1;0;;",
    ]
    assert supplied.add(ListKind.SUPPLY, *rows) == Imported(3, 0)
    assert comes(supplied, "SER1") == ("Modus Vivendi", "S-1", 100, 500, 10_000, True)
    assert comes(supplied, "NALOX") == ("Pharmacy", "", 1, 0, None, False)
    assert supplied.add(ListKind.SUPPLY, *rows, rows[0]) == Imported(0, 4)
    assert supplied.add(ListKind.SUPPLY, "Modus Vivendi;SER1;S-1;100;;;true") == Imported(1, 0)
    assert comes(supplied, "SER1") == ("Modus Vivendi", "S-1", 100, 0, None, True)


def test_an_item_may_come_from_another_supplier_and_stays_essential(supplied: Office) -> None:
    supplied.add(ListKind.SUPPLY, "Modus Vivendi;SER1;S-1;100;500;10000;oui")
    supplied.run(ListKind.SUPPLY, supplied.file("supplier;item;per\nmodus vivendi;SER1;50"))
    assert comes(supplied, "SER1") == ("Modus Vivendi", "S-1", 50, 500, 10_000, True)
    supplied.run(ListKind.SUPPLY, supplied.file("supplier;item;per\nPharmacy;SER1;20"))
    assert comes(supplied, "SER1") == ("Pharmacy", "", 20, 0, None, True)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Nobody;SER1;;;;;", "fournisseur"),
        (";SER1;;;;;", "fournisseur"),
        ("Pharmacy;SER9;;;;;", "article"),
        ("Pharmacy;;;;;;", "article"),
        ("Pharmacy;NALOX;;;;;", "article"),
        ("Pharmacy;SER2;;;;;", "article"),
        (f"Pharmacy;SER1;{'x' * 61};;;;", "référence"),
        ("Pharmacy;SER1;1,5E+12;;;;", "référence"),
        ("Pharmacy;SER1;;0;;;", "multiple"),
        ("Pharmacy;SER1;;1.000;;;", "multiple"),
        ("Pharmacy;SER1;;;-1;;", "minimum"),
        ("Pharmacy;SER1;;;;0;", "quota"),
        ("Pharmacy;SER1;;100;;99;", "quota"),
        ("Pharmacy;SER1;;100;101;150;", "quota"),
        ("Pharmacy;SER1;;;;;maybe", "essentiel"),
    ],
)
def test_every_fault_of_what_comes_by_line_and_column(
    supplied: Office, row: str, column: str
) -> None:
    goods = ("Pharmacy;SER2;;100;150;200;", "Modus Vivendi;NALOX;;;;;")
    assert supplied.wrong(ListKind.SUPPLY, *goods, row) == [(4, column)]


def test_a_row_of_what_comes_may_have_several_faults(supplied: Office) -> None:
    wrong = supplied.wrong(ListKind.SUPPLY, f"x;y;{'x' * 61};0;-1;0;?")
    assert wrong == [(2, name) for name in HEADERS[ListKind.SUPPLY].split(";")]


def test_the_example_says_where_everything_but_kits_comes_from(office: Office) -> None:
    for kind, path in EXAMPLE_FILES.items():
        office.run(kind, path)
    with office.db.reading() as session:
        known = {row.item.code: row for row in session.scalars(select(SupplierItem))}
        items = set(session.scalars(select(Item.code).where(Item.family != "kit")))
        assert set(known) == items and len(items) == 40
        assert known["NALOX"].essential and known["NALOX"].supplier.review != "FRI1 FRI3"
    modus = kept(office, "Modus Vivendi")
    assert (modus["review"], modus["cutoff_hour"], modus["lead_days"]) == ("FRI1 FRI3", 12, 10)
    assert modus["email"].endswith(".example.org")
