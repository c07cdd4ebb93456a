"""Signing in: who may, for how long, and what a page of another site cannot do."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import days, people, sign_ins
from inventory.database import Database
from inventory.tables import Person, SignIn
from inventory.words import Role
from web import access
from web.example import PERSON, PIN

from .conftest import csrf_of

COST = ["argon2id", "v=19", "m=65536,t=3,p=4"]
HASHER = people._hasher  # The product's own: tests get a quick one.
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("pin", ["", "123", "12a4", "१२३४", "1" * 33])
def test_a_pin_is_at_least_four_digits(database: Database, pin: str) -> None:
    with pytest.raises(people.NotAPin), database.writing() as session:
        people.add_person(session, name="Noor", role=Role.COUNTER, pin=pin)


@pytest.mark.parametrize("name", ["", "   ", "a\x07b", "x" * 61])
def test_a_name_is_visible_and_short(database: Database, name: str) -> None:
    with pytest.raises(people.NotAName), database.writing() as session:
        people.add_person(session, name=name, role=Role.COUNTER, pin="4071")


def test_name_and_pin_go_together_however_capitals_are_typed(database: Database) -> None:
    with database.writing() as session:
        people.add_person(session, name="Éloïse  D.", role=Role.FIELD, pin="4071")
        found = people.check_pin(session, name="ÉLOÏSE D.", pin="4071")
        assert found is not None and found.name == "Éloïse D."
        assert people.check_pin(session, name="Éloïse D.", pin="4072") is None
        assert people.check_pin(session, name="Nobody", pin="4071") is None
        assert "4071" not in found.pin_hash and found.pin_hash.startswith("$argon2id$")


def test_a_pin_costs_a_thief_what_argon2_advises() -> None:
    """The second choice of RFC 9106, section 4."""
    assert HASHER.hash("4071").split("$")[1:4] == COST


def test_an_unknown_name_costs_as_much_as_a_wrong_pin(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def verify(pin: str, hash_: str) -> bool:
        checked.append(hash_)
        return False

    monkeypatch.setattr(people._hasher, "verify", verify)
    with database.reading() as session:
        people.check_pin(session, name=PERSON, pin="0000")
        people.check_pin(session, name="Nobody", pin="0000")
    known, unknown = (hash_.split("$")[1:4] for hash_ in checked)
    assert known == unknown


def test_a_sign_in_knows_days_and_no_times(database: Database) -> None:
    with database.writing() as session:
        person_id = session.scalars(select(Person.id)).one()
        token = sign_ins.open_sign_in(session, person_id=person_id, today=TODAY, device="Firefox")
        tomorrow, then = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
        assert sign_ins.sign_in_of(session, token=token, today=tomorrow) is not None
        assert sign_ins.sign_in_of(session, token=token, today=then) is None
        sign_ins.renew(session, token=token, today=tomorrow)
        assert sign_ins.sign_in_of(session, token=token, today=then) is not None
        assert sign_ins.sign_in_of(session, token=token + "x", today=TODAY) is None
        kept = session.scalars(select(SignIn)).one()
        assert kept.hash == hashlib.sha256(token.encode()).digest()
        values = {column.name: getattr(kept, column.name) for column in SignIn.__table__.columns}
        assert [name for name, value in values.items() if isinstance(value, datetime)] == []
        sign_ins.close(session, token=token)
        assert sign_ins.sign_in_of(session, token=token, today=TODAY) is None


def test_a_link_is_no_cookie(client: FlaskClient, database: Database) -> None:
    """Nor with what is put before it to make its hash another."""
    with database.writing() as session:
        person_id = session.scalars(select(Person.id)).one()
        token = sign_ins.make_link(session, person_id=person_id, today=days.today())
    for made_up in (token, sign_ins.LINK + token):
        client.set_cookie(access.COOKIE, made_up)
        assert "/sign-in" in client.get("/access").location
    client.delete_cookie(access.COOKIE)
    assert client.post(f"/sign-in/link/{token}").status_code == 303
    assert client.get("/access").status_code == 200
    assert client.post(f"/sign-in/link/{token}").status_code == 401


def test_a_new_pin_ends_every_sign_in(database: Database) -> None:
    with database.writing() as session:
        person_id = session.scalars(select(Person.id)).one()
        token = sign_ins.open_sign_in(session, person_id=person_id, today=TODAY, device="Firefox")
        people.add_person(session, name=PERSON, role=Role.ADMINISTRATOR, pin="888287")
        assert sign_ins.sign_in_of(session, token=token, today=TODAY) is None
        assert people.check_pin(session, name=PERSON, pin="888287") is not None


def test_signing_in_opens_the_page_that_was_asked_for(client: FlaskClient) -> None:
    sent_away = client.get("/stations/CLIP")
    assert sent_away.status_code == 302
    assert sent_away.location == "/sign-in?next=/stations/CLIP"
    data = {"name": PERSON.lower(), "pin": PIN, "next": "/stations/CLIP"}
    answer = client.post("/sign-in", data=data)
    assert (answer.status_code, answer.location) == (303, "/stations/CLIP")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert client.get("/stations/CLIP").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "evil", "/\r\nx"]
)
def test_signing_in_never_leads_elsewhere(client: FlaskClient, elsewhere: str) -> None:
    answer = client.post("/sign-in", data={"name": PERSON, "pin": PIN, "next": elsewhere})
    assert answer.location == "/"


def test_a_wrong_pin_is_said_and_keeps_the_name(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"name": PERSON, "pin": "0000"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text and f'value="{PERSON}"' in answer.text
    assert client.get("/").status_code == 302


def test_another_site_cannot_sign_somebody_in(client: FlaskClient) -> None:
    data = {"name": PERSON, "pin": PIN}
    refused = client.post("/sign-in", data=data, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert client.get("/").status_code == 302


def test_what_changes_something_wants_the_token_of_the_page(camille: FlaskClient) -> None:
    reads = "/api/stations/CLIP/reads"
    assert camille.post(reads, json={"reads": []}).status_code == 403
    assert camille.post("/sign-out").status_code == 403
    bad = {access.CSRF_HEADER: "0" * 64}
    assert camille.post(reads, json={"reads": []}, headers=bad).status_code == 403
    good = {access.CSRF_HEADER: csrf_of(camille)}
    assert camille.post(reads, json={"reads": []}, headers=good).status_code == 200


def test_signing_out_ends_it_on_the_server_too(camille: FlaskClient) -> None:
    cookie = camille.get_cookie(access.COOKIE)
    assert cookie is not None
    gone = camille.post("/sign-out", data={"csrf": csrf_of(camille)})
    assert gone.location == "/sign-in"
    camille.set_cookie(access.COOKIE, cookie.value)
    assert camille.get("/").status_code == 302


def test_a_page_in_use_is_not_signed_out(
    camille: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = days.today()
    for ahead in (1, 2, 3):
        monkeypatch.setattr(days, "today", lambda day=today + timedelta(days=ahead): day)
        assert camille.get("/").status_code == 200, ahead
    monkeypatch.setattr(days, "today", lambda: today + timedelta(days=5))
    assert camille.get("/").status_code == 302
