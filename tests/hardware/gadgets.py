"""In the guest: USB devices that it plays itself, by configfs, and plugs into controllers that are not there either.

The kernel enumerates and drives them as any other: `usbhid`, `cdc_acm` and `usblp` cannot tell. Every function takes
and returns what JSON can say, for the host calls them by way of the agent.
"""

from __future__ import annotations

import os
import select
import signal
import time
import tty
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import pyudev

from devices.udev import context

GADGETS = Path("/sys/kernel/config/usb_gadget")
REPORT = 8  # bytes
LIMIT_S = 60  # for a broken run
# A boot keyboard with eight bytes a report, as the appendix of the USB specification of HID has it.
BOOT_KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395067508150025650507"
    "190029658100c0"
)
FREE = {"keyboard": 0x0901, "serial": 0x1701, "printer": 0x0202}  # products
_printers: dict[
    str, int
] = {}  # the kernel numbers them by the lowest that is free, and does not tell


def keyboard(name: str, serial: str, vendor: int = 0x0C2E, product: int = FREE["keyboard"]) -> None:
    """A scanner that acts as a keyboard, unplugged. Two may be alike to the last letter of their serial numbers."""
    hid = {"protocol": 1, "subclass": 1, "report_length": 8, "report_desc": BOOT_KEYBOARD}
    _make(name, "hid", hid, vendor, product, ("Metrologic", "Metrologic Scanner", serial))


def serial_port(name: str, serial: str, vendor: int = 0x05E0, product: int = FREE["serial"]) -> str:
    """A scanner with a CDC-ACM port, unplugged: its own end of the line (/dev/ttyGS*)."""
    _make(name, "acm", {}, vendor, product, ("Symbol", "Symbol Scanner", serial))
    return f"/dev/ttyGS{_function(name).joinpath('port_num').read_text().strip()}"


def printer(name: str, serial: str, vendor: int = 0x04B8, product: int = FREE["printer"]) -> str:
    """A receipt printer of the printer class, unplugged: its own end (/dev/g_printer*), open it without blocking."""
    known = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;DES:EPSON TM-T20II;"
    attributes = {"pnp_string": known, "q_len": 10}
    _make(name, "printer", attributes, vendor, product, ("EPSON", "TM-T20II", serial))
    _printers[name] = next(number for number in count() if number not in _printers.values())
    return f"/dev/g_printer{_printers[name]}"


def plug(name: str, port: int) -> float:
    """Into the controller of that number (0 to 7), which holds one device: the time of day."""
    at_s = time.time()
    _write(GADGETS / name / "UDC", f"dummy_udc.{port}")
    return at_s


def unplug(name: str) -> None:
    _write(GADGETS / name / "UDC", "\n")


def remove(name: str) -> None:
    """Take a gadget apart for good."""
    gadget = GADGETS / name
    with suppress(OSError):
        unplug(name)
    for link in gadget.glob("configs/c.1/*.*"):
        link.unlink()
    for folder in ("configs/c.1", *(f"functions/{one.name}" for one in gadget.glob("functions/*"))):
        (gadget / folder).rmdir()
    (gadget / "strings/0x409").rmdir()
    gadget.rmdir()
    _printers.pop(name, None)


def type_reports(
    name: str,
    reports: str,
    *,
    stalled: Sequence[int] | None = None,
    unplug_after: int | None = None,
) -> dict[str, float]:
    """Send a keyboard's reports (hexadecimal), each as soon as the kernel has fetched the one before.

    ``stalled`` (process, from, to) keeps a process from running between two reports; ``unplug_after`` so many the
    keyboard is pulled out. Returns the seconds it took, and the longest that the kernel may have waited for a report.
    """
    data = bytes.fromhex(reports)
    all_of_them = [data[at : at + REPORT] for at in range(0, len(data), REPORT)][:unplug_after]
    process, first, last = stalled or (0, -1, -1)
    times = [time.monotonic()]
    device = os.open("/dev/" + _node(name), os.O_RDWR)
    try:
        for number, report in enumerate(
            [*all_of_them, bytes(REPORT)]
        ):  # the last: until the others are fetched
            if number == first:
                os.kill(process, signal.SIGSTOP)
            os.write(device, report)
            times.append(time.monotonic())
            if number == last:
                os.kill(process, signal.SIGCONT)
    finally:
        os.close(device)
        if stalled:
            os.kill(process, signal.SIGCONT)
    if unplug_after is not None:
        unplug(name)
    # A report is fetched somewhere between its own time and the next one's.
    pause_s = max((b - a for a, b in zip(times, times[2:], strict=False)), default=0.0)
    return {"seconds": times[-1] - times[0], "pause_s": pause_s}


def send_bytes(port: str, data: str, *, unplugging: str | None = None) -> None:
    """Bytes (latin-1) on a serial gadget's own end of the line; then it is pulled out, if so named."""
    device = os.open(port, os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(device)  # not to answer what nobody asked
        left = data.encode("latin-1")
        while left:
            left = left[os.write(device, left) :]
        if unplugging is not None:
            unplug(unplugging)
    finally:
        os.close(device)


def wait_for(path: str, there: bool = True) -> float:
    """Until udev has made (or taken away) a device's path: the time of day that was. Raises TimeoutError."""
    monitor = pyudev.Monitor.from_netlink(context())
    monitor.start()  # before looking, so that nothing falls between
    until_s = time.monotonic() + LIMIT_S
    while ((made_s := _made_s(path)) is not None) != there:
        ready, _, _ = select.select([monitor], [], [], max(0.0, until_s - time.monotonic()))
        if not ready:
            raise TimeoutError(path)
        monitor.poll(timeout=0)
    return time.time() if made_s is None else made_s


def _made_s(path: str) -> float | None:
    """When a name that leads somewhere was made; udev may take it away at any time, and make it anew."""
    try:
        os.stat(path)
        return os.lstat(path).st_ctime
    except FileNotFoundError:
        return None


def open_reports(path: str) -> int:
    """What a keyboard sends before any driver made keys of it, whoever has grabbed those: a descriptor."""
    wait_for(path)
    node = Path(os.path.realpath(path, strict=True)).name
    (raw,) = Path(f"/sys/class/input/{node}/device/device/hidraw").iterdir()
    return os.open(f"/dev/{raw.name}", os.O_RDONLY | os.O_NONBLOCK)


def await_report(descriptor: int) -> None:
    """Until the kernel has fetched one more. Raises TimeoutError."""
    ready, _, _ = select.select([descriptor], [], [], LIMIT_S)
    if not ready:
        raise TimeoutError("no report")
    os.read(descriptor, REPORT)


def close_reports(descriptor: int) -> None:
    os.close(descriptor)


def _make(
    name: str,
    function: str,
    attributes: dict[str, object],
    vendor: int,
    product: int,
    strings: tuple[str, str, str],
) -> None:
    gadget = GADGETS / name
    for folder in ("", "strings/0x409", "configs/c.1", f"functions/{function}.{name}"):
        (gadget / folder).mkdir()
    for file, number in (("idVendor", vendor), ("idProduct", product), ("bcdUSB", 0x0200)):
        _write(gadget / file, hex(number))
    for file, text in zip(("manufacturer", "product", "serialnumber"), strings, strict=True):
        _write(gadget / "strings/0x409" / file, text)
    for file, value in attributes.items():
        _write(_function(name) / file, value)
    (gadget / "configs/c.1" / _function(name).name).symlink_to(_function(name))


def _function(name: str) -> Path:
    (function,) = (GADGETS / name / "functions").iterdir()
    return function


def _node(name: str) -> str:
    """The device behind a keyboard: `hidg0`."""
    numbers = _function(name).joinpath("dev").read_text().strip()
    return (Path("/sys/dev/char") / numbers).resolve().name


def _write(file: Path, value: object) -> None:
    file.write_bytes(value if isinstance(value, bytes) else str(value).encode())
