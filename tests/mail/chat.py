"""A service that takes messages as JSON, and refuses them when it is told to."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Chat(ThreadingHTTPServer):
    """The answers to come, and what it took."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = []
        self.got: list[dict[str, Any]] = []
        self.calls: queue.Queue[str] = queue.Queue()
        """The title of each message, as it comes."""

    @property
    def address(self) -> str:
        """As apprise writes it, with a key."""
        return f"json://user:topsecret@127.0.0.1:{self.server_address[1]}/path"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Chat)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.answers.pop(0) if self.server.answers else 200
        if answer == 200:
            self.server.got.append(body)
        self.send_response(answer)
        self.end_headers()
        self.server.calls.put(body["title"])

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def open_chat() -> Iterator[Chat]:
    server = Chat()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
