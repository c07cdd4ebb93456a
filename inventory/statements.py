"""The statements of the hot path, ready made: what one read costs the database stands on this page.

A read of a known product, in order: STATION, KNOWN, PRODUCT_BY_…, LOTS_THERE or TAKE, TAKE, HOLD, READ, EVENING, and
the commit. Each finds its rows by a key or an index whatever the number of moves (tests/inventory/test_plans.py).

Plain SQL that SQLite and PostgreSQL both speak: at this rate, building statements costs more than running them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from inventory.fefo import FIRST_EXPIRED
from inventory.words import UNACCOUNTED

DRIVER = "driver"
"""Where a session of one transaction keeps its driver's connection: finding it costs as much as a statement."""


def driver_of(session: Session) -> tuple[Any, bool]:
    """The driver's own connection of the session's transaction, and whether it speaks SQLite."""
    connection = session.connection()
    return connection.connection.driver_connection, connection.dialect.name == "sqlite"


class Rows(list[Any]):
    """The rows of a result, all fetched: an unfinished statement would hold a snapshot open."""

    def first(self) -> Any:
        """The first row, or None."""
        return self[0] if self else None

    def one(self) -> Any:
        """The only row."""
        (row,) = self
        return row

    def all(self) -> Rows:
        return self

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        return self.one()[0]


class Statement:
    """SQL with `:named` parameters, handed to the driver as it is, in the session's transaction."""

    def __init__(self, sql: str) -> None:
        self.sql = " ".join(sql.split())
        self._pyformat = re.sub(r":(\w+)", r"%(\1)s", self.sql)

    def __call__(self, session: Session, /, **params: Any) -> Rows:
        driver, is_sqlite = session.info.get(DRIVER) or driver_of(session)
        cursor = driver.execute(self.sql if is_sqlite else self._pyformat, params)
        return Rows(cursor.fetchall() if cursor.description else ())


def as_date(value: str | date | None) -> date | None:
    """A date as the driver gives it: SQLite has none and gives its text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


_STATION = """
    SELECT station.id, station.mode, place.id, place.code, place.kind, place.channel,
           shift.id, shift.channel, evening.session,
           (SELECT value FROM setting WHERE name = 'secret'),
           EXISTS (SELECT 1 FROM print_job WHERE print_job.station_id = station.id
                   AND print_job.state IN ('queued', 'sending', 'unknown')),
           evening.joins_id,
           (SELECT closed_at_ms FROM closing WHERE closing.shift_id = evening.joins_id),
           (SELECT max(closed_at_ms) FROM closing
            WHERE closing.station_id = station.id AND closing.day = :day)
    FROM {by}
    JOIN place ON place.id = station.place_id
    LEFT JOIN shift ON shift.station_id = station.id AND shift.day = :day
    LEFT JOIN evening ON evening.shift_id = shift.id
    WHERE {which}
"""

STATION_BY_TOKEN = Statement(
    _STATION.format(
        by="station_token JOIN station ON station.id = station_token.station_id",
        which="station_token.hash = :hash AND station_token.device = '' AND station.name = :name",
    )
)
STATION_BY_NAME = Statement(_STATION.format(by="station", which="station.name = :name"))

LOCK_STATION = Statement(
    """
    SELECT place.id FROM place JOIN station ON station.place_id = place.id
    WHERE station.name = :name FOR NO KEY UPDATE OF place
    """
)
"""PostgreSQL only, before anything is read: the reads of a place take turns."""

KNOWN = Statement(
    """
    SELECT status, code FROM read WHERE id = :id
    UNION ALL
    SELECT status, NULL FROM read_seen WHERE hash = :hash
    """
)

_PRODUCT = "SELECT item.id, item.code, item.shelf_life_months"

PRODUCT_BY_GTIN = Statement(
    f"{_PRODUCT}, pack.pieces FROM pack JOIN item ON item.id = pack.item_id WHERE pack.gtin = :gtin"
)
PRODUCT_BY_PACK = Statement(
    f"{_PRODUCT}, pack.pieces FROM pack JOIN item ON item.id = pack.item_id WHERE pack.id = :number"
)
PRODUCT_BY_ITEM = Statement(f"{_PRODUCT}, 1 FROM item WHERE item.id = :number")
PRODUCT_BY_LOT = Statement(
    f"{_PRODUCT}, 1, lot.code, lot.expires FROM lot JOIN item ON item.id = lot.item_id WHERE lot.id = :number"
)
PLACE_BY_NUMBER = Statement("SELECT code, channel FROM place WHERE id = :number")
ITEM_BY_CODE = Statement("SELECT id, shelf_life_months FROM item WHERE code = :code")
PLACE_BY_CODE = Statement("SELECT id FROM place WHERE code = :code")

PLACE_NAME = Statement("SELECT name FROM place WHERE code = :code")
LOT_BY_CODE = Statement(
    "SELECT id, expires, on_hold_since FROM lot WHERE item_id = :item AND code = :code"
)
LOT_ON_HOLD = Statement(
    """
    SELECT lot.id FROM item JOIN lot ON lot.item_id = item.id AND lot.code = :lot
    WHERE item.code = :item AND lot.on_hold_since IS NOT NULL
    """
)
"""Of a lot that is only looked at, or read again: what is recorded has it from LOT_BY_CODE."""

_LOTS_THERE = f"""
    SELECT balance.lot_id, lot.expires, balance.pieces
    FROM balance JOIN lot ON lot.id = balance.lot_id
    WHERE balance.place_id = :place AND balance.item_id = :item AND balance.pieces > 0 {{}}
    ORDER BY {FIRST_EXPIRED}
"""
LOTS_THERE = Statement(_LOTS_THERE.format("AND lot.on_hold_since IS NULL"))
ALL_LOTS_THERE = Statement(_LOTS_THERE.format(""))
"""Those on hold too: nobody takes them without naming them."""

LOT_THERE = Statement(
    "SELECT pieces FROM balance WHERE place_id = :place AND item_id = :item AND lot_id = :lot"
)
TAKE = Statement(
    """
    UPDATE balance SET pieces = pieces - :pieces
    WHERE place_id = :place AND item_id = :item AND lot_id = :lot
    RETURNING pieces
    """
)
PUT = Statement(
    """
    INSERT INTO balance (place_id, item_id, lot_id, pieces) VALUES (:place, :item, :lot, :pieces)
    ON CONFLICT (place_id, item_id, lot_id) DO UPDATE SET pieces = balance.pieces + excluded.pieces
    RETURNING pieces
    """
)
FORGET_EMPTY = Statement(
    """
    DELETE FROM balance
    WHERE place_id = :place AND item_id = :item AND lot_id = :lot AND pieces = 0
    """
)

HOLD = Statement(
    """
    INSERT INTO hold (shift_id, read_id, lot_id, from_id, to_id, item_id, pieces, checked)
    VALUES (:shift, :read, :lot, :from_id, :to_id, :item, :pieces, :checked)
    ON CONFLICT (shift_id, read_id, lot_id, from_id, to_id)
    DO UPDATE SET pieces = hold.pieces + excluded.pieces, checked = hold.checked + excluded.checked
    """
)
READ = Statement(
    "INSERT INTO read (id, shift_id, code, status) VALUES (:id, :shift, :code, :status)"
)
SEEN = Statement("INSERT INTO read_seen (hash, status, month) VALUES (:hash, :status, :month)")
EVENING = Statement(
    "UPDATE evening SET session = :session, last_read_at_s = :now_s WHERE shift_id = :shift"
)

PAPER = Statement(
    """
    SELECT print_job.id, state, copy, coalesce(shift.day, print_job.day), began_at_s, ended_at_s,
           lot.code, copies, what
    FROM print_job LEFT JOIN shift ON shift.id = print_job.shift_id
         LEFT JOIN lot ON lot.id = print_job.lot_id
    WHERE print_job.station_id = :station AND state IN ('queued', 'sending', 'unknown')
    ORDER BY asked_at_ms IS NULL, print_job.id DESC LIMIT 1
    """
)
"""What a page says of paper: the job somebody is asked about, or else the last one under way."""

# Taking back, which is rare

HOLDS_OF_READ = Statement(
    """
    SELECT hold.lot_id, hold.from_id, hold.to_id, hold.item_id, hold.pieces, hold.checked
    FROM hold JOIN lot ON lot.id = hold.lot_id
    WHERE hold.shift_id = :shift AND hold.read_id = :read
    ORDER BY lot.expires IS NULL DESC, lot.expires DESC, lot.code DESC
    """
)
SHORT_THERE = Statement(
    f"""
    SELECT short.shift_id, short.read_id, short.lot_id, short.pieces
    FROM hold short LEFT JOIN hold gone
        ON gone.shift_id = short.shift_id AND gone.read_id = short.read_id
           AND gone.lot_id = short.lot_id AND gone.from_id = short.to_id
           AND gone.to_id = :handed_out
    WHERE short.from_id = {UNACCOUNTED} AND short.item_id = :item AND short.to_id = :place
          AND short.pieces > 0
          AND (short.lot_id = :lot OR gone.pieces >= short.pieces AND short.lot_id =
               (SELECT id FROM lot WHERE item_id = :item AND code = 'unknown'))
    ORDER BY short.shift_id, short.read_id
    """
)
"""Whose shortfall pieces of a lot can cover: of that lot, or of an unknown one where they were handed out. What was
unloaded as an unknown lot lies elsewhere as such."""
HOLD_LESS = Statement(
    """
    UPDATE hold SET pieces = pieces - :pieces, checked = checked - :checked
    WHERE shift_id = :shift AND read_id = :read AND lot_id = :lot AND from_id = :from_id
          AND to_id = :to_id
    """
)
FORGET_EMPTY_HOLDS = Statement(
    "DELETE FROM hold WHERE shift_id = :shift AND read_id = :read AND pieces = 0 AND checked = 0"
)

# Closing: a shortfall comes just before the hand-out it covers

MOVES_OF_SHIFT = Statement(
    """
    SELECT item.code, lot.code, hold.item_id, hold.lot_id, hold.from_id, source.kind, hold.to_id,
           target.kind, sum(hold.pieces)
    FROM hold JOIN item ON item.id = hold.item_id JOIN lot ON lot.id = hold.lot_id
    JOIN place source ON source.id = hold.from_id JOIN place target ON target.id = hold.to_id
    WHERE hold.shift_id = :shift AND hold.pieces > 0
    GROUP BY item.code, lot.code, hold.item_id, hold.lot_id, hold.from_id, source.kind, hold.to_id,
             target.kind
    ORDER BY item.code, lot.code, hold.from_id, hold.to_id
    """
)
