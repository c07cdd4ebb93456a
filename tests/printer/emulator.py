"""Receipt printers of emupos, a program that nobody here wrote: it reads ESC/POS, answers, and shows what comes out.

It runs in a root file system of its own (`build`), as nobody. What it does not know, it says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from devices.printer import Health, Outcome, Patience, Printer
from tests.e2e.processes import Process, free_port

HERE = Path(__file__).parent
NOBODY = 65534
EPSON = "epson"
"""As emupos ships it: a TM-T20III, of 576 dots."""
PROFILES = {EPSON: "epson-tm-t20iii", "wide": "./wide.yaml", "narrow": "./narrow.yaml"}
PATIENCE = Patience(answer_s=10, through_s=20, mended_s=20, look_s=0.2)


def cache() -> Path:
    """Where the root file system is kept for the next run."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "comptoir-printer"


@dataclass(frozen=True, slots=True)
class Paper:
    """What was cut off: its words, and how it looks."""

    text: str
    image: Image.Image


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of a job, the pieces of paper, and every line the emulator had to say against it."""

    outcome: Outcome
    papers: list[Paper]
    complaints: list[str]


@dataclass
class Emulator:
    """Printers by name; a fault lasts until it is cleared."""

    process: Process
    api: str
    ports: dict[str, int]

    def url(self, name: str) -> str:
        return f"tcp://127.0.0.1:{self.ports[name]}"

    def printer(self, name: str, heard: list[Health] | None = None) -> Printer:
        """Ours, at the other end of the line; each change of its health is added to `heard`."""
        return Printer(self.url(name), ([] if heard is None else heard).append, PATIENCE)

    def print(self, name: str, data: bytes) -> Printed:
        """Print a job by our own means and gather what came of it."""
        outcome = self.printer(name).print(lambda: data)
        return Printed(outcome, *self.hung_up(name))

    def hung_up(self, name: str) -> tuple[list[Paper], list[str]]:
        """The papers and complaints up to the end of the next connection."""
        papers: list[Paper] = []
        complaints: list[str] = []
        while True:
            event, said = self._next(name)
            match event:
                case "printer.job.completed":
                    papers.append(self._paper(name, said))
                case "connection.closed":
                    return papers, complaints
                case "connection.opened" | "printer.status.changed":
                    pass
                case _:
                    complaints.append(f"{event} {said}")

    def came_out(self, name: str) -> Paper:
        """What comes out next."""
        while True:
            event, said = self._next(name)
            if event == "printer.job.completed":
                return self._paper(name, said)

    def _next(self, name: str) -> tuple[str, str]:
        """What the emulator tells next, and of what."""
        _, device, event, *said = self.process.wait_for(" ").split()
        assert device == name, "one printer at a time"
        return event, " ".join(said)

    def fault(self, name: str, fault: str) -> None:
        """paper-near-end, paper-out, cover-open or offline."""
        self._call("PUT", f"{name}/faults/{fault}")

    def clear(self, name: str, fault: str) -> None:
        self._call("DELETE", f"{name}/faults/{fault}")

    def ask(self, path: str) -> bytes:
        """What the emulator's own interface answers of its printers."""
        return self._call("GET", path)

    def _paper(self, name: str, said: str) -> Paper:
        receipt = said.split()[-1]
        image = Image.open(BytesIO(self._call("GET", f"{name}/receipts/{receipt}/image")))
        text = self._call("GET", f"{name}/receipts/{receipt}/text").decode()
        return Paper(text, image)

    def _call(self, method: str, path: str) -> bytes:
        asked = urllib.request.Request(f"{self.api}/{path}", method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            body: bytes = answer.read()
            return body


@contextmanager
def running() -> Iterator[Emulator]:
    """The emulator, with a printer of each kind; built where it is not yet."""
    subprocess.run([HERE / "build", cache()], check=True)
    root = cache() / "root"
    ports = {name: free_port() for name in (*PROFILES, "api")}
    with tempfile.TemporaryDirectory(dir=root / "tmp") as folder:
        _configure(Path(folder), ports)
        started = Process(_started(root, Path("/", Path(folder).relative_to(root))))
        try:
            started.wait_for("Showing events")
            api = f"http://127.0.0.1:{ports['api']}/api/v1/devices"
            yield Emulator(started, api, ports)
        finally:
            started.stop()


def _started(root: Path, folder: Path) -> subprocess.Popen[bytes]:
    program = ["python3", "/opt/emupos/bin/emupos", "run", "--config", f"{folder}/emupos.yaml"]
    environment = ["PATH=/usr/bin:/bin", "HOME=/tmp", "COLUMNS=1000", "PYTHONPATH=/opt/emupos"]
    return subprocess.Popen(
        ["chroot", "--userspec=nobody:nogroup", str(root), "env", "-i", *environment, *program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _configure(folder: Path, ports: dict[str, int]) -> None:
    devices = [
        {
            "id": name,
            "type": "printer",
            "profile": profile,
            "connections": [{"tcp": {"port": ports[name]}}],
            "job_idle_timeout_ms": 60_000,  # paper ends where it is cut, however slow the machine
        }
        for name, profile in PROFILES.items()
    ]
    config = {"schema": 1, "api": {"port": ports["api"]}, "devices": devices}
    (folder / "emupos.yaml").write_text(json.dumps(config))  # YAML holds JSON
    for profile in HERE.glob("*.yaml"):
        shutil.copy(profile, folder)
    os.chown(folder, NOBODY, NOBODY)
