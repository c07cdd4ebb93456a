"""Trace: from a lot to every kit, shelf and channel it reached, and back; each statement on an index."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, text

from inventory import days, kits, taking_apart, trace
from inventory.counter import shifts
from inventory.counter.journal import Journal
from inventory.counter.values import HandOut
from inventory.kits import Assembled
from inventory.tables import Lot, Move, Place, Station
from inventory.trace import (
    LOTS_CALLED,
    HandedOut,
    KitLot,
    OnHand,
    Origin,
    Trace,
    UsedLot,
    statement_for,
)
from inventory.words import HANDED_OUT, PlaceKind, Reason

from .workshop import DAY, Books

SOON = date(2027, 2, 28)
LATER = DAY + timedelta(days=3)


def follow(books: Books, lot: Lot | int) -> Trace:
    books.session.flush()
    return trace.trace(books.session, lot_id=lot if isinstance(lot, int) else lot.id)


def assemble(books: Books, kit: str, count: int, source: str, target: str) -> Assembled:
    return kits.assemble(
        books.session,
        kit=books.item(kit),
        count=count,
        version=1,
        from_place=books.place(source),
        to_place=books.place(target),
        day=DAY,
    )


def hand_out(
    books: Books, item: str, lot: str, pieces: int, place: str, day: date = DAY, site: str = ""
) -> None:
    """What a closed shift leaves behind."""
    move = Move(
        item_id=books.item(item).id,
        lot_id=books.lot(item, lot).id,
        pieces=pieces,
        from_id=books.place(place).id,
        to_id=HANDED_OUT,
        reason=Reason.HAND_OUT,
        day=day,
        site_id=books.place(site or place).id,
        channel=place.lower(),
    )
    books.session.add(move)
    books.session.flush()


def open_journal(books: Books, place: str) -> Journal:
    place_id = books.place(place).id
    station = Station(name=f"AT-{place}", place_id=place_id, mode="hand-out")
    books.session.add(station)
    books.session.flush()
    shift_id = shifts.open_shift(
        books.session,
        station_id=station.id,
        place_id=place_id,
        channel=place.lower(),
        day=LATER,
        now=days.now(),
    ).id
    return Journal(books.session, shift_id, place_id)


def test_forwards_into_kits_onto_shelves_and_out(books: Books) -> None:
    books.session.add(Place(code="NORD", name="Nord", kind=PlaceKind.HOTSPOT))
    ser = books.receive("SER", "S1", 100, SOON, note="N1")
    books.receive("CUP", "C1", 100)
    made = assemble(books, "KIT", 20, "STORE", "SHOP")
    books.carry("KIT", made.lot, 12, "SHOP", "CLIP")
    books.carry("SER", "S1", 30, "STORE", "VAN")
    hand_out(books, "KIT", made.lot, 3, "CLIP")
    hand_out(books, "KIT", made.lot, 4, "CLIP", LATER)
    hand_out(books, "SER", "S1", 5, "VAN", site="NORD")
    found = follow(books, ser)
    assert found.kit_lots == [KitLot("KIT", made.lot, 20, "SER", "S1", 40)]
    assert found.handed_out == [
        HandedOut("KIT", made.lot, "clip", "CLIP", "CLIP", DAY, LATER, 7),
        HandedOut("SER", "S1", "van", "VAN", "NORD", DAY, DAY, 5),
    ]
    assert found.from_ == [Origin("SER", "S1", "supplier", "Modus", "N1", DAY, 100)]
    assert found.components == []


def test_every_shelf_of_the_lot_and_of_its_kits(books: Books) -> None:
    ser = books.receive("SER", "S1", 100, SOON)
    books.receive("SER", "S2", 100, SOON)
    books.receive("CUP", "C1", 100)
    made = assemble(books, "KIT", 20, "STORE", "SHOP")
    books.carry("KIT", made.lot, 12, "SHOP", "CLIP")
    books.carry("SER", "S1", 30, "STORE", "VAN")
    assert follow(books, ser).on_hand == [
        OnHand("CLIP", "KIT", made.lot, SOON, 12),
        OnHand("SHOP", "KIT", made.lot, SOON, 8),
        OnHand("STORE", "SER", "S1", SOON, 30),
        OnHand("VAN", "SER", "S1", SOON, 30),
    ]


def test_open_shifts_count(books: Books) -> None:
    """Beyond the books too: a shortfall is handed out, and is on no shelf."""
    ser = books.receive("SER", "S1", 10, SOON, to="CLIP")
    hand_out(books, "SER", "S1", 1, "CLIP")
    journal = open_journal(books, "CLIP")
    journal.hand_out(HandOut(str(uuid4()), "SER", 4, "S1", SOON))
    journal.hand_out(HandOut(str(uuid4()), "SER", 9, "S1", SOON))
    found = follow(books, ser)
    assert found.handed_out == [HandedOut("SER", "S1", "clip", "CLIP", "CLIP", DAY, LATER, 14)]
    assert found.on_hand == []


def test_backwards_from_a_kit_to_the_notes_of_its_components(books: Books) -> None:
    books.receive("SER", "S1", 15, SOON, note="N1")
    books.receive("SER", "S2", 100, date(2028, 1, 31), note="N2")
    books.receive("CUP", "C1", 100, note="N3")
    made = assemble(books, "KIT", 10, "STORE", "SHOP")
    found = follow(books, made.lot_id)
    assert found.components == [
        UsedLot("CUP", "C1", None, 10),
        UsedLot("SER", "S1", SOON, 15),
        UsedLot("SER", "S2", date(2028, 1, 31), 5),
    ]
    assert found.from_ == [
        Origin("CUP", "C1", "supplier", "Modus", "N3", DAY, 100),
        Origin("KIT", made.lot, "assembly", None, None, DAY, 10),
        Origin("SER", "S1", "supplier", "Modus", "N1", DAY, 15),
        Origin("SER", "S2", "supplier", "Modus", "N2", DAY, 100),
    ]
    assert found.kit_lots == []
    assert found.on_hand == [OnHand("SHOP", "KIT", made.lot, SOON, 10)]


def test_kits_inside_kits_both_ways(books: Books) -> None:
    ser = books.receive("SER", "S1", 100, SOON, note="N1")
    books.receive("CUP", "C1", 100)
    books.receive("NALOX", "X1", 100)
    kit = assemble(books, "KIT", 10, "STORE", "STORE")
    bag = assemble(books, "BAG", 3, "STORE", "CLIP")
    hand_out(books, "BAG", bag.lot, 2, "CLIP")
    forwards = follow(books, ser)
    assert forwards.kit_lots == [
        KitLot("BAG", bag.lot, 3, "KIT", kit.lot, 6),
        KitLot("KIT", kit.lot, 10, "SER", "S1", 20),
    ]
    assert [row.item for row in forwards.handed_out] == ["BAG"]
    assert ("KIT", 4) in [(row.item, row.pieces) for row in forwards.on_hand]
    backwards = follow(books, bag.lot_id)
    assert [(row.item, row.note) for row in backwards.from_ if row.source == "supplier"] == [
        ("CUP", None),
        ("NALOX", None),
        ("SER", "N1"),
    ]


def test_what_is_taken_apart_is_no_longer_inside_and_a_kit_is_not_inside_itself(
    books: Books,
) -> None:
    ser = books.receive("SER", "S1", 100, SOON)
    books.receive("CUP", "C1", 100)
    made = assemble(books, "KIT", 10, "STORE", "SHOP")
    taking_apart.take_apart(
        books.session, lot_id=made.lot_id, count=4, place=books.place("SHOP"), day=DAY
    )
    found = follow(books, ser)
    assert found.kit_lots == [KitLot("KIT", made.lot, 6, "SER", "S1", 12)]
    assert OnHand("SHOP", "SER", "S1", SOON, 8) in found.on_hand
    own = follow(books, made.lot_id)
    assert own.kit_lots == []
    assert [(row.item, row.pieces) for row in own.components] == [("CUP", 6), ("SER", 12)]
    assert [(row.source, row.pieces) for row in own.from_ if row.item == "KIT"] == [
        ("assembly", 10)
    ]


def test_another_lot_is_left_out(books: Books) -> None:
    books.receive("SER", "S1", 2, SOON)
    other = books.receive("SER", "S2", 100, date(2029, 1, 1), note="N2")
    books.receive("CUP", "C1", 100)
    made = assemble(books, "KIT", 1, "STORE", "SHOP")
    hand_out(books, "KIT", made.lot, 1, "SHOP")
    assert follow(books, other) == Trace(
        kit_lots=[],
        on_hand=[OnHand("STORE", "SER", "S2", date(2029, 1, 1), 100)],
        handed_out=[],
        from_=[Origin("SER", "S2", "supplier", "Modus", "N2", DAY, 100)],
        components=[],
    )


def test_lots_of_several_items_with_one_code(books: Books) -> None:
    ser, cup = books.receive("SER", "7", 3), books.receive("CUP", "7", 3)
    assert trace.find_lots(books.session, "7") == [cup, ser]
    assert trace.find_lots(books.session, "77") == []
    one, other = follow(books, ser), follow(books, cup)
    both = trace.merged([one, other, one])
    assert both.on_hand == one.on_hand + other.on_hand


QUESTIONS = ("KITS_WITH", "PARTS_OF", "KIT_LOTS", "ON_HAND", "GONE", "ORIGINS", "COMPONENTS")


def many_moves(books: Books, lots: list[Lot], count: int) -> None:
    """Hand-outs of these lots in turn."""
    rows = [
        {
            "item_id": lot.item_id,
            "lot_id": lot.id,
            "pieces": 1,
            "from_id": books.place("CLIP").id,
            "to_id": HANDED_OUT,
            "reason": Reason.HAND_OUT,
            "day": DAY,
            "channel": "clip",
        }
        for lot in lots
    ]
    books.session.execute(insert(Move), rows * (count // len(rows)))


def test_no_statement_scans_what_grows(sqlite_books: Books) -> None:
    """Whether or not somebody has let the planner count the rows."""
    lots = [sqlite_books.receive("SER", f"S{n}", 100, SOON, note=f"N{n}") for n in range(20)]
    sqlite_books.receive("CUP", "C1", 1000)
    for _ in range(20):
        made = assemble(sqlite_books, "KIT", 10, "STORE", "SHOP")
        lots.append(sqlite_books.session.get_one(Lot, made.lot_id))
    many_moves(sqlite_books, lots, 20_000)
    reached = [lots[0].id, *(lot.id for lot in lots[-5:])]
    grows = ("move", "back", "balance", "hold", "lot", "assembly", "receipt", "shift")
    assert not scanned(sqlite_books, reached, grows)
    sqlite_books.session.execute(text("ANALYZE"))
    assert not scanned(sqlite_books, reached, ("move", "back", "balance"))


def scanned(books: Books, lots: list[int], tables: tuple[str, ...]) -> list[tuple[str, str]]:
    """Steps of the plans that read whole tables, or every move of a lot to find a few."""
    found = []
    statements = {name: statement_for(getattr(trace, name), lots) for name in QUESTIONS}
    for name, statement in (statements | {"LOTS_CALLED": LOTS_CALLED}).items():
        plan = books.session.execute(
            text(f"EXPLAIN QUERY PLAN {statement.sql}"), {"code": "S1", **trace._PLACES}
        )
        for step in [str(row[3]) for row in plan]:
            whole = any(step.startswith(f"SCAN {table}") for table in tables)
            every_move = "ix_move_lot_id" in step and "to_id=?" not in step
            # An index or a filter that SQLite makes for the occasion reads the whole table first.
            made_up = "move" in step and ("AUTOMATIC" in step or "BLOOM" in step)
            if whole or every_move or made_up:
                found.append((name, step))
    return found


def test_as_many_statements_for_many_moves_as_for_few(sqlite_books: Books) -> None:
    ser = sqlite_books.receive("SER", "S1", 100, SOON)
    sqlite_books.receive("CUP", "C1", 100)
    assemble(sqlite_books, "KIT", 10, "STORE", "SHOP")
    driver: Any = sqlite_books.session.connection().connection.driver_connection
    seen: list[str] = []
    driver.set_trace_callback(seen.append)
    follow(sqlite_books, ser)
    few = len(seen)
    driver.set_trace_callback(None)
    many_moves(sqlite_books, [ser], 3000)
    seen.clear()
    driver.set_trace_callback(seen.append)
    assert follow(sqlite_books, ser).handed_out[0].pieces == 3000
    driver.set_trace_callback(None)
    assert len(seen) == few < 10
