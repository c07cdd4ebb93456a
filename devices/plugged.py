"""What is plugged into this machine that could be a scanner or a receipt printer, as udev knows it.

`describe` and `rules` are pure: from what udev says to what people and settings need. `look` asks udev, the file
system and /proc.
"""

import errno
import fcntl
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pyudev

from devices import udev
from devices.transport import USB_NODES

SCANNER_GROUP, PRINTER_GROUP = "comptoir-scanner", "comptoir-printer"
"""Never the group `input`: whoever is in it reads every keyboard."""

EVIOCGRAB = 0x40044590  # linux/input.h: _IOW('E', 0x90, int)
PRINTERS = "07"
"""bInterfaceClass of a printer."""

Kind = Literal["keys", "serial", "printer"]


@dataclass(frozen=True)
class Known:
    """What udev knows of one device: `usb` are the attributes of the USB device it is part of."""

    kind: Kind
    node: str
    links: tuple[str, ...] = ()
    usb: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Holder:
    """A process that has the device open."""

    pid: int
    program: str


@dataclass(frozen=True)
class Plugged:
    """A device that could be set up.

    `device` is what to write into the settings: a steady path, or the address of a printer. `held`: somebody reads it
    alone; who that is, `holders` tells as far as this account may see. `allowed`: this account may open it.
    """

    kind: Kind
    node: str
    device: str
    by_id: str
    by_path: str
    vendor: str
    product: str
    name: str
    serial: str
    shares_by_id: bool = False
    holders: tuple[Holder, ...] = ()
    held: bool = False
    allowed: bool = True
    rules: tuple[str, ...] = ()
    """What lets the station's account open it: lines for a file in /etc/udev/rules.d."""

    @property
    def nameless(self) -> bool:
        """Whether nothing names it for good: a printer without driver, another one just alike beside it."""
        return self.device.startswith(USB_NODES)


def describe(known: Sequence[Known]) -> list[Plugged]:
    """Each device with its steady path: by-id, but by-path where several have the same by-id."""
    by_ids = Counter(_link(one, "by-id") for one in known)
    alike = Counter((one.kind, _usb_id(one.usb), one.usb.get("serial")) for one in known)
    found = []
    for one in known:
        by_id, by_path = _link(one, "by-id"), _link(one, "by-path")
        shares = bool(by_id) and by_ids[by_id] > 1
        vendor, product = _usb_id(one.usb)
        serial = one.usb.get("serial", "")
        device = (by_path if shares else by_id) or by_path or one.node
        if one.kind == "printer" and alike[one.kind, (vendor, product), one.usb.get("serial")] == 1:
            device = f"usb://{vendor}:{product}" + (f"/{serial}" if _is_plain(serial) else "")
        maker, model = (one.usb.get(key, "").strip() for key in ("manufacturer", "product"))
        name = model if model.startswith(maker) else f"{maker} {model}"
        found.append(
            Plugged(
                kind=one.kind,
                node=one.node,
                device=device,
                by_id=by_id,
                by_path=by_path,
                vendor=vendor,
                product=product,
                name=name.strip() or f"{vendor}:{product}",
                serial=serial,
                shares_by_id=shares,
                rules=rules(one.kind, vendor, product, serial),
            )
        )
    return found


def rules(kind: Kind, vendor: str, product: str, serial: str = "") -> tuple[str, ...]:
    """The udev rules that give one device, and no other, to the station's group.

    A serial port is kept from ModemManager too, which would type at it. A printer has two: for the kernel's own driver,
    and for libusb.
    """
    usb = {"idVendor": vendor, "idProduct": product} | (
        {"serial": serial} if _is_plain(serial) else {}
    )
    above = ", ".join(f'ATTRS{{{key}}}=="{value}"' for key, value in usb.items())
    to_scanner = f'GROUP="{SCANNER_GROUP}", MODE="0660"'
    to_printer = f'GROUP="{PRINTER_GROUP}", MODE="0660"'
    match kind:
        case "keys":
            return (f'SUBSYSTEM=="input", KERNEL=="event*", {above}, {to_scanner}',)
        case "serial":
            ignored = 'ENV{ID_MM_DEVICE_IGNORE}="1"'
            return (f'SUBSYSTEM=="tty", {above}, {ignored}, {to_scanner}',)
        case "printer":
            itself = above.replace("ATTRS{", "ATTR{")
            return (
                f'SUBSYSTEM=="usbmisc", KERNEL=="lp*", {above}, {to_printer}',
                f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", {itself}, {to_printer}',
            )


def look(context: pyudev.Context | None = None) -> list[Plugged]:
    """What is plugged in now; nothing where there is no udev. Opens what is free for a moment, and types at nothing."""
    try:
        known = [*_known(context or udev.context())]
    except (ImportError, OSError):
        return []
    opened_by = _holders({one.node for one in known})
    return [
        replace(
            one,
            holders=tuple(opened_by.get(one.node, ())),
            # Two readers of a port steal each other's bytes; of keys, only a grab keeps others from hearing.
            held=_is_held(one) or (one.kind == "serial" and one.node in opened_by),
            allowed=os.access(one.node, os.R_OK | (0 if one.kind == "keys" else os.W_OK)),
        )
        for one in describe(known)
    ]


def _known(context: pyudev.Context) -> Iterator[Known]:
    for device in context.list_devices(subsystem="input", ID_INPUT_KEYBOARD="1"):
        if device.device_node and device.sys_name.startswith("event"):
            yield from _of_usb("keys", device)
    for device in context.list_devices(subsystem="tty"):
        if device.device_node:
            yield from _of_usb("serial", device)
    for part in context.list_devices(subsystem="usb", DEVTYPE="usb_interface"):
        if _attributes(part).get("bInterfaceClass") == PRINTERS:
            nodes = (*context.list_devices(subsystem="usbmisc", parent=part), part.parent)
            # Unplugged meanwhile, it has none of them.
            node = next((one for one in nodes if one is not None and one.device_node), None)
            if node is not None:
                yield from _of_usb("printer", part, node)


def _of_usb(kind: Kind, device: pyudev.Device, at: pyudev.Device | None = None) -> Iterator[Known]:
    """What hangs on USB; a power button, a PC speaker, a PS/2 keyboard and a port on the board do not."""
    parent = device.find_parent("usb", "usb_device")
    node = at or device
    if parent is not None and node.device_node:
        yield Known(kind, node.device_node, tuple(sorted(node.device_links)), _attributes(parent))


def _attributes(device: pyudev.Device) -> dict[str, str]:
    wanted = ("idVendor", "idProduct", "serial", "manufacturer", "product", "bInterfaceClass")
    found = {key: device.attributes.get(key) for key in wanted}
    return {key: raw.decode(errors="replace").strip() for key, raw in found.items() if raw}


def _link(known: Known, directory: str) -> str:
    """The steady name of a kind; of two spellings by USB version the plain one."""
    links = [link for link in known.links if f"/{directory}/" in link]
    return min(links, key=lambda link: ("usbv" in link, link), default="")


def _usb_id(usb: Mapping[str, str]) -> tuple[str, str]:
    return usb.get("idVendor", ""), usb.get("idProduct", "")


def _is_plain(serial: str) -> bool:
    """Whether a serial number can stand in a rule and an address as it is."""
    return serial != "" and all(char.isalnum() or char in "-_.:" for char in serial)


def _holders(nodes: Iterable[str]) -> dict[str, list[Holder]]:
    """Who has which node open, as far as this account may see."""
    wanted, found = set(nodes), dict[str, list[Holder]]()
    for process in Path("/proc").glob("[0-9]*"):
        for node in wanted & _opened(process):
            with suppress(OSError):
                program = (process / "comm").read_text().strip()
                found.setdefault(node, []).append(Holder(int(process.name), program))
    return found


def _opened(process: Path) -> set[str]:
    """What a process has open; nothing where it ended, or is somebody else's."""
    opened = set()
    with suppress(OSError):
        for link in (process / "fd").iterdir():
            with suppress(OSError):
                opened.add(os.readlink(link))
    return opened


def _is_held(one: Plugged) -> bool:
    """Whether somebody holds the device for themselves: then nobody else hears it."""
    if one.kind == "printer":
        return False
    try:
        descriptor = os.open(one.node, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        return error.errno == errno.EBUSY
    try:
        if one.kind == "keys":
            fcntl.ioctl(descriptor, EVIOCGRAB, 1)
            fcntl.ioctl(descriptor, EVIOCGRAB, 0)
        return False
    except OSError as error:
        return error.errno == errno.EBUSY
    finally:
        os.close(descriptor)
