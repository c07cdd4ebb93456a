"""Who tries many PINs waits; nobody can make somebody else wait at a browser they have signed in with."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inventory import people
from inventory.database import Database
from inventory.tables import Person
from inventory.words import Role
from web import limits
from web.example import PERSON, PIN
from web.limits import FREE_TRIES, LONGEST_WAIT_S, Attempts, TooManyTries, network

PINS = {PERSON: PIN, "Noor": "4071"}
KEY = ("pair", "camille", "192.0.2.1")


@pytest.fixture(autouse=True)
def quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow hashes are proved elsewhere."""

    def is_pin(person: Person | None, pin: str) -> bool:
        return person is not None and pin == PINS[person.name]

    monkeypatch.setattr(people, "is_pin", is_pin)


def fail(attempts: Attempts, *keys: limits.Key) -> None:
    with attempts.trying(keys):
        pass


def sign_in(client: FlaskClient, name: str, pin: str, address: str = "127.0.0.1") -> int:
    data = {"name": name, "pin": pin}
    answer = client.post("/sign-in", data=data, environ_base={"REMOTE_ADDR": address})
    return answer.status_code


def test_the_wait_doubles_is_bounded_and_forgotten() -> None:
    now = 0.0
    attempts = Attempts(clock=lambda: now)
    waits = []
    for _ in range(FREE_TRIES["pair"] + 12):
        fail(attempts, KEY)
        waits.append(attempts.wait_s([KEY]))
        now += waits[-1]
    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert waits[-1] == LONGEST_WAIT_S
    now += limits.FORGOTTEN_AFTER_S
    assert attempts.wait_s([KEY]) == 0
    fail(attempts, KEY)
    assert attempts.wait_s([KEY]) == 0


def test_waiting_is_not_a_try() -> None:
    now = 0.0
    attempts = Attempts(clock=lambda: now)
    for _ in range(FREE_TRIES["pair"]):
        fail(attempts, KEY)
    for _ in range(50):
        with pytest.raises(TooManyTries) as refused:
            fail(attempts, KEY)
        assert refused.value.wait_s == 2
    now = 2
    fail(attempts, KEY)


def test_being_right_forgets_ones_own_tries_and_one_of_those_strangers_share() -> None:
    attempts = Attempts()
    shared = ("name", "camille")
    for _ in range(FREE_TRIES["pair"] - 1):
        fail(attempts, KEY, shared)
    with attempts.trying([KEY, shared]) as right:
        right()
    assert KEY not in attempts._wrong
    assert attempts._wrong[shared][0] == FREE_TRIES["pair"] - 1


def test_many_at_once_gain_nothing() -> None:
    attempts = Attempts()
    together = threading.Barrier(24)
    looked_at = []

    def one() -> None:
        together.wait(10)
        try:
            with attempts.trying([KEY]):
                looked_at.append(1)
        except TooManyTries:
            pass

    threads = [threading.Thread(target=one) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(looked_at) == FREE_TRIES["pair"]


def test_only_so_many_strangers_are_checked_at_once() -> None:
    attempts = Attempts()
    held = [attempts.trying([("address", f"192.0.2.{n}")]) for n in range(4)]
    for one in held[: limits.STRANGERS_AT_ONCE]:
        one.__enter__()
    with pytest.raises(TooManyTries) as refused:
        held[-1].__enter__()
    assert refused.value.wait_s == 1
    with attempts.trying([("browser", "known")]):
        pass  # whoever is known is not in that queue
    held[0].__exit__(None, None, None)
    with attempts.trying([("address", "192.0.2.9")]):
        pass


def test_a_flood_of_names_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_REMEMBERED", 100)
    attempts = Attempts()
    for number in range(300):
        fail(attempts, ("name", str(number)))
    assert len(attempts._wrong) == 100
    assert ("name", "299") in attempts._wrong


def test_a_flood_ends_nobodys_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_REMEMBERED", 100)
    attempts = Attempts(clock=lambda: 0.0)
    for _ in range(FREE_TRIES["pair"]):
        fail(attempts, KEY)
    for number in range(300):
        fail(attempts, ("name", str(number)))
    assert len(attempts._wrong) == 100
    assert attempts.wait_s([KEY]) == 2


def test_networks() -> None:
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network("192.0.2.1") == "192.0.2.1"
    assert network(None) == network("unix:") == ""


def test_a_pair_of_name_and_address_waits(flask_app: Flask, client: FlaskClient) -> None:
    flask_app.config["SIGN_IN_ATTEMPTS"].clock = lambda: 0.0
    for _ in range(FREE_TRIES["pair"]):
        assert sign_in(client, PERSON, "0000") == 401
    refused = client.post("/sign-in", data={"name": PERSON, "pin": PIN})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "2"
    assert 'role="alert"' in refused.text and PIN not in refused.text
    assert sign_in(client, PERSON, PIN, "192.0.2.9") == 303


def test_a_name_hammered_from_many_addresses_waits_for_strangers_only(flask_app: Flask) -> None:
    counter = flask_app.test_client()
    assert sign_in(counter, PERSON, PIN) == 303  # the counter's browser, this morning
    counter.delete_cookie("sign_in")
    attacker = flask_app.test_client()
    for number in range(FREE_TRIES["name"]):
        assert sign_in(attacker, PERSON, "0000", f"198.51.100.{number}") == 401
    assert sign_in(attacker, PERSON, PIN, "198.51.100.99") == 429
    assert sign_in(counter, PERSON, PIN) == 303


def test_an_address_that_tries_every_name_waits_and_the_counter_behind_it_does_not(
    flask_app: Flask, database: Database
) -> None:
    with database.writing() as session:
        people.add_person(session, name="Noor", role=Role.COUNTER, pin="4071")
    counter = flask_app.test_client()
    assert sign_in(counter, "Noor", "4071") == 303
    counter.delete_cookie("sign_in")
    attacker = flask_app.test_client()
    for number in range(FREE_TRIES["address"]):
        assert sign_in(attacker, f"Name {number}", "0000") == 401
    assert sign_in(attacker, "Somebody else", "0000") == 429
    assert sign_in(counter, "Noor", "4071") == 303


def test_a_browser_is_known_for_those_who_signed_in_with_it(
    flask_app: Flask, database: Database
) -> None:
    """An insider's browser has no allowance of its own for a colleague's PIN."""
    with database.writing() as session:
        people.add_person(session, name="Noor", role=Role.COUNTER, pin="4071")
    insider = flask_app.test_client()
    assert sign_in(insider, "Noor", "4071") == 303
    for _ in range(FREE_TRIES["pair"]):
        assert sign_in(insider, PERSON, "0000") == 401
    assert sign_in(insider, PERSON, PIN) == 429
    assert sign_in(insider, "Noor", "4071") == 303


def test_a_known_browser_waits_for_its_own_tries(flask_app: Flask) -> None:
    thief = flask_app.test_client()
    assert sign_in(thief, PERSON, PIN) == 303
    for _ in range(FREE_TRIES["browser"]):
        assert sign_in(thief, PERSON, "0000") == 401
    assert sign_in(thief, PERSON, PIN) == 429


@pytest.mark.parametrize("value", ["", "x", "0" * 32 + "." + "0" * 32, "0" * 32 + ".zz"])
def test_a_made_up_mark_is_none(flask_app: Flask, value: str) -> None:
    for number in range(FREE_TRIES["name"]):
        client = flask_app.test_client()
        client.set_cookie("browser", value)
        assert sign_in(client, PERSON, "0000", f"198.51.100.{number}") == 401
    client = flask_app.test_client()
    client.set_cookie("browser", value)
    assert sign_in(client, PERSON, PIN, "198.51.100.99") == 429


def test_a_new_pin_makes_marks_worthless(flask_app: Flask, database: Database) -> None:
    client = flask_app.test_client()
    assert sign_in(client, PERSON, PIN) == 303
    with database.writing() as session:
        person = people.named(session, PERSON)
        people.set_pin(session, person=person, hashed="another")
    for _ in range(FREE_TRIES["pair"]):
        assert sign_in(client, PERSON, "0000") == 401
    keys = {key[0] for key in flask_app.config["SIGN_IN_ATTEMPTS"]._wrong}
    assert keys == {"pair", "name", "address"}


def test_unknown_names_are_limited_alike(client: FlaskClient) -> None:
    """No oracle: what is there and what is not answers the same, and waits the same."""
    there = [sign_in(client, PERSON, "0000") for _ in range(7)]
    not_there = [sign_in(client, "Nobody", "0000") for _ in range(7)]
    assert there == not_there == [401] * 5 + [429] * 2
