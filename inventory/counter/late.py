"""Reads that come more than thirteen months late: whether they are repeats can no longer be told.

Nothing of them is applied. What they say was handed out is set aside by day for the logistics lead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session as DbSession

from inventory import days
from inventory.counter.step import step
from inventory.counter.values import Carry, GiveBack, HandOut, Meaning, ReadAt, Session
from inventory.tables import SetAside


@dataclass(slots=True)
class Late:
    """The late reads of one batch: a number belongs to the code after it, and undo takes back, as at any time."""

    session: DbSession
    place_id: int
    state: Session
    aside: dict[str, tuple[str, date, int]] = field(default_factory=dict)
    """By read: code, day and pieces."""

    def set_aside(self, read: ReadAt, meaning: Meaning) -> None:
        """Keep what a read says was handed out, under its item's code, or its GTIN if no list has it."""
        day = days.service_day(read.at)
        before, done = self.state, step(self.state, read, meaning)
        self.state = done.session
        for entry in done.entries:
            match entry:
                case HandOut() | Carry():
                    self._change(entry.read, entry.item, day, entry.pieces)
                case GiveBack() if entry.read in self.aside:
                    code, its_day, pieces = self.aside[entry.read]
                    less = pieces if entry.pieces is None else entry.pieces
                    self._change(entry.read, code, its_day, -less)
        for key in sorted({*before.counters, *done.session.counters}):
            what, _, gtin = key.partition(":")
            more = done.session.counters.get(key, 0) - before.counters.get(key, 0)
            if what == "unknown" and more:
                self._keep(gtin, day, more)

    def _change(self, read: str, code: str, day: date, pieces: int) -> None:
        _, _, there = self.aside.get(read, (code, day, 0))
        self.aside[read] = (code, day, there + pieces)
        self._keep(code, day, pieces)

    def _keep(self, code: str, day: date, pieces: int) -> None:
        row = self.session.get(SetAside, (code, day, self.place_id))
        if row is None:
            row = SetAside(code=code, day=day, place_id=self.place_id, pieces=0)
            self.session.add(row)
        row.pieces += pieces
        if not row.pieces:
            self.session.delete(row)
        self.session.flush()
