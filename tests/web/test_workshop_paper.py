"""What a table is told of the labels it asked for, and what a scanner alone says of them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from inventory import days, printing
from inventory.database import Database
from inventory.printing import State
from inventory.tables import PrintJob
from tests.inventory.house import raw_read
from web import reads

from . import workshop
from .test_kit_label_jobs import touches
from .workshop import command, job_becomes


@pytest.fixture(autouse=True)
def stocked(database: Database) -> None:
    workshop.stock_workshop(database)


def recorded(database: Database, *codes: str) -> reads.Recorded:
    """Reads of the table's scanner."""
    raw = [raw_read(code, days.now()) for code in codes]
    done = reads.record(database, station="TAD", raw_reads=raw, language="fr")
    assert done is not None
    return done


def paper(database: Database, *codes: str) -> Any:
    """What the answer to reads of the table's scanner says of its paper."""
    done = recorded(database, *codes)
    assert done.batch is not None
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


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.UNKNOWN])
def test_labels_outlive_their_batch_until_somebody_has_them(
    database: Database, state: State
) -> None:
    """Whoever counts the kits before the paper is mended still gets them, and is asked; then nothing tells of them."""
    asked = paper(database, *touches(database), command("labels-10"))
    with database.writing() as session:
        job = session.scalars(select(PrintJob)).one()
        if state is not State.QUEUED:
            printing.claim(session, station_id=job.station_id, job_id=job.id)
        if state is State.UNKNOWN:
            printing.report(session, station_id=job.station_id, job_id=job.id, state=state)
    assert recorded(database, command("kits-1"), command("finish"), command("digit-1")).batch
    over = recorded(database, command("finish")).batch
    assert over is not None and over["phase"] == "choose"
    assert over["paper"] == {**asked, "state": state}
    if state is not State.UNKNOWN:
        job_becomes(database, State.UNKNOWN)
    # "No" leaves them in the queue.
    assert not recorded(database, command("did-print-no")).erased
    job_becomes(database, State.UNKNOWN)
    told = recorded(database, command("did-print-yes"))
    assert told.erased and told.batch is not None and told.batch["paper"] is None
    with database.reading() as session:
        assert session.scalars(select(PrintJob)).all() == []


def test_of_labels_that_come_out_no_file_is_erased_while_their_batch_is_open(
    database: Database,
) -> None:
    """The end of the batch does that once for all of them."""
    paper(database, *touches(database), command("labels-10"))
    job_becomes(database, State.UNKNOWN)
    assert not recorded(database, command("did-print-yes")).erased


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
