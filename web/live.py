"""What happens at a station, told to its pages while it happens: by server-sent events, and to whoever polls.

Publisher and subscribers live in this process. What another process records is seen by looking at the database a few
times a second, as long as somebody listens. Nothing is logged or kept on disk. In memory there is the status of each
station's process, and, while somebody polls, the last result there; it goes when the shift closes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

import msgspec

from inventory.database import Database
from web import lost_prints, reads
from web.reads import Answered
from web.station_status import Status, Statuses

MOST_STREAMS = 12
"""Each holds a thread of the server; see `server.THREADS`."""

MOST_PER_BROWSER = 3
"""A browser opens six connections to a server at most: streams in many tabs would leave none for anything else."""

LOOK_EVERY_S = 0.25
CHECK_EVERY_S = 2.0
"""How long a stream outlives a sign-in that was revoked."""

COMMENT_EVERY_S = 5.0
"""Writing is what notices that a browser has gone."""

MOST_WAITING = 200
"""Results for a page that does not take them as fast as they come; it gets the latest."""

POLLED_WITHIN_S = 10.0
"""Whoever polls asks once a second; after this, the last result is kept for nobody."""

RETRY = b"retry: 1000\n\n"
"""A browser whose stream ended asks again after this many milliseconds."""


@dataclass(slots=True, eq=False)
class Listener:
    """The mailbox of one stream."""

    station: str
    browser: str
    results: deque[Answered] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    news: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class Last:
    """The last result at a station, for pages that poll."""

    n: int
    answered: Answered
    in_shift: bool


class Live:
    """Who listens to which station, and what there is to tell."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.statuses = Statuses(clock)
        self.stopped = False
        self._lock = threading.Lock()
        self._listeners: dict[str, list[Listener]] = {}
        self._polled: dict[str, float] = {}
        self._last: dict[str, Last] = {}
        # Rises across restarts too: a page compares it with what it saw before.
        self._n = int(time() * 1000)

    def publish(self, station: str, answered: Sequence[Answered], *, open_after: bool) -> None:
        """Tell whoever listens what became of reads, after they are committed; costs nothing where nobody does."""
        if station in self._polled:
            self._remember(station, answered[-1:], open_after)
        for listener in self._listeners.get(station, ()):
            listener.results.extend(answered)
            listener.news.set()

    def status(self, station: str, status: Status) -> None:
        """A station's process has told how it is."""
        self.statuses.told(station, status)
        for listener in self._listeners.get(station, ()):
            listener.news.set()

    def listen(self, station: str, browser: str) -> Listener | None:
        """A place among the streams, to be given back with `leave`; None where there is none left."""
        with self._lock:
            everybody = [one for some in self._listeners.values() for one in some]
            of_browser = sum(one.browser == browser for one in everybody)
            if self.stopped or len(everybody) >= MOST_STREAMS or of_browser >= MOST_PER_BROWSER:
                return None
            listener = Listener(station, browser)
            # Lists are replaced, never changed: `publish` walks them without the lock.
            self._listeners[station] = [*self._listeners.get(station, ()), listener]
            return listener

    def leave(self, listener: Listener) -> None:
        with self._lock:
            left = [one for one in self._listeners.get(listener.station, ()) if one is not listener]
            if left:
                self._listeners[listener.station] = left
            else:
                self._listeners.pop(listener.station, None)

    def listening(self, station: str) -> int:
        """How many streams there are to a station."""
        return len(self._listeners.get(station, ()))

    def stop(self) -> None:
        """End every stream, and let no other begin."""
        self.stopped = True
        for listeners in list(self._listeners.values()):
            for listener in listeners:
                listener.news.set()

    def poll(self, station: str, *, is_open: bool) -> Last | None:
        """The last result, for a page that polls. While it does, results are remembered."""
        now = self.clock()
        with self._lock:
            last = self._last.get(station)
            if last is not None and (
                now - self._polled.get(station, now) > POLLED_WITHIN_S
                or (last.in_shift and not is_open)
            ):
                last = None
                del self._last[station]
            self._polled[station] = now
            return last

    def _remember(self, station: str, answered: Sequence[Answered], open_after: bool) -> None:
        with self._lock:
            if self.clock() - self._polled.get(station, 0.0) > POLLED_WITHIN_S:
                self._polled.pop(station, None)
                self._last.pop(station, None)
                return
            for one in answered:
                self._n += 1
                self._last[station] = Last(self._n, one, open_after)


def last_result(last: Last | None, language: str) -> dict[str, Any] | None:
    """The last result as a page that polls gets it."""
    return None if last is None else {"n": last.n, **reads.result(last.answered, language)}


@dataclass(slots=True)
class Stream:
    """What one page is told, from now on."""

    live: Live
    listener: Listener
    database: Database
    language: str
    still_welcome: Callable[[], bool]
    gone: Callable[[], bool]
    _told: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[bytes]:
        live, listener = self.live, self.listener
        written_at = checked_at = live.clock()
        yield RETRY
        while not live.stopped and not self.gone():
            now = live.clock()
            if now - checked_at >= CHECK_EVERY_S:
                if not self.still_welcome():
                    yield event("shut", {})
                    return
                checked_at = now
            events = self._events()
            if not events and now - written_at >= COMMENT_EVERY_S:
                events = b":\n\n"
            if events:
                written_at = now
                yield events
            listener.news.wait(LOOK_EVERY_S)
            listener.news.clear()

    def _events(self) -> bytes:
        """What is new since the last look. The session is read after the results were taken, so it is never older
        than they are, whichever of two threads told first."""
        results = self.listener.results
        answered = [results.popleft() for _ in range(len(results))]
        session = lost_prints.current_session(
            self.database, self.live.statuses, station=self.listener.station
        )
        events = [
            event("read", {"result": reads.result(one, self.language), "session": session})
            for one in answered
        ]
        if self._is_new("session", session) and not answered:
            events.append(event("session", {"session": session}))
        status = self.live.statuses.view(self.listener.station)
        if self._is_new("status", status):
            events.append(event("status", status))
        return b"".join(events)

    def _is_new(self, what: str, value: Any) -> bool:
        new: bool = self._told.get(what) != value
        self._told[what] = value
        return new


def event(name: str, data: Any) -> bytes:
    """One server-sent event; JSON holds no line break that could end it."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))
