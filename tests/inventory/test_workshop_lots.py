"""Which lot a scanned box confirms where kits are made: the one in hand, or none, and then a person says which."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from inventory import catalogue, ledger, on_hold
from inventory.database import Database
from inventory.tables import Batch, Lot
from inventory.words import UNKNOWN_LOT, Reason
from web import label_contents

from . import benches, house
from .benches import LASTS, TODAY, Table, gs1, lot_label


def test_a_box_with_two_codes(table: Table, shop: Database) -> None:
    """The first names no lot, and several lie here; the second names no product."""
    database = shop
    with database.writing() as session:
        benches.stock(session, "SER", "later", 10)
    table.touch("KIT")
    second = f"]C117{LASTS['later']:%y%m%d}10later"
    assert table.say(house.GTINS["SER"][0], second) == ["scan-lot", "confirmed"]
    assert table.shows["components"][0]["lots"] == [
        {"lot": "later", "expires": LASTS["later"].isoformat()}
    ]
    assert table.say(house.GTINS["AIG"][0]) == ["confirmed"]  # only one lot of it lies here
    assert table.say("]C1" + f"17{LASTS['later']:%y%m%d}10nobodys") == ["unknown-code"]


def test_a_scanner_that_sends_no_separators(table: Table, shop: Database) -> None:
    """An unknown lot may have swallowed another field then: it confirms no other lot, and its expiry stops."""
    table.touch("KIT")
    gone, soon, later = (f"{LASTS[lot]:%y%m%d}" for lot in ("gone", "soon", "later"))
    ser = "01" + house.GTINS["SER"][0]
    assert table.say(f"{ser}17{gone}10OLD", f"{ser}17{gone}", f"]C1{ser}17{gone}") == [
        *("expired", "expired", "expired")
    ]
    assert table.say(f"{ser}17{later}10NEW", f"{ser}10NEW17{later}", f"{ser}10OLD17{gone}") == [
        *("scan-lot", "scan-lot", "scan-lot")
    ]
    assert table.say(f"{ser}17{later}") == ["scan-lot"]  # the only lot here expires sooner
    assert table.shows["components"][0]["lots"] == []
    assert table.say(f"{ser}17{soon}10soon") == ["confirmed"]  # a lot of the lists
    aig = "01" + house.GTINS["AIG"][0]
    assert table.say(f"{aig}17{soon}") == ["confirmed"]  # the only one here, and its expiry


@pytest.mark.parametrize("beside", ["gone", "later"])
def test_a_lot_that_may_not_be_used_lies_beside(table: Table, shop: Database, beside: str) -> None:
    """The product's code alone may be that of the expired box, or of the one on hold."""
    with shop.writing() as session:
        benches.stock(session, "SER", beside, 10)
        ser = catalogue.item(session, "SER")
        if beside == "later":
            held = catalogue.known_lot(session, item_id=ser.id, code=beside)
            assert held is not None
            on_hold.put(session, lot=held, day=TODAY)
    table.touch("KIT")
    gtin = house.GTINS["SER"][0]
    assert table.say(gtin, f"]d201{gtin}") == ["scan-lot", "scan-lot"]
    assert table.shows["components"][0]["lots"] == []
    wrong = "expired" if beside == "gone" else "on-hold"
    assert table.say(lot_label(shop, "SER", beside), gs1("SER", "soon")) == [wrong, "confirmed"]


@pytest.mark.parametrize("code", ["NODATE", UNKNOWN_LOT])
def test_a_lot_without_the_expiry_it_should_have(database: Database, code: str) -> None:
    """Kits of it would bear the date of another component: it is not usable, however it is named."""
    benches.set_up(database)
    with database.writing() as session:
        for item in ("AIG", "CUP"):
            benches.stock(session, item, "soon", 100)
        ser, shop = catalogue.item(session, "SER"), catalogue.place(session, "SHOP")
        lot = catalogue.lot(session, item_id=ser.id, code=code)
        donation = catalogue.place(session, "donation")
        ledger.post(
            session,
            item_id=ser.id,
            lot_id=lot.id,
            pieces=50,
            reason=Reason.RECEIPT,
            day=TODAY,
            from_id=donation.id,
            to_id=shop.id,
        )
    table = Table(database)
    assert not table.shows["kits"][0]["can_be_made"]
    assert table.touch("KIT", "AIG", "CUP", "SER")[-1] == "no-lot"
    gtin = house.GTINS["SER"][0]
    assert table.say(lot_label(database, "SER", code), gtin) == ["no-lot", "no-lot"]
    part = table.shows["components"][0]
    assert (part["lots"], part["proposed"]) == ([], None)
    if code == "NODATE":
        assert table.say(f"]C110{code}") == ["no-lot"]
        assert table.say(gs1("SER", code, LASTS["later"])) == ["all-confirmed"]  # its box says it


def test_a_lot_that_no_list_has(table: Table, shop: Database) -> None:
    """Its code says when it expires: kits can be made of it. One that does not say it cannot be dated."""
    table.touch("KIT")
    assert table.say(gs1("SER", "new", LASTS["later"])) == ["confirmed"]
    assert table.say(f"]d201{house.GTINS['AIG'][0]}10undated") == ["no-lot"]
    assert table.say(gs1("AIG", "soon", LASTS["last"])) == ["call"]  # the list has another expiry
    table.touch("AIG", "CUP")
    assert table.shows["expires"] == LASTS["soon"].isoformat()
    assert table.say("03059948002413") == ["unknown-code"]
    with shop.reading() as session:
        assert session.scalars(select(Lot).where(Lot.code == "undated")).all() == []


def test_the_expiry_of_an_expired_box_alone(table: Table) -> None:
    """Its second code may name neither product nor lot: touching the picture would confirm another lot."""
    table.touch("KIT")
    assert table.say(f"]C117{LASTS['gone']:%y%m%d}30100") == ["expired"]
    assert table.say(f"]C117{LASTS['gone']:%y%m%d}", f"]C117{TODAY:%y%m%d}") == [
        *("expired", "not-here")
    ]


def test_the_same_lot_with_another_expiry(table: Table) -> None:
    table.touch("KIT")
    sooner = LASTS["soon"] - timedelta(days=20)
    assert table.say(gs1("SER", "soon"), gs1("SER", "soon", sooner)) == ["confirmed", "call"]


def test_an_expiry_that_becomes_known_while_kits_are_made(table: Table, shop: Database) -> None:
    """Labels may hang already: the table stops, a label printed from now on says what the books will."""
    with shop.writing() as session:
        cup = catalogue.item(session, "CUP")
        ledger.transfer(
            session,
            from_place=catalogue.place(session, "donation"),
            to_place=catalogue.place(session, "SHOP"),
            item=cup,
            pieces=50,
            lot="C1",
            day=TODAY,
        )
    table.touch("KIT", "SER", "AIG")
    assert table.say(lot_label(shop, "CUP", "C1")) == ["all-confirmed"]
    assert table.press("kits-5") == ["ready"]
    learnt = TODAY + timedelta(days=5)
    with shop.writing() as session:
        item_id = catalogue.item(session, "CUP").id
        catalogue.lot(session, item_id=item_id, code="C1", expires=learnt)
    assert table.press("kits-1") == ["before-label"]
    assert [part["stopped"] for part in table.shows["components"]] == [False, False, True]
    with shop.reading() as session:
        lot = session.scalars(select(Batch)).one().lot
        assert lot is not None
        lot_id = lot.id
        assert label_contents.kit(session, lot, "fr").texts["expires"] == f"{learnt:%d/%m/%Y}"
    assert table.finish(5) == "finished"
    with shop.reading() as session:
        assert session.get_one(Lot, lot_id).expires == learnt
