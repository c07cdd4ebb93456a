"""Places: `lieu;nom;genre;canal`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from inventory.lists import vocabulary
from inventory.lists.checking import Directory, Job, Line, Plan
from inventory.lists.fields import Unfit, line_of_text, optional
from inventory.lists.tabular import Cell
from inventory.messages import Message
from inventory.tables import Balance, Place, Shift, Station
from inventory.words import FIXED_PLACES, LAST_FIXED_PLACE, PlaceKind

_RESERVED = frozenset(kind.value for kind in FIXED_PLACES.values())


@dataclass(frozen=True, slots=True)
class Described:
    """A place as a row or the database says it."""

    name: str
    kind: PlaceKind
    channel: str


def plan(job: Job, lines: Iterable[Line]) -> Plan:
    """A code that is known is updated; one in use keeps a kind that holds stock."""
    places = {
        place.code: place
        for place in job.session.scalars(select(Place).where(Place.id > LAST_FIXED_PLACE))
    }
    served, stocked = _served(job), set(job.session.scalars(select(Balance.place_id).distinct()))
    codes = Directory(((code, code) for code in places), missing=Message("a place"))
    wanted: dict[str, Described] = {}
    rows = 0

    for line in lines:
        code = line.get("place", _free(codes))
        described = _described(line)
        if code is None or described is None:
            continue
        codes.add(code, code)
        rows += 1
        known = places[code].id if code in places else None
        if known in served | stocked and not described.kind.holds_stock:
            line.fault("kind", Message("a kind that holds stock, as long as this place is in use"))
        elif known in served and not described.kind.gives_stock:
            line.fault("kind", Message("no quarantine, as long as a station stands there"))
        if wanted.setdefault(code, described) != described:
            line.fault("place", Message("each place once, or twice the same"))

    changed = {
        code: described
        for code, described in wanted.items()
        if code not in places or _of(places[code]) != described
    }

    def write() -> None:
        for code, described in changed.items():
            place = places.get(code) or Place(code=code)
            place.name, place.kind = described.name, described.kind
            place.channel = described.channel
            job.session.add(place)

    return Plan(len(changed), rows - len(changed), write)


def _free(codes: Directory[str]) -> Callable[[Cell], str]:
    def parse(cell: Cell) -> str:
        code = codes.new_code(cell)
        if code.casefold() in _RESERVED:
            raise Unfit(Message("another code: this one is kept for the ledger"))
        return code

    return parse


def _served(job: Job) -> set[int]:
    """Places that a station or an open shift draws from."""
    open_shifts = select(Shift.place_id).where(Shift.station_id.is_not(None))
    queries = (select(Station.place_id), open_shifts)
    return {place for query in queries for place in job.session.scalars(query.distinct())}


def _described(line: Line) -> Described | None:
    name = line.get("name", line_of_text(200))
    kind = line.get("kind", vocabulary.PLACE_KIND)
    channel = line.get("channel", optional(line_of_text(60)))
    if not line.sound or name is None or kind is None:
        return None
    return Described(name, kind, channel or "")


def _of(place: Place) -> Described:
    return Described(place.name, PlaceKind(place.kind), place.channel)
