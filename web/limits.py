"""How often somebody may try a PIN or a badge: who tries many waits, and nobody can make a team wait.

Tries are counted in memory under several keys at once, such as the name and the address. A browser in which somebody
signed in before has a key of its own for that name and none of a stranger's: whoever hammers a name or shares its
address slows down strangers only. A try is counted before it is checked, so that many at once gain nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from time import monotonic

from inventory.errors import ComptoirError
from inventory.messages import Counted

Key = tuple[str, ...]

FREE_TRIES = {
    "browser": 5,  # a name in a browser that knows it
    "pair": 5,  # a name from an address
    "name": 20,  # a name, by all strangers together
    "address": 30,  # an address, whatever names
    "badge": 10,  # badges shown at a station, by scanner or browser, or to a browser elsewhere
}
LONGEST_WAIT_S = 300
FORGOTTEN_AFTER_S = 3600
MOST_REMEMBERED = 10_000
STRANGERS_AT_ONCE = 3
"""PINs of strangers checked at the same time: each takes 64 MiB for a moment, and a thread of the service."""


class TooManyTries(ComptoirError):
    """`wait_s`: seconds until the next try is looked at."""

    code = "too_many_tries"

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            Counted(
                "Too many wrong tries. Try again in %(count)d second.",
                "Too many wrong tries. Try again in %(count)d seconds.",
                count=wait_s,
            )
        )
        self.wait_s = wait_s


@dataclass(slots=True)
class Attempts:
    """Wrong tries by key. The one seen longest ago is forgotten first, unless it waits."""

    clock: Callable[[], float] = monotonic
    _wrong: OrderedDict[Key, tuple[int, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _strangers: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(STRANGERS_AT_ONCE)
    )

    @contextmanager
    def trying(self, keys: Sequence[Key]) -> Iterator[Callable[[], None]]:
        """Check something inside; call what is given if it was right. Raises TooManyTries instead of checking.

        >>> with Attempts().trying([("pair", "amal", "192.0.2.1")]) as right:
        ...     right()
        """
        stranger = any(key[0] == "address" for key in keys)
        if stranger and not self._strangers.acquire(blocking=False):
            raise TooManyTries(1)
        try:
            self._count(keys)
            yield lambda: self._right(keys)
        finally:
            if stranger:
                self._strangers.release()

    def wait_s(self, keys: Sequence[Key]) -> int:
        """Seconds until the next try under these keys."""
        with self._lock:
            return self._wait_s(keys)

    def _wait_s(self, keys: Sequence[Key]) -> int:
        now = self.clock()
        longest = 0.0
        for key in keys:
            tries, last = self._wrong.get(key, (0, now))
            over = tries - FREE_TRIES[key[0]]
            if over >= 0:
                longest = max(longest, last + min(2 ** min(over + 1, 10), LONGEST_WAIT_S) - now)
        return max(0, round(longest))

    def _count(self, keys: Sequence[Key]) -> None:
        with self._lock:
            now = self.clock()
            for key in keys:
                if now - self._wrong.get(key, (0, now))[1] >= FORGOTTEN_AFTER_S:
                    del self._wrong[key]
            wait_s = self._wait_s(keys)
            if wait_s:
                raise TooManyTries(wait_s)
            for key in keys:
                self._wrong[key] = (self._wrong.get(key, (0, now))[0] + 1, now)
                self._wrong.move_to_end(key)
            while len(self._wrong) > MOST_REMEMBERED:
                self._forget_one()

    def _forget_one(self) -> None:
        # A flood of other keys ends nobody's wait; were all of them waiting, memory would still have its bound.
        oldest = next(iter(self._wrong))
        del self._wrong[next((key for key in self._wrong if not self._wait_s([key])), oldest)]

    def _right(self, keys: Sequence[Key]) -> None:
        """What is somebody's own is forgotten; of what several share, only this try."""
        with self._lock:
            for key in keys:
                tries, last = self._wrong.pop(key, (0, 0.0))
                if key[0] in ("name", "address", "badge") and tries > 1:
                    self._wrong[key] = (tries - 1, last)


def network(address: str | None) -> str:
    """Whose address it is: of IPv6, a home or an office has a whole network.

    >>> network("2001:db8::17"), network("192.0.2.1")
    ('2001:db8::/64', '192.0.2.1')
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    return str(ip_network((parsed, 64), strict=False) if parsed.version == 6 else parsed)
