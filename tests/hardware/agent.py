"""In the guest: calls functions of the project and runs processes for the host, JSON lines over a virtio port.

usage: agent.py PORT

    {"id": 1, "call": "module:function", "with": {…}}    {"id": 1, "value": …} or {"id": 1, "error": "…"}
    {"id": 2, "start": [argv], "env": {…}}               {"id": 2, "value": PID}, then {"id": 2, "line": "…"} for each
                                                         line of its output, and {"id": 2, "ended": RETURN CODE}
    {"id": 3, "write": "…", "to": 2}                     to the standard input of what was started
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

Asked = dict[str, Any]
AT_ONCE = 32  # calls; one that waits for a device must not hold up the others


def kill(pid: int, signal: int) -> None:
    os.kill(pid, signal)


def processor_share(pid: int, seconds: float) -> float:
    """How much of a processor a process uses from now on, for so long."""

    def used_ns() -> int:
        threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
        return sum(int(one.read_text().split()[0]) for one in threads)

    began_s, before_ns = time.monotonic(), used_ns()
    threading.Event().wait(seconds)
    return (used_ns() - before_ns) / 1e9 / (time.monotonic() - began_s)


class Agent:
    def __init__(self, asked: BinaryIO, told: BinaryIO) -> None:
        self._asked, self._told = asked, told
        self._lock = threading.Lock()
        self._started: dict[int, subprocess.Popen[str]] = {}

    def run(self) -> None:
        self._tell({"id": 0, "value": "ready"})
        with ThreadPoolExecutor(AT_ONCE) as calls:
            while line := self._asked.readline():
                asked = json.loads(line)
                if "write" in asked:  # in order, so not in a thread of its own
                    self._answer(asked, self._write)
                elif "call" in asked:
                    calls.submit(self._answer, asked, self._call)
                else:
                    threading.Thread(target=self._drive, args=(asked,), daemon=True).start()

    def _answer(self, asked: Asked, work: Callable[[Asked], Any]) -> None:
        try:
            self._tell({"id": asked["id"], "value": work(asked)})
        except Exception:
            self._tell({"id": asked["id"], "error": traceback.format_exc()})

    def _call(self, asked: Asked) -> Any:
        module, _, function = asked["call"].partition(":")
        return getattr(importlib.import_module(module), function)(**asked["with"])

    def _drive(self, asked: Asked) -> None:
        self._answer(asked, self._start)
        process = self._started.get(asked["id"])
        if process is not None and process.stdout is not None:
            for line in process.stdout:
                self._tell({"id": asked["id"], "line": line.rstrip("\n")})
            self._tell({"id": asked["id"], "ended": process.wait()})

    def _start(self, asked: Asked) -> int:
        process = subprocess.Popen(
            asked["start"],
            env={**os.environ, **asked["env"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._started[asked["id"]] = process
        return process.pid

    def _write(self, asked: Asked) -> None:
        stdin = self._started[asked["to"]].stdin
        assert stdin is not None
        stdin.write(asked["write"])
        stdin.flush()

    def _tell(self, what: dict[str, Any]) -> None:
        with self._lock:
            self._told.write(json.dumps(what).encode() + b"\n")
            self._told.flush()


if __name__ == "__main__":
    descriptor = os.open(sys.argv[1], os.O_RDWR)  # it can be opened once only
    Agent(os.fdopen(descriptor, "rb"), os.fdopen(os.dup(descriptor), "wb")).run()
