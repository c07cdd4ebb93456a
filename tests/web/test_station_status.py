"""What the service takes for a status of a station: why a scanner is lost, and of how many it may tell."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
from flask.testing import FlaskClient

from devices.events import LostReason
from devices.plugged import Holder, Plugged, rules
from inventory import stations
from inventory.database import Database
from inventory.stations import MOST_SCANNERS
from web import station_status
from web.api import MOST_STATUS_BYTES
from web.device_words import LOST, TRIED
from web.live import Live
from web.setting_up import plain
from web.station_status import MOST_PLUGGED

REASONS = get_args(LostReason)


def parsed(**status: Any) -> Any:
    return msgspec.to_builtins(station_status.parse(json.dumps(status).encode()))


def lost(**more: str) -> dict[str, str]:
    return {"name": "desk", "state": "lost", **more}


def many(number: int) -> list[dict[str, str]]:
    """With names as long as they get, in letters that take most room."""
    return [{**lost(why="forbidden"), "name": f"{n:02}{'𝄞' * 38}"} for n in range(number)]


def test_why_a_scanner_is_lost_is_told_on_and_an_older_station_says_nothing_of_it() -> None:
    for why in REASONS:
        assert parsed(scanners=[lost(why=why)])["scanners"] == [lost(why=why)]
    ready = {"name": "door", "state": "ready"}
    assert parsed(scanners=[lost(), ready])["scanners"] == [lost(), ready]
    assert parsed(scanners=[lost(why="moonstruck")]) is None


def test_each_reason_has_words_also_where_a_scanner_is_tried() -> None:
    assert set(LOST) == {*REASONS, "tested"} <= set(TRIED)
    for why in REASONS:
        assert parsed(self_test={"device": "x", "state": why})["self_test"]["state"] == why


def test_a_status_tells_of_as_many_scanners_as_a_list_may_have(
    client: FlaskClient, database: Database
) -> None:
    """Were one refused, the station would seem away for ever."""
    with database.writing() as session:
        token = stations.new_token(session, station="CLIP")
    port = Plugged(
        "keys",
        *("/dev/input/event17", "/dev/input/by-path/pci-0000:00:14.0-usb-0:1.4.3:1.0-event-kbd"),
        *("/dev/input/by-id/usb-Honeywell_Imaging___Mobility_1900_0123456789-event-kbd",) * 2,
        *("0c2e", "0b61", "Honeywell Imaging & Mobility 1900", "0123456789"),
        held=True,
        holders=(Holder(1, "Xorg"), Holder(2, "gnome-shell")),
        rules=rules("keys", "0c2e", "0b61", "0123456789"),
    )
    told = {"plugged": [plain(port)] * MOST_PLUGGED}

    def answer(number: int) -> int:
        body = json.dumps({"scanners": many(number), **told})
        bearer = {"Authorization": f"Bearer {token}"}
        sent = client.post("/api/stations/CLIP/status", data=body, headers=bearer)
        assert number > MOST_SCANNERS or len(body) < MOST_STATUS_BYTES
        return sent.status_code

    assert [answer(number) for number in (17, MOST_SCANNERS)] == [200, 200]
    live: Live = client.application.config["LIVE"]
    assert len(live.statuses.view("CLIP")["scanners"]) == MOST_SCANNERS
    assert answer(MOST_SCANNERS + 1) == 400
