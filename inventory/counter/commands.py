"""The command codes: what a sheet of barcodes can say to the counter.

The numbers are printed on sheets that hang on walls: a number is never given another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from inventory.counter.parts import MODE_NAMES
from inventory.counter.values import Command, Meaning, Returned
from inventory.messages import Message
from inventory.words import Mode

# Pieces per unit. Published conversions disagree (100 or 58 per litre); the French figures are taken, and every return
# stores the factor it was counted with.
PER_KILOGRAM = Fraction(10_000, 78)  # 7.8 g each
PER_LITRE = Fraction(58)
CONTAINERS = {
    "container-0.5l": (Message("Container 0.5 l"), PER_LITRE / 2),
    "bottle-1.5l": (Message("Bottle 1.5 l"), PER_LITRE * 3 / 2),
    "container-3l": (Message("Container 3 l"), PER_LITRE * 3),
}


@dataclass(frozen=True, slots=True)
class CommandCode:
    """`number` goes into the in-house code; `name` is English and stable; `says` is for people."""

    number: int
    name: str
    says: Message
    meaning: Meaning


def _all() -> list[CommandCode]:
    groups = (_session_commands, _numbers, _workshop, _returns, _contacts, _modes)
    return [code for group in groups for code in group()]


def _session_commands() -> list[CommandCode]:
    return [
        CommandCode(1, "next-person", Message("Next person"), Command("next-person")),
        CommandCode(2, "undo", Message("Undo the last one"), Command("undo")),
        CommandCode(3, "clear", Message("Clear the number"), Command("clear")),
        CommandCode(4, "passages-plus", Message("One passage more"), Command("passages", "+")),
        CommandCode(5, "passages-minus", Message("One passage less"), Command("passages", "-")),
        CommandCode(6, "afterwards", Message("Add afterwards"), Command("afterwards")),
        CommandCode(7, "look-up", Message("Look up the next code"), Command("expect", "look-up")),
        CommandCode(8, "correct-line", Message("Correct a line"), Command("expect", "correct")),
        CommandCode(
            9,
            "correct-channel",
            Message("Correct the shift's channel"),
            Command("expect", "channel"),
        ),
        CommandCode(10, "training", Message("Training on or off"), Command("training")),
        CommandCode(11, "close-shift", Message("Close the shift"), Command("close-shift")),
        CommandCode(12, "from-street", Message("Picked up in the street"), Command("street")),
        CommandCode(13, "lane-a", Message("Lane A"), Command("lane", "a")),
        CommandCode(14, "lane-b", Message("Lane B"), Command("lane", "b")),
        CommandCode(
            15,
            "brought-back",
            Message("Brought back unopened: the next article"),
            Command("expect", "brought-back"),
        ),
        CommandCode(16, "print-tally", Message("Print the tally"), Command("print", "tally")),
        CommandCode(
            17, "print-again", Message("Print again, as a copy"), Command("print", "again")
        ),
        CommandCode(18, "did-print-yes", Message("The paper came out"), Command("print", "yes")),
        CommandCode(
            19, "did-print-no", Message("No paper came out: print again"), Command("print", "no")
        ),
        CommandCode(20, "handover", Message("Handover"), Command("page", "handover")),
        CommandCode(21, "hide", Message("Hide the screen"), Command("page", "hide")),
        CommandCode(22, "help", Message("Help"), Command("page", "help")),
        CommandCode(23, "sound", Message("Sound on or off"), Command("page", "sound")),
    ]


def _numbers() -> list[CommandCode]:
    digits = [
        CommandCode(100 + d, f"digit-{d}", Message("%(digit)s", digit=d), Command("digit", str(d)))
        for d in range(10)
    ]
    point = CommandCode(110, "point", Message("Decimal point"), Command("digit", "."))
    times = [
        CommandCode(
            200 + n, f"times-{n}", Message("× %(number)s", number=n), Command("times", str(n))
        )
        for n in (*range(1, 11), 20, 50, 100, 200)
    ]
    return [*digits, point, *times]


def _workshop() -> list[CommandCode]:
    """What is said where kits are made; while the kits are counted, the first are for the count."""
    says = {
        301: ("kits-1", Message("One kit is ready")),
        305: ("kits-5", Message("Five kits are ready")),
        310: ("kits-10", Message("Ten kits are ready")),
        320: ("redo", Message("One kit is to be made again")),
        321: ("leave", Message("Leave the kits; come back later")),
        322: ("finish", Message("Finished: count the kits")),
        331: ("labels-1", Message("Print one label")),
        340: ("labels-10", Message("Print ten labels")),
        350: ("labels-20", Message("Print twenty labels")),
    }
    return [
        CommandCode(number, name, words, Command("workshop", name))
        for number, (name, words) in says.items()
    ]


def _returns() -> list[CommandCode]:
    kilograms, litres = str(PER_KILOGRAM), str(PER_LITRE)
    said = Message("Returned: the person says this many")
    codes = [
        CommandCode(500, "returned-declared", said, Returned("declared", "piece", "1")),
        CommandCode(
            501,
            "returned-estimated",
            Message("Returned: estimated"),
            Returned("estimated", "piece", "1"),
        ),
        CommandCode(
            502,
            "returned-kilograms",
            Message("Returned, in kilograms"),
            Returned("weight", "kg", kilograms),
        ),
        CommandCode(
            503, "returned-litres", Message("Returned, in litres"), Returned("volume", "l", litres)
        ),
    ]
    codes += [
        CommandCode(
            510 + n,
            f"returned-{name}",
            Message("Returned: %(container)s", container=words),
            Returned("container", name, str(factor)),
        )
        for n, (name, (words, factor)) in enumerate(CONTAINERS.items())
    ]
    return codes + [
        CommandCode(
            600 + n,
            f"returned-declared-{n}",
            Message("Returned: the person says %(number)s", number=n),
            Returned("declared", "piece", "1", measured=str(n)),
        )
        for n in (10, 20, 50, 100)
    ]


def _contacts() -> list[CommandCode]:
    kinds = {
        "reception": Message("Contact: reception"),
        "shower": Message("Contact: shower"),
        "laundry": Message("Contact: laundry"),
    }
    return [
        CommandCode(800 + n, f"contact-{kind}", says, Command("contact", kind))
        for n, (kind, says) in enumerate(kinds.items())
    ]


def _modes() -> list[CommandCode]:
    return [
        CommandCode(
            900 + n,
            f"mode-{mode}",
            Message("Mode: %(mode)s", mode=MODE_NAMES[mode]),
            Command("mode", mode),
        )
        for n, mode in enumerate(Mode)
    ]


COMMANDS: tuple[CommandCode, ...] = tuple(_all())
BY_NUMBER = {command.number: command for command in COMMANDS}
BY_NAME = {command.name: command for command in COMMANDS}
BY_MEANING = {command.meaning: command for command in COMMANDS}
