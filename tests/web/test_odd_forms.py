"""Whatever a form of stock, orders, deliveries, kits or lots holds, a page answers: never a failure of ours."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory import days, orders, suppliers
from inventory.database import Database
from tests import LONG

from .conftest import csrf_of
from .test_lead_pages import kit_lot
from .test_orders_pages import MODUS, fields_of, low

__all__ = ["kit_lot"]

FORMS: dict[str, dict[str, str]] = {
    "delivery.take_in": {
        "item": "SER1",
        "pieces": "5",
        "lot": "L1",
        "expires": "2029-01-31",
        "note": "BL-7",
        "to": "",
        "how": "damaged",
    },
    "delivery.undo": {"note": "BL-7", "to": ""},
    "kits.drop": {"place": "TAD", "kit": "KIT-INJ"},
    "kits.take_apart": {"kits": "1"},
    "kits.take_back": {"lot": "1", "kits": "1"},
    "lots.change": {"what": "hold"},
    "order.act": {"expected": "2028-01-31"},
    "order.change": {"pieces:EAU5": "5000", "note:EAU5": "", "note": ""},
    "orders.draft": {"supplier": MODUS},
    "orders.retry_mail": {"number": "0" * 32},
    "recipes.change": {"seen": "1", "item-1": "SER1", "pieces-1": "2"},
    "stock.fix": {"what": "fix", "reorder-point": "5", "order-up-to": "9", "note": ""},
}
"""What a browser sends to each of these pages, besides what the page itself had."""

LOT = "lot"
"""Stands for the number of a lot of kits."""

PARTS = {
    "delivery": {"number": [f"{days.local(days.now()).year}-001"]},
    "lots": {"number": [LOT]},
    "order": {"number": [f"{days.local(days.now()).year}-002"], "action": ["approve", "confirm"]},
    "recipes": {"item": ["KIT-INJ", "SER1"]},
    "stock": {"code": ["SER1", "KIT-INJ"]},
}
"""What their addresses hold."""

ODD = st.text(max_size=8) | st.sampled_from(
    [
        *("", " ", "0", "-1", "1", "99999999999999999999", "1e9", "９", "²", "NaN", "+1", "1_0"),
        *("10000000", "10000001", "2147483648", "2026-13-45", "9999-12-31", "0001-01-01"),
        *("2026-W47-7", "20261122", "=1+1", "<script>", "a\x00b", "\u202e", "\ufffe", "\x1d"),
        *("é" * 201, "x" * 5000, "😀", "1\n2", "../..", "%00", "'; drop table", "{0}%(x)s%s"),
        *("SER1", "KIT-INJ", "EAU5", "expiries", "undo", "on", "refused", "without-lot", "release"),
        *("RESERVE", "SUPPLIER", "TAD", MODUS, "1|1", "0|0", "9" * 32, "f" * 32),
        *("(01)05410036306703(17)270930(10)A1", "01054100363067031727093010A1\x1d"),
    ]
)

MORE = st.sampled_from(["code", "before", "mine", "more", "less", "seen", "then", "what", "to"])

EXAMPLES = 2_000 if LONG else 80


@dataclass(frozen=True, slots=True)
class Sent:
    """A press: the page, the parts of its address, and what its form holds besides what is usual."""

    endpoint: str
    parts: dict[str, str]
    odd: dict[str, str]


@st.composite
def presses(draw: st.DrawFn) -> Sent:
    endpoint = draw(st.sampled_from(sorted(FORMS)))
    known = PARTS.get(endpoint.partition(".")[0], {})
    parts = {name: draw(st.sampled_from(values)) for name, values in known.items()}
    if parts and draw(st.integers(0, 7)) == 7:
        parts[draw(st.sampled_from(sorted(parts)))] = draw(ODD)
    # Now and then the number of a form that was sent before.
    number = str(UUID(int=draw(st.integers(1, 20)), version=4))
    names = st.sampled_from(["number", *FORMS[endpoint]]) | MORE | ODD.map("pieces:{}".format)
    odd = draw(st.dictionaries(names, ODD, max_size=2))
    return Sent(endpoint, parts, {"number": number, **odd})


def rules(app: Flask) -> dict[str, str]:
    """The pages that take a form, as the parts of their addresses are written."""
    blueprints = {endpoint.partition(".")[0] for endpoint in FORMS}
    return {
        rule.endpoint: re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in blueprints
    }


def two_orders(database: Database) -> None:
    """One that was sent, and a draft."""
    now = days.now()
    for item in ("SER1", "EAU5"):
        low(database, **{item: 20_000})
        with database.writing() as session:
            supplier = suppliers.supplier(session, name=MODUS)
            order = orders.draft(session, supplier=supplier, now=now)
            assert order is not None
            if item == "SER1":
                orders.approve(session, order=order, now=now)
                orders.mark_sent(session, order=order, now=now)


def usual(client: FlaskClient, sent: Sent) -> dict[str, str]:
    """What the page itself puts into its form, and what somebody writes there."""
    page: dict[str, str] = {}
    if sent.endpoint.startswith("order.") and sent.parts["number"] in PARTS["order"]["number"]:
        shown = client.get(f"/orders/{sent.parts['number']}").text
        known = re.search(r'name="seen" value="(\w+)"', shown)
        page = {**fields_of(shown), "seen": known[1] if known else ""}
    if sent.endpoint == "kits.take_apart":
        choice = re.search(r'value="(\d+\|\d+)"', client.get("/kits/apart").text)
        page["what"] = choice[1] if choice else ""
    return {**page, **FORMS[sent.endpoint]}


def test_no_form_makes_a_page_fail(camille: FlaskClient, database: Database, kit_lot: int) -> None:
    two_orders(database)
    addresses, csrf = rules(camille.application), csrf_of(camille)
    assert addresses.keys() == FORMS.keys()
    answers: Counter[tuple[str, int]] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(presses())
    def never(sent: Sent) -> None:
        parts = {name: quote(part, safe="") for name, part in sent.parts.items()}
        parts = {name: str(kit_lot) if part == LOT else part for name, part in parts.items()}
        form = {**usual(camille, sent), **sent.odd, "csrf": csrf}
        answer = camille.post(addresses[sent.endpoint].format_map(parts), data=form)
        assert answer.status_code < 500
        answers[sent.endpoint, answer.status_code] += 1

    never()
    # What is refused at the door would prove nothing: most pages did what they were asked, too.
    assert len({endpoint for endpoint, status in answers if status < 400}) > len(FORMS) // 2
