"""Receiving an order at the desk: boxes scanned, typed, damaged, too many, undone; the order completed."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from inventory import catalogue, days, orders, suppliers
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.stock import stock
from inventory.tables import Pack, PurchaseArrival
from inventory.verify import verify
from inventory.words import UNKNOWN_LOT
from labels.house import Kind, house_code

from .conftest import csrf_of
from .counter import BROWSER, problems, sign_in
from .test_orders_pages import MODUS, low, status_of, text

BOXED = "SER10"
"""An article of the supplier whose packs have codes."""


def pack_of(database: Database, item: str) -> tuple[str, int]:
    """A GTIN of the item and the pieces in it."""
    with database.reading() as session:
        number = catalogue.item(session, item).id
        rows = session.execute(
            select(Pack.gtin, Pack.pieces).where(Pack.item_id == number, Pack.gtin.is_not(None))
        ).all()
        gtin, pieces = rows[0]
        assert gtin is not None
        return gtin, pieces


@pytest.fixture
def number(database: Database) -> str:
    """An order of syringes and water that was sent."""
    low(database, SER10=2_000, EAU5=9_000)
    with database.writing() as session:
        supplier = suppliers.supplier(session, name=MODUS)
        order = orders.draft(session, supplier=supplier, now=days.now())
        assert order is not None
        for code in (BOXED, "EAU5"):
            item = catalogue.item(session, code)
            orders.set_line(session, order=order, item=item, pieces=300, now=days.now())
        orders.approve(session, order=order, now=days.now())
        orders.mark_sent(session, order=order, now=days.now())
        return order.number


@pytest.fixture
def lead(camille: FlaskClient) -> FlaskClient:
    camille.set_cookie("language", "en")
    return camille


def come(client: FlaskClient, order: str, /, **fields: str) -> TestResponse:
    form = {"csrf": csrf_of(client), "number": str(uuid4()), **fields}
    return client.post(f"/orders/{order}/receive", data=form)


def came(database: Database, number: str) -> list[tuple[str, str, int, str]]:
    with database.reading() as session:
        rows = session.scalars(select(PurchaseArrival).order_by(PurchaseArrival.id))
        return [(one.item.code, one.lot.code, one.pieces, one.condition) for one in rows]


def on_hand(database: Database, item: str) -> int:
    with database.reading() as session:
        return sum(row.pieces for row in stock(session) if row.item == item)


def test_a_box_is_booked_as_it_is_read_and_once(
    lead: FlaskClient, database: Database, number: str
) -> None:
    gtin, pieces = pack_of(database, BOXED)
    before = on_hand(database, BOXED)
    form = {"number": str(uuid4()), "code": f"]d201{gtin}1729022810LOT9", "note": "BL-1"}
    assert "LOT9" in text(come(lead, number, **form).text)
    come(lead, number, **form)  # the same press, sent again
    assert came(database, number) == [(BOXED, "LOT9", pieces, "good")]
    assert on_hand(database, BOXED) == before + pieces
    assert status_of(database, number) == "received"
    shown = lead.get(f"/orders/{number}/receive?note=BL-1").text
    assert 'value="BL-1"' in shown


def test_two_codes_of_one_box(lead: FlaskClient, database: Database, number: str) -> None:
    gtin, pieces = pack_of(database, BOXED)
    first = come(lead, number, code=f"]d201{gtin}")
    assert "Now the code with lot and expiry" in first.text and came(database, number) == []
    waiting = re.search(r'name="before" value="([^"]+)"', first.text)
    assert waiting is not None
    misread = come(lead, number, code="rubbish", before=waiting[1])
    assert f'name="before" value="{waiting[1]}"' in misread.text
    come(lead, number, code="]d217290228101234", before=waiting[1])
    assert came(database, number) == [(BOXED, "1234", pieces, "good")]
    come(lead, number, then="without-lot", before=waiting[1])
    assert came(database, number)[1:] == [(BOXED, UNKNOWN_LOT, pieces, "good")]


def test_without_a_code_damaged_too_many_undone_and_completed(
    lead: FlaskClient, database: Database, number: str
) -> None:
    water = {"item": "EAU5", "lot": "W1", "expires": "2029-01-31"}
    nothing = come(lead, number, item="", pieces="")
    assert nothing.status_code == 400 and "Scan a box, or choose an article." in nothing.text
    wrong = come(lead, number, **{**water, "lot": ""}, pieces="20")
    assert (
        wrong.status_code == 400 and 'id="lot-fault"' in wrong.text and 'value="20"' in wrong.text
    )
    come(lead, number, **water, pieces="320")
    come(lead, number, **water, pieces="10", how="damaged")
    shown = text(lead.get(f"/orders/{number}/receive").text)
    assert "20 too many" in shown and "10 damaged" in shown and "300 to come" in shown
    undone = re.findall(
        r'name="number" value="([^"]+)"', lead.get(f"/orders/{number}/receive").text
    )
    lead.post(
        f"/orders/{number}/receive/undo", data={"csrf": csrf_of(lead), "number": undone[1]}
    )  # the newest
    assert [row[2:] for row in came(database, number)] == [(320, "good")]
    lead.post(f"/orders/{number}/close", data={"csrf": csrf_of(lead)})
    assert status_of(database, number) == "closed"
    closed = text(lead.get(f"/orders/{number}").text)
    assert "300 never came." in closed and "20 more than ordered." in closed
    late = come(lead, number, **water, pieces="1")
    assert late.status_code == 400
    assert "300 never came" in text(lead.get(f"/orders/{number}/receive").text)
    lead.post(f"/orders/{number}/reopen", data={"csrf": csrf_of(lead)})
    assert status_of(database, number) == "received"
    assert "300 to come" in text(come(lead, number, **water, pieces="1").text)
    with database.reading() as session:
        assert verify(session).faults == []


def test_the_undo_code_takes_back_what_this_page_read_however_often_it_is_sent(
    lead: FlaskClient, database: Database, number: str
) -> None:
    water = {"item": "EAU5", "expires": "2029-01-31", "pieces": "50"}
    come(lead, number, **water, lot="COLLEAGUE")
    mine = hidden(come(lead, number, **water, lot="MINE"), "mine")
    come(lead, number, **water, lot="COLLEAGUE-2")
    undo = house_code(Kind.COMMAND, BY_NAME["undo"].number)
    form = {"number": str(uuid4()), "code": undo, "mine": mine}
    answer = come(lead, number, **form)
    assert "Taken back: 50 × Water for injection" in text(answer.text)
    assert 'class="read"' not in answer.text
    come(lead, number, **form)
    assert [row[1] for row in came(database, number)] == ["COLLEAGUE", "COLLEAGUE-2"]
    again = come(lead, number, code=undo, mine=hidden(answer, "mine"))
    assert "Nothing read here is left to take back" in again.text


def test_far_too_many_pieces_are_asked_about_and_booked_once_somebody_says_yes(
    lead: FlaskClient, database: Database, number: str
) -> None:
    """Ten times what was ordered, typed or scanned; the next box after a yes is not asked about again."""
    water = {"item": "EAU5", "lot": "W1", "expires": "2029-01-31"}
    asked = come(lead, number, **water, pieces="3000")
    assert "3000 × Water for injection 5 ml? 300 were ordered." in text(asked.text)
    assert came(database, number) == [] and 'value="3000"' in asked.text
    assert hidden(asked, "sure") == "typed"
    come(lead, number, **water, pieces="2999")
    assert [row[2] for row in came(database, number)] == [2999]
    gtin, _ = pack_of(database, BOXED)
    code = f"]d201{gtin}1729022810LOT9"
    with database.writing() as session:
        session.execute(update(Pack).where(Pack.gtin == gtin).values(pieces=3000))
    asked = come(lead, number, code=code)
    assert hidden(asked, "sure") == code and 'name="code" value=""' in asked.text
    assert [row[2] for row in came(database, number)] == [2999]
    come(lead, number, sure=code)
    come(lead, number, **water, pieces="1", sure="typed")
    come(lead, number, **water, pieces="50")
    assert [row[2] for row in came(database, number)] == [2999, 3000, 1, 50]


def test_what_has_expired_or_has_no_lot_is_said(
    lead: FlaskClient, database: Database, number: str
) -> None:
    gone = {"item": "EAU5", "lot": "OLD", "expires": "2020-01-31", "pieces": "50"}
    assert "has been expired since" in text(come(lead, number, **gone).text)
    assert "came without its lot" in text(come(lead, number, item="EAU5", pieces="50").text)


def test_a_code_beside_a_typed_box_books_neither(
    lead: FlaskClient, database: Database, number: str
) -> None:
    gtin, _ = pack_of(database, BOXED)
    answer = come(lead, number, code=f"]d201{gtin}", item="EAU5", pieces="50")
    assert answer.status_code == 400 and "Either a code, or what you wrote" in answer.text
    assert came(database, number) == [] and 'value="50"' in answer.text


def hidden(answer: TestResponse, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None
    return found[1]


def test_only_bookings_of_this_order_are_undone(
    lead: FlaskClient, database: Database, number: str
) -> None:
    answer = lead.post(
        f"/orders/{number}/receive/undo", data={"csrf": csrf_of(lead), "number": str(uuid4())}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
class TestInABrowser:
    pytestmark = BROWSER

    def test_a_box_whose_second_code_tells_its_lot(
        self, page: Page, database: Database, number: str, width: int, height: int
    ) -> None:
        """The Enter of a scanner books; it answers none of the questions of the page."""
        gtin, pieces = pack_of(database, BOXED)
        sign_in(page)
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"/orders/{number}/receive")
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type(f"]d201{gtin}")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Its lot cannot be read")).to_be_visible()
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type("]d217290228101234")
        page.keyboard.press("Enter")
        expect(page.locator(".read")).to_contain_text("1234")
        assert [row[1:3] for row in came(database, number)] == [("1234", pieces)]
        with database.writing() as session:
            session.execute(update(Pack).where(Pack.gtin == gtin).values(pieces=3000))
        for lot in ("ASKED", "OTHER"):
            page.keyboard.type(f"]d201{gtin}1729022810{lot}")
            page.keyboard.press("Enter")
            expect(page.get_by_role("button", name="Yes, so many pieces came")).to_have_attribute(
                "value", re.compile(lot)
            )
            expect(page.locator("#code")).to_be_focused()
        assert problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="Yes, so many pieces came").click()
        expect(page.locator(".read")).to_contain_text("OTHER")
        assert [row[1] for row in came(database, number)] == ["1234", "OTHER"]

    def test_a_delivery_by_scanner_alone(
        self, page: Page, database: Database, number: str, width: int, height: int
    ) -> None:
        gtin, pieces = pack_of(database, BOXED)
        sign_in(page)
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"/orders/{number}")
        page.get_by_role("link", name="Receive boxes").click()
        for lot in ("A1", "A2"):
            expect(page.locator("#code")).to_be_focused()
            page.keyboard.type(f"]d201{gtin}1729022810{lot}")
            page.keyboard.press("Enter")
            expect(page.locator(".read")).to_contain_text(lot)
        assert [row[1:3] for row in came(database, number)] == [("A1", pieces), ("A2", pieces)]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name=re.compile("Undo.*")).first.click()
        expect(page.locator(".arrivals li")).to_have_count(1)
        page.get_by_role("button", name="Nothing more comes").click()
        expect(page.locator(".heading .pill")).to_have_text("completed")
