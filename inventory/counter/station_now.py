"""A station as reads find it: its place, and its open shifts as far as these reads need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session as DbSession

from inventory import statements
from inventory.counter import shifts
from inventory.counter.late import Late
from inventory.counter.values import Session, load_session
from inventory.ledger import locked
from inventory.words import Mode, PlaceKind


@dataclass(slots=True)
class OpenShift:
    """One service day of a station within this transaction; `shift_id` is None until something is recorded."""

    day: date
    shift_id: int | None
    channel: str
    state: Session
    changed: bool = False
    joins_before_ms: int | None = None
    """Of reads that came too late for a closed shift and become part of it: when that one closed (see joining.py)."""
    closed_ms: int = 0
    """When the last shift of this day was closed here."""


@dataclass(slots=True)
class StationNow:
    """A station, its place and its open shifts, as far as these reads need them."""

    session: DbSession
    name: str
    station_id: int
    mode: Mode
    place_id: int
    place: str
    place_kind: PlaceKind
    place_channel: str
    secret: str
    paper: bool = False
    """Whether a print job of the station is not done."""
    by_day: dict[date, OpenShift] = field(default_factory=dict)
    closed: list[shifts.Closed] = field(default_factory=list)
    latest: OpenShift | None = None
    made_kits: bool = False
    """Whether a read was of the workshop: the page wants to see its batch."""
    erased: bool = False
    """Whether something was erased of which no file is to keep anything: a batch, paper, or no shift after all."""
    late: Late | None = None
    """Made for the first read that comes too late to be applied."""

    def shift(self, day: date) -> OpenShift:
        """The shift of a service day: open, or about to be."""
        if day not in self.by_day:
            row = statements.STATION_BY_NAME(
                self.session, name=self.name, day=day.isoformat()
            ).one()
            self.by_day[day] = self._open_shift(day, row)
        self.latest = self.by_day[day]
        return self.latest

    def _open_shift(self, day: date, row: Any) -> OpenShift:
        shift_id, channel, state = row[6], row[7], row[8]
        joins_id, joins_before_ms, closed_ms = row[11:14]
        return OpenShift(
            day,
            shift_id,
            channel or self.place_channel,
            Session(mode=self.mode) if state is None else load_session(state),
            joins_before_ms=None if joins_id is None else joins_before_ms or 0,
            closed_ms=closed_ms or 0,
        )


def station(
    session: DbSession,
    *,
    name: str,
    day: date,
    token_hash: bytes | None = None,
    to_record: bool = True,
) -> StationNow | None:
    """A station by its name, and by its token where one is given; None if there is none.

    One statement; on PostgreSQL another before it, so that the reads of a place take turns.
    """
    if to_record and session.get_bind().dialect.name != "sqlite":
        locked(session, (row[0] for row in statements.LOCK_STATION(session, name=name)))
    if token_hash is None:
        row = statements.STATION_BY_NAME(session, name=name, day=day.isoformat()).first()
    else:
        row = statements.STATION_BY_TOKEN(
            session, name=name, day=day.isoformat(), hash=token_hash
        ).first()
    if row is None:
        return None
    now = StationNow(
        session=session,
        name=name,
        station_id=row[0],
        mode=Mode(row[1]),
        place_id=row[2],
        place=row[3],
        place_kind=PlaceKind(row[4]),
        place_channel=row[5],
        secret=row[9],
        paper=bool(row[10]),
    )
    now.latest = now.by_day[day] = now._open_shift(day, row)
    return now
