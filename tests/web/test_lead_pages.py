"""The lead's part of the workshop: kits to make, taking apart, recipes, and lots on hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from inventory import catalogue, days, kits, ledger, on_hold, people, replenish
from inventory.database import Database
from inventory.stations import add_station
from inventory.stock import stock
from inventory.tables import Batch, BatchLot, Bench, Item, Lot, Move, PlaceItem, Recipe
from inventory.words import Mode, Role
from inventory.workshop import finishing
from labels.house import Kind, house_code
from web import reads

from .conftest import csrf_of
from .counter import BROWSER, last, problems, ready, sign_in
from .keys import scan


@pytest.fixture
def kit_lot(database: Database) -> int:
    """Thirty kits at the workshop, made of what the store had; CLIP wants fifty."""
    with database.writing() as session:
        tad = catalogue.place(session, "TAD")
        made = kits.assemble(
            session,
            kit=catalogue.item(session, "KIT-INJ"),
            count=30,
            from_place=catalogue.place(session, "RESERVE"),
            to_place=tad,
            day=days.today(),
        )
        want(session, {"KIT-INJ": 50})
        return made.lot_id


def want(session: Session, levels: dict[str, int | None]) -> None:
    """The counter wants these, and nobody anything else."""
    session.execute(update(PlaceItem).values(level=None))
    replenish.set_levels(session, place=catalogue.place(session, "CLIP"), levels=levels)


@pytest.fixture
def lead(camille: FlaskClient) -> FlaskClient:
    camille.set_cookie("language", "en")
    return camille


def text_of(client: FlaskClient, address: str) -> str:
    """The words of a page, without its marks."""
    answer = client.get(address, follow_redirects=True)
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def post(client: FlaskClient, address: str, **values: str) -> TestResponse:
    return client.post(address, data={"csrf": csrf_of(client), **values})


def test_others_do_not_come_in(camille: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        people.add_person(session, name="Noor", role=Role.COUNTER, pin="4071")
    camille.post("/sign-in", data={"name": "Noor", "pin": "4071"})
    for address in ("/kits", "/kits/apart", "/recipes/KIT-INJ", "/lots", "/lots/1"):
        assert camille.get(address).status_code == 403
    assert "/kits" not in camille.get("/").text


# Kits to make


@pytest.mark.usefixtures("kit_lot")
def test_what_is_needed_and_what_can_be_made(lead: FlaskClient) -> None:
    page = text_of(lead, "/kits")
    assert "can be made, once the store has brought what is listed below: 20." in page
    assert "20 needed 30 lie ready" in page
    assert "0 can be made with what is here, 1970 with the store." in page
    assert "To fetch from the store first" in page and "Leaflet French 20" in page
    assert "Other kits need the same" not in page


def test_kits_that_share_say_so(lead: FlaskClient, database: Database) -> None:
    """There are leaflets for 60 kits; 100 are wanted, of two kinds that both hold one."""
    with database.writing() as session:
        store = catalogue.place(session, "RESERVE")
        leaflet = catalogue.item(session, "DEPL-FR")
        there = sum(row.pieces for row in stock(session, place="RESERVE", item="DEPL-FR"))
        ledger.transfer(
            session,
            from_place=store,
            to_place=catalogue.place(session, "CLIP"),
            item=leaflet,
            pieces=there - 60,
            day=days.today(),
        )
        want(session, {"KIT-INJ": 50, "KIT-CRACK": 50})
    page = text_of(lead, "/kits")
    assert "Of 100 kits that are needed, 60 can be made." in page
    assert page.count("Other kits need the same: together, 30 of these.") == 2


def test_a_batch_whose_table_is_gone_is_dropped_unless_kits_were_noted(
    lead: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        station = add_station(session, name="TABLE", place="TAD", mode=Mode.ASSEMBLE)
        of_it = {"place_id": station.place_id, "kit_id": catalogue.item(session, "KIT-INJ").id}
        recipe = kits.recipe(session, kit=catalogue.item(session, "KIT-INJ"))
        session.add(Batch(**of_it, recipe_id=recipe.id, day=days.today(), ready=3))
        session.flush()
        session.add(Bench(station_id=station.id, **of_it))
    where = {"place": "TAD", "kit": "KIT-INJ"}
    page = text_of(lead, "/kits")
    assert "noted ready: 3" in page and "Is its table gone?" in page and "Drop" not in page
    assert post(lead, "/kits/drop", **where).status_code == 400
    with database.writing() as session:
        session.execute(update(Batch).values(ready=0))
    assert "Drop Injecting kit" in text_of(lead, "/kits")
    answers = [post(lead, "/kits/drop", **where) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    with database.reading() as session:
        assert not session.scalars(select(Batch)).all() and not session.scalars(select(Bench)).all()
    assert "Being made now" not in text_of(lead, "/kits")


# Taking apart


def test_taken_apart_once_and_undone(lead: FlaskClient, database: Database, kit_lot: int) -> None:
    with database.reading() as session:
        what = f"{catalogue.place(session, 'TAD').id}|{kit_lot}"
    assert "lot K" in text_of(lead, "/kits/apart")
    number = str(uuid4())
    answers = [post(lead, "/kits/apart", number=number, what=what, kits="4") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert there(database, "KIT-INJ") == 26 and there(database, "SER1") == 8
    booked = text_of(lead, answers[0].location)
    assert "kits taken apart" in booked and "Take kits apart" not in booked
    post(lead, "/movements/undo", number=number)
    assert there(database, "KIT-INJ") == 30 and there(database, "SER1") == 0


@pytest.mark.parametrize(
    ("what", "count", "said"),
    [
        ("kits", "31", "Nothing was moved: count the place or ask for less"),
        ("kits", "0", "Expected:"),
        ("", "3", "Something is needed here."),
        ("9|9", "3", "Expected: one of the list."),
        ("nonsense", "3", "Expected: one of the list."),
        ("1|12345678901234567890", "3", "Expected: one of the list."),
    ],
)
def test_what_cannot_be_taken_apart_stands_at_its_field(
    lead: FlaskClient, database: Database, kit_lot: int, what: str, count: str, said: str
) -> None:
    with database.reading() as session:
        before = session.scalar(select(func.count(Move.id)))
        known = f"{catalogue.place(session, 'TAD').id}|{kit_lot}"
    answer = post(lead, "/kits/apart", what=known if what == "kits" else what, kits=count)
    assert answer.status_code == 400 and said in answer.text
    assert f'value="{count}"' in answer.text
    with database.reading() as session:
        assert session.scalar(select(func.count(Move.id))) == before


@pytest.fixture
def beyond(database: Database) -> int:
    """Ninety kits counted where there was material for none."""
    with database.writing() as session:
        tad, kit = catalogue.place(session, "TAD"), catalogue.item(session, "KIT-INJ")
        recipe = kits.recipe(session, kit=kit)
        lots = [catalogue.lot(session, item_id=line.item_id, code="x") for line in recipe.lines]
        lot = kits.new_kit_lot(session, kit, None)
        batch = Batch(place=tad, kit=kit, recipe=recipe, lot=lot, day=days.today())
        session.add(batch)
        session.flush()
        finishing.book(session, batch, lots, 90, days.today())
        session.delete(batch)
        return lot.id


def test_kits_beyond_the_books_are_taken_back_with_one_button(
    lead: FlaskClient, database: Database, beyond: int
) -> None:
    said = "nothing of which 90 kits that were counted could be made"
    assert said in text_of(lead, "/kits") and said in text_of(lead, f"/lots/{beyond}")
    page = lead.get("/kits").text
    (form,) = re.findall(r"<form[^>]*take-back.*?</form>", page, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answers = [lead.post("/kits/take-back", data=fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert there(database, "KIT-INJ") == there(database, "SER1") == 0
    assert said not in text_of(lead, "/kits") and said not in text_of(lead, f"/lots/{beyond}")
    booked = text_of(lead, answers[0].location)
    assert "Kits taken apart" in booked and "to be checked" in booked
    another = lead.post("/kits/take-back", data={**fields, "number": str(uuid4())})
    assert another.status_code == 400 and "Fewer kits are beyond the books by now" in another.text
    undone = lead.post("/movements/undo", data=fields)
    assert "Kits taken apart (Undone)" in text_of(lead, undone.location)
    assert said in text_of(lead, "/kits")


@pytest.mark.parametrize("lot", ["", "x", "99999999", "999999999999"])
def test_what_is_no_lot_is_not_taken_back(lead: FlaskClient, beyond: int, lot: str) -> None:
    answer = post(lead, "/kits/take-back", lot=lot, kits="3")
    assert answer.status_code == 400 and 'role="alert"' in answer.text


def test_kits_on_hold_are_told(lead: FlaskClient, database: Database, kit_lot: int) -> None:
    with database.writing() as session:
        on_hold.put(session, lot=session.get_one(Lot, kit_lot), day=days.today())
    assert "30 lie on hold, and are not counted" in text_of(lead, "/kits")
    assert "(on hold)" in text_of(lead, "/kits/apart")


def there(database: Database, item: str) -> int:
    with database.reading() as session:
        return sum(row.pieces for row in stock(session, place="TAD", item=item))


# Recipes


def lines(**contents: str) -> dict[str, str]:
    """A form of these lines, in their order; underscores stand for hyphens."""
    return {
        field: value
        for number, (code, pieces) in enumerate(contents.items())
        for field, value in (
            (f"item-{number}", code.replace("_", "-")),
            (f"pieces-{number}", pieces),
        )
    }


def versions(database: Database, kit: str = "KIT-INJ") -> dict[int, dict[str, int]]:
    with database.reading() as session:
        item = catalogue.item(session, kit)
        return {
            recipe.version: {line.item.code: line.pieces for line in recipe.lines}
            for recipe in session.scalars(select(Recipe).where(Recipe.item_id == item.id))
        }


def test_a_new_version_sent_twice_is_one(lead: FlaskClient, database: Database) -> None:
    assert 'value="SER1" selected' in lead.get("/recipes/KIT-INJ").text
    form = {"seen": "1", **lines(SER1="3", CUP="2")}
    for _ in range(2):
        answer = post(lead, "/recipes/KIT-INJ", **form)
        assert answer.location == "/recipes/KIT-INJ?kept=2"
    made = versions(database)
    assert sorted(made) == [1, 2] and made[2] == {"SER1": 3, "CUP": 2}
    page = text_of(lead, "/recipes/KIT-INJ?kept=2")
    assert "Kept: new batches go by version 2." in page
    assert "Version 2 · for kits begun now" in page and "Version 1" in page


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (lines(SER1="0"), "Expected:"),
        (lines(SER1="many"), "Expected:"),
        (lines(SER1=""), "Something is needed here."),
        ({"item-0": "", "pieces-0": "7"}, "Something is needed here."),
        (lines(NOWHERE="7"), "Expected: one of the list."),
        (lines(KIT_INJ="7"), "A kit cannot contain itself."),
        (lines(BAG="7"), "or did: a kit cannot contain itself."),
        ({**lines(SER1="7"), "item-1": "SER1", "pieces-1": "7"}, "each article once"),
        ({}, "A kit contains at least one article."),
    ],
)
def test_what_is_no_recipe_stands_at_its_field_and_stays_typed(
    lead: FlaskClient, database: Database, contents: dict[str, str], said: str
) -> None:
    with database.writing() as session:
        names = {f"name_{language}": "BAG" for language in ("fr", "nl", "en")}
        session.add(Item(code="BAG", family="kit", **names))
    assert post(lead, "/recipes/BAG", seen="0", **lines(KIT_INJ="2")).status_code == 303
    answer = post(lead, "/recipes/KIT-INJ", seen="1", **contents)
    assert answer.status_code == 400 and said in answer.text
    for name, value in contents.items():
        kept = f"{value}</option>" if "item" in name and value == "NOWHERE" else f'value="{value}"'
        assert not value or kept in answer.text or value == "KIT-INJ"
    assert sorted(versions(database)) == [1]


def test_whoever_was_faster_is_not_overwritten(lead: FlaskClient, database: Database) -> None:
    post(lead, "/recipes/KIT-INJ", seen="1", **lines(SER1="3"))
    answer = post(lead, "/recipes/KIT-INJ", seen="1", **lines(SER1="4"))
    assert answer.status_code == 400 and "Version 2 was made meanwhile" in answer.text
    assert 'name="seen" value="2"' in answer.text and 'value="4"' in answer.text
    assert post(lead, "/recipes/KIT-INJ", seen="2", **lines(SER1="4")).status_code == 303
    assert versions(database)[3] == {"SER1": 4}


def test_a_line_more_and_a_line_less_keep_what_was_typed(
    lead: FlaskClient, database: Database
) -> None:
    typed = {"seen": "1", **lines(SER1="3", CUP="x")}
    more = post(lead, "/recipes/KIT-INJ", more="yes", **typed)
    assert more.status_code == 200 and 'name="item-3"' in more.text and 'value="x"' in more.text
    less = post(lead, "/recipes/KIT-INJ", less="1", **typed)
    assert 'value="x"' not in less.text and 'value="SER1" selected' in less.text
    assert sorted(versions(database)) == [1]


# Lots on hold


def test_put_on_hold_and_released_by_its_page(
    lead: FlaskClient, database: Database, kit_lot: int
) -> None:
    with database.reading() as session:
        code = session.get_one(Lot, kit_lot).code
    assert lead.get(f"/lots?lot={code}").location == f"/lots/{kit_lot}"
    label = house_code(Kind.LOT, kit_lot)
    assert lead.get(f"/lots?lot={label}").location == f"/lots/{kit_lot}"
    for _ in range(2):
        assert post(lead, f"/lots/{kit_lot}", what="hold").status_code == 303
    page = text_of(lead, "/lots")
    assert f"lot {code}" in page and "Atelier TAD : 30" in page and "To be checked" not in page
    read = {"id": str(uuid4()), "code": label, "at": days.now().isoformat()}
    done = reads.record(database, station="CLIP", raw_reads=[read], language="en")
    assert done is not None and done.results[0]["on_hold"] is True
    assert "To be checked, handed out since that day: Comptoir CLIP 1" in text_of(lead, "/lots")
    assert "To be checked" in text_of(lead, f"/lots/{kit_lot}")
    for _ in range(2):
        assert post(lead, f"/lots/{kit_lot}", what="release").status_code == 303
    assert "No lot is on hold." in text_of(lead, "/lots")


def test_a_component_on_hold_names_the_kits_that_lie_somewhere(
    lead: FlaskClient, database: Database, kit_lot: int
) -> None:
    """Until they are on hold themselves, in amber."""
    with database.reading() as session:
        code = session.get_one(Lot, kit_lot).code
        (part,) = session.scalars(select(Lot.id).where(Lot.code == "S1A2511"))
    post(lead, f"/lots/{part}", what="hold")
    page = lead.get("/lots").text
    assert f'<a href="/lots/{kit_lot}">' in page and 'class="pill warn"' in page
    assert f"lot {code} : 30" in text_of(lead, "/lots")
    post(lead, f"/lots/{kit_lot}", what="hold")
    assert f"lot {code} : 30 (on hold)" in text_of(lead, "/lots")
    assert 'class="pill warn"' not in lead.get("/lots").text


def test_a_component_on_hold_names_the_kits_being_made(
    lead: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        kit = catalogue.item(session, "KIT-INJ")
        of_it = {"place_id": catalogue.place(session, "TAD").id, "kit_id": kit.id}
        recipe = kits.recipe(session, kit=kit)
        session.add(Batch(**of_it, recipe_id=recipe.id, day=days.today(), ready=5))
        session.flush()
        (part,) = session.scalars(select(Lot.id).where(Lot.code == "S1A2511"))
        session.add(BatchLot(**of_it, lot_id=part))
    post(lead, f"/lots/{part}", what="hold")
    assert 'class="pill warn"' in lead.get("/lots").text
    page = text_of(lead, "/lots")
    assert "In kits being made:" in page and "Atelier TAD : 5" in page


@pytest.mark.usefixtures("kit_lot")
def test_a_component_leads_to_its_kits(lead: FlaskClient) -> None:
    page = text_of(lead, "/lots?lot=S1A2511&item=SER1")
    assert "Kits it went into" in page and "Modus Vivendi" in page


def test_a_lot_nobody_knows_is_said_at_the_field(lead: FlaskClient) -> None:
    answer = lead.get("/lots?lot=NOSUCH")
    assert answer.status_code == 404 and 'value="NOSUCH"' in answer.text
    assert 'aria-describedby="lot-fault"' in answer.text
    assert lead.get("/lots/999999").status_code == 404


def test_pieces_without_a_lot_offer_no_hold(lead: FlaskClient, database: Database) -> None:
    with database.reading() as session:
        item_id = catalogue.item(session, "DEPL-FR").id
        lot_id = session.scalars(select(Lot.id).where(Lot.item_id == item_id)).one()
    assert "Put it on hold" not in lead.get(f"/lots/{lot_id}").text
    answer = post(lead, f"/lots/{lot_id}", what="hold")
    assert answer.status_code == 400 and "no lot that could be told from others" in answer.text


# In a browser


def in_a_browser(test: Callable[..., None]) -> Callable[..., None]:
    for mark in BROWSER:
        test = mark(test)
    return test


@in_a_browser
def test_a_lot_on_hold_is_amber_at_the_counter(page: Page, kit_lot: int) -> None:
    """The lead stops it; whoever scans its label sees amber, hears an alert, and it is recorded all the same."""
    sign_in(page)
    page.goto(f"/lots/{kit_lot}")
    assert problems(page) == []
    page.get_by_role("button", name="Put it on hold").click()
    expect(page.get_by_role("status")).to_contain_text("On hold since")
    assert problems(page) == []
    page.goto("/stations/CLIP")
    ready(page)
    scan(page, house_code(Kind.LOT, kit_lot))
    last(page, "Injecting kit", "+1")
    expect(page.locator("#last.warn")).to_contain_text("This lot is on hold")
    expect(page.locator("#alert")).to_contain_text("This lot is on hold")
    page.goto("/lots")
    expect(page.get_by_text("To be checked")).to_be_visible()
    assert problems(page) == []


@in_a_browser
@pytest.mark.parametrize("width", [1366, 640, 390])
def test_the_pages_have_nothing_for_axe_and_fit(
    page: Page, kit_lot: int, beyond: int, width: int
) -> None:
    sign_in(page)
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/kits", "/kits/apart", "/recipes/KIT-INJ", "/lots", f"/lots/{beyond}"):
        page.goto(address)
        assert problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/recipes/KIT-INJ")
    page.locator("#pieces-1").fill("none")
    page.locator("#pieces-1").press("Enter")
    expect(page.locator("#pieces-1[aria-invalid=true]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    fields = [page.locator(f"#{name}-1").bounding_box() for name in ("item", "pieces")]
    assert width < 520 or len({box and box["y"] for box in fields}) == 1, "one row"


@in_a_browser
def test_a_recipe_is_changed_by_keyboard_alone(page: Page, database: Database) -> None:
    sign_in(page)
    page.goto("/recipes/KIT-INJ")
    page.locator("#pieces-0").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("version 2")
    assert versions(database)[2]["SER1"] == 5
