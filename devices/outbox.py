"""The station's outbox: reads wait here, durably, until the service has answered for them.

One SQLite file. ``keep`` returns only after the read is on disk, so kill -9 at any instant loses
nothing; ids are made here once, so sending any number of times doubles nothing. An answered read
is erased from every byte of every file: zeroed in its page (``secure_delete``), pages rebuilt
(``VACUUM``), the write-ahead log cut off (``wal_checkpoint(TRUNCATE)``).
"""

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from uuid import UUID, uuid4

from devices.errors import N_, OutboxDamaged, OutboxError

BATCH_LIMIT = 200  # what the service takes in one request
BUSY_S = 2.0  # another process (`verify`) reads for milliseconds only

PRAGMAS = (
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
)
# `position` gives the order of the reads still waiting and is reused from the top down, so it
# says nothing about erased ones (AUTOINCREMENT would keep a counter). `aside` has no rowid:
# its rows lie in the order of the reasons' letters, not of events.
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS pending (position INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE, code TEXT NOT NULL, at TEXT NOT NULL,"
    " lane TEXT NOT NULL DEFAULT '', separator TEXT NOT NULL DEFAULT '')",
    "CREATE TABLE IF NOT EXISTS aside (reason TEXT PRIMARY KEY, reads INTEGER NOT NULL)"
    " WITHOUT ROWID",
)
REASON = re.compile(r"[a-z][a-z-]{0,39}")


@dataclass(frozen=True)
class Entry:
    """A read that waits: its id (UUIDv4), what was read, and when (aware, UTC).

    `lane` ("a", "b" or "") and `separator` ("lost" or "") are what is known of the scanner that made it.
    """

    id: str
    code: str
    at: datetime
    lane: str = ""
    separator: str = ""


@dataclass(frozen=True)
class Fault:
    """Something wrong with an outbox. Never holds what was read.

    ``sentence`` is English with ``%(name)s`` marks that ``params`` fills.
    """

    code: str
    sentence: str
    params: dict[str, str]

    def __str__(self) -> str:
        return self.sentence % self.params


def _never(_code: str) -> bool:
    return False


class Outbox:
    """The durable outbox in the file ``path``; safe to use from several threads.

    ``transient`` tells the codes that must never be stored (badges): they wait in memory, in
    their place among the others, and are lost with the process. Raises OutboxError.
    """

    def __init__(self, path: Path | str, transient: Callable[[str], bool] = _never) -> None:
        self.path = Path(path)
        self._transient = transient
        self._lock = threading.RLock()
        self._in_memory: list[tuple[int, Entry]] = []  # (position of the read before it, entry)
        self._traces_left = True  # a process killed after erasing may have left its log behind
        with self._failures():
            self._db = self._open()
            self._wipe_traces()

    def keep(self, code: str, at: datetime, *, lane: str = "", separator: str = "") -> Entry:
        """Give the read an id and store it; on return it is on disk (unless transient).

        ``at`` must be aware. Raises ValueError for a naive time, OutboxError when not stored.
        """
        if at.tzinfo is None:
            raise ValueError("the time of a read needs a time zone")
        storable = code.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate has no bytes
        entry = Entry(str(uuid4()), storable, at.astimezone(UTC), lane, separator)
        with self._lock:
            if self._transient(code):
                with self._failures():
                    self._in_memory.append((self._top(), entry))
                return entry
            with self._writing():
                self._db.execute(
                    "INSERT INTO pending (position, id, code, at, lane, separator)"
                    " SELECT coalesce(max(position), 0) + 1, ?, ?, ?, ?, ? FROM pending",
                    (entry.id, entry.code, entry.at.isoformat(), lane, separator),
                )
        return entry

    def pending(self, limit: int = BATCH_LIMIT) -> list[Entry]:
        """The first ``limit`` reads waiting, in the order they were made.

        A malformed row is passed over, so that it cannot hold up the others; ``check`` tells it.
        """
        with self._lock, self._failures():
            if self._traces_left:
                self._wipe_traces()
            rows = self._db.execute(
                "SELECT position, id, code, at, lane, separator FROM pending ORDER BY position"
            )
            with closing(rows):  # an unfinished statement would keep the log from being cut off
                stored = ((row[0], 0, entry) for row in rows if (entry := _entry(*row[1:])))
                waiting = list(islice(stored, limit))
            waiting += [(position, 1, entry) for position, entry in self._in_memory]
            waiting.sort(key=lambda w: w[:2])
            return [entry for _, _, entry in waiting[:limit]]

    def settle(self, sent: Iterable[str], aside: Mapping[str, str]) -> None:
        """Erase answered reads from every file, all at once. Unknown ids are passed over.

        ``aside`` gives a reason for each id that the service will never take: of those, a count
        per reason stays. A reason is a short lower-case word or two joined by "-"; anything else,
        which might hold the code read, is counted as "other".
        """
        reasons = {
            id_: reason if REASON.fullmatch(reason) else "other" for id_, reason in aside.items()
        }
        with self._lock:
            self._erase({*sent, *reasons}, reasons)

    def sent(self, ids: Iterable[str]) -> None:
        """Erase reads that were taken."""
        self.settle(ids, {})

    def set_aside(self, id: str, reason: str) -> None:
        """Erase a read that will never be taken, and count it under ``reason``."""
        self.settle((), {id: reason})

    def asides(self) -> dict[str, int]:
        """How many reads were set aside, by reason."""
        with self._lock, self._failures():
            return dict(self._db.execute("SELECT reason, reads FROM aside ORDER BY reason"))

    def count(self) -> int:
        """How many reads wait, those in memory included."""
        with self._lock, self._failures():
            (stored,) = self._db.execute("SELECT count(*) FROM pending").fetchone()
            return int(stored) + len(self._in_memory)

    def oldest(self) -> datetime | None:
        """When the first read still waiting was made."""
        first = self.pending(1)
        return first[0].at if first else None

    def check(self) -> list[Fault]:
        """Everything that is wrong with the outbox, for `comptoir verify`; empty when sound."""
        try:
            with self._lock, self._failures():
                return self._faults()
        except OutboxError as error:
            return [Fault(error.code, error.sentence, error.params)]

    def close(self) -> None:
        """Close the file; reads in memory only are gone."""
        with self._lock:
            self._in_memory.clear()
            self._db.close()

    def __enter__(self) -> "Outbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))  # the log takes these rights
        db = sqlite3.connect(
            self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")  # a damaged row is no crash
        try:
            for statement in PRAGMAS + SCHEMA:
                db.execute(statement).fetchall()
        except BaseException:
            db.close()
            raise
        return db

    def _faults(self) -> list[Fault]:
        path = str(self.path)
        faults = [
            Fault(OutboxDamaged.code, OutboxDamaged.sentence, self._params(detail))
            for (detail,) in self._db.execute("PRAGMA integrity_check")
            if detail != "ok"
        ]
        rows = self._db.execute(
            "SELECT position, id, code, at, lane, separator FROM pending ORDER BY position"
        )
        faults += [
            Fault("outbox-row", MALFORMED, {"path": path, "row": str(row[0])})
            for row in rows
            if _entry(*row[1:]) is None
        ]
        if self._traces_left:
            self._wipe_traces()
        if self._traces_left:
            faults.append(Fault("outbox-traces", TRACES_LEFT, {"path": path}))
        return faults

    def _top(self) -> int:
        (top,) = self._db.execute("SELECT coalesce(max(position), 0) FROM pending").fetchone()
        return int(top)

    def _erase(self, ids: set[str], reasons: dict[str, str]) -> None:
        known = 0
        with self._writing():
            for id_ in sorted(ids):
                gone = self._db.execute("DELETE FROM pending WHERE id = ?", (id_,)).rowcount
                gone += sum(entry.id == id_ for _, entry in self._in_memory)
                known += gone
                if gone and id_ in reasons:
                    self._db.execute(
                        "INSERT INTO aside VALUES (?, 1)"
                        " ON CONFLICT (reason) DO UPDATE SET reads = reads + 1",
                        (reasons[id_],),
                    )
            top = self._top()
        # Positions are reused: what waits in memory keeps its place before later reads.
        self._in_memory = [
            (min(position, top), entry)
            for position, entry in self._in_memory
            if entry.id not in ids
        ]
        if known:
            with self._failures():
                self._wipe_traces()

    def _wipe_traces(self) -> None:
        """Leave no copy of an erased read; a reader in the way means that it is tried again.

        When SQLite moves rows between pages, copies stay in the gaps of pages that live on, where
        `secure_delete` does not reach (seen in 3 % of random histories): VACUUM rebuilds every
        page. Then the log, which holds the pages as they were, is cut off.
        """
        self._traces_left = True
        try:
            self._db.execute("VACUUM")
            busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return  # locked or disk full: the reads are answered all the same; `check` tells it
        self._traces_left = bool(busy)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, self._failures():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, sqlite3.ProgrammingError, OSError) as error:
            raise OutboxError(**self._params(str(error))) from error
        except sqlite3.DatabaseError as error:
            raise OutboxDamaged(**self._params(str(error))) from error

    def _params(self, detail: str) -> dict[str, str]:
        return {"path": str(self.path), "detail": detail}


MALFORMED = N_("Row %(row)s of the outbox %(path)s is malformed and cannot be sent.")
TRACES_LEFT = N_("Reads already sent could not yet be erased from the outbox %(path)s.")


def check_outbox(path: Path | str) -> list[Fault]:
    """Open the outbox at ``path`` and check it; an outbox that cannot be opened is a fault."""
    try:
        with Outbox(path) as outbox:
            return outbox.check()
    except OutboxError as error:
        return [Fault(error.code, error.sentence, error.params)]


def _entry(id_: object, code: object, at: object, lane: object, separator: object) -> Entry | None:
    """The entry that a row holds, or None when the row is malformed."""
    if not (isinstance(id_, str) and isinstance(code, str) and isinstance(at, str)):
        return None
    if not (isinstance(lane, str) and isinstance(separator, str)):
        return None
    try:
        when = datetime.fromisoformat(at)
        if UUID(id_).version != 4 or when.tzinfo is None:
            return None
    except ValueError:
        return None
    return Entry(id_, code, when, lane, separator)
