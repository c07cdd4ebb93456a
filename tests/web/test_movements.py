"""The page of movements: what forms book, what they refuse and keep, twice the same, undone; by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from inventory import catalogue, days, desk, ledger, loans, opening_days, tally
from inventory.database import Database
from inventory.stock import stock
from inventory.tables import Booking, Item, Move
from inventory.verify import verify
from web.example import PERSON, PIN
from web.movements import MOVEMENTS

from .conftest import csrf_of
from .counter import BROWSER, problems

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def sound(database: Database) -> Iterator[None]:
    """Whatever was booked, the books are right afterwards."""
    yield
    with database.reading() as session:
        report = verify(session)
    assert report.ok, report.faults


@pytest.fixture(autouse=True)
def _sound(sound: None) -> None:
    """For every test here."""


class Desk:
    """A browser of somebody who sends forms."""

    def __init__(self, client: FlaskClient, database: Database) -> None:
        self.client, self.database = client, database
        self.csrf = csrf_of(client)

    def send(self, form: str, number: str | None = None, **values: str) -> str:
        """The address of what was booked."""
        answer = self.post(form, number, **values)
        assert answer.status_code == 303, answer.text
        return answer.location or ""

    def post(self, form: str, number: str | None = None, **values: str) -> TestResponse:
        data = {"csrf": self.csrf, "number": number or str(uuid4()), **values}
        return self.client.post(f"/movements/{form}", data=data, headers=ENGLISH)

    def undo(self, address: str) -> int:
        found = re.search(r"number=([0-9a-f-]+)", address)
        assert found
        data = {"csrf": self.csrf, "number": found[1]}
        return self.client.post("/movements/undo", data=data).status_code

    def there(self, place: str, item: str) -> int:
        with self.database.reading() as session:
            return sum(row.pieces for row in stock(session, place=place, item=item))

    def moves(self) -> int:
        with self.database.reading() as session:
            return len(session.scalars(select(Move)).all())


@pytest.fixture
def at(camille: FlaskClient, database: Database) -> Desk:
    return Desk(camille, database)


LEND = {"partner": "TRANSIT", "from": "RESERVE", "item": "SER1", "pieces": "200"}
BORROW = {"partner": "TRANSIT", "to": "CLIP", "item": "SER1", "pieces": "60"}


def test_loans_both_ways(at: Desk, database: Database) -> None:
    before = at.there("RESERVE", "SER1")
    at.send("lend", **LEND)
    at.send("borrow", **BORROW, lot="T55", expires="2028-01-31")
    page = at.client.get("/movements", headers=ENGLISH).text
    assert ">200 <" in page and ">60 <" in page
    at.send("give-back", **{**LEND, "pieces": "50"})
    at.send("take-back", **{**BORROW, "pieces": "120"})
    with database.reading() as session:
        (loan,) = loans.loans(session)
    assert (loan.theirs_to_give_back, loan.ours_to_give_back) == (80, 10)
    assert at.there("RESERVE", "SER1") == before - 250
    assert at.there("CLIP", "SER1") == 180


def test_a_form_sent_twice_books_once(at: Desk) -> None:
    number = str(uuid4())
    first = at.send("lend", number, **LEND)
    moves = at.moves()
    assert at.send("lend", number, **LEND) == first
    assert at.moves() == moves
    changed = at.post("lend", number, **{**LEND, "pieces": "300"})
    assert changed.status_code == 400 and "was sent before" in changed.text
    assert 'value="300"' in changed.text and number not in changed.text
    assert at.moves() == moves


@pytest.mark.parametrize(
    ("form", "values"),
    [("lend", LEND), ("borrow", BORROW), ("loss", {**LEND, "why": "vanished"})],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_booked_can_be_undone_once(at: Desk, form: str, values: dict[str, str]) -> None:
    places = ("RESERVE", "CLIP", "TRANSIT")
    before = [at.there(place, "SER1") for place in places]
    booked = at.send(form, **values)
    assert [at.there(place, "SER1") for place in places] != before
    assert at.undo(booked) == 303
    assert at.undo(booked) == 303
    assert [at.there(place, "SER1") for place in places] == before
    page = at.client.get(booked, headers=ENGLISH).text
    assert "Undone" in page and page.count("<tr>") == 2


def test_what_went_on_is_not_undone(at: Desk) -> None:
    booked = at.send("borrow", **BORROW)
    at.send("loss", **{"from": "CLIP", "item": "SER1", "pieces": "1", "why": "broken"})
    moves = at.moves()
    assert at.undo(booked) == 400
    assert at.moves() == moves


@pytest.mark.parametrize(
    ("form", "wrong", "field"),
    [
        ("lend", {"pieces": "x"}, "pieces"),
        ("lend", {"pieces": "900000"}, "pieces"),
        ("lend", {"item": ""}, "item"),
        ("lend", {"partner": ""}, "partner"),
        ("borrow", {"expires": "2028-01-31"}, "lot"),
        ("borrow", {"expires": "31/31/2028", "lot": "A"}, "expires"),
        ("loss", {"why": ""}, "why"),
        ("come-in", {"item": ""}, "item"),
        ("come-in", {"item": "", "name_fr": "Gants"}, "family"),
        ("come-in", {"name_fr": "Gants"}, "item"),
        ("street", {"measured": "2,5555"}, "measured"),
        ("street", {"measured": "0"}, "measured"),
        ("street", {"day": str(days.today() + timedelta(days=1))}, "day"),
        ("street", {"day": "2031-11-20"}, "day"),
        ("quarantine", {"waiting": ""}, "waiting"),
    ],
)
def test_a_fault_stands_at_its_field(
    at: Desk, form: str, wrong: dict[str, str], field: str
) -> None:
    right = {**LEND, "to": "CLIP", "why": "broken", "source": "donation", "place": "SAC1"}
    right |= {"day": str(days.today()), "how": "returned-kilograms", "measured": "2,5"}
    moves = at.moves()
    answer = at.post(form, **{**right, **wrong})
    assert answer.status_code == 400
    assert f'id="{field}-fault"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    for name, value in {**right, **wrong}.items():
        if value and f'<input id="{name}"' in answer.text:
            assert f'value="{value}"' in answer.text
    assert at.moves() == moves


@pytest.mark.parametrize("what", ["NOWHERE", "lost", "QUARANTAINE", "TRANSIT"])
def test_a_place_that_is_none_of_ours(at: Desk, what: str) -> None:
    answer = at.post("lend", **{**LEND, "from": what})
    assert answer.status_code == 400 and 'role="alert"' in answer.text


def test_an_article_made_on_the_spot(at: Desk, database: Database) -> None:
    at.send(
        "come-in",
        source="donation",
        to="CLIP",
        name_nl="Handschoenen, maat L",
        family="hygiene",
        pieces="40",
    )
    at.send(
        "come-in",
        source="shop",
        to="CLIP",
        name_fr="Gants taille L",
        family="care",
        dated="yes",
        pieces="7",
    )
    with database.reading() as session:
        gloves = catalogue.item(session, "HANDSCHOENEN-MAAT-L")
        assert (gloves.name_fr, gloves.dated) == ("Handschoenen, maat L", False)
        assert catalogue.item(session, "GANTS-TAILLE-L").dated
        rows = {row.item: (row.lot, row.pieces) for row in stock(session, place="CLIP")}
        reasons = set(session.scalars(select(Move.reason).where(Move.item_id == gloves.id)))
    assert rows["HANDSCHOENEN-MAAT-L"] == ("", 40)
    assert rows["GANTS-TAILLE-L"] == ("unknown", 7)
    assert reasons == {"donation"}


def test_a_refused_donation_leaves_no_article(at: Desk, database: Database) -> None:
    wrong = {"source": "donation", "to": "lost", "name_fr": "Gants", "family": "care"}
    assert at.post("come-in", **wrong, pieces="7").status_code == 400
    with database.reading() as session:
        assert session.scalar(select(Item).where(Item.name_fr == "Gants")) is None
        assert session.scalars(select(Booking)).all() == []


def put_in_quarantine(database: Database) -> str:
    """Twelve syringes; how the form names them."""
    with database.writing() as session:
        ledger.transfer(
            session,
            from_place=catalogue.place(session, "RESERVE"),
            to_place=catalogue.place(session, "QUARANTAINE"),
            item=catalogue.item(session, "SER1"),
            pieces=12,
            day=days.today(),
        )
        (row,) = desk.waiting(session)
    return f"{row.place}|{row.item}|{row.lot}"


def test_quarantine_back_into_stock_or_away(at: Desk, database: Database) -> None:
    waiting = put_in_quarantine(database)
    assert waiting in at.client.get("/movements/quarantine").text
    at.send("quarantine", waiting=waiting, pieces="5", to="CLIP")
    at.send("quarantine", waiting=waiting, pieces="7", to="disposed")
    assert at.there("CLIP", "SER1") == 5
    with database.reading() as session:
        assert desk.waiting(session) == []


def test_an_empty_quarantine_asks_nothing(at: Desk) -> None:
    page = at.client.get("/movements/quarantine", headers=ENGLISH).text
    assert "Nothing lies in quarantine" in page
    assert 'name="waiting"' not in page and "Book it" not in page


def test_a_refusal_speaks_of_articles_and_places_by_their_names(at: Desk) -> None:
    values = {"partner": "TRANSIT", "from": "CLIP", "item": "SER1", "pieces": "900000"}
    page = at.post("lend", **values).text
    (fault,) = re.findall(r'id="pieces-fault">.*?</svg>(.*?)</p>', page)
    assert "Comptoir CLIP holds" in fault and "1\xa0ml" in fault
    assert "SER1" not in fault
    owed = at.post("give-back", **values).text
    assert "of SER1" not in owed and "We owe" in owed


def test_picked_up_in_the_street(at: Desk, database: Database) -> None:
    day = days.today() - timedelta(days=2)
    picked = {"place": "SAC1", "day": str(day), "how": "returned-kilograms"}
    booked = at.send("street", **picked, measured="0,78")
    with database.reading() as session:
        (row,) = tally.tally(session, first=day, last=day).returns
        bag = catalogue.place(session, "SAC1").id
        opened = opening_days.openings(session, place_id=bag, first=day, last=day)
    assert (
        opened[day] is not opening_days.Opening.OPEN
    )  # that somebody was out there says nothing of it
    assert (row.origin, row.channel, row.pieces) == ("street", "maraude", 100)
    assert "0.78 kg" in at.client.get(booked, headers=ENGLISH).text
    assert at.undo(booked) == 303
    with database.reading() as session:
        assert tally.tally(session, first=day, last=day).returns == []


# In a browser

pages = [*(f"/movements/{name}" for name in MOVEMENTS), "/movements"]


class TestInABrowser:
    pytestmark = BROWSER

    @pytest.fixture
    def desk(self, page: Page) -> Page:
        page.goto("/sign-in")
        page.locator("#name").fill(PERSON)
        page.locator("#pin").fill(PIN)
        page.keyboard.press("Enter")
        expect(page.locator(".desks").first).to_be_visible()
        return page

    def test_by_keyboard_alone(self, desk: Page) -> None:
        desk.goto("/movements/lend")
        desk.locator("#partner").focus()
        for words in ("Transit", "Réserve", "Syringe 1 ml fixed", "200"):
            desk.keyboard.type(words)
            desk.keyboard.press("Tab")
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("status")).to_be_visible()
        expect(desk.locator("tbody td").last).to_have_text("200")
        undo = desk.locator("form[action$=undo] button")
        undo.focus()
        desk.keyboard.press("Enter")
        expect(desk.locator(".pill.warn")).to_be_visible()

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_axe_finds_nothing(self, desk: Page, theme: str, database: Database) -> None:
        desk.goto("/movements/quarantine")
        assert problems(desk) == [], "nothing waits there"
        put_in_quarantine(database)
        desk.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        found = {}
        for address in pages:
            desk.goto(address)
            found[address] = problems(desk)
            if address != "/movements":
                desk.locator("button.main").click()
                expect(desk.get_by_role("alert")).to_be_visible()
                found[address] += problems(desk)
        assert not any(found.values()), found
