"""A printer is believed only when it answers: ready before, through after; what it does not say is unknown."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

import pytest
import serial

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


@contextmanager
def on_a_line(paper: PaperPrinter, pause_s: float = 0) -> Iterator[str]:
    """A printer at the end of a line, and the path of it; it may take a moment for each piece it gets."""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)

    class Peer:
        def sendall(self, data: bytes) -> None:
            os.write(ours, data)

    paper._peer = Peer()  # type: ignore[assignment]

    def serve() -> None:
        while True:
            try:
                data = os.read(ours, 1024)
            except OSError:
                return
            with paper._lock:
                paper._take(data)
            threading.Event().wait(pause_s)  # how this printer is, not how long we wait for it

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield os.ttyname(theirs)
    finally:
        os.close(theirs)
        server.join(10)  # or it would serve the next test, whose line has the same number
        os.close(ours)


@pytest.mark.parametrize("scheme", ["serial://{}", "{}"])
def test_a_device_answers_over_its_own_line(scheme: str) -> None:
    """A serial port, and a character device such as /dev/usb/lp0."""
    paper = PaperPrinter()
    with on_a_line(paper) as line:
        one = Printer(scheme.format(line))
        assert one.print(lambda: JOB) is Outcome.PRINTED
        assert bytes(paper.printed) == JOB
        paper.become("cover-open")
        assert one.look() is Health.COVER_OPEN


def test_a_job_may_take_as_long_as_its_printing() -> None:
    """Ninety labels at one a second: no more than a moment passes without a byte."""
    paper = PaperPrinter()
    heard: list[Health] = []
    job = picture(60_000)
    with on_a_line(paper, pause_s=0.03) as line:
        patience = Patience(answer_s=5, through_s=0.8, mended_s=1.2, look_s=0.1)
        one = Printer(f"serial://{line}", heard.append, patience)
        assert one.print(lambda: job) is Outcome.PRINTED
    assert bytes(paper.printed) == job
    assert heard == [Health.READY]


@pytest.mark.parametrize("way", ["network", "line"])
def test_running_dry_with_bytes_still_to_send_is_waited_for(paper: PaperPrinter, way: str) -> None:
    """Its memory is full and it takes nothing more: somebody is told to look at it, and it goes on."""
    mended = threading.Event()
    job = b"x" * 200 + picture(6_000_000 if way == "network" else 20_000)
    patience = Patience(answer_s=1, through_s=5, mended_s=30, look_s=0.1)
    with ExitStack() as held:
        url = paper.url
        if way == "line":
            paper = PaperPrinter()
            url = f"serial://{held.enter_context(on_a_line(paper))}"

        def take_nothing() -> None:
            mended.wait(30)

        paper.at[100] = take_nothing
        heard: list[Health] = []

        def hear(health: Health) -> None:
            heard.append(health)
            if health is Health.OFF_LINE:
                mended.set()

        one = Printer(url, hear, patience)
        assert one.print(lambda: job) is Outcome.PRINTED
    assert bytes(paper.printed) == job
    assert heard == [Health.READY, Health.OFF_LINE, Health.READY]


def picture(size: int) -> bytes:
    """A job of one picture."""
    high = size // 96
    dots = bytes([0x55]) * (96 * high)
    return b"\x1b@\x1dv0\x00\x60\x00" + high.to_bytes(2, "little") + dots + b"\n\x1dV\x01"


def test_two_stations_take_turns_on_one_printer(paper: PaperPrinter, tmp_path: Path) -> None:
    """Their processes share nothing but the folder of locks. What has to wait stays queued, and is no alarm."""
    _, _, port = paper.url.rpartition(":")
    heard: list[Health] = []
    other = Printer(f"127.0.0.1:{port}", heard.append, locks=tmp_path)
    meanwhile: list[object] = []

    def job() -> bytes:
        meanwhile.extend([other.print(never), other.look()])
        return JOB

    assert Printer(paper.url, locks=tmp_path).print(job) is Outcome.PRINTED
    assert meanwhile == [Outcome.NOT_SENT, Health.READY]
    assert heard == []
    assert other.print(lambda: JOB) is Outcome.PRINTED
    assert bytes(paper.printed) == JOB + JOB


def test_a_process_that_is_killed_holds_up_nobody(paper: PaperPrinter, tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from devices.transport import open_transport
from devices.turns import turn
with turn(open_transport({paper.url!r}), Path({str(tmp_path)!r})) as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""
    one = Printer(paper.url, locks=tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "True\n"
        assert one.print(never) is Outcome.NOT_SENT
        holder.kill()
    assert one.print(lambda: JOB) is Outcome.PRINTED


def test_one_that_this_account_may_not_open_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    one = Printer("serial:///dev/ttyS9", locks=tmp_path)
    monkeypatch.setattr(serial, "Serial", forbidden)
    assert [one.look(), one.look()] == [Health.FORBIDDEN] * 2
    assert one.print(never) is Outcome.NOT_SENT
    assert [record.getMessage() for record in caplog.records] == [
        "This account may not use the printer serial:///dev/ttyS9: “comptoir devices” shows the "
        "rule that lets it."
    ], "said once"


@pytest.mark.parametrize("url", ["/dev/shm/no-such-printer", "file:///dev/usb/no-such-printer"])
def test_a_device_that_is_not_plugged_in_is_silent_and_gets_nothing(url: str) -> None:
    one = Printer(url, patience=QUICK)
    assert one.look() is Health.SILENT
    assert one.print(never) is Outcome.NOT_SENT


def test_a_plain_file_among_the_devices_is_no_printer() -> None:
    with NamedTemporaryFile(dir="/dev/shm") as file:
        one = Printer(file.name, patience=QUICK)
        assert one.look() is Health.SILENT
        assert one.print(never) is Outcome.NOT_SENT
        assert not file.read()


def test_a_lock_is_open_to_all_who_share_the_printer(tmp_path: Path) -> None:
    """`sudo comptoir devices test` first, the station's own account afterwards."""
    mask = os.umask(0o077)
    try:
        assert Printer(f"{tmp_path}/", locks=tmp_path / "locks").print(lambda: JOB)
    finally:
        os.umask(mask)
    (lock,) = (tmp_path / "locks").iterdir()
    assert lock.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="needs two accounts")
def test_what_root_did_first_shuts_nobody_out(paper: PaperPrinter) -> None:
    with TemporaryDirectory() as above:
        os.chown(above, NOBODY, NOBODY)
        locks = Path(above) / "locks"
        assert Printer(paper.url, locks=locks).print(lambda: JOB) is Outcome.PRINTED
        for mode, outcome in ((0o644, Outcome.PRINTED), (0o600, Outcome.NOT_SENT)):
            for lock in locks.iterdir():
                lock.chmod(mode)
            assert as_nobody(lambda: Printer(paper.url, locks=locks).print(lambda: JOB)) is outcome
        assert locks.stat().st_uid == NOBODY


def test_a_lock_that_may_not_be_read_is_said_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def forbidden(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    one = Printer("tcp://192.0.2.7:9100", locks=tmp_path / "locks")
    assert one.print(never) is Outcome.NOT_SENT
    assert one.look() is Health.FORBIDDEN
    (said,) = caplog.records
    assert "lock" in said.getMessage() and str(tmp_path / "locks") in said.getMessage()


NOBODY = 65534


def as_nobody(do: Callable[[], Outcome]) -> Outcome:
    """What comes of it in a process of another account."""
    back, out = os.pipe()
    if (child := os.fork()) == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os.write(out, do().value.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(out)
    with open(back, "rb") as told:
        return Outcome(told.read().decode())


def test_one_that_hangs_up_when_it_is_asked_has_broken_off_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody should look for a paper that was never sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            server.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert Printer(url, patience=QUICK, locks=tmp_path).look() is Health.SILENT
        thread.join()
    (said,) = caplog.records
    assert "cannot be reached" in said.getMessage() and "paper" not in said.getMessage()
