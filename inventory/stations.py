"""Stations and their tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from secrets import token_urlsafe

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from inventory import catalogue, days
from inventory.errors import AlreadyThere, NotAllowed, NotOnTheLists
from inventory.messages import Message
from inventory.tables import Scanner, Station, StationToken
from inventory.words import Mode, PlaceKind

PAPER_MM = (80, 58)


def add_station(
    session: Session,
    *,
    name: str,
    place: str,
    mode: Mode,
    printer: str = "",
    paper_mm: int = 80,
    language: str = "fr",
) -> Station:
    """A new station at a place that gives stock; the same again changes its printer."""
    at = catalogue.place(session, place)
    if not PlaceKind(at.kind).holds_stock:
        raise NotAllowed(
            Message("%(place)s holds no stock: a station cannot stand there.", place=place)
        )
    if not PlaceKind(at.kind).gives_stock:
        raise NotAllowed(
            Message("%(place)s is a quarantine: a station cannot stand there.", place=place)
        )
    if not name.isprintable() or not name.strip() or "/" in name or len(name) > 40:
        raise NotAllowed(Message("A station's name is a short word without a slash."))
    found = session.scalar(select(Station).where(Station.name == name))
    if found is not None and (found.place_id, found.mode) != (at.id, mode):
        raise AlreadyThere(
            Message(
                "Station %(name)s exists already, at another place or in another mode.", name=name
            )
        )
    station = found or Station(name=name, place_id=at.id, mode=mode)
    station.printer, station.paper_mm = printer, paper_mm
    station.language = language
    session.add(station)
    session.flush()
    return station


def set_scanner(
    session: Session, *, station: str, name: str, device: str, keymap: str, double_ms: int
) -> None:
    """A scanner of a station, by a name of its own; the same name again changes it."""
    if not name.isprintable() or not name.strip() or len(name) > 40:
        raise NotAllowed(Message("A scanner's name is a short word."))
    if not device.isprintable() or len(device) > 200:
        raise NotAllowed(Message("The path of a scanner's device is too long."))
    station_id = catalogue.station(session, station).id
    session.merge(
        Scanner(station_id=station_id, name=name, device=device, keymap=keymap, double_ms=double_ms)
    )
    session.flush()


def remove_scanner(session: Session, *, station: str, name: str) -> None:
    """The station has no scanner of that name any more."""
    found = session.get(Scanner, (catalogue.station(session, station).id, name))
    if found is None:
        raise NotOnTheLists(Message("Scanner"), name)
    session.delete(found)


def scanners(session: Session, *, station: str) -> Sequence[Scanner]:
    """The scanners of a station, by name."""
    station_id = catalogue.station(session, station).id
    wanted = select(Scanner).where(Scanner.station_id == station_id).order_by(Scanner.name)
    return session.scalars(wanted).all()


def to_run_here(session: Session, *, own_tokens: Callable[[], Iterable[str]]) -> list[str]:
    """The stations whose process belongs on the machine of the service, by name: those with scanners on their list, and
    those with a printer, unless a token was given out: then the process is on another machine.

    `own_tokens` gives those of this machine's own processes. They are kept before the database knows them, so it is
    asked after the database was: a new one is never taken for one given out.
    """
    scans = select(Station.name).join(Scanner, Scanner.station_id == Station.id)
    is_process = and_(StationToken.station_id == Station.id, StationToken.device == "")
    prints = (
        select(Station.name, StationToken.hash)
        .outerjoin(StationToken, is_process)
        .where(Station.printer != "")
    )
    here = set(session.scalars(scans))
    tokens = session.execute(prints).all()
    not_given_out = {None, *(hash_token(token) for token in own_tokens())}
    elsewhere = {name for name, hash_ in tokens if hash_ not in not_given_out}
    return sorted(here | {name for name, _ in tokens} - elsewhere)


def new_token(session: Session, *, station: str) -> str:
    """A further token of a station, shown once; only its hash is kept. Those given before stay valid."""
    token = token_urlsafe(32)
    station_id = catalogue.station(session, station).id
    session.add(StationToken(hash=hash_token(token), station_id=station_id, since=days.today()))
    session.flush()
    return token


def is_token(session: Session, *, station: str, token: str) -> bool:
    """Whether this token opens this station, if there is one of that name."""
    opens = (
        select(StationToken.station_id)
        .join(Station, Station.id == StationToken.station_id)
        .where(
            StationToken.hash == hash_token(token),
            StationToken.device == "",  # a browser's is none
            Station.name == station,
        )
    )
    return session.scalar(opens) is not None


def revoke_tokens(session: Session, *, station: str) -> None:
    """No token of this station is valid any more."""
    station_id = catalogue.station(session, station).id
    session.execute(delete(StationToken).where(StationToken.station_id == station_id))


def revoke_token(session: Session, *, hash_: bytes) -> None:
    """One token of a station, or one browser that stands there, is valid no more."""
    session.execute(delete(StationToken).where(StationToken.hash == hash_))


def hash_token(token: str) -> bytes:
    return hashlib.blake2b(token.encode(), digest_size=32).digest()
