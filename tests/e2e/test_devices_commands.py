"""`comptoir devices`: what is plugged in, and a scanner set up by one scan."""

from __future__ import annotations

import json
import os
import tty
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image
from serial import Serial

from devices.plugged import Holder, Plugged, rules
from devices.self_test import BRACKETED
from labels.readback import decode
from tests.e2e.conftest import CommandLine
from web.cli import device_setup
from web.cli.devices import devices
from web.scanners import ScannerSetting

HONEYWELL = Plugged(
    kind="keys",
    node="/dev/input/event7",
    device="/dev/input/by-id/usb-Honeywell_1900-event-kbd",
    by_id="/dev/input/by-id/usb-Honeywell_1900-event-kbd",
    by_path="",
    vendor="0c2e",
    product="0b61",
    name="Honeywell 1900",
    serial="19235B4A2C",
    holders=(Holder(812, "comptoir"),),
    held=True,
    allowed=False,
    rules=rules("keys", "0c2e", "0b61", "19235B4A2C"),
)
PRINTER = replace(
    HONEYWELL,
    kind="printer",
    node="/dev/usb/lp0",
    device="usb://04b8:0e15",
    by_id="",
    name="EPSON TM-T20II",
    held=False,
    holders=(),
    allowed=True,
    rules=rules("printer", "04b8", "0e15"),
)


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Plugged]:
    found = [HONEYWELL, PRINTER]
    monkeypatch.setattr("devices.plugged.look", lambda: found)
    monkeypatch.setattr(device_setup, "look", lambda: found)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    return found


def test_it_says_what_is_in_the_way_and_which_rule_helps(plugged: list[Plugged]) -> None:
    said = CliRunner().invoke(devices).output
    assert HONEYWELL.device in said and HONEYWELL.rules[0] in said
    assert "Held by comptoir." in said
    assert PRINTER.device in said and PRINTER.rules[0] not in said, "nothing is in its way"
    told = json.loads(CliRunner().invoke(devices, ["--json"]).output)
    assert told[0]["holders"] == [{"pid": 812, "program": "comptoir"}]
    assert told[0]["rules"] == list(HONEYWELL.rules)
    assert [one["kind"] for one in told] == ["keys", "printer"]


def rules_in_force(said: str) -> list[str]:
    return [line for line in said.splitlines() if line and not line.startswith("#")]


def test_the_rules_of_what_is_named_are_a_file_for_udev(plugged: list[Plugged]) -> None:
    told = CliRunner().invoke(devices, ["rules", PRINTER.node, HONEYWELL.by_id]).output
    assert rules_in_force(told) == [*HONEYWELL.rules, *PRINTER.rules]
    told = CliRunner().invoke(devices, ["rules", "usb://04b8:0e15"]).output
    assert rules_in_force(told) == [*PRINTER.rules]
    assert HONEYWELL.rules[0] not in told
    wrong = CliRunner().invoke(devices, ["rules", "/dev/ttyACM7"])
    assert wrong.exit_code == 2 and "/dev/ttyACM7 is not plugged in" in wrong.stderr


def test_a_keyboard_on_no_list_is_given_to_nobody(
    plugged: list[Plugged], example: CommandLine
) -> None:
    """The station's account could read what is typed on it."""
    keyboard = replace(
        HONEYWELL, name="Office keyboard", device="/dev/input/by-id/office", by_id="",
        node="/dev/input/event3", rules=rules("keys", "046d", "c31c"),
    )  # fmt: skip
    plugged.append(keyboard)
    example.run("station", "scanner", "add", "CLIP", "desk", HONEYWELL.device)
    told = example.run("devices", "rules").output
    assert rules_in_force(told) == [*HONEYWELL.rules]
    assert f"# {keyboard.rules[0]}" in told.splitlines() and "comptoir devices rules DEVICE" in told


def test_a_counter_pc_without_lists_gives_nothing_away(
    plugged: list[Plugged], empty: CommandLine
) -> None:
    told = empty.run("devices", "rules").output
    assert rules_in_force(told) == [] and HONEYWELL.rules[0] in told
    assert not empty.here.data.exists(), "whoever only looks makes no database, least of all root"


def test_the_command_that_is_printed_tells_everything_of_the_scanner() -> None:
    known = ScannerSetting.of(
        HONEYWELL.device, keymap="be", role="lane-a", suffix="key", separator="lost", caps=True
    )
    assert device_setup.add_command(known, "desk A") == (
        f"comptoir station scanner add STATION 'desk A' {HONEYWELL.device}"
        " --keymap be --role lane-a --suffix key --separator lost --caps"
    )
    known = ScannerSetting.of("/dev/ttyUSB0", baud=115200)
    said = device_setup.add_command(known, "door")
    assert said == "comptoir station scanner add STATION door /dev/ttyUSB0 --baud 115200"


@pytest.fixture
def port() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


def test_one_scan_of_the_code_sets_a_scanner_up(
    example: CommandLine, port: tuple[int, str]
) -> None:
    master, path = port
    example.run("station", "scanner", "add", "CLIP", "desk", path, "--baud", "57600")
    arguments = ("devices", "setup", "CLIP", "--device", path, "--name", "desk")
    with example.here.at_terminal(*arguments, "--role", "lane-b") as setup:
        setup.wait_for("self-test code.")
        os.write(master, b"5410036306703\r")
        setup.wait_for("not the self-test code")
        os.write(master, b"91Comptoir-aZ9207\r")
        setup.wait_for("It drops the separator")
        setup.write("n\n")
        setup.wait_for("desk is on the list of CLIP")
    (row,) = example.json("station", "scanner", "list", "CLIP")
    assert (row["device"], row["role"], row["baud"]) == (path, "lane-b", 57600)
    assert (row["suffix"], row["separator"], row["caps"]) == ("key", "lost", False)


def test_the_code_on_the_screen_reads_as_what_it_is() -> None:
    modules = {characters: pair for pair, characters in device_setup.HALVES.items()}
    bars = "".join(modules[character] for character in device_setup.code_line())
    row = Image.frombytes("L", (len(bars), 1), bytes(0 if bar == "1" else 255 for bar in bars))
    (found,) = decode(row.resize((len(bars) * 4, 160), Image.Resampling.NEAREST))
    assert (found.symbology, found.text) == ("gs1-128", BRACKETED)


def test_a_keyboard_chosen_by_mistake_is_let_go(
    monkeypatch: pytest.MonkeyPatch, port: tuple[int, str]
) -> None:
    monkeypatch.setattr(device_setup, "PATIENCE_S", 0.3)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    done = CliRunner().invoke(devices, ["setup", "--device", port[1]])
    assert done.exit_code == 2 and "let go" in done.output
    with Serial(port[1], exclusive=True):
        pass


def test_a_printer_is_given_its_address(example: CommandLine) -> None:
    said = example.run("devices", "setup", "CLIP", "--device", "usb://04b8:0e15").output
    assert "comptoir devices test CLIP" in said
    rows = example.json("station", "list")
    found: Any = {row["station"]: row["printer"] for row in rows}
    assert found["CLIP"] == "usb://04b8:0e15"


def test_a_station_that_is_none_is_said_before_anything_is_chosen(example: CommandLine) -> None:
    assert "NOWHERE" in example.run("devices", "setup", "NOWHERE", code=2).stderr


@pytest.mark.parametrize(
    ("device", "says"), [("tcp://10.0.0.1", "tcp://10.0.0.1"), ("simulated:", "no setting up")]
)
def test_what_is_no_device_replaces_nothing(example: CommandLine, device: str, says: str) -> None:
    before = example.json("station", "list")
    assert says in example.run("devices", "setup", "CLIP", "--device", device, code=2).output
    assert example.json("station", "list") == before


def test_a_sheet_that_cannot_be_written_is_one_line(example: CommandLine) -> None:
    said = example.run("devices", "sheet", "/nowhere/at/all/sheet.pdf", code=2).output
    assert "/nowhere/at/all/sheet.pdf" in said and "Traceback" not in said
