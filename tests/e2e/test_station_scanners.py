"""`comptoir station scanner`: any number of scanners, each by a name and a path of its own."""

from __future__ import annotations

import os
import tty
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devices.outbox import Outbox
from tests.e2e.conftest import CommandLine
from tests.e2e.road import handed_out
from web.scanners import ScannerSetting, WrongScanner
from web.station import StationProcess

HID = "/dev/input/by-id/usb-Honeywell_0123-event-kbd"
SERIAL = "/dev/serial/by-id/usb-Datalogic_0123-if00"


def listed(line: CommandLine) -> list[tuple[str, str, str | None, int]]:
    rows = line.json("station", "scanner", "list", "CLIP")
    return [(row["scanner"], row["device"], row["keymap"], row["double_ms"]) for row in rows]


def test_scanners_are_added_changed_and_taken_away(example: CommandLine) -> None:
    scanner = ("station", "scanner")
    assert listed(example) == []
    example.run(*scanner, "add", "CLIP", "desk", SERIAL)
    example.run(*scanner, "add", "CLIP", "door", HID, "--keymap", "be", "--double-ms", "0")
    assert listed(example) == [("desk", SERIAL, None, 400), ("door", HID, "be", 0)]
    example.run(*scanner, "add", "CLIP", "door", HID)
    assert listed(example)[1] == ("door", HID, "us", 400)
    assert "by-id" in example.run(*scanner, "list", "CLIP").output
    example.run(*scanner, "remove", "CLIP", "desk")
    assert [row[0] for row in listed(example)] == ["door"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "NOWHERE", "desk", SERIAL),
        ("add", "CLIP", "desk", "COM3"),
        ("add", "CLIP", "desk", SERIAL, "--keymap", "be"),
        ("add", "CLIP", "x" * 41, SERIAL),
        ("add", "CLIP", "desk", "/" + "x" * 200),
        ("remove", "CLIP", "desk"),
        ("list", "NOWHERE"),
    ],
)
def test_what_cannot_work_is_one_line(example: CommandLine, arguments: tuple[str, ...]) -> None:
    answer = example.run("station", "scanner", *arguments, code=2)
    assert len(answer.stderr.splitlines()) == 1
    assert listed(example) == []


def test_more_scanners_than_may_be_told_of_are_refused_by_hand_too(example: CommandLine) -> None:
    devices = [word for n in range(65) for word in ("--scanner", f"/dev/ttyACM{n}")]
    answer = example.run("station", "run", "CLIP", *devices, code=2)
    assert "64 scanners at most" in answer.stderr


def test_a_command_line_tells_device_and_layout_or_speed() -> None:
    assert ScannerSetting.parse("/dev/ttyACM0") == ScannerSetting("ttyACM0", "/dev/ttyACM0")
    assert ScannerSetting.parse(HID).keymap == "us"
    found = ScannerSetting.parse(HID + ",fr")
    assert (found.device, found.keymap) == (HID, "fr")
    found = ScannerSetting.parse("/dev/ttyUSB0,115200")
    assert (found.device, found.baud) == ("/dev/ttyUSB0", 115200)
    for wrong in (
        "ttyACM0",
        "/dev/ttyACM0,be",
        HID + ",9601",
        "/dev/ttyUSB0,200",
        "/etc/passwd",
        "",
    ):
        with pytest.raises(WrongScanner):
            ScannerSetting.parse(wrong)


def test_the_separator_of_a_keyboard_is_not_counted_on_before_it_was_seen(tmp_path: Path) -> None:
    station = StationProcess(name="CLIP", token="", server="http://x", outbox=tmp_path / "outbox")
    for setting, wanted in (
        (ScannerSetting.of(HID), "lost"),
        (ScannerSetting.of(HID, separator="kept"), ""),
        (ScannerSetting.of(SERIAL), ""),
        (ScannerSetting.of(SERIAL, separator="lost"), "lost"),
    ):
        station.keep("]C1010541000000000310LOT42A21000123", datetime.now(UTC), setting)
        assert station.outbox.pending()[-1].separator == wanted


@pytest.mark.slow
def test_each_lane_has_a_scanner_of_its_own(example: CommandLine) -> None:
    """Nobody touches a lane switch: what each reads goes to its own worker's lane, by the way of the outbox too."""
    here = example.here
    terminals = {role: os.openpty() for role in ("lane-a", "lane-b")}
    for role, (_, slave) in terminals.items():
        tty.setraw(slave)
        scanner = ("station", "scanner", "add", "CLIP", role, os.ttyname(slave))
        example.run(*scanner, "--role", role, "--separator", "lost")
    with here.at_terminal("station", "run", "CLIP") as station:
        for _ in terminals:
            station.wait_for("ready")
        for n, role in enumerate(("lane-b", "lane-a", "lane-b"), start=1):
            os.write(terminals[role][0], f"{n}\r".encode())
            station.wait_for(f"{n} reads kept")
        assert station.stop() == 0
    with Outbox(here.outbox("CLIP")) as outbox:
        kept = [(entry.code, entry.lane, entry.separator) for entry in outbox.pending()]
    assert kept == [("1", "b", "lost"), ("2", "a", "lost"), ("3", "b", "lost")]
    for descriptor in (one for pair in terminals.values() for one in pair):
        os.close(descriptor)


@pytest.mark.slow
def test_a_station_reads_with_all_the_scanners_on_its_list(example: CommandLine) -> None:
    here = example.here
    pictures = [row["code"] for row in example.json("codes") if row["kind"] == "item"][:3]
    terminals = [os.openpty() for _ in range(2)]
    for name, (_, slave) in zip(("desk", "door"), terminals, strict=True):
        tty.setraw(slave)
        example.run("station", "scanner", "add", "CLIP", name, os.ttyname(slave))
    with here.at_terminal("station", "run", "CLIP") as station:
        ready = {station.wait_for("ready").split(": ")[1] for _ in terminals}
        assert ready == {"desk", "door"}
        for (master, _), code in zip(terminals, pictures[:2], strict=True):
            os.write(master, f"{code}\r".encode())
        station.wait_for("2 reads kept")
        with here.serving():
            os.write(terminals[0][0], f"{pictures[2]}\r".encode())  # a read wakes the sender
            station.wait_for("every kept read is sent")
        assert station.stop() == 0
    handed_out(example, "CLIP", pictures)
    for descriptors in terminals:
        for descriptor in descriptors:
            os.close(descriptor)
