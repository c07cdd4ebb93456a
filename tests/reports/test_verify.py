"""`verify` finds nothing wrong after honest work, and every kind of tampering behind the product's back."""

from __future__ import annotations

from datetime import date

import pytest

from inventory import catalogue, kits, ledger, taking_apart
from inventory.messages import Message
from inventory.stock import stock
from inventory.verify import Fault, Report, verify

from .evenings import SATURDAY, Organisation


def report(here: Organisation) -> Report:
    with here.db.reading() as session:
        return verify(session)


def codes(here: Organisation) -> set[str]:
    return {fault.code for fault in report(here).faults}


@pytest.fixture
def busy(here: Organisation) -> Organisation:
    """Deliveries, kits made and taken apart, transfers, a closed evening with a shortfall, and an open one."""
    lot = here.assemble("KIT-INJ", 50, to="CLIP")
    here.transfer("SER1", 200, to="CLIP")
    with here.session() as session:
        kit = catalogue.known_lot(session, item_id=catalogue.item(session, "KIT-INJ").id, code=lot)
        assert kit is not None
        clip = catalogue.place(session, "CLIP")
        taking_apart.take_apart(session, lot_id=kit.id, count=5, place=clip, day=SATURDAY)
        ledger.correct(
            session,
            place=clip,
            item=catalogue.item(session, "SER1"),
            lot="S1A2603",
            counted=7,
            day=SATURDAY,
        )
    evening = ["times-3", "KIT-INJ", "times-200", "SER1", "times-200", "SER1", "next-person"]
    here.read(*evening, "digit-2", "returned-kilograms")
    here.close()
    here.read("times-2", "KIT-INJ", "next-person", "GARR", "returned-declared-10")
    return here


def test_honest_work_has_no_fault(busy: Organisation) -> None:
    found = report(busy)
    assert found.faults == []
    assert found.ok
    assert found.checked["moves"] > 60
    assert found.checked["balances"] > 40
    rest = {key: n for key, n in found.checked.items() if key not in ("moves", "balances")}
    assert rest == {"shifts": 2, "journals": 1, "kits": 1, "receipts": 1}
    busy.close()
    assert report(busy).ok


def test_kits_expire_with_a_component_whose_expiry_was_told_later(here: Organisation) -> None:
    with here.session() as session:
        store, cup = catalogue.place(session, "RESERVE"), catalogue.item(session, "CUP")
        donation = catalogue.place(session, "donation")
        ledger.transfer(
            session,
            from_place=donation,
            to_place=store,
            item=cup,
            pieces=50,
            lot="GIVEN",
            day=SATURDAY,
        )
        kits.assemble(
            session,
            kit=catalogue.item(session, "KIT-INJ"),
            count=10,
            from_place=store,
            to_place=store,
            day=SATURDAY,
            chosen={"CUP": ["GIVEN"]},
        )
    assert report(here).ok
    with here.session() as session:
        cup = catalogue.item(session, "CUP")
        early = date(2027, 1, 31)
        catalogue.lot(session, item_id=cup.id, code="GIVEN", expires=early)
        (kit,) = stock(session, item="KIT-INJ")
        assert kit.expires == early
    assert report(here).ok


def test_somebody_else_may_add_what_they_checked() -> None:
    fault = Fault("outbox", Message("The outbox is damaged."))
    more = Report({"moves": 1}, []).with_more("outboxes", 2, [fault])
    assert more == Report({"moves": 1, "outboxes": 2}, [fault])
    assert not more.ok


HAND_OUT = "to_id = 8 AND reason = 'hand-out'"

TAMPERING = {
    "a balance raised": (
        "UPDATE balance SET pieces = pieces + 1 WHERE place_id > 9",
        {"balance_differs"},
    ),
    "a balance gone": (
        "DELETE FROM balance WHERE place_id = 1",
        {"balance_differs"},
    ),
    "a balance where none is kept": (
        "INSERT INTO balance SELECT 8, item_id, lot_id, 5 FROM balance LIMIT 1",
        {"balance_differs"},
    ),
    "a real place below zero": (
        "UPDATE balance SET pieces = -3 WHERE place_id > 9",
        {"balance_differs", "below_zero"},
    ),
    "a move gone": (
        "DELETE FROM move WHERE reason = 'count'",
        {"balance_differs"},
    ),
    "a move with more pieces": (
        "UPDATE move SET pieces = pieces + 1 WHERE reason = 'count'",
        {"balance_differs"},
    ),
    "a move of less than nothing": (
        "UPDATE move SET pieces = -pieces WHERE reason = 'count'",
        {"balance_differs", "move_pieces"},
    ),
    "a lot of another article": (
        "UPDATE move SET lot_id = (SELECT lot_id FROM assembly) WHERE reason = 'transfer'",
        {"balance_differs", "move_lot"},
    ),
    "a lot that does not exist": (
        "UPDATE move SET lot_id = 1000000 WHERE reason = 'transfer'",
        {"balance_differs", "move_lot"},
    ),
    "places nothing moves between": (
        "UPDATE move SET from_id = 5, to_id = 7 WHERE reason = 'count'",
        {"balance_differs", "move_places"},
    ),
    "a place that does not exist": (
        "UPDATE move SET to_id = 999999 WHERE reason = 'transfer'",
        {"balance_differs", "move_places"},
    ),
    "another reason": (
        "UPDATE move SET reason = 'donation' WHERE reason = 'transfer'",
        {"move_places"},
    ),
    "a time on a hand-out": (
        f"UPDATE move SET recorded_at = '2026-11-21 20:00:00' WHERE {HAND_OUT}",
        {"hand_out_time"},
    ),
    "a time on a shortfall": (
        "UPDATE move SET recorded_at = '2026-11-21 20:00:00' WHERE reason = 'shortfall'",
        {"hand_out_time"},
    ),
    "a time on kits made": (
        "UPDATE move SET recorded_at = '2026-11-21 20:00:00' WHERE reason = 'assembly'",
        {"assembly_time"},
    ),
    "a time on kits taken apart": (
        "UPDATE move SET recorded_at = '2026-11-21 20:00:00' WHERE reason = 'disassembly'",
        {"assembly_time"},
    ),
    "a hand-out without channel": (
        f"UPDATE move SET channel = NULL WHERE {HAND_OUT}",
        {"hand_out_channel"},
    ),
    "a hand-out without site": (
        f"UPDATE move SET site_id = NULL WHERE {HAND_OUT}",
        {"hand_out_channel"},
    ),
    "a hold with more pieces": (
        "UPDATE hold SET pieces = pieces + 1",
        {"balance_differs"},
    ),
    "a hold below zero": (
        "UPDATE hold SET pieces = -pieces",
        {"balance_differs", "hold_pieces"},
    ),
    "a hold of another article": (
        "UPDATE hold SET item_id = 1",
        {"balance_differs", "hold_lot"},
    ),
    "a hold between the wrong places": (
        "UPDATE hold SET to_id = 9 WHERE to_id = 8",
        {"hold_places"},
    ),
    "a journal left after closing": (
        "INSERT INTO read SELECT randomblob(16), min(id), 'code', 'accepted' FROM shift",
        {"journal_left"},
    ),
    "an evening of a closed shift": (
        "INSERT INTO evening (shift_id, session, opened_at_s, last_read_at_s)"
        " SELECT min(id), '{}', 0, 0 FROM shift",
        {"journal_left"},
    ),
    "a hold of a closed shift": (
        "UPDATE hold SET shift_id = (SELECT min(id) FROM shift)",
        {"journal_left"},
    ),
    "an open shift without a session": ("DELETE FROM evening", {"journal_missing"}),
    "a session that cannot be read": (
        "UPDATE evening SET session = '{\"counters\": 7}'",
        {"session_unreadable"},
    ),
    "a factor that is no fraction": (
        "UPDATE shift_return SET factor = '1/0'",
        {"return_factor"},
    ),
    "components fewer than the recipe": (
        "UPDATE move SET pieces = pieces - 1 WHERE reason = 'assembly' AND to_id = 9",
        {"balance_differs", "assembly"},
    ),
    "kits fewer than made": (
        "UPDATE move SET pieces = pieces - 1 WHERE reason = 'assembly' AND from_id = 9",
        {"balance_differs", "assembly"},
    ),
    "an assembly of more kits": ("UPDATE assembly SET kits = kits + 1", {"assembly"}),
    "kits that last too long": (
        "UPDATE lot SET expires = '2040-01-01' WHERE id IN (SELECT lot_id FROM assembly)",
        {"assembly"},
    ),
    "a component that expires earlier": (
        "UPDATE lot SET expires = '2027-01-01' WHERE code = 'CU-118'",
        {"assembly"},
    ),
    "less back than was taken apart": (
        "UPDATE move SET pieces = pieces - 1 WHERE reason = 'disassembly' AND from_id = 9",
        {"balance_differs", "assembly"},
    ),
    "a component of no assembly": (
        "UPDATE move SET assembly_id = NULL WHERE reason = 'assembly' AND to_id = 9",
        {"move_assembly", "assembly", "assembly_lot"},
    ),
    "an assembly gone": ("DELETE FROM assembly", {"assembly"}),
    "a delivery of more pieces": (
        "UPDATE receipt_line SET pieces = pieces + 1 WHERE id = 1",
        {"receipt"},
    ),
    "a line of a delivery gone": ("DELETE FROM receipt_line WHERE id = 1", {"receipt"}),
    "a delivery's move to nobody": (
        "UPDATE move SET receipt_id = NULL WHERE id = 1",
        {"receipt"},
    ),
    "more checked off than announced": (
        "UPDATE receipt_line SET checked = pieces + 1 WHERE id = 1",
        {"receipt"},
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_found(busy: Organisation, what: str) -> None:
    sql, expected = TAMPERING[what]
    busy.tamper(sql)
    assert codes(busy) == expected
    for fault in report(busy).faults:
        assert str(fault.message), fault
