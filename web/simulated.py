"""Devices made of software: `simulated:` as a scanner's device or a printer's address, `simulated:second` for another.

Only here such an address becomes the path of a port, which the process of the station opens as it opens any other. The
devices themselves live in a process of their own, `comptoir simulate`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from web.scanners import ScannerSetting

SCHEME = "simulated:"
_ADDRESS = re.compile(r"simulated:([a-z0-9]{0,20})")


def is_simulated(address: str) -> bool:
    """Whether a device of this address is made up."""
    return _ADDRESS.fullmatch(address) is not None


def name_of(station: str, kind: str, address: str) -> str:
    """What a made-up device is called in their process: `CLIP.printer`, `CLIP.scanner-second`."""
    label = address.removeprefix(SCHEME)
    return f"{station}.{kind}-{label}" if label else f"{station}.{kind}"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the devices of one station are, made up or not."""

    folder: Path
    station: str

    def scanner(self, setting: ScannerSetting) -> ScannerSetting:
        """The same scanner with the path of its port."""
        path = self._path("scanner", setting.device)
        return setting if path is None else replace(setting, device=str(path))

    def printer(self, url: str) -> str:
        """The same printer with the address of its port."""
        path = self._path("printer", url)
        return url if path is None else f"serial://{quote(str(path))}?baud=115200"

    def _path(self, kind: str, address: str) -> Path | None:
        if not is_simulated(address):
            return None
        return self.folder / name_of(self.station, kind, address)
