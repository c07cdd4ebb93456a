"""The pages of stock and orders in a browser: they fit, nothing bars anybody, the keyboard is enough."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from inventory import days, orders, suppliers
from inventory.database import Database

from .counter import BROWSER, problems, sign_in
from .test_orders_pages import MODUS, expiring, low

pytestmark = BROWSER


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_pages_have_nothing_for_axe_and_fit(
    page: Page, database: Database, width: int, height: int
) -> None:
    low(database, SER1=20_000, EAU5=9_000)
    expiring(database)
    with database.writing() as session:
        supplier = suppliers.supplier(session, name=MODUS)
        found = orders.draft(session, supplier=supplier, now=days.now())
        assert found is not None
        number = found.number
    sign_in(page)
    page.set_viewport_size({"width": width, "height": height})
    for address in (
        "/orders",
        "/stock",
        "/stock/item/SER1",
        "/stock/expiries",
        "/orders/all",
        f"/orders/{number}",
    ):
        page.goto(address)
        for scheme in ("light", "dark") if width > 760 else ("light",):
            page.emulate_media(color_scheme=scheme)
            assert problems(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_an_order_is_read_changed_and_approved_by_keyboard_alone(
    page: Page, database: Database
) -> None:
    low(database, SER1=20_000)
    sign_in(page)
    page.goto("/orders")
    page.get_by_role("button", name="Make a draft").press("Enter")
    figure = page.get_by_role("textbox", name=re.compile("Pieces of Syringe 1 ml"))
    expect(figure).to_have_value("10000")
    figure.fill("5000")
    page.get_by_role("button", name="Approve this order").press("Enter")
    expect(page.locator(".heading .pill")).to_have_text("approved")
    page.get_by_role("button", name="It is sent").press("Enter")
    expect(page.locator(".heading .pill")).to_have_text("sent")
    expect(page.get_by_role("table")).to_contain_text("5,000")
