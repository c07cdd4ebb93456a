"""What is plugged in, by what udev said of real devices; and the rules, as udev itself reads them."""

import os
import pty
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from devices.plugged import Known, Plugged, describe, look, rules

HONEYWELL = {
    "idVendor": "0c2e",
    "idProduct": "0b61",
    "manufacturer": "Honeywell Imaging & Mobility",
    "product": "Honeywell Imaging & Mobility 1900",
    "serial": "19235B4A2C",
}
NETUM = {"idVendor": "1eab", "idProduct": "8303", "product": "HIDKeyBoard"}  # no serial number
FTDI = {"idVendor": "0403", "idProduct": "6001", "product": "FT232R USB UART", "serial": "A50285BI"}
EPSON = {"idVendor": "04b8", "idProduct": "0e15", "manufacturer": "EPSON", "product": "TM-T20II"}
EPSON_SERIAL = EPSON | {"serial": "4B4C 4B/016"}

KEYS_ID = "/dev/input/by-id/usb-Honeywell_Imaging___Mobility_1900_19235B4A2C-event-kbd"
NETUM_ID = "/dev/input/by-id/usb-HIDKeyBoard-event-kbd"
PATH = "/dev/input/by-path/pci-0000:00:14.0-usb-0:{}:1.0-event-kbd"


def one(known: Known) -> Plugged:
    (found,) = describe([known])
    return found


def test_a_scanner_goes_by_its_by_id() -> None:
    links = (PATH.format(2), PATH.format(2).replace("usb-", "usbv2-"), KEYS_ID)
    found = one(Known("keys", "/dev/input/event7", links, HONEYWELL))
    assert (found.device, found.by_path) == (KEYS_ID, PATH.format(2))
    assert (found.vendor, found.product, found.serial) == ("0c2e", "0b61", "19235B4A2C")
    assert found.name == "Honeywell Imaging & Mobility 1900"
    assert not found.shares_by_id


def test_two_alike_go_by_their_paths() -> None:
    both = [
        Known("keys", f"/dev/input/event{n}", (NETUM_ID, PATH.format(n)), NETUM) for n in (1, 2)
    ]
    found = describe(both)
    assert [one.device for one in found] == [PATH.format(1), PATH.format(2)]
    assert all(one.shares_by_id for one in found)
    assert one(both[0]).device == NETUM_ID, "alone, it has its by-id to itself"


def test_a_port_and_a_printer() -> None:
    by_id = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
    assert one(Known("serial", "/dev/ttyUSB0", (by_id,), FTDI)).device == by_id
    printer = Known("printer", "/dev/usb/lp0", (), EPSON | {"serial": "4B4C4B016"})
    assert one(printer).device == "usb://04b8:0e15/4B4C4B016"
    assert one(printer).name == "EPSON TM-T20II"
    assert one(replace(printer, usb=EPSON)).device == "usb://04b8:0e15"
    assert one(replace(printer, usb=EPSON_SERIAL)).device == "usb://04b8:0e15"
    two = [replace(printer, node=f"/dev/usb/lp{n}", usb=EPSON) for n in (0, 1)]
    assert [one.device for one in describe(two)] == ["/dev/usb/lp0", "/dev/usb/lp1"]
    two[1] = replace(printer, node="/dev/bus/usb/001/004", usb=EPSON)
    assert [one.nameless for one in describe(two)] == [False, True]
    assert not one(two[1]).nameless, "alone, its numbers are a name"


def test_a_rule_is_of_one_device_and_never_of_the_group_of_all_keyboards() -> None:
    (keys,) = rules("keys", "0c2e", "0b61", "19235B4A2C")
    assert keys == (
        'SUBSYSTEM=="input", KERNEL=="event*", ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b61", '
        'ATTRS{serial}=="19235B4A2C", GROUP="comptoir-scanner", MODE="0660"'
    )
    (port,) = rules("serial", "0403", "6001")
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in port and "serial" not in port.lower()
    assert all('GROUP="comptoir-printer"' in line for line in rules("printer", "04b8", "0e15"))
    assert '"; GROUP' not in str(rules("keys", "1", "2", 'x"; GROUP="input'))


@pytest.mark.skipif(shutil.which("udevadm") is None, reason="udev is not installed")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may put a rule where udev looks")
def test_udev_reads_every_rule() -> None:
    file = Path("/run/udev/rules.d/60-comptoir-test.rules")
    lines = [
        line
        for kind in ("keys", "serial", "printer")
        for line in rules(kind, "0c2e", "0b61", "19235B4A2C")
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        file.write_text("\n".join([*lines, 'NONSENSE=="1"', ""]).replace("comptoir-", ""))
        run = ["udevadm", "test", "/sys/class/tty/ptmx"]
        said = subprocess.run(run, capture_output=True, text=True, check=False).stderr
    finally:
        file.unlink()
    complaints = [line for line in said.splitlines() if file.name in line and ":" in line]
    wrong = {line for line in complaints if "Reading rules file" not in line}
    assert {one for one in wrong if "group" not in one} == {
        one for one in wrong if "NONSENSE" in one
    }
    assert any("NONSENSE" in one for one in wrong), "udev must have looked"


class Device(SimpleNamespace):
    """As much of pyudev's as is asked for."""

    def find_parent(self, _subsystem: str, _type: str) -> Any:
        return self.usb


def device(node: str | None, usb: dict[str, str] | None, **other: Any) -> Device:
    raw = {key: value.encode() for key, value in (usb or {}).items()}
    parent = usb and Device(attributes=raw, device_node="/dev/bus/usb/001/004", device_links=())
    sys_name = (node or "").rpartition("/")[2]
    return Device(
        device_node=node,
        sys_name=sys_name,
        device_links=(),
        usb=parent,
        parent=parent,
        attributes=other,
    )


class Udev:
    """A machine: what is plugged in, by what is asked."""

    def __init__(self, **devices: list[Device]) -> None:
        self.devices = devices

    def list_devices(self, *, subsystem: str, **_: Any) -> list[Device]:
        return self.devices.get(subsystem, [])


def test_what_is_on_the_board_is_no_scanner() -> None:
    machine: Any = Udev(
        input=[
            device("/dev/input/event0", None),  # a PS/2 keyboard, a power button, a PC speaker
            device("/dev/input/mouse0", NETUM),
            device(None, NETUM),
            device("/dev/input/event5", NETUM),
        ],
        tty=[device("/dev/ttyS0", None), device("/dev/ttyACM0", FTDI)],
        usb=[
            device(None, EPSON, bInterfaceClass=b"07"),
            device(None, NETUM, bInterfaceClass=b"03"),
        ],
    )
    found = look(machine)
    assert [(one.kind, one.node) for one in found] == [
        ("keys", "/dev/input/event5"),
        ("serial", "/dev/ttyACM0"),
        ("printer", "/dev/bus/usb/001/004"),
    ]


def test_a_printer_that_is_unplugged_while_looking_is_passed_over() -> None:
    gone, going = (device(None, EPSON, bInterfaceClass=b"07") for _ in range(2))
    gone.parent, going.parent = None, Device(device_node=None)
    machine: Any = Udev(usb=[gone, going], tty=[device("/dev/ttyACM0", FTDI)])
    assert [one.node for one in look(machine)] == ["/dev/ttyACM0"]


def test_who_holds_it_is_told() -> None:
    master, slave = pty.openpty()
    node = os.ttyname(slave)
    (found,) = look(Udev(tty=[device(node, FTDI)]))
    assert found.held and found.allowed
    assert os.getpid() in [holder.pid for holder in found.holders]
    os.close(slave)
    (found,) = look(Udev(tty=[device(node, FTDI)]))
    assert not found.held and not found.holders
    os.close(master)
    (found,) = look(Udev(tty=[device(node, FTDI)]))
    assert not found.allowed and not found.held


def test_a_machine_without_udev_has_nothing_plugged_in() -> None:
    assert isinstance(look(), list)
