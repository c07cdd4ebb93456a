"""Comptoir as its users meet it: processes, a folder of data, HTTP.

Every wait ends at an event; limits are there for broken runs.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import IO, Any
from uuid import uuid4

EXAMPLE = Path(__file__).parents[2] / "web" / "example"
DATA = Path(__file__).parents[1] / "data"
LIMIT_S = 60


def free_port() -> int:
    """None of those that the kernel gives to whoever asks for any: one might be gone before its process begins."""
    while True:
        port = SystemRandom().randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@dataclass
class Process:
    """A running `comptoir …`; its output comes line by line, standard error included."""

    process: subprocess.Popen[bytes]
    lines: queue.Queue[str | None] = field(default_factory=queue.Queue)
    seen: list[str] = field(default_factory=list)
    screen: IO[bytes] | None = None
    """The other side of the terminal it runs at, if it does."""

    def __post_init__(self) -> None:
        output = self.screen or self.process.stdout
        if output is not None:
            threading.Thread(target=self._listen, args=[output], daemon=True).start()

    def _listen(self, output: IO[bytes]) -> None:
        with output, suppress(OSError):  # so a terminal ends
            for line in output:
                self.lines.put(line.decode().rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, *words: str) -> str:
        """The next line that holds one of the words."""
        while True:
            line = self.lines.get(timeout=LIMIT_S)
            if line is None:
                raise AssertionError(f"ended before saying {words}: {self.seen}")
            self.seen.append(line)
            if any(word in line for word in words):
                return line

    def write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def end_of_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(LIMIT_S)

    def wait(self) -> int:
        return self.process.wait(LIMIT_S)

    def stop(self) -> int:
        self.process.terminate()
        return self.wait()


@dataclass(frozen=True)
class Here:
    """One folder of data and one port, as the environment tells every command."""

    data: Path
    port: int

    def outbox(self, station: str) -> Path:
        return self.data / "stations" / f"{station}.outbox"

    @property
    def environment(self) -> dict[str, str]:
        others = {k: v for k, v in os.environ.items() if not k.startswith("COMPTOIR_")}
        return {
            **others,
            "COMPTOIR_DATA": str(self.data),
            "COMPTOIR_PORT": str(self.port),
            "LC_ALL": "en_GB.UTF-8",
        }

    def comptoir(
        self, *arguments: str | Path, typed: str = "", code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, which must have this exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "web", *map(str, arguments)],
            env=self.environment,
            input=typed.encode(),
            capture_output=True,
            timeout=LIMIT_S,
        )
        text = subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )
        assert text.returncode == code, f"{arguments}: {text.stdout}{text.stderr}"
        return text

    def json(self, *arguments: str | Path) -> Any:
        """The data that a command prints."""
        return json.loads(self.comptoir(*arguments, "--json").stdout)

    @contextmanager
    def start(self, *arguments: str, terminal: int | None = None) -> Iterator[Process]:
        """A command that runs until this block ends; its standard output may be a terminal of the test's."""
        started = Process(
            subprocess.Popen(
                [sys.executable, "-m", "web", *arguments],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if terminal is None else terminal,
                stderr=subprocess.STDOUT,
            )
        )
        try:
            yield started
        finally:
            if started.process.poll() is None:
                started.kill()

    @contextmanager
    def at_terminal(self, *arguments: str) -> Iterator[Process]:
        """The same with somebody who looks on: it shows what no log may hold."""
        master, slave = os.openpty()
        tty.setraw(slave)
        with self.start(*arguments, terminal=slave) as started:
            os.close(slave)
            yield Process(started.process, screen=os.fdopen(master, "rb"))

    @contextmanager
    def serving(self) -> Iterator[Process]:
        """`comptoir serve`, once it has said that it listens."""
        with self.start("serve") as process:
            process.wait_for("http://")
            yield process


def read(code: str, **other: Any) -> dict[str, Any]:
    """A read as a station sends it."""
    return {"id": str(uuid4()), "code": code, "at": datetime.now(UTC).isoformat(), **other}


def post(
    port: int, station: str, token: str | None, body: Any, *, raw: bytes | None = None
) -> tuple[int, Any]:
    """Send a batch as a station does: the answer's status and its JSON. Raises OSError where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    headers = {"Content-Type": "application/json", "Accept-Language": "en"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    try:
        sent = json.dumps(body).encode() if raw is None else raw
        connection.request("POST", f"/api/stations/{station}/reads", sent, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def post_reads(port: int, station: str, token: str, reads: Sequence[Any]) -> list[dict[str, Any]]:
    """Send reads that must be taken: their results."""
    status, body = post(port, station, token, {"reads": list(reads)})
    assert status == 200, body
    results: list[dict[str, Any]] = body["results"]
    return results
