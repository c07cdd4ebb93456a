"""A worker that is told to stop ends, in the middle of whatever it does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import with_example
from tests.e2e.processes import LIMIT_S

TOLD_IN = """
import os, signal, sys
from importlib import import_module
module, name, function = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
of = getattr(import_module(module), name)
original = getattr(of, function)
def told(*arguments, **named):
    setattr(of, function, original)
    os.kill(os.getpid(), signal.SIGTERM)
    return original(*arguments, **named)
setattr(of, function, told)
from web.cli import main
main(prog_name="comptoir")
"""


@pytest.mark.parametrize(
    "place",
    [
        # What is raised in there is caught, logged and forgotten.
        "apscheduler.executors.base BaseExecutor submit_job",
        "apscheduler.schedulers.base BaseScheduler start",
        "inventory.database Database forget_erased",
        "threading Condition wait",
    ],
)
def test_a_worker_that_is_told_to_stop_ends(tmp_path: Path, place: str) -> None:
    """At once, with 0 and without a word, also where a library catches everything or a lock was just taken."""
    here = with_example(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-c", TOLD_IN, *place.split(), "worker"],
        env=here.environment,
        capture_output=True,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr
