"""The workshop's rule, by its file of cases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from inventory.counter.commands import COMMANDS
from inventory.counter.values import Command, Status
from inventory.workshop import telling
from inventory.workshop.step import step
from inventory.workshop.values import (
    Article,
    Batch,
    Bench,
    Book,
    Confirm,
    Done,
    Leave,
    LotSeen,
    OfNoUse,
    Part,
    Press,
    PrintLabels,
    Take,
    Uncheck,
    Unlisted,
    WorkshopRead,
)

FILE = json.loads((Path(__file__).parents[1] / "cases" / "workshop.json").read_text())
TODAY = date(2026, 11, 21)
KINDS: dict[str, Any] = {
    kind.__name__: kind for kind in (Article, Press, Unlisted, OfNoUse, Uncheck)
}


def read_of(name: str) -> WorkshopRead:
    raw = dict(FILE["reads"][name])
    found: WorkshopRead = msgspec.convert(raw, KINDS[raw.pop("type")])
    return found


class Table:
    """A bench, and what the service would have done of the entries."""

    def __init__(self, prints: bool) -> None:
        self.bench = Bench(prints=prints)
        self.booked: int | None = None
        self.printed: list[int] = []
        self.left = False

    def read(self, name: str) -> Done:
        before = self.bench
        done = step(before, read_of(name), TODAY)
        asked_again = done.told.tell == "count-again"  # forgets the count, and nothing else
        if done.told.show in ("note", "stop", "help") and not asked_again:
            assert (done.bench, done.entries) == (before, ()), "nothing may have changed"
        self.bench = done.bench
        for entry in done.entries:
            self._do(entry)
        return done

    def _do(self, entry: Any) -> None:
        match entry:
            case Take(kit):
                self.bench = replace(self.bench, batch=Batch(kit, (Part("SER", 2), Part("CUP", 1))))
            case Confirm(makes_lot=True):
                batch = self.bench.batch
                assert batch is not None and batch.lot is not None
                batch = replace(batch, lot=replace(batch.lot, code="K1"))
                self.bench = replace(self.bench, batch=batch)
            case PrintLabels(copies):
                self.printed.append(copies)
            case Leave():
                self.left, self.bench = True, Bench()
            case Book(kits):
                self.booked, self.bench = kits, Bench()

    def seen(self, key: str) -> Any:
        batch = self.bench.batch
        match key:
            case "phase":
                return self.bench.phase.value
            case "counted":
                return self.bench.counted
            case "booked" | "printed" | "left":
                return getattr(self, key)
        assert batch is not None
        match key:
            case "lots":
                return [lot.code for lot in batch.lots]
            case "expires":
                assert batch.lot is not None and batch.lot.expires is not None
                return batch.lot.expires.isoformat()
            case _:
                return getattr(batch, key)


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    table = Table(case.get("prints", False))
    for number, (read, tell, *params) in enumerate(case["steps"], start=1):
        done = table.read(read)
        assert done.told.tell == tell, f"step {number}: {read}"
        for key, value in (params[0] if params else {}).items():
            assert done.told.params[key] == value, f"step {number}: {read}: {key}"
    for key, value in case["then"].items():
        assert table.seen(key) == value, key


def test_every_sentence_is_told_in_a_case() -> None:
    """But for those told where the rule is not asked."""
    told = {step[1] for case in FILE["cases"] for step in case["steps"]}
    assert set(telling._SENTENCES) - told == {"lot-stopped"}


def test_every_code_of_the_workshop_is_in_a_case() -> None:
    read = {step[0] for case in FILE["cases"] for step in case["steps"]}
    codes = {
        code.name
        for code in COMMANDS
        if isinstance(code.meaning, Command) and code.meaning.name == "workshop"
    }
    assert codes <= read


@pytest.mark.parametrize("key", telling._SENTENCES)
def test_sentences_are_short(key: str) -> None:
    for sentence in telling._SENTENCES[key][1].text.replace(":", ".").split("."):
        assert len(sentence.split()) <= 12


def test_a_part_that_went_bad_stops_making_not_counting() -> None:
    """A batch stays open overnight; what was confirmed yesterday may have expired, or be on hold."""
    table = Table(prints=True)
    for read in ("kit", "ser-until-today", "cup", "kits-5"):
        table.read(read)
    tomorrow = date(2026, 11, 22)
    for read in ("kits-1", "label", "labels-10", "ser-later", "cup"):
        done = step(table.bench, read_of(read), tomorrow)
        assert (done.told.tell, done.told.params) == ("lot-stopped", {"item": "SER", "lot": "t"})
        assert done.bench == table.bench
    counting = step(table.bench, read_of("finish"), tomorrow).bench
    assert step(counting, read_of("kits-5"), tomorrow).bench.counted == 5


def test_no_lot_of_kits_is_made_of_a_part_that_went_bad() -> None:
    table = Table(prints=True)
    for read in ("kit", "ser-until-today"):
        table.read(read)
    done = step(table.bench, read_of("cup"), date(2026, 11, 22))
    assert (done.told.tell, done.told.params["lot"]) == ("lot-stopped", "t")
    assert (done.bench, done.entries) == (table.bench, ())


@pytest.mark.parametrize("read", ["kits-1", "label", "labels-10", "ser-later"])
def test_a_part_that_is_known_to_expire_sooner_by_now_stops(read: str) -> None:
    """Labels with the later date may hang already."""
    table = Table(prints=True)
    for first in ("kit", "ser", "cup"):
        table.read(first)
    batch = table.bench.batch
    assert batch is not None
    ser, cup = batch.parts
    cup = replace(cup, lots=(LotSeen("", date(2026, 12, 1)),))
    table.bench = replace(table.bench, batch=replace(batch, parts=(ser, cup)))
    done = table.read(read)
    assert (done.told.tell, done.told.params["item"]) == ("before-label", "CUP")
    assert table.read("finish").told.tell == "counting"


@pytest.mark.parametrize("which", ["part", "kit"])
def test_a_lot_put_on_hold_meanwhile_stops(which: str) -> None:
    table = Table(prints=True)
    for read in ("kit", "ser", "cup"):
        table.read(read)
    batch = table.bench.batch
    assert batch is not None
    ser, cup = batch.parts
    if which == "part":
        ser = replace(ser, lots=(replace(ser.lots[0], on_hold=True),))
        batch = replace(batch, parts=(ser, cup))
    else:
        assert batch.lot is not None
        batch = replace(batch, lot=replace(batch.lot, on_hold=True))
    done = step(replace(table.bench, batch=batch), read_of("kits-1"), TODAY)
    assert done.told.tell == "lot-stopped"


def test_what_was_not_done_is_not_accepted() -> None:
    """A repeat of it must not do it later."""
    for key, (show, _) in telling._SENTENCES.items():
        params = dict.fromkeys(("ready", "counted", "difference", "labels"), 1)
        feedback = telling.feedback(telling.tell(key, **params))
        assert (feedback.status is Status.ACCEPTED) == (show in ("ok", "help"))
