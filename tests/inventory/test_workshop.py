"""Kits are made by reads, at one table or several: every kit is booked once, and nothing is refused that exists."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from inventory import backup, catalogue, days, ledger, on_hold, printing
from inventory.database import Database, sqlite_url
from inventory.errors import NotAllowed
from inventory.tables import (
    Assembly,
    Item,
    Lot,
    Move,
    PrintJob,
    Read,
    ReadSeen,
    Recipe,
    RecipeLine,
    Shift,
)
from inventory.words import Reason

from . import benches, house
from .benches import LASTS, TODAY, Table, gs1, kit_label, lot_label
from .house import command


@pytest.fixture
def other(shop: Database) -> Table:
    return Table(shop, benches.TABLES[1])


def test_a_whole_session_by_scanner(table: Table, shop: Database) -> None:
    shows = table.shows
    assert shows["phase"] == "choose"
    assert [(kit["item"], kit["can_be_made"], kit["under_way"]) for kit in shows["kits"]] == [
        ("KIT", True, False)
    ]
    assert table.say(shows["kits"][0]["code"]) == ["chosen"]
    shows = table.shows
    assert shows["phase"] == "lots" and [part["confirmed"] for part in shows["components"]] == [
        False,
        False,
        False,
    ]
    assert table.say(gs1("SER", "soon"), gs1("AIG", "soon")) == ["confirmed", "confirmed"]
    assert table.touch("CUP") == ["all-confirmed"]
    shows = table.shows
    assert (shows["phase"], shows["expires"]) == ("making", LASTS["soon"].isoformat())
    assert shows["lot"].startswith("K")
    label = kit_label(shows)
    assert table.say(label, label) == ["ready", "ready"]
    assert table.press("kits-10", "kits-5", "redo") == ["ready", "ready", "redone"]
    assert table.shows["ready"] == 16
    assert table.press("finish", "kits-10", "kits-5") == ["counting", "counted", "counted"]
    assert table.press("finish") == ["finished-fewer"]
    assert table.shows["phase"] == "choose"
    with shop.reading() as session:
        benches.assert_booked(session, [15])
        assert benches.left_open(session) == 0
        stock = house.stock_by_place(session)
        assert stock["SHOP", "KIT"] == 15
        assert stock["SHOP", "SER"] == 1000 - 15 * benches.RECIPE["SER"]
        assert session.scalars(select(Shift)).all() == []


def test_a_repeat_changes_nothing(table: Table, shop: Database) -> None:
    """Each read three times, in whatever state the table is by then; the recount too."""
    table.begin()
    codes = [command(name) for name in ("kits-5", "redo", "finish", "kits-1", "finish")]
    ids = [uuid4() for _ in codes]
    first = table.send(codes, ids)
    assert first.results[-1]["workshop"]["tell"] == "finished-fewer"
    for again in (table.send(codes, ids), table.send(codes[::-1], ids[::-1])):
        assert all(one["already_recorded"] and "workshop" not in one for one in again.results)
        assert again.batch is None
    with shop.reading() as session:
        benches.assert_booked(session, [1])
        statuses = session.scalars(select(ReadSeen.status)).all()
        assert set(statuses) == {"accepted"}
        assert session.scalars(select(Read)).all() == []


def test_several_tables_make_one_batch(table: Table, other: Table, shop: Database) -> None:
    table.begin()
    table.press("kits-5")
    assert other.shows["kits"][0]["under_way"]
    assert other.touch("KIT") == ["chosen"]
    assert other.press("kits-10") == ["ready"]
    assert table.shows["ready"] == other.shows["ready"] == 15
    assert table.press("leave") == ["left"]
    assert other.press("kits-1") == ["ready"]
    assert table.say(kit_label(other.shows)) == ["chosen"]
    assert table.shows["ready"] == 16
    assert other.press("finish") == ["counting"]
    assert (other.shows["phase"], table.shows["phase"]) == ("counting", "making")
    table.press("kits-1")
    assert other.finish(17) == "finished"
    assert table.shows["phase"] == other.shows["phase"] == "choose"
    with shop.reading() as session:
        benches.assert_booked(session, [17])


def test_what_comes_after_the_recount_is_told_and_books_nothing(
    table: Table, other: Table, shop: Database
) -> None:
    """The kits on the table were counted; whether a late one was among them only a person can see."""
    table.begin()
    other.touch("KIT")
    label = kit_label(table.shows)
    table.press("kits-5")
    assert table.finish(5) == "finished"
    told = other.press("kits-1", "redo", "labels-10", "finish", "digit-1")
    assert told == ["not-under-way"] * 4 + ["not-here"]
    assert other.say(label) == ["already-counted"]
    with shop.reading() as session:
        benches.assert_booked(session, [5])
        assert benches.left_open(session) == 0


def test_what_a_table_kept_waits_for_its_own_recount(
    table: Table, other: Table, shop: Database
) -> None:
    """It had no network, and made kits by itself while the others finished."""
    table.begin()
    table.press("kits-5")
    table.finish(5)
    parts = [house.picture(shop, item) for item in ("KIT", *benches.PARTS)]
    kept = [*parts, command("kits-10")]
    other.send(kept, at=days.now() - timedelta(hours=2))
    assert (other.shows["phase"], other.shows["ready"]) == ("making", 10)
    assert other.finish(9) == "finished-fewer"
    with shop.reading() as session:
        benches.assert_booked(session, [5, 9])


def test_leaving_loses_nothing_and_an_empty_batch_goes(table: Table, shop: Database) -> None:
    table.touch("KIT", "SER")
    assert table.press("leave") == ["left"]
    assert table.shows["kits"][0]["under_way"]
    table.touch("KIT")
    assert [part["confirmed"] for part in table.shows["components"]] == [True, False, False]
    assert table.press("finish") == ["finished-none"]
    table.touch("KIT")
    table.press("leave")
    assert not table.shows["kits"][0]["under_way"]
    with shop.reading() as session:
        assert benches.left_open(session) == 0
        assert session.scalars(select(Assembly)).all() == []


# Components


def test_kits_exist_whatever_the_books_say(database: Database) -> None:
    """What the books have too little of comes from `unaccounted`, for the lead to look at."""
    benches.set_up(database)
    with database.writing() as session:
        for item in benches.PARTS:
            benches.stock(session, item, "soon", 3)
    table = Table(database)
    table.begin()
    assert table.finish(5) == "finished-more"
    with database.reading() as session:
        benches.assert_booked(session, [5])
        short = {
            item: ledger.shortfall(session, item_id=catalogue.item(session, item).id)
            for item in benches.PARTS
        }
        reasons = session.scalars(select(Move.recorded_at).where(Move.reason == Reason.SHORTFALL))
        assert list(reasons) == [None] * 3
    assert short == {item: 5 * benches.RECIPE[item] - 3 for item in benches.PARTS}


def test_a_box_that_ended_is_followed_by_the_next(table: Table, shop: Database) -> None:
    """A picture is touched once: the lots that lie there are taken before anything is short, but for one that would
    make the kits expire sooner than they say."""
    with shop.writing() as session:
        benches.stock(session, "SER", "later", 10)
        benches.stock(session, "SER", "today", 10)
    table.touch("KIT")
    assert table.say(lot_label(shop, "SER", "soon")) == ["confirmed"]
    table.touch("AIG", "CUP")
    with shop.writing() as session:  # somebody counts: nearly all of the lot is gone
        place, item = catalogue.place(session, "SHOP"), catalogue.item(session, "SER")
        ledger.correct(session, place=place, item=item, lot="soon", counted=4, day=TODAY)
    assert table.say(command("kits-10"), command("kits-10")) == ["ready", "ready"]
    table.finish(20)
    with shop.reading() as session:
        benches.assert_booked(session, [20])
        rows = session.execute(
            select(Lot.code, Move.pieces)
            .join(Lot, Lot.id == Move.lot_id)
            .join(Item, Item.id == Lot.item_id)
            .where(Move.reason == Reason.ASSEMBLY, Item.code == "SER")
            .order_by(Move.id)
        )
        assert dict(rows.all()) == {"soon": 10, "later": 10}
        assert house.stock_by_place(session)["SHOP", "SER"] == 10


def test_the_lots_proposed_may_be_used(table: Table, shop: Database) -> None:
    with shop.writing() as session:
        benches.stock(session, "SER", "gone", 10)
        benches.stock(session, "SER", "later", 10)
        soon = catalogue.known_lot(session, item_id=catalogue.item(session, "SER").id, code="soon")
        assert soon is not None
        on_hold.put(session, lot=soon, day=TODAY)
    table.touch("KIT")
    parts = {part["item"]: part for part in table.shows["components"]}
    assert parts["SER"]["proposed"]["lot"] == "later"
    told = table.say(lot_label(shop, "SER", "gone"), lot_label(shop, "SER", "soon"))
    assert told == ["expired", "on-hold"]
    assert table.touch("SER") == ["confirmed"]


def test_a_lot_put_on_hold_meanwhile_stops_making(table: Table, shop: Database) -> None:
    table.begin()
    table.press("kits-5")
    with shop.writing() as session:
        soon = catalogue.known_lot(session, item_id=catalogue.item(session, "AIG").id, code="soon")
        assert soon is not None
        on_hold.put(session, lot=soon, day=TODAY)
    assert table.press("kits-1") == ["lot-stopped"]
    assert [part["stopped"] for part in table.shows["components"]] == [False, True, False]
    assert table.finish(5) == "finished"
    with shop.reading() as session:
        benches.assert_booked(session, [5])
        assert ledger.shortfall(session, item_id=catalogue.item(session, "AIG").id) == 0


def test_nothing_here_stops(database: Database) -> None:
    benches.set_up(database)
    table = Table(database)
    assert not table.shows["kits"][0]["can_be_made"]
    told = table.touch("KIT", "SER", "AIG", "CUP")
    assert told == ["chosen", "none-left", "none-left", "confirmed"]
    assert [part["lacks"] for part in table.shows["components"]] == ["none-left", "none-left", None]
    assert table.say(house.GTINS["SER"][0]) == ["no-lot"]  # it is there: somebody holds it


def test_a_picture_of_what_may_not_be_used_says_why(database: Database) -> None:
    """A box that is there and booked by nobody can still be scanned: kits that exist are to be counted."""
    benches.set_up(database)
    with database.writing() as session:
        benches.stock(session, "SER", "gone", 10)
        benches.stock(session, "SER", "soon", 10)
        benches.stock(session, "AIG", "gone", 10)
        item = catalogue.item(session, "SER")
        soon = catalogue.known_lot(session, item_id=item.id, code="soon")
        assert soon is not None
        on_hold.put(session, lot=soon, day=TODAY)
    table = Table(database)
    assert table.touch("KIT", "SER", "AIG", "CUP") == ["chosen", "on-hold", "expired", "confirmed"]
    lacks = [part["lacks"] for part in table.shows["components"]]
    assert lacks == ["on-hold", "expired", None]
    told = table.say(gs1("SER", "later"), gs1("AIG", "later"))
    assert told == ["confirmed", "all-confirmed"]
    assert [part["lacks"] for part in table.shows["components"]] == [None] * 3


def test_a_batch_keeps_its_recipe(table: Table, other: Table, shop: Database) -> None:
    table.begin()
    table.press("kits-5")
    with shop.writing() as session:
        kit, cup = catalogue.item(session, "KIT"), catalogue.item(session, "CUP")
        recipe = Recipe(item_id=kit.id, version=3)
        session.add(recipe)
        session.flush()
        session.add(RecipeLine(recipe_id=recipe.id, item_id=cup.id, pieces=1))
    other.touch("KIT")
    assert len(other.shows["components"]) == 3
    table.finish(5)
    table.touch("KIT", "CUP")
    assert [part["item"] for part in table.shows["components"]] == ["CUP"]
    assert table.finish(2) == "finished-more"
    with shop.reading() as session:
        benches.assert_booked(session, [5, 2])


# Labels


def test_labels_go_through_the_queue_of_the_station(database: Database) -> None:
    benches.set_up(database, printer="tcp://192.0.2.7:9100")
    database.write(benches.plenty)
    table = Table(database)
    table.begin()
    assert table.press("labels-10", "labels-1") == ["labels", "labels"]
    late = table.send([command("labels-20")], at=days.now() - timedelta(minutes=11))
    assert late.results[0]["workshop"]["tell"] == "too-late"
    assert (table.shows["labels"], late.session["print"]["state"]) == (11, "queued")
    with database.writing() as session:
        jobs = session.scalars(select(PrintJob).order_by(PrintJob.id)).all()
        assert [(job.what, job.copies, job.shift_id) for job in jobs] == [
            (printing.KIT_LABELS, 10, None),
            (printing.KIT_LABELS, 1, None),
        ]
        assert {job.lot.code for job in jobs if job.lot} == {table.shows["lot"]}
        printing.claim(session, station_id=jobs[0].station_id, job_id=jobs[0].id)
        printing.report(
            session, station_id=jobs[0].station_id, job_id=jobs[0].id, state=printing.State.PRINTED
        )
        assert session.scalars(select(PrintJob.copies)).all() == [1]


def test_the_tally_again_repeats_no_labels(database: Database) -> None:
    benches.set_up(database, printer="tcp://192.0.2.7:9100")
    database.write(benches.plenty)
    table = Table(database)
    table.begin()
    table.press("labels-20")
    with database.writing() as session:
        station_id = benches.station(session).id
        (job,) = printing.unfinished(session, station_id=station_id)
        printing.claim(session, station_id=station_id, job_id=job.id)
        unknown = printing.State.UNKNOWN
        printing.report(session, station_id=station_id, job_id=job.id, state=unknown)
        with pytest.raises(NotAllowed):
            printing.tally(session, station_id=station_id, shift_id=None)
        with pytest.raises(NotAllowed):
            printing.again(session, station_id=station_id)
        assert (job.state, job.copy) == (unknown, False)
    paper = table.send([command("help")]).session["print"]
    assert (paper["lot"], paper["copies"]) == (table.shows["lot"], 20)


# What is kept


@pytest.mark.parametrize("with_shift", [False, True])
def test_of_a_read_only_its_hash_is_kept(table: Table, shop: Database, with_shift: bool) -> None:
    """Also where the station has a shift open, because its mode was changed and changed back."""
    if with_shift:
        table.press("mode-hand-out")
        table.touch("SER")
        table.press("mode-assemble")
    with shop.reading() as session:
        before = session.scalar(select(func.count()).select_from(Read))
    table.begin()
    table.press("kits-5")
    table.finish(5)
    with shop.reading() as session:
        benches.assert_booked(session, [5])
        assert session.scalar(select(func.count()).select_from(Read)) == before
        assert session.scalar(select(func.count()).select_from(ReadSeen)) == 8
        assert len(session.scalars(select(Shift)).all()) == int(with_shift)


def test_a_backup_keeps_what_is_being_made(table: Table, shop: Database, tmp_path: Path) -> None:
    table.begin()
    table.press("kits-5")
    backup.backup(shop, tmp_path / "copy.backup")
    restored = Database(sqlite_url(tmp_path / "restored.db"))
    backup.restore(restored, tmp_path / "copy.backup")
    again = Table(restored)
    assert again.shows["ready"] == 5
    assert again.finish(5) == "finished"
    with restored.reading() as session:
        benches.assert_booked(session, [5])
    restored.close()
