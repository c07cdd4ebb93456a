"""`make bench-orders`: what the orders page asks, on five years and two hundred articles, beside its bare statements.

The floor of a question is its own SQL sent again to SQLite with nothing around it: no query can be told faster, so what
lies between is ours.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from inventory import alerts, cover, days, kit_needs, orders, replenish, suppliers
from inventory.database import Database
from inventory.tables import Item, Move, Place
from tests.bench import history
from web.app import create_app
from web.example import PERSON, PIN

AIM_MS = 300
TIMES = 15
KEPT = Path(".venv/.history")


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    params: Any


def questions(now: datetime) -> dict[str, Callable[[Session], object]]:
    """What the page is made of."""
    today = days.service_day(now)

    def suggested(session: Session) -> object:
        return [
            orders.suggestions(session, supplier=one, today=today)
            for one in suppliers.all_suppliers(session)
        ]

    def kits(session: Session) -> object:
        workshop = session.scalars(select(Place).where(Place.code == "TAD")).one()
        return kit_needs.needs(session, workshop=workshop, day=today)

    return {
        "orders.positions": lambda session: orders.positions(session, today=today),
        "cover.covers": lambda session: cover.covers(session, now=now),
        "orders.suggestions": suggested,
        "alerts.alerts": lambda session: alerts.alerts(session, now=now),
        "kit_needs.needs": kits,
        "replenish.all_needs": lambda session: replenish.all_needs(session, day=today),
        "orders.all_orders": orders.all_orders,
    }


@dataclass(frozen=True, slots=True)
class Taken:
    """Medians, in milliseconds: by the clock, and of a core, which a busy machine does not lengthen as much."""

    clock: float
    core: float


def measured(work: Callable[[], object]) -> Taken:
    work()
    clock, core = [], []
    for _ in range(TIMES):
        began = time.perf_counter(), time.process_time()
        work()
        clock.append(1000 * (time.perf_counter() - began[0]))
        core.append(1000 * (time.process_time() - began[1]))
    return Taken(statistics.median(clock), statistics.median(core))


def statements_of(database: Database, work: Callable[[], object]) -> list[Statement]:
    """What a piece of work sends to the database."""
    sent: list[Statement] = []

    def note(_c: Any, _cursor: Any, sql: str, params: Any, _context: Any, _many: bool) -> None:
        sent.append(Statement(sql, params))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return sent


def floor_of(file: Path, statements: list[Statement]) -> Taken:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as bare:
        return measured(
            lambda: [bare.execute(one.sql, one.params).fetchall() for one in statements]
        )


def report(name: str, ours: Taken, floor: Taken, count: int) -> None:
    figures = (ours.clock, ours.core, floor.clock, floor.core)
    ratio = ours.core / max(floor.core, 0.01)
    print(f"{name:20}" + "".join(f"{ms:9.1f}" for ms in figures) + f"{ratio:8.1f}{count:6d}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=KEPT, help="where the history is kept")
    parser.add_argument("--years", type=float, default=history.YEARS)
    parser.add_argument("--profile", metavar="NAME", help="where the time of one of them goes")
    options = parser.parse_args()
    with closing(history.made(options.folder, years=options.years)) as database:
        with database.reading() as session:
            items, moves = (
                session.scalar(select(func.count()).select_from(table)) for table in (Item, Move)
            )
        print(f"{items} articles, {moves} moves")
        print(f"{'ms':20}{'clock':>9}{'core':>9}{'floor':>9}{'core':>9}{'ratio':>8}{'SQL':>6}")
        _measure(database, options.folder / "comptoir.db", options.profile)


def _measure(database: Database, file: Path, profiled: str | None) -> None:
    for name, question in questions(days.now()).items():

        def ask(question: Callable[[Session], object] = question) -> object:
            with database.reading() as session:
                return question(session)

        _one(database, file, name, ask, profiled)
    client = create_app(database).test_client()
    client.post("/sign-in", data={"name": PERSON, "pin": PIN})
    for address in ("/orders", "/stock"):
        if client.get(address).status_code == 200:
            _one(database, file, f"GET {address}", lambda a=address: client.get(a).data, profiled)  # type: ignore[misc]
    print(f"aim of a page: {AIM_MS} ms by the clock of a machine that does nothing else")


def _one(
    database: Database, file: Path, name: str, work: Callable[[], object], profiled: str | None
) -> None:
    statements = statements_of(database, work)
    report(name, measured(work), floor_of(file, statements), len(statements))
    if profiled == name:
        with cProfile.Profile() as profile:
            work()
        pstats.Stats(profile).sort_stats("cumtime").print_stats(40)


if __name__ == "__main__":
    main()
