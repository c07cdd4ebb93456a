"""New versions of a recipe: from now on, and never for what is begun; no kit ends up inside itself, whoever hurries."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from unittest.mock import patch

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, kits, recipes, taking_apart
from inventory.database import Database
from inventory.errors import ComptoirError, NotAllowed
from inventory.recipes import ChangedMeanwhile
from inventory.tables import Batch, Item, Recipe

from . import house
from .racing import Job, threads
from .workshop import DAY, Books


def new(session: Session, kit: str, seen: int, **contents: int) -> int:
    """The number of the version there is afterwards."""
    made = recipes.new_version(
        session,
        kit=catalogue.item(session, kit),
        contents={catalogue.item(session, code).id: n for code, n in contents.items()},
        seen=seen,
    )
    return made.version


def test_what_is_made_from_now_on_and_what_was_made_before(books: Books) -> None:
    for item in ("SER", "CUP", "LEAFLET", "NALOX"):
        books.receive(item, "a", 100, date(2028, 1, 1))
    old = _assemble(books)
    assert new(books.session, "KIT", 2, SER=1, NALOX=1) == 3
    made = _assemble(books)
    shop = books.place("SHOP")
    for lot, contents in (
        (old, {"SER": 2, "CUP": 2, "LEAFLET": 1}),
        (made, {"SER": 1, "NALOX": 1}),
    ):
        back = taking_apart.take_apart(books.session, lot_id=lot, count=1, place=shop, day=DAY)
        assert {part.item: part.pieces for part in back.components} == contents


def _assemble(books: Books) -> int:
    store, shop = books.place("STORE"), books.place("SHOP")
    made = kits.assemble(
        books.session, kit=books.item("KIT"), count=2, from_place=store, to_place=shop, day=DAY
    )
    return made.lot_id


def test_a_running_batch_keeps_its_version(books: Books) -> None:
    running = kits.recipe(books.session, kit=books.item("KIT"))
    batch = Batch(place_id=books.place("SHOP").id, kit_id=books.item("KIT").id, day=DAY)
    batch.recipe_id = running.id
    books.session.add(batch)
    new(books.session, "KIT", 2, SER=1)
    books.session.expire_all()
    assert batch.recipe.version == 2
    used = recipes.in_use(books.session, kit=books.item("KIT"))
    assert used[running.id].batches == ("SHOP",)


def test_versions_stay_readable_and_say_who_goes_by_them(books: Books) -> None:
    for item in ("SER", "CUP", "LEAFLET"):
        books.receive(item, "a", 100)
    _assemble(books)
    new(books.session, "KIT", 2, SER=5)
    found = recipes.versions(books.session, kit=books.item("KIT"))
    assert [recipe.version for recipe in found] == [3, 2, 1]
    assert {line.item.code: line.pieces for line in found[2].lines} == {"SER": 2, "CUP": 1}
    used = recipes.in_use(books.session, kit=books.item("KIT"))
    assert {number: one.lying for number, one in used.items()} == {found[1].id: 2}


def test_sent_twice_it_is_one_version(books: Books) -> None:
    assert [new(books.session, "KIT", 2, SER=1) for _ in range(2)] == [3, 3]


def test_the_first_recipe_of_an_item(books: Books) -> None:
    assert new(books.session, "LEAFLET", 0, SER=1) == 1


def test_what_somebody_else_made_meanwhile_is_not_overwritten(books: Books) -> None:
    new(books.session, "KIT", 2, SER=1)
    with pytest.raises(ChangedMeanwhile, match="Version 3 was made meanwhile"):
        new(books.session, "KIT", 2, SER=9)


@pytest.mark.parametrize(
    ("kit", "seen", "contents", "said"),
    [
        ("KIT", 2, {}, "at least one article"),
        ("KIT", 2, {"SER": 0}, "one piece at least"),
        ("KIT", 2, {"SER": 1, "KIT": 1}, "cannot contain itself"),
        ("KIT", 2, {"SER": 1, "BAG": 1}, "BAG contains KIT, or did"),
    ],
)
def test_what_is_no_recipe(
    books: Books, kit: str, seen: int, contents: dict[str, int], said: str
) -> None:
    with pytest.raises(NotAllowed, match=said):
        new(books.session, kit, seen, **contents)
    latest = kits.recipe(books.session, kit=books.item(kit))
    assert latest.version == seen


# At once, on both databases


def tried(kit: str, seen: int, **contents: int) -> Job:
    def race(database: Database) -> int | str:
        try:
            return database.write(lambda session: new(session, kit, seen, **contents))
        except ComptoirError as error:
            return error.code

    return race


def test_of_two_kits_put_into_each_other_at_once_one_is(database: Database) -> None:
    """SER and CUP stand for kits here: any article can have a recipe."""
    for round_ in range(5):
        found = threads(
            database,
            [
                tried("SER", round_, CUP=round_ + 1),
                tried("CUP", 0, SER=round_ + 1),
            ],
        )
        assert "not_allowed" in found
        with database.writing() as session:
            inside = recipes.all_inside(session)
            for item in session.scalars(select(Item)):
                assert not any(
                    recipes.contains(inside, inner, item.id) for inner in inside.get(item.id, ())
                )
            if found[0] == "not_allowed":
                return  # CUP was first: SER cannot go on


def test_of_two_that_close_a_ring_at_once_one_does(database: Database) -> None:
    """Neither has an article in common with the other: only together they put a kit into itself. Both have looked
    before either writes, unless they take turns."""
    with database.writing() as session:
        for code in ("BAG", "BOX"):
            session.add(Item(code=code, name_fr=code, name_nl=code, name_en=code, family="kit"))
        session.flush()
        new(session, "CUP", 0, BAG=1)
        new(session, "BOX", 0, SER=1)
    looked = threading.Barrier(2)

    def slowly(session: Session, kit: Item, contents: Mapping[int, int]) -> None:
        check(session, kit, contents)
        with suppress(threading.BrokenBarrierError):
            looked.wait(1)  # alone, where the other waits for its turn

    check = recipes._check
    with patch.object(recipes, "_check", slowly):
        found = threads(database, [tried("SER", 0, CUP=1), tried("BAG", 0, BOX=1)])
    assert sorted(map(str, found)) == ["1", "not_allowed"]


def test_of_two_versions_at_once_the_second_hears_of_the_first(database: Database) -> None:
    latest = len(house.RECIPES)
    jobs = [tried("KIT", latest, SER=pieces) for pieces in (3, 4, 5)]
    found = threads(database, jobs)
    assert sorted(map(str, found)) == [str(latest + 1), "changed_meanwhile", "changed_meanwhile"]
    with database.reading() as session:
        kit = catalogue.item(session, "KIT")
        numbers = session.scalars(select(Recipe.version).where(Recipe.item_id == kit.id)).all()
    assert sorted(numbers) == [1, 2, latest + 1]
