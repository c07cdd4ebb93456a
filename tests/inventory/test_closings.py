"""Closing at any moment gives the same totals, and a shortfall is exactly what was handed out beyond the books."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import catalogue, days, ledger, tally
from inventory.counter import values
from inventory.database import Database
from tests import LONG

from . import house
from .house import NOW, TODAY, YESTERDAY, command

EXAMPLES = settings(
    max_examples=150 if LONG else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
ITEMS = ("SER", "AIG", "CUP")


@dataclass(frozen=True)
class Reads:
    """Reads of one station that a closing does not part: what is undone was done since the last closing."""

    station: str
    day: date
    codes: tuple[str, ...]
    at_s: int = 0


def products() -> st.SearchStrategy[tuple[str, ...]]:
    picture = st.sampled_from(ITEMS).map(lambda item: (f"picture {item}",))
    label = st.sampled_from(["SER", "AIG"]).flatmap(
        lambda item: st.sampled_from(sorted(house.LOTS)).map(
            lambda lot: (house.element_string(house.GTINS[item][0], lot),)
        )
    )
    times = st.sampled_from([(), (command("times-5"),), (command("digit-3"),)])
    return st.builds(lambda number, code: (*number, *code), times, st.one_of(picture, label))


def gestures() -> st.SearchStrategy[tuple[str, ...]]:
    """Nothing arrives at a counter meanwhile: what is taken back after an arrival may cover an older shortfall, and a
    shortfall that was posted is settled by the lead alone."""
    undone = products().map(lambda codes: (*codes, command("undo")))
    two_codes = st.sampled_from(sorted(house.LOTS)).map(
        lambda lot: (house.GTINS["SER"][0], house.details(lot))
    )
    corrected = st.just(
        (
            *(command("next-person"), command("times-5"), "picture SER"),
            *(command("digit-2"), command("correct-line"), "picture SER", command("next-person")),
        )
    )
    others = st.sampled_from(
        [
            (command("next-person"),),
            (command("returned-declared-20"),),
            (house.NOWHERE_LISTED[0],),
            (command("training"), "picture SER", command("training")),
            (command("mode-unload"), "picture AIG", command("mode-hand-out")),
            (command("lane-b"), "picture CUP", command("lane-a")),
            (command("brought-back"), "picture SER"),
        ]
    )
    return st.one_of(products(), products(), products(), undone, two_codes, corrected, others)


EVENING = st.lists(
    st.builds(
        Reads,
        station=st.sampled_from(["CLIP-1", "CLIP-2", "VAN"]),
        day=st.sampled_from([TODAY, TODAY, YESTERDAY]),
        codes=gestures(),
    ),
    min_size=1,
    max_size=12,
)
CLOSINGS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["CLIP-1", "CLIP-2", "VAN"])), max_size=8
)


@pytest.fixture(autouse=True)
def one_evening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "now", lambda: NOW.astimezone(UTC))


@EXAMPLES
@given(evening=EVENING, closings=CLOSINGS)
def test_closing_at_any_moment_gives_the_same_totals(
    template: house.Template, evening: list[Reads], closings: list[tuple[int, str]]
) -> None:
    """What was handed out by item, place, channel and day, and the stock by place and item, with and without."""
    with template.copy() as once, template.copy() as often:
        for database in (once, often):
            stock_up(database)
        record(once, evening, [])
        record(often, evening, closings)
        assert totals(once) == totals(often)
        record(often, [], [(0, name) for name in ("CLIP-1", "CLIP-2", "VAN")])
        assert totals(once) == totals(often)


@EXAMPLES
@given(evening=EVENING, data=st.data())
def test_the_same_reads_in_any_batches(
    template: house.Template, evening: list[Reads], data: st.DataObject
) -> None:
    """One read at a time, or as an outbox sends them: batches of any size, each sent any number of times."""
    mine = [Reads("CLIP-1", reads.day, reads.codes) for reads in evening]
    with template.copy() as once, template.copy() as often:
        for database in (once, often):
            stock_up(database)
        record(once, mine, [])
        batch = raws(often, mine)
        while batch:
            size = data.draw(st.integers(1, len(batch)))
            for _ in range(data.draw(st.integers(1, 2))):
                house.send(often, "CLIP-1", batch[:size])
            batch = batch[size:] if data.draw(st.booleans()) else batch[max(1, size - 2) :]
        assert totals(once) == totals(often)


@EXAMPLES
@given(evening=EVENING, data=st.data())
def test_the_order_of_arrival_changes_no_total(
    template: house.Template, evening: list[Reads], data: st.DataObject
) -> None:
    """A van sends its evening when the counter has long closed: lots may differ, what was handed out may not."""
    with template.copy() as one, template.copy() as other:
        for database in (one, other):
            stock_up(database)
        record(one, evening, [])
        record(other, data.draw(st.permutations(evening)), [])
        first, second = totals(one), totals(other)
        del first["stock"], second["stock"]
        assert first == second


HAND_OUTS = st.lists(
    st.tuples(
        st.sampled_from(["CLIP-1", "CLIP-2"]),
        st.sampled_from(["times-1", "times-5", "times-10", "undo", "undo"]),
    ),
    max_size=30,
)


@settings(EXAMPLES, max_examples=360 if LONG else 30)
@given(there=st.lists(st.integers(1, 6), max_size=3), evening=HAND_OUTS)
def test_a_shortfall_is_what_was_handed_out_beyond_the_books(
    template: house.Template, there: list[int], evening: list[tuple[str, str]]
) -> None:
    """Two stations at one counter, in any order and with undo: nobody stays short of pieces that came back."""
    with template.copy() as database:
        for lot, pieces in zip(sorted(house.LOTS), there, strict=False):
            donate(database, "SER", lot, pieces)
        syringe = house.picture(database, "SER")
        acts: dict[str, list[int]] = {"CLIP-1": [], "CLIP-2": []}
        for station, act in evening:
            codes = [command("undo")] if act == "undo" else [command(act), syringe]
            house.send(database, station, [house.raw_read(code) for code in codes])
            if act != "undo":
                acts[station].append(int(act.removeprefix("times-")))
            elif acts[station]:
                acts[station].pop()
            expected = sum(sum(pieces) for pieces in acts.values())
            with database.reading() as session:
                house.assert_sound(session)
                item_id = catalogue.item(session, "SER").id
                short = ledger.shortfall(session, item_id=item_id)
                stock = house.stock_by_place(session).get(("CLIP", "SER"), 0)
            assert short == max(0, expected - sum(there))
            assert stock == max(0, sum(there) - expected)


def test_who_is_short_no_longer_is_when_the_other_takes_back(template: house.Template) -> None:
    with template.copy() as database:
        donate(database, "SER", "a", 5)
        give = [command("times-5"), house.picture(database, "SER")]
        for station, codes in (("CLIP-1", give), ("CLIP-2", give), ("CLIP-1", [command("undo")])):
            house.send(database, station, [house.raw_read(code) for code in codes])
        with database.reading() as session:
            item_id = catalogue.item(session, "SER").id
            assert ledger.shortfall(session, item_id=item_id) == 0
            assert house.stock_by_place(session) == {}


def test_no_closed_session_stays_at_hand(template: house.Template) -> None:
    """What spares the next read of an open shift its decoding goes with the shift."""
    with template.copy() as database:
        give = house.raw_read(house.picture(database, "SER"))
        house.send(database, "CLIP-1", [give])
        assert any(give["id"] in text for text in values._at_hand)
        house.send(database, "CLIP-1", [house.raw_read(command("close-shift"))])
        assert not any(give["id"] in text for text in values._at_hand)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([command("digit-0")], []),
        ([command("digit-2"), command("point"), command("digit-5")], []),
        ([command("mode-load")], [command("mode-hand-out")]),
    ],
)
def test_what_the_moment_refused_is_not_counted_later(
    template: house.Template, before: list[str], after: list[str]
) -> None:
    """An outbox sends a read again whose answer it never heard: by then the session has moved on."""
    with template.copy() as database:
        slip = house.raw_read(house.picture(database, "SER"))
        sent = [*map(house.raw_read, before), slip, *map(house.raw_read, after)]
        first = house.send(database, "STORE", [house.raw_read(command("mode-hand-out")), *sent])
        assert first[1 + len(before)]["status"] == "ignored"
        with database.reading() as session:
            rows = house.dump(session)
        again = house.send(database, "STORE", [slip])
        assert again[0]["status"] == "ignored"
        assert again[0]["already_recorded"]
        with database.reading() as session:
            assert house.dump(session) == rows


def donate(database: Database, item: str, lot: str, pieces: int, place: str = "CLIP") -> None:
    database.write(lambda session: house.donate(session, item, lot, pieces, place))


def stock_up(database: Database) -> None:
    for place in ("STORE", "CLIP", "VAN"):
        for item in ("SER", "AIG", "CUP"):
            donate(database, item, "a", 7, place)
        donate(database, "SER", "b", 20, place)


def raws(database: Database, evening: list[Reads]) -> list[house.Raw]:
    clocks = {day: NOW - timedelta(hours=3) - (TODAY - day) for day in (TODAY, YESTERDAY)}
    found = []
    for reads in evening:
        for code in reads.codes:
            clocks[reads.day] += timedelta(seconds=1)
            _, is_picture, item = code.partition("picture ")
            scanned = house.picture(database, item) if is_picture else code
            found.append(house.raw_read(scanned, clocks[reads.day]))
    return found


def record(database: Database, evening: list[Reads], closings: list[tuple[int, str]]) -> None:
    """The reads one by one, and the closings each before the gesture of its number."""
    sent = iter(raws(database, evening))
    for number in range(len(evening) + 1):
        for when, station in closings:
            if min(when, len(evening)) == number:
                for day in (TODAY, YESTERDAY):
                    at = NOW - timedelta(hours=1) - (TODAY - day)
                    house.send(database, station, [house.raw_read(command("close-shift"), at)])
        if number < len(evening):
            for _ in evening[number].codes:
                house.send(database, evening[number].station, [next(sent)])


def totals(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        house.assert_sound(session)
        found: dict[str, Any] = {"stock": house.stock_by_place(session)}
        for day in (TODAY, YESTERDAY):
            counted = tally.tally(session, first=day, last=day)
            handed_out: Counter[tuple[str, str, str]] = Counter()
            for row in counted.rows:
                handed_out[row.item, row.place, row.channel] += row.handed_out
            found[f"{day}"] = (handed_out, counted.returns, counted.unknown)
    return found
