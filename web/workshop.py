"""What a bench of the workshop shows, in plain data. See docs/api.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import days, photos
from inventory.counter import station_now
from inventory.counter.station_now import StationNow
from inventory.database import Database
from inventory.messages import Names
from inventory.tables import Item, ItemName, Lot, PrintJob, Station
from inventory.workshop import state
from labels.house import Kind, house_code
from web import pictograms
from web.shelves import photo_address


@dataclass(frozen=True, slots=True)
class Drawn:
    """What pictures are made of beside the items themselves: photographs, and names in further languages."""

    hashes: dict[int, str]
    spoken: dict[str, dict[str, str]]


def spoken_names(session: Session) -> dict[str, dict[str, str]]:
    """What items are called in further languages than those of the service, by the item's code."""
    query = select(Item.code, ItemName).join(ItemName, ItemName.item_id == Item.id)
    found: dict[str, dict[str, str]] = {}
    for code, name in session.execute(query):
        found.setdefault(code, {})[name.language] = name.name
    return found


def names_of(names: Names, spoken: dict[str, str] | None) -> dict[str, str]:
    """An item's names by the language; a screen in another one shows the French."""
    return {"fr": names.fr, "nl": names.nl, "en": names.en, **(spoken or {})}


def current(database: Database, *, station: str) -> dict[str, Any] | None:
    """The bench of a station, for a page that opens or polls; None if there is no such station."""
    with database.reading() as session:
        here = station_now.station(session, name=station, day=days.today(), to_record=False)
        return view(here) if here else None


def view(here: StationNow) -> dict[str, Any]:
    """The bench of a station. Nothing in it says who, when, how fast, or how many tables there are."""
    session, shift = here.session, here.latest or here.shift(days.today())
    station = session.get_one(Station, here.station_id)
    now = state.of(session, station=station, day=shift.day)
    drawn = Drawn(photos.hashes(session), spoken_names(session))
    return {
        "station": here.name,
        "place": here.place,
        "day": shift.day.isoformat(),
        "mode": shift.state.mode.value,
        "phase": now.phase.value,
        "prints": bool(station.printer),
        "kits": [
            _picture(one.item, drawn) | {"can_be_made": one.can_be_made, "under_way": one.under_way}
            for one in now.choices
        ],
        "kit": _picture(now.kit, drawn) if now.kit else None,
        "components": [_component(one, drawn) for one in now.components],
        **_of_the_kits(now),
    }


def _of_the_kits(now: state.State) -> dict[str, Any]:
    lot = now.lot
    return {
        "lot": lot.code if lot else None,
        "label": house_code(Kind.LOT, lot.id) if lot else None,
        "expires": lot.expires.isoformat() if lot and lot.expires else None,
        "ready": now.ready,
        "labels": now.labels,
        "counted": now.counted,
        "doubted": now.doubted,
        "counted_elsewhere": now.counted_elsewhere,
        "paper": _paper(now.paper) if now.paper else None,
    }


def _paper(job: PrintJob) -> dict[str, Any]:
    """`lot` is that of the kits whose labels these are; null for a tally."""
    return {
        "id": job.id,
        "state": job.state,
        "lot": job.lot.code if job.lot else None,
        "copies": job.copies,
    }


def _component(one: state.Component, drawn: Drawn) -> dict[str, Any]:
    return _picture(one.item, drawn) | {
        "pieces": one.pieces,
        "uncheck": house_code(Kind.UNCHECK, one.item.id),
        "confirmed": bool(one.lots),
        "stopped": one.stopped,
        "lacks": one.lacks,
        "lots": [_lot(lot) for lot in one.lots],
        "proposed": _lot(one.proposed) if one.proposed else None,
    }


def _lot(lot: Lot) -> dict[str, Any]:
    return {"lot": lot.code, "expires": lot.expires.isoformat() if lot.expires else None}


def _picture(item: Item, drawn: Drawn) -> dict[str, Any]:
    return {
        "item": item.code,
        "code": house_code(Kind.ITEM, item.id),
        "names": names_of(item.names, drawn.spoken.get(item.code)),
        "symbol": pictograms.of(item),
        "photo": photo_address(item.code, drawn.hashes.get(item.id)),
    }
