"""Lots on hold: left out wherever lots are chosen, refused where they are named, recorded and told at the counter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from sqlalchemy.orm import Session

from inventory import catalogue, days, kits, ledger, on_hold, recipes, replenish, taking_apart
from inventory.database import Database
from inventory.errors import ComponentsLacking, LotOnHold, NotAllowed, NotEnoughStock
from inventory.tables import Batch, BatchLot, Item, Lot
from inventory.words import NO_LOT, UNKNOWN_LOT, Family
from labels.house import Kind, house_code

from . import house
from .racing import threads


@pytest.fixture(autouse=True)
def the_clock() -> Iterator[None]:
    with patch.object(days, "now", lambda: house.NOW):
        yield


@pytest.fixture(autouse=True)
def two_lots(database: Database) -> None:
    """Lot a expires before lot b; both lie at the counter and in the store."""
    with database.writing() as session:
        for lot in ("a", "b"):
            for place in ("CLIP", "STORE"):
                house.donate(session, "SER", lot, 50, place)
        house.donate(session, "CUP", "", 50, "STORE")


def lot_of(session: Session, item: str, code: str) -> Lot:
    found = catalogue.known_lot(session, item_id=catalogue.item(session, item).id, code=code)
    assert found is not None
    return found


def hold(database: Database, item: str = "SER", code: str = "a") -> bool:
    return database.write(
        lambda session: on_hold.put(session, lot=lot_of(session, item, code), day=house.TODAY)
    )


def label(database: Database, item: str = "SER", code: str = "a") -> str:
    with database.reading() as session:
        return house_code(Kind.LOT, lot_of(session, item, code).id)


def move(session: Session, target: str, lot: str | None, pieces: int = 10) -> list[str]:
    moves = ledger.transfer(
        session,
        from_place=catalogue.place(session, "STORE"),
        to_place=catalogue.place(session, target),
        item=catalogue.item(session, "SER"),
        pieces=pieces,
        lot=lot,
        day=house.TODAY,
    )
    session.flush()
    return [session.get_one(Lot, one.lot_id).code for one in moves]


def test_put_and_released_and_sent_twice(database: Database) -> None:
    assert hold(database) is True
    assert hold(database) is False
    with database.writing() as session:
        lot = lot_of(session, "SER", "a")
        assert lot.on_hold_since == house.TODAY
        later = house.TODAY + timedelta(days=3)
        assert on_hold.put(session, lot=lot, day=later) is False
        assert lot.on_hold_since == house.TODAY
        assert on_hold.release(session, lot=lot) is True
        assert on_hold.release(session, lot=lot) is False
        assert lot.on_hold_since is None


def test_of_two_desks_at_once_one_puts_it_on_hold(database: Database) -> None:
    assert sorted(threads(database, [hold] * 4)) == [False, False, False, True]


@pytest.mark.parametrize("code", [NO_LOT, UNKNOWN_LOT])
def test_pieces_without_a_lot_are_not_put_on_hold(database: Database, code: str) -> None:
    with pytest.raises(NotAllowed, match="no lot"), database.writing() as session:
        item_id = catalogue.item(session, "SER").id
        made = catalogue.lot(session, item_id=item_id, code=code)
        on_hold.put(session, lot=made, day=house.TODAY)


def test_what_chooses_by_itself_leaves_it_out(database: Database) -> None:
    hold(database)
    with database.writing() as session:
        store = catalogue.place(session, "STORE")
        recipe = kits.recipe(session, kit=catalogue.item(session, "KIT"), version=1)
        proposed = kits.propose(session, recipe=recipe, count=5, place=store, day=house.TODAY)
        taken = replenish.lots_to_take(
            session,
            store_id=store.id,
            item_id=catalogue.item(session, "SER").id,
            pieces=100,
            day=house.TODAY,
        )
        assert {part.lot for part in proposed if part.item == "SER"} == {"b"}
        assert [(lot.lot, lot.pieces) for lot in taken] == [("b", 50)]
        assert move(session, "SHOP", None) == ["b"]


def test_a_desk_hears_what_is_on_hold(database: Database) -> None:
    hold(database)
    with pytest.raises(NotEnoughStock, match="50 of SER on the books and 50 on hold"):
        database.write(lambda session: move(session, "CLIP", None, pieces=51))
    with pytest.raises(ComponentsLacking, match="SER 50/60"), database.writing() as session:
        kits.propose(
            session,
            recipe=kits.recipe(session, kit=catalogue.item(session, "KIT"), version=1),
            count=30,
            place=catalogue.place(session, "STORE"),
            day=house.TODAY,
        )


@pytest.mark.parametrize("target", ["CLIP", "VAN"])
def test_named_it_goes_nowhere_to_be_used(database: Database, target: str) -> None:
    hold(database)
    with pytest.raises(LotOnHold, match=f"Lot a is on hold since {house.TODAY}"):
        database.write(lambda session: move(session, target, "a"))


@pytest.mark.parametrize("target", ["SHOP", "QUAR", "disposed", "lost"])
def test_named_it_goes_where_it_is_looked_at_or_out_of_use(database: Database, target: str) -> None:
    hold(database)
    assert database.write(lambda session: move(session, target, "a")) == ["a"]


def test_no_kit_is_made_of_it(database: Database) -> None:
    hold(database)
    with pytest.raises(LotOnHold, match="it goes into no kit"), database.writing() as session:
        kits.propose(
            session,
            recipe=kits.recipe(session, kit=catalogue.item(session, "KIT"), version=1),
            count=1,
            place=catalogue.place(session, "STORE"),
            day=house.TODAY,
            chosen={"SER": ["a"]},
        )


def test_kits_made_of_it_before_are_named(database: Database) -> None:
    """Also where they lie inside other kits; those taken apart are no kits any more."""
    with database.writing() as session:
        store = catalogue.place(session, "STORE")
        bag = Item(code="BAG", name_fr="BAG", name_nl="BAG", name_en="BAG", family=Family.KIT)
        session.add(bag)
        session.flush()
        inside = {catalogue.item(session, "KIT").id: 1}
        recipes.new_version(session, kit=bag, contents=inside, seen=0)
        for kit, count, version in (("KIT", 5, 1), ("BAG", 2, 1)):
            made = kits.assemble(
                session,
                kit=catalogue.item(session, kit),
                count=count,
                from_place=store,
                to_place=store,
                day=house.TODAY,
                version=version,
            )
            if kit == "KIT":
                taking_apart.take_apart(
                    session, lot_id=made.lot_id, count=1, place=store, day=house.TODAY
                )
    hold(database)
    with database.reading() as session:
        (known,) = on_hold.lots(session)
    assert [(row.names.en, row.pieces, row.on_hold) for row in known.in_kits] == [
        ("KIT", 2, False),
        ("BAG", 2, False),
    ]
    database.write(
        lambda session: on_hold.put(
            session, lot=session.get_one(Lot, known.in_kits[0].lot_id), day=house.TODAY
        )
    )
    with database.reading() as session:
        found = {row.lot: row for row in on_hold.lots(session)}
    assert [row.on_hold for row in found["a"].in_kits] == [True, False]


def test_kits_on_a_table_are_named(database: Database) -> None:
    """Of the lot itself, and with kits that have it inside; not those that nothing was noted of."""
    with database.writing() as session:
        store, shop = catalogue.place(session, "STORE"), catalogue.place(session, "SHOP")
        kit = catalogue.item(session, "KIT")
        bag = Item(code="BAG", name_fr="BAG", name_nl="BAG", name_en="BAG", family=Family.KIT)
        session.add(bag)
        session.flush()
        recipes.new_version(session, kit=bag, contents={kit.id: 1}, seen=0)
        made = kits.assemble(
            session,
            kit=kit,
            count=5,
            from_place=store,
            to_place=store,
            day=house.TODAY,
            version=1,
        )
        taking_apart.take_apart(session, lot_id=made.lot_id, count=1, place=store, day=house.TODAY)
        used = {kit.id: lot_of(session, "SER", "a").id, bag.id: made.lot_id}
        for item, place, ready in ((kit, shop, 7), (bag, shop, 3), (kit, store, 0)):
            at = {"place_id": place.id, "kit_id": item.id}
            recipe = kits.recipe(session, kit=item)
            session.add(Batch(**at, recipe_id=recipe.id, day=house.TODAY, ready=ready))
            session.flush()
            session.add(BatchLot(**at, lot_id=used[item.id]))
        on_hold.put(session, lot=session.get_one(Lot, made.lot_id), day=house.TODAY)
    hold(database)
    with database.reading() as session:
        shop_name = catalogue.place(session, "SHOP").name
        found = {row.lot: row for row in on_hold.lots(session)}
        of_the_kits = session.get_one(Lot, made.lot_id).code
    assert [(row.names.en, row.place, row.kits) for row in found["a"].being_made] == [
        ("KIT", shop_name, 7),
        ("BAG", shop_name, 3),
    ]
    kits_row = found[of_the_kits]
    assert [(row.names.en, row.kits) for row in kits_row.being_made] == [("BAG", 3)]
    assert kits_row.in_kits == []  # taken apart or not, they are in no others that lie somewhere


def test_it_does_not_fill_a_level(database: Database) -> None:
    with database.writing() as session:
        clip = catalogue.place(session, "CLIP")
        replenish.set_levels(session, place=clip, levels={"SER": 100})
        assert replenish.low(session, place_id=clip.id) == []
    hold(database)
    with database.reading() as session:
        (low,) = replenish.low(session, place_id=catalogue.place(session, "CLIP").id)
    assert (low.there, low.lacking) == (50, 50)


# At a station


def test_a_picture_takes_the_next_lot(database: Database) -> None:
    hold(database)
    code = house.picture(database, "SER")
    (told,) = house.send(database, "CLIP-1", [house.raw_read(code)])
    assert told["status"] == "accepted" and "on_hold" not in told
    with database.reading() as session:
        assert lying(session, "CLIP", "a") == 50 and lying(session, "CLIP", "b") == 49


def test_its_label_is_recorded_and_told(database: Database) -> None:
    """Also where the same read is sent again: whoever lost the answer must hear of it."""
    hold(database)
    read = house.raw_read(label(database))
    for _ in range(2):
        (told,) = house.send(database, "CLIP-1", [read])
        assert told["status"] == "accepted" and told["on_hold"] is True
        assert "on hold" in told["message"]
    with database.reading() as session:
        (known,) = on_hold.lots(session)
        assert (known.lot, known.there) == ("a", [("CLIP", 49), ("STORE", 50)])
        assert known.handed_out == [("CLIP", 1)]
    house.send(database, "CLIP-1", [house.raw_read(house.command("undo"))])
    with database.reading() as session:
        (known,) = on_hold.lots(session)
        assert known.handed_out == []
        house.assert_sound(session)


def test_the_second_code_of_a_box_names_it(database: Database) -> None:
    hold(database)
    gtin, _ = house.GTINS["SER"]
    codes = [house.raw_read(gtin), house.raw_read(house.details("a"))]
    first, second = house.send(database, "CLIP-1", codes)
    assert "on_hold" not in first and second["on_hold"] is True


def test_what_was_handed_out_stays_known_after_closing(database: Database) -> None:
    hold(database)
    house.send(database, "CLIP-1", [house.raw_read(label(database))])
    house.send(database, "CLIP-1", [house.raw_read(house.command("close-shift"))])
    with database.reading() as session:
        (known,) = on_hold.lots(session)
    assert known.handed_out == [("CLIP", 1)]


def test_released_it_is_a_lot_like_others(database: Database) -> None:
    hold(database)
    database.write(lambda session: on_hold.release(session, lot=lot_of(session, "SER", "a")))
    (told,) = house.send(database, "CLIP-1", [house.raw_read(label(database))])
    assert told["message"] == "Recorded." and "on_hold" not in told
    with database.reading() as session:
        assert on_hold.lots(session) == []


def test_looked_up_it_says_so(database: Database) -> None:
    hold(database)
    reads = [house.raw_read(house.command("look-up")), house.raw_read(label(database))]
    told = house.send(database, "CLIP-1", reads)[1]
    assert told["on_hold"] is True and told["message"] == "This lot is on hold: put it aside."


@pytest.mark.parametrize(("mode", "moved"), [("mode-load", 0), ("mode-unload", 1)])
def test_a_load_of_it_is_refused_and_its_way_back_is_not(
    database: Database, mode: str, moved: int
) -> None:
    hold(database)
    reads = [house.raw_read(house.command(mode)), house.raw_read(label(database))]
    told = house.send(database, "CLIP-1", reads)[1]
    assert told["status"] == ("accepted" if moved else "ignored")
    assert told["on_hold"] is True
    with database.reading() as session:
        assert lying(session, "STORE", "a") == 50 + moved
        assert lying(session, "CLIP", "a") == 50 - moved


def lying(session: Session, place: str, lot: str) -> int:
    there = ledger.available(
        session,
        place_id=catalogue.place(session, place).id,
        item_id=catalogue.item(session, "SER").id,
        with_on_hold=True,
    )
    number = lot_of(session, "SER", lot).id
    return sum(one.pieces for one in there if one.lot_id == number)
