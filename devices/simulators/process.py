"""The process in which made-up devices live, and how it is told what happens to them.

It waits for bytes and for orders and does nothing else. What was printed, and how each device is, outlives it: one
file a device, beside the device's name.
"""

import fcntl
import heapq
import itertools
import json
import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from devices.simulators.attached import Attached, Told, attached

CONTROL: Final = "control"
ANSWER_S: Final = 2.0  # how long a caller may take, and how long a caller waits
LONGEST: Final = 10_000  # bytes of an order

_EDGES = select.EPOLLIN | select.EPOLLET


class SimulatorAway(Exception):
    """The process of the made-up devices does not answer."""


class Simulator:
    """The devices `names` in a folder that nobody else may enter. `run` returns after `stop`."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        """Raises ValueError for a name that is no device's, OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)  # one that is about to end takes its names with it
        for link in (one for one in folder.iterdir() if one.is_symlink()):
            link.unlink()  # of one that was killed: it may lead to anybody's terminal by now
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._devices = {name: attached(folder / name, self._later) for name in names}
        self._poll = select.epoll()
        self._watched: dict[int, Attached] = {}
        self._kept: dict[str, str] = {}
        self._wake_r, self._wake_w = os.pipe()

    def run(self) -> None:
        """Until stopped. Raises OSError."""
        try:
            self._run()
        finally:
            for device in self._devices.values():
                device.port.unplug()
            self._poll.close()
            for fd in (self._lock, self._wake_r, self._wake_w):
                os.close(fd)

    def _run(self) -> None:
        for name, device in self._devices.items():
            self._begin(name, device)
        with _listener(self._folder) as listener:
            self._poll.register(listener, select.EPOLLIN)
            self._poll.register(self._wake_r, select.EPOLLIN)
            while True:
                ready = {fd for fd, _ in self._poll.poll(self._wait_s())}
                if self._wake_r in ready:
                    return
                if listener.fileno() in ready:
                    self._answer(listener)
                for device in [self._watched[fd] for fd in ready & self._watched.keys()]:
                    device.heard()
                self._do_what_is_due()
                self._look_after()

    def stop(self) -> None:
        """From any thread."""
        with suppress(OSError):
            os.write(self._wake_w, b"\0")

    def _begin(self, name: str, device: Attached) -> None:
        try:
            device.begin(json.loads(self._file(name).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):  # none yet, or not to be read
            device.begin({})
        self._watch(device)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _later(self, after_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + after_s, next(self._order), act))

    def _wait_s(self) -> float | None:
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    def _do_what_is_due(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            heapq.heappop(self._due)[2]()

    def _look_after(self) -> None:
        """Watch what was plugged in, keep what has changed."""
        for name, device in self._devices.items():
            self._watch(device)
            if device.changed:
                device.changed = False
                self._keep(name, json.dumps(device.told()))

    def _keep(self, name: str, told: str) -> None:
        """Write it down, unless it is what was written last: a printer is asked how it is all day long."""
        if told != self._kept.get(name):
            self._kept[name] = told
            part = self._file(f".{name}")
            part.write_text(told)
            part.replace(self._file(name))

    def _watch(self, device: Attached) -> None:
        fd = device.port.fd
        # One that was closed has left the poll by itself, and its number may be another's by now.
        if fd is not None and not (self._watched.get(fd) is device and device.port.is_there):
            self._watched[fd] = device
            with suppress(FileExistsError):
                self._poll.register(fd, _EDGES)

    def _answer(self, listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as peer:
            peer.settimeout(ANSWER_S)
            peer.sendall(json.dumps(self._obey(_line(peer))).encode())

    def _obey(self, order: bytes) -> Told:
        """One order; the answer says how every device is now, or `error`."""
        try:
            request = json.loads(order)
            if request["do"] != "look":
                device = self._devices[request["device"]]
                device.do(request["do"], request)
                device.changed = True
        except (ValueError, KeyError, TypeError) as error:
            return {"error": type(error).__name__}
        return {"devices": {name: one.told() for name, one in self._devices.items()}}


def tell(folder: Path, request: Told) -> dict[str, Told]:
    """Give the process of a folder an order; how every device is after it.

    `{"do": "look"}`; to a `device`: `become` with `state`, `roll-ends` with `lines`, `tear-off`; `scan` with `code`,
    `set` with `setup`. Raises SimulatorAway, ValueError for what cannot be done.
    """
    try:
        with _address(folder) as address, socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(ANSWER_S)
            peer.connect(address)
            peer.sendall(json.dumps(request).encode() + b"\n")
            answer: Any = json.loads(b"".join(iter(lambda: peer.recv(65536), b"")))
    except (OSError, json.JSONDecodeError) as error:
        raise SimulatorAway from error
    if "error" in answer:
        raise ValueError(answer["error"])
    found: dict[str, Told] = answer["devices"]
    return found


def _line(peer: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\n") and len(data) < LONGEST:
        data += (more := peer.recv(4096))
        if not more:
            break
    return data


@contextmanager
def _listener(folder: Path) -> Iterator[socket.socket]:
    with _address(folder) as address, socket.socket(socket.AF_UNIX) as listener:
        (folder / CONTROL).unlink(missing_ok=True)
        listener.bind(address)
        listener.listen()
        yield listener


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """A name for the socket that is never too long, however deep the folder lies (unix(7): 108 bytes)."""
    fd = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{fd}/{CONTROL}"
    finally:
        os.close(fd)
