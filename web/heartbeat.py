"""How a station's process is, told twice: to the service, and on this machine to the page that stands here.

A page that cannot reach the service asks its own machine how many reads are kept. Nothing told here says what was read.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from devices.errors import ServeError
from devices.service import Service

log = logging.getLogger("comptoir.station")

EVERY_S = 10.0
IDLE_S = 5.0
"""How long somebody may hold a connection without asking anything."""

Status = dict[str, Any]


class Heartbeat:
    """Tells the service how the station is: at each change, and every ten seconds. `run` is the body of a thread.

    `on_answer` hears what the service answers, or None where it does not. `every_s` may be changed at any time.
    """

    def __init__(
        self,
        service: Service,
        status: Callable[[], Status],
        on_answer: Callable[[Any], None] = lambda answer: None,
    ) -> None:
        self._service = service
        self._status = status
        self._on_answer = on_answer
        self._changed = threading.Event()
        self._stopping = False
        self.every_s = EVERY_S

    def changed(self) -> None:
        """Something may have changed. From any thread."""
        self._changed.set()

    def stop(self) -> None:
        self._stopping = True
        self._changed.set()

    def run(self) -> None:
        told: Status = {}
        fault = ""
        while not self._stopping:
            due = not self._changed.wait(self.every_s)
            self._changed.clear()  # before looking, so that a change meanwhile is looked at again
            try:
                status = self._status()
                if due or status != told:
                    told = status if self._tell(status) else {}
                fault = ""
            except Exception as error:  # whatever it is, the next look may do: it must not end
                if fault != (fault := f"{type(error).__name__}: {error}"):
                    log.error("How the station is could not be told: %s", fault)

    def _tell(self, status: Status) -> bool:
        try:
            code, answer = self._service.call("POST", "status", status)
        except ServeError:
            self._on_answer(None)
            return False  # that the service is away is said by whoever sends the reads
        self._on_answer(answer if code == HTTPStatus.OK else None)
        return True


class Loopback:
    """`GET /status` on a free port of this machine, for pages of the service and nobody else's."""

    def __init__(self, server: str, status: Callable[[], Status]) -> None:
        """Listens at once. Raises OSError."""
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(origins_of(server), status))
        self._http.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    def run(self) -> None:
        self._http.serve_forever(poll_interval=60)


def origins_of(server: str) -> frozenset[str]:
    """The origins that pages of the service have: its own, and on its own machine every name of that machine."""
    parts = urlsplit(server)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    names = (
        {"127.0.0.1", "localhost", "[::1]"}
        if _is_this_machine(host)
        else {parts.netloc.rpartition("@")[2]}
    )
    return frozenset(f"{parts.scheme}://{name.removesuffix(port)}{port}" for name in names)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _handler(origins: frozenset[str], status: Callable[[], Status]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = IDLE_S

        def do_GET(self) -> None:
            self._answer(json.dumps(status()).encode() if self._is_asked_rightly() else None)

        def do_OPTIONS(self) -> None:
            # Browsers ask first whether a page of elsewhere may ask this machine anything.
            self._answer(b"" if self._is_asked_rightly() else None)

        def _is_asked_rightly(self) -> bool:
            # By the name of this machine: elsewhere's name, pointed here, would make us an origin of elsewhere.
            host = (self.headers.get("Host") or "").rpartition(":")[0]
            return self.path == "/status" and host in ("127.0.0.1", "localhost")

        def _answer(self, body: bytes | None) -> None:
            self.send_response(HTTPStatus.NOT_FOUND if body is None else HTTPStatus.OK)
            origin = self.headers.get("Origin")
            if origin in origins:
                self.send_header("Access-Control-Allow-Origin", origin)
                self.send_header("Access-Control-Allow-Private-Network", "true")
            self.send_header("Vary", "Origin")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """What pages ask is nobody's business."""

    return Handler
