"""What must be true of every printer in every state: one set of tests, for our own and for somebody else's."""

from __future__ import annotations

import threading
from typing import Protocol

import pytest

from devices.printer import Health, Outcome, Patience, Printer

HELLO = b"\x1b@hello\n\x1dV\x01"
CANNOT_PRINT = [Health.PAPER_OUT, Health.COVER_OPEN, Health.OFF_LINE]

anything = pytest.mark.parametrize("state", [*CANNOT_PRINT, Health.NEAR_END, Health.SILENT])
cannot_print = pytest.mark.parametrize("state", CANNOT_PRINT)


class Played(Protocol):
    """A printer whose state is set at will."""

    @property
    def url(self) -> str: ...

    @property
    def answer_s(self) -> float:
        """After so long without an answer it is silent, however slow it is."""
        ...

    def become(self, state: Health) -> None: ...

    def pieces(self) -> int:
        """How many pieces of paper were cut off so far."""
        ...

    def next_piece(self) -> None:
        """Wait for one."""
        ...


def never() -> bytes:
    raise AssertionError("the job was asked for")


class PrinterStates:
    """Needs a fixture `played`: a printer that is ready, and is made ready again afterwards."""

    @anything
    def test_it_is_said_in_words_and_so_is_that_it_is_well_again(
        self, played: Played, state: Health
    ) -> None:
        one, heard = _printer(played)
        assert one.look() is Health.READY
        played.become(state)
        assert one.look() is state
        assert one.look() is state
        played.become(Health.READY)
        assert one.look() is Health.READY
        assert heard == [Health.READY, state, Health.READY], "each change once"

    @anything
    def test_what_cannot_be_printed_is_not_sent(self, played: Played, state: Health) -> None:
        one, _ = _printer(played)
        assert one.look() is Health.READY
        before = played.pieces()
        played.become(state)
        if state is Health.NEAR_END:
            assert one.print(lambda: HELLO) is Outcome.PRINTED
            assert played.pieces() == before + 1
        else:
            assert one.print(never) is Outcome.NOT_SENT
        played.become(Health.READY)
        between = played.pieces()
        assert one.print(lambda: HELLO) is Outcome.PRINTED
        assert played.pieces() == between + 1 <= before + 2

    @cannot_print
    def test_what_is_mended_in_mid_job_goes_on_by_itself(
        self, played: Played, state: Health
    ) -> None:
        """It falls ill once it was asked and before it has the job; whoever sees it on the screen mends it."""
        before = played.pieces()

        def mend(health: Health) -> None:
            if health is state:
                threading.Thread(target=played.become, args=(Health.READY,)).start()

        def job() -> bytes:
            played.become(state)
            return HELLO

        patience = Patience(answer_s=10, through_s=20, mended_s=20, look_s=0.2)
        assert Printer(played.url, mend, patience).print(job) is Outcome.PRINTED
        assert played.pieces() == before + 1

    @cannot_print
    def test_what_nobody_mends_is_unknown_and_comes_out_once(
        self, played: Played, state: Health
    ) -> None:
        """And so it is never sent again unasked."""
        before = played.pieces()

        def job() -> bytes:
            played.become(state)
            return HELLO

        hasty = Patience(answer_s=10, through_s=0.4, mended_s=0.4, look_s=0.1)
        assert Printer(played.url, patience=hasty).print(job) is Outcome.UNKNOWN
        assert played.pieces() == before
        played.become(Health.READY)
        played.next_piece()
        assert played.pieces() == before + 1

    def test_silence_in_mid_job_is_unknown_and_is_not_sent_again(self, played: Played) -> None:
        one, heard = _printer(played)
        before = played.pieces()

        def job() -> bytes:
            played.become(Health.SILENT)
            return HELLO

        assert one.print(job) is Outcome.UNKNOWN
        assert one.print(never) is Outcome.NOT_SENT
        played.become(Health.READY)
        assert one.print(lambda: HELLO) is Outcome.PRINTED
        assert played.pieces() == before + 2, "the one in doubt, and the next"
        assert heard == [Health.READY, Health.SILENT, Health.READY]


def _printer(played: Played) -> tuple[Printer, list[Health]]:
    heard: list[Health] = []
    patience = Patience(played.answer_s, through_s=20, mended_s=20, look_s=0.2)
    return Printer(played.url, heard.append, patience), heard
