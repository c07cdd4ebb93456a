"""Every state, on somebody else's printer: the tests that ours passes. Silence is its whole process, stopped."""

from __future__ import annotations

import json
import queue
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from devices.printer import Health
from tests.devices.printer_states import PrinterStates
from tests.printer import emulator
from tests.printer.emulator import Emulator

pytestmark = [pytest.mark.printer, pytest.mark.timeout(900)]

FAULTS = {
    Health.NEAR_END: "paper-near-end",
    Health.PAPER_OUT: "paper-out",
    Health.COVER_OPEN: "cover-open",
    Health.OFF_LINE: "offline",
}


class Theirs:
    """As the tests want to play with it."""

    answer_s = 3.0

    def __init__(self, emulated: Emulator, name: str) -> None:
        self.emulated, self.name = emulated, name
        self.url = emulated.url(name)
        self.fault = ""

    def become(self, state: Health) -> None:
        self.emulated.process.process.send_signal(
            signal.SIGSTOP if state is Health.SILENT else signal.SIGCONT
        )
        with suppress(queue.Empty):
            while True:
                self.emulated.process.lines.get_nowait()  # what it told before
        if self.fault:
            self.emulated.clear(self.name, self.fault)
        self.fault = FAULTS.get(state, "")
        if self.fault:
            self.emulated.fault(self.name, self.fault)

    def pieces(self) -> int:
        return len(json.loads(self.emulated.ask(f"{self.name}/receipts")))

    def next_piece(self) -> None:
        """One that comes out after the last change of its state."""
        self.emulated.process.wait_for("printer.job.completed")


@pytest.fixture(scope="module")
def emulated() -> Iterator[Emulator]:
    with emulator.running() as made:
        yield made


@pytest.fixture(params=["wide", "narrow"])
def played(emulated: Emulator, request: pytest.FixtureRequest) -> Iterator[Theirs]:
    made = Theirs(emulated, request.param)
    yield made
    made.become(Health.READY)


class TestEmupos(PrinterStates):
    """All of them."""
