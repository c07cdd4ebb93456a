"""Many at once: threads of this process, and processes of their own, that all start at the same moment."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

from inventory import days
from inventory.database import Database

from . import house
from .house import Raw

Job = Callable[[Database], Any]
"""What one racer does; for a racing process, a function that can be pickled."""

PATIENCE_S = 120


def threads(database: Database, jobs: Sequence[Job]) -> list[Any]:
    """Run every job in a thread, all let go together; what they gave. The first failure is raised."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Job) -> Any:
        barrier.wait(PATIENCE_S)
        return job(database)

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def processes(url: str, jobs: Sequence[Job]) -> list[Any]:
    """The same with a process for each job, and so a connection and a lock of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    barrier, answers = context.Barrier(len(jobs)), context.Queue()
    racers = [context.Process(target=_race, args=(url, job, barrier, answers)) for job in jobs]
    for racer in racers:
        racer.start()
    found = [answers.get(timeout=PATIENCE_S) for _ in racers]
    for racer in racers:
        racer.join(PATIENCE_S)
    failed = [answer for ok, answer in found if not ok]
    assert not failed, failed[0]
    return [answer for _, answer in found]


def _race(url: str, job: Job, barrier: Any, answers: Any) -> None:
    database = Database(url)
    try:
        barrier.wait(PATIENCE_S)
        answers.put((True, job(database)))
    except Exception as error:
        answers.put((False, repr(error)))
    finally:
        database.close()


# Jobs that can be pickled


def read_all(
    database: Database, *, station: str, batches: Sequence[Sequence[Raw]]
) -> list[dict[str, Any]]:
    """Send batches one after the other; every answer."""
    return [answer for batch in batches for answer in house.send(database, station, batch)]


def reading(station: str, batches: Sequence[Sequence[Raw]]) -> Job:
    return partial(read_all, station=station, batches=batches)


def one_by_one(codes: Sequence[str], at: datetime | None = None) -> list[list[Raw]]:
    """Each code a read of its own, sent by itself."""
    moment = at or days.now()
    return [[house.raw_read(code, moment)] for code in codes]
