"""What each role may see: every route with every role, compared with the table written here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import badges, days, people, sign_ins
from inventory.database import Database
from inventory.tables import Person, Place
from inventory.words import PlaceKind, Role
from web import access, rights

from .test_routes import calls

C, W, F, L, A = Role.COUNTER, Role.WORKSHOP, Role.FIELD, Role.LOGISTICS, Role.ADMINISTRATOR

TABLE = {
    "account": {C, W, F, L, A},
    "api": {C, W, F, L, A},
    "delivery": {L, A},
    "devices": {A},
    "items": {L, A},
    "jobs": {A},
    "kits": {L, A},
    "live": {C, W, F, L, A},
    "lots": {L, A},
    "labels": {L, A},
    "late": {L, A},
    "levels": {L, A},
    "movements": {C, F, L, A},
    "recipes": {L, A},
    "replenish": {C, F, L, A},
    "opening_days": {L, A},
    "order": {L, A},
    "orders": {L, A},
    "pages": {C, W, F, L, A},
    "people": {A},
    "photos": {C, W, F, L, A},
    "prints": {C, F, L, A},
    "print_api": {C, W, F, L, A},
    "screens": {L, A},
    "sentences": {L, A},
    "serving": {C, F, L, A},
    "sheets": {C, F, L, A},
    "shifts": {C, F, L, A},
    "sign_in": {C, W, F, L, A},
    "simulator": {A},
    "stock": {L, A},
    "tally": {C, F, L, A},
    "joining": {C, F, L, A},
    "unrecorded": {C, F, L, A},
    "workshop": {C, W, F, L, A},
}
"""By blueprint. A page that is not here is for administrators alone."""

BY_BADGE = {C: C, W: W, F: F, L: C, A: C}


def signed_in(app: Flask, role: Role, *, by_badge: bool = False) -> FlaskClient:
    """A browser in which somebody of this role has signed in."""
    database: Database = app.config["DATABASE"]
    with database.writing() as session:
        person = people.find(session, role)
        if person is None:
            person = Person(name=role, role=role, pin_hash="none")
            session.add(person)
            session.flush()
        token = sign_ins.open_sign_in(
            session, person_id=person.id, today=days.today(), device="?", by_badge=by_badge
        )
    client = app.test_client()
    client.set_cookie(access.COOKIE, token)
    return client


def verdict(client: FlaskClient, method: str, address: str) -> str:
    """What the guard says. Requests that change something carry no token, so that they only meet the guard."""
    answer = client.open(address, method=method, follow_redirects=False)
    if answer.status_code == 403 and "other roles" not in answer.text:
        return "in"  # past the roles, stopped for want of the page's token
    if answer.status_code == 403:
        return "not theirs"
    location = answer.headers.get("Location", "")
    if answer.status_code == 302 and location.startswith("/sign-in/pin"):
        return "pin"
    return "out" if location.startswith("/sign-in") or answer.status_code == 401 else "in"


def walk(app: Flask) -> Iterator[tuple[str, str, str, str]]:
    """Blueprint, endpoint, method and address of whatever is not public."""
    for rule, method, address in calls(app):
        # What is for stations' processes alone asks for their token itself.
        if rule.endpoint not in rights.PUBLIC and not rule.endpoint.startswith("print_api."):
            yield rule.endpoint.partition(".")[0], rule.endpoint, method, address


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.language.accepted", lambda: "en")


@pytest.mark.parametrize("role", list(Role))
def test_every_route_with_every_role(flask_app: Flask, role: Role) -> None:
    client = signed_in(flask_app, role)
    wrong = []
    for blueprint, endpoint, method, address in walk(flask_app):
        # The workshop's people work at the workshop's stations.
        elsewhere = role is W and address.startswith(("/stations/CLIP", "/api/stations/CLIP"))
        expected = role in TABLE.get(blueprint, {A}) and not elsewhere
        seen = verdict(client, method, address)
        if seen != ("in" if expected else "not theirs"):
            wrong.append((endpoint, method, seen))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_a_badge_alone_opens_no_more_than_the_counter(flask_app: Flask, role: Role) -> None:
    client = signed_in(flask_app, role, by_badge=True)
    wrong = []
    for blueprint, endpoint, method, address in walk(flask_app):
        if role is W and "/stations/CLIP" in address:
            continue  # see above
        allowed = TABLE.get(blueprint, {A})
        expected = "in" if BY_BADGE[role] in allowed else "pin"
        if endpoint in rights.WITH_PIN:
            expected = "pin"
        if role not in allowed:
            expected = "not theirs"
        seen = verdict(client, method, address)
        if seen != expected:
            wrong.append((endpoint, method, seen, expected))
    assert wrong == []


def test_a_page_that_nobody_gave_to_a_role_is_for_administrators(flask_app: Flask) -> None:
    registered = set(flask_app.blueprints)
    assert registered - set(TABLE) == {"language"}
    assert {"no", "name"}.isdisjoint(rights.ONLY_FOR)
    assert access._is_for(Role.ADMINISTRATOR, "nobody_named_this")
    assert not access._is_for(Role.LOGISTICS, "nobody_named_this")


def test_the_workshop_sees_its_own_stations_only(flask_app: Flask) -> None:
    client = signed_in(flask_app, W)
    assert client.get("/stations/TAD").location == "/stations/TAD/workshop"
    assert client.get("/stations/TAD/workshop").status_code == 200
    assert client.get("/stations/CLIP").status_code == 403
    assert client.get("/api/stations/CLIP/session").status_code == 403
    assert "CLIP" not in client.get("/").text


def test_a_role_taken_away_is_gone_at_once(flask_app: Flask, database: Database) -> None:
    client = signed_in(flask_app, L)
    assert verdict(client, "GET", "/tally") == "in"
    with database.writing() as session:
        people.set_role(session, person=people.named(session, L), role=W)
    assert verdict(client, "GET", "/tally") == "not theirs"


def test_somebody_removed_is_out_at_once(flask_app: Flask, database: Database) -> None:
    client = signed_in(flask_app, L)
    with database.writing() as session:
        person = people.named(session, L)
        place = session.scalars(select(Place).where(Place.kind == PlaceKind.COUNTER)).first()
        assert place is not None
        people.set_place(session, person=person, place=place.code)
        badges.make(session, person_id=person.id)
        people.remove(session, person=person)
    assert verdict(client, "GET", "/tally") == "out"
