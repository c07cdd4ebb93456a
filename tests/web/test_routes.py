"""Every route demands somebody signed in or a station's token, except those that show nothing."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from inventory import photos, stations
from inventory.database import Database
from web import assets, rights

VALUES = {
    "sheet": str(UUID(int=1)),
    "station": "CLIP",
    "name": "CLIP",
    "filename": "icon.svg",
    "item": "KIT-INJ",
    "form": "csv",
}


def calls(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Each route with each of its methods, and an address that reaches it."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: VALUES.get(name, "1") for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, adapter.build(rule.endpoint, values, method)


def is_refused(
    client: FlaskClient, method: str, address: str, authorization: str | None = None
) -> bool:
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = client.open(address, method=method, headers=headers, json={"reads": []})
    if answer.status_code == 302:
        return (answer.location or "").startswith("/sign-in")
    return answer.status_code == 401


def test_there_are_routes_to_walk(flask_app: Flask) -> None:
    walked = {rule.endpoint for rule, _, _ in calls(flask_app)}
    assert {"api.post_reads", "pages.counter", "tally.page", "sign_in.leave"} <= walked
    assert walked >= rights.PUBLIC
    assert walked >= rights.STATION_TOKEN


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer nonsense", "Bearer", "bearer ", "Basic Y2FtaWxsZTo=", "Bearer\tx", "x"],
)
def test_every_route_refuses_a_stranger(
    flask_app: Flask, client: FlaskClient, authorization: str | None
) -> None:
    open_to_all = {
        rule.endpoint
        for rule, method, address in calls(flask_app)
        if not is_refused(client, method, address, authorization)
    }
    assert open_to_all <= rights.PUBLIC


def test_a_station_token_opens_only_what_is_for_stations(
    flask_app: Flask, client: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        token = "Bearer " + stations.new_token(session, station="CLIP")
    opened = {
        rule.endpoint
        for rule, method, address in calls(flask_app)
        if not is_refused(client, method, address, token)
    }
    assert opened - rights.PUBLIC == rights.STATION_TOKEN
    assert is_refused(client, "POST", "/api/stations/TAD/reads", token)


def test_what_is_public_is_short_and_known() -> None:
    assert {
        "static",
        "health",
        "language.choose",
        "sign_in.form",
        "sign_in.enter",
        "sign_in.link",
        "sign_in.use_link",
    } == rights.PUBLIC


def test_every_answer_bears_the_headers(
    flask_app: Flask, camille: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        photos.put(session, item="KIT-INJ", image=b"as it was taken in")
    for rule, method, address in calls(flask_app):
        if method != "GET":
            continue
        answer = camille.get(address)
        known = (200, 302, 404) if rule.arguments else (200, 302)  # an example has not everything
        if rule.endpoint not in rights.STATION_TOKEN:
            assert answer.status_code in known, (rule, answer.status_code)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if rule.endpoint == "photos.photo":  # browsers keep it, nobody in between
            assert answer.headers["Cache-Control"].startswith("private")
        elif rule.endpoint != "static":
            assert answer.headers["Cache-Control"] == "no-store"
        if rule.endpoint.startswith("api."):  # data: nothing in it to run or to frame
            assert answer.mimetype == "application/json"
            continue
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_number_no_database_holds_is_no_page(camille: FlaskClient) -> None:
    assert camille.get(f"/services/{2**63}").status_code == 404
    assert camille.get(f"/services/{2**63 - 1}").status_code == 302  # back to the list of services


def test_browsers_keep_what_is_built(flask_app: Flask, camille: FlaskClient) -> None:
    """Its name changes with what it holds; anything else of `static` is asked for again."""
    with flask_app.test_request_context():
        built = assets.script("counter")
    assert camille.get(built).headers["Cache-Control"].endswith("immutable")
    assert "immutable" not in camille.get("/static/icon.svg").headers["Cache-Control"]


def test_pages_hold_no_script_and_no_style_of_their_own(camille: FlaskClient) -> None:
    for address in ("/", "/stations/CLIP", "/tally", "/nowhere", "/sign-in"):
        page = camille.get(address).text
        assert "<style" not in page and " style=" not in page and " onclick" not in page
        for tag in page.split("<script")[1:]:
            assert " src=" in tag.split(">")[0] or "application/json" in tag.split(">")[0]


@pytest.mark.parametrize(("secure", "there"), [(False, False), (True, True)], ids=["http", "https"])
def test_the_cookie_is_secure_where_asked(database: Database, secure: bool, there: bool) -> None:
    from web.app import create_app
    from web.example import PERSON, PIN

    client = create_app(database, secure_cookies=secure).test_client()
    answer = client.post("/sign-in", data={"name": PERSON, "pin": PIN})
    assert ("Secure" in answer.headers["Set-Cookie"].split("; ")) == there
