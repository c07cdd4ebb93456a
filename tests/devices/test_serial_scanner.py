"""Bytes in, reads out: pure framing first, then a scanner on a pseudo-terminal."""

import os
import queue
import resource
import threading
import tty
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.events import Read, ReadDropped, ReadMade, ScannerEvent, ScannerLost, ScannerReady
from devices.scanner import RETRY_S, DoubleTrigger
from devices.serial_scanner import Framer, SerialPort, SerialScanner

WAIT_S = 10  # a limit for a broken run; every wait ends at an event


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b"\t"])
def test_every_suffix_ends_a_read(end: bytes) -> None:
    assert Framer().feed(b"0013748911" + end + b"]C10103" + end, 0) == ["0013748911", "]C10103"]


def test_silence_ends_a_read_without_suffix() -> None:
    framer = Framer(gap_s=0.1)
    assert framer.feed(b"00137", 0) == []
    assert framer.feed(b"48911", 5) == []  # late bytes are the kernel's delay, not silence
    assert framer.due_s == pytest.approx(5.1)
    assert framer.feed(b"", 5.05) == []
    assert framer.feed(b"", 5.1) == ["0013748911"]
    assert framer.due_s is None
    assert framer.feed(b"", 9) == []


def test_only_a_suffix_ends_a_read_where_silence_is_told_not_to() -> None:
    framer = Framer(gap_s=None)
    assert framer.feed(b"00137", 0) == framer.feed(b"", 60) == []
    assert framer.feed(b"48911\r", 61) == ["0013748911"]


def test_gs_stays_and_every_byte_decodes() -> None:
    assert Framer().feed(b"]d2\x1d0103\x1d10A\r", 0) == ["]d2\x1d0103\x1d10A"]
    assert Framer().feed("café €\r".encode(), 0) == ["café €"]
    assert Framer().feed("café\r".encode("latin-1"), 0) == ["café"]


def test_an_overlong_read_is_discarded_to_its_end_and_counted() -> None:
    framer = Framer()
    assert framer.feed(b"x" * 4096 + b"\r", 0) == ["x" * 4096]
    assert framer.feed(b"x" * 9000, 0) == []
    assert framer.feed(b"tail of it\rnext\r", 0) == ["next"]
    assert framer.overlong == 1
    assert framer.feed(b"y" * 5000, 1) == []
    assert framer.feed(b"", 2) == []
    assert framer.feed(b"after silence\r", 2) == ["after silence"]
    assert framer.overlong == 2


def test_a_partial_read_is_dropped_when_the_device_goes() -> None:
    framer = Framer()
    assert framer.drop() is False
    framer.feed(b"00137", 0)
    assert framer.drop() is True
    assert framer.feed(b"48911\r", 1) == ["48911"]


@settings(deadline=None)  # a busy machine is not a fault
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_no_bytes_raise_and_cutting_them_otherwise_changes_nothing(chunks: list[bytes]) -> None:
    pieces, whole = Framer(limit=30), Framer(limit=30)
    reads = [read for chunk in chunks if chunk for read in pieces.feed(chunk, 0)]
    assert reads == whole.feed(b"".join(chunks), 0)
    assert pieces.overlong == whole.overlong


texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\t"), min_size=1, max_size=60)


@settings(deadline=None)  # a busy machine is not a fault
@given(st.lists(texts), st.sampled_from(["\r", "\n", "\r\n", "\t"]))
def test_what_is_sent_is_what_is_read(codes: list[str], end: str) -> None:
    stream = "".join(code + end for code in codes).encode()
    assert Framer().feed(stream, 0) == codes


def test_a_double_trigger_is_told_by_code_and_time() -> None:
    doubles = DoubleTrigger(0.4)
    told = [doubles.is_double(Read(*read)) for read in [("a", 0), ("a", 0.39), ("b", 0.4)]]
    assert told == [False, True, False]
    told = [doubles.is_double(Read("a", at_s)) for at_s in (0.5, 0.8, 0.9, 1.2)]
    assert told == [False, True, False, True]
    never = DoubleTrigger(0)
    assert [never.is_double(Read("a", 0)) for _ in range(3)] == [False] * 3


@dataclass
class Bench:
    """A pseudo-terminal behind a steady path, as udev's by-id links are, and a running scanner."""

    link: Path
    events: "queue.Queue[ScannerEvent]" = field(default_factory=queue.Queue)
    master: int = -1
    scanner: SerialScanner | None = None
    thread: threading.Thread | None = None

    def plug(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        new = self.link.with_suffix(".new")
        new.symlink_to(os.ttyname(slave))
        os.close(slave)
        new.rename(self.link)

    def unplug(self) -> None:
        self.link.unlink()
        os.close(self.master)
        self.master = -1

    def start(self, double_s: float = 0.4) -> None:
        self.scanner = SerialScanner(
            str(self.link), name="desk", emit=self.events.put, double_s=double_s
        )
        self.thread = threading.Thread(target=self.scanner.run, daemon=True)
        self.thread.start()

    def scan(self, data: bytes) -> None:
        os.write(self.master, data)

    def next(self) -> ScannerEvent:
        return self.events.get(timeout=WAIT_S)

    def code(self) -> str:
        event = self.next()
        assert isinstance(event, ReadMade), event
        assert event.device == "desk" and event.at.tzinfo is not None
        return event.code

    def end(self) -> None:
        if self.scanner and self.thread:
            self.scanner.stop()
            self.thread.join(WAIT_S)
            assert not self.thread.is_alive()
        if self.master >= 0:
            os.close(self.master)


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
    assert bench.code() == "no suffix"


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


def test_waits_between_tries_grow_to_a_second_and_no_further() -> None:
    waits = [RETRY_S[0]]
    while waits[-1] < RETRY_S[1]:
        waits.append(min(waits[-1] * 2, RETRY_S[1]))
    assert all(a < b for a, b in pairwise(waits)) and waits[-1] <= 1.0
