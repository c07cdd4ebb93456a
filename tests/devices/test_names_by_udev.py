"""Whether the name that a scanner is opened by is that of its own device: udev comes to it late, and tells then."""

import socket
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import Mock

import pytest

from devices.events import ReadDropped, ScannerLost, ScannerReady
from devices.serial_scanner import Framer, SerialPort
from devices.udev import PlugWatch, is_busy
from tests.devices.serial_bench import Bench
from tests.devices.told import WAIT_S


class News:
    """Of udev, told when we like; `queue` is there while udev has still something to name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
        self._told, self._tell = socket.socketpair(type=socket.SOCK_DGRAM)
        self._told.setblocking(False)
        self.queue, self.asked = Path(folder, "queue"), threading.Event()
        told = self._told

        class Watch(PlugWatch):
            def __init__(self, subsystem: str) -> None:
                self.sources = [told]

        def asked() -> bool:
            self.asked.set()
            return is_busy()

        monkeypatch.setattr("devices.scanner.PlugWatch", Watch)
        monkeypatch.setattr("devices.scanner.is_busy", asked)

    def come(self) -> None:
        self._tell.send(b"news")


def plugged_in(monkeypatch: pytest.MonkeyPatch, folder: str, *devices: Mock) -> list[Mock]:
    """What udev knows, the scanner's own device first; may be changed."""
    known = list(devices)
    Path(folder, "control").touch()
    monkeypatch.setattr("devices.udev.UDEV", folder)
    monkeypatch.setattr("pyudev.Devices.from_device_number", lambda *_: known[0])
    monkeypatch.setattr("pyudev.Context.list_devices", lambda *_, **how: iter(known))
    return known


def test_a_name_that_leads_to_somebody_elses_device_is_not_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unplugged together and plugged again, devices swap their numbers, and udev takes old names away late."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        bench = Bench(Path(folder) / "usb-scanner-SN1", by_udev=True)
        another = Mock(device_links=["/dev/serial/by-id/usb-another-SN2"])
        udev = plugged_in(monkeypatch, folder, another)
        bench.plug()
        bench.start()
        assert bench.next() == ScannerLost("desk", "absent")
        bench.scan(b"another's\r")
        udev[0] = Mock(device_links=[str(bench.link)])
        assert bench.next() == ScannerReady("desk")
        bench.scan(b"ours\r")
        assert bench.code() == "ours"
        bench.end()


def test_what_udev_had_written_down_of_the_one_before_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The number is another's by now, and its name still ours, until udev comes to that."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        bench = Bench(Path(folder) / "usb-scanner-SN1", by_udev=True)
        news = News(monkeypatch, folder)
        named, another = (
            Mock(device_links=[link])
            for link in (str(bench.link), "/dev/serial/by-id/usb-another-SN2")
        )
        udev = plugged_in(monkeypatch, folder, named)
        news.queue.touch()
        bench.plug()
        bench.start()
        assert news.asked.wait(WAIT_S)  # it is open, and waits for udev to have named all
        bench.scan(b"another's\r")
        assert bench.next() == ReadDropped("desk", "half")
        udev[0] = another
        news.come()
        assert bench.next() == ScannerLost("desk", "gone")  # and never was ready
        udev[0] = named
        news.queue.unlink()
        news.come()
        assert bench.next() == ScannerReady("desk")
        udev[0] = Mock(device_links=[], is_initialized=False)  # it takes the old name away
        news.come()
        bench.scan(b"ours\r")
        assert bench.code() == "ours"
        udev[0] = another
        news.come()
        assert bench.next() == ScannerLost("desk", "gone")
        bench.end()


def test_a_name_taken_away_while_the_device_is_opened_is_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was the former device's: udev was late."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        bench = Bench(Path(folder) / "usb-scanner-SN1", by_udev=True)
        plugged_in(monkeypatch, folder, Mock(device_links=[str(bench.link)]))
        opened, tried, away = (
            SerialPort.__init__,
            threading.Event(),
            bench.link.with_suffix(".away"),
        )

        def late(port: SerialPort, path: str, baud: int, framer: Framer) -> None:
            opened(port, path, baud, framer)
            if not tried.is_set():
                bench.link.rename(away)
                tried.set()

        monkeypatch.setattr(SerialPort, "__init__", late)
        bench.plug()
        bench.start()
        assert tried.wait(WAIT_S)
        assert bench.next() == ScannerLost("desk", "absent")
        away.rename(bench.link)
        assert bench.next() == ScannerReady("desk")
        bench.end()


def test_udev_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does what else is plugged in and out keep a scanner from being ready."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        monkeypatch.setattr("devices.scanner.NAMED_S", 0.3)
        bench = Bench(Path(folder) / "usb-scanner-SN1", by_udev=True)
        news, done = News(monkeypatch, folder), threading.Event()
        plugged_in(monkeypatch, folder, Mock(device_links=[str(bench.link)]))
        news.queue.touch()

        def storm() -> None:
            while not done.wait(0.01):
                news.come()

        thread = threading.Thread(target=storm)
        thread.start()
        bench.plug()
        bench.start()
        assert bench.next() == ScannerReady("desk")
        done.set()
        thread.join()
        bench.end()


def test_a_name_of_two_devices_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one alike, bought later: their by-id leads to either."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        bench = Bench(Path(folder) / "usb-scanner", by_udev=True)
        ours, later = (Mock(device_links=[str(bench.link)]) for _ in range(2))
        udev = plugged_in(monkeypatch, folder, ours, later)
        bench.plug()
        bench.start()
        assert bench.next() == ScannerLost("desk", "shared")
        bench.scan(b"whose\r")
        later.find_parent = ours.find_parent  # another node of the same device
        assert bench.next() == ScannerReady("desk")
        bench.scan(b"ours\r")
        assert bench.code() == "ours"
        assert len(udev) == 2
        bench.end()


def test_a_link_made_by_hand_is_not_one_of_udevs(monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        bench = Bench(Path(folder) / "our-scanner")
        plugged_in(monkeypatch, folder, Mock(device_links=["/dev/serial/by-id/usb-scanner"]))
        bench.plug()
        bench.start()
        assert bench.next() == ScannerReady("desk")
        bench.end()
