"""Every article has its page of stock, whatever its code: lists come from outside."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from inventory.database import Database
from inventory.tables import Item

from .conftest import csrf_of


@pytest.mark.parametrize("code", ["expiries", "expiries.csv", "SER/1", "item", "SER 1?&%2F"])
def test_each_is_found_from_the_list(camille: FlaskClient, database: Database, code: str) -> None:
    with database.writing() as session:
        session.execute(update(Item).where(Item.code == "SER1").values(code=code))
    with camille.application.test_request_context():
        address = camille.application.url_for("stock.item", code=code)
    assert f'href="{address}"' in camille.get("/stock?show=all").text.replace("&amp;", "&")
    assert 'name="reorder-point"' in camille.get(address).text
    fields = {"reorder-point": "71", "order-up-to": "72", "note": ""}
    answer = camille.post(address, data={"csrf": csrf_of(camille), **fields})
    assert answer.status_code == 303
    assert 'value="71"' in camille.get(answer.location).text
