"""A clock that the test sets: libfaketime before real processes, as if somebody had set the machine's."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest


def library() -> Path:
    """Debian's libfaketime. Where there is none the test is skipped; in CI it fails."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if found:
        return found[0]
    reason = "libfaketime is not installed (Debian: apt-get install faketime)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Clock:
    """What processes take for the time, by a file that they read each time. It goes on from where it was set; how long
    they wait is as before."""

    file: Path

    def set(self, moment: datetime) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"{moment.timestamp() - time.time():+.3f}")
        new.replace(self.file)  # whole, whoever reads it at this moment

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
