"""Several tables at the same moment: every kit counts once, and a batch is finished once. On both databases."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from inventory.database import Database
from tests import LONG

from . import benches, house, racing
from .benches import TABLES, Table
from .house import command

pytestmark = [pytest.mark.race]

EACH = 12 if LONG else 5


@pytest.fixture
def shop(database: Database) -> Database:
    """Three tables on one batch, ready to make."""
    benches.set_up(database)
    database.write(benches.plenty)
    Table(database).begin()
    for name in TABLES[1:]:
        Table(database, name).touch("KIT")
    return database


def press(database: Database, table: str, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Each a read of its own, sent by itself: what was told."""
    batches = racing.one_by_one([command(code) for code in codes])
    answers = racing.read_all(database, station=table, batches=batches)
    return [answer["workshop"] for answer in answers]


def told(answers: list[list[dict[str, Any]]]) -> list[str]:
    return sorted(one["tell"] for each in answers for one in each)


@pytest.mark.long
@pytest.mark.parametrize("run", ["threads", "processes"])
def test_every_kit_counts_once(shop: Database, run: str) -> None:
    codes = ["kits-1", "kits-5", "redo"] * EACH
    jobs = [partial(press, table=table, codes=codes) for table in (*TABLES, *TABLES)]
    if run == "threads":
        racing.threads(shop, jobs)
    else:
        racing.processes(shop.url.render_as_string(hide_password=False), jobs)
    assert Table(shop).shows["ready"] == 6 * EACH * (1 + 5 - 1)


def test_chosen_by_all_at_once_it_is_one_batch(database: Database) -> None:
    benches.set_up(database)
    database.write(benches.plenty)
    kit = house.picture(database, "KIT")
    jobs = [racing.reading(table, [[house.raw_read(kit)]]) for table in TABLES]
    racing.threads(database, jobs)
    parts = [house.picture(database, part) for part in benches.PARTS]
    jobs = [racing.reading(table, racing.one_by_one(parts)) for table in TABLES]
    answers = racing.threads(database, jobs)
    each = sorted(answer["workshop"]["tell"] for answer in answers for answer in answer)
    assert each == ["all-confirmed"] + ["already-confirmed"] * 6 + ["confirmed"] * 2
    assert len({Table(database, table).shows["lot"] for table in TABLES}) == 1


def test_finished_by_all_at_once_it_is_booked_once(shop: Database) -> None:
    for table in TABLES:
        Table(shop, table).press("finish", "kits-10")
    answers = racing.threads(shop, [partial(press, table=t, codes=["finish"]) for t in TABLES])
    assert told(answers) == ["finished-more", "not-under-way", "not-under-way"]
    with shop.reading() as session:
        benches.assert_booked(session, [10])
        assert benches.left_open(session) == 0


def test_a_kit_at_the_moment_of_finishing_is_noted_or_told(shop: Database) -> None:
    """Before the recount is booked it is in what was noted; after it, somebody is called. Never neither, never both."""
    Table(shop).press("finish", "kits-10")
    makers = [partial(press, table=table, codes=["kits-1"] * EACH) for table in TABLES[1:]]
    finishing, *making = racing.threads(
        shop, [partial(press, table=TABLES[0], codes=["finish"]), *makers]
    )
    (booked,) = finishing
    noted = [one for each in making for one in each if one["tell"] == "ready"]
    late = [one for each in making for one in each if one["tell"] == "not-under-way"]
    assert len(noted) + len(late) == 2 * EACH
    assert booked["params"]["ready"] == len(noted)
    with shop.reading() as session:
        benches.assert_booked(session, [10])
        assert benches.left_open(session) == 0


def test_finishing_while_a_counter_hands_out_the_same_parts(shop: Database) -> None:
    """Two places lock what they share in the same order: no deadlock is left to anybody to see, and the books agree."""
    with shop.writing() as session:
        for part in benches.PARTS:
            benches.stock(session, part, "soon", 50, "CLIP")
    codes = [house.picture(shop, part) for part in benches.PARTS] * EACH
    rounds = ["finish", "kits-10", "finish"]
    jobs = [racing.reading(name, racing.one_by_one(codes)) for name in ("CLIP-1", "CLIP-2")]
    racing.threads(shop, [partial(press, table=TABLES[0], codes=rounds), *jobs])
    with shop.reading() as session:
        benches.assert_booked(session, [10])
