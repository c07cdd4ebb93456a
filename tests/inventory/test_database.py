"""The one connection that writes: whatever happens in a transaction, the next one begins clean."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inventory.database import Database
from inventory.tables import Setting

from . import house


class Broken(Exception):
    pass


def set_one(session: Session) -> None:
    session.add(Setting(name="one", value="1"))
    session.flush()


def fails_half_way(database: Database) -> None:
    with database.writing() as session:
        set_one(session)
        raise Broken


def fails_while_it_is_undone(database: Database) -> None:
    with patch.object(Session, "close", side_effect=Broken):
        fails_half_way(database)


def is_interrupted(database: Database) -> None:
    with database.writing() as session:
        set_one(session)
        raise KeyboardInterrupt


@pytest.mark.parametrize("failure", [fails_half_way, fails_while_it_is_undone, is_interrupted])
def test_a_failure_undoes_everything_and_the_next_write_works(
    template: house.Template, failure: Callable[[Database], None]
) -> None:
    with template.copy() as database:
        with pytest.raises((Broken, KeyboardInterrupt)):
            failure(database)
        database.write(set_one)
        with database.reading() as session:
            found = session.scalar(select(func.count()).where(Setting.name == "one"))
        assert found == 1


def test_writing_within_writing_is_an_error_not_a_wait(template: house.Template) -> None:
    with template.copy() as database:
        with pytest.raises(Exception, match="within a transaction"), database.writing() as session:
            set_one(session)
            with database.writing():
                pass
        database.write(set_one)


def test_objects_of_a_transaction_do_not_reach_the_next(template: house.Template) -> None:
    with template.copy() as database:
        database.write(set_one)
        with database.writing() as session:
            one = session.get_one(Setting, "one")
        with database.engine.begin() as another:
            another.execute(update(Setting).where(Setting.name == "one").values(value="2"))
        with database.writing() as session:
            again = session.get_one(Setting, "one")
            assert again is not one
            assert again.value == "2"
