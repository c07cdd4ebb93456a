"""Stations and their tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from secrets import token_urlsafe

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from inventory import catalogue, days
from inventory.errors import AlreadyThere, NotAllowed, NotOnTheLists
from inventory.messages import Message
from inventory.tables import Scanner, Station, StationToken
from inventory.words import Mode, PlaceKind

PAPER_MM = (80, 58)

MOST_SCANNERS = 64
"""Of one station: its process tells of each, every ten seconds."""

_OF_A_PROCESS = StationToken.device == ""
"""A browser's names its device."""


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


def set_code_page(session: Session, *, station: str, code_page: str) -> None:
    """Which letters the printer of a station has, by the name of a code page; `none`: ASCII alone."""
    if not code_page.isprintable() or not 0 < len(code_page) <= 20:
        raise NotAllowed(Message("The name of a code page is a short word."))
    catalogue.station(session, station).code_page = code_page
    session.flush()


def set_scanner(
    session: Session,
    *,
    station: str,
    name: str,
    device: str,
    keymap: str,
    double_ms: int,
    baud: int,
    role: str = "",
    suffix: str = "",
    separator: str = "",
    caps: bool = False,
) -> None:
    """A scanner of a station, by a name of its own; the same name again changes it. Raises AlreadyThere where its
    device is on the list under another name: only one of the two could ever open it; NotAllowed where there are too
    many.

    `baud`, `role`, `suffix`, `separator` and `caps`: see the table.
    """
    if not name.isprintable() or not name.strip() or len(name) > 40:
        raise NotAllowed(Message("A scanner's name is a short word."))
    if not device.isprintable() or len(device) > 200:
        raise NotAllowed(Message("The path of a scanner's device is too long."))
    station_id = catalogue.station(session, station).id
    same = select(Scanner.name).where(
        Scanner.station_id == station_id, Scanner.device == device, Scanner.name != name
    )
    if other := session.scalar(same.limit(1)):
        raise AlreadyThere(
            Message(
                "This device is on the list already, as %(other)s: remove that first.", other=other
            )
        )
    others = select(func.count()).where(Scanner.station_id == station_id, Scanner.name != name)
    check_number(session.scalars(others).one() + 1)
    session.merge(
        Scanner(
            station_id=station_id,
            name=name,
            device=device,
            keymap=keymap,
            double_ms=double_ms,
            baud=baud,
            role=role,
            suffix=suffix,
            separator=separator,
            caps=caps,
        )
    )
    session.flush()


def check_number(scanners: int) -> None:
    """Raises NotAllowed where these are more scanners than one station may have."""
    if scanners > MOST_SCANNERS:
        raise NotAllowed(
            Message(
                "A station has %(most)s scanners at most: take one off first, or add another station.",
                most=MOST_SCANNERS,
            )
        )


def set_printer(session: Session, *, station: str, printer: str) -> None:
    """The station prints at this address from now on; none where it is empty."""
    if not printer.isprintable() or len(printer) > 200:
        raise NotAllowed(Message("The address of a printer is too long."))
    catalogue.station(session, station).printer = printer
    session.flush()


def is_elsewhere(
    session: Session, *, station: Station, own_tokens: Callable[[], Iterable[str]]
) -> bool:
    """Whether a token of it was given out: then its process is on another machine. `own_tokens`: see `to_run_here`."""
    known = set(session.scalars(_process_tokens(station.id)))
    return bool(known - {hash_token(token) for token in own_tokens()})


def drive_here(session: Session, *, station: str, own_tokens: Callable[[], Iterable[str]]) -> None:
    """The process of the station belongs on the machine of the service (see `to_run_here`), before it has any device.

    Raises NotAllowed where a token was given out.
    """
    found = catalogue.station(session, station)
    if is_elsewhere(session, station=found, own_tokens=own_tokens):
        raise NotAllowed(
            Message(
                "A token of station %(station)s was given out, so its process belongs on the machine that has the "
                "token. “comptoir station token %(station)s --revoke” takes it back.",
                station=station,
            )
        )
    found.driven_here = True
    session.flush()


def drive_elsewhere(session: Session, *, station: str) -> None:
    """That was said in error: as long as it has no device, no process of it belongs anywhere."""
    catalogue.station(session, station).driven_here = False
    session.flush()


def _process_tokens(station_id: int) -> Select[bytes]:
    tokens = select(StationToken.hash).where(StationToken.station_id == station_id)
    return tokens.where(_OF_A_PROCESS)


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
    """The stations whose process belongs on the machine of the service, by name: those with a scanner on their list,
    with a printer, or to be driven here before they have any, unless a token was given out: then the process is on
    another machine, and a second one beside it would print what the first is printing.

    `own_tokens` gives those of this machine's own processes. They are kept before the database knows them, so it is
    asked after the database was: a new one is never taken for one given out.
    """
    is_process = and_(StationToken.station_id == Station.id, _OF_A_PROCESS)
    has_scanner = select(Scanner).where(Scanner.station_id == Station.id).exists()
    wanted = (
        select(Station.name, StationToken.hash)
        .outerjoin(StationToken, is_process)
        .where(or_(Station.driven_here, Station.printer != "", has_scanner))
    )
    tokens = session.execute(wanted).all()
    not_given_out = {None, *(hash_token(token) for token in own_tokens())}
    elsewhere = {name for name, hash_ in tokens if hash_ not in not_given_out}
    return sorted({name for name, _ in tokens} - elsewhere)


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
            _OF_A_PROCESS,
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
