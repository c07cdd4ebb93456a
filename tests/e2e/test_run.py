"""`comptoir run`: one command that starts everything, keeps it alive and ends it."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import time
import tty
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.e2e.conftest import CommandLine
from tests.e2e.processes import LIMIT_S, Here, Process, free_port
from tests.e2e.road import handed_out
from tests.e2e.test_paper import wait_until
from web.example import PERSON, PIN
from web.supervisor import wait_after


def children(parent: int) -> dict[str, int]:
    """The processes that a process has started: the command of each, and its number."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_text().split("\0")
        except OSError:  # it ended meanwhile
            continue
        if int(state[1]) == parent and "web" in words:
            found[" ".join(words[words.index("web") + 1 :]).strip()] = int(folder.name)
    return found


def wait_until_gone(handles: Iterable[int]) -> None:
    """Wait for the ends of processes, by handles that `pidfd_open` gave while they lived."""
    for handle in handles:
        ended, _, _ = select.select([handle], [], [], LIMIT_S)
        os.close(handle)
        assert ended


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def wait_until_ready(here: Here, everything: Process) -> None:
    """Until the server has said that it listens, and answers."""
    everything.wait_for("http://")
    assert json.loads(get(here.port, "/health")[1]) == {"ok": True}


EVERYTHING = {
    "serve",
    "worker",
    "simulate CLIP.printer CLIP.scanner TAD.printer TAD.scanner",
    "station run CLIP --stay",
    "station run TAD --stay",
}
"""What runs for the example: nobody needs a scanner or a printer to see it work."""


def wait_for_everything(everything: Process) -> dict[str, int]:
    wait_until(lambda: children(everything.process.pid).keys() == EVERYTHING)
    return children(everything.process.pid)


@pytest.mark.slow
def test_run_starts_everything_brings_back_what_dies_and_ends_it_all(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", free_port())
    with here.start("run", "--demo") as everything:
        assert PERSON in everything.wait_for(PIN)
        wait_until_ready(here, everything)
        # That no mail is set up the worker says once, sooner or later than the rest.
        # So are the scanners of the example ready.
        later = ("COMPTOIR_SMTP_HOST", "scanner: ")
        said = [line for line in everything.seen if line and not any(w in line for w in later)]
        assert [f"http://127.0.0.1:{here.port}" in line for line in said] == [False, True]
        assert get(here.port, "/")[0] in (302, 303)  # to the sign-in
        first = wait_for_everything(everything)

        os.kill(first["serve"], signal.SIGKILL)
        wait_until_ready(here, everything)
        now = wait_for_everything(everything)
        assert {name for name in EVERYTHING if now[name] != first[name]} == {"serve"}

        handles = [os.pidfd_open(one) for one in now.values()]
        assert everything.stop() == 0
        wait_until_gone(handles)


@pytest.mark.slow
def test_killed_itself_it_leaves_nothing_behind_and_starts_again(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", free_port())
    for _ in range(2):  # the second finds the example there, the port free, and loads nothing twice
        with here.start("run", "--demo") as everything:
            everything.wait_for(PIN)
            wait_until_ready(here, everything)
            handles = [os.pidfd_open(one) for one in wait_for_everything(everything).values()]
            everything.kill()
            wait_until_gone(handles)
    rows = here.json("stock", "--item", "SER10")
    assert [(row["place"], row["pieces"]) for row in rows] == [("RESERVE", 100)]


def test_what_ends_at_once_is_started_again_ever_more_rarely() -> None:
    waited_s, waits = 0.0, []
    for _ in range(7):
        waited_s = wait_after(waited_s, lived_s=0.5)
        waits.append(waited_s)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert wait_after(30, lived_s=60) == 1


@pytest.mark.slow
def test_a_station_that_cannot_start_takes_nothing_down_with_it(example: CommandLine) -> None:
    here = example.here
    example.run("station", "scanner", "add", "CLIP", "desk", "/dev/serial/by-id/nothing")
    (here.data / "stations" / "CLIP.outbox").mkdir(parents=True)  # a file is expected
    with here.start("run") as everything:
        ends = []
        for _ in range(3):
            everything.wait_for("CLIP.outbox")
            ends.append(time.monotonic())
        assert ends[2] - ends[1] >= 2  # the second wait
        assert get(here.port, "/health")[0] == 200
        assert everything.stop() == 0


def handed_out_at(line: CommandLine, place: str) -> int:
    return sum(row["handed_out"] for row in line.json("tally", "--place", place)["rows"])


@pytest.mark.slow
def test_what_comes_onto_the_lists_is_taken_up_while_everything_runs(
    example: CommandLine,
) -> None:
    """A scanner more stops no other, and nothing that was scanned is lost; what is taken away ends."""
    here = example.here
    picture, other = [row["code"] for row in example.json("codes") if row["kind"] == "item"][:2]
    terminals = {name: os.openpty() for name in ("desk", "door")}
    for _, slave in terminals.values():
        tty.setraw(slave)

    def scan(name: str, code: str) -> None:
        os.write(terminals[name][0], f"{code}\r".encode())

    def change(what: str, name: str, *more: str) -> None:
        example.run("station", "scanner", what, "CLIP", name, *more)

    with here.start("run") as everything:
        wait_until_ready(here, everything)
        change("add", "desk", os.ttyname(terminals["desk"][1]))
        everything.wait_for("desk: ready")
        station = children(everything.process.pid)["station run CLIP --stay"]
        scan("desk", picture)
        change("add", "door", os.ttyname(terminals["door"][1]))
        everything.wait_for("door: ready")
        scan("desk", other)
        scan("door", picture)
        change("remove", "door")
        everything.wait_for("door: taken off the list")
        assert children(everything.process.pid)["station run CLIP --stay"] == station
        scan("desk", picture)
        wait_until(lambda: handed_out_at(example, "CLIP") == 4)
        added = ("station", "add", "B", "--place", "CLIP", "--mode", "hand-out")
        example.run(*added, "--printer", "file:///dev/null")
        wait_until(lambda: "station run B --stay" in children(everything.process.pid))
        ended = os.pidfd_open(station)
        change("remove", "desk")
        wait_until_gone([ended])
        assert everything.stop() == 0
    handed_out(example, "CLIP", [picture, other, picture, picture])
    for descriptor in (one for pair in terminals.values() for one in pair):
        os.close(descriptor)


def test_an_empty_house_is_told_how_to_let_somebody_in(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", free_port())
    with here.start("run") as everything:
        everything.wait_for("comptoir person add")
        wait_until_ready(here, everything)
        assert everything.stop() == 0


def test_a_taken_port_is_said_once_and_ends_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        here = Here(tmp_path / "data", taken.getsockname()[1])
        with here.start("run", "--demo") as everything:
            assert "COMPTOIR_PORT" in everything.wait_for("COMPTOIR_PORT")
            assert everything.wait() == 2


def test_a_database_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for data in (tmp_path / "file", tmp_path / "file" / "data", Path("/proc/comptoir")):
        done = Here(data, free_port()).comptoir("station", "list", code=2)
        assert len(done.stderr.splitlines()) == 1, done.stderr
