"""Nobody who receives material can be found in what a closed evening leaves behind; and each thing that makes it so
is taken away once, to see that the attacker would notice.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from devices.outbox import Entry
from inventory import database, erasing
from inventory.counter import shifts
from inventory.tables import Evening as EveningRow
from inventory.tables import Hold, Lot, Move, Read, ReadSeen, Shift
from tests.anonymity.attacker import LEVEL, Report, attack
from tests.anonymity.evening import PASSAGES, TOTALS, Evening, whole_evening
from tests.anonymity.sqlite_file import SqliteFile

Break = Callable[[Evening], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def small_evening(folder: Path, broken: Break = lambda evening: None) -> Report:
    """One station serves everybody and closes, while the other one stays open."""
    evening = Evening(folder)
    with evening.running():
        mine, other = evening.counters
        mine.open = False
        evening.serve(5)
        others = set(evening.erased)
        mine.open, other.open = True, False
        broken(evening)
        evening.serve(PASSAGES)
        evening.close(mine)
        taken = evening.carry_away(folder.with_name("taken"))
        erased = {what: code for what, code in evening.erased.items() if what not in others}
    return attack(taken, evening.truths, erased)


def test_a_closed_evening_tells_nothing(folder: Path, tmp_path: Path) -> None:
    evening = whole_evening(folder)
    taken = folder.with_name("data-taken")
    names = {path.name for path in taken.rglob("*") if path.is_file()}
    assert {"comptoir.db", "comptoir.db-wal", "comptoir.db-shm", "midshift.backup"} <= names
    assert {"closed.backup", "tally.csv", "tally.xlsx", "service.log", "CLIP.outbox"} <= names
    truth = tmp_path / "truth.json"
    erased = {what: needle.hex() for what, needle in evening.erased.items()}
    assert len(erased) > 2000
    truth.write_text(
        json.dumps({"truths": [asdict(truth) for truth in evening.truths], "erased": erased})
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.anonymity.attacker", str(taken), str(truth)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def test_a_closed_shift_tells_nothing_while_another_is_open(folder: Path) -> None:
    report = small_evening(folder)
    assert not report.beaten, report


# Each protection taken away once


def test_without_secure_delete_reads_stay_in_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = database._prepare_sqlite

    def prepared(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA secure_delete = OFF")

    monkeypatch.setattr(database, "_prepare_sqlite", prepared)
    assert _found(small_evening(folder), "comptoir.db: read")


def test_without_cutting_the_log_reads_stay_in_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "_cut_log", lambda driver: True)
    assert _found(small_evening(folder), "comptoir.db-wal: read")


def test_the_index_of_the_log_would_tell_how_much_each_person_took(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "_clear_index", lambda driver: True)
    assert _found(small_evening(folder), "page writes")


def test_without_writing_whole_tables_anew_reads_stay_in_gaps(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that were moved to another page leave copies that deleting does not reach."""

    def erase(session: Session, shift_id: int) -> None:
        for row in (Hold, Read, EveningRow):
            session.execute(delete(row).where(row.shift_id == shift_id))
        session.expire_all()

    monkeypatch.setattr(shifts, "_erase", erase)
    assert _found(_crowd(folder), "comptoir.db: read")


def test_after_a_crowd_nothing_stays_in_gaps(folder: Path) -> None:
    assert _crowd(folder).found == []


def _crowd(folder: Path) -> Report:
    """Thousands of reads at two stations, of which one closes: pages split, and are shared by both."""
    evening = Evening(folder)
    with evening.running():
        mine, other = evening.counters
        code = next(a.code for a in evening.articles if a.code.isdigit())
        for batch in range(20):
            for counter in (mine, other):
                reads = [
                    Entry(str(evening.new_id()), code, counter.at + timedelta(seconds=n))
                    for n in range(150)
                ]
                counter.at += timedelta(seconds=150)
                evening.send(counter, batch, reads)
        evening.close(mine)
        taken = evening.carry_away(folder.with_name("taken"))
    erased = {f"read {read.id}": read.id.bytes for read in mine.sent}
    return attack(taken, [], erased)


def test_moves_in_the_order_of_the_reads_are_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_order(moves: list[Move], first: dict[int, int]) -> list[Move]:
        return sorted(moves, key=lambda move: first[move.lot_id])

    report = small_evening(folder, lambda evening: _post(monkeypatch, evening, in_order))
    assert report.p <= LEVEL, report
    assert " move " in report.best


def test_a_time_on_a_hand_out_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def timed(moves: list[Move], first: dict[int, int]) -> list[Move]:
        for move in moves:
            move.recorded_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
                seconds=first[move.lot_id]
            )
        return moves

    report = small_evening(folder, lambda evening: _post(monkeypatch, evening, timed))
    assert report.p <= LEVEL, report
    assert "by recorded_at" in report.best


def _post(
    monkeypatch: pytest.MonkeyPatch,
    evening: Evening,
    change: Callable[[list[Move], dict[int, int]], list[Move]],
) -> None:
    """Post hand-outs again, as `change` wants them."""
    post = shifts._post_holds

    def posting(session: Session, shift: Shift, into: Shift) -> list[shifts.Posted]:
        posted = post(session, shift, into)
        first = evening.first_reads()
        query = select(Move).where(Move.shift_id == shift.id, Move.lot_id.in_(first))
        moves = session.scalars(query.order_by(Move.id)).all()
        columns = [c.key for c in Move.__table__.columns if c.key != "id"]
        again = [Move(**{c: getattr(move, c) for c in columns}) for move in moves]
        for move in moves:
            session.delete(move)
        session.flush()
        for move in change(again, first):
            session.add(move)
            session.flush()
        return posted

    monkeypatch.setattr(shifts, "_post_holds", posting)


def test_hashes_of_reads_kept_in_their_order_are_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(evening: Evening) -> None:
        with evening.db.writing() as session:
            session.execute(text("DROP TABLE read_seen"))
            session.execute(
                text("CREATE TABLE read_seen (hash BLOB PRIMARY KEY, status TEXT, month INTEGER)")
            )

        def keep(session: Session, shift: Shift, secret: str) -> None:
            for hash_, _ in evening.truths[-1].hashes:
                row = {"hash": bytes.fromhex(hash_), "status": "accepted", "month": 1}
                session.execute(insert(ReadSeen), row)

        monkeypatch.setattr(shifts, "_keep_read_hashes", keep)

    report = small_evening(folder, broken)
    assert report.p <= LEVEL, report
    assert " read_seen " in report.best


@pytest.mark.parametrize("protected", [True, False])
def test_rows_that_reads_touched_lie_in_the_order_of_their_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """Where a row lies in its page tells when it came: a balance, for instance, when something first ran short."""
    if not protected:
        monkeypatch.setattr(erasing, "_write_anew", lambda driver: None)
    evening = Evening(folder)
    with evening.running():
        evening.serve(PASSAGES // 2)
        for counter in evening.counters:
            evening.close(counter)
        file = SqliteFile((folder / "comptoir.db").read_bytes())
    assert lies_in_order(file, "balance", keys=3, at_least=20) is protected


@pytest.mark.parametrize("protected", [True, False])
def test_who_was_read_late_lies_among_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """What the totals of a closed shift got afterwards would lie after the rest, together: hour, contact and return of
    the same person."""
    evening = Evening(folder)
    with evening.running():
        evening.serve(PASSAGES // 2)
        for counter in evening.counters:
            for n, code in enumerate(TOTALS[2:]):
                evening.send(counter, n, [Entry(str(evening.new_id()), code, counter.at)])
            evening.close(counter)
        if not protected:
            monkeypatch.setattr(erasing, "_write_anew", lambda driver: None)
        evening.come_late(evening.counters[0])
        with evening.db.reading() as session:
            assert session.scalars(select(Shift.id)).all() == [1, 2]
        taken = evening.carry_away(folder.with_name("taken"))
    assert attack(taken, [], evening.erased).found == []
    file = SqliteFile((taken / "comptoir.db").read_bytes())
    for table, keys in (("shift_count", 3), ("shift_return", 5), ("unknown_code", 4)):
        assert lies_in_order(file, table, keys=keys, at_least=3) is protected, table


def lies_in_order(file: SqliteFile, table: str, *, keys: int, at_least: int) -> bool:
    """Whether the rows of each page lie in the order of their keys, the first so many columns."""
    cells = list(file.tree(file.roots()[table]))
    assert len(cells) >= at_least
    pages = {cell.page: [c for c in cells if c.page == cell.page] for cell in cells}
    return all(
        [c.values[:keys] for c in sorted(page, key=lambda c: -c.offset)]
        == sorted(c.values[:keys] for c in page)
        for page in pages.values()
    )


@pytest.mark.parametrize("protected", [True, False])
def test_numbers_of_new_lots_do_not_tell_which_came_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    if not protected:
        counted = itertools.count()
        monkeypatch.setattr(Evening, "new_number", lambda evening, below: next(counted))
    evening = Evening(folder)
    with evening.running():
        evening.counters[1].open = False
        evening.serve(PASSAGES)
        evening.close(evening.counters[0])
        with evening.db.reading() as session:
            new = session.scalars(
                select(Lot.id).where(Lot.code.like("NEW%")).order_by(Lot.id)
            ).all()
    first = evening.first_reads()
    assert len(new) > 10
    assert (sorted(new, key=first.__getitem__) != list(new)) is protected


def _found(report: Report, what: str) -> bool:
    return any(what in found for found in report.found)
