"""Somebody who has every file of a closed evening and wants to know what was handed out together, and in which order.

    python -m tests.anonymity.attacker FOLDER TRUTH.json

In the folder: databases with their -wal and -shm, backups, exports, logs, the stations' outboxes. The attacker puts the
rows of every table in every order there is (each column, rowid, place in the file, also within each group of rows that
share a value), reads the order of names in every other file, and the order of changes in what a log still holds.

An order is worth something if it tells *when* things were handed out, or *with what*. Both are scored against the
truth, and against the same reads dealt out anew at random, which leaves every total as it is: what the totals alone
give away (that the popular comes first) is not held against the database. The best order of all counts; having tried
many is corrected for by letting chance try them all as well (Westfall and Young's max-T).

Apart from that, every file is searched for what closing erased.
"""

from __future__ import annotations

import json
import math
import random
import sqlite3
import statistics
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter, mul
from pathlib import Path
from typing import Any

from tests.anonymity.sqlite_file import SqliteFile, wal_frames, wal_index_left

ROUNDS = 149
"""Random evenings to compare with: the smallest possible p is 1 in 150."""

LEVEL = 0.01

FEWEST = 10
"""In a shorter sequence even the right order is one of those that chance finds."""

LONGEST = 120
"""Of a longer one the beginning is enough."""

GROUPED_BY = ("shift_id", "place_id", "reason", "status")

Entity = tuple[str, Hashable]
Row = dict[str, Any]


@dataclass(frozen=True)
class Truth:
    """One closed shift. `lots[i]` and `items[i]` are what its i-th hand-out was of, `gtins` codes no list had;
    `hashes[i]` is what is kept of the i-th read of any kind."""

    shift: int
    lots: list[tuple[int, int]]
    items: list[tuple[int, int]]
    gtins: list[tuple[str, int]]
    hashes: list[tuple[str, int]]
    names: dict[str, list[Any]]
    """What the attacker knows from the lists: names of items and lots, and their numbers."""


@dataclass
class Report:
    found: list[str] = field(default_factory=list)
    """Erased things found in files."""
    best: str = ""
    score: float = 0.0
    p: float = 1.0
    orders: int = 0

    @property
    def beaten(self) -> bool:
        """Whether the attacker learned something."""
        return bool(self.found) or self.p <= LEVEL


def attack(folder: Path, truths: list[Truth], erased: dict[str, bytes], seed: int = 1) -> Report:
    """Try everything on every file of a folder."""
    files = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    report = Report(found=search(files, erased) + _stale_index(files))
    sequences = dict(_dedupe(_sequences(files, truths)))
    report.orders = len(sequences)
    highest = [0.0] * ROUNDS
    for truth in truths:
        best, score, by_chance = _judge(sequences, truth, random.Random(seed))
        highest = list(map(max, highest, by_chance))
        if score > report.score:
            report.best, report.score = f"shift {truth.shift}: {best}", score
    report.p = (1 + sum(h >= report.score for h in highest)) / (ROUNDS + 1)
    return report


def search(files: dict[Path, bytes], erased: dict[str, bytes]) -> list[str]:
    """Which erased things are still somewhere in the bytes of a file."""
    return [
        f"{path.name}: {what}"
        for path, data in files.items()
        for content in _contents(path, data)
        for what, needle in erased.items()
        if needle in content
    ]


def _contents(path: Path, data: bytes) -> list[bytes]:
    if not zipfile.is_zipfile(path):
        return [data]
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


def _stale_index(files: dict[Path, bytes]) -> list[str]:
    """The index of the log keeps page numbers of transactions: how much each person took, one after the other."""
    found = []
    for path, data in files.items():
        # An outbox cuts its log off after each answer: its index names no more than the last one's pages.
        served = path.name.endswith("-shm") and not path.name.endswith(".outbox-shm")
        left = wal_index_left(data) if served else []
        if set(left) - {1}:
            found.append(f"{path.name}: {len(left)} page writes in their order")
    return found


# Orders


def _sequences(files: dict[Path, bytes], truths: list[Truth]) -> Iterator[tuple[str, list[Entity]]]:
    for path, data in files.items():
        if data.startswith(b"SQLite format 3\0"):
            log = files.get(path.with_name(path.name + "-wal"), b"")
            yield from _of_database(path.name, data, log)
        yield from _of_text(path, data, truths)


def _of_database(name: str, data: bytes, log: bytes) -> Iterator[tuple[str, list[Entity]]]:
    with tempfile.TemporaryDirectory() as folder:
        for suffix, content in (("", data), ("-wal", log)):
            (Path(folder) / f"copy{suffix}").write_bytes(content)
        db = sqlite3.connect(Path(folder) / "copy")
        db.row_factory = sqlite3.Row
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for table in tables:
            rows = [dict(row) for row in db.execute(f'SELECT * FROM "{table}"')]
            for label, ordered in _orders(rows):
                yield from _about(f"{name} {table} {label}", table, ordered)
        for table, label, rows in _physical(db, SqliteFile(data)):
            for group, members in _groups(rows):
                yield from _about(f"{name} {label} {group}", table, members)
        for table, rows in _log_events(db, SqliteFile(data), log).items():
            yield from _about(f"{name} log of {table}", table, rows)
        db.close()


def _orders(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for group, members in _groups(rows):
        yield f"as stored {group}", members
        for column in rows[0] if rows else ():
            some = [row for row in members if row[column] is not None]
            yield f"by {column} {group}", sorted(some, key=itemgetter(column))


def _groups(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """All rows, and those of one shift, of one place, of one kind."""
    yield "", rows
    for column in GROUPED_BY:
        values = {row[column] for row in rows if row.get(column) is not None}
        if len(values) > 1:
            for value in sorted(values, key=repr):
                yield f"where {column}={value!r}", [r for r in rows if r.get(column) == value]


def _physical(db: sqlite3.Connection, file: SqliteFile) -> Iterator[tuple[str, str, list[Row]]]:
    """Rows in the order in which they lie in the file, of tables and of each of their indexes."""
    for tree, (table, columns) in _trees(db).items():
        cells = list(file.tree(file.roots()[tree])) if tree in file.roots() else []
        for label, key in (
            ("by offset", lambda c: (c.page, c.offset)),
            ("by page and falling offset", lambda c: (c.page, -c.offset)),
        ):
            rows = [_row(cell, columns) for cell in sorted(cells, key=key)]
            yield table, f"{tree} {label}", rows


def _row(cell: Any, columns: list[str | None]) -> Row:
    row = {c: v for c, v in zip(columns, cell.values, strict=False) if c is not None}
    if cell.rowid is not None:
        row["id"] = cell.rowid
    elif None in columns and len(cell.values) == len(columns):
        row["id"] = cell.values[columns.index(None)]
    return row


def _trees(db: sqlite3.Connection) -> dict[str, tuple[str, list[str | None]]]:
    """Every b-tree: the table it is of, and the columns of its records (None: the rowid)."""
    trees: dict[str, tuple[str, list[str | None]]] = {}
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
        trees[table] = (table, [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')])
        for _, index, _, origin, _ in db.execute(f'PRAGMA index_list("{table}")').fetchall():
            info = db.execute(f'PRAGMA index_xinfo("{index}")').fetchall()
            columns = [row[2] if row[1] >= 0 else None for row in info]
            without_rowid = origin == "pk" and None not in columns
            trees[table if without_rowid else index] = (table, columns)
    return trees


def _log_events(db: sqlite3.Connection, file: SqliteFile, log: bytes) -> dict[str, list[Row]]:
    """What each page written to the log holds that the one before it did not, by table."""
    roots = file.roots()
    owners = {page: tree for tree, root in roots.items() for page in (root, *file.children(root))}
    trees = _trees(db)
    before: dict[int, set[Any]] = defaultdict(set)
    events: dict[str, list[Row]] = defaultdict(list)
    for number, page in wal_frames(log):
        if owners.get(number) not in trees:
            continue
        table, columns = trees[owners[number]]
        cells = {(cell.rowid, cell.values): cell for cell in file.cells(page, number)}
        events[table] += [_row(cells[key], columns) for key in cells if key not in before[number]]
        before[number] = set(cells)
    return events


def _about(label: str, table: str, rows: list[Row]) -> Iterator[tuple[str, list[Entity]]]:
    for kind in ("lot", "item", "gtin", "hash"):
        entities = _entities(table, rows, kind)
        yield f"{label} ({kind})", entities
        if kind in ("lot", "item") and "where" not in label:
            # What came during the evening lies at one end of a table.
            half = len(entities) // 2
            yield f"{label} ({kind}, first half)", entities[:half]
            yield f"{label} ({kind}, second half)", entities[half:]
        if kind == "lot" and table != "lot" and entities:
            return  # its item says nothing more


def _of_text(path: Path, data: bytes, truths: list[Truth]) -> Iterator[tuple[str, list[Entity]]]:
    """The order in which names, codes and hashes stand in a file."""
    needles: dict[Entity, bytes] = {}
    for truth in truths:
        needles |= {(str(kind), v): name.encode() for name, (kind, v) in truth.names.items()}
        needles |= {("gtin", gtin): gtin.encode() for gtin, _ in truth.gtins}
        needles |= {("hash", h): bytes.fromhex(h) for h, _ in truth.hashes}
    for part, content in enumerate(_contents(path, data)):
        for label, find in (("first", content.find), ("last", content.rfind)):
            at = {entity: find(needle) for entity, needle in needles.items()}
            for kind in ("lot", "item", "gtin", "hash"):
                there = [e for e in at if e[0] == kind and at[e] >= 0]
                yield f"{path.name}/{part} {label} {kind}", sorted(there, key=at.__getitem__)


def _entities(table: str, rows: Iterable[Row], kind: str) -> list[Entity]:
    """What rows are about, as far as that can be linked with something handed out."""
    column = {"lot": "lot_id", "item": "item_id", "gtin": "gtin", "hash": "hash"}[kind]
    if table == kind:
        column = "id"
    values = [row[column] for row in rows if row.get(column) is not None]
    return [(kind, v.hex() if isinstance(v, bytes) else v) for v in values]


def _dedupe(
    sequences: Iterable[tuple[str, list[Entity]]],
) -> Iterator[tuple[str, tuple[Entity, ...]]]:
    """Each order once, with the first and with the last place of what stands in it twice."""
    seen = set()
    for label, sequence in sequences:
        first = tuple(dict.fromkeys(sequence))
        last = tuple(reversed(tuple(dict.fromkeys(reversed(sequence)))))
        for which, order in (("", first), (" (last)", last)):
            if len(order) >= FEWEST and order not in seen and order[::-1] not in seen:
                seen.add(order)
                yield label + which, order


# Scores


@dataclass
class Dealt:
    """When, in places among their like, and with whom things were handed out."""

    first: dict[Entity, float] = field(default_factory=dict)
    last: dict[Entity, float] = field(default_factory=dict)
    passages: dict[Entity, int] = field(default_factory=dict)
    """One bit for each passage."""


def _deal(truth: Truth, rng: random.Random | None = None) -> Dealt:
    """The truth; or, given chance, the same things handed out in another order."""
    dealt = Dealt()
    # Lots and items are dealt together: an item's times are those of its lots.
    together = {"lot": truth.lots, "item": truth.items}
    for series in (together, {"gtin": truth.gtins}, {"hash": truth.hashes}):
        order = list(range(max(map(len, series.values()))))
        if rng is not None:
            rng.shuffle(order)
        for kind, events in series.items():
            first: dict[Entity, int] = {}
            last: dict[Entity, int] = {}
            for at, source in enumerate(order):
                entity = (kind, events[source][0])
                first.setdefault(entity, at)
                last[entity] = at
                bit = 1 << events[at][1]
                dealt.passages[entity] = dealt.passages.get(entity, 0) | bit
            for times, ranks in ((first, dealt.first), (last, dealt.last)):
                ranks.update({e: n for n, e in enumerate(sorted(times, key=times.__getitem__))})
    return dealt


def _judge(
    sequences: dict[str, tuple[Entity, ...]], truth: Truth, rng: random.Random
) -> tuple[str, float, list[float]]:
    """The best order, how many standard deviations it is from chance, and how far chance got each time."""
    real = _deal(truth)
    known = {
        label: mine[:LONGEST]
        for label, order in sequences.items()
        if len(mine := [e for e in order if e in real.first]) >= FEWEST
    }
    chances = [_deal(truth, rng) for _ in range(ROUNDS)]
    highest = [0.0] * ROUNDS
    best, score = "", 0.0
    for label, order in known.items():
        actual = _statistics(order, real)
        by_chance = [_statistics(order, chance) for chance in chances]
        for n, name in enumerate(("first", "last", "together")):
            column = [values[n] for values in by_chance]
            mean, spread = statistics.fmean(column), statistics.pstdev(column)
            if not spread:
                continue
            # Either direction of time is worth something; only more company than by chance is.
            sided = (lambda z: z) if name == "together" else abs
            if (z := sided((actual[n] - mean) / spread)) > score:
                best, score = f"{label} [{name}]", z
            for round_, value in enumerate(column):
                highest[round_] = max(highest[round_], sided((value - mean) / spread))
    return best, score, highest


def _statistics(order: list[Entity], dealt: Dealt) -> tuple[float, float, float]:
    """How an order goes with the times of things, and how often neighbours in it were handed out together."""
    masks = [dealt.passages[e] for e in order]
    return (
        _correlation([dealt.first[e] for e in order]),
        _correlation([dealt.last[e] for e in order]) if order[0][0] != "hash" else 0.0,
        sum((a & b).bit_count() for a, b in pairwise(masks)),
    )


def _correlation(ranks: list[float]) -> float:
    """Of places with ranks, as Fisher's z: a short order that is entirely right stands out, too."""
    count, total = len(ranks), sum(ranks)
    squares = sum(map(mul, ranks, ranks)) - total * total / count
    product = sum(map(mul, ranks, range(count))) - total * (count - 1) / 2
    r = product / math.sqrt(squares * (count**3 - count) / 12)
    return math.atanh(max(-0.999, min(0.999, r))) * math.sqrt(count - 3)


def main(arguments: list[str]) -> int:
    """Exit code 1 if something was learned."""
    folder, truth_file = map(Path, arguments)
    said = json.loads(truth_file.read_text())
    truths = [Truth(**truth) for truth in said["truths"]]
    erased = {what: bytes.fromhex(needle) for what, needle in said["erased"].items()}
    report = attack(folder, truths, erased)
    for line in report.found:
        print("found", line)
    print(f"best of {report.orders} orders: {report.best}, z={report.score:.1f}, p={report.p:.3f}")
    return int(report.beaten)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
