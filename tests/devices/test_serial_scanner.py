"""A serial scanner on a pseudo-terminal; the framing alone is in test_framer."""

import errno
import os
import queue
import resource
import termios
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import devices.udev
from devices.events import (
    Outcome,
    ReadDropped,
    ReadMade,
    ScannerEvent,
    ScannerLost,
    ScannerReady,
)
from devices.scanner import RETRY_S
from devices.serial_scanner import SerialPort, SerialScanner
from tests.devices.serial_bench import Bench
from tests.devices.told import WAIT_S


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "usb-scanner-SN1")
    yield made
    made.end()


def test_a_scanner_reads(bench: Bench) -> None:
    bench.plug()
    bench.start()
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"0013748911\r\n")
    assert bench.code() == "0013748911"
    bench.scan(b"]d201034")
    bench.scan(b"\x1d10A\r")
    assert bench.code() == "]d201034\x1d10A"
    bench.scan(b"no suffix")
    assert isinstance(bench.next(), ReadDropped)  # nobody knows yet, unless silence was seen before


def test_its_port_has_the_speed_that_it_was_set_to(bench: Bench) -> None:
    bench.plug()
    bench.start(baud=115200)
    assert bench.next() == ScannerReady("desk")
    assert termios.tcgetattr(bench.master)[4:6] == [termios.B115200] * 2


def test_a_double_trigger_is_dropped_and_announced(bench: Bench) -> None:
    bench.plug()
    bench.start(double_s=60)
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"111\r111\r222\r")
    assert bench.code() == "111"
    assert bench.next() == ReadDropped("desk", "double")
    assert bench.code() == "222"


def test_five_identical_reads_count_five_when_the_window_is_off(bench: Bench) -> None:
    bench.plug()
    bench.start(double_s=0)
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"111\r" * 5)
    assert [bench.code() for _ in range(5)] == ["111"] * 5


def test_an_overlong_read_is_announced(bench: Bench) -> None:
    bench.plug()
    bench.start()
    assert bench.next() == ScannerReady("desk")
    for _ in range(6):
        bench.scan(b"x" * 1000)
    assert bench.next() == ReadDropped("desk", "overlong")
    bench.scan(b"\rfine\r")
    assert bench.code() == "fine"


def test_unplugged_in_mid_read_then_back(bench: Bench) -> None:
    bench.plug()
    bench.start()
    for round_ in range(3):
        assert bench.next() == ScannerReady("desk")
        bench.scan(f"whole {round_}\rhal".encode())
        assert bench.code() == f"whole {round_}"
        bench.unplug()
        assert bench.next() == ReadDropped("desk", "half")
        assert bench.next() == ScannerLost("desk", "gone")
        bench.plug()
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"f of it\r")
    assert bench.code() == "f of it"


def test_opened_in_the_middle_of_a_read_its_rest_is_no_code(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_port = SerialScanner._open

    def open_in_mid_read(scanner: SerialScanner) -> SerialPort:
        port = open_port(scanner)
        bench.scan(b"48911\rnext")  # nobody knows how these began
        return port

    monkeypatch.setattr(SerialScanner, "_open", open_in_mid_read)
    bench.plug()
    bench.start()
    assert bench.next() == ReadDropped("desk", "half")
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"whole\r")
    assert bench.code() == "whole"


def test_a_port_that_goes_while_it_is_opened_is_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = termios.tcflush

    def unplugged(descriptor: int, queue: int) -> None:
        monkeypatch.setattr("termios.tcflush", flush)
        raise termios.error(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("termios.tcflush", unplugged)
    bench.plug()
    bench.start()
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"heard\r")
    assert bench.code() == "heard"


def test_a_suffix_found_out_is_known_when_plugged_in_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, see_silence = threading.Event(), SerialPort.silence

    def silence(port: SerialPort, now_s: float) -> list[Outcome]:
        outcomes = see_silence(port, now_s)
        silent.set()
        return outcomes

    monkeypatch.setattr(SerialPort, "silence", silence)
    bench.plug()
    bench.start()
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"whole\r")
    assert bench.code() == "whole"
    assert silent.wait(WAIT_S)
    bench.unplug()
    assert bench.next() == ScannerLost("desk", "gone")
    bench.plug()
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"hal")
    assert bench.next() == ReadDropped("desk", "half")


def test_absent_is_said_once_and_costs_nothing(bench: Bench) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    bench.start()
    assert bench.next() == ScannerLost("desk", "absent")
    with pytest.raises(queue.Empty):
        bench.events.get(timeout=1)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.2
    bench.plug()
    assert bench.next() == ScannerReady("desk")


def test_a_second_reader_is_told_that_the_port_is_taken(bench: Bench) -> None:
    bench.plug()
    bench.start()
    assert bench.next() == ScannerReady("desk")
    other: queue.Queue[ScannerEvent] = queue.Queue()
    second = SerialScanner(str(bench.link), name="second", emit=other.put)
    thread = threading.Thread(target=second.run, daemon=True)
    thread.start()
    assert other.get(timeout=WAIT_S) == ScannerLost("second", "busy")
    bench.scan(b"mine\r")
    assert bench.code() == "mine"
    second.stop()
    thread.join(WAIT_S)


def test_a_fault_of_ours_ends_no_reading(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    take, check = SerialPort.take, devices.udev.check_name

    def fault(*_: object) -> bytes:
        monkeypatch.setattr(SerialPort, "take", take)
        monkeypatch.setattr("devices.scanner.check_name", fault_again)
        raise ValueError("what was read")

    def fault_again(*_: object) -> bool:
        monkeypatch.setattr("devices.scanner.check_name", check)
        raise ValueError("what was read")

    bench.plug()
    bench.start()
    assert bench.next() == ScannerReady("desk")
    monkeypatch.setattr(SerialPort, "take", fault)
    bench.scan(b"lost\r")
    assert bench.next() == ScannerLost("desk", "unusable")
    assert bench.next() == ScannerReady("desk")
    bench.scan(b"heard\r")
    assert bench.code() == "heard"
    assert "ValueError" in caplog.text and "what was read" not in caplog.text


def test_a_file_that_is_no_port_is_said_to_be_unusable(bench: Bench) -> None:
    bench.link.write_text("not a tty")
    bench.start()
    assert bench.next() == ScannerLost("desk", "unusable")


def test_a_listener_that_fails_does_not_end_the_reading(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.plug()
    heard: queue.Queue[ScannerEvent] = queue.Queue()

    def listen(event: ScannerEvent) -> None:
        heard.put(event)
        if isinstance(event, ReadMade):
            raise RuntimeError(event.code)

    bench.scanner = SerialScanner(str(bench.link), name="desk", emit=listen)
    bench.thread = threading.Thread(target=bench.scanner.run, daemon=True)
    bench.thread.start()
    assert heard.get(timeout=WAIT_S) == ScannerReady("desk")
    bench.scan(b"SECRET1\rSECRET2\rlast\r")
    codes = [
        event.code for _ in range(3) if isinstance(event := heard.get(timeout=WAIT_S), ReadMade)
    ]
    assert codes == ["SECRET1", "SECRET2", "last"]
    assert "SECRET" not in caplog.text


def test_what_had_come_when_it_was_stopped_is_heard(bench: Bench) -> None:
    bench.plug()
    heard: queue.Queue[ScannerEvent] = queue.Queue()
    stopped = threading.Event()

    def listen(event: ScannerEvent) -> None:
        heard.put(event)
        assert not isinstance(event, ReadMade) or stopped.wait(WAIT_S)

    scanner = SerialScanner(str(bench.link), name="desk", emit=listen)
    thread = threading.Thread(target=scanner.run, daemon=True)
    thread.start()
    assert heard.get(timeout=WAIT_S) == ScannerReady("desk")
    bench.scan(b"first\r")
    first = heard.get(timeout=WAIT_S)
    bench.scan(b"last\r")
    scanner.stop()
    stopped.set()
    last = heard.get(timeout=WAIT_S)
    assert isinstance(first, ReadMade) and isinstance(last, ReadMade) and last.code == "last"
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_waits_between_tries_grow_to_a_second_and_no_further() -> None:
    waits = [RETRY_S[0]]
    while waits[-1] < RETRY_S[1]:
        waits.append(min(waits[-1] * 2, RETRY_S[1]))
    assert all(a < b for a, b in pairwise(waits)) and waits[-1] <= 1.0
