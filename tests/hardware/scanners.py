"""Scanners in somebody's hand: what they are set to, and what is done with them: scanned, stalled, unplugged, plugged.

Each is a USB device of the guest: a gadget that the guest plays itself, or one of QEMU's.
"""

from __future__ import annotations

import signal
import socket
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from random import Random
from threading import BoundedSemaphore

from evdev import ecodes as keys

from devices.hid_decoder import GAP_S
from devices.serial_scanner import GAP_S as SERIAL_GAP_S
from tests.devices.keys import Keyboard
from tests.hardware.guest import Guest

GADGETS = "tests.hardware.gadgets:"
HANDS = BoundedSemaphore(2)
"""Gadgets that type at once: the guest has one processor, which reads them too."""
PAUSE_S = 4 * SERIAL_GAP_S
BYTE_ENDS = ("\r", "\n", "\r\n", "\t")
KEY_ENDS = (keys.KEY_ENTER, keys.KEY_KPENTER, keys.KEY_TAB)
# Codes of the main block are the same in evdev and in scan code set 1, which QEMU wants; these are not.
OTHERS = {keys.KEY_RIGHTALT: 0xB8, keys.KEY_RIGHTCTRL: 0x9D, keys.KEY_KPENTER: 0x9C}

_ROWS = (  # keys in the order of their numbers in HID's table of usages, from 0x04 on
    "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z 1 2 3 4 5 6 7 8 9 0 ENTER ESC BACKSPACE TAB SPACE MINUS EQUAL "
    "LEFTBRACE RIGHTBRACE BACKSLASH BACKSLASH SEMICOLON APOSTROPHE GRAVE COMMA DOT SLASH CAPSLOCK "
    "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12"
)
USAGES = {getattr(keys, f"KEY_{name}"): 0x04 + n for n, name in enumerate(_ROWS.split())}
USAGES |= {keys.KEY_BACKSLASH: 0x31, keys.KEY_102ND: 0x64, keys.KEY_KPENTER: 0x58}
MODIFIERS = {
    keys.KEY_LEFTCTRL: 0x01,
    keys.KEY_LEFTSHIFT: 0x02,
    keys.KEY_LEFTALT: 0x04,
    keys.KEY_RIGHTCTRL: 0x10,
    keys.KEY_RIGHTSHIFT: 0x20,
    keys.KEY_RIGHTALT: 0x40,
}


def reports_of(layout: str, text: str, end: int | None) -> str:
    """The reports of a text in hexadecimal: a key and its modifiers at once, then nothing pressed, as scanners do."""
    strokes = [stroke for char in text for stroke in Keyboard(layout).strokes(char)]
    strokes += [(end,)] if end is not None else []
    pressed = (
        bytes([sum(MODIFIERS[one] for one in modifiers), 0, USAGES[key], 0, 0, 0, 0, 0])
        for *modifiers, key in strokes
    )
    return "".join(one.hex() + bytes(8).hex() for one in pressed)


def stall(guest: Guest, process: int, signal: signal.Signals) -> None:
    """Keep a process of the guest from running, or let it go on."""
    guest.call("tests.hardware.agent:kill", pid=process, signal=signal)


@dataclass
class Scanner(ABC):
    """One scanner, plugged in when it is made. ``suffix`` tells whether it ends its reads with a key or a sign;
    ``is_known``, whether that stands on its station's list, or is to be found out."""

    guest: Guest
    name: str
    port: int
    keymap: str = ""
    suffix: bool = True
    is_known: bool = True

    @property
    def listed_suffix(self) -> bool | None:
        """As on the list of its station."""
        return self.suffix if self.is_known else None

    @property
    @abstractmethod
    def device(self) -> str:
        """Its steady path in the guest."""

    @abstractmethod
    def scan(self, text: str, rng: Random) -> bool:
        """Send a text; False where the emulated scanner itself stumbled, so that it sent two halves."""

    @abstractmethod
    def scan_stalled(self, text: str, rng: Random, process: int) -> bool:
        """The same while a process in the guest is kept from running for part of it."""

    @abstractmethod
    def scan_unplugged(self, text: str, rng: Random) -> None:
        """Begin to send a text, and be pulled out."""

    @abstractmethod
    def plug(self) -> None: ...

    @abstractmethod
    def unplug(self) -> None: ...

    @abstractmethod
    def _take_away(self) -> None:
        """Unplug it, and forget that it ever was."""

    def take_away(self) -> None:
        """For good. A kernel that has not noticed takes what others plug into that port for this one, and resets it in
        vain for most of a minute."""
        self._take_away()
        self._wait_for(there=False)

    def plugged_back(self) -> tuple[float, float]:
        """Plug it in again: when that was, and when udev had made its path (times of day in the guest)."""
        self._wait_for(there=False)
        began_s = self.guest.call("time:time")
        self.plug()
        return began_s, self._wait_for(there=True)

    def _wait_for(self, there: bool) -> float:
        """Until udev has made its path, or taken it away: the time of day that was, in the guest."""
        at_s: float = self.guest.call(GADGETS + "wait_for", path=self.device, there=there)
        return at_s

    def _call(self, function: str, **arguments: object) -> dict[str, float]:
        answer: dict[str, float] = self.guest.call(GADGETS + function, **arguments)
        return answer


@dataclass
class GadgetKeyboard(Scanner):
    """A keyboard as quick as the kernel fetches its reports. All are alike, serial number and all. At most four."""

    keymap: str = "us"
    per_second: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._call("keyboard", name=self.name, serial="00000001")
        self.plug()

    @property
    def device(self) -> str:
        return f"/dev/input/by-path/platform-dummy_hcd.{self.port}-usb-0:1:1.0-event-kbd"

    def scan(self, text: str, rng: Random) -> bool:
        end = rng.choice(KEY_ENDS) if self.suffix else None
        sent = self._call(
            "type_reports", name=self.name, reports=reports_of(self.keymap, text, end)
        )
        self.per_second.append(len(text) / sent["seconds"])
        return self.suffix or sent["pause_s"] < GAP_S / 2

    def scan_key(self, code: int) -> None:
        """A key by itself."""
        self._type(reports_of(self.keymap, "", code))

    def scan_stalled(self, text: str, rng: Random, process: int) -> bool:
        reports = reports_of(self.keymap, text, rng.choice(KEY_ENDS) if self.suffix else None)
        count = len(reports) // 16
        first = rng.randrange(count)
        span = process, first, min(count - 1, first + rng.randint(20, 60))
        return self._as_one(self._type(reports, stalled=span))

    def scan_unplugged(self, text: str, rng: Random) -> None:
        reports = reports_of(self.keymap, text, keys.KEY_ENTER)
        count = len(reports) // 16
        after = rng.randrange(4, count - 3)  # its end is not among them
        self._type(reports, unplug_after=after)

    def plug(self) -> None:
        self.guest.call(GADGETS + "plug", name=self.name, port=self.port)

    def unplug(self) -> None:
        self.guest.call(GADGETS + "unplug", name=self.name)

    def _take_away(self) -> None:
        self.guest.call(GADGETS + "remove", name=self.name)

    def _type(self, reports: str, **how: object) -> dict[str, float]:
        with HANDS:
            return self._call("type_reports", name=self.name, reports=reports, **how)

    def _as_one(self, sent: dict[str, float]) -> bool:
        """Whether the keys came as from one scan: what nothing but silence ends, a pause of its own ends too."""
        return self.suffix or sent["pause_s"] < GAP_S


@dataclass
class QemuKeyboard(Scanner):
    """QEMU's own keyboard: slow, and not from the same hand as the gadgets."""

    keymap: str = "us"
    display: int = 0

    def __post_init__(self) -> None:
        self.plug()

    @property
    def device(self) -> str:
        return f"/dev/input/by-id/usb-QEMU_QEMU_USB_Keyboard_{self.name}-event-kbd"

    def scan(self, text: str, rng: Random) -> bool:
        self._type(text, rng.choice(KEY_ENDS))
        return True

    def scan_stalled(self, text: str, rng: Random, process: int) -> bool:
        stall(self.guest, process, signal.SIGSTOP)
        try:
            return self.scan(text, rng)
        finally:
            stall(self.guest, process, signal.SIGCONT)

    def scan_unplugged(self, text: str, rng: Random) -> None:
        self._type(text[: rng.randrange(2, len(text))], None)
        self.unplug()

    def plug(self) -> None:
        display = f"display{self.display}"
        self.guest.add(
            "usb-kbd", id=self.name, port=str(self.port), serial=self.name, display=display
        )

    def unplug(self) -> None:
        self.guest.remove(self.name)

    def _take_away(self) -> None:
        self.unplug()

    def _type(self, text: str, end: int | None) -> None:
        """Each key once the kernel has fetched the one before: QEMU's keyboard holds sixteen, and loses the others."""
        reports = self.guest.call(GADGETS + "open_reports", path=self.device)
        try:
            for event in Keyboard(self.keymap).types(text, 0, end):
                if event.type == keys.EV_KEY:
                    self._press(OTHERS.get(event.code, event.code), down=bool(event.value))
                    self.guest.call(GADGETS + "await_report", descriptor=reports)
        finally:
            self.guest.call(GADGETS + "close_reports", descriptor=reports)

    def _press(self, code: int, *, down: bool) -> None:
        key = {"down": down, "key": {"type": "number", "data": code}}
        events = [{"type": "key", "data": key}]
        self.guest.command("input-send-event", device=f"display{self.display}", events=events)


@dataclass
class Serial(Scanner):
    """Bytes on a line, at once."""

    def scan(self, text: str, rng: Random) -> bool:
        self._send(text + (rng.choice(BYTE_ENDS) if self.suffix else ""))
        return True

    def scan_stalled(self, text: str, rng: Random, process: int) -> bool:
        if self.suffix and rng.random() < 0.5:
            return self._scan_with_a_pause(text, rng.randrange(1, len(text)))
        stall(self.guest, process, signal.SIGSTOP)
        try:
            return self.scan(text, rng)
        finally:
            stall(self.guest, process, signal.SIGCONT)

    def _scan_with_a_pause(self, text: str, at: int) -> bool:
        """As where the line stumbles: silence in the middle."""
        self._send(text[:at])
        time.sleep(PAUSE_S)
        self._send(text[at:] + BYTE_ENDS[0])
        return True

    @abstractmethod
    def _send(self, data: str) -> None: ...


@dataclass
class GadgetSerial(Serial):
    """A CDC-ACM port."""

    def __post_init__(self) -> None:
        self._line = self.guest.call(GADGETS + "serial_port", name=self.name, serial=self.name)
        self.plug()

    @property
    def device(self) -> str:
        return f"/dev/serial/by-id/usb-Symbol_Symbol_Scanner_{self.name}-if00"

    def scan_unplugged(self, text: str, rng: Random) -> None:
        part = text[: rng.randrange(1, len(text))]
        self._call("send_bytes", port=self._line, data=part, unplugging=self.name)

    def plug(self) -> None:
        self.guest.call(GADGETS + "plug", name=self.name, port=self.port)

    def unplug(self) -> None:
        self.guest.call(GADGETS + "unplug", name=self.name)

    def _take_away(self) -> None:
        self.guest.call(GADGETS + "remove", name=self.name)

    def _send(self, data: str) -> None:
        self._call("send_bytes", port=self._line, data=data)


@dataclass
class Ftdi(Serial):
    """A converter of FTDI's, the one that QEMU makes."""

    def __post_init__(self) -> None:
        self._path = self.guest.serial(self.name, self.port)
        self.plug()

    @property
    def device(self) -> str:
        return f"/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_{self.name}-if00-port0"

    def scan_unplugged(self, text: str, rng: Random) -> None:
        self._send(text[: rng.randrange(1, len(text))])
        self.unplug()

    def plug(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(self._path))

    def unplug(self) -> None:
        self._socket.close()

    def _take_away(self) -> None:
        self.unplug()
        self.guest.remove(self.name)

    def _send(self, data: str) -> None:
        self._socket.sendall(data.encode("latin-1"))
