"""In the guest: drives scanners with the product's own code and tells the host every event, one JSON line each.

usage: hear.py PORT NAME=DEVICE,KEYMAP...

A read that begins with STALL keeps that scanner's thread from running until the host writes a line.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
import threading
from typing import BinaryIO

from devices.events import ReadMade, ScannerEvent
from devices.hid_scanner import HidScanner


def hear(port: BinaryIO, names: list[str]) -> None:
    lock, going_on = threading.Lock(), threading.Semaphore(0)

    def emit(event: ScannerEvent) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        told = {"event": type(event).__name__, "cpu_s": used.ru_utime + used.ru_stime}
        told |= {key: str(value) for key, value in dataclasses.asdict(event).items()}
        with lock:
            port.write(json.dumps(told).encode() + b"\n")
        if isinstance(event, ReadMade) and event.code.startswith("STALL"):
            going_on.acquire()

    for one in names:
        name, _, rest = one.partition("=")
        device, _, keymap = rest.rpartition(",")
        scanner = HidScanner(device, name=name, emit=emit, keymap=keymap, suffix=True)
        threading.Thread(target=scanner.run, daemon=True).start()
    while port.read(1):
        going_on.release()


if __name__ == "__main__":
    with open(sys.argv[1], "r+b", buffering=0) as port:
        hear(port, sys.argv[2:])
