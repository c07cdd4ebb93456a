"""In the guest: a receipt printer behind a printer gadget, and jobs printed on what the kernel makes of it.

Every function takes and returns what JSON can say, for the host calls them by way of the agent. The printer is the one
of the fast tests (`tests.devices.escpos_printer`), at the gadget's own end of the cable.
"""

from __future__ import annotations

import os
import select
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from devices.printer import Health, Outcome, Patience, Printer
from tests.devices.escpos_printer import PaperPrinter
from tests.hardware import gadgets

LIMIT_S = 60  # for a broken run; every wait ends at an event
AT_ONCE = 65_536
"""More than the kernel's gadget holds in one request (8192): one that is half read when the cable is pulled is freed
twice, and the guest is dead."""
PATIENT = Patience(answer_s=20, through_s=60, mended_s=60, look_s=0.2)  # an emulated processor


@dataclass
class Gadget:
    """A printer, its cable, and whoever plays it."""

    name: str
    node: str
    port: int
    paper: PaperPrinter = field(default_factory=PaperPrinter)
    thread: threading.Thread | None = None
    out: tuple[int, int] = (-1, -1)
    """A pipe that ends when the cable is out."""

    def plug(self) -> None:
        """Power on: what the kernel kept of a job before is not the printer's any more."""
        gadgets.plug(self.name, self.port)
        gadgets.wait_for("/dev/usb/lp0")
        node = os.open(self.node, os.O_RDWR | os.O_NONBLOCK)
        with suppress(BlockingIOError):
            while os.read(node, AT_ONCE):
                pass
        self.out = os.pipe()
        self.thread = threading.Thread(target=self._serve, args=(node, self.out[0]), daemon=True)
        self.thread.start()

    def unplug(self) -> None:
        """What was not printed is lost, and what was is torn off."""
        gadgets.unplug(self.name)
        self.paper.hang_up()
        os.close(self.out[1])

    def _serve(self, node: int, out: int) -> None:
        """Until the cable is out."""
        cable: Any = _Cable(node)
        self.paper._peer = cable
        try:
            while out not in select.select([node, out], [], [])[0]:
                with suppress(BlockingIOError):
                    data = os.read(node, AT_ONCE)
                    with self.paper._lock:
                        self.paper._take(data)
        except OSError:  # it is out
            return
        finally:
            os.close(node)
            os.close(out)


@dataclass(frozen=True)
class _Cable:
    """What a printer needs of a socket."""

    node: int

    def sendall(self, data: bytes) -> None:
        while data:
            select.select([], [self.node], [])
            data = data[os.write(self.node, data) :]

    def shutdown(self, how: int) -> None:
        """It is out already."""


_gadgets: dict[str, Gadget] = {}


def make(name: str, serial: str, port: int) -> None:
    """A printer that is plugged in: `/dev/usb/lp0`."""
    node = gadgets.printer(name, serial)
    _gadgets[name] = Gadget(name, node, port)
    _gadgets[name].plug()


def plug(name: str) -> None:
    _gadgets[name].plug()


def unplug(name: str) -> None:
    _gadgets[name].unplug()
    gadgets.wait_for("/dev/usb/lp0", there=False)


def take_away(name: str) -> None:
    with suppress(OSError):
        unplug(name)
    gadgets.remove(name)
    del _gadgets[name]


def become(name: str, state: str) -> None:
    _gadgets[name].paper.become(state)


def at(name: str, printed: int, what: str) -> None:
    """Once so many more bytes are printed it is pulled out ("unplug"), falls silent, or is in this state."""
    gadget = _gadgets[name]
    paper = gadget.paper

    def silence() -> None:
        paper.silent = True

    happens = {"unplug": gadget.unplug, "silent": silence}
    paper.at[len(paper.printed) + printed] = happens.get(what, lambda: paper.become(what))


def speak(name: str) -> None:
    """It answers again."""
    _gadgets[name].paper.silent = False


def receipt(name: str) -> str:
    """The next one that is cut off, as latin-1."""
    return _gadgets[name].paper.cuts.get(timeout=LIMIT_S).decode("latin-1")


def none_left(name: str) -> bool:
    return _gadgets[name].paper.cuts.empty()


_printers: dict[str, tuple[Printer, list[Health]]] = {}


def printer(url: str) -> tuple[Printer, list[Health]]:
    """The same one at each call: it remembers whether it ever answered."""
    if url not in _printers:
        heard: list[Health] = []
        _printers[url] = (Printer(url, heard.append, PATIENT), heard)
    return _printers[url]


def look(url: str) -> str:
    return printer(url)[0].look().value


def close(url: str) -> None:
    """The kernel has it back."""
    printer(url)[0].close()


def is_back(url: str) -> list[str]:
    """Look as a station does until it is ready; what was said before. The kernel has it before everybody knows."""
    said = []
    until_s = time.monotonic() + LIMIT_S
    while (health := look(url)) != Health.READY:
        said.append(health)
        if time.monotonic() > until_s:
            raise TimeoutError(f"{url}: {said}")
        threading.Event().wait(0.2)
    return said


def print_job(url: str, job: str, mend: str = "") -> dict[str, object]:
    """What became of a job (latin-1), and all that the printer said of itself meanwhile; `mend` names the gadget that
    somebody mends as soon as it says that something ails it."""
    one, heard = printer(url)
    del heard[:]
    if mend:
        one._on_health = lambda health: _mended(mend, heard, health)
    try:
        outcome: Outcome = one.print(lambda: job.encode("latin-1"))
    finally:
        one._on_health = heard.append
    return {"outcome": outcome.value, "heard": [health.value for health in heard]}


def _mended(name: str, heard: list[Health], health: Health) -> None:
    heard.append(health)
    if not health.prints:
        threading.Thread(target=become, args=(name, "ready")).start()


def driver_of_lp0() -> bool:
    """Whether the kernel's own driver has the printer."""
    return os.path.exists("/dev/usb/lp0")
