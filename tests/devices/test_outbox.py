"""Promise 2 at its source: a read kept is never lost, never doubled, and leaves no trace."""

import random
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from devices.errors import OutboxDamaged, OutboxError
from devices.outbox import Entry, Outbox, check_outbox

AT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def files(path: Path) -> bytes:
    """All bytes of the outbox's files, the log and its index included."""
    return b"\0".join(p.read_bytes() for p in sorted(path.parent.glob(path.name + "*")))


def test_reads_wait_in_the_order_they_were_made(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        kept = [outbox.keep(f"code {n % 3}", AT - timedelta(minutes=n)) for n in range(210)]
        assert outbox.pending() == kept[:200]
        assert outbox.count() == 210
        assert outbox.oldest() == AT
        assert all(UUID(e.id).version == 4 for e in kept)
    with Outbox(tmp_path / "o.db") as again:
        assert again.pending(1000) == kept


def test_what_is_known_of_the_scanner_waits_with_its_reads(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        kept = [outbox.keep("1", AT, lane="b", separator="lost"), outbox.keep("2", AT)]
    with Outbox(tmp_path / "o.db") as again:
        assert again.pending() == kept
        assert [(e.lane, e.separator) for e in kept] == [("b", "lost"), ("", "")]


def test_order_holds_while_reads_come_and_go(tmp_path: Path) -> None:
    rng = random.Random(7)
    waiting: list[Entry] = []
    with Outbox(tmp_path / "o.db", transient=lambda code: code.startswith("9")) as outbox:
        for _ in range(120):
            if rng.random() < 0.6:
                waiting.append(outbox.keep(rng.choice("123499"), AT))
            elif waiting:
                gone = rng.sample(waiting, rng.randint(1, min(4, len(waiting))))
                outbox.sent(e.id for e in gone)
                waiting = [e for e in waiting if e not in gone]
            assert outbox.pending(1000) == waiting


def test_what_cannot_be_stored_as_it_is_does_not_raise(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        outbox.keep("]d2\x1d0103\x00é€", AT)
        outbox.keep("lone \ud800 surrogate", AT)
        outbox.keep("", AT)
        assert [e.code for e in outbox.pending()] == [
            "]d2\x1d0103\x00é€",
            "lone ? surrogate",
            "",
        ]
        with pytest.raises(ValueError, match="time zone"):
            outbox.keep("1", AT.replace(tzinfo=None))


def test_nothing_of_a_sent_read_remains_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    rng = random.Random(3)
    with Outbox(path) as outbox:
        for size in (1, 7, 300):
            kept = [outbox.keep(f"CODE-{rng.getrandbits(64):016x}" * 3, AT) for _ in range(size)]
            assert kept[0].code.encode() in files(path)  # the search can find
            rng.shuffle(kept)
            for start in range(0, size, 100):
                outbox.sent(e.id for e in kept[start : start + 100])
            left = files(path)
            assert b"CODE-" not in left
            assert not [e.id for e in kept if e.id.encode() in left]
            assert b"2026-03-02" not in left


def test_a_read_answered_while_others_wait_is_gone_too(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    with Outbox(path) as outbox:
        first, _second = outbox.keep("FIRST-READ", AT), outbox.keep("SECOND-READ", AT)
        outbox.sent([first.id])
        assert b"FIRST-READ" not in files(path)
        assert b"SECOND-READ" in files(path)


def test_rows_moved_between_pages_leave_no_copy_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`secure_delete` alone leaves some: without VACUUM this history fails."""
    path = tmp_path / "o.db"
    rng, ids = random.Random(192), random.Random(1)
    monkeypatch.setattr("devices.outbox.uuid4", lambda: UUID(int=ids.getrandbits(128), version=4))
    waiting: list[Entry] = []
    with Outbox(path) as outbox:
        for _ in range(6):
            for _ in range(rng.randint(0, 12)):
                waiting.append(outbox.keep("code" * rng.choice([1, 10, 200]), AT))
            rng.shuffle(waiting)
            gone, waiting = waiting[:5], waiting[5:]
            outbox.sent(e.id for e in gone)
            left = files(path)
            assert not [e.id for e in gone if e.id.encode() in left]


def test_a_reader_in_the_way_only_delays_the_erasing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "o.db"
    monkeypatch.setattr("devices.outbox.BUSY_S", 0.01)
    with Outbox(path) as outbox:
        entry = outbox.keep("TRACE-ME", AT)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM pending").fetchone()
        outbox.sent([entry.id])
        assert b"TRACE-ME" in files(path)
        assert [f.code for f in outbox.check()] == ["outbox-traces"]
        reader.close()
        assert outbox.pending() == []
        assert b"TRACE-ME" not in files(path)


def test_badges_never_touch_the_disk_and_keep_their_place(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    with Outbox(path, transient=lambda code: code.startswith("BADGE")) as outbox:
        outbox.keep("a", AT)
        badge = outbox.keep("BADGE-7781", AT)
        outbox.keep("b", AT)
        assert [e.code for e in outbox.pending()] == ["a", "BADGE-7781", "b"]
        assert [e.code for e in outbox.pending(2)] == ["a", "BADGE-7781"]
        assert outbox.count() == 3
        assert b"BADGE" not in files(path)
        outbox.sent([badge.id])
        assert [e.code for e in outbox.pending()] == ["a", "b"]
    with Outbox(path) as again:
        assert [e.code for e in again.pending()] == ["a", "b"]


def test_setting_aside_keeps_a_count_and_no_code(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    with Outbox(path) as outbox:
        for reason in ("refused", "refused", "not a code: SECRET-CARD", "too-large"):
            outbox.set_aside(outbox.keep("SECRET-CARD", AT).id, reason)
        outbox.set_aside("an id that nobody knows", "refused")
        assert outbox.asides() == {"other": 1, "refused": 2, "too-large": 1}
        assert outbox.count() == 0
        assert b"SECRET" not in files(path)


def test_every_commit_is_forced_to_the_disk(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db") as outbox:
        pragma = outbox._db.execute
        assert pragma("PRAGMA synchronous").fetchone() == (2,)
        assert pragma("PRAGMA journal_mode").fetchone() == ("wal",)
        assert pragma("PRAGMA secure_delete").fetchone() == (1,)
    assert (tmp_path / "o.db").stat().st_mode & 0o077 == 0


def test_check_names_malformed_rows_and_sending_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    with Outbox(path) as outbox:
        outbox.keep("1", AT)
        assert outbox.check() == []
        rows = [
            ("not a uuid", "2", AT.isoformat()),
            ("6f0ad7e6-3a5c-4be2-a4a9-0c1d1f7b8c11", "3", "yesterday"),
            ("6f0ad7e6-3a5c-4be2-a4a9-0c1d1f7b8c12", b"\xff", AT.isoformat()),
        ]
        outbox._db.executemany("INSERT INTO pending (id, code, at) VALUES (?, ?, ?)", rows)
        outbox.keep("5", AT)
        assert [e.code for e in outbox.pending(2)] == ["1", "5"]
        assert [(f.code, f.params["row"]) for f in outbox.check()] == [
            ("outbox-row", "2"),
            ("outbox-row", "3"),
            ("outbox-row", "4"),
        ]


def test_a_damaged_file_is_told_and_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    path.write_bytes(b"this is no database at all" * 500)
    with pytest.raises(OutboxDamaged):
        Outbox(path)
    (fault,) = check_outbox(path)
    assert fault.code == "outbox-damaged"
    assert str(path) in str(fault)
    assert path.read_bytes().startswith(b"this is no database")


def test_damage_inside_is_found(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    with Outbox(path) as outbox:
        for n in range(200):
            outbox.keep(f"code {n}" * 20, AT)
    whole = bytearray(path.read_bytes())
    for page in range(3, len(whole) // 4096):
        whole[page * 4096 : page * 4096 + 64] = b"\xee" * 64
    path.write_bytes(whole)
    assert check_outbox(path)


def test_an_outbox_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboxError) as raised:
        Outbox(tmp_path / "file" / "o.db")
    assert raised.value.code == "outbox-failed"


CHILD = """
import sys
from datetime import UTC, datetime
from devices.outbox import Outbox
outbox = Outbox(sys.argv[1])
n = outbox.count()
while True:
    for _ in range(3):
        n += 1
        print("keeping", n, flush=True)
        print("kept", outbox.keep(f"code {n}", datetime.now(UTC)).id, flush=True)
    ids = [e.id for e in outbox.pending(2)]
    print("sending", *ids, flush=True)
    outbox.sent(ids)
    print("sent", *ids, flush=True)
"""


def test_kill_9_at_any_instant_loses_and_doubles_nothing(tmp_path: Path) -> None:
    rng = random.Random(11)
    path = tmp_path / "o.db"
    expected: list[str] = []
    for _ in range(12):
        before = set(expected)
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert child.stdout is not None
        lines = []
        for _ in range(rng.randint(1, 40)):
            lines.append(child.stdout.readline())
        for _ in range(rng.randint(0, 20_000)):
            pass  # a random instant after the line, not a boundary of the child's making
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
        child.stdout.close()
        child.wait()
        sending: set[str] = set()
        for line in lines:
            verb, *words = line.split()
            if verb == "kept":
                expected.append(words[0])
            elif verb == "sending":
                sending = set(words)
            elif verb == "sent":
                expected = [id_ for id_ in expected if id_ not in words]
                sending = set()
        with Outbox(path) as outbox:
            entries = outbox.pending(10_000)
            assert outbox.check() == []
        found = [e.id for e in entries]
        assert len(found) == len(set(found))
        lost = set(expected) - set(found) - sending
        assert not lost
        unannounced = [e for e in found if e not in expected]
        assert len(unannounced) <= 1  # stored, killed before it could say so
        assert before - sending - {w for line in lines for w in line.split()} <= set(found)
        assert [id_ for id_ in expected if id_ in found] + unannounced == found
        expected = found


def test_a_read_killed_between_erasing_and_cutting_the_log_is_wiped_at_the_next_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "o.db"
    script = (
        "import os, sys; from datetime import UTC, datetime; from devices.outbox import Outbox\n"
        "o = Outbox(sys.argv[1]); e = o.keep('LEFT-BEHIND', datetime.now(UTC))\n"
        "o._wipe_traces = lambda: os.kill(os.getpid(), 9); o.sent([e.id])"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert b"LEFT-BEHIND" in files(path)
    with Outbox(path) as outbox:
        assert outbox.count() == 0
        assert b"LEFT-BEHIND" not in files(path)
