"""The opening of a station: once by somebody with a badge or a PIN, then it serves without an account.

It lasts until the service day ends, the shift closes or somebody closes it. No row says who opened it; and a read is
never refused because nobody did.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from secrets import token_urlsafe

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inventory import catalogue
from inventory.tables import Station, StationToken

_BROWSER = b"browser "
"""Before a browser's secret is hashed: its cookie is no token to send reads with from elsewhere."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening a station found: whether it was open already, and whether somebody usually works elsewhere."""

    handover: bool
    elsewhere: bool


def open_station(session: Session, *, station: str, place_id: int | None, today: date) -> Opened:
    """Open a station until the service day ends. `place_id` is the usual place of whoever opens it, if any."""
    found = catalogue.station(session, station)
    was_open = is_open(found, today)
    found.opened_on, found.is_open = today, True
    session.flush()
    return Opened(was_open, place_id is not None and place_id != found.place_id)


def is_open(station: Station, today: date) -> bool:
    return station.is_open and station.opened_on == today


def was_open(station: Station, today: date) -> bool:
    """Whether it was opened on this day, closed since or not: its tally may still be looked at."""
    return station.opened_on == today


def close_station(session: Session, *, station: str) -> None:
    catalogue.station(session, station).is_open = False
    session.flush()


def shift_closed(session: Session, *, station_id: int | None, day: date) -> None:
    """The shift of that day is over: whoever comes next opens the station again."""
    there = update(Station).where(Station.id == station_id, Station.opened_on == day)
    session.execute(there.values(is_open=False))


def pair(session: Session, *, station: str, device: str, today: date) -> str:
    """The secret for a browser that stands at a station; the hash of it is a token that can be revoked like others."""
    token = token_urlsafe(32)
    station_id = catalogue.station(session, station).id
    session.add(
        StationToken(
            hash=_browser_hash(token), station_id=station_id, device=device or "?", since=today
        )
    )
    session.flush()
    return token


def station_of(session: Session, token: str) -> Station | None:
    """The station that a browser with this secret stands at."""
    query = select(Station).join(StationToken, StationToken.station_id == Station.id)
    return session.scalar(query.where(StationToken.hash == _browser_hash(token)))


def unpair(session: Session, token: str) -> None:
    session.execute(delete(StationToken).where(StationToken.hash == _browser_hash(token)))


def _browser_hash(token: str) -> bytes:
    return hashlib.sha256(_BROWSER + token.encode()).digest()
