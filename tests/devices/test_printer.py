"""A printer is believed only when it answers: ready before, through after; what it does not say is unknown."""

from __future__ import annotations

import os
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devices.printer import Health, Outcome, Patience, Printer, health_of
from tests.devices.escpos_printer import STATES, PaperPrinter, paper_printer

JOB = b"\x1b@" + b"Passages 61\n" * 50 + b"\x1dV\x01"
QUICK = Patience(answer_s=0.3, through_s=0.6, mended_s=3, look_s=0.1)
"""For what never answers; what answers is waited for by events."""


@pytest.fixture
def paper() -> Iterator[PaperPrinter]:
    with paper_printer() as made:
        yield made


def printer(paper: PaperPrinter, patience: Patience = Patience()) -> tuple[Printer, list[Health]]:  # noqa: B008
    heard: list[Health] = []
    return Printer(paper.url, heard.append, patience), heard


def never() -> bytes:
    raise AssertionError("the job was asked for")


@pytest.mark.parametrize("state", STATES)
def test_the_bytes_measured_on_a_printer_are_said_in_words(state: str) -> None:
    assert health_of(STATES[state]) == state


@pytest.mark.parametrize(
    "fault", [(0x1E, 0x52, 0x12, 0x12), (0x1E, 0x12, 0x1A, 0x12), (0x1E, 0x12, 0x32, 0x12)]
)
def test_a_fault_of_the_printer_is_off_line(fault: tuple[int, ...]) -> None:
    assert health_of(fault) is Health.OFF_LINE


def test_a_job_is_printed_once_the_printer_says_it_is_through(paper: PaperPrinter) -> None:
    one, heard = printer(paper)
    assert one.print(lambda: JOB) is Outcome.PRINTED
    assert paper.cuts.get(timeout=5) == bytes(paper.printed) == JOB
    assert heard == [Health.READY]


def test_near_its_end_it_prints_and_says_so(paper: PaperPrinter) -> None:
    paper.become("near-end")
    one, heard = printer(paper)
    assert one.print(lambda: JOB) is Outcome.PRINTED
    assert heard == [Health.NEAR_END]


@pytest.mark.parametrize("state", ["paper-out", "cover-open", "off-line"])
def test_a_printer_that_is_not_ready_gets_nothing(paper: PaperPrinter, state: str) -> None:
    paper.become(state)
    one, heard = printer(paper)
    assert one.print(never) is Outcome.NOT_SENT
    assert one.look() == state
    assert heard == [state]
    assert not paper.printed and not paper.held
    paper.become("ready")
    assert one.print(lambda: JOB) is Outcome.PRINTED
    assert heard == [state, "ready"]


def test_nobody_there_is_silent_and_nothing_was_sent(paper: PaperPrinter) -> None:
    one, heard = printer(paper)
    paper.go_away()
    assert one.print(never) is Outcome.NOT_SENT
    assert heard == [Health.SILENT]
    paper.come_back()
    assert one.look() is Health.READY


def test_one_that_never_answers_gets_the_job_and_it_is_unknown(paper: PaperPrinter) -> None:
    """A cheap printer has no way back: somebody looks at the paper."""
    paper.silent = True
    one, heard = printer(paper, QUICK)
    assert one.print(lambda: JOB) is Outcome.UNKNOWN
    assert paper.cuts.get(timeout=5) == JOB
    assert heard == [Health.SILENT]


def test_one_that_answered_before_and_is_silent_gets_nothing(paper: PaperPrinter) -> None:
    one, heard = printer(paper, QUICK)
    assert one.look() is Health.READY
    paper.silent = True
    assert one.print(never) is Outcome.NOT_SENT
    assert heard == [Health.READY, Health.SILENT]


def test_silence_in_the_middle_is_unknown(paper: PaperPrinter) -> None:
    def fall_silent() -> None:
        paper.silent = True

    paper.at[100] = fall_silent
    one, _ = printer(paper, QUICK)
    assert one.print(lambda: JOB) is Outcome.UNKNOWN


@pytest.mark.parametrize("printed", [1, 100, len(JOB)])
def test_a_printer_that_goes_away_in_the_middle_is_unknown(
    paper: PaperPrinter, printed: int
) -> None:
    """Also when everything was taken, and only the answer is missing."""
    paper.at[printed] = paper.go_away
    one, heard = printer(paper)
    assert one.print(lambda: JOB) is Outcome.UNKNOWN
    assert heard == [Health.READY, Health.SILENT]


def test_one_that_hangs_up_before_the_job_got_nothing(paper: PaperPrinter) -> None:
    def hang_up() -> bytes:
        raise ServiceAway

    class ServiceAway(Exception):
        pass

    one, _ = printer(paper)
    with pytest.raises(ServiceAway):
        one.print(hang_up)
    assert not paper.printed


def mended_when(heard: Health, by: Callable[[], None]) -> Callable[[Health], None]:
    def hear(health: Health) -> None:
        if health is heard:
            threading.Thread(target=by).start()

    return hear


@pytest.mark.parametrize("state", ["paper-out", "cover-open"])
def test_the_end_of_the_roll_in_the_middle_is_waited_for(paper: PaperPrinter, state: str) -> None:
    """The printer goes on by itself with a new roll: nobody need be asked, nothing is sent again."""
    paper.at[100] = lambda: paper.become(state)
    one = Printer(paper.url, mended_when(Health(state), lambda: paper.become("ready")))
    assert one.print(lambda: JOB) is Outcome.PRINTED
    assert paper.cuts.get(timeout=5) == bytes(paper.printed) == JOB


def test_a_roll_that_nobody_changes_is_unknown(paper: PaperPrinter) -> None:
    paper.at[100] = lambda: paper.become("paper-out")
    one, heard = printer(paper, Patience(answer_s=1, through_s=0.2, mended_s=0.5, look_s=0.05))
    assert one.print(lambda: JOB) is Outcome.UNKNOWN
    assert heard == [Health.READY, Health.PAPER_OUT]


def test_a_job_swallowed_on_an_empty_roll_is_unknown(paper: PaperPrinter) -> None:
    """It answers in order as if it had printed, and says only afterwards that there is no paper."""
    paper.swallows = True
    paper.at[100] = lambda: paper.become("paper-out")
    one, heard = printer(paper)
    assert one.print(lambda: JOB) is Outcome.UNKNOWN
    assert heard == [Health.READY, Health.PAPER_OUT]


def test_a_picture_that_looks_like_commands_is_paper(paper: PaperPrinter) -> None:
    dots = b"\x1dr\x01\x10\x04\x01\x1b@" * 8
    job = b"\x1b@\x1dv0\x00" + bytes([8, 0, 8, 0]) + dots + b"\n\x1dV\x01"
    one, _ = printer(paper)
    assert one.print(lambda: job) is Outcome.PRINTED
    assert bytes(paper.printed) == job


def test_an_automatic_status_is_not_taken_for_an_answer(paper: PaperPrinter) -> None:
    answer = paper._answer
    paper._answer = lambda byte: answer(b"\x14\x00\x00\x0f" + byte)  # type: ignore[method-assign]
    paper.at[100] = lambda: answer(b"\x14\x00\x00\x0f")
    paper.at[200] = lambda: paper.become("off-line")
    one = Printer(paper.url, mended_when(Health.OFF_LINE, lambda: paper.become("ready")))
    assert one.print(lambda: JOB) is Outcome.PRINTED
    assert bytes(paper.printed) == JOB


def test_a_folder_says_by_itself_whether_it_took_the_job(tmp_path: Path) -> None:
    one = Printer(f"{tmp_path}/")
    assert one.look() is Health.READY
    assert one.print(lambda: JOB) is Outcome.PRINTED
    assert (tmp_path / "000001.bin").read_bytes() == JOB
    gone = Printer(f"{tmp_path}/no/")
    assert gone.print(lambda: JOB) is Outcome.NOT_SENT


@pytest.mark.parametrize("scheme", ["serial://{}", "{}"])
def test_a_device_answers_over_its_own_line(scheme: str) -> None:
    """A serial port, and a character device such as /dev/usb/lp0."""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    paper = PaperPrinter()

    class Peer:
        def sendall(self, data: bytes) -> None:
            os.write(ours, data)

    paper._peer = Peer()  # type: ignore[assignment]

    def serve() -> None:
        while True:
            try:
                data = os.read(ours, 4096)
            except OSError:
                return
            with paper._lock:
                paper._take(data)

    threading.Thread(target=serve, daemon=True).start()
    one = Printer(scheme.format(os.ttyname(theirs)))
    assert one.print(lambda: JOB) is Outcome.PRINTED
    assert bytes(paper.printed) == JOB
    paper.become("cover-open")
    assert one.look() is Health.COVER_OPEN
    os.close(theirs)
    os.close(ours)
