"""Access, for administrators, and one's own account: everything can be taken back, nothing shows what somebody did."""

from __future__ import annotations

import re
import subprocess
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from shutil import which

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from inventory import badges, days, people, sign_ins, stations
from inventory.database import Database
from inventory.tables import Badge, Base, Person, SignIn, StationToken
from inventory.words import Role
from labels import badges as sheets
from labels.house import Kind, house_code, parse_house
from web import access
from web.example import PERSON, PIN

from .conftest import csrf_of, others_write


@pytest.fixture
def noor(database: Database) -> int:
    with database.writing() as session:
        return people.add_person(session, name="Noor", role=Role.COUNTER, pin="4071").id


def post(client: FlaskClient, address: str, **data: str) -> int:
    return client.post(address, data={"csrf": csrf_of(client), **data}).status_code


def person(database: Database, person_id: int) -> Person:
    with database.reading() as session:
        found = people.by_id(session, person_id)
        session.expunge(found)
        return found


def test_adding_somebody(camille: FlaskClient, database: Database) -> None:
    data = {"name": "Sam", "role": "field", "place": "MEDIBUS", "pin": "4071"}
    assert post(camille, "/access", **data) == 303
    assert post(camille, "/access", **data) == 400  # a name typed twice changes nobody's PIN
    with database.reading() as session:
        sam = people.named(session, "sam")
        assert (sam.role, sam.place.code if sam.place else "") == ("field", "MEDIBUS")
        assert people.check_pin(session, name="Sam", pin="4071") is not None


def test_a_pin_is_hashed_where_nobody_waits_to_write(
    camille: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, free = people._hasher.hash, []

    def slow(pin: str) -> str:
        free.append(others_write(database))
        return real(pin)

    monkeypatch.setattr(people._hasher, "hash", slow)
    assert post(camille, "/access", name="Sam", role="field", place="", pin="4071") == 303
    assert free == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"role": "king"},
        {"pin": "1234"},
        {"pin": "1111"},
        {"pin": "12"},
        {"place": "NOWHERE"},
        {"place": "unaccounted"},
    ],
)
def test_what_is_wrong_is_said_and_adds_nobody(
    camille: FlaskClient, database: Database, wrong: dict[str, str]
) -> None:
    data = {"name": "Sam", "role": "field", "place": "", "pin": "4071"} | wrong
    assert post(camille, "/access", **data) in (400, 404)
    with database.reading() as session:
        assert session.scalars(select(Person.name)).all() == [PERSON]


@pytest.mark.parametrize(
    ("pin", "name", "field", "says"),
    [
        ("1111", "Sam", "pin", "guessed first"),
        ("12", "Sam", "pin", "at least 4 digits"),
        ("4071", PERSON, "name", "is there already"),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost_but_the_pin(
    camille: FlaskClient, pin: str, name: str, field: str, says: str
) -> None:
    camille.set_cookie("language", "en")
    data = {"csrf": csrf_of(camille), "name": name, "role": "field", "place": "MEDIBUS", "pin": pin}
    answer = camille.post("/access", data=data)
    page = answer.text
    assert answer.status_code == 400 and f'"{pin}"' not in page
    (fault,) = re.findall(r'<p class="fault" id="(\w+)-fault">.*?</svg>(.*?)</p>', page)
    assert fault[0] == field and says in fault[1]
    marked = re.search(rf'<input id="{field}" name="{field}" aria-invalid="true"[^>]*>', page)
    assert marked and f'aria-describedby="{field}-fault"' in marked[0]
    assert f'value="{name}"' in page
    assert '<option value="field" selected>' in page
    assert '<option value="MEDIBUS" selected>' in page


def test_a_refused_new_pin_is_said_at_its_field(camille: FlaskClient, noor: int) -> None:
    camille.set_cookie("language", "en")
    data = {"csrf": csrf_of(camille), "pin": "2222"}
    page = camille.post(f"/access/{noor}/pin", data=data).text
    assert "<h1>Noor</h1>" in page and 'id="pin-fault"' in page and "2222" not in page


def test_role_place_and_pin_are_changed(
    camille: FlaskClient, database: Database, noor: int
) -> None:
    assert post(camille, f"/access/{noor}", role="logistics", place="CLIP") == 303
    assert post(camille, f"/access/{noor}/pin", pin="8265") == 303
    changed = person(database, noor)
    assert changed.role == "logistics"
    assert people.is_pin(changed, "8265")
    assert post(camille, f"/access/{noor}/pin", pin="2222") == 400
    assert post(camille, "/access/9999/pin", pin="8265") == 404


def test_the_only_administrator_stays(camille: FlaskClient, database: Database, noor: int) -> None:
    with database.reading() as session:
        me = people.named(session, PERSON).id
    assert post(camille, f"/access/{me}", role="counter", place="") == 400
    assert post(camille, f"/access/{me}/remove") == 400
    assert post(camille, f"/access/{noor}", role="administrator", place="") == 303
    assert post(camille, f"/access/{me}/remove") == 303
    assert camille.get("/").location.startswith("/sign-in")


def test_sign_ins_are_closed_one_by_one_and_all_at_once(
    flask_app: Flask, camille: FlaskClient, database: Database, noor: int
) -> None:
    browsers = []
    for agent in ("Mozilla/5.0 (Windows NT 10.0) Firefox/145.0", "Mozilla/5.0 (iPhone) Safari/1"):
        client = flask_app.test_client()
        client.post("/sign-in", data={"name": "Noor", "pin": "4071"}, headers={"User-Agent": agent})
        browsers.append(client)
    page = camille.get(f"/access/{noor}").text
    assert "Firefox, Windows" in page and "Safari, iPhone" in page
    assert not re.search(r"\d\d:\d\d", page)  # days, no times
    with database.reading() as session:
        first = next(
            one.hash
            for one in sign_ins.open_of(session, person_id=noor, today=days.today())
            if one.device == "Firefox, Windows"
        )
    # Another person's address closes nothing of hers.
    assert post(camille, "/access/1/sign-out", key=first.hex()) == 303
    assert browsers[0].get("/").status_code == 200
    assert post(camille, f"/access/{noor}/sign-out", key=first.hex()) == 303
    assert browsers[0].get("/").status_code == 302
    assert browsers[1].get("/").status_code == 200
    assert post(camille, f"/access/{noor}/sign-out") == 303
    assert browsers[1].get("/").status_code == 302


def test_tokens_of_stations_are_listed_and_revoked(
    camille: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        token = stations.new_token(session, station="CLIP")
    page = camille.get("/access").text
    assert "CLIP" in page and token not in page
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key is not None
    assert post(camille, "/access/tokens", key=key[1]) == 303
    with database.reading() as session:
        assert session.scalars(select(StationToken)).all() == []
    assert post(camille, "/access/tokens", key="no hex") == 400


def test_badges_are_printed_once_and_read_back(
    camille: FlaskClient, database: Database, noor: int, tmp_path: Path
) -> None:
    if which("pdftoppm") is None:
        pytest.skip("needs poppler")
    data = {"csrf": csrf_of(camille), "person": str(noor)}
    answer = camille.post("/access/badges", data=data)
    assert answer.mimetype == "application/pdf"
    (tmp_path / "badges.pdf").write_bytes(answer.data)
    subprocess.run(
        ["pdftoppm", "-r", "203", "-png", "badges.pdf", "page"], cwd=tmp_path, check=True
    )
    found = zxingcpp.read_barcodes(Image.open(next(tmp_path.glob("page*.png"))))
    assert sorted(str(one.format) for one in found) == ["Code 128", "QR Code"]
    (code,) = {one.text for one in found}
    read = parse_house(code)
    assert read is not None and read.kind is Kind.BADGE
    text = subprocess.run(
        ["pdftotext", "badges.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "Noor" in text
    with database.reading() as session:
        whose = badges.whose(session, read.number)
        assert whose is not None and whose.id == noor
    # Replaced: the first one opens nothing any more.
    camille.post("/access/badges", data=data)
    with database.reading() as session:
        assert badges.whose(session, read.number) is None
        assert session.scalars(select(Badge.person_id)).all() == [noor]
    assert post(camille, "/access/badges") == 400


def test_numbers_of_badges_are_drawn_and_kept_as_hashes(database: Database) -> None:
    with database.writing() as session:
        numbers = []
        for n in range(60):
            one = Person(name=f"Person {n}", role=Role.COUNTER, pin_hash="none")
            session.add(one)
            session.flush()
            numbers.append(badges.make(session, person_id=one.id))
        assert len(set(numbers)) == 60
        steps = {later - earlier for earlier, later in pairwise(numbers)}
        assert len(steps) > 50 and numbers != sorted(numbers)
        kept = session.scalars(select(Badge.hash)).all()
    for number in numbers:
        for form in (str(number).encode(), house_code(Kind.BADGE, number).encode()):
            assert all(form not in hash_ for hash_ in kept) or len(form) < 4


def test_names_of_any_letters_make_a_badge() -> None:
    names = ["Bo", "Éloïse Vandenbroucke-Dujardin", "Ǹgọzi", "سارة", "x" * 60]
    made = [sheets.Badge(name, house_code(Kind.BADGE, n)) for n, name in enumerate(names * 5)]
    sheet = sheets.badge_sheet(made, title="Badges", language="fr")
    assert sheet.startswith(b"%PDF") and sheet.count(b"/Type /Page\n") == 3


def test_changing_ones_own_pin(flask_app: Flask, database: Database, noor: int) -> None:
    here, elsewhere = flask_app.test_client(), flask_app.test_client()
    for client in (here, elsewhere):
        client.post("/sign-in", data={"name": "Noor", "pin": "4071"})
    new = {"new": "8265", "again": "8265"}
    assert post(here, "/account/pin", old="0000", **new) == 400
    assert post(here, "/account/pin", old="4071", new="8265", again="8266") == 400
    assert post(here, "/account/pin", old="4071", new="1234", again="1234") == 400
    assert people.is_pin(person(database, noor), "4071")
    assert post(here, "/account/pin", old="4071", **new) == 303
    assert people.is_pin(person(database, noor), "8265")
    assert here.get("/").status_code == 200  # who changed it stays
    assert elsewhere.get("/").status_code == 302


def test_a_lost_badge_and_signing_out_everywhere(
    flask_app: Flask, database: Database, noor: int
) -> None:
    with database.writing() as session:
        number = badges.make(session, person_id=noor)
    here, elsewhere = flask_app.test_client(), flask_app.test_client()
    for client in (here, elsewhere):
        client.post("/sign-in", data={"name": "Noor", "pin": "4071"})
    assert post(here, "/account/badge") == 303
    with database.reading() as session:
        assert badges.whose(session, number) is None
    assert post(here, "/account/sign-out-everywhere") == 303
    assert [client.get("/").status_code for client in (here, elsewhere)] == [302, 302]


def test_a_badge_signs_in_where_somebody_signed_in_before(
    flask_app: Flask, database: Database, noor: int
) -> None:
    with database.writing() as session:
        code = house_code(Kind.BADGE, badges.make(session, person_id=noor))
    client = flask_app.test_client()
    offered, hidden = (
        '<form class="card" method="post" action="/sign-in" id="badge-form"',
        " hidden>",
    )
    assert offered + hidden in client.get("/sign-in").text, "it could only be refused"
    refused = client.post("/sign-in", data={"badge": code})
    assert refused.status_code == 401 and code not in refused.text
    client.post("/sign-in", data={"name": PERSON, "pin": PIN})
    client.post("/sign-out", data={"csrf": csrf_of(client)})
    assert offered + ">" in client.get("/sign-in").text
    again = client.post("/sign-in", data={"badge": code, "next": "/stations/CLIP"})
    assert (again.status_code, again.location) == (303, "/stations/CLIP")
    assert "Noor" in client.get("/").text


def test_a_badge_that_was_not_read_whole_is_said_to_be_so(
    camille: FlaskClient, client: FlaskClient, noor: int, database: Database
) -> None:
    client.set_cookie("language", "en")
    with database.writing() as session:
        code = house_code(Kind.BADGE, badges.make(session, person_id=noor))
    for torn in (code[:-1], code[1:], code[:5], f"{code}7", code[:-1] + str(9 - int(code[-1]))):
        for form in ({"badge": torn}, {"name": torn, "pin": ""}):
            answer = client.post("/sign-in", data=form)
            assert answer.status_code == 401 and "not read whole" in answer.text, form
            assert torn not in answer.text
    article = client.post("/sign-in", data={"badge": house_code(Kind.ITEM, 1)}).text
    assert "This is no badge" in article
    named = client.post("/sign-in", data={"name": "54321", "pin": "0000"}).text
    assert "do not go together" in named


def test_a_badge_alone_asks_for_the_pin_where_it_matters(
    flask_app: Flask, database: Database
) -> None:
    with database.writing() as session:
        camille = people.named(session, PERSON).id
        code = house_code(Kind.BADGE, badges.make(session, person_id=camille))
    client = flask_app.test_client()
    client.post("/sign-in", data={"name": PERSON, "pin": PIN})
    client.post("/sign-in", data={"badge": code})
    by_badge = client.get_cookie(access.COOKIE)
    assert client.get("/stations/CLIP").status_code == 200
    asked = client.get("/access")
    assert asked.location == "/sign-in/pin?next=/access"
    csrf = csrf_of(client)
    wrong = client.post("/sign-in/pin", data={"csrf": csrf, "pin": "0000", "next": "/access"})
    assert wrong.status_code == 401
    right = client.post("/sign-in/pin", data={"csrf": csrf, "pin": PIN, "next": "/access"})
    assert right.location == "/access"
    assert client.get("/access").status_code == 200
    # A secret of its own: the one before is worth nothing any more.
    with_pin = client.get_cookie(access.COOKIE)
    assert by_badge is not None and with_pin is not None and by_badge.value != with_pin.value
    old = flask_app.test_client()
    old.set_cookie(access.COOKIE, by_badge.value)
    assert old.get("/").status_code == 302


def test_a_secret_planted_before_signing_in_is_worth_nothing(flask_app: Flask) -> None:
    victim, attacker = flask_app.test_client(), flask_app.test_client()
    victim.set_cookie(access.COOKIE, "planted")
    attacker.set_cookie(access.COOKIE, "planted")
    victim.post("/sign-in", data={"name": PERSON, "pin": PIN})
    assert victim.get("/").status_code == 200
    assert attacker.get("/").status_code == 302


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_request_is_refused_even_with_the_token(
    camille: FlaskClient, database: Database, headers: dict[str, str]
) -> None:
    data = {"csrf": csrf_of(camille), "name": "Eve", "role": "administrator", "pin": "4071"}
    assert camille.post("/access", data=data, headers=headers).status_code == 403
    assert camille.post("/sign-in", data=data, headers=headers).status_code == 403
    with database.reading() as session:
        assert people.find(session, "Eve") is None


def test_a_link_from_the_console_signs_in_once(
    flask_app: Flask, database: Database, noor: int
) -> None:
    with database.writing() as session:
        token = sign_ins.make_link(session, person_id=noor, today=days.today())
    attempts = flask_app.config["SIGN_IN_ATTEMPTS"]
    for key in (("pair", "noor", "127.0.0.1"), ("name", "noor"), ("address", "127.0.0.1")):
        attempts._wrong[key] = (10_000, attempts.clock())  # whatever waits
    client, later = flask_app.test_client(), flask_app.test_client()
    client.set_cookie(access.COOKIE, token)
    assert client.get("/").status_code == 302  # it is no cookie
    assert client.get(f"/sign-in/link/{token}").status_code == 200  # looking does not use it up
    assert client.post(f"/sign-in/link/{token}").status_code == 303
    assert "Noor" in client.get("/").text
    assert later.post(f"/sign-in/link/{token}").status_code == 401
    assert later.get("/").status_code == 302


def test_nothing_kept_of_people_holds_a_time(flask_app: Flask, database: Database) -> None:
    for table in ("person", "badge", "sign_in", "station_token"):
        for column in Base.metadata.tables[table].columns:
            assert column.type.python_type not in (datetime, time), (table, column.name)
    days_kept = {
        column.name for column in SignIn.__table__.columns if column.type.python_type is date
    }
    assert days_kept == {"since", "until"}
