"""What a bench of the workshop shows and answers, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from inventory import days, stations
from inventory.counter.commands import BY_NAME
from inventory.database import Database
from inventory.tables import Place
from inventory.words import Mode, PlaceKind
from labels.house import Kind, house_code
from tests.inventory.house import raw_read

from .conftest import csrf_of

STATION = "TABLE-1"


@pytest.fixture
def bench(database: Database) -> str:
    with database.writing() as session:
        query = select(Place.code).where(Place.kind == PlaceKind.WORKSHOP)
        place = session.scalars(query).first()
        assert place is not None
        stations.add_station(session, name=STATION, place=place, mode=Mode.ASSEMBLE)
    return f"/api/stations/{STATION}/batch"


def press(client: FlaskClient, *codes: str) -> dict[str, Any]:
    reads = [raw_read(code, days.now()) for code in codes]
    answer = client.post(
        f"/api/stations/{STATION}/reads",
        json={"reads": reads},
        headers={"X-CSRF-Token": csrf_of(client)},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def command(name: str) -> str:
    return house_code(Kind.COMMAND, BY_NAME[name].number)


def test_the_bench_as_it_is_promised(camille: FlaskClient, bench: str) -> None:
    answer = camille.get(bench)
    shows = answer.get_json()
    assert set(shows) == {
        *("station", "place", "day", "mode", "phase", "prints", "kits", "kit", "components"),
        *("lot", "label", "expires", "ready", "labels", "counted", "doubted"),
        *("counted_elsewhere", "paper"),
    }
    assert (shows["station"], shows["mode"], shows["phase"]) == (STATION, "assemble", "choose")
    kit = shows["kits"][0]
    picture = {"item", "code", "names", "symbol", "photo"}
    assert set(kit) == {*picture, "can_be_made", "under_way"}
    told = press(camille, kit["code"])
    assert told["results"][0]["workshop"] == {
        "show": "ok",
        "tell": "chosen",
        "params": {"kit": kit["item"]},
    }
    shows = camille.get(bench).get_json()
    assert told["batch"] == shows and shows["phase"] == "lots"
    assert shows["kit"]["item"] == kit["item"]
    assert set(shows["components"][0]) == {
        *picture,
        *("pieces", "uncheck", "confirmed", "stopped", "lacks", "lots", "proposed"),
    }


def test_nothing_new_is_304(camille: FlaskClient, bench: str) -> None:
    tag = camille.get(bench).headers["ETag"]
    assert camille.get(bench, headers={"If-None-Match": tag}).status_code == 304
    press(camille, camille.get(bench).get_json()["kits"][0]["code"])
    assert camille.get(bench, headers={"If-None-Match": tag}).status_code == 200


def test_a_stop_is_ignored_and_says_why(camille: FlaskClient, bench: str) -> None:
    told = press(camille, command("kits-1"), "not a code")
    stopped, garbled = told["results"]
    assert (stopped["status"], stopped["workshop"]["show"]) == ("ignored", "stop")
    assert stopped["command"] == "kits-1" and stopped["message"]
    assert garbled["status"] == "refused" and "workshop" not in garbled


def test_a_counter_says_nothing_of_the_workshop(camille: FlaskClient, bench: str) -> None:
    answer = camille.post(
        "/api/stations/CLIP/reads",
        json={"reads": [raw_read(command("kits-1"), days.now())]},
        headers={"X-CSRF-Token": csrf_of(camille)},
    )
    told = answer.get_json()
    assert "batch" not in told and "workshop" not in told["results"][0]
    assert told["results"][0]["status"] == "ignored"


def test_it_is_for_who_is_signed_in(flask_app: Flask, camille: FlaskClient, bench: str) -> None:
    assert flask_app.test_client().get(bench).status_code == 401
    assert camille.get("/api/stations/NOWHERE/batch").status_code == 404
