"""Kits: which lots go in, what comes back out, what they count as."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select

from inventory import bookings, kits, ledger, recipes, taking_apart, verify
from inventory.errors import ComponentsLacking, NotAllowed, NotEnoughStock, NotOnTheLists
from inventory.kits import Assembled, Choice, Component
from inventory.tables import Assembly, Lot, Move
from inventory.taking_apart import TakenApart
from inventory.words import ASSEMBLY, Reason, RegulatoryClass

from .workshop import DAY, Books

SOON = date(2027, 2, 28)
LATE = date(2029, 12, 31)
YESTERDAY = DAY - timedelta(days=1)


def assemble(
    books: Books,
    count: int,
    *,
    kit: str = "KIT",
    version: int | None = 1,
    chosen: Choice | None = None,
    source: str = "STORE",
    target: str = "SHOP",
) -> Assembled:
    return kits.assemble(
        books.session,
        kit=books.item(kit),
        count=count,
        version=version,
        from_place=books.place(source),
        to_place=books.place(target),
        day=DAY,
        chosen=chosen,
    )


def take_apart(books: Books, lot_id: int, count: int, place: str = "SHOP") -> TakenApart:
    return taking_apart.take_apart(
        books.session, lot_id=lot_id, count=count, place=books.place(place), day=DAY
    )


def stocked(books: Books) -> None:
    """SER: 12 that expire soon and 100 late; CUP: 100 without an expiry."""
    books.receive("SER", "late", 100, LATE)
    books.receive("SER", "soon", 12, SOON)
    books.receive("CUP", "cups", 100)


def parts(components: list[Component]) -> dict[tuple[str, str], int]:
    return {(part.item, part.lot): part.pieces for part in components}


def test_components_first_expired_first_and_the_kit_expires_with_the_first(books: Books) -> None:
    stocked(books)
    made = assemble(books, 10)
    assert parts(made.components) == {("SER", "soon"): 12, ("SER", "late"): 8, ("CUP", "cups"): 10}
    assert (made.kits, made.expires) == (10, SOON)
    assert books.on_hand() == {
        ("STORE", "SER", "late"): 92,
        ("STORE", "CUP", "cups"): 90,
        ("SHOP", "KIT", made.lot): 10,
    }
    assert books.on_hand() == books.by_moves()


def test_a_kit_lot_is_named_after_its_number_and_its_moves_after_their_assembly(
    books: Books,
) -> None:
    stocked(books)
    made = assemble(books, 1)
    assembly = books.session.scalars(select(Assembly)).one()
    lot = books.session.get_one(Lot, made.lot_id)
    assert made.lot == lot.code == f"K{lot.id:06d}"
    assert (assembly.lot_id, assembly.kits, assembly.day) == (lot.id, 1, DAY)
    moves = books.session.scalars(select(Move).where(Move.assembly_id == assembly.id)).all()
    assert [move.reason for move in moves] == [Reason.ASSEMBLY] * 3


def test_a_lot_code_taken_by_kits_from_elsewhere_is_not_used_twice(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(books)
    taken = books.receive("KIT", "K000043", 5)
    monkeypatch.setattr("inventory.tables.lists.randbelow", lambda most: 42)
    made = assemble(books, 1)
    assert (made.lot_id, made.lot) == (43, taken.code + "A")


def test_of_lots_that_expire_together_the_first_by_code_goes_in_and_comes_out_first(
    books: Books,
) -> None:
    """Byte by byte, whatever the order in which they came and their numbers: ASCII, then accents."""
    codes = ["B1", "\u00e91", "a-1", "Z1", "A10", "A1"]
    for code in codes:
        books.receive("SER", code, 2, SOON)
        books.receive("CUP", code, 1)
    wanted = ["A1", "A10", "B1", "Z1", "a-1", "\u00e91"]
    made = assemble(books, len(codes))
    back = take_apart(books, made.lot_id, len(codes))
    for components in (made.components, back.components):
        for item in ("SER", "CUP"):
            assert [part.lot for part in components if part.item == item] == wanted


def test_undated_components_make_undated_kits(books: Books) -> None:
    books.receive("SER", "s", 10)
    books.receive("CUP", "c", 10)
    assert assemble(books, 1).expires is None


def test_the_latest_version_unless_another_is_named(books: Books) -> None:
    stocked(books)
    books.receive("LEAFLET", "", 5)
    made = assemble(books, 1, version=None)
    assert parts(made.components) == {
        ("SER", "soon"): 2,
        ("CUP", "cups"): 2,
        ("LEAFLET", ""): 1,
    }
    assert kits.recipe(books.session, kit=books.item("KIT"), version=1).version == 1
    for kit, version in (("KIT", 3), ("SER", None)):
        with pytest.raises(NotOnTheLists, match=kit):
            kits.recipe(books.session, kit=books.item(kit), version=version)


def test_every_lacking_component_is_named_and_nothing_is_made(books: Books) -> None:
    books.receive("SER", "a", 3)
    books.receive("CUP", "b", 1)
    before = books.on_hand()
    with pytest.raises(ComponentsLacking) as caught:
        assemble(books, 2)
    lacking = [(one.item, one.wanted, one.there) for one in caught.value.lacking]
    assert lacking == [("SER", 4, 3), ("CUP", 2, 1)]
    assert "SER 3/4, CUP 1/2" in str(caught.value)
    assert books.on_hand() == before
    assert not books.session.scalars(select(Assembly)).all()


def test_expired_lots_stay_out(books: Books) -> None:
    books.receive("SER", "old", 100, YESTERDAY)
    books.receive("SER", "today", 2, DAY)
    books.receive("CUP", "c", 100)
    assert ("SER", "today") in parts(assemble(books, 1).components)
    with pytest.raises(ComponentsLacking, match="SER 0/2"):
        assemble(books, 1)
    with pytest.raises(NotAllowed, match="old"):
        assemble(books, 1, chosen={"SER": ["old"]})


def test_lots_chosen_by_hand(books: Books) -> None:
    stocked(books)
    made = assemble(books, 10, chosen={"SER": ["late"]})
    assert parts(made.components)["SER", "late"] == 20
    assert made.expires == LATE
    mixed = assemble(books, 4, chosen={"SER": ["soon", "late"]})
    assert parts(mixed.components)["SER", "soon"] == 8
    with pytest.raises(ComponentsLacking, match="SER 4/20"):
        assemble(books, 10, chosen={"SER": ["soon"]})


@pytest.mark.parametrize("chosen", [{"SER": ["nonesuch"]}, {"NALOX": ["soon"]}])
def test_a_choice_that_is_on_no_list(books: Books, chosen: Choice) -> None:
    stocked(books)
    with pytest.raises(NotOnTheLists):
        assemble(books, 1, chosen=chosen)


def test_a_proposal_passed_back_is_what_is_made(books: Books) -> None:
    stocked(books)
    recipe = kits.recipe(books.session, kit=books.item("KIT"), version=1)
    proposed = kits.propose(
        books.session, recipe=recipe, count=10, place=books.place("STORE"), day=DAY
    )
    chosen: dict[str, list[str]] = {}
    for part in proposed:
        chosen.setdefault(part.item, []).append(part.lot)
    assert assemble(books, 10, chosen=chosen).components == proposed


@pytest.mark.parametrize("count", [0, -1])
def test_only_positive_numbers(books: Books, count: int) -> None:
    stocked(books)
    with pytest.raises(NotAllowed):
        assemble(books, count)
    with pytest.raises(NotAllowed):
        take_apart(books, assemble(books, 1).lot_id, count)


def test_kits_are_made_and_used_only_where_stock_is(books: Books) -> None:
    stocked(books)
    for source, target in (("donation", "SHOP"), ("STORE", "handed-out")):
        with pytest.raises(NotAllowed):
            assemble(books, 1, source=source, target=target)


def test_taken_apart_the_pieces_are_in_their_own_lots_again(books: Books) -> None:
    stocked(books)
    before = books.on_hand()
    made = assemble(books, 10, target="STORE")
    first = take_apart(books, made.lot_id, 4, "STORE")
    # Earliest expiry first, of 12 soon and 8 late inside.
    assert parts(first.components) == {("SER", "soon"): 8, ("CUP", "cups"): 4}
    second = take_apart(books, made.lot_id, 6, "STORE")
    assert parts(second.components) == {
        ("SER", "soon"): 4,
        ("SER", "late"): 8,
        ("CUP", "cups"): 6,
    }
    assert books.on_hand() == before == books.by_moves()


def test_no_more_comes_out_than_went_in(books: Books) -> None:
    stocked(books)
    made = assemble(books, 3)
    with pytest.raises(NotEnoughStock):
        take_apart(books, made.lot_id, 4)
    ledger.correct(
        books.session,
        place=books.place("SHOP"),
        item=books.item("KIT"),
        lot=made.lot,
        counted=5,
        day=DAY,
    )
    take_apart(books, made.lot_id, 2)
    with pytest.raises(NotAllowed, match="Only 1 "):
        take_apart(books, made.lot_id, 2)
    take_apart(books, made.lot_id, 1)


def test_more_of_a_lot_out_than_in_is_found(books: Books) -> None:
    """As two at once left the books before they took turns: no balance is wrong, and no recipe."""
    stocked(books)
    made = assemble(books, 10, target="STORE")
    take_apart(books, made.lot_id, 6, "STORE")
    assert verify.verify(books.session).faults == []
    assembly, store = books.session.scalars(select(Assembly)).one(), books.place("STORE").id
    kit, ser, cup = (
        books.session.get_one(Lot, made.lot_id),
        books.lot("SER", "soon"),
        books.lot("CUP", "cups"),
    )
    for lot, pieces, from_id, to_id in (
        (kit, 4, store, ASSEMBLY),
        (ser, 8, ASSEMBLY, store),
        (cup, 4, ASSEMBLY, store),
    ):
        ledger.post(
            books.session,
            item_id=lot.item_id,
            lot_id=lot.id,
            pieces=pieces,
            from_id=from_id,
            to_id=to_id,
            reason=Reason.DISASSEMBLY,
            day=DAY,
            assembly_id=assembly.id,
        )
    (fault,) = verify.verify(books.session).faults
    assert fault.code == "assembly_lot"
    assert str(fault.message) == (
        f"Assembly {assembly.id}, SER, lot “soon”: 12 pieces went in, 20 came out."
    )


def test_bought_kits_are_not_taken_apart(books: Books) -> None:
    lot = books.receive("KIT", "B1", 5, to="SHOP")
    with pytest.raises(NotAllowed, match="B1"):
        take_apart(books, lot.id, 1)


def numbers(books: Books, contents: dict[str, int]) -> dict[int, int]:
    return {books.item(code).id: pieces for code, pieces in contents.items()}


def test_exploded_kits_inside_kits_too(books: Books) -> None:
    found = kits.explode(books.session, numbers(books, {"BAG": 3, "SER": 1, "KIT": 1}))
    assert found == numbers(books, {"SER": 15, "CUP": 14, "LEAFLET": 7, "NALOX": 3})


def test_contents_of_lots_by_the_recipe_they_were_made_by(books: Books) -> None:
    stocked(books)
    made = assemble(books, 10, version=1)
    bought = books.receive("KIT", "B1", 5)
    ser = books.lot("SER", "late")
    rows = [
        (books.item("KIT").id, made.lot_id, 10),
        (books.item("KIT").id, bought.id, 5),
        (ser.item_id, ser.id, 7),
    ]
    statements: list[str] = []
    connection = books.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
    found = kits.contents_of_lots(books.session, rows * 50)
    assert len(statements) == 2
    wanted = {"SER": 20 + 10 + 7, "CUP": 10 + 10, "LEAFLET": 5}
    assert found == {item: 50 * n for item, n in numbers(books, wanted).items()}


def test_what_has_no_recipe_stays_itself(books: Books) -> None:
    assert kits.explode(books.session, numbers(books, {"NALOX": 4})) == numbers(books, {"NALOX": 4})


@pytest.mark.parametrize(
    ("kit", "classes"),
    [
        ("KIT", (RegulatoryClass.MEDICAL_DEVICE,)),
        ("BAG", (RegulatoryClass.MEDICAL_DEVICE, RegulatoryClass.MEDICINE)),
    ],
)
def test_a_kit_shows_the_classes_of_what_is_inside(
    books: Books, kit: str, classes: tuple[RegulatoryClass, ...]
) -> None:
    recipe = kits.recipe(books.session, kit=books.item(kit))
    assert recipes.regulatory_classes(books.session, recipe) == classes


# Undone at a desk


def taken_apart_at_a_desk(books: Books, made: Assembled, count: int) -> UUID:
    number = uuid4()
    booking = bookings.begin(books.session, number=number, content="apart", day=DAY)
    assert booking is not None
    taking_apart.take_apart(
        books.session,
        lot_id=made.lot_id,
        count=count,
        place=books.place("SHOP"),
        day=DAY,
        booking_id=booking.id,
    )
    return number


def untimed(books: Books) -> bool:
    """No move of an assembly has a time, whatever its reason."""
    moves = select(func.count(Move.id), func.count(Move.recorded_at))
    found, timed = books.session.execute(moves.where(Move.assembly_id.is_not(None))).one()
    return bool(found) and timed == 0


def test_what_was_taken_apart_at_a_desk_is_kits_again(books: Books) -> None:
    """Whole, and again: what is inside the kits is what went in, whatever was undone."""
    stocked(books)
    made = assemble(books, 10)
    before = books.on_hand()
    for _ in range(2):
        number = taken_apart_at_a_desk(books, made, 3)
        assert books.on_hand() != before
        assert verify.verify(books.session).faults == []
        assert bookings.undo(books.session, number=number, day=DAY)
        assert untimed(books)
        assert books.on_hand() == before == books.by_moves()
        assert verify.verify(books.session).faults == []
    take_apart(books, made.lot_id, 10)
    assert books.on_hand()["SHOP", "SER", "soon"] == 12


def test_components_that_have_gone_on_keep_it_from_being_undone(books: Books) -> None:
    stocked(books)
    number = taken_apart_at_a_desk(books, assemble(books, 10), 3)
    books.carry("SER", "soon", 1, "SHOP", "VAN")
    with pytest.raises(NotEnoughStock):
        bookings.undo(books.session, number=number, day=DAY)
