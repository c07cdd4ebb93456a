"""A signed-in browser as far as streams need it: a cookie, requests, and the events of a station."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from tests.e2e.processes import LIMIT_S
from web.example import PERSON, PIN

Event = tuple[str, Any]
"""Its name, and its data."""


@dataclass
class Stream:
    """The events of one station, as they come."""

    connection: http.client.HTTPConnection
    response: http.client.HTTPResponse

    def next(self) -> Event | None:
        """The next event; None where the stream has ended. Comments are passed over."""
        name, data = "", ""
        while line := self.response.readline():
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = value
            elif not field and name:
                return name, json.loads(data)
        return None

    def wait_for(self, wanted: str) -> Any:
        """The data of the next event of this name."""
        while (event := self.next()) is not None:
            if event[0] == wanted:
                return event[1]
        raise AssertionError(f"the stream ended before {wanted}")

    def comment(self) -> None:
        """Wait for a comment."""
        while line := self.response.readline():
            if line.startswith(b":"):
                return
        raise AssertionError("the stream ended before a comment")

    def close(self) -> None:
        self.response.close()
        self.connection.close()


@dataclass
class Browser:
    """Somebody signed in, in a language."""

    port: int
    cookie: str
    language: str = "fr"

    @classmethod
    def signed_in(cls, port: int, language: str = "fr") -> Browser:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", urlencode({"name": PERSON, "pin": PIN}), form)
        answer = connection.getresponse()
        assert answer.status == 303, answer.read()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        connection.close()
        return cls(port, cookie, language)

    def ask(self, path: str, *, accept: str = "*/*") -> Stream:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        headers = {"Cookie": self.cookie, "Accept-Language": self.language, "Accept": accept}
        connection.request("GET", path, headers=headers)
        return Stream(connection, connection.getresponse())

    def get(self, path: str) -> tuple[int, Any]:
        stream = self.ask(path)
        answer = stream.response.status, json.loads(stream.response.read())
        stream.close()
        return answer

    def listen(self, station: str) -> Stream:
        """The stream of a station, after its first session and status."""
        path = f"/stations/{station}/live"
        limit = monotonic() + LIMIT_S
        while (stream := self.ask(path, accept="text/event-stream")).response.status == 503:
            assert monotonic() < limit, "the server does not notice that those before are gone"
            stream.close()
        assert stream.response.status == 200, stream.response.read()
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        assert [stream.next(), stream.next()] != [None, None]
        return stream
