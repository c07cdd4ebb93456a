"""What a station says of itself: to the service, to the page on its own machine, and aloud."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import queue
import select
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import devices.scanner
from devices.errors import OutboxError, ServeAway
from devices.events import ReadDropped, ReadMade, ScannerEvent, ScannerReady
from devices.outbox import Entry, Outbox
from devices.service import Service
from tests.e2e.processes import LIMIT_S, Here, Process
from web import heartbeat
from web.heartbeat import Heartbeat, Status, origins_of
from web.scanners import ScannerSetting
from web.station import StationProcess

Told = dict[str, Any]


@dataclass
class Stub:
    """A service that accepts every read and hands on every status; it may be away."""

    address: str = ""
    away: bool = False
    told: queue.Queue[Told] = field(default_factory=queue.Queue)
    reads: queue.Queue[str] = field(default_factory=queue.Queue)
    wish: Told = field(default_factory=dict)
    """What it answers a status with."""

    def wait_for(self, wanted: Callable[[Told], bool]) -> Told:
        while True:
            status = self.told.get(timeout=LIMIT_S)
            if wanted(status):
                return status


@pytest.fixture
def stub() -> Iterator[Stub]:
    made = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if made.away:
                self.send_error(503)
                return
            if self.path.endswith("/status"):
                assert self.headers["Authorization"] == "Bearer SECRET"
                made.told.put(body)
            results = [{"id": one["id"], "status": "accepted"} for one in body.get("reads", ())]
            for one in body.get("reads", ()):
                made.reads.put(one["code"])
            answer = json.dumps({"results": results, **made.wish}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        made.address = f"http://127.0.0.1:{listener.server_address[1]}"
        yield made
        listener.shutdown()


@dataclass
class Scanner:
    """A serial scanner behind a steady path."""

    link: Path
    master: int = -1

    def plug(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.link.symlink_to(os.ttyname(slave))
        os.close(slave)

    def unplug(self) -> None:
        self.link.unlink()
        os.close(self.master)


@contextmanager
def running(tmp_path: Path, stub: Stub, *more: str, **how: Any) -> Iterator[Process]:
    arguments = ["station", "run", "CLIP", "--token", "SECRET", "--server", stub.address, *more]
    with Here(tmp_path / "data", 1).start(*arguments, **how) as station:
        yield station


@contextmanager
def seen(tmp_path: Path, stub: Stub, *more: str) -> Iterator[Process]:
    """The same at a terminal."""
    arguments = ["station", "run", "CLIP", "--token", "SECRET", "--server", stub.address, *more]
    with Here(tmp_path / "data", 1).at_terminal(*arguments) as station:
        yield station


def ask(
    port: int, method: str = "GET", path: str = "/status", **headers: str
) -> tuple[int, Any, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, json.loads(body or b"null"), response.headers


def test_what_is_plugged_in_and_out_is_told_at_once(
    tmp_path: Path, under_dev: Path, stub: Stub
) -> None:
    scanner = Scanner(under_dev / "usb-desk")
    with running(tmp_path, stub, "--scanner", str(scanner.link)):
        for _ in range(2):
            assert stub.wait_for(lambda told: told["scanners"][0]["state"] == "lost")
            scanner.plug()
            told = stub.wait_for(lambda told: told["scanners"][0]["state"] == "ready")
            scanner.unplug()
        assert told == {
            "scanners": [{"name": "usb-desk", "state": "ready"}],
            "printer": None,
            "kept": 0,
            "dropped": 0,
            "doubled": 0,
            "port": told["port"],
        }


def test_why_a_scanner_is_lost_is_told_as_it_is_now_and_logged_once(
    tmp_path: Path, under_dev: Path, stub: Stub
) -> None:
    """What was not there may since be plugged in, and held by somebody: "plug it in" would be in vain."""

    def is_lost(why: str) -> Callable[[Told], bool]:
        return lambda told: told["scanners"][0].get("why") == why

    scanner = Scanner(under_dev / "usb-desk")
    stub.wish = {"look": True}
    with running(tmp_path, stub, "--scanner", str(scanner.link)) as station:
        told = stub.wait_for(is_lost("absent"))
        assert told["scanners"] == [{"name": "usb-desk", "state": "lost", "why": "absent"}]
        master, slave = os.openpty()
        tty.setraw(slave)
        fcntl.flock(slave, fcntl.LOCK_EX)
        scanner.link.symlink_to(os.ttyname(slave))
        stub.wait_for(is_lost("busy"))
        fcntl.flock(slave, fcntl.LOCK_UN)
        told = stub.wait_for(lambda told: told["scanners"][0]["state"] == "ready")
        assert told["scanners"] == [{"name": "usb-desk", "state": "ready"}]
        os.close(slave)
        os.close(master)
        station.wait_for("lost (gone)")
        assert station.stop() == 0
    of_it = [line.partition("usb-desk: ")[2] for line in station.seen if "usb-desk: " in line]
    not_there = "The scanner is not there: plug it in."
    assert of_it == [f"lost (absent). {not_there}", "ready", f"lost (gone). {not_there}"]


def test_the_page_on_the_same_machine_hears_how_many_reads_are_kept(
    tmp_path: Path, stub: Stub
) -> None:
    with seen(tmp_path, stub, "--stay") as station:
        port = stub.wait_for(lambda told: True)["port"]
        stub.away = True
        station.write("5038483225400\n3574661655321\n")
        station.wait_for("2 reads kept")
        status, told, headers = ask(port, Origin=stub.address)
        assert (status, told["kept"]) == (200, 2)
        assert headers["Access-Control-Allow-Origin"] == stub.address
        assert headers["Cache-Control"] == "no-store"
        status, _, headers = ask(port, "OPTIONS", Origin=stub.address)
        assert (status, headers["Access-Control-Allow-Private-Network"]) == (200, "true")
        assert (
            ask(port, Origin="https://elsewhere.example")[2]["Access-Control-Allow-Origin"] is None
        )
        assert ask(port, Host="elsewhere.example:80")[0] == 404
        assert ask(port, path="/")[0] == 404
        stub.away = False
        station.write("5038483225400\n")
        station.wait_for("every kept read is sent")
        stub.wait_for(lambda told: told["kept"] == 0)
        assert ask(port)[1]["kept"] == 0
        assert station.stop() == 0


def ends(pid: int) -> None:
    """Wait until a process has."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        assert select.select([descriptor], [], [], LIMIT_S)[0]
        os.close(descriptor)


def test_each_read_kept_while_the_service_is_away_sounds(tmp_path: Path, stub: Stub) -> None:
    sounds = tmp_path / "sounds"
    os.mkfifo(sounds)
    stub.away = True
    master, slave = os.openpty()
    command = f"sh -c 'echo $$ > {sounds}'"
    with running(tmp_path, stub, "--kept-command", command, terminal=slave) as station:
        os.close(slave)
        shown = b""
        for count in (1, 2, 3):
            station.write("5038483225400\n")
            with sounds.open() as sound:  # opens when the command does
                ends(int(sound.read()))  # while it plays, the next read makes no other
            while f"{count} reads kept".encode() not in shown or shown.count(b"\a") < count:
                shown += os.read(master, 4096)
        assert station.stop() == 0
    os.close(master)


def test_no_line_of_the_log_is_a_read(tmp_path: Path, stub: Stub) -> None:
    """Its times would be those of the evening."""
    sounds = tmp_path / "sounds"
    os.mkfifo(sounds)
    hears = os.open(sounds, os.O_RDWR | os.O_NONBLOCK)
    stub.away = True
    command = f"sh -c 'echo kept > {sounds}'"
    with running(tmp_path, stub, "--kept-command", command) as station:
        for _ in range(4):
            station.write("5038483225400\n")
            while not select.select([hears], [], [], 1)[0]:
                station.write("5038483225400\n")  # the sound before had not ended
            assert os.read(hears, 100) == b"kept\n"
        stub.away = False
        station.write("5038483225400\n")
        station.end_of_input()
        station.wait_for("every kept read is sent")
        assert station.wait() == 0
        assert len(station.seen) == 2  # away, and back
    os.close(hears)


def test_a_double_read_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    station = StationProcess(name="CLIP", token="", server="http://x", outbox=tmp_path / "outbox")
    station.heard(ReadDropped("desk", "double"))
    assert not caplog.records
    station.heard(ReadDropped("desk", "overlong"))
    assert len(caplog.records) == 1
    assert (station.doubled, station.dropped) == (1, 1)


def test_a_wrong_keymap_leaves_no_trail_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    station = StationProcess(name="CLIP", token="", server="http://x", outbox=tmp_path / "outbox")
    for _ in range(3):
        station.heard(ReadDropped("desk", "garbled"))
    assert (len(caplog.records), station.dropped) == (1, 3)
    station.heard(ReadMade("desk", "5038483225400", datetime.now(UTC)))
    station.heard(ReadDropped("desk", "garbled"))
    assert len(caplog.records) == 2


def test_while_a_scan_is_kept_the_next_is_read_and_none_is_lost_at_the_end(
    tmp_path: Path, under_dev: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow disk: read late, two scans of one code would have one time, and be a double."""
    station = StationProcess(name="CLIP", token="", server="http://x", outbox=tmp_path / "outbox")
    scanner = Scanner(under_dev / "usb-desk")
    told: queue.Queue[ScannerEvent] = queue.Queue()
    disk, keep, tell = threading.Event(), station.outbox.keep, devices.scanner.Scanner._tell

    def keep_slowly(code: str, at: datetime, **how: str) -> Entry:
        assert disk.wait(LIMIT_S)
        return keep(code, at, **how)

    def overhear(of: devices.scanner.Scanner, event: ScannerEvent) -> None:
        told.put(event)
        tell(of, event)

    monkeypatch.setattr(station.outbox, "keep", keep_slowly)
    monkeypatch.setattr(devices.scanner.Scanner, "_tell", overhear)
    scanner.plug()
    run = partial(station.run, [ScannerSetting.of(str(scanner.link))], stay=True)
    process = threading.Thread(target=run, daemon=True)
    process.start()
    assert isinstance(told.get(timeout=LIMIT_S), ScannerReady)
    for code in ("first", "second"):
        os.write(scanner.master, f"{code}\r".encode())
        read = told.get(timeout=LIMIT_S)
        assert isinstance(read, ReadMade) and read.code == code
    station.stopping.set()
    disk.set()
    process.join(LIMIT_S)
    assert not process.is_alive()
    with Outbox(tmp_path / "outbox") as outbox:
        assert [entry.code for entry in outbox.pending()] == ["first", "second"]
    scanner.unplug()


def test_a_command_for_kept_reads_that_does_not_work_is_said_once(
    tmp_path: Path, stub: Stub
) -> None:
    stub.away = True
    with seen(tmp_path, stub, "--kept-command", "/nowhere/sound") as station:
        station.write("5038483225400\n")
        station.wait_for("1 reads kept")
        station.write("5038483225400\n")
        station.wait_for("2 reads kept")
        assert station.stop() == 0
        assert len([line for line in station.seen if "/nowhere/sound" in line]) == 1


def test_a_scan_that_cannot_be_kept_is_said_aloud(tmp_path: Path, stub: Stub) -> None:
    """A full disk: the process goes on, and says that this read is lost."""
    stub.away = True
    with seen(tmp_path, stub) as station:
        station.write("5038483225400\n")
        station.wait_for("1 reads kept")
        with block(tmp_path / "data" / "stations" / "CLIP.outbox"):
            station.write("5038483225400\n")
            station.wait_for("could not be kept, scan again")
        stub.away = False
        station.write("5038483225400\n")
        station.wait_for("every kept read is sent")
        assert stub.wait_for(lambda told: told["dropped"] == 1)
        assert station.stop() == 0


@contextmanager
def block(outbox: Path) -> Iterator[None]:
    """Nobody else can write the outbox."""
    import sqlite3

    database = sqlite3.connect(outbox, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    yield
    database.execute("ROLLBACK")
    database.close()


class Listening:
    """A service that notes what it is told."""

    def __init__(self) -> None:
        self.told: queue.Queue[Status] = queue.Queue()
        self.away = False

    def call(self, method: str, path: str, body: Status) -> tuple[int, Any]:
        assert (method, path) == ("POST", "status")
        self.told.put(body)
        if self.away:
            raise ServeAway(url="", detail="")
        return 200, {}


def test_it_is_told_at_each_change_and_again_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now: Status = {"kept": 0}
    service = Listening()
    told: Service = service  # type: ignore[assignment]
    beating = Heartbeat(told, lambda: dict(now))
    monkeypatch.setattr(heartbeat, "EVERY_S", LIMIT_S)
    thread = threading.Thread(target=beating.run, daemon=True)
    thread.start()
    for kept in (0, 1, 2):
        now["kept"] = kept
        beating.changed()
        assert service.told.get(timeout=LIMIT_S) == {"kept": kept}
    beating.changed()  # to nothing new: told to nobody
    now["kept"] = 3
    beating.changed()
    assert service.told.get(timeout=LIMIT_S) == {"kept": 3}
    service.away = True
    monkeypatch.setattr(heartbeat, "EVERY_S", 0.01)
    now["kept"] = 4
    beating.changed()
    assert [service.told.get(timeout=LIMIT_S) for _ in range(3)] == [{"kept": 4}] * 3
    beating.stop()
    thread.join(LIMIT_S)
    assert not thread.is_alive()


def test_a_status_that_fails_does_not_end_the_telling(caplog: pytest.LogCaptureFixture) -> None:
    service = Listening()
    told: Service = service  # type: ignore[assignment]
    faults = [OutboxError(path="", detail="")] * 2

    def status() -> Status:
        beating.changed()
        if faults:
            raise faults.pop()
        return {"kept": 1}

    beating = Heartbeat(told, status)
    thread = threading.Thread(target=beating.run, daemon=True)
    beating.changed()
    thread.start()
    assert service.told.get(timeout=LIMIT_S) == {"kept": 1}
    beating.stop()
    thread.join(LIMIT_S)
    assert not thread.is_alive()
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("server", "origins"),
    [
        ("https://stock.example/comptoir", {"https://stock.example"}),
        ("https://name@stock.example:8443", {"https://stock.example:8443"}),
        ("http://[2001:db8::1]:8000", {"http://[2001:db8::1]:8000"}),
        (
            "http://127.0.0.1:8000",
            {"http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"},
        ),
    ],
)
def test_the_origins_of_the_service(server: str, origins: set[str]) -> None:
    assert origins_of(server) == origins
