"""Which stations have devices made of software."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, stations
from inventory.database import Database
from inventory.tables import Scanner, Station
from web.scanners import ScannerSetting
from web.simulated import SCHEME, is_simulated, name_of


def devices(session: Session) -> dict[str, list[str]]:
    """The made-up devices of each station that has any, by what they are called in their process."""
    found: dict[str, list[str]] = {}
    printers = select(Station.name, Station.printer).where(Station.printer.startswith(SCHEME))
    scanners = select(Station.name, Scanner.device).join(Scanner)
    scanners = scanners.where(Scanner.device.startswith(SCHEME))
    for kind, query in (("scanner", scanners), ("printer", printers)):
        for station, address in session.execute(query):
            if is_simulated(address):
                found.setdefault(station, []).append(name_of(station, kind, address))
    return {station: sorted(set(names)) for station, names in sorted(found.items())}


def any_there(session: Session) -> bool:
    """Whether any device is made up."""
    return bool(devices(session))


EXAMPLE = ("CLIP", "TAD")
"""The stations of the example that have such devices: a counter, a workshop."""


def equip(database: Database) -> None:
    """Give the example's stations a scanner and a printer, so that somebody who has none sees everything work."""
    with database.writing() as session:
        for name in EXAMPLE:
            catalogue.station(session, name).printer = SCHEME
            setting = ScannerSetting.of(SCHEME, name="scanner")
            stations.set_scanner(session, station=name, **asdict(setting))
