"""Behind a reverse proxy on the same machine: whose request it is, and cookies that only go over https."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

import pytest
from flask import Flask
from waitress.server import TcpWSGIServer

from web import server
from web.example import PERSON, PIN
from web.limits import FREE_TRIES


@pytest.fixture
def port(flask_app: Flask) -> Iterator[int]:
    """The product's own way of listening."""
    listening = server.listen(flask_app, 0)
    assert isinstance(listening, TcpWSGIServer) and listening.socket is not None
    port: int = listening.socket.getsockname()[1]
    thread = threading.Thread(target=listening.run, daemon=True)
    thread.start()
    yield port
    flask_app.config["LIVE"].stop()
    listening.close()
    thread.join(5)


def sign_in(port: int, pin: str, **headers: str) -> tuple[int, list[str]]:
    body = urlencode({"name": PERSON, "pin": pin})
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", "/sign-in", body, sent)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get_all("Set-Cookie", [])


def test_cookies_are_for_https_where_the_request_came_so(port: int) -> None:
    status, cookies = sign_in(port, PIN, X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.1")
    assert status == 303
    assert len(cookies) == 2
    for cookie in cookies:
        parts = cookie.split("; ")
        assert "Secure" in parts and "HttpOnly" in parts
        assert {"SameSite=Lax", "SameSite=Strict"} & set(parts)
    _, cookies = sign_in(port, PIN)
    assert all("Secure" not in cookie.split("; ") for cookie in cookies)


def test_tries_are_counted_by_the_address_behind_the_proxy(flask_app: Flask, port: int) -> None:
    flask_app.config["SIGN_IN_ATTEMPTS"].clock = lambda: 0.0
    for _ in range(FREE_TRIES["pair"]):
        # What a browser claims stands before what the proxy adds.
        status, _ = sign_in(port, "0000", X_Forwarded_For="203.0.113.7, 198.51.100.1")
        assert status == 401
    assert sign_in(port, PIN, X_Forwarded_For="198.51.100.1")[0] == 429
    assert sign_in(port, PIN, X_Forwarded_For="192.0.2.1")[0] == 303
