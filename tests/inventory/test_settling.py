"""A transfer into `unaccounted` settles what was handed out beyond the books, and not a piece more."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.database import Database
from inventory.errors import NotAllowed

from . import racing
from .house import NOW, TODAY, assert_sound, donate, picture, raw_read, send, stock_by_place

SHELVES = ("STORE", "SHOP", "CLIP", "VAN")


def settle(session: Session, pieces: int, place: str = "STORE") -> None:
    ledger.transfer(
        session,
        from_place=catalogue.place(session, place),
        to_place=catalogue.place(session, "unaccounted"),
        item=catalogue.item(session, "CUP"),
        pieces=pieces,
        day=TODAY,
    )


def refused(database: Database, pieces: int) -> str:
    with pytest.raises(NotAllowed) as told, database.writing() as session:
        settle(session, pieces)
    return str(told.value)


def test_not_a_piece_more_than_is_owed(database: Database) -> None:
    with database.writing() as session:
        donate(session, "CUP", "", 50, "STORE")
    assert "0 pieces were handed out beyond" in refused(database, 20)
    send(database, "CLIP-1", [raw_read(picture(database, "CUP"), NOW) for _ in range(3)])
    assert "settle 3 at most" in refused(database, 4)
    with database.writing() as session:
        settle(session, 1)
    assert "settle 2 at most" in refused(database, 3)
    with database.writing() as session:
        settle(session, 2)
    refused(database, 1)
    with database.reading() as session:
        there = stock_by_place(session)
        assert_sound(session)
    assert there["STORE", "CUP"] == 47
    assert there.get(("unaccounted", "CUP"), 0) == 0


def settles(database: Database, *, place: str, pieces: int) -> bool:
    try:
        database.write(lambda session: settle(session, pieces, place))
    except NotAllowed:
        return False
    return True


@pytest.mark.race
def test_places_that_settle_at_once_take_turns(database: Database) -> None:
    """Each alone would settle all that is owed; together they settle it once."""
    rounds, owed = 10, 3
    for _ in range(rounds):
        send(database, "CLIP-1", [raw_read(picture(database, "CUP"), NOW) for _ in range(owed)])
        with database.writing() as session:
            for place in SHELVES:
                donate(session, "CUP", "", owed, place)
        jobs = [partial(settles, place=place, pieces=owed) for place in SHELVES]
        assert sum(racing.threads(database, jobs)) == 1
        with database.writing() as session:
            there = stock_by_place(session)
            assert_sound(session)
            for place in SHELVES:
                lose_all(session, place, there.get((place, "CUP"), 0))
        assert ("unaccounted", "CUP") not in there


def lose_all(session: Session, place: str, pieces: int) -> None:
    """An empty shelf for the next round, so that what is handed out then is short again."""
    if pieces:
        ledger.transfer(
            session,
            from_place=catalogue.place(session, place),
            to_place=catalogue.place(session, "lost"),
            item=catalogue.item(session, "CUP"),
            pieces=pieces,
            day=TODAY,
        )
