"""What a read costs the database: the same few statements at any size, each finding its rows by a key or an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_bytes
from typing import Any

import pytest
from sqlalchemy import insert, select

from inventory import catalogue, statements
from inventory.database import Database
from inventory.statements import Statement
from inventory.tables import Lot, Move, ReadSeen
from inventory.words import DONATION, HANDED_OUT, Reason
from labels.house import Kind, house_code

from . import house
from .house import command

STATEMENTS = {
    name: value for name, value in vars(statements).items() if isinstance(value, Statement)
}
SMALL = {"place", "station", "setting"}
"""Tables that do not grow with use."""
ON_POSTGRESQL_ONLY = {"LOCK_STATION"}


def plan(database: Database, sql: str) -> list[str]:
    """SQLite's own account of how it would find the rows."""
    with driver(database) as connection:
        parameters = dict.fromkeys(re.findall(r":(\w+)", sql))
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]


@contextmanager
def driver(database: Database) -> Iterator[Any]:
    with database.engine.connect() as connection:
        yield connection.connection.driver_connection


def test_every_statement_is_looked_at() -> None:
    """The names below follow the code: a statement that is added is explained too."""
    assert len(STATEMENTS) >= 20
    assert set(STATEMENTS) >= ON_POSTGRESQL_ONLY


@pytest.mark.parametrize("name", sorted(set(STATEMENTS) - ON_POSTGRESQL_ONLY))
def test_no_statement_scans_what_grows(template: house.Template, name: str) -> None:
    with template.copy() as database:
        steps = plan(database, STATEMENTS[name].sql)
    scans = [step for step in steps if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"]
    assert [step for step in scans if step.split()[1] not in SMALL] == []


def test_a_scan_would_be_seen(template: house.Template) -> None:
    with template.copy() as database:
        assert plan(database, "SELECT id FROM move WHERE pieces = :pieces")[0].startswith("SCAN")


# What each kind of read costs, BEGIN and COMMIT included; the statements of inventory/statements.py tell why.
COSTS = {
    "picture": 11,
    "label": 12,
    "GTIN": 11,
    "GS1": 12,
    "beyond the books": 13,
    "next-person": 6,
    "times": 6,
    "undo": 12,
    "unlisted": 7,
    "repeat": 5,
    "refused": 4,
}


@pytest.mark.parametrize("kind", COSTS)
def test_a_read_costs_the_same_at_any_size(template: house.Template, kind: str) -> None:
    with template.copy() as few, template.copy() as many:
        fill(many)
        assert len(cost(few, kind)) == len(cost(many, kind)) == COSTS[kind]


def test_a_read_never_touches_the_moves(template: house.Template) -> None:
    with template.copy() as database:
        seen = [sql for kind in COSTS for sql in cost(database, kind)]
    assert len(seen) == sum(COSTS.values())
    assert not [sql for sql in seen if "move" in sql]


def cost(database: Database, kind: str) -> list[str]:
    """The statements of one read in an evening that has begun."""
    database.write(lambda session: house.donate(session, "SER", "a", 50, "CLIP"))
    database.write(lambda session: house.donate(session, "SER", "b", 50, "CLIP"))
    gtin = house.GTINS["SER"][0]
    codes = {
        "picture": house.picture(database, "SER"),
        "label": label(database),
        "GTIN": gtin,
        "GS1": house.element_string(gtin, "a"),
        "beyond the books": house.picture(database, "CUP"),
        "next-person": command("next-person"),
        "times": command("times-5"),
        "undo": command("undo"),
        "unlisted": house.NOWHERE_LISTED[0],
        "repeat": gtin,
        "refused": "not a code",
    }
    before = [house.raw_read(codes["picture"]), house.raw_read(codes["beyond the books"])]
    last = house.raw_read(gtin)
    house.send(database, "CLIP-1", [*before, last])
    read = last if kind == "repeat" else house.raw_read(codes[kind])
    with counted(database) as seen:
        house.send(database, "CLIP-1", [read])
    return seen


def label(database: Database) -> str:
    with database.reading() as session:
        item_id = catalogue.item(session, "SER").id
        lot = catalogue.known_lot(session, item_id=item_id, code="a")
        assert lot is not None
        return house_code(Kind.LOT, lot.id)


def fill(database: Database) -> None:
    """Former years: many lots, many moves, many reads remembered."""
    with database.writing() as session:
        item_id = catalogue.item(session, "SER").id
        place_id = catalogue.place(session, "CLIP").id
        session.execute(insert(Lot), [{"item_id": item_id, "code": f"L{n}"} for n in range(500)])
        lots = list(session.scalars(select(Lot.id).where(Lot.item_id == item_id)))
        one = {"item_id": item_id, "day": house.YESTERDAY}
        there = {"from_id": DONATION, "to_id": place_id, "reason": Reason.DONATION}
        gone = {"from_id": place_id, "to_id": HANDED_OUT, "reason": Reason.HAND_OUT}
        session.execute(
            insert(Move),
            [
                one | way | {"lot_id": lots[n % 500], "pieces": 1 + n % 9}
                for n in range(5000)
                for way in (there, gone)
            ],
        )
        session.execute(
            insert(ReadSeen),
            [{"hash": token_bytes(16), "status": "accepted", "month": 24_000} for _ in range(2000)],
        )


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that SQLite runs within the block: the one connection that writes is watched."""
    seen: list[str] = []
    with database.writing() as session:
        connection, _ = statements.driver_of(session)
    connection.set_trace_callback(seen.append)
    try:
        yield seen
    finally:
        connection.set_trace_callback(None)
