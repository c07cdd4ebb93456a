"""In the guest: drives scanners with the product's own code and prints every event, one JSON line each.

usage: hear.py '[{"name": …, "device": …, "keymap": …, "suffix": …}, …]'        (keymap empty: a serial port;
suffix null: to be found out)

For each line of its standard input it prints {"event": "Tick"} after TICK_S: whoever counts them knows how long it was
awake. The other lines bear the time of day (`at_s`) and the processor time of this process until then (`cpu_s`).
SIGUSR1 has it write down where each of its threads is (STACKS).
"""

from __future__ import annotations

import dataclasses
import faulthandler
import json
import resource
import signal
import sys
import threading
import time
from typing import Any

from devices.events import ScannerEvent
from devices.hid_scanner import HidScanner
from devices.scanner import Scanner
from devices.serial_scanner import SerialScanner

STACKS = "/run/hear-stacks"
TICK_S = 0.25


def tell(event: ScannerEvent) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {"event": type(event).__name__, "at_s": time.time()}
    told |= {"cpu_s": used.ru_utime + used.ru_stime}
    told |= {key: str(value) for key, value in dataclasses.asdict(event).items() if key != "at"}
    print(json.dumps(told), flush=True)


def scanner(setting: dict[str, Any]) -> Scanner:
    name, device, keymap = setting["name"], setting["device"], setting["keymap"]
    if keymap:
        return HidScanner(device, name=name, emit=tell, keymap=keymap, suffix=setting["suffix"])
    return SerialScanner(device, name=name, emit=tell, suffix=setting["suffix"])


def main() -> None:
    with open(STACKS, "w") as stacks:
        faulthandler.register(signal.SIGUSR1, stacks)
        hear(json.loads(sys.argv[1]))


def hear(settings: list[dict[str, Any]]) -> None:
    threads = [threading.Thread(target=scanner(setting).run) for setting in settings]
    for thread in threads:
        thread.start()
    for _ in sys.stdin:
        time.sleep(TICK_S)
        print(json.dumps({"event": "Tick"}), flush=True)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
