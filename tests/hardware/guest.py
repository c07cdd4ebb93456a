"""A real Linux kernel with real drivers, in QEMU: USB keyboards that are plugged, typed on and unplugged from here."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evdev import ecodes as keys

from tests.devices.keys import Keyboard

HERE = Path(__file__).parent
LIMIT_S = 120
PACE_S = 0.03  # the emulated keyboard holds sixteen events, and an emulated processor is slow to fetch them
# Codes of the main block are the same in evdev and in scan code set 1; these are not.
OTHERS = {keys.KEY_RIGHTALT: 0xB8, keys.KEY_RIGHTCTRL: 0x9D, keys.KEY_KPENTER: 0x9C}

START = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PYTHONPATH={root} PYTHONDONTWRITEBYTECODE=1
mount -t tmpfs run /run
/lib/systemd/systemd-udevd --daemon
modprobe -a virtio_console evdev usbhid hid-generic xhci_pci
udevadm trigger --action=add --subsystem-match=input --subsystem-match=virtio-ports
udevadm settle -t 60
exec {python} -u {here}/hear.py /dev/virtio-ports/hear {scanners}
"""


@dataclass(frozen=True)
class UsbKeyboard:
    """A keyboard at a port of the guest's USB hub; its display is how QEMU tells two keyboards apart."""

    name: str
    port: int
    layout: str

    @property
    def serial(self) -> str:
        return f"SCAN000{self.port}"

    @property
    def scanner(self) -> str:
        return f"{self.name}=/dev/input/by-id/usb-QEMU_QEMU_USB_Keyboard_{self.serial}-event-kbd,{self.layout}"

    @property
    def device(self) -> dict[str, str]:
        return {
            "driver": "usb-kbd",
            "bus": "xhci.0",
            "port": str(self.port),
            "id": self.name,
            "serial": self.serial,
            "display": f"display-{self.name}",
        }


class Guest:
    """The guest's events and QEMU's own control socket."""

    def __init__(self, control: socket.socket, events: socket.socket) -> None:
        self._control = control.makefile("rw")
        self._events = events.makefile("rwb", buffering=0)
        self._waiting: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._control.readline()  # its greeting
        self._command("qmp_capabilities")

    def next(self, scanner: str) -> dict[str, Any]:
        """The next event of a scanner."""
        while not self._waiting[scanner]:
            told: dict[str, Any] = json.loads(self._events.readline())
            self._waiting[told["device"]].append(told)
        return self._waiting[scanner].popleft()

    def go_on(self) -> None:
        """Let a stalled scanner's thread run again."""
        self._events.write(b"\n")

    def type(self, keyboard: UsbKeyboard, text: str, end: int | None = keys.KEY_ENTER) -> None:
        """As the scanner would: the keys of a text, at the pace that the emulation bears."""
        for event in Keyboard(keyboard.layout).types(text, 0, end):
            if event.type == keys.EV_KEY:
                code = OTHERS.get(event.code, event.code)
                data = {"down": bool(event.value), "key": {"type": "number", "data": code}}
                self._command(
                    "input-send-event",
                    device=keyboard.device["display"],
                    events=[{"type": "key", "data": data}],
                )
                time.sleep(PACE_S)

    def unplug(self, keyboard: UsbKeyboard) -> None:
        self._command("device_del", id=keyboard.name)

    def plug(self, keyboard: UsbKeyboard) -> None:
        self._command("device_add", **keyboard.device)

    def _command(self, name: str, **arguments: Any) -> None:
        self._control.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self._control.flush()
        while "event" in (answer := json.loads(self._control.readline())):
            pass
        assert "error" not in answer, answer


@contextmanager
def running(kernel: Path, folder: Path, keyboards: Sequence[UsbKeyboard]) -> Iterator[Guest]:
    """A booted guest that drives these keyboards as scanners."""
    start = folder / "start.sh"
    scanners = " ".join(keyboard.scanner for keyboard in keyboards)
    root = HERE.parents[1]
    start.write_text(START.format(root=root, python=sys.executable, here=HERE, scanners=scanners))
    with ExitStack() as stack:
        listeners = [_listen(folder / name) for name in ("control", "events")]
        process = subprocess.Popen(_command_line(kernel, folder, start, keyboards))
        stack.callback(process.wait)
        stack.callback(process.kill)
        peers = []
        for listener in listeners:
            listener.settimeout(LIMIT_S)
            peer, _ = listener.accept()
            peer.settimeout(LIMIT_S)
            peers.append(stack.enter_context(peer))
            listener.close()
        yield Guest(*peers)


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


def _command_line(
    kernel: Path, folder: Path, start: Path, keyboards: Iterable[UsbKeyboard]
) -> list[str]:
    line = ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-m", "1024"]
    line += ["-nodefaults", "-display", "none", "-no-reboot"]
    line += ["-kernel", f"{kernel}/vmlinux", "-initrd", f"{kernel}/initrd.cpio"]
    quiet = "console=ttyS0 panic=-1 mitigations=off no_timer_check quiet loglevel=4 modprobe.blacklist=bochs"
    line += ["-append", f"{quiet} guest_start={start}", "-serial", f"file:{folder}/console"]
    host = "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
    line += ["-virtfs", host, "-device", "virtio-serial-pci"]
    line += ["-chardev", f"socket,id=events,path={folder}/events"]
    line += ["-device", "virtserialport,chardev=events,name=hear"]
    line += ["-qmp", f"unix:{folder}/control", "-device", "qemu-xhci,id=xhci"]
    for keyboard in keyboards:
        line += ["-device", f"bochs-display,id={keyboard.device['display']}"]
        line += ["-device", ",".join(_pairs(keyboard.device))]
    return line


def _pairs(device: dict[str, str]) -> Iterator[str]:
    yield device["driver"]
    yield from (f"{key}={value}" for key, value in device.items() if key != "driver")
