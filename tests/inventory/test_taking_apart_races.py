"""Two people take kits apart, or take them back, at two places at once: the second waits for the first, then reads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory import catalogue, kits, ledger, taking_apart
from inventory.database import Database
from inventory.errors import NotAllowed
from inventory.verify import verify

from . import benches, house, racing
from .benches import TODAY

pytestmark = [pytest.mark.race, pytest.mark.postgres]

Work = Callable[[Session], Any]

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = :name"
LOOK_AGAIN_S = 0.02


@pytest.fixture
def books(fresh_postgres: house.Fresh) -> Any:
    with fresh_postgres() as database:
        yield database


def overlapping(database: Database, first: Work, second: Work) -> Future[Any]:
    """`second` begins after all of `first` but its commit, and ends or waits for it before that."""
    over = threading.Event()

    def run() -> Any:
        try:
            return database.write(second)
        finally:
            over.set()

    with ThreadPoolExecutor(1) as pool:
        with database.writing() as session:
            first(session)
            session.flush()
            done = pool.submit(run)
            for _ in range(int(racing.PATIENCE_S / LOOK_AGAIN_S)):
                if over.wait(LOOK_AGAIN_S) or _somebody_waits(database):
                    break
        done.exception(racing.PATIENCE_S)
    return done


def _somebody_waits(database: Database) -> bool:
    with database.reading() as session:
        found = session.scalar(text(WAITING), {"name": database.url.database})
    return bool(found)


def apart(lot_id: int, count: int, place: str) -> Work:
    return lambda session: taking_apart.take_apart(
        session, lot_id=lot_id, count=count, place=catalogue.place(session, place), day=TODAY
    )


def test_kits_of_one_lot_at_two_places(books: Database) -> None:
    """Five kits at each, made of two lots of syringes: each lot comes out as it went in."""

    def begin(session: Session) -> int:
        for lot, pieces in (("soon", 5), ("later", 5)):
            for part in ("SER", "AIG"):
                benches.stock(session, part, lot, pieces)
        benches.stock(session, "CUP", "", 20)
        shop, kit = catalogue.place(session, "SHOP"), catalogue.item(session, "KIT")
        made = kits.assemble(session, kit=kit, count=10, from_place=shop, to_place=shop, day=TODAY)
        ledger.transfer(
            session,
            from_place=shop,
            to_place=catalogue.place(session, "STORE"),
            item=kit,
            pieces=5,
            lot=made.lot,
            day=TODAY,
        )
        return made.lot_id

    lot_id = books.write(begin)
    overlapping(books, apart(lot_id, 5, "SHOP"), apart(lot_id, 5, "STORE")).result()
    with books.reading() as session:
        found = Counter[tuple[str, str]]()
        for (_, item, lot), pieces in benches.balances(session).items():
            found[item, lot] += pieces
        assert found == {
            **{(item, lot): 5 for item in ("SER", "AIG") for lot in ("soon", "later")},
            ("CUP", ""): 20,
        }
        assert verify(session).faults == []


def counted(session: Session, place: str) -> int:
    """Five kits of a lot of their own, counted where the books have nothing that they could be made of."""
    there, kit = catalogue.place(session, place), catalogue.item(session, "KIT")
    recipe, lot = kits.recipe(session, kit=kit), kits.new_kit_lot(session, kit, None)
    parts = []
    for line in recipe.lines:
        code = "soon" if line.item.dated else ""
        of = catalogue.lot(session, item_id=line.item_id, code=code, expires=None)
        parts.append(kits.component(session, line.item, of.id, 5 * line.pieces))
    kits.post_assembly(
        session,
        recipe=recipe,
        lot=lot,
        count=5,
        components=parts,
        from_place=there,
        to_place=there,
        day=TODAY,
        short=parts,
    )
    return lot.id


def settled(session: Session, item: str, pieces: int) -> None:
    """The boxes were found, and booked as what the books lacked."""
    benches.stock(session, item, "soon", pieces, "STORE")
    ledger.transfer(
        session,
        from_place=catalogue.place(session, "STORE"),
        to_place=catalogue.place(session, "unaccounted"),
        item=catalogue.item(session, item),
        pieces=pieces,
        day=TODAY,
    )


def back(lot_id: int) -> Work:
    return lambda session: taking_apart.take_back(session, lot_id=lot_id, count=5, day=TODAY)


def test_taken_back_at_two_workshops(books: Database) -> None:
    """What is still owed does for the kits of one: who takes back the others is told to look again, and nothing that
    was never there becomes stock."""

    def begin(session: Session) -> tuple[int, int]:
        made = counted(session, "SHOP"), counted(session, "CLIP")
        for item, each in benches.RECIPE.items():
            settled(session, item, 5 * each)
        return made

    first, second = books.write(begin)
    with books.reading() as session:
        beyond = taking_apart.beyond_the_books(session)
        assert {one.lot.id: one.kits for one in beyond} == {first: 5, second: 5}
    with pytest.raises(NotAllowed, match="Fewer kits"):
        overlapping(books, back(first), back(second)).result()
    with books.reading() as session:
        assert benches.balances(session) == {("CLIP", "KIT", f"K{second:06d}"): 5}
        assert taking_apart.beyond_the_books(session) == []
        assert verify(session).faults == []
