"""What the self-test of a scanner found, in words and as settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from devices.events import LostReason
from devices.plugged import Plugged
from devices.self_test import Found
from devices.serial_scanner import DEFAULT_BAUD
from inventory.messages import Message

KINDS = {
    "keys": Message("types as a keyboard"),
    "serial": Message("serial port"),
    "printer": Message("printer"),
}


@dataclass(frozen=True, slots=True)
class Lost:
    """That a scanner is lost: `word` is short, for the bar of the counter; `says` has what to do about it."""

    word: Message
    says: Message


_NOT_THERE = Lost(Message("Scanner unplugged"), Message("The scanner is not there: plug it in."))
TESTED = Lost(
    Message("Scanner being tested"), Message("Being tested: what it scans is not counted")
)
"""At the page of devices: the counter has it back within minutes."""
LOST: dict[LostReason | Literal["tested"], Lost] = {
    "absent": _NOT_THERE,
    "gone": _NOT_THERE,
    "busy": Lost(
        Message("Scanner busy"),
        Message(
            "Another program holds the scanner: end that program. The page of the station under “Devices” names it "
            "where it can."
        ),
    ),
    "forbidden": Lost(
        Message("Scanner access refused"),
        Message(
            "This account may not open the scanner: the page of the station under “Devices” has the rule that lets it."
        ),
    ),
    "shared": Lost(
        Message("Scanner not unique"),
        Message(
            "Two devices have the name of this scanner: list each by its by-path. The page of the station under "
            "“Devices” shows both."
        ),
    ),
    "unusable": Lost(
        Message("Scanner unusable"),
        Message(
            "This device cannot be read as a scanner: plug it in anew, or put another one on the list."
        ),
    ),
    "tested": TESTED,
}
NOT_READY = Lost(
    Message("Scanner not ready"),
    Message(
        "Not ready. The page of the station under “Devices” says what is plugged in, and what is in the way."
    ),
)
"""Its station has not said why: it tries for the first time, or is an older one."""

TRIED: dict[str, Message] = {
    "waiting": Message("Now scan the self-test code."),
    "other": Message(
        "That was not the self-test code, or the scanner types in a way that is not known here: "
        "set it to a US keyboard with a code of its booklet, and scan again."
    ),
    **{why: lost.says for why, lost in LOST.items()},
}


def said_of_test(state: str, baud: int | None) -> Message | None:
    """How a self-test goes, of a scanner whose port (if any) listens at this speed; None where nothing is told."""
    if state != "other" or baud is None:
        return TRIED.get(state)
    return Message(
        "That was not the self-test code, or it came at another speed: the port now has %(baud)s bits a second. Scan "
        "the code again. If no speed is right, set the scanner to %(usual)s 8N1 with a code of its booklet.",
        baud=baud,
        usual=DEFAULT_BAUD,
    )


@dataclass(frozen=True, slots=True)
class Advice:
    """One finding; where it is not `fine`, it says what to do, too."""

    fine: bool
    says: Message


_LAYOUTS = {
    "": Message("It sends characters: no keyboard layout can spoil them."),
    "us": Message("It types as a US keyboard."),
    "be": Message("It types as a Belgian keyboard."),
    "fr": Message("It types as a French keyboard."),
}
_SEPARATORS = {
    "kept": Message("The separator in GS1 codes arrives."),
    "ctrl": Message("The separator in GS1 codes arrives, as Ctrl and a key."),
    "lost": Message(
        "It drops the separator in GS1 codes: a lot is believed only if it is known. Look in its booklet for "
        "“GS1 separator”, “FNC1” or “control characters”, or set it to a serial port, and test again."
    ),
    "other": Message(
        "It sends something else for the separator in GS1 codes: a lot is believed only if it is known. Look in its "
        "booklet for “function keys” or “control characters”, or set it to a serial port, and test again."
    ),
}


def advice(found: Found) -> list[Advice]:
    """Everything that was found, what is wrong after what is right."""
    ends = found.suffix != "none"
    said = [
        Advice(True, _LAYOUTS[found.keymap]),
        Advice(found.separator in ("kept", "ctrl"), _SEPARATORS[found.separator]),
    ]
    if ends:
        said.append(Advice(True, Message("It ends each read with a key.")))
    else:
        says = Message("Nothing ends its reads but silence. Better: scan “Enter after each read”.")
        said.append(Advice(False, says))
    if found.caps:
        says = Message(
            "Caps Lock is on: it turns capitals and small letters about. Comptoir puts them right."
        )
        said.append(Advice(True, says))
    if found.baud not in (None, DEFAULT_BAUD):
        says = Message("Its port runs at %(baud)s bits a second.", baud=found.baud)
        said.append(Advice(True, says))
    if not found.identifier:
        says = Message(
            "It does not say which kind of code it read. Better: switch its AIM identifier on."
        )
        said.append(Advice(False, says))
    return sorted(said, key=lambda one: not one.fine)


def settings(found: Found) -> dict[str, Any]:
    """What to write on the station's list: see `ScannerSetting`."""
    return {
        "keymap": found.keymap,
        "caps": found.caps,
        "suffix": "none" if found.suffix == "none" else "key",
        "separator": "kept" if found.separator in ("kept", "ctrl") else "lost",
        "baud": found.baud or DEFAULT_BAUD,
    }


def troubles(one: Plugged) -> list[Message]:
    """What is in the way of using a device, in words."""
    programs = ", ".join(sorted({holder.program for holder in one.holders}))
    said = []
    if not one.allowed:
        said.append(
            Message(
                "This account may not open it: write this line into a file in /etc/udev/rules.d."
            )
        )
    if one.held and programs:
        said.append(Message("Held by %(programs)s.", programs=programs))
    elif one.held:
        said.append(Message("Held by another program."))
    if one.nameless:
        said.append(
            Message(
                "Another printer is just like it, and the kernel's driver usblp does not have it: unplug the other "
                "one, or load the driver."
            )
        )
    if one.shares_by_id:
        said.append(
            Message("Another one has the same name: this one goes by the port it is plugged into.")
        )
    return said
