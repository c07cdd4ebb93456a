"""The scanners of a station, as they are set, and what drives each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from os.path import normpath
from pathlib import PurePath
from typing import Any

from devices.events import Emit
from devices.hid_scanner import HidScanner
from devices.keymaps import KEYMAPS
from devices.scanner import DOUBLE_S, Scanner
from devices.serial_scanner import DEFAULT_BAUD, LEAST_BAUD, MOST_BAUD, SerialScanner
from devices.transport import USB_NODES
from inventory.errors import ComptoirError
from inventory.messages import Message
from web.simulated import is_simulated

DOUBLE_MS = round(DOUBLE_S * 1000)
ROLES = ("", "lane-a", "lane-b")
SUFFIXES = ("", "key", "none")
SEPARATORS = ("", "kept", "lost")

NAMED_BY_ITS_DEVICE = 40
"""Characters of a path's end that tell two scanners apart."""


class WrongScanner(ComptoirError):
    code = "wrong_scanner"


def types_keys(device: str) -> bool:
    """Whether the scanner acts as a keyboard (by-id or by-path under /dev/input), or has a serial port."""
    return device.startswith("/dev/input/")


@dataclass(frozen=True, slots=True)
class ScannerSetting:
    """`keymap` is the layout a keyboard scanner was set to, empty for a serial one; `double_ms`: see DoubleTrigger;
    the others: see the table."""

    name: str
    device: str
    keymap: str = ""
    double_ms: int = DOUBLE_MS
    role: str = ""
    suffix: str = ""
    separator: str = ""
    caps: bool = False
    baud: int = DEFAULT_BAUD

    @classmethod
    def listed(cls, row: Any) -> ScannerSetting:
        """As it is on the list of its station."""
        return cls(*(getattr(row, field.name) for field in fields(cls)))

    @classmethod
    def of(
        cls,
        device: str,
        *,
        name: str = "",
        keymap: str = "",
        double_ms: int = DOUBLE_MS,
        role: str = "",
        suffix: str = "",
        separator: str = "",
        caps: bool = False,
        baud: int = DEFAULT_BAUD,
    ) -> ScannerSetting:
        """A setting that can work. Raises WrongScanner."""
        if not device:
            raise WrongScanner(
                Message(
                    "Give the path of the scanner, best under /dev/serial/by-id or /dev/input/by-id."
                )
            )
        path = normpath(device)
        if not is_simulated(device) and (
            not path.startswith("/dev/") or path.startswith(USB_NODES)
        ):
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
        if baud != DEFAULT_BAUD and types_keys(device):
            raise WrongScanner(
                Message("%(device)s acts as a keyboard: it has no speed.", device=device)
            )
        if not LEAST_BAUD <= baud <= MOST_BAUD:
            raise WrongScanner(
                Message(
                    "The speed of a serial port is %(least)s to %(most)s bits a second.",
                    least=LEAST_BAUD,
                    most=MOST_BAUD,
                )
            )
        if not keymap and types_keys(device):
            keymap = "us"  # as they leave the factory
        name = name or PurePath(device).name[-NAMED_BY_ITS_DEVICE:]
        return cls(name, device, keymap, double_ms, role, suffix, separator, caps, baud)

    @classmethod
    def parse(cls, text: str) -> ScannerSetting:
        """As on a command line: `DEVICE`, `DEVICE,KEYMAP` or `DEVICE,BAUD`. Raises WrongScanner."""
        device, _, how = text.rpartition(",")
        if device and how in KEYMAPS:
            return cls.of(device, keymap=how)
        if device and how.isascii() and how.isdigit():
            return cls.of(device, baud=int(how))
        return cls.of(text)

    @classmethod
    def told(cls, answer: Any) -> list[ScannerSetting] | None:
        """The list as the service answers a status with it; None where it says nothing of scanners."""
        try:
            known = {field.name for field in fields(cls)}
            return [
                cls(**{key: one[key] for key in one.keys() & known}) for one in answer["scanners"]
            ]
        except (TypeError, KeyError, AttributeError):
            return None

    @property
    def other_baud(self) -> int | None:
        """The speed of its port, where it is not that of most."""
        return self.baud if self.baud != DEFAULT_BAUD else None

    @property
    def lane(self) -> str:
        """Whose lane its reads belong to: "a", "b", or "" for the current one."""
        return self.role.removeprefix("lane-")

    @property
    def loses_separator(self) -> bool:
        """Whether GS is not to be counted on: as they leave the factory, most keyboard scanners drop it."""
        return self.separator == "lost" or (not self.separator and types_keys(self.device))

    def scanner(self, emit: Emit) -> Scanner:
        """What reads it."""
        double_s = self.double_ms / 1000
        suffix = {"key": True, "none": False}.get(self.suffix)
        if types_keys(self.device):
            return HidScanner(
                self.device,
                name=self.name,
                emit=emit,
                keymap=self.keymap,
                suffix=suffix,
                caps=self.caps,
                double_s=double_s,
            )
        return SerialScanner(
            self.device,
            name=self.name,
            emit=emit,
            baud=self.baud,
            suffix=suffix,
            double_s=double_s,
        )
