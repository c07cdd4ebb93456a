"""The printer of a station, in a thread of its own: a dead printer delays no read.

It takes one job after the other from the service's queue, prints it, and tells what became of it until the service has
heard. A job that was under way when this process was killed is unknown: nobody here can say how far it came.
"""

from __future__ import annotations

import logging
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devices.errors import PrinterUrlError, ServeAway, ServeError
from devices.printer import PATIENCE, Health, Outcome, Patience, Printer
from devices.service import Service
from devices.transport import open_transport
from inventory.errors import NotAllowed
from inventory.messages import Message
from web.simulated import Ports, is_simulated

IDLE_S = 2.0
"""Between two looks at the queue; `wake` makes it look at once."""

LOOK_S = 20.0
"""Between two looks at a printer that has nothing to do."""

AWAY_S = 10.0
"""The same while there is no printer, or no service."""

log = logging.getLogger("comptoir.printing")

OnState = Callable[[str | None], None]


def start(
    *, server: str, station: str, token: str, on_state: OnState, locks: Path, ports: Ports
) -> Printing:
    """Begin printing what is queued for a station. `on_state` hears how the printer is, None where there is none.

    Processes that may share a printer have the same folder of `locks`.
    """
    printing = Printing(Service(server, station, token), on_state, locks=locks, ports=ports)
    printing.thread.start()
    return printing


def locks_beside(outbox: Path) -> Path:
    """The folder that all who print on this machine's printers share."""
    return outbox.parent / "locks"


def refuse_wrong_address(address: str) -> None:
    """Raises NotAllowed where this is no address of a printer, made up or not, in words that say what is."""
    try:
        if address and not is_simulated(address):
            open_transport(address)
    except PrinterUrlError as error:
        raise NotAllowed(Message(error.sentence, **error.params)) from error


def printer_address(outbox: Path, station: str, printer: str) -> str:
    """Where a station's printer is on this machine, made up or not."""
    return Ports(outbox.parent / "simulated", station).printer(printer)


class _Gone(Exception):
    """Somebody cancelled the job, another process took it, or no paper can be made of it."""


class Printing:
    """The loop of the thread. What it must still tell the service is kept until the service has heard it."""

    def __init__(
        self,
        service: Service,
        on_state: OnState,
        *,
        patience: Patience = PATIENCE,
        locks: Path | None = None,
        ports: Ports | None = None,
    ) -> None:
        self.thread = threading.Thread(target=self._run, name="printing", daemon=True)
        self._service = service
        self._on_state = on_state
        self._patience = patience
        self._locks = locks
        self._ports = ports
        self._printer: Printer | None = None
        self._url: str | None = ""  # none yet, not even "no printer"
        self._to_tell: dict[int, str] = {}
        self._recovered = False
        self._in_doubt = False
        self._looked_at_s = 0.0
        self._stopping = threading.Event()
        self._woken = threading.Event()

    def wake(self) -> None:
        """Look at the queue at once. From any thread."""
        self._woken.set()

    def stop(self) -> None:
        """End after the job under way. From any thread."""
        self._stopping.set()
        self._woken.set()

    def join(self, timeout_s: float = 3.0) -> None:
        """Wait a little for a job under way; one that is cut off is unknown at the next start."""
        self.thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._woken.clear()  # before looking, so that whoever wakes us meanwhile is heard
            if self._stopping.is_set():
                self._close()
                return
            try:
                goes_on = self.step()
                wait_s = 0.0 if goes_on else IDLE_S if self._printer else AWAY_S
            except ServeError:
                wait_s = AWAY_S
            except Exception as error:  # printing must not end with one job nobody foresaw
                log.error("Printing failed: %s", type(error).__name__)
                wait_s = AWAY_S
            self._woken.wait(wait_s)

    def step(self) -> bool:
        """Print one job, or look how the printer is; whether to go on at once. Raises ServeError."""
        self._tell()
        status, told = self._service.call("GET", "jobs")
        if status != 200:
            raise ServeAway(url=self._service.base, detail=f"HTTP {status}")
        jobs: list[dict[str, Any]] = told["jobs"]
        self._recover(jobs)
        printer = self._printer_at(told["printer"])
        waiting = [job["id"] for job in jobs if job["state"] == "queued"]
        if printer is None:
            return False
        if waiting:
            return self._print(printer, waiting[0])
        if time.monotonic() - self._looked_at_s >= LOOK_S:
            printer.look()
            self._looked_at_s = time.monotonic()
        return False

    def _recover(self, jobs: list[dict[str, Any]]) -> None:
        """What is under way as this process begins was so when the one before it was killed."""
        if not self._recovered:
            self._recovered = True
            self._to_tell |= {job["id"]: "unknown" for job in jobs if job["state"] == "sending"}
            self._in_doubt = bool(self._to_tell)
            self._tell()

    def _printer_at(self, url: str | None) -> Printer | None:
        if url != self._url:
            self._close()
            self._url, self._looked_at_s = url, -LOOK_S
            try:
                self._printer = None if url is None else self._made(url)
            except PrinterUrlError:
                log.error("The address of the printer cannot be understood.")
            if self._printer is None:
                self._on_state(None if url is None else Health.SILENT)
        return self._printer

    def _close(self) -> None:
        if self._printer is not None:
            self._printer.close()
        self._printer = None

    def _made(self, url: str) -> Printer:
        address = url if self._ports is None else self._ports.printer(url)
        return Printer(
            address, self._heard, self._patience, locks=self._locks, in_doubt=self._in_doubt
        )

    def _heard(self, health: Health) -> None:
        self._on_state(health.value)

    def _print(self, printer: Printer, job: int) -> bool:
        """At every moment `_to_tell` says what would be true if nothing more happened."""

        def take() -> bytes:
            self._to_tell[job] = "queued"  # also where only the answer is lost
            status, told = self._service.call("POST", f"jobs/{job}", {"state": "sending"})
            if status != 200:
                del self._to_tell[job]
                if status == 409:
                    raise _Gone
                raise ServeAway(url=self._service.base, detail=f"HTTP {status}")
            data = b64decode(told["data"])
            self._to_tell[job] = "unknown"
            return data

        try:
            outcome = printer.print(take)
        except _Gone:
            return True
        self._looked_at_s = time.monotonic()
        if job in self._to_tell:
            self._to_tell[job] = _SAID[outcome]
        self._tell()
        return outcome is not Outcome.NOT_SENT

    def _tell(self) -> None:
        """Whatever the service answers, it has heard; where it is away this raises, and is tried again."""
        for job, state in list(self._to_tell.items()):
            self._service.call("POST", f"jobs/{job}", {"state": state})
            del self._to_tell[job]


_SAID = {
    Outcome.PRINTED: "printed",
    Outcome.UNKNOWN: "unknown",
    Outcome.NOT_SENT: "queued",
}
