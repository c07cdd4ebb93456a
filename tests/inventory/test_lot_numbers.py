"""Numbers of lots: drawn at random, free, of six digits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import insert, select

from inventory import catalogue
from inventory.errors import NumbersUsedUp
from inventory.tables import LOT_NUMBERS, Lot
from labels.house import Kind, house_code

from .workshop import Books

Draws = Callable[..., None]


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> Draws:
    """The next numbers that chance will give; the last of them for ever."""

    def these(*numbers: int) -> None:
        left = list(numbers)

        def drawn(below: int) -> int:
            assert below == LOT_NUMBERS
            return (left.pop(0) if len(left) > 1 else left[0]) - 1

        monkeypatch.setattr("inventory.tables.lists.randbelow", drawn)

    return these


def test_a_label_can_show_every_number(books: Books, draws: Draws) -> None:
    draws(1, LOT_NUMBERS)
    made = [books.receive("SER", code, 1) for code in ("a", "b")]
    assert [lot.id for lot in made] == [1, LOT_NUMBERS]
    assert [len(house_code(Kind.LOT, lot.id)) for lot in made] == [10, 10]


def test_a_number_that_is_taken_is_drawn_again(books: Books, draws: Draws) -> None:
    draws(7, 7, 7, 8)
    assert [books.receive("SER", code, 1).id for code in ("a", "b")] == [7, 8]


def test_lots_written_together_have_numbers_of_their_own(books: Books, draws: Draws) -> None:
    draws(7, 7, 8, 8, 7, 9)
    item_id = books.item("SER").id
    books.session.execute(insert(Lot), [{"item_id": item_id, "code": code} for code in "abc"])
    numbers = select(Lot.id).where(Lot.item_id == item_id).order_by(Lot.code)
    assert books.session.scalars(numbers).all() == [7, 8, 9]


def test_when_no_number_is_left_it_is_said(books: Books, draws: Draws) -> None:
    draws(7)
    books.receive("SER", "a", 1)
    with pytest.raises(NumbersUsedUp, match="numbers of lots"):
        catalogue.lot(books.session, item_id=books.item("SER").id, code="b")
