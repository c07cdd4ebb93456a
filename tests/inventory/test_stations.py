"""Which stations run on the machine of the service, and which scanners they have."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from inventory import stations
from inventory.database import Database
from inventory.errors import AlreadyThere, NotAllowed

STATION = "CLIP-1"


def list_scanner(session: Session, name: str, device: str) -> None:
    stations.set_scanner(
        session, station=STATION, name=name, device=device, keymap="", double_ms=400, baud=9600
    )


@pytest.mark.parametrize("has", ["scanner", "printer"])
def test_a_station_whose_token_was_given_out_runs_elsewhere(database: Database, has: str) -> None:
    """Two processes for one station would both drive its printer, and contradict each other on its page."""
    with database.writing() as session:
        assert stations.to_run_here(session, own_tokens=list) == []
        if has == "scanner":
            list_scanner(session, "desk", "/dev/serial/by-id/x")
        else:
            stations.set_printer(session, station=STATION, printer="tcp://192.0.2.7:9100")
        assert stations.to_run_here(session, own_tokens=list) == [STATION]
        own = stations.new_token(session, station=STATION)
        assert stations.to_run_here(session, own_tokens=lambda: [own]) == [STATION]
        stations.new_token(session, station=STATION)
        assert stations.to_run_here(session, own_tokens=lambda: [own]) == []
        stations.revoke_tokens(session, station=STATION)
        assert stations.to_run_here(session, own_tokens=list) == [STATION]


def test_a_station_without_devices_runs_where_somebody_looks_for_them(database: Database) -> None:
    with database.writing() as session:
        own = stations.new_token(session, station=STATION)
        assert stations.to_run_here(session, own_tokens=lambda: [own]) == []
        stations.drive_here(session, station=STATION, own_tokens=lambda: [own])
        assert stations.to_run_here(session, own_tokens=lambda: [own]) == [STATION]
        stations.drive_elsewhere(session, station=STATION)
        assert stations.to_run_here(session, own_tokens=lambda: [own]) == []
        stations.new_token(session, station=STATION)
        with pytest.raises(NotAllowed, match="given out"):
            stations.drive_here(session, station=STATION, own_tokens=lambda: [own])


def test_a_device_is_on_the_list_once(database: Database) -> None:
    """Of two names for it only one could open it: the other would be lost for ever."""
    with database.writing() as session:
        list_scanner(session, "desk", "/dev/ttyACM0")
        with pytest.raises(AlreadyThere, match="desk"):
            list_scanner(session, "door", "/dev/ttyACM0")
        list_scanner(session, "door", "/dev/ttyACM1")
        list_scanner(session, "desk", "/dev/ttyACM0")
        listed = [(one.name, one.device) for one in stations.scanners(session, station=STATION)]
    assert listed == [("desk", "/dev/ttyACM0"), ("door", "/dev/ttyACM1")]


def test_a_station_has_no_more_scanners_than_its_process_may_tell_of(database: Database) -> None:
    with database.writing() as session:
        for number in range(stations.MOST_SCANNERS):
            list_scanner(session, f"s{number}", f"/dev/ttyACM{number}")
        with pytest.raises(NotAllowed, match="64 scanners at most"):
            list_scanner(session, "one more", "/dev/ttyACM64")
        list_scanner(session, "s0", "/dev/ttyACM64")
        stations.remove_scanner(session, station=STATION, name="s0")
        list_scanner(session, "another", "/dev/ttyACM64")
        assert len(stations.scanners(session, station=STATION)) == stations.MOST_SCANNERS
