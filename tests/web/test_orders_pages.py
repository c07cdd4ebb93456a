"""The lead's morning: what to do, how long it lasts, and an order from draft to sent, read and changed on the page."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from inventory import catalogue, days, ledger, levels, orders
from inventory.database import Database
from inventory.order_rules import Status
from inventory.tables import ItemLevel, Lot, PlaceItem

from .conftest import csrf_of

MODUS = "Modus Vivendi"


@pytest.fixture
def lead(camille: FlaskClient) -> FlaskClient:
    camille.set_cookie("language", "en")
    return camille


def low(database: Database, **levels_of: int) -> None:
    """So many pieces are the reorder point of each; twice as many the level."""

    def work(session: Session) -> None:
        for code, point in levels_of.items():
            levels.fix(
                session,
                item=catalogue.item(session, code),
                reorder_point=point,
                order_up_to=2 * point,
                note="",
                day=days.today(),
            )

    database.write(work)


def post(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    return client.post(address, data={"csrf": csrf_of(client), **fields})


def read_and_post(client: FlaskClient, number: str, what: str, **fields: str) -> TestResponse:
    """A press on the page of an order as it is at this moment."""
    return post(client, f"/orders/{number}/{what}", **{"seen": seen(client, number), **fields})


def seen(client: FlaskClient, number: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', client.get(f"/orders/{number}").text)
    return found[1] if found else ""


def number_of(database: Database) -> str:
    with database.reading() as session:
        return orders.all_orders(session)[0].number


def status_of(database: Database, number: str) -> str:
    with database.reading() as session:
        return orders.order(session, number=number).status


@pytest.fixture
def drafted(lead: FlaskClient, database: Database) -> str:
    """The number of a draft with two articles."""
    low(database, SER1=20_000, EAU5=9_000)
    answer = post(lead, "/orders/draft", supplier=MODUS)
    assert answer.status_code == 303
    return number_of(database)


def test_low_stock_becomes_an_order_that_a_person_approves(
    lead: FlaskClient, database: Database
) -> None:
    low(database, SER1=20_000, EAU5=9_000)
    morning = lead.get("/orders").text
    assert f"of {MODUS} are to be ordered" in text(morning)
    post(lead, "/orders/draft", supplier=MODUS)
    number = number_of(database)
    assert f"Order {number} to {MODUS} is ready to be read." in text(lead.get("/orders").text)
    shown = lead.get(f"/orders/{number}").text
    assert "Syringe 1 ml" in text(shown) and 'name="pieces:SER1"' in shown
    # A figure and the approval in one press.
    changed = {"pieces:SER1": "8000", "was-pieces:SER1": "10000", "note:SER1": "van is full"}
    answer = read_and_post(lead, number, "lines", **changed, then="approve")
    assert answer.status_code == 303
    assert status_of(database, number) == Status.APPROVED
    assert f"Order {number} to {MODUS} is approved: send it." in text(lead.get("/orders").text)
    assert read_and_post(lead, number, "send").status_code == 303
    assert status_of(database, number) == Status.SENT
    with database.reading() as session:
        found = orders.order(session, number=number)
        ordered = {line.item.code: (line.pieces, line.note) for line in found.lines}
        later = found.expected_on
    assert ordered["SER1"] == (8_000, "van is full") and ordered["EAU5"][0] > 0
    assert later is not None
    post(lead, f"/orders/{number}/confirm", expected=str(later + timedelta(days=3)))
    with database.reading() as session:
        assert orders.order(session, number=number).expected_on == later + timedelta(days=3)
    assert "expected on" in text(lead.get("/orders").text)


def test_who_cancels_what_was_sent_is_told_to_tell_the_supplier(
    lead: FlaskClient, database: Database, drafted: str
) -> None:
    for step in ("approve", "send", "cancel"):
        assert read_and_post(lead, drafted, step).status_code == 303
    assert f"tell {MODUS} that nothing of it is wanted" in text(lead.get(f"/orders/{drafted}").text)


def test_what_another_changed_meanwhile_stays(
    lead: FlaskClient, database: Database, drafted: str
) -> None:
    """A form that still shows the old figure of a line sends it along; nobody wrote it."""
    seen = fields_of(lead.get(f"/orders/{drafted}").text)
    post(lead, f"/orders/{drafted}/lines", **{**seen, "pieces:SER1": "5000"})
    post(lead, f"/orders/{drafted}/lines", **{**seen, "pieces:EAU5": "7000"})
    with database.reading() as session:
        found = orders.order(session, number=drafted)
        assert {line.item.code: line.pieces for line in found.lines} == {
            "SER1": 5_000,
            "EAU5": 7_000,
        }


def test_nobody_approves_or_sends_what_they_have_not_read(
    lead: FlaskClient, database: Database, drafted: str
) -> None:
    read = {"seen": seen(lead, drafted)}
    colleague = {"pieces:SER1": "999999", "was-pieces:SER1": "10000"}
    assert post(lead, f"/orders/{drafted}/lines", **colleague).status_code == 303
    answer = post(lead, f"/orders/{drafted}/lines", **read, then="approve")
    assert answer.status_code == 400 and "Read it again." in answer.text
    assert post(lead, f"/orders/{drafted}/approve", **read).status_code == 409
    assert status_of(database, drafted) == Status.DRAFT
    assert read_and_post(lead, drafted, "approve").status_code == 303
    assert post(lead, f"/orders/{drafted}/send", **read).status_code == 409


def test_who_writes_over_a_figure_of_somebody_else_is_told_it(
    lead: FlaskClient, database: Database, drafted: str
) -> None:
    shown = fields_of(lead.get(f"/orders/{drafted}").text)
    post(lead, f"/orders/{drafted}/lines", **{**shown, "pieces:SER1": "5000"})
    answer = post(lead, f"/orders/{drafted}/lines", **{**shown, "pieces:SER1": "7000"})
    assert answer.status_code == 400 and "Somebody wrote 5000 here meanwhile" in answer.text
    assert 'value="7000"' in answer.text
    again = {**fields_of(answer.text), "pieces:SER1": "7000"}
    assert post(lead, f"/orders/{drafted}/lines", **again).status_code == 303


@pytest.mark.parametrize("day", ["0", "2026-13-45", "soon"])
def test_what_is_no_day_is_said_at_its_field(lead: FlaskClient, drafted: str, day: str) -> None:
    for step in ("approve", "send"):
        read_and_post(lead, drafted, step)
    answer = post(lead, f"/orders/{drafted}/confirm", expected=day)
    assert answer.status_code == 409 and 'id="expected-fault"' in answer.text
    assert f'value="{day}"' in answer.text


def test_what_is_no_figure_stands_at_its_field_and_nothing_is_kept(
    lead: FlaskClient, database: Database, drafted: str
) -> None:
    answer = post(
        lead,
        f"/orders/{drafted}/lines",
        **{"pieces:SER1": "many", "was-pieces:SER1": "10000", "pieces:EAU5": "1"},
        then="approve",
    )
    assert answer.status_code == 400
    assert 'id="pieces:SER1-fault"' in answer.text and 'value="many"' in answer.text
    assert status_of(database, drafted) == Status.DRAFT
    with database.reading() as session:
        found = orders.order(session, number=drafted)
        assert {line.item.code: line.by_hand for line in found.lines} == {
            "SER1": False,
            "EAU5": False,
        }


def test_an_article_of_the_supplier_joins_and_an_empty_order_is_not_approved(
    lead: FlaskClient, database: Database
) -> None:
    post(lead, "/orders/draft", supplier=MODUS)
    number = number_of(database)
    answer = read_and_post(lead, number, "lines", then="approve")
    assert answer.status_code == 400 and "Nothing is ordered" in answer.text
    post(lead, f"/orders/{number}/lines", **{"pieces:SER1": "100", "was-pieces:SER1": ""})
    assert 'value="100"' in lead.get(f"/orders/{number}").text


def test_two_who_approve_at_once_are_told_so(
    lead: FlaskClient, database: Database, drafted: str
) -> None:
    as_read = {"seen": seen(lead, drafted)}
    assert post(lead, f"/orders/{drafted}/approve", **as_read).status_code == 303
    again = post(lead, f"/orders/{drafted}/approve", **as_read)
    assert again.status_code == 409 and "approved" in text(again.text)


@pytest.mark.parametrize("address", ["/orders/1999-001", "/orders/1999-001/file/1999-001.csv"])
def test_what_is_no_order_is_no_page(lead: FlaskClient, address: str) -> None:
    assert lead.get(address).status_code == 404


def test_every_table_is_a_file_with_the_same_rows(
    lead: FlaskClient, database: Database, drafted: str
) -> None:
    expiring(database)
    for name, heading in (
        ("/stock", "Lasts until"),
        ("/stock/expiries", "Lot"),
        ("/orders/all", "State"),
        ("/orders/assemble", "Kit"),
        ("/orders/send", "Place"),
        (f"/orders/{drafted}/come", "Damaged"),
        ("/replenish", "To bring"),
        ("/kits", "Needed"),
        ("/kits/fetch", "Pieces"),
    ):
        rows = read_csv(lead.get(f"{name}.csv").data)
        book = load_workbook(io.BytesIO(lead.get(f"{name}.xlsx").data))
        cells = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        assert heading in rows[0]
        assert [row[0] for row in rows] == [row[0] for row in cells]
        assert [len(row) for row in rows] == [len(row) for row in cells]
        assert len(rows) > 1 or name == "/kits/fetch"
    low_only = read_csv(lead.get("/stock.csv?show=low&supplier=Modus+Vivendi").data)
    assert {row[0] for row in low_only[1:]} == {"SER1", "EAU5"}
    assert lead.get("/stock.pdf").status_code == 404
    order = read_csv(lead.get(f"/orders/{drafted}/file/{drafted}.csv").data)
    assert order[0] == ["Commande", drafted]


def test_expiries_are_asked_for_by_the_address(lead: FlaskClient, database: Database) -> None:
    """On the page and as a file: within a month, and only what will not leave in time."""
    expiring(database)
    every = lots_of(lead, "")
    month = lots_of(lead, "?within=30")
    assert month < every and "A-MONTH" in month and "NEXT-QUARTER" in every - month
    late = lots_of(lead, "?show=late")
    assert late < every and "A-MONTH" not in late
    assert lots_of(lead, "?within=17") == every
    shown = lead.get("/stock/expiries?within=30&show=late").text
    assert "within=30&amp;show=late" in shown


def lots_of(lead: FlaskClient, query: str) -> set[str]:
    """In the file, and each of them on the page."""
    found = {row[2] for row in read_csv(lead.get(f"/stock/expiries.csv{query}").data)[1:]}
    shown = lead.get(f"/stock/expiries{query}").text
    assert len(re.findall("<tr>", shown)) - bool(found) == len(found)
    assert all(lot in shown for lot in found)
    return found


def test_levels_are_fixed_with_a_note_and_left_to_the_nights_again(
    lead: FlaskClient, database: Database
) -> None:
    address = "/stock/item/SER1"
    wrong = post(lead, address, **{"reorder-point": "9", "order-up-to": "8"})
    assert wrong.status_code == 400 and 'value="9"' in wrong.text
    fixed = {"reorder-point": "600", "order-up-to": "1200", "note": "payday"}
    assert post(lead, address, **fixed).status_code == 303
    shown = lead.get(address).text
    assert 'value="600"' in shown and "payday" in shown and "Fixed by hand" in shown
    post(lead, address, what="release", was="600 1200 payday")
    assert "Fixed by hand" not in lead.get(address).text
    assert lead.get("/stock/item/NOTHING").status_code == 404


def test_a_form_of_levels_that_stayed_open_writes_over_nothing_unasked(
    lead: FlaskClient, database: Database
) -> None:
    address = "/stock/item/SER1"
    low(database, SER1=100)
    was = hidden(lead.get(address).text, "was")
    newer = {"reorder-point": "600", "order-up-to": "1200", "note": "payday"}
    post(lead, address, was=was, **newer)
    mine = {"reorder-point": "50", "order-up-to": "90", "note": ""}
    for older in (mine, {"what": "release"}):
        answer = post(lead, address, was=was, **older)
        assert answer.status_code == 400
        assert "it is now 600 / 1200 (payday)." in text(answer.text)
        with database.reading() as session:
            level = session.get_one(ItemLevel, catalogue.item(session, "SER1").id)
            assert (level.reorder_point, level.fixed) == (600, True)
    answer = post(lead, address, was=was, **mine)
    assert 'value="50"' in answer.text
    post(lead, address, was=hidden(answer.text, "was"), **mine)
    assert 'name="reorder-point" value="50"' in lead.get(address).text


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_a_morning_with_nothing_to_do_says_so(lead: FlaskClient, database: Database) -> None:
    database.write(lambda session: session.execute(update(PlaceItem).values(level=None)))
    database.write(lambda session: session.execute(update(Lot).values(expires=None)))
    shown = text(lead.get("/orders").text)
    assert "Nothing to do." in shown


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def fields_of(html: str) -> dict[str, str]:
    """The fields of the lines as a browser sends them."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ":" in name[1]:
            found[name[1]] = value[1] if value else ""
    return found


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def expiring(database: Database) -> None:
    """Lots: expired yesterday, to expire within a month, within a quarter."""

    def work(session: Session) -> None:
        for lot, ahead in (("GONE", -1), ("A-MONTH", 29), ("NEXT-QUARTER", 80)):
            ledger.transfer(
                session,
                from_place=catalogue.place(session, "donation"),
                to_place=catalogue.place(session, "RESERVE"),
                item=catalogue.item(session, "SER1"),
                pieces=300,
                lot=lot,
                expires=days.today() + timedelta(days=ahead),
                day=days.today(),
            )

    database.write(work)
