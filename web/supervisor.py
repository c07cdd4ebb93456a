"""`comptoir run`: the server, the worker and this machine's stations, each a process of its own, kept alive."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Sequence
from types import FrameType

from sqlalchemy import select

from inventory.database import Database
from inventory.messages import Message
from inventory.tables import Person, Scanner, Station
from web.example import PERSON, PIN, load_example
from web.i18n import say
from web.settings import Settings

RESTART_AFTER_S = 1.0
STOP_WITHIN_S = 10
BAD_INPUT = 2
_PR_SET_PDEATHSIG = 1


def run_all(settings: Settings, database: Database, *, demo: bool) -> None:
    """Start the processes, start again what dies, stop them all on SIGINT or SIGTERM."""
    if demo:
        load_example(database)
    with database.reading() as session:
        with_scanner = select(Scanner.station_id)
        here = select(Station.name).where(Station.id.in_(with_scanner)).order_by(Station.name)
        stations = session.scalars(here).all()
        people = session.scalars(select(Person.name)).all()
    database.close()
    commands = [["serve"], ["worker"], *(["station", "run", name, "--stay"] for name in stations)]
    _say_where(settings, people, demo=demo)
    if exit_code := _keep_alive(commands):
        raise SystemExit(exit_code)


def _say_where(settings: Settings, people: Collection[str], *, demo: bool) -> None:
    print(f"Comptoir: http://127.0.0.1:{settings.port}", flush=True)
    if demo and PERSON in people:
        hint = Message("Sign in as %(name)s, PIN %(pin)s.", name=PERSON, pin=PIN)
    elif not people:
        hint = Message("Nobody can sign in yet: comptoir person add NAME --role administrator")
    else:
        return
    print(say(hint, settings.language), flush=True)


def _keep_alive(commands: Sequence[list[str]]) -> int:
    """Start again what ends, until told to stop; the exit code.

    One that ends with 2 has said what is wrong with its settings, which starting it again does not cure.
    """
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    running = [_start(command) for command in commands]
    while not stopping.wait(RESTART_AFTER_S):
        ended = {n: p.returncode for n, p in enumerate(running) if p.poll() is not None}
        if BAD_INPUT in ended.values():
            _end(running)
            return BAD_INPUT
        for n in ended:
            running[n] = _start(commands[n])
    _end(running)
    return 0


def _end(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "web", *command]
    return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent)


def _die_with_parent() -> None:
    # Killed without warning, this process must not leave a server behind that holds the port.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
