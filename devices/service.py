"""Questions of a station to the service: its reads, its print jobs, how it is."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from devices.errors import ServeAway, ServeForbidden

REQUEST_TIMEOUT_S = 10.0
ANSWER_LIMIT = 4_000_000  # bytes; a receipt with its QR code is some 20 kB

_CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


@dataclass(frozen=True)
class Service:
    """The service at ``base`` (http or https), for one station, by its token."""

    base: str
    station: str
    token: str
    timeout_s: float = REQUEST_TIMEOUT_S

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask for ``path`` under ``/api/stations/<station>/``; the status and the JSON answered.

        Raises as `exchange`, and ServeAway where another program than the service answered.
        """
        status, data = self.exchange(method, path, body)
        try:
            return status, json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ServeAway(url=self.base, detail=str(error) or type(error).__name__) from error

    def exchange(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Send JSON, or nothing; the status and the bytes answered.

        No redirect is followed: it would carry the token elsewhere. Raises ServeForbidden on 401
        and 403, ServeAway where nobody answered, or the service had a fault of its own.
        """
        sent = None if body is None else json.dumps(body).encode()
        try:
            status, data = self._exchange(method, path, sent)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ServeAway(url=self.base, detail=str(error) or type(error).__name__) from error
        if status in (401, 403):
            raise ServeForbidden(url=self.base)
        if status >= 500:
            raise ServeAway(url=self.base, detail=f"HTTP {status}")
        return status, data

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        parts = urlsplit(self.base)
        if parts.scheme not in _CONNECTIONS or not parts.hostname:
            raise ValueError("the address of the service must begin with http:// or https://")
        connection = _CONNECTIONS[parts.scheme](parts.hostname, parts.port, timeout=self.timeout_s)
        station = quote(self.station, safe="")
        where = f"{parts.path.rstrip('/')}/api/stations/{station}/{path}"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, where, body, headers)
            response = connection.getresponse()
            return response.status, response.read(ANSWER_LIMIT)
        finally:
            connection.close()
