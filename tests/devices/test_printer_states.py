"""Every state, on our own printer; `tests/printer` has the same tests on somebody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.printer import Health
from tests.devices.escpos_printer import PaperPrinter, paper_printer
from tests.devices.printer_states import PrinterStates


class Ours:
    """As the tests want to play with it."""

    answer_s = 0.5

    def __init__(self, paper: PaperPrinter) -> None:
        self.paper, self.url = paper, paper.url

    def become(self, state: Health) -> None:
        self.paper.silent = state is Health.SILENT
        if state is not Health.SILENT:
            self.paper.become(state.value)

    def pieces(self) -> int:
        return self.paper.printed.count(b"\x1dV\x01")

    def next_piece(self) -> None:
        self.paper.cuts.get(timeout=10)


@pytest.fixture
def played() -> Iterator[Ours]:
    with paper_printer() as paper:
        yield Ours(paper)


class TestOurs(PrinterStates):
    """All of them."""
