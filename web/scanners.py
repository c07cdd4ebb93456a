"""The scanners of a station, as they are set, and what drives each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from devices.events import Emit
from devices.hid_scanner import HidScanner
from devices.keymaps import KEYMAPS
from devices.scanner import DOUBLE_S, Scanner
from devices.serial_scanner import SerialScanner
from inventory.errors import ComptoirError
from inventory.messages import Message

DOUBLE_MS = round(DOUBLE_S * 1000)
NAMED_BY_ITS_DEVICE = 40
"""Characters of a path's end that tell two scanners apart."""


class WrongScanner(ComptoirError):
    code = "wrong_scanner"


def types_keys(device: str) -> bool:
    """Whether the scanner acts as a keyboard (by-id or by-path under /dev/input), or has a serial port."""
    return device.startswith("/dev/input/")


@dataclass(frozen=True, slots=True)
class ScannerSetting:
    """`keymap` is the layout a keyboard scanner was set to, empty for a serial one; `double_ms`: see DoubleTrigger."""

    name: str
    device: str
    keymap: str = ""
    double_ms: int = DOUBLE_MS

    @classmethod
    def of(
        cls, device: str, *, name: str = "", keymap: str = "", double_ms: int = DOUBLE_MS
    ) -> ScannerSetting:
        """A setting that can work. Raises WrongScanner."""
        if not device.startswith("/"):
            raise WrongScanner(
                Message(
                    "“%(device)s” is not a device: give its path, best under /dev/serial/by-id or /dev/input/by-id.",
                    device=device,
                )
            )
        if keymap and not types_keys(device):
            raise WrongScanner(
                Message("%(device)s is a serial port: it has no keyboard layout.", device=device)
            )
        if not keymap and types_keys(device):
            keymap = "us"  # as they leave the factory
        return cls(name or PurePath(device).name[-NAMED_BY_ITS_DEVICE:], device, keymap, double_ms)

    @classmethod
    def parse(cls, text: str) -> ScannerSetting:
        """As on a command line: `DEVICE` or `DEVICE,KEYMAP`. Raises WrongScanner."""
        device, comma, keymap = text.rpartition(",")
        return cls.of(device, keymap=keymap) if comma and keymap in KEYMAPS else cls.of(text)

    @classmethod
    def told(cls, answer: Any) -> list[ScannerSetting] | None:
        """The list as the service answers a status with it; None where it says nothing of scanners."""
        try:
            return [cls(**one) for one in answer["scanners"]]
        except (TypeError, KeyError):
            return None

    def scanner(self, emit: Emit) -> Scanner:
        """What reads it."""
        double_s = self.double_ms / 1000
        if types_keys(self.device):
            return HidScanner(
                self.device, name=self.name, emit=emit, keymap=self.keymap, double_s=double_s
            )
        return SerialScanner(self.device, name=self.name, emit=emit, double_s=double_s)
