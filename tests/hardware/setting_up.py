"""In the guest: what is plugged in by its own udev, a scanner tried, and rules put where udev looks."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from devices.plugged import PRINTER_GROUP, SCANNER_GROUP, look
from devices.self_test import Found
from devices.trial import State, Trial
from tests.hardware.gadgets import LIMIT_S, send_bytes, type_reports

NOBODY = 65534
GROUPS = {SCANNER_GROUP: 990, PRINTER_GROUP: 991}
OPENING = """
import json, os
from devices.plugged import look
look()  # while everything may still be imported
os.setgroups({groups})
os.setresgid({nobody}, {nobody}, {nobody})
os.setresuid({nobody}, {nobody}, {nobody})
print(json.dumps({{one.node: one.allowed for one in look()}}))
"""


def plugged() -> list[dict[str, Any]]:
    """Everything that could be a scanner or a printer."""
    return [asdict(one) for one in look()]


def tried(device: str, sends: str, *, keyboard: str = "", port: str = "") -> dict[str, Any] | None:
    """What the self-test tells, once a keyboard has typed these reports, or a port has sent this text."""
    told: queue.Queue[tuple[State, Found | None]] = queue.Queue()
    trial = Trial(device, lambda *what: told.put(what), by_keys=bool(keyboard))
    thread = threading.Thread(target=trial.run)
    thread.start()
    try:
        while told.get(timeout=LIMIT_S)[0] != "waiting":
            pass
        if keyboard:
            type_reports(keyboard, sends)
        else:
            send_bytes(port, sends)
        _, found = told.get(timeout=LIMIT_S)
        return None if found is None else asdict(found)
    finally:
        trial.stop()
        thread.join()


def held(device: str) -> list[bool]:
    """Whether it is told that a keyboard is held: before somebody does, meanwhile, and after."""

    def is_held() -> bool:
        return next(one.held for one in look() if one.device == device)

    waiting = threading.Event()
    trial = Trial(device, lambda *_: waiting.set(), by_keys=True)
    thread = threading.Thread(target=trial.run)
    told = [is_held()]
    thread.start()
    assert waiting.wait(LIMIT_S)
    told.append(is_held())
    trial.stop()
    thread.join()
    return [*told, is_held()]


def give(rules: Sequence[str]) -> None:
    """Put rules where udev looks, and their groups on the list, as whoever installs the product does."""
    with Path("/etc/group").open("a") as groups:
        groups.writelines(f"{name}:x:{number}:\n" for name, number in GROUPS.items())
    Path("/etc/udev/rules.d").mkdir(parents=True, exist_ok=True)
    Path("/etc/udev/rules.d/60-comptoir.rules").write_text("\n".join(rules) + "\n")
    for command in ("control --reload", "trigger --action=change", "settle -t 60"):
        subprocess.run(["udevadm", *command.split()], check=True)


def allowed() -> dict[str, bool]:
    """Which of the devices an account may open that is in the two groups and in no other."""
    program = OPENING.format(groups=list(GROUPS.values()), nobody=NOBODY)
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, bool] = json.loads(done.stdout)
    return found
