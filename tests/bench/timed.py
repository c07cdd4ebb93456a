"""A command of the product that writes down when its steps happen: `python -m tests.bench.timed FILE serve`.

One line a step: its name, and the moment in nanoseconds.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from devices.outbox import Outbox
from web import reads
from web.cli import main
from web.live import Live


def noted(file: int, step: str, method: Callable[..., Any], *, first: bool = False) -> Any:
    """A method that writes down when it was called or when it was done."""

    @functools.wraps(method)
    def timed(*arguments: Any, **options: Any) -> Any:
        before = time.time_ns()
        result = method(*arguments, **options)
        os.write(file, f"{step} {before if first else time.time_ns()}\n".encode())
        return result

    return timed


def run() -> None:
    owner: Any
    file = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for owner, method, step, first in (
        (Outbox, "keep", "kept", False),
        (reads, "record", "asked", True),
        (Live, "publish", "recorded", True),
    ):
        setattr(owner, method, noted(file, step, getattr(owner, method), first=first))
    main(prog_name="comptoir")


if __name__ == "__main__":
    run()
