"""An own reader of SQLite files, for somebody who looks where SQL does not: where in the file each row lies, what each
page of the write-ahead log held, which pages its index still names. See https://www.sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TABLE_LEAF, TABLE_INNER, INDEX_LEAF, INDEX_INNER = 13, 5, 10, 2
WAL_HEADER, FRAME_HEADER = 32, 24
INDEX_BLOCK, INDEX_HEADER, INDEX_SLOTS, INDEX_HASH = 32_768, 136, 8192, 383


@dataclass(frozen=True)
class Cell:
    """A row of a table or an entry of an index, and where it lies."""

    page: int
    offset: int
    rowid: int | None
    values: tuple[Any, ...]


class SqliteFile:
    def __init__(self, data: bytes) -> None:
        size = int.from_bytes(data[16:18], "big")
        self.size = 65536 if size == 1 else size
        self.usable = self.size - data[20]
        self.pages = [data[at : at + self.size] for at in range(0, len(data), self.size)]

    def roots(self) -> dict[str, int]:
        """Root page of every table and index."""
        return {
            row.values[1]: row.values[3] for row in self.tree(1) if isinstance(row.values[3], int)
        }

    def tree(self, root: int) -> Iterator[Cell]:
        """Every cell of a b-tree that holds a record, page after page."""
        yield from self.cells(self.pages[root - 1], root)
        for child in self.children(root):
            yield from self.tree(child)

    def children(self, number: int) -> list[int]:
        page, start = self.pages[number - 1], 100 if number == 1 else 0
        if page[start] not in (TABLE_INNER, INDEX_INNER):
            return []
        left = [_u32(page, at) for at in _pointers(page, start)]
        return [*left, _u32(page, start + 8)]

    def cells(self, page: bytes, number: int) -> Iterator[Cell]:
        """The cells of one page, whatever version of it; inner pages of tables hold none."""
        start = 100 if number == 1 else 0
        kind = page[start]
        if kind not in (TABLE_LEAF, INDEX_LEAF, INDEX_INNER):
            return
        for at in _pointers(page, start):
            cursor = at + 4 if kind == INDEX_INNER else at
            length, cursor = _varint(page, cursor)
            rowid = None
            if kind == TABLE_LEAF:
                rowid, cursor = _varint(page, cursor)
            payload = self._payload(page, cursor, length, table=kind == TABLE_LEAF)
            yield Cell(number, at, rowid, _record(payload))

    def _payload(self, page: bytes, at: int, length: int, *, table: bool) -> bytes:
        most = self.usable - 35 if table else (self.usable - 12) * 64 // 255 - 23
        if length <= most:
            return page[at : at + length]
        least = (self.usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (self.usable - 4)
        local = local if local <= most else least
        payload, following = page[at : at + local], _u32(page, at + local)
        while following and len(payload) < length and following <= len(self.pages):
            more = self.pages[following - 1]
            payload, following = payload + more[4 : self.usable], _u32(more, 0)
        return payload[:length]


def wal_frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Page number and content of every frame, those of earlier rounds included."""
    if len(data) < WAL_HEADER:
        return
    size = _u32(data, 8)
    for at in range(WAL_HEADER, len(data) - size - FRAME_HEADER + 1, size + FRAME_HEADER):
        yield _u32(data, at), data[at + FRAME_HEADER : at + FRAME_HEADER + size]


def wal_index_left(data: bytes) -> list[int]:
    """The pages that the index of the write-ahead log (-shm) names behind the end of the log, as they were written.

    Each block holds the numbers of 4096 pages (the first one 4062 and a header), then the hash table that finds them:
    where a number is gone, its slot still tells it.
    """
    (frames,) = struct.unpack_from("=I", data, 16) if data else (0,)
    left: list[int] = []
    before = 0
    for start in range(0, len(data), INDEX_BLOCK):
        at, slots_at = start + (0 if start else INDEX_HEADER), start + INDEX_BLOCK // 2
        numbers = list(struct.unpack_from(f"={(slots_at - at) // 4}I", data, at))
        for slot, entry in enumerate(struct.unpack_from(f"={INDEX_SLOTS}H", data, slots_at)):
            if entry and not numbers[entry - 1]:
                numbers[entry - 1] = slot * pow(INDEX_HASH, -1, INDEX_SLOTS) % INDEX_SLOTS
        left += [n for frame, n in enumerate(numbers, before + 1) if n and frame > frames]
        before += len(numbers)
    return left


def _pointers(page: bytes, start: int) -> list[int]:
    inner = page[start] in (TABLE_INNER, INDEX_INNER)
    first, count = start + (12 if inner else 8), int.from_bytes(page[start + 3 : start + 5], "big")
    return [int.from_bytes(page[at : at + 2], "big") for at in range(first, first + 2 * count, 2)]


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(8):
        value = value << 7 | data[at + step] & 0x7F
        if data[at + step] < 0x80:
            return value, at + step + 1
    return value << 8 | data[at + 8], at + 9


def _record(payload: bytes) -> tuple[Any, ...]:
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Any] = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind >= 12:
        raw = payload[at : at + (kind - 12) // 2]
        return (raw.decode("utf-8", "replace") if kind % 2 else raw), at + (kind - 12) // 2
    if kind in (0, 8, 9):
        return {0: None, 8: 0, 9: 1}[kind], at
    width = {5: 6, 6: 8, 7: 8}.get(kind, kind)
    raw = payload[at : at + width]
    number = struct.unpack(">d", raw)[0] if kind == 7 else int.from_bytes(raw, "big", signed=True)
    return number, at + width
