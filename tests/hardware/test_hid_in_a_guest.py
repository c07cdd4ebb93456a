"""Keyboard scanners through the kernel's own drivers: USB, HID, evdev and udev, in a guest."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from evdev import ecodes as keys

from tests.hardware.guest import HERE, Guest, UsbKeyboard, running

pytestmark = [pytest.mark.hardware, pytest.mark.timeout(900)]

TEXTS = ["0013748911", "]C1010350382903814310LOT-42a\x1d21{#@}\\~^`|", "9 _-+="]
TRIES = 6


@pytest.fixture(scope="module")
def kernel() -> Path:
    """Built once, and kept for the next run."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "comptoir-guest"
    subprocess.run([HERE / "build", cache], check=True)
    return cache


@dataclass
class Scanner:
    """A scanner of the guest, all that was ever typed on it, and what came of it."""

    guest: Guest
    keyboard: UsbKeyboard
    typed: set[str] = field(default_factory=set)
    dropped: int = 0

    def scan(self, text: str, end: int = keys.KEY_ENTER) -> None:
        """Scan until it is read, as people do: an emulated processor stumbles, and what stumbled is announced."""
        for n in range(TRIES):
            newest = f"{text}{n}"
            self.typed.add(newest)
            self.guest.type(self.keyboard, newest, end)
            while (told := self.next())["event"] == "ReadMade":
                if told["code"] == newest:
                    return
            assert told["event"] == "ReadDropped", told
        raise AssertionError(f"{text!r} was announced as dropped {TRIES} times")

    def next(self) -> dict[str, Any]:
        """The next event; a code that nobody typed is the one thing that must never be."""
        told = self.guest.next(self.keyboard.name)
        if told["event"] == "ReadMade":
            assert told["code"] in self.typed, told
        self.dropped += told["event"] == "ReadDropped"
        return told

    def until(self, event: str, why: str = "") -> None:
        while (told := self.next())["event"] != event or told.get("why", "") != why:
            assert told["event"] != "ReadMade", told


def test_two_scanners_through_the_kernels_own_drivers(kernel: Path, tmp_path: Path) -> None:
    keyboards = UsbKeyboard("us-desk", 1, "us"), UsbKeyboard("be-desk", 2, "be")
    with running(kernel, tmp_path, keyboards) as guest:
        us, be = (Scanner(guest, keyboard) for keyboard in keyboards)
        for scanner in (us, be):
            scanner.until("ScannerReady")
            for text in TEXTS:
                scanner.scan(text)
            scanner.scan("ended by Tab", keys.KEY_TAB)
        what_the_kernel_loses_is_announced(us)
        unplugged_in_mid_read_and_back(us, be)
        typed, dropped = len(us.typed) + len(be.typed), us.dropped + be.dropped
        print(f"{typed} different texts typed, {dropped} drops announced, none wrong")


def what_the_kernel_loses_is_announced(scanner: Scanner) -> None:
    scanner.scan("STALL")
    lost = "0013748911" * 5  # 300 events; the kernel keeps 64 for a reader that sleeps
    scanner.guest.type(scanner.keyboard, lost)
    scanner.guest.go_on()
    scanner.until("ReadDropped", "overrun")
    scanner.scan("0013748911")


def unplugged_in_mid_read_and_back(scanner: Scanner, other: Scanner) -> None:
    scanner.guest.type(scanner.keyboard, "00137", end=None)
    scanner.guest.unplug(scanner.keyboard)
    scanner.until("ReadDropped", "half")
    scanner.until("ScannerLost", "gone")
    other.scan("meanwhile")
    scanner.guest.plug(scanner.keyboard)
    scanner.until("ScannerReady")
    scanner.scan("0013748911")
