"""To be told to stop, also where no handler of Python's would run."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

WITHIN_S = 60

MAIN_THREAD_SLEEPS = """
import os, signal, sys, threading
from web.signals import ToldToStop
told_to_stop = ToldToStop()
assert not told_to_stop.wait(0)
end, pipe = os.pipe()
def tell():
    os.read(end, 1)  # the main thread is in the middle of its writing, and stays there
    # To this thread: it sleeps on, as it does where the signal comes a moment before it falls asleep.
    signal.pthread_kill(threading.get_ident(), int(sys.argv[1]))
    assert told_to_stop.wait() and told_to_stop.wait(0)
    told_to_stop.then(lambda: os._exit(0))
threading.Thread(target=tell).start()
os.write(pipe, bytes(1 << 20))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_heard_whatever_the_main_thread_does(number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAIN_THREAD_SLEEPS, str(int(number))],
        capture_output=True,
        timeout=WITHIN_S,
    )
    assert (done.returncode, done.stderr) == (0, b"")
