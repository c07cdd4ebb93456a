"""Devices on USB that pyusb sees in place of libusb's: descriptors, the kernel's driver, unplugging, and a printer
behind one of them."""

from __future__ import annotations

import errno
import queue
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from usb.backend import IBackend
from usb.core import USBError, USBTimeoutError

from tests.devices.escpos_printer import PaperPrinter

BULK = 2
INTERRUPT = 3


def error(number: int) -> USBError:
    return USBError("as libusb says it", -1, number)


@dataclass(frozen=True)
class Face:
    """An interface in one of its settings: class, protocol, and its endpoints with their type."""

    number: int = 0
    setting: int = 0
    class_: int = 7
    protocol: int = 2
    endpoints: tuple[tuple[int, int], ...] = ((0x02, BULK), (0x81, BULK))


@dataclass
class Plugged:
    """A device; `driver`: the kernel's driver has it; `drivable`: the kernel knows one; `held`: somebody else claimed
    it."""

    paper: PaperPrinter = field(default_factory=PaperPrinter)
    vendor: int = 0x04B8
    product: int = 0x0E15
    serial: str = "J4QX001"
    faces: tuple[Face, ...] = (Face(),)
    driver: bool = True
    drivable: bool = True
    held: bool = False
    forbidden: bool = False
    gone: bool = False
    packet: int = 64
    takes: int = 1_000_000
    """Bytes it takes at most before its buffer is full."""
    heard: queue.Queue[bytes] = field(default_factory=queue.Queue)
    setting: int = 0
    said: list[str] = field(default_factory=list)
    """What was done to it, in order."""

    def __post_init__(self) -> None:
        self.paper._peer = SimpleNamespace(sendall=self.heard.put)  # type: ignore[assignment]

    def unplug(self) -> None:
        self.gone = True
        self.heard.put(b"")  # whoever waits for an answer wakes


class Bus(IBackend):  # type: ignore[misc]
    """What pyusb asks of a backend, for printers."""

    def __init__(self, *plugged: Plugged) -> None:
        self.plugged = list(plugged)

    def enumerate_devices(self) -> Iterable[Plugged]:
        return [one for one in self.plugged if not one.gone]

    def get_device_descriptor(self, one: Plugged) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=64, idVendor=one.vendor, idProduct=one.product,
            bcdDevice=0x100, iManufacturer=1, iProduct=2, iSerialNumber=3, bNumConfigurations=1,
            address=self.plugged.index(one), bus=1, port_number=1, port_numbers=(1,), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, one: Plugged, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=0, bNumInterfaces=len({f.number for f in one.faces}),
            bConfigurationValue=1, iConfiguration=0, bmAttributes=0x80, bMaxPower=50, extra_descriptors=[],
        )  # fmt: skip

    def _face(self, one: Plugged, number: int, setting: int) -> Face:
        found = [f for f in one.faces if (f.number, f.setting) == (number, setting)]
        if not found:
            raise IndexError
        return found[0]

    def get_interface_descriptor(self, one: Plugged, number: int, setting: int, config: int) -> Any:
        face = self._face(one, number, setting)
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=number, bAlternateSetting=setting,
            bNumEndpoints=len(face.endpoints), bInterfaceClass=face.class_, bInterfaceSubClass=1,
            bInterfaceProtocol=face.protocol, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(
        self, one: Plugged, endpoint: int, number: int, setting: int, config: int
    ) -> Any:
        address, kind = self._face(one, number, setting).endpoints[endpoint]
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=address, bmAttributes=kind, bInterval=0,
            wMaxPacketSize=one.packet, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, one: Plugged) -> Plugged:
        if one.forbidden:
            raise error(errno.EACCES)
        return self._here(one)

    def close_device(self, one: Plugged) -> None:
        one.said.append("closed")

    def get_configuration(self, one: Plugged) -> int:
        return 1

    def set_interface_altsetting(self, one: Plugged, number: int, setting: int) -> None:
        one.setting = setting

    def is_kernel_driver_active(self, one: Plugged, number: int) -> bool:
        return one.driver

    def detach_kernel_driver(self, one: Plugged, number: int) -> None:
        self._here(one).driver = False
        one.said.append("detached")

    def attach_kernel_driver(self, one: Plugged, number: int) -> None:
        if not self._here(one).drivable:
            raise error(errno.ENODATA)
        if one.held:
            raise error(errno.EBUSY)
        one.driver = True
        one.said.append("attached")

    def claim_interface(self, one: Plugged, number: int) -> None:
        if one.held or one.driver:
            raise error(errno.EBUSY)
        one.said.append(f"claimed {number}")

    def release_interface(self, one: Plugged, number: int) -> None:
        one.said.append("released")

    def bulk_write(
        self, one: Plugged, endpoint: int, number: int, data: array[int], timeout: int
    ) -> int:
        face = self._face(one, number, one.setting)
        assert (endpoint, BULK) in face.endpoints and endpoint < 0x80 and timeout > 0
        if not one.takes:
            raise USBTimeoutError("full", -7, errno.ETIMEDOUT)
        taken = bytes(data)[: one.takes]
        one.takes -= len(taken)
        with one.paper._lock:
            one.paper._take(taken)
        self._here(one)
        return len(taken)

    def bulk_read(
        self, one: Plugged, endpoint: int, number: int, buffer: array[int], timeout: int
    ) -> int:
        assert (endpoint, BULK) in self._face(one, number, one.setting).endpoints
        assert endpoint >= 0x80 and timeout > 0
        try:
            came = one.heard.get(timeout=timeout / 1000)
        except queue.Empty:
            raise USBTimeoutError("nothing", -7, errno.ETIMEDOUT) from None
        self._here(one)
        buffer[: len(came)] = array("B", came)
        return len(came)

    def ctrl_transfer(
        self,
        one: Plugged,
        kind: int,
        request: int,
        value: int,
        index: int,
        data: array[int],
        timeout: int,
    ) -> int:
        text = {0: b"\x09\x04", 3: one.serial.encode("utf-16-le")}[value & 0xFF]
        came = bytes([len(text) + 2, 3]) + text
        data[: len(came)] = array("B", came)
        return len(came)

    def _here(self, one: Plugged) -> Plugged:
        if one.gone:
            raise error(errno.ENODEV)
        return one
