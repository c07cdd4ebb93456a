"""What the pages of devices show of a station: its scanners, its printer, and how each is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from inventory import stations
from inventory.messages import Message
from inventory.tables import Station
from web.device_words import LOST, NOT_READY, TESTED
from web.live_pages import hub
from web.print_pages import NOT_HEARD, PRINTERS
from web.scanners import ScannerSetting
from web.settings import Settings

AWAY = Message(
    "Nothing is heard of the station's process yet, so nobody knows how its devices are. “comptoir run” starts it on "
    "this machine within seconds, “comptoir station run” on the counter's own."
)
SCANNERS: dict[str, tuple[str, Message]] = {
    "ready": ("ok", Message("Ready")),
    "": ("warn", Message("Not heard of yet")),
}
IN_TEST = "warn", TESTED.says


@dataclass(frozen=True, slots=True)
class ScannerRow:
    """A scanner on the list, and how it is: a colour and a sentence."""

    setting: ScannerSetting
    colour: str
    says: Message


@dataclass(frozen=True, slots=True)
class PrinterRow:
    """The printer of a station, and how it is."""

    address: str
    code_page: str
    colour: str
    says: Message


@dataclass(frozen=True, slots=True)
class Post:
    """A station with its devices."""

    name: str
    place: str
    away: bool
    driven_here: bool
    elsewhere: bool
    """Its process is on another machine, or is to be."""
    scanners: list[ScannerRow]
    printer: PrinterRow | None

    @property
    def is_new(self) -> bool:
        """Whether nobody has said yet on which machine its devices are."""
        said = self.driven_here or self.elsewhere or self.scanners or self.printer
        return self.away and not said

    @property
    def away_says(self) -> Message:
        """Why nothing is heard of it, and what helps."""
        if not self.is_new:
            return AWAY
        return Message(
            "This station has no scanner and no printer yet, so its process does not run, and nobody knows what is "
            "plugged in. Where that is another machine: “comptoir station run %(station)s” there.",
            station=self.name,
        )


def post_of(session: Session, row: Station) -> Post:
    """As it stands on its lists, and as its process told."""
    status = hub().statuses.view(row.name)
    here = status["station"] == "here"
    scanners = [
        ScannerRow(ScannerSetting.listed(one), *_how(row.name, one.name, one.device))
        for one in stations.scanners(session, station=row.name)
    ]
    printer = None
    if row.printer:
        known = here and status["printer"] is not None
        says = PRINTERS[status["printer"]["state"]] if known else NOT_HEARD
        printer = PrinterRow(row.printer, row.code_page, *says)
    elsewhere = stations.is_elsewhere(session, station=row, own_tokens=own_tokens)
    return Post(row.name, row.place.name, not here, row.driven_here, elsewhere, scanners, printer)


def own_tokens() -> Iterable[str]:
    """Those of this machine's own processes."""
    return Settings.from_environment().station_tokens().values()


def _how(station: str, name: str, device: str) -> tuple[str, Message]:
    """How a scanner is, as its station told."""
    status = hub().statuses.view(station)
    if status["station"] != "here":
        return SCANNERS[""]
    tested = hub().statuses.setting_up(station)["self_test"]
    if tested is not None and tested["runs"] and tested["device"] == device:
        return IN_TEST
    told: dict[str, Any] = next(
        (one for one in status["scanners"] if one["name"] == name), {"state": ""}
    )
    if told["state"] == "lost":
        return "bad", LOST[told["why"]].says if "why" in told else NOT_READY.says
    return SCANNERS[told["state"]]
