"""Who is told what, and what is forgotten: by a clock of the test's."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import pytest

from inventory import catalogue, printing
from inventory.database import Database
from tests.e2e.processes import read
from web import lost_prints, reads
from web.live import (
    COMMENT_EVERY_S,
    MOST_PER_BROWSER,
    MOST_STREAMS,
    MOST_WAITING,
    POLLED_WITHIN_S,
    Live,
    Stream,
    last_result,
)
from web.reads import Recorded
from web.server import THREADS
from web.station_status import AWAY_AFTER_S, Status

CONDOMS = "5410036306703"


@dataclass
class Clock:
    now_s: float = 0.0
    step_s: float = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(clock: Clock) -> Live:
    return Live(clock)


def recorded(database: Database, *codes: str) -> Recorded:
    raw = [read(code) for code in codes]
    done = reads.record(database, station="CLIP", raw_reads=raw, language="en")
    assert done is not None
    return done


def stream_of(live: Live, database: Database, **other: Any) -> Stream:
    listener = live.listen("CLIP", "browser")
    assert listener is not None
    options = {"still_welcome": lambda: True, "gone": lambda: False, **other}
    return Stream(live, listener, database, "en", **options)


def test_streams_leave_threads_for_reads() -> None:
    assert THREADS - MOST_STREAMS >= 8


def test_a_station_that_says_nothing_is_away(clock: Clock, live: Live) -> None:
    assert live.statuses.view("CLIP")["station"] == "none"
    live.status("CLIP", Status(kept=2))
    clock.now_s += AWAY_AFTER_S
    assert live.statuses.view("CLIP")["station"] == "here"
    clock.now_s += 1
    away = live.statuses.view("CLIP")
    assert (away["station"], away["kept"]) == ("away", 2)
    live.status("CLIP", Status())
    assert live.statuses.view("CLIP")["station"] == "here"


def test_a_page_hears_that_a_station_went_away(
    clock: Clock, live: Live, database: Database
) -> None:
    live.status("CLIP", Status())
    told = iter(stream_of(live, database))
    assert next(told).startswith(b"retry:") and b'"station":"here"' in next(told)
    clock.now_s += AWAY_AFTER_S + 1
    assert b'event: status\ndata: {"station":"away"' in next(told)


def test_a_silent_station_gets_comments_and_nothing_else(
    clock: Clock, live: Live, database: Database
) -> None:
    told = iter(stream_of(live, database))
    next(told), next(told)
    clock.now_s += COMMENT_EVERY_S
    assert next(told) == b":\n\n"


def test_a_page_asks_about_what_a_station_had_under_way_when_it_went_away(
    clock: Clock, live: Live, database: Database
) -> None:
    printing_at_clip(database)
    live.status("CLIP", Status())
    told = iter(stream_of(live, database))
    assert next(told).startswith(b"retry:") and b'"state":"sending"' in next(told)
    clock.now_s += AWAY_AFTER_S + 1
    assert b'"state":"unknown"' in next(told)


def test_whoever_looks_at_the_paper_of_a_station_that_is_there_does_not_wait_to_write(
    live: Live, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    printing_at_clip(database)

    def waits(*_: object) -> None:
        raise AssertionError("somebody else may be writing")

    monkeypatch.setattr(Database, "write", waits)
    assert not lost_prints.ask(database, live.statuses)


def printing_at_clip(database: Database) -> None:
    """Its process has just taken a test receipt."""
    with database.writing() as session:
        station = catalogue.station(session, "CLIP")
        station.printer = "tcp://192.0.2.7:9100"
        printing.trial(session, station_id=station.id)
        (job,) = printing.unfinished(session, station_id=station.id)
        printing.claim(session, station_id=station.id, job_id=job.id)


@pytest.mark.parametrize("why", ["signed out", "gone", "stopped"])
def test_a_stream_ends(clock: Clock, live: Live, database: Database, why: str) -> None:
    options = {"still_welcome": lambda: why != "signed out", "gone": lambda: why == "gone"}
    told = iter(stream_of(live, database, **options))
    next(told)
    if why == "stopped":
        live.stop()
    clock.step_s = 2.0
    # Else the page would take it for a lost connection.
    last = [b"event: shut\ndata: {}\n\n"] if why == "signed out" else []
    assert list(islice(told, 5)) == last


def test_the_places_are_counted(live: Live) -> None:
    taken = [live.listen("CLIP", f"browser {n % 4}") for n in range(MOST_STREAMS)]
    assert MOST_STREAMS == 4 * MOST_PER_BROWSER and all(taken)
    assert live.listen("TAD", "another") is None
    one = taken.pop()
    assert one is not None
    live.leave(one)
    live.leave(one)
    assert live.listen("CLIP", "browser 0") is None  # has its share
    assert live.listen("TAD", "another") is not None
    assert live.listening("CLIP") == MOST_STREAMS - 1


def test_a_page_that_takes_nothing_gets_the_latest(live: Live, database: Database) -> None:
    stream = stream_of(live, database)
    done = recorded(database, *[CONDOMS] * MOST_WAITING)
    for _ in range(5):
        live.publish("CLIP", done.answered, open_after=True)
    told = iter(stream)
    next(told)
    assert next(told).count(b"event: read") == MOST_WAITING


def test_nothing_is_remembered_where_nobody_polls(
    clock: Clock, live: Live, database: Database
) -> None:
    done = recorded(database, CONDOMS)
    live.publish("CLIP", done.answered, open_after=True)
    assert live.poll("CLIP", is_open=True) is None
    live.publish("CLIP", done.answered, open_after=True)
    first = live.poll("CLIP", is_open=True)
    assert first is not None
    live.publish("CLIP", done.answered, open_after=True)
    second = live.poll("CLIP", is_open=True)
    assert second is not None and second.n > first.n
    told = last_result(second, "nl")
    assert told is not None and (told["item"], told["n"]) == ("PRES", second.n)
    clock.now_s += POLLED_WITHIN_S + 1
    live.publish("CLIP", done.answered, open_after=True)
    assert live.poll("CLIP", is_open=True) is None


def test_a_closed_shift_leaves_no_result(live: Live, database: Database) -> None:
    live.poll("CLIP", is_open=True)
    live.publish("CLIP", recorded(database, CONDOMS).answered, open_after=True)
    assert live.poll("CLIP", is_open=False) is None
    assert live.poll("CLIP", is_open=True) is None
