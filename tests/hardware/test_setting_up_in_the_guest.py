"""What is plugged in as a real udev tells it, the self-test through real drivers, and the rules as udev obeys them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from evdev import ecodes as keys

from tests.hardware.gadgets import FREE
from tests.hardware.guest import Guest
from tests.hardware.scanners import reports_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.hardware,
    pytest.mark.timeout(900),
]

GADGETS = "tests.hardware.gadgets:"
HERE = "tests.hardware.setting_up:"
TWINS = {"twin-a": 0, "twin-b": 1}
BY_PATH = "/dev/input/by-path/platform-dummy_hcd.{}-usb-0:1:1.0-event-kbd"
CODE = "]C191Comptoir-aZ\x1d9207"


@pytest.fixture(scope="module")
def port(guest: Guest) -> Iterator[str]:
    """Two keyboards alike to the last letter, another one, a port and a printer: the other end of the line."""
    for name, number in TWINS.items():
        guest.call(GADGETS + "keyboard", name=name, serial="TWIN")
        guest.call(GADGETS + "plug", name=name, port=number)
    guest.call(GADGETS + "keyboard", name="clerk", serial="CLERK-1", product=0x0B61)
    guest.call(GADGETS + "plug", name="clerk", port=2)
    line = guest.call(GADGETS + "serial_port", name="line", serial="LINE-1")
    guest.call(GADGETS + "plug", name="line", port=4)
    guest.call(GADGETS + "printer", name="roll", serial="ROLL-1")
    guest.call(GADGETS + "plug", name="roll", port=7)
    for path in (*map(BY_PATH.format, (0, 1, 2)), "/dev/ttyACM0", "/dev/usb/lp0"):
        guest.call(GADGETS + "wait_for", path=path)
    yield line
    for name in (*TWINS, "clerk", "line", "roll"):
        guest.call(GADGETS + "remove", name=name)


@pytest.fixture
def plugged(guest: Guest, port: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = guest.call(HERE + "plugged")
    return found


def test_everything_on_usb_is_told_by_a_steady_path(plugged: list[dict[str, Any]]) -> None:
    found = {(one["kind"], one["serial"]): one for one in plugged}
    assert len(found) == 4 and len(plugged) == 5, "and no keyboard of the board"
    twins = sorted(one["device"] for one in plugged if one["serial"] == "TWIN")
    assert twins == [BY_PATH.format(0), BY_PATH.format(1)]
    assert all(one["shares_by_id"] == (one["serial"] == "TWIN") for one in plugged)
    clerk, line = found["keys", "CLERK-1"], found["serial", "LINE-1"]
    assert clerk["device"].startswith("/dev/input/by-id/usb-Metrologic_")
    assert line["device"].startswith("/dev/serial/by-id/usb-Symbol_")
    assert (clerk["vendor"], clerk["product"]) == ("0c2e", "0b61")
    assert clerk["name"] == "Metrologic Scanner"
    roll = found["printer", "ROLL-1"]
    assert (roll["device"], roll["node"]) == (
        f"usb://04b8:{FREE['printer']:04x}/ROLL-1",
        "/dev/usb/lp0",
    )


@pytest.mark.parametrize(("keymap", "end"), [("be", keys.KEY_TAB), ("fr", None)])
def test_one_scan_of_the_code_tells_how_a_keyboard_is_set(
    guest: Guest, port: str, keymap: str, end: int | None
) -> None:
    sent = reports_of(keymap, CODE, end)
    device = BY_PATH.format(1)
    found = guest.call(HERE + "tried", device=device, sends=sent, keyboard="twin-b")
    assert found == {
        "keymap": keymap,
        "caps": False,
        "suffix": "none" if end is None else "tab",
        "identifier": True,
        "separator": "ctrl",
        "baud": None,
    }


def test_a_grab_is_told_and_nothing_is_taken_by_looking(guest: Guest, port: str) -> None:
    assert guest.call(HERE + "held", device=BY_PATH.format(0)) == [False, True, False]


def test_and_how_a_serial_scanner_is(guest: Guest, port: str) -> None:
    sent = CODE.removeprefix("]C1").replace("\x1d", "") + "\r\n"
    found = guest.call(HERE + "tried", device="/dev/ttyACM0", sends=sent, port=port)
    assert found == {
        "keymap": "",
        "caps": False,
        "suffix": "cr-lf",
        "identifier": False,
        "separator": "lost",
        "baud": 9600,
    }


def test_the_rules_give_the_devices_and_no_other(
    guest: Guest, plugged: list[dict[str, Any]]
) -> None:
    """The clerk's keyboard has no rule: an account of the groups must not read it."""
    nodes = {one["node"] for one in plugged}
    assert not any(guest.call(HERE + "allowed").values()), "nobody may open anything before"
    clerk = {one["node"] for one in plugged if one["serial"] == "CLERK-1"}
    rules = [rule for one in plugged if one["node"] not in clerk for rule in one["rules"]]
    guest.call(HERE + "give", rules=rules)
    allowed = guest.call(HERE + "allowed")
    assert {node for node, may in allowed.items() if may} == nodes - clerk
