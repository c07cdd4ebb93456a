"""A station tells what is plugged in and tries a scanner, while somebody asks; its other scanners read on."""

from __future__ import annotations

import os
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.plugged import Plugged, rules
from devices.self_test import Found
from tests.e2e.processes import LIMIT_S
from tests.e2e.test_station_status import Stub, running, stub
from web import station_status
from web.scanners import ScannerSetting
from web.setting_up import SettingUp, Wish, plain
from web.simulated import Ports
from web.station_status import Statuses

__all__ = ["stub"]
CODE = b"]C191Comptoir-aZ\x1d9207\r"
PRODUCT, CARD = "5410036306703", "67031234567890123"


class Port:
    """A serial scanner."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def scan(self, code: str) -> None:
        os.write(self.master, f"{code}\r".encode())

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def ports() -> Iterator[list[Port]]:
    made = [Port(), Port()]
    yield made
    for port in made:
        port.close()


def test_one_scanner_is_tried_and_the_other_reads_on(
    tmp_path: Path, stub: Stub, ports: list[Port]
) -> None:
    tried, other = ports
    stub.wish = {"look": True, "self_test": tried.path}

    def state(told: dict[str, Any]) -> str | None:
        return (told.get("self_test") or {}).get("state")

    reads_on = {"name": Path(other.path).name, "state": "ready"}
    let_go = {"name": Path(tried.path).name, "state": "lost", "why": "tested"}

    listed = f"{tried.path},57600"
    with running(tmp_path, stub, "--scanner", listed, "--scanner", other.path):
        told = stub.wait_for(
            lambda told: state(told) == "waiting" and told["scanners"] == [reads_on, let_go]
        )
        assert isinstance(told["plugged"], list)
        assert told["self_test"]["baud"] == 57600, "as is on its list"
        tried.scan(CARD)
        told = stub.wait_for(lambda told: state(told) == "other")
        assert CARD not in str(told)
        assert told["dropped"] == 1, "what is forgotten is to be scanned again"
        other.scan(PRODUCT)
        assert stub.reads.get(timeout=LIMIT_S) == PRODUCT
        os.write(tried.master, CODE)
        told = stub.wait_for(lambda told: state(told) == "found")
        assert told["self_test"]["found"] == {
            "keymap": "",
            "caps": False,
            "suffix": "carriage-return",
            "identifier": True,
            "separator": "kept",
            "baud": 57600,
        }
        stub.wish = {}
        told = stub.wait_for(lambda told: len(told["scanners"]) == 2 and "plugged" not in told)
        stub.wait_for(lambda told: all(one["state"] == "ready" for one in told["scanners"]))
        tried.scan(PRODUCT)
        assert stub.reads.get(timeout=LIMIT_S) == PRODUCT
    assert stub.reads.empty()


def test_a_service_that_is_gone_asks_for_nothing(tmp_path: Path, ports: list[Port]) -> None:
    """Else a scanner would stay deaf while nobody is there to end the test."""
    tried = ports[0]
    listed = [ScannerSetting("desk", tried.path)]
    here = SettingUp(lambda: None, lambda: None, Ports(tmp_path, "CLIP"), look=list)
    wish = Wish.of({"look": True, "self_test": tried.path})
    assert here.left_by(wish, listed) == []
    here.begin(wish)
    assert here.told()["self_test"]["device"] == tried.path
    assert here.left_by(Wish.of(None), listed) == listed
    here.begin(Wish.of(None))
    assert here.told() == {}


PLUGGED = Plugged(
    kind="printer",
    node="/dev/usb/lp0",
    device="usb://04b8:0e15/4B4C4B016",
    by_id="",
    by_path="",
    vendor="04b8",
    product="0e15",
    name="EPSON TM-T20II",
    serial="4B4C4B016",
    rules=rules("printer", "04b8", "0e15", "4B4C4B016"),
)


def test_the_service_asks_for_some_minutes_and_hides_it_from_counters() -> None:
    now = [0.0]
    statuses = Statuses(lambda: now[0])
    assert statuses.wish("CLIP") == {}
    statuses.ask("CLIP")
    assert statuses.wish("CLIP") == {"look": True, "self_test": ""}
    assert statuses.setting_up("CLIP") == {"plugged": None, "self_test": None}
    statuses.begin_test("CLIP", "/dev/ttyACM0")
    assert statuses.wish("CLIP") == {"look": True, "self_test": "/dev/ttyACM0"}
    assert statuses.wish("VAN") == {}
    found = Found("", False, "none", False, "lost")
    told = station_status.parse(_status("/dev/ttyACM0", found))
    assert told is not None
    statuses.told("CLIP", told)
    seen = statuses.setting_up("CLIP")
    assert seen["plugged"][0]["device"] == PLUGGED.device
    assert seen["self_test"]["found"]["separator"] == "lost"
    assert "plugged" not in statuses.view("CLIP") and "self_test" not in statuses.view("CLIP")
    assert statuses.wish("CLIP")["self_test"] == "", "it serves again"
    statuses.begin_test("CLIP", "/dev/ttyACM1")
    statuses.told("CLIP", told)
    assert statuses.setting_up("CLIP")["self_test"]["found"] is None, "that was another device"
    now[0] += station_status.ASKED_FOR_S + 1
    assert statuses.wish("CLIP") == {}
    assert statuses.setting_up("CLIP")["plugged"] is None
    now[0] += station_status.FOUND_FOR_S
    assert statuses.setting_up("CLIP") == {"plugged": None, "self_test": None}


def _status(device: str, found: Found) -> bytes:
    import msgspec

    tried = {"device": device, "state": "found", "found": found}
    return msgspec.json.encode(
        {"plugged": [plain(PLUGGED)] * station_status.MOST_PLUGGED, "self_test": tried}
    )


def test_what_a_station_tells_is_bounded() -> None:
    from web.api import MOST_STATUS_BYTES

    body = _status("/dev/ttyACM0", Found("", False, "none", False, "lost"))
    assert len(body) < MOST_STATUS_BYTES
    assert station_status.parse(body.replace(b"EPSON", b"x" * 400)) is None
    assert station_status.parse(body.replace(b'"printer"', b'"camera"')) is None
