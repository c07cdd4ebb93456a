"""`comptoir run`: the server, the worker and this machine's stations, each a process of its own, kept alive."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from inventory import stations
from inventory.database import Database
from inventory.messages import Message
from inventory.tables import Person
from web import simulated_lists
from web.example import PERSON, PIN, load_example
from web.i18n import say
from web.settings import Settings
from web.signals import ToldToStop

LOOK_EVERY_S = 0.5
STATIONS_EVERY_S = 2.0
"""Between two looks at which stations belong here."""

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
STEADY_S = 10.0
"""What lived as long did not end for a fault that is there from the start."""
STOP_WITHIN_S = 10
BAD_INPUT = 2
Command = tuple[str, ...]
_PR_SET_PDEATHSIG = 1


def run_all(settings: Settings, database: Database, *, demo: bool) -> None:
    """Start the processes, start again what dies, stop them all on SIGINT or SIGTERM."""
    if demo and load_example(database):
        simulated_lists.equip(database)
    with database.reading() as session:
        people = session.scalars(select(Person.name)).all()
    _say_who(settings, people, demo=demo)

    def devices_here() -> list[Command]:
        def own_tokens() -> Iterable[str]:
            return settings.station_tokens().values()

        with database.reading() as session:
            here = stations.to_run_here(session, own_tokens=own_tokens)
            simulated = simulated_lists.devices(session)
        made_up = [name for station in here for name in simulated.get(station, ())]
        runs: list[Command] = [("station", "run", name, "--stay") for name in here]
        return [("simulate", *made_up), *runs] if made_up else runs

    exit_code = _keep_alive(devices_here)
    database.close()
    raise SystemExit(exit_code)


def _say_who(settings: Settings, people: Collection[str], *, demo: bool) -> None:
    """Who can sign in. Where to is said by the server, once it listens."""
    if demo and PERSON in people:
        hint = Message("Sign in as %(name)s, PIN %(pin)s.", name=PERSON, pin=PIN)
    elif not people:
        hint = Message("Nobody can sign in yet: comptoir person add NAME --role administrator")
    else:
        return
    print(say(hint, settings.language), flush=True)


class _Kept:
    """One process, started again whenever it ends: soon after it has lived, else after a wait that doubles."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self._wait_s = 0.0
        self._due_s: float | None = None
        self._start()

    def look(self) -> int | None:
        """Its exit code if it has just ended; starts it again when that is due."""
        now_s = time.monotonic()
        if self._due_s is not None:
            if now_s >= self._due_s:
                self._start()
            return None
        code = self.process.poll()
        if code is not None:
            self._wait_s = wait_after(self._wait_s, lived_s=now_s - self._started_s)
            self._due_s = now_s + self._wait_s
        return code

    def _start(self) -> None:
        self._due_s = None
        self._started_s = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "web", *self.command],
            stdin=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )


def wait_after(waited_s: float, *, lived_s: float) -> float:
    """How long to wait before starting again what has ended: 1, 2, 4 … 30 s for what ends at once every time."""
    return (
        FIRST_WAIT_S
        if lived_s >= STEADY_S
        else min(max(FIRST_WAIT_S, waited_s * 2), LONGEST_WAIT_S)
    )


def _keep_alive(devices_here: Callable[[], Collection[Command]]) -> int:
    """Start again what ends, until told to stop; the exit code. Stations, and the devices made of software, come and
    go as the lists say.

    The server that ends with 2 has said what is wrong with its settings, which starting it again does not cure. A
    station never takes the others down with it.
    """
    told_to_stop = ToldToStop()
    kept = [_Kept(["serve"]), _Kept(["worker"])]
    running: dict[Command, _Kept] = {}
    exit_code, looked_s = 0, -STATIONS_EVERY_S
    while not exit_code and not told_to_stop.wait(LOOK_EVERY_S):
        if time.monotonic() - looked_s >= STATIONS_EVERY_S:
            looked_s = time.monotonic()
            _take_up(running, devices_here)
        for station in running.values():
            station.look()
        if BAD_INPUT in [one.look() for one in kept]:
            exit_code = BAD_INPUT
    _end([one.process for one in (*running.values(), *kept)])
    return exit_code


def _take_up(
    running: dict[Command, _Kept], devices_here: Callable[[], Collection[Command]]
) -> None:
    """Start what has come onto the lists, end what has gone."""
    try:
        here = devices_here()
    except SQLAlchemyError:
        return  # the database is away for a moment: they keep their reads meanwhile
    for command in running.keys() - here:
        _end([running.pop(command).process])
    for command in here:
        if command not in running:
            running[command] = _Kept(command)


def _end(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _die_with_parent() -> None:
    # Killed without warning, this process must not leave a server behind that holds the port.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
