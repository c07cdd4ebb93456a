"""What a table is told of the labels it asked for, and what a scanner alone says of them."""

from __future__ import annotations

from typing import Any

import pytest

from inventory import days
from inventory.database import Database
from inventory.printing import State
from tests.inventory.house import raw_read
from web import reads

from . import workshop
from .test_kit_label_jobs import touches
from .workshop import command, job_becomes


@pytest.fixture(autouse=True)
def stocked(database: Database) -> None:
    workshop.stock_workshop(database)


def paper(database: Database, *codes: str) -> Any:
    """What the answer to reads of the table's scanner says of its paper."""
    raw = [raw_read(code, days.now()) for code in codes]
    done = reads.record(database, station="TAD", raw_reads=raw, language="fr")
    assert done is not None and done.batch is not None
    return done.batch["paper"]


def test_a_scanner_alone_answers_and_gets_the_labels_again(database: Database) -> None:
    asked = paper(database, *touches(database), command("labels-10"))
    assert (asked["state"], asked["copies"]) == ("queued", 10)
    with database.reading() as session:
        assert asked["lot"] == workshop.kit_lot(session, "KIT-HYG").code
    job_becomes(database, State.UNKNOWN)
    # Whoever goes on, wants more labels or leaves is asked all the same.
    assert paper(database, command("kits-1"))["state"] == "unknown"
    assert paper(database, command("labels-1"))["id"] == asked["id"]
    assert paper(database, command("leave"))["state"] == "unknown"
    assert paper(database, command("did-print-no"))["state"] == "queued"
    job_becomes(database, State.UNKNOWN)
    more = paper(database, command("did-print-yes"))
    assert (more["state"], more["copies"]) == ("queued", 1)


def test_labels_that_cannot_be_printed_are_seen_until_others_are_asked_for(
    database: Database,
) -> None:
    codes = touches(database)
    paper(database, *codes, command("labels-1"))
    job_becomes(database, State.FAILED)
    assert paper(database, command("kits-1"))["state"] == "failed"
    # They are of these kits: at others nobody is told.
    assert paper(database, command("leave")) is None
    assert paper(database, codes[0])["state"] == "failed"
    assert paper(database, command("labels-10"))["state"] == "queued"
    job_becomes(database, State.PRINTED)
    assert paper(database, command("kits-1")) is None
