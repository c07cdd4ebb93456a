"""Made-up devices, driven by the very code that drives real ones."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.events import ReadDropped, ReadMade, ScannerEvent, ScannerLost, ScannerReady
from devices.printer import Health, Outcome, Patience, Printer
from devices.serial_scanner import SerialScanner
from devices.simulators.printer import MEMORY, State
from devices.simulators.process import Simulator, SimulatorAway, tell

LIMIT_S = 30
QUICK = Patience(answer_s=0.5, through_s=1.0, mended_s=20.0, look_s=0.05)
JOB = b"\x1b@\x1bt\x10\x1bE\x01Tally\x1bE\x00\n" + b"one\n" * 20 + b"\x1dV\x01"
PICTURE = (
    b"\x1dv0\x00"
    + (10).to_bytes(2, "little")
    + (900).to_bytes(2, "little")
    + b"\x10\x04\x01" * 3000
)


@contextmanager
def simulating(folder: Path, *names: str) -> Iterator[Path]:
    simulator = Simulator(folder, names)
    thread = threading.Thread(target=simulator.run)
    thread.start()
    until(lambda: bool(answers(folder)))
    try:
        yield folder
    finally:
        simulator.stop()
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def answers(folder: Path) -> dict[str, Any]:
    try:
        return tell(folder, {"do": "look"})
    except SimulatorAway:
        return {}


def until(is_so: Callable[[], bool]) -> None:
    limit_s = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < limit_s
        threading.Event().wait(0.01)


def order(folder: Path, device: str, do: str, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = tell(folder, {"do": do, "device": device, **more})[device]
    return told


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with simulating(tmp_path / "simulated", "CLIP.printer", "CLIP.scanner") as folder:
        yield folder


@pytest.fixture
def printer(folder: Path) -> Printer:
    until(lambda: (folder / "CLIP.printer").exists())
    return Printer(f"serial://{folder}/CLIP.printer?baud=115200", patience=QUICK)


@pytest.fixture
def heard(folder: Path) -> Iterator[queue.Queue[ScannerEvent]]:
    """What the real driver of serial scanners says of the made-up one."""
    events: queue.Queue[ScannerEvent] = queue.Queue()
    scanner = SerialScanner(str(folder / "CLIP.scanner"), name="desk", emit=events.put)
    thread = threading.Thread(target=scanner.run)
    thread.start()
    yield events
    scanner.stop()
    thread.join(LIMIT_S)


def next_of(events: queue.Queue[ScannerEvent], *kinds: type[ScannerEvent]) -> ScannerEvent:
    while not isinstance(event := events.get(timeout=LIMIT_S), kinds):
        pass
    return event


def code_of(event: ScannerEvent) -> str:
    assert isinstance(event, ReadMade)
    return event.code


@pytest.mark.parametrize("state", [one for one in State if one is not State.SILENT])
def test_each_state_is_read_as_of_a_real_printer(
    folder: Path, printer: Printer, state: State
) -> None:
    order(folder, "CLIP.printer", "become", state=state.value)
    assert printer.look() == state.value
    outcome = printer.print(lambda: JOB)
    papers = answers(folder)["CLIP.printer"]["papers"]
    if state.prints:
        assert outcome is Outcome.PRINTED and papers[0]["cut"]
    else:
        assert outcome is Outcome.NOT_SENT and papers == []


def test_asking_how_it_is_writes_nothing_down(folder: Path, printer: Printer) -> None:
    assert printer.print(lambda: JOB) is Outcome.PRINTED
    assert answers(folder)  # by then it is written
    before = (folder / "CLIP.printer.json").stat().st_ino
    assert printer.look() is Health.READY
    assert answers(folder) and (folder / "CLIP.printer.json").stat().st_ino == before


def test_a_silent_printer_is_silent_until_it_is_put_right(folder: Path, printer: Printer) -> None:
    order(folder, "CLIP.printer", "become", state="silent")
    assert printer.look() is Health.SILENT
    order(folder, "CLIP.printer", "become", state="ready")
    assert printer.look() is Health.READY


def test_a_roll_that_ends_in_the_middle_goes_on_once_there_is_another(
    folder: Path, printer: Printer
) -> None:
    order(folder, "CLIP.printer", "roll-ends", lines=5)
    outcomes: queue.Queue[Outcome] = queue.Queue()
    threading.Thread(target=lambda: outcomes.put(printer.print(lambda: JOB + JOB))).start()
    until(lambda: answers(folder)["CLIP.printer"]["state"] == "paper-out")
    told = answers(folder)["CLIP.printer"]
    assert told["holds"] > 0 and len(told["papers"]) == 1 and not told["papers"][0]["cut"]
    order(folder, "CLIP.printer", "become", state="ready")
    assert outcomes.get(timeout=LIMIT_S) is Outcome.PRINTED
    told = answers(folder)["CLIP.printer"]
    assert [one["cut"] for one in told["papers"]] == [True, True] and told["holds"] == 0


def test_dots_of_a_picture_are_no_question_and_a_full_memory_takes_nothing_more(
    folder: Path, printer: Printer
) -> None:
    assert printer.print(lambda: PICTURE + b"\x1dV\x01") is Outcome.PRINTED
    order(folder, "CLIP.printer", "become", state="paper-out")
    with (folder / "CLIP.printer").open("wb", buffering=0) as port:
        os.set_blocking(port.fileno(), False)
        until(lambda: not port.write(b"line\n" * 200))
        held = answers(folder)["CLIP.printer"]["holds"]
        assert MEMORY <= held < MEMORY + 10_000
        order(folder, "CLIP.printer", "become", state="ready")
        until(lambda: bool(port.write(b"\x1dV\x01")))
        until(lambda: answers(folder)["CLIP.printer"]["papers"][-1]["cut"])


def test_what_was_printed_and_how_it_is_outlive_the_process(tmp_path: Path) -> None:
    for round_ in range(2):
        with simulating(tmp_path, "CLIP.printer", "CLIP.scanner") as folder:
            if round_ == 0:
                until((folder / "CLIP.printer").exists)
                printer = Printer(f"serial://{folder}/CLIP.printer", patience=QUICK)
                assert printer.print(lambda: JOB) is Outcome.PRINTED
                order(folder, "CLIP.printer", "become", state="cover-open")
                before = order(folder, "CLIP.scanner", "set", setup={"plugged": False})
                papers = answers(folder)["CLIP.printer"]["papers"]
            else:
                told = answers(folder)
                assert told["CLIP.printer"]["papers"] == papers
                assert told["CLIP.printer"]["state"] == "cover-open"
                assert told["CLIP.scanner"] == before
    assert not (tmp_path / "CLIP.printer").is_symlink()
    assert answers(tmp_path) == {}


def test_a_code_is_read_and_the_plug_pulled(folder: Path, heard: queue.Queue[ScannerEvent]) -> None:
    next_of(heard, ScannerReady)
    order(folder, "CLIP.scanner", "scan", code="0104006381333931\x1d10A")
    assert code_of(next_of(heard, ReadMade)) == "0104006381333931\x1d10A"
    order(folder, "CLIP.scanner", "set", setup={"plugged": False})
    next_of(heard, ScannerLost)
    with pytest.raises(ValueError):
        order(folder, "CLIP.scanner", "scan", code="0013748911")
    order(folder, "CLIP.scanner", "set", setup={"plugged": True})
    next_of(heard, ScannerReady)
    order(folder, "CLIP.scanner", "scan", code="0013748911")
    assert code_of(next_of(heard, ReadMade)) == "0013748911"


@pytest.mark.parametrize("suffix", ["cr", "lf", "tab", ""])
def test_it_can_be_set_up_badly(
    folder: Path, heard: queue.Queue[ScannerEvent], suffix: str
) -> None:
    next_of(heard, ScannerReady)
    wrong = {"sends_gs": False, "suffix": suffix, "chatters": True}
    order(folder, "CLIP.scanner", "set", setup=wrong)
    order(folder, "CLIP.scanner", "scan", code="10A\x1d21B")
    first, second = (next_of(heard, ReadMade, ReadDropped) for _ in range(2))
    if suffix:
        assert code_of(first) == "10A21B" and second == ReadDropped("desk", "double")
    else:  # it may be a half, and a trigger that chatters proves nothing
        assert first == second == ReadDropped("desk", "unsure")


def test_a_port_that_was_closed_is_another_one(folder: Path) -> None:
    """A serial scanner is opened for one alone, and the kernel keeps that mark until the line is gone: nobody but root
    could open it again."""
    port = folder / "CLIP.scanner"
    until(port.exists)
    before = port.lstat().st_ctime_ns
    first, second = (os.open(port, os.O_RDWR | os.O_NOCTTY) for _ in range(2))
    os.close(first)
    assert answers(folder) and port.lstat().st_ctime_ns == before
    os.close(second)
    until(lambda: port.exists() and port.lstat().st_ctime_ns != before)


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "become", "device": "CLIP.printer", "state": "on fire"},
        {"do": "become", "device": "CLIP.scanner", "state": "ready"},
        {"do": "scan", "device": "CLIP.scanner", "code": ""},
        {"do": "scan", "device": "CLIP.scanner", "code": "x" * 501},
        {"do": "scan", "device": "nobody", "code": "x"},
        {"do": "set", "device": "CLIP.scanner", "setup": {"suffix": "?"}},
        {"do": "set", "device": "CLIP.scanner", "setup": {"plugged": "yes"}},
        {"do": "roll-ends", "device": "CLIP.printer", "lines": "two"},
        {},
        [],
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(folder: Path, request_: Any) -> None:
    before = answers(folder)
    with pytest.raises(ValueError):
        tell(folder, request_)
    assert answers(folder) == before


def test_waiting_costs_nothing(folder: Path, printer: Printer) -> None:
    """Nor with nobody at the ports, which say so for ever."""
    begun_s = time.process_time()
    threading.Event().wait(0.5)
    assert time.process_time() - begun_s < 0.1
