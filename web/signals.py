"""The end of a process that is told to stop."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable


def end_at_once() -> None:
    """Let Ctrl-C kill, as SIGTERM does, until this process has made a `ToldToStop`.

    Python would raise `KeyboardInterrupt`, which is lost for ever where a library cleans up behind itself: SQLAlchemy
    does while a database is opened.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class ToldToStop:
    """SIGTERM or Ctrl-C, waited for instead of handled. One a process, made in its main thread.

    Python's handlers run in the main thread, between two steps of whatever it does. An exception of theirs is
    swallowed by a library that catches everything; a lock that was just taken is never free again; and one whose
    signal came a moment before the thread began to wait runs when that is over. The byte that says so is written at
    once, whatever Python does (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd). Whoever insists
    with a second Ctrl-C kills: what is under way may take its time.
    """

    def __init__(self) -> None:
        self._told, told = os.pipe()
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told)
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.signal(signal.SIGINT, lambda *_: end_at_once())

    def fileno(self) -> int:
        """Readable once one of them came, or another signal that this process handles; nobody reads it."""
        return self._told

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until one of them came, or so long at most: whether it did. For any thread, any number of times."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(None if timeout_s is None else timeout_s * 1000))

    def then(self, stop: Callable[[], None]) -> None:
        """Call `stop` when one of them comes, in a thread of its own."""

        def wait() -> None:
            self.wait()
            stop()

        threading.Thread(target=wait, daemon=True).start()
