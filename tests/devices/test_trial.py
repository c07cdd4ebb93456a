"""The self-test on a real port and on recorded keys: it tells the code, and keeps nothing else."""

import os
import queue
import select
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from evdev import ecodes as keys

from devices import trial
from devices.self_test import Found
from devices.serial_scanner import DEFAULT_BAUD, SPEEDS
from devices.trial import State, Trial
from tests.devices.keys import Event, Keyboard

LIMIT_S = 10
CODE = b"]C191Comptoir-aZ\x1d9207\r"

Told = tuple[State, Found | None]


@contextmanager
def running(
    device: str, *, by_keys: bool = False, baud: int = DEFAULT_BAUD
) -> Iterator[Callable[[], Told]]:
    """A trial of a device; gives what it tells next."""
    told: queue.Queue[Told] = queue.Queue()
    tried = Trial(device, lambda *what: told.put(what), by_keys=by_keys, baud=baud)
    thread = threading.Thread(target=tried.run)
    thread.start()
    try:
        yield lambda: told.get(timeout=LIMIT_S)
    finally:
        tried.stop()
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def test_a_scan_of_the_code_tells_the_settings_of_a_serial_scanner() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    with running(os.ttyname(slave)) as told:
        assert told() == ("waiting", None)
        os.write(master, b"5410036306703\r")
        assert told() == ("other", None), "another code is told by nothing but that"
        os.write(master, CODE[:9])
        os.write(master, CODE[9:])
        assert told() == ("found", Found("", False, "carriage-return", True, "kept", 9600))
    for descriptor in (master, slave):
        os.close(descriptor)


def scanned_at(master: int, baud: int) -> None:
    """As a port gets it that has another speed, or the same."""
    is_heard = termios.tcgetattr(master)[4] == getattr(termios, f"B{baud}")
    os.write(master, CODE if is_heard else bytes(byte << 1 & 0xFF | 0x81 for byte in CODE[:7]))


@pytest.mark.parametrize("baud", SPEEDS)
def test_the_speed_of_a_port_is_found_scan_by_scan(baud: int) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    with running(os.ttyname(slave)) as told:
        assert told() == ("waiting", None)
        for _ in range(SPEEDS.index(baud)):
            scanned_at(master, baud)
            assert told() == ("other", None)
        scanned_at(master, baud)
        state, found = told()
        assert state == "found" and found is not None and found.baud == baud
    for descriptor in (master, slave):
        os.close(descriptor)


def test_the_speed_on_the_list_is_tried_first_and_text_moves_nothing() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    with running(os.ttyname(slave), baud=57600) as told:
        assert told() == ("waiting", None)
        os.write(master, "café\r".encode())
        assert told() == ("other", None)
        scanned_at(master, 57600)
        assert told()[0] == "found"
    for descriptor in (master, slave):
        os.close(descriptor)


def test_a_device_that_is_not_there_is_waited_for(tmp_path: Any) -> None:
    link = tmp_path / "scanner"
    master, slave = os.openpty()
    tty.setraw(slave)
    with running(str(link)) as told:
        assert told() == ("absent", None)
        link.symlink_to(os.ttyname(slave))
        assert told() == ("waiting", None)
    os.close(slave)
    os.close(master)


def test_one_that_is_gone_at_once_is_not_opened_again_without_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: queue.Queue[str | float | None] = queue.Queue()
    hung_up, writer = os.pipe()
    os.close(writer)

    class Gone:
        def fileno(self) -> int:
            return hung_up

        def take(self) -> bool:
            raise OSError

        def close(self) -> None:
            steps.put("closed")

    def select_(read: list[int], *rest: Any) -> Any:
        steps.put(rest[-1])
        return select.select(read, *rest)

    monkeypatch.setattr(trial, "_Bytes", lambda *how: Gone())
    monkeypatch.setattr(trial, "select", SimpleNamespace(select=select_))
    with running("/dev/ttyACM0"):
        heard = [steps.get(timeout=LIMIT_S) for _ in range(3)]
    assert heard == [None, "closed", trial.RETRY_S]
    os.close(hung_up)


def test_a_keyboard_is_held_and_its_keys_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    closed = threading.Event()

    class Source:
        """As an open event device."""

        def __init__(self, events: list[Any]) -> None:
            self.events = events

        def fileno(self) -> int:
            return reader

        def read(self) -> list[Any]:
            os.read(reader, 1)
            return self.events

        def close(self) -> None:
            closed.set()

    stuck = [Event(keys.EV_KEY, keys.KEY_F1, 2, 0.5)] * trial.MOST_HELD
    typed = stuck + Keyboard("fr", caps=True).types("91Comptoir-aZ9207", 1, end=None)
    monkeypatch.setattr(trial, "open_keys", lambda path: Source(typed))
    with running("/dev/input/event5", by_keys=True) as told:
        assert told() == ("waiting", None)
        os.write(writer, b"x")
        assert told() == ("found", Found("fr", True, "none", False, "lost"))
        assert closed.wait(LIMIT_S)
    os.close(reader)
    os.close(writer)
