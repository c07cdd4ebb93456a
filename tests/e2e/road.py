"""The road from a station to the server, and what must be true at its end."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from devices.outbox import check_outbox
from tests.e2e.conftest import CommandLine
from tests.e2e.processes import LIMIT_S


@dataclass
class Road:
    """What lies between a station and the server: it may be closed, and it tells when a request comes by."""

    server: int
    open: bool = True
    at: dict[str, Callable[[], None]] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    """Reads that the server has answered for: id -> code, whether or not the answer arrived."""
    reads: dict[str, dict[str, str]] = field(default_factory=dict)
    """The same, as they were sent."""
    on_answered: Callable[[dict[str, str]], None] = lambda answered: None
    """Told of them as they are answered for."""
    claims: list[tuple[int, bytes]] = field(default_factory=list)
    """What the server gave to be printed: job, bytes."""

    def passes(self, moment: str) -> bool:
        """Do what was planned for this moment; False when nothing goes on after it."""
        planned = self.at.pop(moment, None)
        if planned is not None:
            planned()
        return planned is None

    def forward(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server, timeout=LIMIT_S)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status == 200 and path.endswith("/reads"):
            sent = {one["id"]: one for one in json.loads(body)["reads"]}
            self.reads |= sent
            answered = {id_: one["code"] for id_, one in sent.items()}
            self.recorded |= answered
            self.on_answered(answered)
        if response.status == 200 and method == "POST" and "/jobs/" in path:
            data = json.loads(answer).get("data")
            if data is not None:
                self.claims.append((int(path.rpartition("/")[2]), b64decode(data)))
        return response.status, answer


@contextmanager
def road_to(server: int) -> Iterator[tuple[Road, str]]:
    road = Road(server)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*self._forwarded(b""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not self.path.endswith("/reads"):
                self._answer(*self._forwarded(body))
                return
            if not road.passes("sending"):
                return
            status, answer = self._forwarded(body)
            if not road.passes("recorded"):
                return
            self._answer(status, answer)
            road.passes("answered")

        def _forwarded(self, body: bytes) -> tuple[int, bytes]:
            if not road.open:
                return 503, b""
            try:
                return road.forward(self.command, self.path, dict(self.headers), body)
            except (OSError, http.client.HTTPException):  # nobody serves, or not to the end
                return 503, b""

        def _answer(self, status: int, answer: bytes) -> None:
            with suppress(OSError):  # nobody waits for it any more
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield road, f"http://127.0.0.1:{listener.server_address[1]}"
        listener.shutdown()


def waiting_in(outbox: Path) -> dict[str, str]:
    """Reads in a dead station's outbox: id -> code."""
    with sqlite3.connect(outbox) as database:
        return dict(database.execute("SELECT id, code FROM pending ORDER BY position"))


def nothing_left(outbox: Path, codes: list[str]) -> None:
    """The outbox is sound and empty, and no byte of a code is in any of its files."""
    assert check_outbox(outbox) == []
    assert waiting_in(outbox) == {}
    for file in filter(Path.is_file, outbox.parent.rglob("*")):
        data = file.read_bytes()
        assert not any(code.encode() in data for code in codes), file


def handed_out(service: CommandLine, place: str, codes: list[str]) -> None:
    """The tally is exactly the pictures read."""
    items = {row["code"]: row["item"] for row in service.json("codes") if row["kind"] == "item"}
    rows = service.json("tally", "--place", place)["rows"]
    assert {row["item"]: row["handed_out"] for row in rows} == Counter(items[c] for c in codes)
