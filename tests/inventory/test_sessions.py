"""The counter's state machine, by the file of cases that every language reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.counter import lanes, returning
from inventory.counter.commands import BY_NAME, COMMANDS
from inventory.counter.parts import MOST_ACTS
from inventory.counter.step import NOT_COUNTED, closing, passages_at_closing, step
from inventory.counter.values import (
    Close,
    Details,
    Entry,
    GiveBack,
    HandOut,
    Line,
    Meaning,
    PlaceCode,
    Product,
    ReadAt,
    Session,
    UnknownProduct,
    dump_session,
    load_session,
)
from inventory.days import ZONE
from inventory.words import Mode

FILE = json.loads((Path(__file__).parents[1] / "cases" / "sessions.json").read_text())
SEVEN = datetime(2026, 11, 21, 19, 0, tzinfo=ZONE)
MEANINGS: dict[str, Meaning] = {
    name: msgspec.convert(raw, Product | Details | PlaceCode | UnknownProduct)
    for name, raw in FILE["meanings"].items()
} | {name: code.meaning for name, code in BY_NAME.items()}


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    session = Session(mode=Mode(case["mode"]))
    at = 0
    for number, expected in enumerate(case["steps"], start=1):
        at = expected.get("at", at)
        read = ReadAt(str(number), SEVEN + timedelta(seconds=at), expected.get("lane", ""))
        done = step(session, read, MEANINGS[expected["read"]])
        told = f"step {number}: {expected['read']}"
        assert done.feedback.status == expected["status"], told
        if "entries" in expected:
            assert msgspec.to_builtins(done.entries) == tuple(expected["entries"]), told
        for key in ("item", "lot", "pieces", "gtin"):
            if key in expected:
                assert getattr(done.feedback, key) == expected[key], told
        session = done.session
        # What a station keeps between two reads is exactly what it needs.
        assert load_session(dump_session(session)) == session, told
    for key, value in case["session"].items():
        assert _seen(session, key) == value, key
    if "closing" in case:
        closed = closing(session, case["closing"].get("passages"))
        assert closed.counters == case["closing"]["counters"]


def _seen(session: Session, key: str) -> Any:
    """One thing a case says of the session, as plain data."""
    match key:
        case "lines":
            return _rows(session.lines)
        case "lanes":
            return {lane: _rows(theirs) for lane, theirs in lanes.lines(session).items()}
        case "returned":
            return [
                [used.method, used.unit, f"{used.measured.normalize():f}", used.container]
                for used in returning.used(session)
            ]
        case "brought_back":
            return [[act.item, act.lot, act.pieces] for act in returning.unopened(session)]
        case _:
            return getattr(session, key)


def _rows(lines: Iterable[Line]) -> list[list[Any]]:
    return [[line.read, line.item, line.pieces] for line in lines]


def test_every_command_is_in_a_case() -> None:
    read = {step["read"] for case in FILE["cases"] for step in case["steps"]}
    alike = {"digit", "times", "returned", "mode"}
    missing = {code.name for code in COMMANDS} - read
    assert {name.split("-")[0] for name in missing} <= alike


def test_numbers_and_names_of_commands_are_unique_and_short() -> None:
    assert len({code.number for code in COMMANDS}) == len({code.name for code in COMMANDS})
    assert len(COMMANDS) == len(BY_NAME)
    assert all(0 < code.number < 1_000_000 for code in COMMANDS)


def test_closing_counts_the_last_person() -> None:
    session = step(Session(), ReadAt("1", SEVEN), MEANINGS["kit"]).session
    assert closing(session).passages == 1
    assert closing(session).counters == {"passage:19": 1}
    assert closing(session, passages=61).passages == 61
    assert closing(session, passages=0).passages == 0


def test_closing_takes_passages_off_the_last_hours() -> None:
    session = Session(counters={"passage:19": 5, "passage:20": 3}, last_at_s=0)
    assert closing(session, passages=4).counters == {"passage:19": 4}


def test_the_last_hour_is_the_last_of_the_service_day() -> None:
    session = Session(counters={"passage:9": 2, "passage:11": 3, "passage:1": 1}, last_at_s=0)
    assert closing(session, passages=4).counters == {"passage:9": 2, "passage:11": 2}
    assert closing(session, passages=7).counters["passage:1"] == 2


def test_a_session_does_not_grow_with_the_evening() -> None:
    """Not even where nobody ever reads "next person"."""
    session, sizes = Session(), []
    for number in range(400):
        read = ReadAt(str(uuid4()), SEVEN + timedelta(seconds=number * 20))
        session = step(session, read, MEANINGS["kit"]).session
        sizes.append(len(dump_session(session)))
    assert max(sizes) < 20_000
    assert sizes[-1] == sizes[-100]


def test_closing_leaves_training() -> None:
    session = step(Session(), ReadAt("1", SEVEN), MEANINGS["training"]).session
    session = step(session, ReadAt("2", SEVEN), MEANINGS["kit"]).session
    assert closing(session).passages == 0
    # Somebody learned before, too: those reads came later, and their end not at all.
    for name in ("training", "kit", "next-person"):
        earlier = ReadAt(name, SEVEN - timedelta(minutes=5))
        session = step(session, earlier, MEANINGS[name]).session
    assert closing(session).counters == {}
    assert passages_at_closing(session) == 0


@pytest.mark.parametrize(
    "name", ["kit", "box", "returned-declared-20", "durex", "contact-shower", "midi"]
)
def test_what_is_not_counted_says_so(name: str) -> None:
    """Whoever works by scanner alone sees no banner."""
    session, read = Session(mode=Mode.HAND_OUT), ReadAt("2", SEVEN)
    counted = step(session, read, MEANINGS[name])
    training = step(session, ReadAt("1", SEVEN), MEANINGS["training"]).session
    told = step(training, read, MEANINGS[name])
    assert told.feedback.message == NOT_COUNTED != counted.feedback.message
    assert replace(told.feedback, message=counted.feedback.message) == counted.feedback
    assert told.entries == ()
    # What was made before it is counted, and says that.
    before = step(training, ReadAt("2", SEVEN - timedelta(minutes=1)), MEANINGS[name])
    assert (before.feedback, before.entries) == (counted.feedback, counted.entries)


def test_training_stored_before_it_had_a_beginning_is_over() -> None:
    session = load_session('{"learned_at_s":1795284000,"training":{"counters":{"passage:19":3}}}')
    done = step(session, ReadAt("1", SEVEN), MEANINGS["kit"])
    assert (done.session.training, done.session.passages) == (None, 3)
    assert len(done.entries) == 1


OFTEN = ("lane-a", "lane-b", "kit", "box", "details", "undo", "brought-back", "next-person")
ANY_READ = st.tuples(
    st.one_of(st.sampled_from(sorted(MEANINGS)), st.sampled_from(OFTEN)), st.integers(0, 90)
)


@given(st.sampled_from(list(Mode)), st.lists(ANY_READ, max_size=60))
def test_any_reads_in_any_order(mode: Mode, reads: list[tuple[str, int]]) -> None:
    """Whatever is read: no failure, counters never below zero, and lines equal to what the journal holds."""
    session, at = Session(mode=mode), 0
    held: dict[str, int] = {}
    for number, (name, later) in enumerate(reads):
        at += later
        done = step(session, ReadAt(str(number), SEVEN + timedelta(seconds=at)), MEANINGS[name])
        session = done.session
        for entry in done.entries:
            _apply(held, entry)
            if isinstance(entry, Close):
                session, held = Session(mode=mode), {}
        assert all(n > 0 for key, n in session.counters.items())
        assert len(session.acts) <= MOST_ACTS
        assert load_session(dump_session(session)) == session
    if session.training is None:
        for line in [line for theirs in lanes.lines(session).values() for line in theirs]:
            assert held[line.read] >= line.pieces
        for act in returning.unopened(session):
            assert held[act.read] == act.pieces
    assert passages_at_closing(session) == closing(session).passages
    counted = session.real
    for key in counted.counters:
        assert closing(session).counters[key] >= counted.counters[key]


def _apply(held: dict[str, int], entry: Entry) -> None:
    match entry:
        case HandOut(read, _, pieces):
            held[read] = held.get(read, 0) + pieces
        case GiveBack(read, pieces):
            # Every piece given back was held: the session never invents one.
            assert held[read] >= (pieces or 0)
            held[read] -= held[read] if pieces is None else pieces
        case _:
            held[getattr(entry, "read", "")] = getattr(entry, "pieces", 0)


def test_sessions_stored_before_there_were_lanes_go_on() -> None:
    stored = (
        '{"number":"×5","last_at_s":1795284000,"lines":[["1","KIT-INJ",2,null]],'
        '"acts":[{"read":"1","item":"KIT-INJ","pieces":2,"stock":true}],"counters":{"passage:19":3}}'
    )
    session = load_session(stored)
    assert (session.lane, session.aside, session.passages) == ("a", None, 3)
    session = step(session, ReadAt("2", SEVEN), MEANINGS["lane-b"]).session
    assert (session.number, session.lines) == ("", ())
    session = step(session, ReadAt("3", SEVEN), MEANINGS["lane-a"]).session
    assert session.number == "×5"
    assert closing(session).passages == 4


def test_two_lanes_do_not_grow_with_the_evening_either() -> None:
    session, sizes = Session(), []
    for number in range(400):
        at = SEVEN + timedelta(seconds=number * 20)
        for name in ("lane-a", "kit", "brought-back", "kit", "lane-b", "kit"):
            session = step(session, ReadAt(str(uuid4()), at), MEANINGS[name]).session
        sizes.append(len(dump_session(session)))
    assert max(sizes) < 40_000
    assert sizes[-1] == sizes[-100]


def test_modes_do_not_make_it_grow_either() -> None:
    """A round of large loads, with persons between them."""
    session, sizes, at = Session(), [], 0
    for number in range(24):
        for name in (("mode-unload", "mode-hand-out", "mode-load")[number % 3], *["kit"] * 110):
            at += 1
            read = ReadAt(str(uuid4()), SEVEN + timedelta(seconds=at))
            session = step(session, read, MEANINGS[name]).session
        sizes.append(len(dump_session(session)))
    assert max(sizes) < 25_000, sizes
    assert abs(sizes[-1] - sizes[-4]) < 100


def test_whoever_was_served_many_modes_ago_is_found_by_a_late_next_person() -> None:
    """What was read of them is remembered in part only; that they were counted is not forgotten."""
    session = Session()
    loads = ["mode-load", *["kit"] * 110, "mode-unload", *["kit"] * 110] * 2
    for at, name in enumerate(["kit", *loads], start=1):
        session = step(
            session, ReadAt(str(at), SEVEN + timedelta(seconds=at)), MEANINGS[name]
        ).session
    for name in ("next-person", "kit"):
        late = step(session, ReadAt(name, SEVEN + timedelta(seconds=1.5)), MEANINGS[name])
        assert late.feedback.status == "accepted"
        session = late.session
    assert closing(session).passages == 2
