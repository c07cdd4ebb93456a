"""The same evening gives the same stock, tally and proof on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from inventory.stock import stock
from inventory.tables import Lot
from inventory.tally import tally
from inventory.verify import verify
from tests import postgres

from .evenings import A_WEEK_BEFORE, SATURDAY, Organisation


@pytest.fixture
def elsewhere(postgres_url: str) -> Iterator[Organisation]:
    organisation = Organisation.opened(postgres.create(postgres_url))
    yield organisation
    organisation.db.close()


def spend_two_evenings(here: Organisation) -> None:
    lot = here.assemble("KIT-INJ", 30, to="CLIP", day=A_WEEK_BEFORE)
    with here.session() as session:  # named after its number, which chance gave it
        session.scalars(select(Lot).where(Lot.code == lot)).one().code = "KITS"
    here.transfer("SER1", 100, to="CLIP", day=A_WEEK_BEFORE)
    here.read("times-3", "KIT-INJ", "times-200", "SER1", "next-person", day=A_WEEK_BEFORE)
    here.read("digit-2", "returned-kilograms", "gtin 03059948002413", day=A_WEEK_BEFORE)
    here.close()
    here.read("place MIDI", "KIT-INJ", "times-2", "GARR", "next-person", station="MEDIBUS")
    here.read("times-5", "KIT-INJ", "returned-declared-10", "contact-shower", "next-person")


@pytest.mark.postgres
def test_both_databases_report_the_same(here: Organisation, elsewhere: Organisation) -> None:
    found: list[dict[str, Any]] = []
    for organisation in (here, elsewhere):
        spend_two_evenings(organisation)
        with organisation.db.reading() as session:
            found.append(
                {
                    "stock": stock(session),
                    "stock then": stock(session, at=A_WEEK_BEFORE),
                    "stock of CLIP then": stock(session, place="CLIP", at=A_WEEK_BEFORE),
                    "tally": tally(session),
                    "period": tally(session, first=A_WEEK_BEFORE, last=SATURDAY),
                    "CLIP": tally(session, first=A_WEEK_BEFORE, place="CLIP", channel="comptoir"),
                    "MIDI": tally(session, place="MIDI"),
                    "shift": tally(session, shift_id=1),
                    "verify": verify(session),
                }
            )
    on_sqlite, on_postgresql = found
    for what in on_sqlite:
        assert on_sqlite[what] == on_postgresql[what], what
    assert on_postgresql["verify"].faults == []
