"""Every process that is told to stop ends, in the middle of whatever it does."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.conftest import with_example
from tests.e2e.processes import LIMIT_S, Here, Process

IN_THE_MIDDLE = """
import os, signal, sys, threading, weakref
from pydoc import locate

what, inside, name = sys.argv.pop(1), locate(sys.argv.pop(1)), sys.argv.pop(1)
original = getattr(inside, name)

def told(number):
    # Where nothing that is raised gets anywhere.
    class Gone:
        pass
    gone = Gone()
    watched = weakref.ref(gone, lambda _: os.kill(os.getpid(), number))
    del gone

def changed(*arguments, **named):
    setattr(inside, name, original)
    if what == "breaks":
        raise MemoryError
    if what == "sticks":
        print("stuck", flush=True)
        threading.Event().wait()
    told(signal.Signals[what])
    return original(*arguments, **named)

setattr(inside, name, changed)
from web.cli import main
main(prog_name="comptoir")
"""


def command(what: str, place: str, comptoir: str) -> list[str]:
    """One of Comptoir's, where that happens at the first call of a function."""
    return [sys.executable, "-c", IN_THE_MIDDLE, what, *place.split(), *comptoir.split()]


def run(here: Here, *of_command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(*of_command),
        env=here.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_S,
    )


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return with_example(tmp_path / "data")


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize(
    ("place", "comptoir"),
    [
        ("apscheduler.executors.base.BaseExecutor submit_job", "worker"),
        ("inventory.database.Database forget_erased", "worker"),
        ("waitress.wasyncore poll", "serve"),
        ("web.supervisor _take_up", "run"),
        ("web.station.StationProcess drive", "station run CLIP --stay"),
        ("devices.simulators.process.Simulator _begin", "simulate CLIP.scanner"),
    ],
)
def test_whoever_is_told_to_stop_ends(here: Here, number: str, place: str, comptoir: str) -> None:
    done = run(here, number, place, comptoir)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_worker_that_is_told_before_its_first_job_begins_none(here: Here) -> None:
    place = "inventory.database.Database forget_erased"
    assert run(here, "SIGTERM", place, "worker").returncode == 0
    assert not any(row["last"] for row in here.json("jobs"))


@pytest.mark.parametrize(
    ("comptoir", "place"),
    [
        ("worker", "inventory.database.Database __init__"),
        ("serve", "inventory.database.Database __init__"),
        ("run --demo", "inventory.database.Database __init__"),
        ("station run CLIP --stay", "inventory.database.Database __init__"),
        ("simulate CLIP.scanner", "devices.simulators.process.Simulator __init__"),
    ],
)
def test_ctrl_c_while_a_process_begins_kills_it(here: Here, comptoir: str, place: str) -> None:
    done = run(here, "SIGINT", place, comptoir)
    assert done.returncode == -signal.SIGINT, done.stderr.decode()


def test_whoever_insists_does_not_wait_for_a_job(here: Here) -> None:
    stuck = command("sticks", "web.worker close_idle_shifts", "worker")
    worker = Process(subprocess.Popen(stuck, env=here.environment, stdout=subprocess.PIPE))
    try:
        worker.wait_for("stuck")
        for _ in range(10 * LIMIT_S):
            worker.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(0.1)
                break
        assert worker.process.returncode == -signal.SIGINT
    finally:
        worker.kill()


def test_a_worker_whose_timer_has_died_ends(here: Here) -> None:
    """With another code than 0: whoever keeps it running starts it again."""
    done = run(here, "breaks", "apscheduler.schedulers.base.BaseScheduler _process_jobs", "worker")
    assert done.returncode == 1
    assert b"MemoryError" in done.stderr
