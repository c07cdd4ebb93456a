"""Single mistakes a counter must not make, each with the reads that once made it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, replenish, stations
from inventory.counter import shifts
from inventory.counter.reads import TOO_OLD
from inventory.database import Database
from inventory.messages import Message
from inventory.tables import SetAside
from inventory.words import UNACCOUNTED
from labels.house import Kind, house_code
from web import app, reads
from web.cli import common, counter
from web.jobs import Job, run_due
from web.settings import Settings

from .house import (
    GTINS,
    TODAY,
    command,
    deliver,
    donate,
    dump,
    element_string,
    picture,
    raw_read,
    stock,
    write_lists,
)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def send(
    database: Database, station: str, *codes: str, ago: Sequence[int] = (), **said: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Reads made now, or so many seconds ago: the answers and the session."""
    now = days.now()
    moments = [now - timedelta(seconds=n) for n in ago] or [now] * len(codes)
    batch = [raw_read(code, at) | said for code, at in zip(codes, moments, strict=True)]
    done = reads.record(database, station=station, raw_reads=batch, language="en")
    assert done is not None
    return done.results, done.session


# Who may send


@pytest.fixture
def client(database: Database) -> FlaskClient:
    return app.create_app(database).test_client()


@pytest.mark.parametrize("header", ["", "Basic dTpw", "Bearer", "Bearer ", "bearer x", "Token t"])
def test_only_a_token_of_this_station_records(client: FlaskClient, header: str) -> None:
    batch = {"reads": [raw_read(command("times-5"))]}
    headers = {"Authorization": header}
    answer = client.post("/api/stations/CLIP-1/reads", json=batch, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("body", ["[" * 100_000, '{"reads":' + "[" * 100_000, "", "nul", "3"])
def test_what_is_no_batch_is_said_to_be_none(client: FlaskClient, body: str) -> None:
    headers = {"Authorization": "Bearer x"}
    answer = client.post("/api/stations/CLIP-1/reads", data=body, headers=headers)
    assert answer.status_code == 400


def test_one_garbled_read_is_refused_alone(database: Database, client: FlaskClient) -> None:
    """Half a surrogate pair is no text, yet JSON can hold it: whoever sent it would send its batch for ever."""
    with database.writing() as session:
        token = stations.new_token(session, station="CLIP-1")
    batch = {"reads": [raw_read("\udc80"), raw_read(command("times-5"))]}
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post("/api/stations/CLIP-1/reads", data=json.dumps(batch), headers=headers)
    assert answer.status_code == 200
    assert [one["status"] for one in answer.get_json()["results"]] == ["refused", "accepted"]


@pytest.mark.parametrize(
    ("read_id", "status"),
    [
        ("EF638D90-53DC-4AD3-AC7D-727622F4363B", "accepted"),
        ("ef638d9053dc4ad3ac7d727622f4363b----", "refused"),
        ("ef638d90-53dc-4ad3-ac7d-727622f4363٣", "refused"),
        ("ef638d90-53dc-1ad3-ac7d-727622f4363b", "refused"),
        ("{f638d90-53dc-4ad3-ac7d-727622f4363}", "refused"),
    ],
)
def test_an_id_is_answered_as_it_was_sent(database: Database, read_id: str, status: str) -> None:
    """A station looks for its reads by the very text it sent."""
    raw = {**raw_read(command("times-5")), "id": read_id}
    done = reads.record(database, station="CLIP-1", raw_reads=[raw], language="en")
    assert done is not None
    assert [(r["id"], r["status"]) for r in done.results] == [(read_id, status)]


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (f"{TODAY}t19:00:00z", "accepted"),
        (f"{TODAY}T19:00:00.123456789+01:00", "accepted"),
        (
            "1970-01-01T00:00:10Z",
            "ignored",
        ),  # set aside: the clock stood still, somebody took something
        ("0001-01-01T00:00:00+14:00", "refused"),
        ("9999-12-31T23:59:59-14:00", "refused"),
        (f"{TODAY}T19:00:00", "refused"),
        (f"{TODAY}T24:30:00Z", "refused"),
    ],
)
def test_moments(database: Database, moment: str, status: str) -> None:
    raw = {**raw_read(picture(database, "SER")), "at": moment}
    done = reads.record(database, station="CLIP-1", raw_reads=[raw], language="en")
    assert done is not None
    assert done.results[0]["status"] == status


def test_the_database_is_for_its_own_user_alone(tmp_path: Path) -> None:
    """In a folder that others may look into, too; its write-ahead log has the secrets of the evening."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    with closing(Settings.from_environment({"COMPTOIR_DATA": str(folder)}).open_database()) as made:
        write_lists(made)
        rights = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert rights.keys() >= {"comptoir.db", "comptoir.db-wal"}
    assert set(rights.values()) == {0o600}


# What a session remembers


def test_a_mode_is_kept_at_a_station_made_for_another(database: Database) -> None:
    send(database, "STORE", command("mode-hand-out"))
    (answer,), session = send(database, "STORE", picture(database, "SER"))
    assert session["mode"] == "hand-out"
    assert answer["pieces"] == 1
    assert stock(database) == {("unaccounted", "SER"): -1}


# What is taken back


def test_undoing_a_correction_and_then_what_it_corrected(database: Database) -> None:
    with database.writing() as session:
        donate(session, "SER", "a", 100, "CLIP")
    syringe, undo = picture(database, "SER"), command("undo")
    send(database, "CLIP-1", command("times-5"), syringe)
    send(database, "CLIP-1", command("times-2"), command("correct-line"), syringe)
    _, view = send(database, "CLIP-1", undo)
    assert [line["pieces"] for line in view["lines"]] == [5]
    assert stock(database) == {("CLIP", "SER"): 95}
    send(database, "CLIP-1", undo)
    assert stock(database) == {("CLIP", "SER"): 100}


def test_what_was_unloaded_beyond_the_books_is_no_hand_out(database: Database) -> None:
    """Pieces that come back cover a shortfall; of an unknown lot, only where they were handed out."""
    with database.writing() as session:
        donate(session, "SER", "a", 10, "CLIP")
    syringe = picture(database, "SER")
    send(database, "CLIP-2", command("times-10"), syringe)
    send(database, "CLIP-1", command("mode-unload"), command("times-5"), syringe)
    send(database, "CLIP-2", command("undo"))
    expected = {("CLIP", "SER"): 10, ("STORE", "SER"): 5, ("unaccounted", "SER"): -5}
    assert stock(database) == expected


def test_a_load_from_nowhere_leaves_nothing(database: Database) -> None:
    """The store cannot load from itself; the lot just read must not stay behind either."""
    send(database, "STORE", command("mode-load"))
    with database.reading() as session:
        before = dump(session)
    (answer,), _ = send(database, "STORE", element_string(GTINS["SER"][0], "c"))
    assert answer["status"] == "ignored"
    with database.reading() as session:
        after = dump(session)
    # The read itself is kept: sent again from another mode, it must still not count.
    (kept,) = set(after.pop("read")) - set(before.pop("read"))
    assert "ignored" in kept
    assert after == before


# What is received


def test_boxes_of_two_deliveries_in_one_read(database: Database) -> None:
    """One read may check off more than one note announces: nothing is booked that both together announce."""
    with database.writing() as session:
        deliver(session, "n1", "AIG", "a", 100, "STORE")
        deliver(session, "n2", "AIG", "a", 100, "STORE")
    box = element_string(GTINS["AIG"][0], "a")
    send(database, "STORE", command("times-2"), box)
    assert stock(database) == {("STORE", "AIG"): 200}
    send(database, "STORE", command("undo"))
    assert stock(database) == {("STORE", "AIG"): 200}
    send(database, "STORE", box, box, box)
    assert stock(database) == {("STORE", "AIG"): 300}


# When a read was made


def test_a_read_is_set_aside_before_it_could_be_forgotten() -> None:
    """A hash goes with its month: no read that is still applied may have been forgotten by then."""
    for number in range(2 * 365):
        made = date(2026, 1, 1) + timedelta(days=number)
        forgotten = made
        while shifts.month_of(forgotten) - shifts.MONTHS_REMEMBERED <= shifts.month_of(made):
            forgotten += timedelta(days=1)
        assert forgotten - made > TOO_OLD + timedelta(days=1)


def test_what_is_no_code_is_refused_however_old(database: Database) -> None:
    syringe = picture(database, "SER")
    old = 500 * 86_400
    answers, _ = send(database, "CLIP-1", "1", syringe, ago=[old, old])
    assert [answer["status"] for answer in answers] == ["refused", "ignored"]
    with database.reading() as session:
        assert [(row.pieces, row.code) for row in session.scalars(select(SetAside))] == [(1, "SER")]


def test_what_is_set_aside_is_what_was_read(database: Database) -> None:
    """Numbers, what was undone, codes no list has: as at any time, only that nothing is booked."""
    syringe, cup = picture(database, "SER"), picture(database, "CUP")
    codes = [
        *(command("times-5"), syringe, syringe, cup, command("undo"), "3059948002413"),
        *(command("digit-3"), "3059948002413", command("times-10"), cup, command("digit-4")),
        *(command("correct-line"), cup, command("brought-back"), cup, command("close-shift")),
    ]
    answers, _ = send(database, "CLIP-1", *codes, ago=[500 * 86_400] * len(codes))
    assert {answer["status"] for answer in answers} == {"ignored"}
    with database.reading() as session:
        kept = {row.code: row.pieces for row in session.scalars(select(SetAside))}
    assert kept == {"SER": 6, "CUP": 4, "03059948002413": 4}
    assert stock(database) == {}


# Which places have labels


def test_nobody_stands_at_a_source_or_a_sink(database: Database) -> None:
    unaccounted = house_code(Kind.PLACE, UNACCOUNTED)
    (answer,), _ = send(database, "CLIP-1", unaccounted)
    assert answer["status"] == "refused"


# The timed jobs


def test_a_job_is_due_although_it_ran_in_the_future(database: Database) -> None:
    """A clock that was years ahead for a minute must not keep shifts open for years."""
    ran: list[datetime] = []
    job = Job("test", timedelta(minutes=5), lambda _, now: ran.append(now))
    now = days.now()
    for moment in (now + timedelta(days=1000), now, now, now + timedelta(minutes=5)):
        run_due(database, moment, (job,))
    assert ran == [now + timedelta(days=1000), now, now + timedelta(minutes=5)]


# Closing


def test_closing_says_only_what_was_done(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who reads for long holds back the last erasing: nobody is told that it happened."""
    monkeypatch.setattr(common, "database", lambda: database)
    monkeypatch.setattr(counter, "database", lambda: database)
    done_now = "Shift closed. Its journal is erased."
    later = "Shift closed. Somebody is reading: the worker erases the rest of its journal."
    for erased, told in ((True, done_now), (False, later)):
        send(database, "CLIP-1", picture(database, "SER"))
        monkeypatch.setattr(database, "forget_erased", lambda erased=erased: erased)
        done = CliRunner().invoke(counter.shift, ["close", "--station", "CLIP-1"])
        assert done.exit_code == 0, done.output
        assert done.output.splitlines()[-1] == common.tell(Message(told))


def test_closing_names_what_is_low(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def levels(session: Session) -> None:
        donate(session, "KIT", "a", 10, "CLIP")
        place = catalogue.place(session, "CLIP")
        replenish.set_levels(session, place=place, levels={"KIT": 10})

    database.write(levels)
    monkeypatch.setattr(common, "database", lambda: database)
    monkeypatch.setattr(counter, "database", lambda: database)
    _, session = send(database, "CLIP-1", picture(database, "KIT"))
    assert "low" not in session
    _, session = send(database, "CLIP-1", command("close-shift"))
    assert session["low"] == [{"item": "KIT", "there": 9, "level": 10}]
    send(database, "CLIP-1", picture(database, "KIT"))
    done = CliRunner().invoke(counter.shift, ["close", "--station", "CLIP-1", "--json"])
    assert json.loads(done.output)["low"] == [{"item": "KIT", "there": 8, "level": 10}]
    done = CliRunner().invoke(counter.shift, ["close", "--station", "CLIP-1", "--json"])
    assert json.loads(done.output)["low"] == [], "nothing was closed"


# What is known of the scanner


def test_a_read_belongs_to_the_lane_of_its_scanner(database: Database) -> None:
    picture_ = picture(database, "SER")
    send(database, "CLIP-1", picture_, lane="a")
    _, session = send(database, "CLIP-1", picture_, picture_, lane="b")
    assert session["lane"] == "b"
    assert {lane: len(lines) for lane, lines in session["lanes"].items()} == {"a": 1, "b": 2}
    _, session = send(database, "CLIP-1", "not a code at all", lane="a")
    assert session["lane"] == "b", "a read of nothing changes nothing"
    (answer,), _ = send(database, "CLIP-1", picture_, lane="c")
    assert (answer["status"], answer["pieces"]) == ("refused", None)


def test_a_lot_is_not_believed_where_the_separator_may_be_lost(database: Database) -> None:
    """(10)c(21)7 without its separator reads as lot c217: a recall would miss the box."""
    swallowed, details = element_string(GTINS["SER"][0], "c") + "217", "]C11731013110c217"
    (answer,), _ = send(database, "CLIP-1", swallowed, separator="lost")
    assert (answer["status"], answer["lot"], answer["expires"]) == ("accepted", None, "2041-01-31")
    (answer,), _ = send(database, "CLIP-1", details, separator="lost")
    assert answer["status"] == "refused"
    (answer,), _ = send(database, "STORE", swallowed, separator="lost")
    assert answer["status"] == "ignored"
    assert not [key for key in stock(database) if key[0] == "STORE"]
    (answer,), _ = send(database, "CLIP-1", swallowed)
    assert answer["lot"] == "c217", "a scanner that keeps the separator is believed"
