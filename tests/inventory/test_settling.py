"""A transfer into `unaccounted` settles what was handed out beyond the books, and not a piece more."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from inventory import catalogue, ledger
from inventory.database import Database
from inventory.errors import NotAllowed

from .house import NOW, TODAY, assert_sound, donate, picture, raw_read, send, stock_by_place


def settle(session: Session, pieces: int) -> None:
    ledger.transfer(
        session,
        from_place=catalogue.place(session, "STORE"),
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
