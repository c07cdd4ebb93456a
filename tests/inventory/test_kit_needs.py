"""How many kits are needed, and how many can be made: what is said can be made can really be assembled, and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from inventory import kit_needs, kit_plan, kits, on_hold, picks, replenish
from inventory.errors import ComponentsLacking
from inventory.kit_needs import KitNeed, Needs
from inventory.tables import Batch, BatchLot, Item, Lot, Recipe, RecipeLine
from inventory.words import PlaceKind
from tests import LONG

from .workshop import DAY, Books, Workshop

COMPONENTS = ("SER", "CUP", "LEAFLET", "NALOX")
KITS = ("KIT", "BAG")


def needs(books: Books) -> Needs:
    return kit_needs.needs(books.session, workshop=books.place("SHOP"), day=DAY)


def of(books: Books, kit: str) -> KitNeed:
    return next(one for one in needs(books).kits if one.kit.code == kit)


def level(books: Books, place: str, kit: str, pieces: int) -> None:
    replenish.set_levels(books.session, place=books.place(place), levels={kit: pieces})


# What is needed


def test_levels_less_what_is_there_and_what_lies_ready(books: Books) -> None:
    level(books, "CLIP", "KIT", 100)
    level(books, "VAN", "KIT", 40)
    level(books, "STORE", "KIT", 20)
    books.receive("KIT", "K1", 30, to="CLIP")
    books.receive("KIT", "K2", 90, to="VAN")  # beyond its level: nobody takes it from there
    books.receive("KIT", "K3", 25, to="STORE")
    books.receive("KIT", "K4", 8, to="SHOP")
    found = of(books, "KIT")
    assert (found.needed, found.ready) == (100 - 30 - 5 - 8, 5 + 8)


def test_kits_on_hold_or_expired_are_not_ready(books: Books) -> None:
    level(books, "CLIP", "KIT", 10)
    books.receive("KIT", "OLD", 5, DAY - timedelta(days=1), to="SHOP")
    held = books.receive("KIT", "HELD", 5, to="SHOP")
    assert (of(books, "KIT").needed, of(books, "KIT").on_hold) == (5, 0)
    on_hold.put(books.session, lot=held, day=DAY)
    assert (of(books, "KIT").needed, of(books, "KIT").on_hold) == (10, 5)


def test_the_shelf_of_a_partner_is_not_ours_to_fill(books: Books) -> None:
    level(books, "CLIP", "KIT", 10)
    partner = books.place("VAN")
    level(books, "VAN", "KIT", 40)
    partner.kind = PlaceKind.PARTNER
    books.session.flush()
    assert of(books, "KIT").needed == 10


def test_kits_inside_kits_are_needed_too(books: Books) -> None:
    level(books, "CLIP", "BAG", 10)
    books.receive("KIT", "K1", 4, to="SHOP")
    assert (of(books, "BAG").needed, of(books, "KIT").needed) == (10, 16)


def test_what_is_on_the_way_is_there_already_and_said(books: Books) -> None:
    level(books, "CLIP", "KIT", 10)
    books.receive("KIT", "K1", 10, to="STORE")
    wanted = replenish.needs(books.session, place=books.place("CLIP"), day=DAY).rounds[0]
    picks.start(books.session, round=wanted, day=DAY)
    way = picks.Way(books.place("STORE").id, books.place("CLIP").id, books.item("KIT").id, False)
    assert picks.count(books.session, way, 6, today=DAY) == 6
    books.carry("KIT", "K1", 6, "STORE", "CLIP")  # what the read that was counted books
    found = of(books, "KIT")
    assert (found.needed, found.on_the_way, found.ready) == (0, 6, 4)


def test_kits_noted_at_a_table_are_made_and_have_their_components(books: Books) -> None:
    """By the recipe of their batch, which a newer one does not change."""
    level(books, "CLIP", "KIT", 10)
    for item in COMPONENTS:
        books.receive(item, "a", 20, to="SHOP")
    before = of(books, "KIT")
    old = kits.recipe(books.session, kit=books.item("KIT"), version=1)
    batch = Batch(place_id=books.place("SHOP").id, kit_id=books.item("KIT").id, recipe_id=old.id)
    batch.day, batch.ready = DAY, 4
    books.session.add(batch)
    books.session.flush()
    found = of(books, "KIT")
    assert (before.needed, before.here.kits) == (10, 10)
    assert (found.needed, found.in_the_making) == (6, 4)
    assert (found.here.kits, found.here.there) == (6, 12)  # 4 × 2 syringes are gone from the box
    # Their lot put on hold: nobody will use them, but the pieces are in them.
    batch.lot_id = books.receive("KIT", "HELD", 1, to="STORE").id
    on_hold.put(books.session, lot=books.session.get_one(Lot, batch.lot_id), day=DAY)
    found = of(books, "KIT")
    assert (found.needed, found.in_the_making, found.here.kits) == (10, 0, 6)


@pytest.mark.parametrize(("in_the_box", "kits_left"), [(8, 10), (6, 9), (0, 6)])
def test_pieces_of_a_lot_that_went_bad_are_not_missed_twice(
    books: Books, in_the_box: int, kits_left: int
) -> None:
    """Four kits took 8 syringes, first of the box put on hold, the others of the twenty good ones."""
    recipe = kits.recipe(books.session, kit=books.item("KIT"), version=1)
    of_it = {"place_id": books.place("SHOP").id, "kit_id": books.item("KIT").id}
    held = books.receive("SER", "held", max(in_the_box, 1), to="SHOP")
    if not in_the_box:
        books.carry("SER", "held", 1, "SHOP", "STORE")
    for item in COMPONENTS:
        books.receive(item, "good", 20 if item == "SER" else 500, to="SHOP")
    confirmed = [held, books.lot("SER", "good"), books.lot("CUP", "good")]
    books.session.add(Batch(**of_it, recipe_id=recipe.id, day=DAY, ready=4))
    books.session.add_all(BatchLot(**of_it, lot_id=lot.id) for lot in confirmed)
    held.expires = DAY + timedelta(days=3)  # the recount takes it first
    on_hold.put(books.session, lot=held, day=DAY)
    books.session.flush()
    assert of(books, "KIT").here.kits == kits_left


@pytest.mark.parametrize("why", ["on hold", "expired"])
def test_kits_at_a_table_with_a_lot_that_went_bad_are_none(books: Books, why: str) -> None:
    level(books, "CLIP", "KIT", 10)
    recipe = kits.recipe(books.session, kit=books.item("KIT"))
    of_it = {"place_id": books.place("SHOP").id, "kit_id": books.item("KIT").id}
    own = books.receive("KIT", "K1", 1, to="VAN")
    ser = books.receive("SER", "a", 20, DAY - timedelta(days=1) if why == "expired" else None)
    batch = Batch(**of_it, recipe_id=recipe.id, day=DAY, ready=4, lot_id=own.id)
    books.session.add_all([batch, BatchLot(**of_it, lot_id=books.receive("CUP", "a", 20).id)])
    books.session.flush()
    assert (of(books, "KIT").needed, of(books, "KIT").in_the_making) == (6, 4)
    books.session.add(BatchLot(**of_it, lot_id=ser.id))
    books.session.flush()
    if why == "on hold":
        on_hold.put(books.session, lot=ser, day=DAY)
    assert (of(books, "KIT").needed, of(books, "KIT").in_the_making) == (10, 0)


# What can be made


def test_the_component_that_stops_it(books: Books) -> None:
    books.receive("SER", "a", 100, to="SHOP")
    books.receive("CUP", "a", 7, to="SHOP")
    books.receive("CUP", "b", 50, to="STORE")
    books.receive("LEAFLET", "a", 40, to="SHOP")
    found = of(books, "KIT")
    assert (found.here.kits, found.with_stores.kits) == (3, 28)
    assert found.here.limit is not None and found.here.limit.code == "CUP"
    assert (found.here.there, found.here.each) == (7, 2)


def test_what_two_kits_share_is_not_said_twice(books: Books) -> None:
    """Each alone could have all of it; together they share it, in the proportion in which they are needed."""
    _second_kit(books, {"SER": 2})
    level(books, "CLIP", "KIT", 30)
    level(books, "VAN", "SECOND", 10)
    for item in ("CUP", "LEAFLET"):
        books.receive(item, "a", 500, to="SHOP")
    books.receive("SER", "a", 10, to="SHOP")
    books.receive("SER", "b", 30, to="STORE")
    first, second = of(books, "KIT"), of(books, "SECOND")
    assert (first.with_stores.kits, second.with_stores.kits) == (20, 20)
    assert (first.together, second.together) == (15, 5)
    assert first.contested and second.contested
    assert [(item.code, pieces) for item, pieces in needs(books).to_fetch] == [("SER", 30)]


def test_nothing_is_contested_where_there_is_enough(books: Books) -> None:
    level(books, "CLIP", "KIT", 3)
    for item in COMPONENTS:
        books.receive(item, "a", 50, to="SHOP")
    found = of(books, "KIT")
    assert (found.together, found.contested) == (3, False)


def _second_kit(books: Books, contents: dict[str, int]) -> None:
    names = {f"name_{language}": "SECOND" for language in ("fr", "nl", "en")}
    books.session.add(Item(code="SECOND", family="kit", shelf_life_months=24, **names))
    books.session.flush()
    recipe = Recipe(item_id=books.item("SECOND").id, version=1)
    recipe.lines = [
        RecipeLine(item_id=books.item(item).id, pieces=pieces) for item, pieces in contents.items()
    ]
    books.session.add(recipe)
    books.session.flush()


@settings(deadline=None, max_examples=360 if LONG else 30, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*COMPONENTS, "KIT"]),
            st.sampled_from(["a", "b", "c"]),
            st.integers(1, 60),
            st.sampled_from(["SHOP", "STORE"]),
        ),
        max_size=12,
    ),
    st.dictionaries(st.sampled_from(["KIT", "BAG", "SECOND"]), st.integers(1, 40)),
    st.sets(st.tuples(st.sampled_from(COMPONENTS), st.sampled_from(["a", "b"])), max_size=2),
)
def test_what_it_says_can_be_assembled_and_no_more(
    workshop: Workshop,
    stock: list[tuple[str, str, int, str]],
    levels: dict[str, int],
    doubted: set[tuple[str, str]],
) -> None:
    """Each alone, at the workshop and with the stores; and all together, one after the other."""
    expiries = {"a": DAY, "b": None, "c": DAY - timedelta(days=1)}
    with workshop.books() as books:
        _second_kit(books, {"SER": 3, "NALOX": 1})
        for item, lot, pieces, place in stock:
            books.receive(item, lot, pieces, expiries[lot], to=place)
        for item, lot in doubted & {(item, lot) for item, lot, _, _ in stock}:
            on_hold.put(books.session, lot=books.lot(item, lot), day=DAY)
        for kit, pieces in levels.items():
            level(books, "CLIP", kit, pieces)
        said = needs(books)
        for one in said.kits:
            assert_most(books, one.kit, one.here.kits)
        for (place, item, lot), pieces in books.on_hand().items():
            if place == "STORE" and books.lot(item, lot).on_hold_since is None:
                books.carry(item, lot, pieces, "STORE", "SHOP")
        for one in said.kits:
            assert_most(books, one.kit, one.with_stores.kits)
        _make_together(books, said)


def _make_together(books: Books, said: Needs) -> None:
    # Kits made on the way would be components for others: they go out of the workshop at once.
    shop, van = books.place("SHOP"), books.place("VAN")
    for one in said.kits:
        if one.together:
            kits.assemble(
                books.session,
                kit=one.kit,
                count=one.together,
                from_place=shop,
                to_place=van,
                day=DAY,
            )
    for one in said.kits:
        assert one.together <= one.needed
        if one.together < one.needed:
            assert_most(books, one.kit, 0)


def assert_most(books: Books, kit: Item, most: int) -> None:
    """So many can be proposed, and one more cannot."""
    recipe, shop = kits.recipe(books.session, kit=kit), books.place("SHOP")
    if most:
        kits.propose(books.session, recipe=recipe, count=most, place=shop, day=DAY)
    with pytest.raises(ComponentsLacking):
        kits.propose(books.session, recipe=recipe, count=most + 1, place=shop, day=DAY)


RECIPES = st.fixed_dictionaries(
    {kit: st.dictionaries(st.integers(10, 14), st.integers(1, 5), min_size=1) for kit in range(4)}
)


@given(
    RECIPES,
    st.dictionaries(st.integers(0, 3), st.integers(0, 1000)),
    st.dictionaries(st.integers(10, 14), st.integers(0, 3000)),
)
def test_together_nothing_is_used_twice_and_nobody_is_left_out(
    recipes: dict[int, dict[int, int]], wanted: dict[int, int], there: dict[int, int]
) -> None:
    made = kit_plan.together(wanted, recipes, there)
    left = {
        item: pieces - kit_plan.used(made, recipes).get(item, 0) for item, pieces in there.items()
    }
    assert all(pieces >= 0 for pieces in left.values())
    for kit, count in made.items():
        assert 0 <= count <= wanted[kit]
        if count < wanted[kit]:
            assert kit_plan.can_make(recipes[kit], left)[0] == 0


def test_as_many_statements_for_many_kits_as_for_one(books: Books) -> None:
    before = _statements(books)
    for number in range(40):
        names = {f"name_{language}": f"K{number}" for language in ("fr", "nl", "en")}
        item = Item(code=f"K{number}", family="kit", **names)
        books.session.add(item)
        books.session.flush()
        lines = [RecipeLine(item_id=books.item(code).id, pieces=2) for code in COMPONENTS]
        books.session.add(Recipe(item_id=item.id, version=1, lines=lines))
        level(books, "CLIP", item.code, 10)
    books.session.flush()
    assert _statements(books) == before <= 7


def _statements(books: Books) -> int:
    seen: list[str] = []
    connection = books.session.connection()

    def count(*args: object) -> None:
        seen.append(str(args[2]))

    books.session.expire_all()
    place = books.place("SHOP")
    event.listen(connection, "before_cursor_execute", count)
    try:
        kit_needs.needs(books.session, workshop=place, day=DAY)
    finally:
        event.remove(connection, "before_cursor_execute", count)
    return len(seen)
