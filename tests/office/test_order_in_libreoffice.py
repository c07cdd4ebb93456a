"""Orders as LibreOffice opens them, cell by cell: our own form, and a supplier's that is filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from inventory.messages import Names
from inventory.order_sheet import SheetLine
from inventory.tables import Purchase, Supplier
from tests.office.cells import Shown, in_libreoffice, padded, shown
from web.order_files import order_rows, order_xlsx

pytestmark = pytest.mark.office

EVIL = '=HYPERLINK("http://example.org";A1)'
CUP = SheetLine("CUP", "-B12", Names("Coupelle", "Beker", "Cup"), 4000, 20, 5, 3, 36.75, 300, EVIL)
LINES = [
    CUP,
    replace(CUP, code="SER1", reference="", names=Names("+Seringue", "@Spuit", "1e3"), note=""),
    replace(CUP, code="BIG", reference="007", ordered=100_000, note='a;b"c', weekly=0.1),
    replace(CUP, code="ONE", reference="2026-11-21", ordered=1, note="#REF!", weekly=0.0),
]


def order(language: str, template: str = "") -> Purchase:
    return Purchase(
        number="2026-001",
        supplier=Supplier(
            name="Één & Co", email="@a@example.org", language=language, template=template
        ),
        drafted_on=date(2026, 11, 30),
        sent_on=date(2026, 12, 31),
        expected_on=date(2027, 1, 1),
        note="+32 2 555 | livrer «avant» 11 h",
    )


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_our_own_form(tmp_path: Path, language: str) -> None:
    made = order(language)
    found = in_libreoffice(tmp_path, order_xlsx(made, LINES))
    assert found == padded([[shown(cell) for cell in row] for row in order_rows(made, LINES)])


def test_a_suppliers_form(tmp_path: Path) -> None:
    """Its sum is reckoned with what was filled in, and no text of ours is."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Bon {{number}}", "{{order_note}}", "=SUM(C3:C99)", "=COUNTA(A3:A99)"],
        [],
        ["{{reference}}", "{{article}}", "{{ordered}}", "=C3*2", "{{note}}"],
    ):
        sheet.append(row)
    book.save(tmp_path / "form.xlsx")
    found = in_libreoffice(
        tmp_path, order_xlsx(order("nl", "form.xlsx"), LINES, templates=tmp_path)
    )
    head: list[Shown]
    head = ["Bon 2026-001", "+32 2 555 | livrer «avant» 11 h", Decimal(100_601), Decimal(4)]
    lines: list[list[Shown]] = [
        [
            line.reference or line.code,
            line.names.nl,
            Decimal(line.ordered),
            Decimal(line.ordered * 2),
            line.note,
        ]
        for line in LINES
    ]
    assert found == padded([head, [], *lines])
