"""The loop around the decoder, on real input events through a real descriptor.

The kernel's driver is played: a pipe carries `struct input_event` as `/dev/input/event*` does, and its end stands for
unplugging.
"""

import errno
import os
import queue
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from evdev import InputEvent
from evdev import ecodes as keys

from devices.events import Outcome, ReadDropped, ScannerLost, ScannerReady
from devices.hid_decoder import GAP_S
from devices.hid_scanner import HidDevice, HidScanner, KeySource, open_keys
from devices.udev import PlugWatch
from tests.devices.keys import INPUT_EVENT, Event, Keyboard
from tests.devices.told import WAIT_S, Told


class Pipe:
    """As `evdev.InputDevice`, on the reading end of a pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def read(self) -> Iterator[InputEvent]:
        data = os.read(self._descriptor, 64 * INPUT_EVENT.size)
        if not data:
            raise OSError(errno.ENODEV, "No such device")
        for event in INPUT_EVENT.iter_unpack(data):
            yield InputEvent(*event)

    def close(self) -> None:
        os.close(self._descriptor)


@dataclass
class Bench(Told):
    """A scanner that can be plugged and unplugged; `refusal` is the error of whoever opens it."""

    refusal: int = errno.ENOENT
    opened: int = 0
    threads: list[tuple[HidScanner, threading.Thread]] = field(default_factory=list)
    _read_end: int | None = None
    _write_end: int = -1

    def plug(self) -> None:
        self._read_end, self._write_end = os.pipe2(os.O_NONBLOCK)

    def unplug(self) -> None:
        os.close(self._write_end)
        self._write_end = -1

    def open(self, path: str) -> KeySource:
        assert path == "/dev/input/by-id/usb-scanner-event-kbd"
        self.opened += 1
        if self._read_end is None:
            raise OSError(self.refusal, os.strerror(self.refusal))
        source, self._read_end = Pipe(self._read_end), None
        return source

    def start(self, keymap: str = "be", double_s: float = 0.4, suffix: bool | None = None) -> None:
        scanner = HidScanner(
            "/dev/input/by-id/usb-scanner-event-kbd",
            name="desk",
            emit=self.events.put,
            keymap=keymap,
            suffix=suffix,
            double_s=double_s,
            open_source=self.open,
        )
        thread = threading.Thread(target=scanner.run, daemon=True)
        self.threads.append((scanner, thread))
        thread.start()

    def send(self, *events: Event) -> None:
        os.write(self._write_end, b"".join(event.packed() for event in events))

    def scan(self, text: str, layout: str = "be", end: int | None = keys.KEY_ENTER) -> None:
        self.send(*Keyboard(layout, pause_s=0).types(text, time.monotonic(), end))

    def end(self) -> None:
        while self.threads:
            scanner, thread = self.threads.pop()
            scanner.stop()
            thread.join(WAIT_S)
            assert not thread.is_alive()
        if self._write_end >= 0:
            self.unplug()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.end()


def test_a_scanner_reads_by_its_own_layout(bench: Bench) -> None:
    bench.plug()
    bench.start("be")
    assert bench.next() == ScannerReady("desk")
    bench.scan("]C10103\x1d10Ab-7")
    assert bench.code() == "]C10103\x1d10Ab-7"
    bench.scan("no suffix", end=None)
    assert isinstance(bench.next(), ReadDropped)  # nobody knows yet, unless silence was seen before


def test_a_double_trigger_is_dropped_and_announced(bench: Bench) -> None:
    bench.plug()
    bench.start("us")
    assert bench.next() == ScannerReady("desk")
    at_s = time.monotonic()
    for text, after_s in (("111", 0.0), ("111", 0.39), ("111", 0.41), ("222", 0.42)):
        bench.send(*Keyboard("us", pause_s=0).types(text, at_s + after_s))
    assert bench.code() == "111"
    assert bench.next() == ReadDropped("desk", "double")
    # By the times of the keys, not by when this process came to see them.
    assert [bench.code(), bench.code()] == ["111", "222"]


def test_lost_events_are_announced(bench: Bench) -> None:
    bench.plug()
    bench.start("us")
    assert bench.next() == ScannerReady("desk")
    bench.scan("001374", "us", end=None)
    bench.send(Event(keys.EV_SYN, keys.SYN_DROPPED, 0, time.monotonic()))
    bench.scan("8911", "us")
    assert bench.next() == ReadDropped("desk", "overrun")
    bench.scan("whole", "us")
    assert bench.code() == "whole"


def test_unplugged_in_mid_read_then_back(bench: Bench) -> None:
    bench.plug()
    bench.start()
    for round_ in range(3):
        assert bench.next() == ScannerReady("desk")
        bench.scan(f"whole {round_}")
        assert bench.code() == f"whole {round_}"
        bench.scan("hal", end=None)
        bench.unplug()
        assert bench.next() == ReadDropped("desk", "half")
        assert bench.next() == ScannerLost("desk", "gone")
        bench.plug()
    assert bench.next() == ScannerReady("desk")


def test_a_suffix_found_out_is_known_when_plugged_in_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, see_silence = threading.Event(), HidDevice.silence

    def silence(device: HidDevice, now_s: float) -> list[Outcome]:
        outcomes = see_silence(device, now_s)
        silent.set()
        return outcomes

    monkeypatch.setattr(HidDevice, "silence", silence)
    bench.plug()
    bench.start()
    assert bench.next() == ScannerReady("desk")
    bench.scan("whole")
    assert bench.code() == "whole"
    assert silent.wait(WAIT_S)
    bench.unplug()
    assert bench.next() == ScannerLost("desk", "gone")
    bench.plug()
    assert bench.next() == ScannerReady("desk")
    bench.scan("hal", end=None)
    assert bench.next() == ReadDropped("desk", "half")


def test_plugged_in_during_a_read_its_rest_is_no_code(bench: Bench) -> None:
    bench.plug()
    bench.scan("48911", end=None)
    bench.start()
    assert bench.next() == ReadDropped("desk", "half")
    assert bench.next() == ScannerReady("desk")
    bench.scan("whole")
    assert bench.code() == "whole"


def test_a_key_that_is_stuck_keeps_no_scanner_from_reading(bench: Bench) -> None:
    """The kernel repeats it for ever, thirty times a second."""
    bench.plug()
    bench.send(Event(keys.EV_KEY, keys.KEY_A, 1, time.monotonic()))
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(1 / 30):
            bench.send(Event(keys.EV_KEY, keys.KEY_A, 2, time.monotonic()))

    repeating = threading.Thread(target=repeat)
    repeating.start()
    try:
        bench.start()
        assert bench.next() == ReadDropped("desk", "half")
        assert bench.next() == ScannerReady("desk")
        bench.scan("whole")
        assert bench.code() == "whole"
    finally:
        over.set()
        repeating.join()


@pytest.mark.parametrize(
    ("refusal", "why"),
    [(errno.ENOENT, "absent"), (errno.EACCES, "forbidden"), (errno.EBUSY, "busy")],
)
def test_why_it_cannot_be_used_is_said_once_and_waiting_costs_nothing(
    bench: Bench, refusal: int, why: str
) -> None:
    bench.refusal = refusal
    before = resource.getrusage(resource.RUSAGE_SELF)
    bench.start()
    lost = bench.next()
    assert isinstance(lost, ScannerLost) and lost.why == why
    with pytest.raises(queue.Empty):
        bench.events.get(timeout=1)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.2
    assert bench.opened < 10
    bench.plug()
    assert bench.next() == ScannerReady("desk")


def test_udev_is_watched_before_looking_and_tells_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rights come with a second event, "change", after the one that brought the device."""
    told_r, told_w = os.pipe()
    began: list[int] = []

    class Udev:
        sources: ClassVar[list[int]] = []

        def __init__(self, subsystem: str) -> None:
            assert subsystem == "input"
            began.append(bench.opened)

        def wait(self, wake: int, timeout_s: float) -> None:
            os.read(told_r, 1)  # whatever the time

    monkeypatch.setattr("devices.scanner.PlugWatch", Udev)
    bench.refusal = errno.EACCES
    bench.start()
    assert bench.next() == ScannerLost("desk", "forbidden")
    opened = bench.opened
    assert began == [0] and opened == 2  # the watch, then a look in passing, then another
    bench.plug()
    os.write(told_w, b"c")
    assert bench.next() == ScannerReady("desk")
    assert bench.opened == opened + 1
    os.close(told_w)
    os.close(told_r)


@dataclass
class SlowUdev:
    """Has news when told, and takes longer to look at than any silence lasts: meanwhile the scanner goes on."""

    bench: Bench
    monkeypatch: pytest.MonkeyPatch
    meanwhile: str = ""

    def __post_init__(self) -> None:
        self.told_r, self.told_w = os.pipe()
        udev = self

        class Watch:
            def __init__(self, subsystem: str) -> None:
                self.sources = [udev.told_r]

            def clear(self) -> None:
                os.read(udev.told_r, 1)

        self.monkeypatch.setattr("devices.scanner.PlugWatch", Watch)
        self.monkeypatch.setattr("devices.scanner.check_name", lambda *which: True)
        self.monkeypatch.setattr("devices.scanner.is_busy", lambda: False)
        self.monkeypatch.setattr("devices.scanner.is_named_otherwise", self._look)

    def has_news(self) -> None:
        os.write(self.told_w, b"n")

    def end(self) -> None:
        os.close(self.told_w)
        os.close(self.told_r)

    def _look(self, *which: object) -> bool:
        self.bench.scan(self.meanwhile, end=None)
        threading.Event().wait(2 * GAP_S)
        return False


@pytest.fixture
def udev(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowUdev]:
    made = SlowUdev(bench, monkeypatch)
    yield made
    bench.end()
    made.end()


def test_to_look_at_news_of_others_is_no_silence_of_the_scanner(
    bench: Bench, udev: SlowUdev, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one was plugged in while a scanner that ends its reads with nothing was in the middle of one."""
    bench.plug()
    bench.start(suffix=False)
    assert bench.next() == ScannerReady("desk")
    at_s = time.monotonic()
    receive = HidDevice.receive

    def receive_and_hear(device: HidDevice) -> list[Outcome]:
        monkeypatch.setattr(HidDevice, "receive", receive)
        udev.has_news()
        return receive(device)

    monkeypatch.setattr(HidDevice, "receive", receive_and_hear)
    udev.meanwhile = "89"
    monkeypatch.setattr(
        bench, "scan", lambda text, end: bench.send(*Keyboard("be").types(text, at_s + 0.1, end))
    )
    bench.send(*Keyboard("be").types("001374", at_s, end=None))
    assert bench.code() == "00137489"


def test_nor_while_it_settles(bench: Bench, udev: SlowUdev) -> None:
    bench.plug()
    udev.meanwhile = "48911"
    udev.has_news()
    bench.start(suffix=False)
    assert bench.next() == ReadDropped("desk", "half")
    assert bench.next() == ScannerReady("desk")


def test_a_watch_ends_when_woken_or_when_the_time_is_over() -> None:
    wake_r, wake_w = os.pipe()
    watch = PlugWatch("input")
    watch.wait(wake_r, 0.01)
    os.close(wake_w)
    watch.wait(wake_r, WAIT_S)
    os.close(wake_r)


def test_news_is_taken_and_a_source_that_has_ended_is_let_go() -> None:
    """It would be readable for ever."""
    wake_r, wake_w = os.pipe()
    told, tell = socket.socketpair(type=socket.SOCK_STREAM)
    told.setblocking(False)
    watch = PlugWatch("input")
    watch.sources = [told]
    tell.send(b"news")
    watch.wait(wake_r, WAIT_S)
    assert watch.sources == [told]
    tell.close()
    watch.wait(wake_r, WAIT_S)
    assert watch.sources == []
    told.close()
    for end in (wake_r, wake_w):
        os.close(end)


def test_what_is_no_input_device_is_refused(tmp_path: object, bench: Bench) -> None:
    opens: Callable[[str], KeySource] = open_keys
    with pytest.raises(OSError, match=os.strerror(errno.ENOTTY)):
        opens(str(tmp_path) + "/.")
    with pytest.raises(FileNotFoundError):
        opens("/dev/input/by-id/nothing")
