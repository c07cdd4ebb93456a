"""`comptoir station run`: whatever dies at whatever moment, every read it kept is counted once."""

from __future__ import annotations

import os
import random
import re
import threading
import tty
from collections import Counter
from pathlib import Path

import pytest

from labels.house import Kind, house_code
from tests.e2e.conftest import CommandLine, add_station, with_example
from tests.e2e.processes import LIMIT_S, Here, Process
from tests.e2e.road import Road, handed_out, nothing_left, road_to, waiting_in

pytestmark = [pytest.mark.slow]

MOMENTS = ("keeping", "sending", "recorded", "answered")


@pytest.fixture(scope="module")
def pictures(service: CommandLine) -> list[str]:
    """The codes of all pictures: every item is counted by itself."""
    return [row["code"] for row in service.json("codes") if row["kind"] == "item"]


def kill_at(moment: str, station: Process, road: Road, burst: list[str], after: int) -> None:
    """Type a burst of codes and kill the station in the middle of it."""
    killed = threading.Event()

    def kill() -> None:
        station.kill()
        killed.set()

    road.open = moment != "keeping"
    if road.open:
        road.at[moment] = kill
    station.write("".join(f"{code}\n" for code in burst))
    if moment == "keeping":
        while int(re.findall(r"(\d+) reads kept", station.wait_for("reads kept"))[0]) < after:
            pass
        kill()
    assert killed.wait(LIMIT_S)


def test_killed_at_random_nothing_is_lost_and_nothing_doubled(
    service: CommandLine, pictures: list[str], tmp_path: Path
) -> None:
    rng = random.Random(20261121)
    codes = [rng.choice(pictures) for _ in range(150)]
    counter = add_station(service, "hand-out", place="SAC1")
    here = CommandLine(Here(tmp_path / "counter", service.here.port))
    outbox = here.here.data / "stations" / f"{counter.name}.outbox"
    moments = list(MOMENTS) * 3
    rng.shuffle(moments)
    with road_to(service.here.port) as (road, address):
        arguments = ["station", "run", counter.name, "--token", counter.token, "--server", address]
        kept = 0
        for moment in moments:
            before = len(waiting_in(outbox)) if outbox.exists() else 0
            burst = codes[kept : kept + rng.randint(5, 12)]
            with here.here.at_terminal(*arguments) as station:
                kill_at(moment, station, road, burst, before + rng.randint(1, 3))
            everything = road.recorded | waiting_in(outbox)
            kept = len(everything)
            assert Counter(everything.values()) == Counter(codes[:kept])
        road.open = True
        assert 12 < kept < len(codes)
        with here.here.start(*arguments) as station:
            station.write("".join(f"{code}\n" for code in codes[kept:]))
            station.end_of_input()
            assert station.wait() == 0
    assert not (here.here.data / "comptoir.db").exists()  # a counter PC needs no database
    nothing_left(outbox, codes)
    handed_out(service, "SAC1", codes)


def test_the_server_goes_and_comes_back_while_codes_are_typed_and_scanned(
    tmp_path: Path, pictures: list[str]
) -> None:
    line = CommandLine(with_example(tmp_path / "data"))
    here, outbox = line.here, line.here.data / "stations" / "CLIP.outbox"
    typed, scanned = pictures[:20], pictures[20:40]
    badge = house_code(Kind.BADGE, 4711)
    master, slave = os.openpty()
    tty.setraw(slave)
    with here.at_terminal("station", "run", "CLIP", "--scanner", os.ttyname(slave)) as station:
        station.wait_for("ready")
        with here.serving() as server:
            station.write("".join(f"{code}\n" for code in typed[:10]))
            os.write(master, "".join(f"{code}\r" for code in scanned[:10]).encode())
            server.kill()  # whatever it has recorded by now
        station.write("".join(f"{code}\n" for code in [*typed[10:], badge]))
        os.write(master, "".join(f"{code}\r" for code in scanned[10:-1]).encode())
        station.wait_for("reads kept, none lost")
        station.end_of_input()  # a station with a scanner goes on
        os.write(master, f"{badge}\r".encode())
        with here.serving():
            os.write(master, f"{scanned[-1]}\r".encode())  # a read wakes the sender
            station.wait_for("every kept read is sent")
            # Other reads may have been typed meanwhile: the outbox says when all are through.
            assert station.stop() == 0
    os.close(master)
    os.close(slave)
    with here.serving(), here.start("station", "run", "CLIP") as last:
        last.end_of_input()
        assert last.wait() == 0
    nothing_left(outbox, [*typed, *scanned, badge])
    handed_out(line, "CLIP", [*typed, *scanned])


def test_answers_are_shown_at_a_terminal_only(service: CommandLine, pictures: list[str]) -> None:
    counter = add_station(service, "hand-out")
    master, slave = os.openpty()
    arguments = ["station", "run", counter.name, "--token", counter.token]
    with service.here.start(*arguments, terminal=slave) as station:
        os.close(slave)
        station.write(f"{pictures[0]}\n0382903814342\n")
        shown = b""
        while b"refused" not in shown:
            shown += os.read(master, 4096)
        assert b"accepted" in shown
        station.end_of_input()
        assert station.wait() == 0
    os.close(master)
    with service.here.start(*arguments) as station:
        station.write(f"{pictures[0]}\n")
        station.end_of_input()
        assert station.wait() == 0
        assert station.lines.get(timeout=LIMIT_S) is None  # not a line: a log of reads is a trail


def test_a_station_that_nobody_let_in_keeps_its_reads(
    service: CommandLine, pictures: list[str], tmp_path: Path
) -> None:
    here = Here(tmp_path, service.here.port)
    with here.at_terminal("station", "run", "CLIP", "--token", "wrong") as station:
        station.write(f"{pictures[0]}\n")
        station.wait_for("1 reads kept")
        assert station.stop() == 0
    assert list(waiting_in(tmp_path / "stations" / "CLIP.outbox").values()) == pictures[:1]


def test_the_own_token_survives_an_interrupted_start(tmp_path: Path) -> None:
    line = CommandLine(with_example(tmp_path / "data"))
    token = line.here.data / "stations" / "CLIP.token"
    token.parent.mkdir()
    with line.here.serving():
        for kept in ("", "cut sho"):
            token.write_text(kept)
            with line.here.start("station", "run", "CLIP") as station:
                station.write("5038483225400\n")
                station.end_of_input()
                assert station.wait() == 0
    assert token.stat().st_mode & 0o777 == 0o600
