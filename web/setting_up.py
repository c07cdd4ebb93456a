"""The part of a station's process in setting up its devices: while the service asks, it tells what is plugged in, and
tries one scanner with the self-test code. What else is scanned with it is neither kept nor told, and is to be scanned
again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devices import plugged
from devices.plugged import Plugged
from devices.self_test import Found
from devices.serial_scanner import DEFAULT_BAUD
from devices.trial import State, Trial
from web.scanners import ScannerSetting, types_keys
from web.simulated import Ports
from web.station_status import MOST_PLUGGED


@dataclass(frozen=True, slots=True)
class Wish:
    """What the service asks of a station beside its reads."""

    look: bool = False
    """Tell what is plugged in, every second."""
    self_test: str = ""
    """The device to try."""

    @classmethod
    def of(cls, answer: Any) -> Wish:
        """As the service answers a status with it."""
        if not isinstance(answer, dict):
            return cls()
        device = answer.get("self_test")
        return cls(answer.get("look") is True, device if isinstance(device, str) else "")


class SettingUp:
    """`changed` is called when there is news to tell, `forgot` when a scan was forgotten, from any thread."""

    def __init__(
        self,
        changed: Callable[[], None],
        forgot: Callable[[], None],
        ports: Ports,
        look: Callable[[], list[Plugged]] = plugged.look,
    ) -> None:
        self._changed = changed
        self._forgot = forgot
        self._ports = ports
        self._look = look
        self._wish = Wish()
        self._trial: tuple[Trial, threading.Thread] | None = None
        self._result: tuple[State, Found | None] = ("waiting", None)
        self._baud = DEFAULT_BAUD  # as is on the list of the one to be tried

    def left_by(self, wish: Wish, settings: Sequence[ScannerSetting]) -> list[ScannerSetting]:
        """The scanners that go on reading: one that is to be tried is let go. A trial that is over is ended."""
        if wish.self_test != self._wish.self_test:
            self.end()
        let_go = [one for one in settings if self._is(one, wish)]
        self._baud = let_go[0].baud if let_go else DEFAULT_BAUD
        return [one for one in settings if one not in let_go]

    def tries(self, setting: ScannerSetting) -> bool:
        """Whether this scanner is let go for its test."""
        return self._is(setting, self._wish)

    def begin(self, wish: Wish) -> None:
        """Do as is wished; the device to be tried is free now."""
        before, self._wish = self._wish, wish
        if wish.self_test and (wish.self_test != before.self_test or self._trial is None):
            self._result = ("waiting", None)
            setting = self._ports.scanner(ScannerSetting("", wish.self_test))
            by_keys = types_keys(setting.device)
            trial = Trial(setting.device, self._tried, by_keys=by_keys, baud=self._baud)
            thread = threading.Thread(target=trial.run, daemon=True)
            self._trial = trial, thread
            thread.start()

    def end(self) -> None:
        """Nothing is tried any more, and its device is free."""
        if self._trial is not None:
            trial, thread = self._trial
            self._trial = None
            trial.stop()
            thread.join()

    def told(self) -> dict[str, Any]:
        """For the status; empty while nobody asks."""
        told: dict[str, Any] = {}
        if self._wish.look:
            told["plugged"] = [plain(one) for one in self._look()[:MOST_PLUGGED]]
        if self._wish.self_test:
            state, found = self._result
            told["self_test"] = {
                "device": self._wish.self_test,
                "state": state,
                "found": found and asdict(found),
                "baud": self._trial[0].baud if self._trial else None,
            }
        return told

    def _tried(self, state: State, found: Found | None) -> None:
        if state == "other":
            self._forgot()
        self._result = state, found
        self._changed()

    def _is(self, setting: ScannerSetting, wish: Wish) -> bool:
        return bool(wish.self_test) and self._real(setting.device) == self._real(wish.self_test)

    def _real(self, device: str) -> str:
        """Two paths of one device are the same."""
        return str(Path(self._ports.scanner(ScannerSetting("", device)).device).resolve())


def plain(one: Plugged) -> dict[str, Any]:
    """A device as it is told: of a process that holds it only the program."""
    return {
        **{key: value for key, value in asdict(one).items() if key not in ("holders", "rules")},
        "rules": list(one.rules),
        "held_by": sorted({holder.program for holder in one.holders}),
    }
