"""In the guest: a station, or a bare reader of the same keys, that prints when its steps happen.

`python -m tests.bench.steps station run …` prints a line a step, `python -m tests.bench.steps raw DEVICE` only how long
each Enter took from the kernel to here. Times are seconds of the guest's monotonic clock, as are the kernel's.
"""

from __future__ import annotations

import functools
import select
import sys
import time
from collections.abc import Callable
from typing import Any

from evdev import ecodes as keys

from devices.events import Read
from devices.hid_scanner import open_keys
from devices.outbox import Outbox
from devices.scanner import Scanner
from devices.sender import Sender, Sent


def note(step: str, at_s: float) -> None:
    print(f"step {step} {at_s:.6f}", flush=True)


def noted(method: Callable[..., Any], before: Callable[..., None], step: str) -> Any:
    """A method that first tells ``before`` of its arguments, and prints a step when it is done."""

    @functools.wraps(method)
    def timed(*arguments: Any, **options: Any) -> Any:
        before(*arguments)
        result = method(*arguments, **options)
        if step:
            note(step, time.monotonic())
        return result

    return timed


def decoded(_scanner: Scanner, outcomes: list[Any]) -> None:
    now_s = time.monotonic()
    for one in outcomes:
        if isinstance(one, Read):
            note("key", one.at_s)
            note("decoded", now_s)


def answered(_sender: Sender, change: object) -> None:
    if isinstance(change, Sent):
        note("answered", time.monotonic())


def station() -> None:
    """The command of the product with these arguments."""
    from web.cli import main

    owner: Any
    for owner, method, before, step in (
        (Scanner, "_deliver", decoded, ""),
        (Outbox, "keep", lambda *_: None, "kept"),
        (Sender, "_tell", answered, ""),
    ):
        setattr(owner, method, noted(getattr(owner, method), before, step))
    main(prog_name="comptoir")


def raw(device: str) -> None:
    """Nothing but the events: no scanner can be told of sooner."""
    source = open_keys(device)
    print("ready", flush=True)
    while select.select([source.fileno()], [], []):
        for event in source.read():
            if event.type == keys.EV_KEY and event.code in ENDS and event.value:
                print(f"raw {time.monotonic() - event.timestamp():.6f}", flush=True)


ENDS = (keys.KEY_ENTER, keys.KEY_KPENTER, keys.KEY_TAB)

if __name__ == "__main__":
    raw(sys.argv[2]) if sys.argv[1] == "raw" else station()
