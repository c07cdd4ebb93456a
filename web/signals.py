"""The end of a process that is told to stop."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable


class ToldToStop:
    """SIGTERM or Ctrl-C, waited for instead of handled. One a process, made in its main thread.

    Python's handlers run in the main thread, between two steps of whatever it does. An exception of theirs is
    swallowed by a library that catches everything; a lock that was just taken is never free again; and one whose
    signal came a moment before the thread began to wait runs when that is over. The byte that says so is written at
    once, whatever Python does (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd).
    """

    def __init__(self) -> None:
        self._told, told = os.pipe()
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until one of them came, or so long at most: whether it did. For any thread, any number of times."""
        return bool(select.select([self._told], [], [], timeout_s)[0])

    def then(self, stop: Callable[[], None]) -> None:
        """Call `stop` when one of them comes, in a thread of its own."""

        def wait() -> None:
            self.wait()
            stop()

        threading.Thread(target=wait, daemon=True).start()
