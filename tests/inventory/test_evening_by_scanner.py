"""A whole evening by codes alone: two workers, one scanner, nothing touched; and every figure of it is right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from inventory import catalogue, days, ledger, stock, tally, trace
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.tables import Move
from inventory.verify import verify
from inventory.words import Reason
from labels.house import Kind, house_code
from web import reads

from . import house
from .house import GTINS, NOW, NOWHERE_LISTED, TODAY, Template, command, picture, raw_read


@pytest.fixture
def database(template: Template) -> Iterator[Database]:
    with template.copy() as database:
        database.write(lambda session: house.donate(session, "KIT", "a", 500, "CLIP"))
        database.write(lambda session: house.donate(session, "SER", "a", 500, "CLIP"))
        yield database


@pytest.fixture
def evening(database: Database, monkeypatch: pytest.MonkeyPatch) -> Evening:
    return Evening(database, monkeypatch)


class Evening:
    """Somebody with a scanner and a sheet of codes."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = database
        self.at = NOW - timedelta(hours=3)
        monkeypatch.setattr(days, "now", lambda: self.at.astimezone(UTC))
        self.session: dict[str, Any] = {}
        self.told: dict[str, Any] = {}
        with database.reading() as session:
            self.midi = house_code(Kind.PLACE, catalogue.place(session, "MIDI").id)

    def read(self, *codes: str, later_s: int = 2) -> dict[str, Any]:
        """Names of commands and items, or codes as they are printed; the last answer."""
        for code in codes:
            self.at += timedelta(seconds=later_s)
            if code in BY_NAME:
                code = command(code)
            elif code in house.ITEMS:
                code = picture(self.database, code)
            done = reads.record(
                self.database,
                station="CLIP-1",
                raw_reads=[raw_read(code, self.at)],
                language="en",
            )
            assert done is not None
            (self.told,), self.session = done.results, done.session
        return self.told


def test_an_evening_by_codes_alone(database: Database, evening: Evening) -> None:
    # Somebody learns, and forgets to say that it is over.
    evening.read("training", "KIT", "times-5", "KIT", "next-person", "returned-declared-20")
    assert evening.session["training"]
    evening.read("KIT", later_s=30 * 60)
    assert not evening.session["training"]
    # Two people at once.
    evening.read("times-2", "lane-b", "SER", "digit-1", "digit-2", "SER")
    assert evening.session["aside"] == {
        **{"mode": "hand-out", "number": "2", "expect": "", "street": False, "afterwards": False}
    }
    evening.read("lane-a", "KIT")
    assert evening.session["lanes"] == {
        "a": [{"item": "KIT", "lot": None, "pieces": 1}, {"item": "KIT", "lot": None, "pieces": 2}],
        "b": [
            {"item": "SER", "lot": None, "pieces": 1},
            {"item": "SER", "lot": None, "pieces": 12},
        ],
    }
    evening.read("returned-container-0.5l", "next-person")
    evening.read("lane-b", "digit-1", "digit-0", "correct-line", "SER", "next-person")
    # Returns in every way, picked up in the street too.
    evening.read("returned-bottle-1.5l", "returned-container-3l", "times-20", "returned-declared")
    evening.read("digit-2", "point", "digit-5", "returned-kilograms", "from-street")
    evening.read("digit-7", "returned-estimated", "digit-1", "returned-litres")
    assert [back["measured"] for back in evening.session["returned"]] == [
        *("1", "1", "20", "2.5", "7", "1"),
    ]
    evening.read("returned-declared-50", "undo", "next-person")
    # Unopened material: a box, with × 3, one of them a mistake.
    evening.read("KIT", "brought-back", "times-3", "KIT", "brought-back", "SER", "undo")
    assert evening.session["brought_back"] == [{"item": "KIT", "lot": None, "pieces": 3}]
    evening.read("next-person")
    # A code no list has, something looked up, a mistake, somebody who comes for a shower.
    evening.read(NOWHERE_LISTED[0], "look-up", "KIT", "times-10", "clear", GTINS["SER"][0][1:])
    evening.read("CUP", "undo", "contact-shower", "contact-laundry", "contact-reception")
    evening.read("next-person")
    # Forgotten earlier: it counts, the person was counted then.
    evening.read("afterwards", "times-5", "CUP", "next-person", "passages-plus", "passages-plus")
    evening.read("passages-minus", "hide")
    assert evening.told["command"] == "hide"
    assert evening.session["passages"] == 6
    evening.read("lane-a", "KIT", "correct-channel", evening.midi)
    assert evening.session["passages_at_closing"] == 7
    evening.read("digit-1", "digit-1", "close-shift")
    assert (evening.session["open"], evening.session["lane"]) == (False, "a")
    assert_tallied(database)


def assert_tallied(database: Database) -> None:
    with database.reading() as session:
        counted = tally.tally(session, first=TODAY, last=TODAY)
        assert {row.item: (row.handed_out, row.channel) for row in counted.rows} == {
            item: (pieces, "station-midi")
            for item, pieces in {"KIT": 5, "SER": 20, "CUP": 5}.items()
        }
        assert counted.passages == 11
        assert counted.contacts == {"laundry": 1, "reception": 1, "shower": 1}
        assert [(row.gtin, row.pieces) for row in counted.unknown] == [(NOWHERE_LISTED[0], 1)]
        measured = sorted((row.origin, row.method, float(row.measured)) for row in counted.returns)
        assert measured == [
            *[("person", "container", 1.0)] * 3,
            ("person", "declared", 20.0),
            ("person", "volume", 1.0),
            ("person", "weight", 2.5),
            ("street", "estimated", 7.0),
        ]
        there = {(row.place, row.item, row.lot): row.pieces for row in stock.stock(session)}
        assert there["QUAR", "KIT", "unknown"] == 3
        report = verify(session)
        assert report.ok, report.faults


def test_what_comes_back_unopened_was_handed_out_all_the_same(
    database: Database, evening: Evening
) -> None:
    evening.read(house.element_string(GTINS["SER"][0], "b"), "next-person")
    evening.read("brought-back", house.element_string(GTINS["SER"][0], "b"))
    evening.read("brought-back", GTINS["SER"][0][1:], house.details("c"), "brought-back", "CUP")

    def seen() -> dict[tuple[str, str], int]:
        with database.reading() as session:
            found = tally.tally(session, first=TODAY, last=TODAY)
            assert [(row.item, row.handed_out) for row in found.rows] == [("SER", 10)]
            assert verify(session).ok
            lot = catalogue.known_lot(session, item_id=catalogue.item(session, "SER").id, code="b")
            assert lot is not None
            traced = trace.trace(session, lot_id=lot.id)
            assert [(row.place, row.pieces) for row in traced.on_hand] == [("QUAR", 10)]
            assert [(row.place, row.pieces) for row in traced.handed_out] == [("CLIP", 10)]
            rows = stock.stock(session, place="QUAR")
            return {(row.item, row.lot): row.pieces for row in rows}

    expected = {("SER", "b"): 10, ("SER", "c"): 10, ("CUP", ""): 1}
    assert seen() == expected
    evening.read("close-shift")
    assert seen() == expected
    with database.reading() as session:
        moves = session.scalars(select(Move).where(Move.reason == Reason.BROUGHT_BACK)).all()
        assert sorted(move.pieces for move in moves) == [1, 10, 10]
        assert not any(move.recorded_at or move.channel for move in moves)


def test_undo_after_quarantine_was_emptied_is_a_shortfall_there(
    database: Database, evening: Evening
) -> None:
    evening.read("brought-back", "CUP")

    def throw_away(session: Any) -> None:
        places = [catalogue.place(session, code) for code in ("QUAR", "disposed")]
        item = catalogue.item(session, "CUP")
        ledger.transfer(
            session, from_place=places[0], to_place=places[1], item=item, pieces=1, day=TODAY
        )

    database.write(throw_away)
    assert evening.read("undo")["pieces"] == -1
    with database.reading() as session:
        house.assert_sound(session)
        assert verify(session).ok
        assert house.stock_by_place(session)["unaccounted", "CUP"] == -1


def test_without_a_quarantine_it_is_said_and_the_next_thing_is_handed_out(
    database: Database, evening: Evening
) -> None:
    def no_quarantine(session: Any) -> None:
        session.delete(catalogue.place(session, "QUAR"))

    database.write(no_quarantine)
    evening.read("brought-back", "times-3")
    told = evening.read("KIT")
    assert told["status"] == "ignored"
    assert told["message"].startswith("Not recorded: there is no quarantine.")
    assert (evening.session["expect"], evening.session["number"]) == ("", "")
    assert evening.read("KIT")["pieces"] == 1
    assert evening.session["lines"] == [{"item": "KIT", "lot": None, "pieces": 1}]


def test_nothing_leaves_a_quarantine_by_reads(database: Database, evening: Evening) -> None:
    evening.read("brought-back", "KIT")
    with database.reading() as session:
        quarantine = house_code(Kind.PLACE, catalogue.place(session, "QUAR").id)
    evening.read("mode-load", quarantine)
    assert evening.read("KIT")["message"] == "Nothing is loaded from a quarantine."
    evening.read("mode-unload", quarantine)
    assert evening.read("KIT")["status"] == "accepted"


def test_training_is_over_on_the_page_before_anything_is_read(
    database: Database, evening: Evening
) -> None:
    evening.read("KIT")

    def shown(now: datetime) -> bool:
        evening.at = now
        view = reads.current_session(database, station="CLIP-1")
        assert view is not None
        assert len(view["lines"]) == 1
        return bool(view["training"])

    evening.read("training")
    began = evening.at
    evening.read("KIT", later_s=20 * 60)
    assert shown(began + timedelta(minutes=29, seconds=59))
    assert not shown(began + timedelta(minutes=30))


def test_what_another_process_kept_from_before_training_is_counted(
    database: Database, evening: Evening
) -> None:
    kit = picture(database, "KIT")
    evening.read("KIT", later_s=20 * 60)
    evening.read("training", later_s=20 * 60)
    late = [raw_read(kit, evening.at - timedelta(minutes=10 + n)) for n in range(5)]
    answers = house.send(database, "CLIP-1", late)
    assert {(a["status"], a["message"]) for a in answers} == {("accepted", "Recorded.")}
    assert evening.read("KIT")["message"] == "Training: not counted."
    with database.reading() as session:
        rows = tally.tally(session, first=TODAY, last=TODAY).rows
    assert sum(row.handed_out for row in rows) == 6
    assert all(a["already_recorded"] for a in house.send(database, "CLIP-1", late))
    evening.read("close-shift", "close-shift")
    with database.reading() as session:
        rows = tally.tally(session, first=TODAY, last=TODAY).rows
    assert sum(row.handed_out for row in rows) == 6


def test_results_name_their_command(database: Database, evening: Evening) -> None:
    for name in ("lane-b", "times-5", "returned-declared-20", "undo", "digit-3", "help"):
        assert evening.read(name)["command"] == name
    assert evening.read("KIT")["command"] is None
