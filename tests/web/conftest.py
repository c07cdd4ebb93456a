"""The real application on a migrated database with the example organisation."""

from __future__ import annotations

import copy
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from waitress import wasyncore
from waitress.server import TcpWSGIServer, create_server

from inventory import badges, people, stations
from inventory.database import Database, sqlite_url
from inventory.tables import Item
from inventory.words import Role
from labels.house import Kind, house_code
from tests import templates
from web import access, app, assets
from web.example import PERSON, PIN
from web.limits import Attempts
from web.live import Live

from .standing import Team, csrf_of_station, is_open


@pytest.fixture(autouse=True)
def built_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of the Flask side need no built scripts: stand-ins where nobody has built them."""
    if not assets.MANIFEST.exists():
        names = {
            "src/counter.ts": {"file": "c.js"},
            "src/saved.ts": {"file": "d.js"},
            "src/sheet.ts": {"file": "h.js"},
            "src/follow.ts": {"file": "i.js"},
            "src/style.css": {"file": "s.css"},
            "src/workshop/main.css": {"file": "w.css"},
            "src/workshop/main.ts": {"file": "w.js"},
            "src/workshop/sentences.css": {"file": "t.css"},
        }
        monkeypatch.setattr(assets, "_manifest", lambda: names)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the example, made once and copied for each test."""
    return templates.example(tmp_path_factory.mktemp("example") / "comptoir.db")


@pytest.fixture
def database(example: Path, tmp_path: Path) -> Iterator[Database]:
    file = tmp_path / "comptoir.db"
    shutil.copy(example, file)
    with closing(Database(sqlite_url(file))) as database:
        yield database


@pytest.fixture(scope="session")
def prepared(example: Path) -> Flask:
    """The application, made once: preparing its addresses takes longer than most tests."""
    return app.create_app(Database(sqlite_url(example)))


@pytest.fixture
def flask_app(prepared: Flask, database: Database) -> Flask:
    """The application as it starts: what it keeps is in its settings, and those are this test's alone."""
    made = copy.copy(prepared)
    made.config = copy.copy(prepared.config)
    made.config.update(DATABASE=database, LIVE=Live(), SIGN_IN_ATTEMPTS=Attempts())
    return made


@pytest.fixture
def client(flask_app: Flask) -> FlaskClient:
    return flask_app.test_client()


@pytest.fixture
def camille(client: FlaskClient) -> FlaskClient:
    """A browser in which somebody has signed in."""
    answer = client.post("/sign-in", data={"name": PERSON, "pin": PIN})
    assert answer.status_code == 303, answer.text
    return client


def csrf_of(client: FlaskClient) -> str:
    """The token that the pages of a signed-in browser carry."""
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/tally").text)
    assert found is not None
    return found[1]


@contextmanager
def serving(application: Flask) -> Iterator[str]:
    """The application behind the product's own web server, on a free port: gives its address."""
    sockets: dict[int, Any] = {}
    server = create_server(application, map=sockets, host="127.0.0.1", port=0, threads=8)
    assert isinstance(server, TcpWSGIServer) and server.socket is not None
    port = server.socket.getsockname()[1]
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            wasyncore.loop(timeout=1, map=sockets, count=1)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        application.config["LIVE"].stop()
        stopped.set()
        server.pull_trigger()
        thread.join(timeout=5)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets, ignore_all=True)


def code_of(database: Database, item: str) -> str:
    """The in-house code of an item: what its picture reads."""
    with database.reading() as session:
        number = session.scalars(select(Item.id).where(Item.code == item)).one()
    return house_code(Kind.ITEM, number)


def others_write(database: Database) -> bool:
    """Whether somebody else could write at this moment."""
    writing = threading.Thread(target=lambda: database.write(lambda _: None), daemon=True)
    writing.start()
    writing.join(1)
    return not writing.is_alive()


@pytest.fixture
def address(flask_app: Flask) -> Iterator[str]:
    with serving(flask_app) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A browser page; what it complains about fails the test."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="en-GB", base_url=address
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def team(database: Database) -> Team:
    """Noor works at CLIP, Sam usually in the van, Wim at the workshop."""
    with database.writing() as session:
        made = {}
        for name, role, place in (
            ("Noor", Role.COUNTER, "CLIP"),
            ("Sam", Role.FIELD, "MEDIBUS"),
            ("Wim", Role.WORKSHOP, "TAD"),
        ):
            person = people.add_person(session, name=name, role=role, pin="4071", place=place)
            made[name] = house_code(Kind.BADGE, badges.make(session, person_id=person.id))
    return Team(made["Noor"], made["Sam"], made["Wim"])


@pytest.fixture
def token(database: Database) -> str:
    with database.writing() as session:
        return stations.new_token(session, station="CLIP")


@pytest.fixture
def counter(flask_app: Flask) -> FlaskClient:
    """The counter's browser: somebody gave it its station once, and it was closed since."""
    client = flask_app.test_client()
    client.post("/sign-in", data={"name": PERSON, "pin": PIN})
    paired = client.post("/stations/CLIP/pair", data={"csrf": csrf_of(client)})
    assert paired.location == "/stations/CLIP"
    client.delete_cookie(access.COOKIE)
    client.post("/stations/CLIP/close", data={"csrf": csrf_of_station(client)})
    assert not is_open(flask_app.config["DATABASE"])
    return client
