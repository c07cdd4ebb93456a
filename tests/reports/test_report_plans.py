"""Stock and tally find their rows by an index: nothing that grows with the years is read from end to end."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from inventory.stock import stock
from inventory.tally import tally

from .evenings import SATURDAY, Organisation

LAST_WEEK = SATURDAY - timedelta(days=7)

GROWS = ("move", "shift", "shift_count", "shift_return", "lot", "read_seen", "receipt_line")
"""Tables with a row for everything that ever happened; the others stay as small as the organisation."""

SHIFTS = 1500

QUESTIONS: dict[str, Callable[[Session], object]] = {
    "stock": stock,
    "stock of a place": lambda session: stock(session, place="CLIP"),
    "stock of an item": lambda session: stock(session, item="SER1"),
    "stock of a past day": lambda session: stock(session, at=LAST_WEEK),
    "stock of a place on a past day": lambda session: stock(session, place="CLIP", at=LAST_WEEK),
    "tally": tally,
    "tally of a day": lambda session: tally(session, first=SATURDAY, last=SATURDAY),
    "tally since": lambda session: tally(session, first=LAST_WEEK),
    "tally of a channel and place": lambda session: tally(
        session, first=SATURDAY, last=SATURDAY, channel="comptoir", place="CLIP"
    ),
    "tally of a hotspot": lambda session: tally(
        session, first=SATURDAY, last=SATURDAY, place="MIDI"
    ),
    "tally of a shift": lambda session: tally(session, shift_id=SHIFTS),
}


@pytest.fixture
def grown(here: Organisation) -> Organisation:
    """Years of evenings, and the planner's own counts of them."""
    here.transfer("SER1", 500, to="CLIP")
    with here.session() as session:
        run = session.connection().exec_driver_sql
        run(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1500)"
            " INSERT INTO shift (id, place_id, site_id, channel, day, from_sheet, passages_by_hand, taken_back)"
            " SELECT n, place.id, place.id, 'comptoir', date('2026-11-20', '-' || n || ' days'), 0, 0, 0"
            " FROM n, place WHERE place.code = 'CLIP'"
        )
        run("INSERT INTO shift_count SELECT id, 'passage', 20, 61 FROM shift")
        run(
            "INSERT INTO shift_return SELECT id, 'person', 'weight', 'kg', '5000/39', 780 FROM shift"
        )
        run(
            "INSERT INTO move (item_id, lot_id, pieces, from_id, to_id, reason, day, site_id, channel, shift_id)"
            " SELECT lot.item_id, lot.id, 1, 10, 8, 'hand-out', shift.day, 10, 'comptoir', shift.id"
            " FROM shift, (SELECT id, item_id FROM lot LIMIT 19) lot"
        )
    here.read("KIT-INJ", "next-person")
    return here


def statements(here: Organisation, ask: Callable[[Session], object]) -> list[tuple[str, Any]]:
    ran: list[tuple[str, Any]] = []

    def remember(_c: Any, _k: Any, sql: str, parameters: Any, _x: Any, _m: Any) -> None:
        ran.append((sql, parameters))

    event.listen(here.db.engine, "before_cursor_execute", remember)
    try:
        with here.db.reading() as session:
            ask(session)
    finally:
        event.remove(here.db.engine, "before_cursor_execute", remember)
    return [(sql, parameters) for sql, parameters in ran if sql.startswith("SELECT")]


@pytest.mark.parametrize("analysed", [False, True], ids=["fresh", "analysed"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_that_grows_is_scanned(grown: Organisation, question: str, analysed: bool) -> None:
    if analysed:
        with grown.session() as session:
            session.execute(text("ANALYZE"))
    asked = statements(grown, QUESTIONS[question])
    assert asked
    for sql, parameters in asked:
        with grown.db.reading() as session:
            run = session.connection().exec_driver_sql
            plan = [row[3] for row in run(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        scanned = [m[1] for line in plan if (m := re.match(r"SCAN (\w+)", line))]
        assert not set(scanned) & set(GROWS), (sql, plan)


def test_the_number_of_statements_does_not_depend_on_the_years(here: Organisation) -> None:
    def count(first: date) -> int:
        return len(statements(here, lambda session: tally(session, first=first)))

    here.read("KIT-INJ", "next-person")
    few = count(SATURDAY)
    for weeks in range(1, 4):
        here.read("SER1", "next-person", day=SATURDAY - timedelta(weeks=weeks))
        here.close()
    assert count(date(2020, 1, 1)) == few <= 16  # two of them for unopened material that came back
