"""Whatever is assembled, moved and taken apart, in whatever order: no piece appears, vanishes or changes lot."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from inventory import kits, taking_apart
from inventory.errors import ComponentsLacking, NotEnoughStock
from inventory.tables import Assembly, Item, Lot, Move, Recipe
from inventory.words import ASSEMBLY
from tests import LONG

from .workshop import DAY, RECIPES, Books, Workshop

ASSEMBLY_MOVES = (
    select(Move.assembly_id, Item.code, Lot.code, Move.pieces, Move.to_id)
    .join(Item, Item.id == Move.item_id)
    .join(Lot, Lot.id == Move.lot_id)
    .where(Move.assembly_id.is_not(None))
)
ASSEMBLIES = (
    select(Assembly.id, Item.code, Lot.code, Recipe.version)
    .join(Lot, Lot.id == Assembly.lot_id)
    .join(Item, Item.id == Lot.item_id)
    .join(Recipe, Recipe.id == Assembly.recipe_id)
)

Inside = dict[int | None, Counter[tuple[str, str]]]
"""Number of the assembly -> item and lot -> pieces inside its kits; the kits themselves count below zero."""

PLACES = ("STORE", "SHOP")
LOTS = st.sampled_from(["a", "b", "c"])
COUNT = st.integers(1, 4)


class Kits(RuleBasedStateMachine):
    """Kits of two versions, and bags that hold such kits, so that kits are components too."""

    workshop: Workshop  # set by the test: migrating takes a second, and each run is undone

    @initialize()
    def open(self) -> None:
        self._transaction = self.workshop.books()
        self.books: Books = self._transaction.__enter__()
        self.made: list[int] = []
        self.received: Counter[tuple[str, str]] = Counter()
        for item in ("SER", "CUP", "LEAFLET", "NALOX"):
            for lot in ("a", "b"):
                self.receive(item, lot, 9, "STORE")

    def teardown(self) -> None:
        if hasattr(self, "_transaction"):
            self._transaction.__exit__(None, None, None)

    @rule(
        item=st.sampled_from(["SER", "CUP", "LEAFLET", "NALOX"]),
        lot=LOTS,
        pieces=st.integers(1, 30),
        place=st.sampled_from(PLACES),
    )
    def receive(self, item: str, lot: str, pieces: int, place: str) -> None:
        expires = {"a": None, "b": DAY.replace(year=2028), "c": DAY.replace(year=2027)}[lot]
        self.books.receive(item, lot, pieces, expires, to=place)
        self.received[item, lot] += pieces

    @rule(
        which=st.sampled_from(sorted(RECIPES)),
        count=COUNT,
        source=st.sampled_from(PLACES),
        to=st.sampled_from(PLACES),
    )
    def assemble(self, which: tuple[str, int], count: int, source: str, to: str) -> None:
        before = self.books.on_hand()
        kit, version = which
        try:
            made = kits.assemble(
                self.books.session,
                kit=self.books.item(kit),
                count=count,
                version=version,
                from_place=self.books.place(source),
                to_place=self.books.place(to),
                day=DAY,
            )
        except ComponentsLacking as error:
            assert {one.item for one in error.lacking} == {
                item
                for item, each in RECIPES[which].items()
                if there(before, source, item) < each * count
            }
            assert self.books.on_hand() == before
            return
        self.made.append(made.lot_id)
        dated = [part.expires for part in made.components if part.expires]
        assert made.expires == min(dated, default=None)

    @precondition(lambda self: self.made)
    @rule(data=st.data(), count=COUNT, place=st.sampled_from(PLACES))
    def take_apart(self, data: st.DataObject, count: int, place: str) -> None:
        lot = self.books.session.get_one(Lot, data.draw(st.sampled_from(self.made)))
        before = self.books.on_hand()
        held = before.get((place, lot.item.code, lot.code), 0)
        try:
            taking_apart.take_apart(
                self.books.session,
                lot_id=lot.id,
                count=count,
                place=self.books.place(place),
                day=DAY,
            )
        except NotEnoughStock:
            assert held < count
            assert self.books.on_hand() == before

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def take_all_apart(self, data: st.DataObject) -> None:
        """What nothing else was made of gives back exactly what it took."""
        lot = self.books.session.get_one(Lot, data.draw(st.sampled_from(self.made)))
        for place in PLACES:
            held = self.books.on_hand().get((place, lot.item.code, lot.code), 0)
            if held:
                taking_apart.take_apart(
                    self.books.session,
                    lot_id=lot.id,
                    count=held,
                    place=self.books.place(place),
                    day=DAY,
                )

    @invariant()
    def balances_are_the_moves(self) -> None:
        if hasattr(self, "books"):
            assert self.books.on_hand() == self.books.by_moves()

    @invariant()
    def inside_the_kits_is_the_recipe_and_never_more_than_went_in(self) -> None:
        if not hasattr(self, "books"):
            return
        inside: Inside = defaultdict(Counter)
        for number, item, lot, pieces, to_id in self.books.session.execute(ASSEMBLY_MOVES):
            inside[number][item, lot] += pieces if to_id == ASSEMBLY else -pieces
        for number, kit, lot, version in self.books.session.execute(ASSEMBLIES):
            parts = inside[number]
            left = -parts.pop((kit, lot), 0)
            assert min(parts.values()) >= 0
            by_item = Counter[str]()
            for (item, _), pieces in parts.items():
                by_item[item] += pieces
            assert by_item == {item: each * left for item, each in RECIPES[kit, version].items()}
        self.pieces_are_on_the_shelf_or_inside(inside)

    def pieces_are_on_the_shelf_or_inside(self, inside: Inside) -> None:
        """By lot: what came lies in places or in kits; kits inside bags are there too."""
        found = sum(inside.values(), Counter[tuple[str, str]]())
        for (_, item, lot), pieces in self.books.on_hand().items():
            found[item, lot] += pieces
        assert {key: found[key] for key in self.received} == self.received


def there(on_hand: dict[tuple[str, str, str], int], place: str, item: str) -> int:
    return sum(n for (where, what, _), n in on_hand.items() if (where, what) == (place, item))


def test_kits_at_random(workshop: Workshop) -> None:
    Kits.workshop = workshop
    run_state_machine_as_test(
        Kits,
        settings=settings(max_examples=120 if LONG else 10, stateful_step_count=20, deadline=None),
    )
