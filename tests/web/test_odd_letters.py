"""A NUL, which PostgreSQL holds in no text, is refused wherever it comes in, before any page looks for it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from .conftest import csrf_of


@pytest.mark.parametrize(
    "address",
    ["/stock/item/a%00b", "/stock/item/SER1?kept=%00", "/stock?%00=1", "/stations/%00", "/%00"],
)
def test_none_in_an_address(camille: FlaskClient, address: str) -> None:
    answer = camille.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert "Nothing was changed. Go back and try again." in answer.text


@pytest.mark.parametrize("fields", [{"supplier": "Modus\0"}, {"pieces:\0": "1"}])
def test_none_in_a_form(camille: FlaskClient, fields: dict[str, str]) -> None:
    answer = camille.post("/orders/draft", data={"csrf": csrf_of(camille), **fields})
    assert answer.status_code == 400


def test_none_in_a_name_that_signs_in(client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"name": "Camille\0", "pin": "1"}).status_code == 400


def test_the_api_says_so_in_its_own_way(camille: FlaskClient) -> None:
    answer = camille.get("/api/stations/a%00b/session")
    assert (answer.status_code, answer.json) == (400, {"error": "bad_request"})
