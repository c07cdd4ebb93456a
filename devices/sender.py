"""Drain a station's outbox to the service over HTTP: in order, at least once, ids unchanged.

The service recognises a read sent again by its id, so whatever breaks off half-way is simply sent
again. Only an answer with one of the known statuses takes a read out of the outbox.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from devices.errors import BatchTooLarge, OutboxError, ServeAway, ServeError
from devices.outbox import BATCH_LIMIT, Entry, Outbox
from devices.service import Service

FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 10.0

Read = dict[str, str]
Result = dict[str, Any]
Post = Callable[[list[Read]], list[Result]]

SETTLED = frozenset({"accepted", "ignored", "unknown"})
REJECTED = frozenset({"refused", "conflict"})

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sent:
    """The service answered: its results in order, and how many reads still wait."""

    results: tuple[Result, ...]
    left: int


@dataclass(frozen=True)
class Away:
    """The service does not take reads, told once: ``why`` is the stable code of the error."""

    why: str


@dataclass(frozen=True)
class Kept:
    """While the service is away: how many reads wait, told whenever that number changes."""

    count: int


Change = Sent | Away | Kept


class Sender:
    """The loop of a station process that empties ``outbox`` through ``post``.

    ``post`` takes at most 200 reads and returns the results, or raises ServeError. ``on_change``
    is called in the loop's thread. ``run`` is the body of that thread and returns after ``stop``.
    """

    def __init__(
        self,
        outbox: Outbox,
        post: Post,
        on_change: Callable[[Change], None],
        *,
        first_wait_s: float = FIRST_WAIT_S,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        self._outbox = outbox
        self._post = post
        self._on_change = on_change
        self._first_wait_s = first_wait_s
        self._longest_wait_s = longest_wait_s
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._limit = BATCH_LIMIT
        self._away: str | None = None
        self._told = 0

    def wake(self) -> None:
        """Look at the outbox at once: a read was kept. From any thread."""
        self._woken.set()

    def stop(self) -> None:
        """Make ``run`` return, after the request under way. From any thread."""
        self._stopping.set()
        self._woken.set()

    def run(self) -> None:
        """Send what waits, until stopped; back off while the service is away."""
        wait_s = self._first_wait_s
        while True:
            self._woken.clear()  # before looking, so that a read kept meanwhile wakes us again
            if self._stopping.is_set():
                return
            try:
                more = self.step()
            except (ServeError, OutboxError) as error:
                self._note_away(error.code)
                self._woken.wait(wait_s)
                wait_s = min(wait_s * 2, self._longest_wait_s)
                continue
            wait_s = self._first_wait_s
            if not more:
                self._woken.wait(self._longest_wait_s)  # looks again by itself: erasing may be due

    def step(self) -> bool:
        """Send one batch and take out what was answered; False when nothing waits.

        Raises ServeError or OutboxError; then everything not answered is still there.
        """
        entries = self._outbox.pending(self._limit)
        if not entries:
            return False
        try:
            results = self._post([_read(entry) for entry in entries])
        except BatchTooLarge:
            return self._shrink(entries)
        answered = self._settle(entries, results)
        if not answered:
            raise ServeAway(url="", detail="no read was answered")
        self._limit = BATCH_LIMIT
        self._away = None
        left = self._outbox.count()
        self._told = 0
        self._tell(Sent(tuple(answered), left))
        return left > 0

    def _settle(self, entries: Sequence[Entry], results: Sequence[Result]) -> list[Result]:
        """Take out the reads that got a known status; their results, once each."""
        waiting = {entry.id for entry in entries}
        sent: list[str] = []
        aside: dict[str, str] = {}
        answered: list[Result] = []
        for result in results:
            id_, status = result.get("id"), result.get("status")
            if id_ not in waiting or not isinstance(status, str):
                continue
            if status in REJECTED:
                aside[id_] = status
            elif status in SETTLED:
                sent.append(id_)
            else:
                continue
            waiting.remove(id_)
            answered.append(result)
        self._outbox.settle(sent, aside)
        return answered

    def _shrink(self, entries: Sequence[Entry]) -> bool:
        """The service found the batch too large: half of it next; a single one never fits."""
        if len(entries) == 1:
            self._outbox.set_aside(entries[0].id, "too-large")
            result = {"id": entries[0].id, "status": "refused", "message": "too large"}
            self._tell(Sent((result,), self._outbox.count()))
        self._limit = max(1, len(entries) // 2)
        return True

    def _note_away(self, why: str) -> None:
        if self._away != why:
            self._away = why
            self._tell(Away(why))
        try:
            count = self._outbox.count()
        except OutboxError:
            return
        if count != self._told:
            self._told = count
            self._tell(Kept(count))

    def _tell(self, change: Change) -> None:
        try:
            self._on_change(change)
        except Exception as error:  # a listener's fault must not end the sending
            log.error("sender: %s not taken: %s", type(change).__name__, type(error).__name__)


class HttpPost(Service):
    """``Post`` over HTTP(S) to ``{base}/api/stations/{station}/reads``."""

    def __call__(self, reads: list[Read]) -> list[Result]:
        """Send at most 200 reads; the service's results in order.

        Raises ServeForbidden on 401 and 403, BatchTooLarge on 413, ServeAway on everything else
        that is not a proper answer.
        """
        sent = {"sent": datetime.now(UTC).isoformat(), "reads": reads}
        status, body = self.exchange("POST", "reads", sent)
        if status == 413:
            raise BatchTooLarge(url=self.base)
        if status != 200:
            raise ServeAway(url=self.base, detail=f"HTTP {status}")
        try:
            results = json.loads(body)["results"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ServeAway(url=self.base, detail="not an answer to reads") from error
        if not (isinstance(results, list) and all(isinstance(r, dict) for r in results)):
            raise ServeAway(url=self.base, detail="not an answer to reads")
        return results


def _read(entry: Entry) -> Read:
    known = {"lane": entry.lane, "separator": entry.separator}
    said = {key: value for key, value in known.items() if value}
    return {"id": entry.id, "code": entry.code, "at": entry.at.isoformat(), **said}
