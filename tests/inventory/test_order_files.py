"""The form of an order, opened as a spreadsheet does, cell by cell."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell

from inventory import order_sheet, orders
from inventory.tables import ItemLevel, Purchase
from web.order_files import order_csv, order_rows, order_xlsx

from .ordering import NOW, put, sold, supplier
from .workshop import DAY, Books

EVIL = '=HYPERLINK("http://example.org";A1)'


@pytest.fixture
def order(books: Books) -> Purchase:
    """Sent to a Dutch-speaking supplier: cups in kits and loose, leaflets nobody needs, a note that is a formula."""
    by = supplier(books, "Één & Co", language="nl", email="@order@example.org")
    sold(books, by, "CUP", 100, 300, multiple=50, reference="-B12")
    sold(books, by, "SER", 1, 5, reference="S1")
    sold(books, by, "LEAFLET", 10, 20)
    cup = books.item("CUP")
    cup.name_nl = "+Bekers"
    books.session.get_one(ItemLevel, cup.id).daily = 5.25
    books.receive("CUP", "a", 30)
    books.receive("KIT", "b", 10)
    books.receive("LEAFLET", "c", 11)
    made = orders.draft(books.session, supplier=by, now=NOW)
    assert made is not None
    put(books, made, "CUP", 275, EVIL)
    orders.approve(books.session, order=made, now=NOW)
    orders.mark_sent(books.session, order=made, now=NOW)
    return made


HEAD: list[list[object]] = [
    ["Bestelling", "2026-001"],
    ["Leverancier", "Één & Co"],
    ["Adres", "@order@example.org"],
    ["Opgesteld op", DAY],
    ["Verstuurd op", DAY],
    ["Verwacht op", date(2026, 12, 7)],
    ["Opmerking", ""],
    [],
    [
        "Referentie",
        "Artikel",
        "Voorraad",
        "In kits",
        "In bestelling",
        "Uitgeleend",
        "Behoefte per week",
        "Besteld",
        "Opmerking",
    ],
]
LINES: list[list[object]] = [
    ["S1", "SER", 0, 20, 0, 0, 0, 0, ""],
    ["-B12", "+Bekers", 30, 20, 0, 0, 36.8, 275, EVIL],
    ["LEAFLET", "LEAFLET", 11, 10, 0, 0, 0, 0, ""],
]


def written(books: Books, order: Purchase) -> bytes:
    lines = order_sheet.sheet(books.session, order=order, today=DAY)
    return order_xlsx(order, lines)


def plain(cell: Cell | MergedCell) -> object:
    value = cell.value
    return value.date() if isinstance(value, datetime) else value


def test_every_cell_of_the_spreadsheet(books: Books, order: Purchase) -> None:
    sheet = load_workbook(io.BytesIO(written(books, order))).active
    assert sheet is not None and sheet.title == "2026-001"
    wanted = [*HEAD, *LINES]
    found = [[plain(cell) for cell in row] for row in sheet.iter_rows()]
    assert found == [
        [cell if cell != "" else None for cell in [*row, *[""] * 9][:9]] for row in wanted
    ]
    for row in sheet.iter_rows():
        for cell in row:
            expected = {int: "n", float: "n", str: "s", datetime: "d", type(None): "n"}
            assert cell.data_type == expected[type(cell.value)], cell.coordinate
            if isinstance(cell.value, str):
                assert cell.quotePrefix == cell.value.startswith(("=", "+", "-", "@"))


def test_every_cell_of_the_csv(books: Books, order: Purchase) -> None:
    lines = order_sheet.sheet(books.session, order=order, today=DAY)
    text = order_csv(order, lines).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text), delimiter=";"))

    def said(cell: object) -> str:
        if isinstance(cell, date):
            return f"{cell:%d/%m/%Y}"
        dangerous = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@"))
        return f"'{cell}" if dangerous else str(cell).replace("36.8", "36,8")

    wanted = [[said(cell) for cell in row] for row in [*HEAD, *LINES]]
    wanted[-3][6] = wanted[-1][6] = "0,0"
    assert found == wanted


def test_an_order_does_not_count_itself_as_coming(books: Books, order: Purchase) -> None:
    assert orders.on_order(books.session) == {books.item("CUP").id: 275}
    (before,) = (
        one for one in order_sheet.sheet(books.session, order=order, today=DAY) if one.ordered
    )
    assert before.on_order == 0
    again = orders.draft(books.session, supplier=order.supplier, now=NOW, empty=True)
    assert again is not None
    found = {one.code: one for one in order_sheet.sheet(books.session, order=again, today=DAY)}
    assert (found["CUP"].on_order, found["CUP"].ordered) == (275, 0)


@pytest.mark.parametrize(("language", "word"), [("fr", "Commande"), ("en", "Order")])
def test_it_speaks_the_suppliers_language(
    books: Books, order: Purchase, language: str, word: str
) -> None:
    order.supplier.language = language
    assert order_rows(order, [])[0] == [word, "2026-001"]
