"""A real Linux kernel with real drivers, in QEMU, whose root is this machine's: devices are plugged in from here.

with booted(kernel, folder) as guest:
    guest.call("tests.hardware.gadgets:keyboard", name="desk", serial="S1")
    process = guest.start([sys.executable, "-m", "tests.hardware.hear", …])
    guest.add("usb-serial", id="ftdi", port="3", chardev=…)
"""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LIMIT_S = 180  # for a broken run; every wait ends at an event
DISPLAYS = 4  # how QEMU tells keyboards apart: it types on the one of a display
HOST = "10.0.2.2"
"""This machine, as the guest's network calls it."""

START = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PYTHONPATH={root} PYTHONDONTWRITEBYTECODE=1
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for folder in /dev/shm /run; do mount -t tmpfs tmpfs $folder; done
modprobe -a virtio_console virtio_net evdev usbhid hid-generic xhci_pci cdc_acm ftdi_sio usblp libcomposite
modprobe dummy_hcd num=8 is_high_speed=1
/lib/systemd/systemd-udevd --daemon
mount -t configfs none /sys/kernel/config
/bin/busybox ifconfig lo 127.0.0.1 up
/bin/busybox ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
udevadm trigger --action=add --subsystem-match=input --subsystem-match=virtio-ports
udevadm settle -t 60
exec {python} -u {here}/agent.py /dev/virtio-ports/agent
"""


CANNOT_BE_HAD = 3  # as `build` ends


class NoGuest(Exception):
    """QEMU or a kernel for it cannot be had here."""


class Fault(Exception):
    """What a call in the guest raised."""


class Running:
    """A process in the guest."""

    def __init__(self, guest: Guest, number: int, answers: queue.Queue[dict[str, Any]]) -> None:
        self._guest = guest
        self._number = number
        self._answers = answers
        self.pid: int = self._next("value")

    def line(self) -> str | None:
        """The next line of its output, however long it is silent; None once it has ended. Raises Fault."""
        line: str | None = self._next("line", "ended", timeout_s=None)
        return line

    def write(self, text: str) -> None:
        """To its standard input."""
        self._guest.ask({"write": text, "to": self._number})

    def signal(self, signal: int) -> None:
        self._guest.call("tests.hardware.agent:kill", pid=self.pid, signal=signal)

    def _next(self, *kinds: str, timeout_s: float | None = LIMIT_S) -> Any:
        told = self._answers.get(timeout=timeout_s)
        if "error" in told:
            raise Fault(told["error"])
        return next((told[kind] for kind in kinds if kind != "ended" and kind in told), None)


class Guest:
    """The agent in the guest, and QEMU's own control socket. Safe to use from several threads."""

    def __init__(self, control: socket.socket, agent: socket.socket, folder: Path) -> None:
        self.folder = folder
        self._control = control.makefile("rw")
        self._agent = agent
        self._writing, self._controlling = threading.Lock(), threading.Lock()
        self._numbers = count(1)
        self._answers: dict[int, queue.Queue[dict[str, Any]]] = {0: queue.Queue()}
        self._control.readline()  # its greeting
        self.command("qmp_capabilities")
        threading.Thread(target=self._listen, daemon=True).start()
        self._answers[0].get(timeout=LIMIT_S)

    def call(self, function: str, **arguments: Any) -> Any:
        """What a function of the guest ("module:function") returns. Raises Fault."""
        return self.ask({"call": function, "with": arguments})

    def start(self, command: Sequence[str], **environment: str) -> Running:
        """Run a process in the guest, its output and errors as lines."""
        number, answers = self._send({"start": list(command), "env": environment})
        return Running(self, number, answers)

    def add(self, driver: str, **properties: str) -> None:
        """Plug a device of QEMU's into a port of the guest's USB hub (1 to 15); `id` is its name here."""
        self.command("device_add", driver=driver, bus="xhci.0", **properties)

    def remove(self, name: str) -> None:
        self.command("device_del", id=name)

    def serial(self, name: str, port: int) -> Path:
        """An FTDI converter in a port of the hub: connecting to this socket plugs it in, closing unplugs it.

        The guest has it as `/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_<name>-if00-port0`.
        """
        path = self.folder / f"{name}.line"
        address = {"type": "unix", "data": {"path": str(path)}}
        backend = {"type": "socket", "data": {"addr": address, "server": True, "wait": False}}
        self.command("chardev-add", id=f"{name}-line", backend=backend)
        self.add("usb-serial", id=name, port=str(port), chardev=f"{name}-line", serial=name)
        return path

    def command(self, name: str, **arguments: Any) -> Any:
        """One of QEMU's own (QMP)."""
        with self._controlling:
            asked = {"execute": name, "arguments": arguments}
            self._control.write(json.dumps(asked) + "\n")
            self._control.flush()
            while "event" in (answer := json.loads(self._control.readline())):
                pass
        if "error" in answer:
            raise Fault(answer["error"])
        return answer["return"]

    def ask(self, what: dict[str, Any]) -> Any:
        """What the agent answers. Raises Fault."""
        number, answers = self._send(what)
        told = answers.get(timeout=LIMIT_S)
        del self._answers[number]
        if "error" in told:
            raise Fault(told["error"])
        return told["value"]

    def _send(self, what: dict[str, Any]) -> tuple[int, queue.Queue[dict[str, Any]]]:
        with self._writing:
            number = next(self._numbers)
            answers = self._answers[number] = queue.Queue()
            self._agent.sendall(json.dumps({"id": number, **what}).encode() + b"\n")
        return number, answers

    def _listen(self) -> None:
        try:
            with suppress(OSError), self._agent.makefile("rb") as lines:
                for line in lines:
                    told = json.loads(line)
                    self._answers[told["id"]].put(told)
        finally:
            for answers in tuple(self._answers.values()):
                answers.put({"error": "the guest is gone"})


def built_kernel() -> Path:
    """A folder with the kernel, made once and kept for the next run. Raises NoGuest."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "comptoir-guest"
    built = subprocess.run([HERE / "build", cache], stderr=subprocess.PIPE, text=True, check=False)
    if built.returncode == CANNOT_BE_HAD:
        raise NoGuest(built.stderr.strip())
    assert built.returncode == 0, built.stderr
    return cache


@contextmanager
def booted(kernel: Path, folder: Path) -> Iterator[Guest]:
    """A guest that has started, with its agent listening."""
    start = folder / "start"
    start.write_text(START.format(root=ROOT, python=sys.executable, here=HERE))
    with ExitStack() as stack:
        listeners = [_listen(folder / name) for name in ("control", "agent")]
        process = subprocess.Popen(_command_line(kernel, folder, start))
        stack.callback(process.wait)
        stack.callback(process.kill)
        control, agent = (stack.enter_context(_accept(listener)) for listener in listeners)
        yield Guest(control, agent, folder)


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


def _accept(listener: socket.socket) -> socket.socket:
    with listener:
        listener.settimeout(LIMIT_S)
        peer, _ = listener.accept()
    return peer


def _command_line(kernel: Path, folder: Path, start: Path) -> list[str]:
    line = ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-m", "1024"]
    line += ["-nodefaults", "-display", "none", "-no-reboot"]
    line += ["-kernel", f"{kernel}/vmlinux", "-initrd", f"{kernel}/initrd.cpio"]
    quiet = "console=ttyS0 panic=-1 mitigations=off no_timer_check quiet loglevel=4 modprobe.blacklist=bochs"
    line += ["-append", f"{quiet} guest_start={start}", "-serial", f"file:{folder}/console"]
    host = "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
    line += ["-virtfs", host, "-device", "virtio-serial-pci"]
    line += ["-chardev", f"socket,id=agent,path={folder}/agent"]
    line += ["-device", "virtserialport,chardev=agent,name=agent"]
    line += ["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="]
    line += ["-qmp", f"unix:{folder}/control", "-device", "qemu-xhci,id=xhci,p2=15,p3=15"]
    for number in range(DISPLAYS):
        line += ["-device", f"bochs-display,id=display{number}"]
    return line
