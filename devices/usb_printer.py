"""A receipt printer on USB, by libusb: no driver of the kernel is needed, and the printer's answers come back.

The interface of the printing class (7) and its endpoints are read from the descriptors. The kernel's own driver, where
it holds the printer (`/dev/usb/lp0`), is sent away at the first job or look, and called back by `give_back`: after each
look, `/dev/usb/lp0` would come and go all day.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import usb.control
import usb.core
import usb.util
from usb.backend import libusb1
from usb.core import USBError, USBTimeoutError

from devices.errors import PrinterAlike, PrinterError, PrinterLibrary
from devices.failures import POLL_S, left, opening, sending

if TYPE_CHECKING:
    from usb.core import Device, Endpoint, Interface

_PRINTERS: Final = 7
_PLAINEST: Final = {2: 0, 1: 1}
"""Protocols of the class: two-way, one-way; what else there is wraps the bytes."""
_CHUNK: Final = 16_384
_STRING: Final = 3
"""The type of descriptor that holds a text."""


@dataclass(frozen=True)
class UsbTransport:
    """A printer by its vendor and product; by its serial number too where two are alike."""

    url: str
    vendor: int
    product: int
    serial: str = ""

    def send(self, data: bytes, timeout_s: float) -> None:
        """Send the job; the printer has taken every byte when this returns. Raises PrinterError."""
        with usb_way(self) as way:
            way.send(data, timeout_s)


@dataclass
class UsbWay:
    """The open way to a printer, and back where it has one."""

    url: str
    forth: Endpoint
    back: Endpoint | None

    @property
    def two_way(self) -> bool:
        """Whether it can answer at all."""
        return self.back is not None

    def send(self, data: bytes, timeout_s: float) -> None:
        """All of it. Raises PrinterTimeout, PrinterReset."""
        until_s = time.monotonic() + timeout_s
        view = memoryview(data)
        with sending(self.url):
            while view:
                view = view[self.write(view, left(until_s)) :]

    def write(self, data: memoryview, timeout_s: float) -> int:
        """How many bytes it took; 0, where none in time. Raises PrinterReset."""
        with sending(self.url), suppress(USBTimeoutError):
            return int(self.forth.write(bytes(data[:_CHUNK]), _ms(timeout_s)))
        return 0

    def queued(self) -> int:
        """Nothing: what is taken, the printer has."""
        return 0

    def receive(self, timeout_s: float) -> bytes:
        """What came; nothing, where nothing did in time. Raises PrinterReset."""
        assert self.back is not None, "nobody listens to one that cannot speak"
        with sending(self.url), suppress(USBTimeoutError):
            came = bytes(self.back.read(self.back.wMaxPacketSize, _ms(timeout_s)))
            if not came:
                time.sleep(POLL_S)  # an empty packet, which some printers send all the time
            return came
        return b""


@contextmanager
def usb_way(transport: UsbTransport) -> Iterator[UsbWay]:
    """The way to the printer, ours alone. Raises PrinterUnreachable, PrinterRefused."""
    with ExitStack() as held:
        with opening(transport.url):
            device = _device(transport)
            interface = _interface(device)
            held.enter_context(_held(device, interface))
            forth = _endpoint(interface, usb.util.ENDPOINT_OUT)
            back = _endpoint(interface, usb.util.ENDPOINT_IN)
        assert forth is not None, "an interface without was not chosen"
        yield UsbWay(transport.url, forth, back)


@contextmanager
def _held(device: Device, interface: Interface) -> Iterator[None]:
    """The interface is ours, and nobody's afterwards."""
    number = interface.bInterfaceNumber
    try:
        if device.is_kernel_driver_active(number):
            device.detach_kernel_driver(number)
        usb.util.claim_interface(device, number)
        if interface.bAlternateSetting:
            interface.set_altsetting()
        yield
    finally:
        with suppress(USBError):  # it may be gone
            usb.util.release_interface(device, number)
        usb.util.dispose_resources(device)


def give_back(transport: UsbTransport) -> None:
    """The kernel's own driver has the printer again, if it has one for it; also where a process that was killed had
    sent it away, and where another one like it was plugged in since. Nothing where somebody else holds it."""
    with suppress(OSError, PrinterError):  # no libusb, no leave to ask for serial numbers
        for device in _alike(transport):
            with suppress(OSError, ValueError):  # no driver for it, or in use
                device.attach_kernel_driver(_interface(device).bInterfaceNumber)
            usb.util.dispose_resources(device)


def _device(transport: UsbTransport) -> Device:
    """The one that is meant. Raises OSError, PrinterAlike, PrinterLibrary."""
    alike = _alike(transport)
    if not alike:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
    if len(alike) > 1:
        raise PrinterAlike(transport.url)
    return alike[0]


def _alike(transport: UsbTransport) -> list[Device]:
    """All that could be meant. Raises OSError, PrinterLibrary."""
    backend = libusb1.get_backend()
    if backend is None:
        raise PrinterLibrary(transport.url)
    named = {"idVendor": transport.vendor, "idProduct": transport.product}
    alike = list(usb.core.find(find_all=True, backend=backend, **named))
    return _with_serial(alike, transport.serial) if transport.serial else alike


def _with_serial(alike: list[Device], serial: str) -> list[Device]:
    """Those with this serial number. One that may not be asked matters only where no other is the one."""
    found, unasked = [], None
    for device in alike:
        try:
            usb.control.get_descriptor(device, 255, _STRING, 0)  # else pyusb hides why it cannot
            if usb.util.get_string(device, device.iSerialNumber) == serial:
                found.append(device)
        except OSError as error:
            unasked = error
        finally:
            usb.util.dispose_resources(device)
    if not found and unasked is not None:
        raise unasked
    return found


def _interface(device: Device) -> Interface:
    """The one that takes plain bytes, and answers where any does. Raises ValueError where none prints."""
    prints = [
        one
        for one in device.get_active_configuration()
        if one.bInterfaceClass == _PRINTERS and _endpoint(one, usb.util.ENDPOINT_OUT) is not None
    ]
    if not prints:
        raise ValueError("this device is no printer")
    return min(prints, key=lambda one: _PLAINEST.get(one.bInterfaceProtocol, len(_PLAINEST)))


def _endpoint(interface: Interface, direction: int) -> Endpoint | None:
    """Its bulk endpoint in this direction."""
    for one in interface:
        bulk = usb.util.endpoint_type(one.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
        if bulk and usb.util.endpoint_direction(one.bEndpointAddress) == direction:
            return one
    return None


def _ms(seconds: float) -> int:
    """Milliseconds; never 0, which waits for ever."""
    return max(1, round(seconds * 1000))
