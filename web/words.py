"""The closed sets of words of `inventory.words`, as people read them."""

from __future__ import annotations

from inventory.counter.commands import CONTAINERS
from inventory.messages import Counted, Message
from inventory.words import Family, Role

SHELVES = {
    Message("Kits"): (Family.KIT,),
    Message("Injecting"): (Family.INJECTION, Family.RECOVERY),
    Message("Smoking"): (Family.INHALATION,),
    Message("Sniffing"): (Family.SNIFFING,),
    Message("Sexual health"): (Family.SEXUAL_HEALTH,),
    Message("Emergency, care"): (Family.EMERGENCY, Family.CARE),
    Message("Hygiene"): (Family.HYGIENE,),
    Message("Information"): (Family.INFORMATION,),
}
"""The counter's pictures: kits first, small families side by side."""

ROLES = {
    Role.COUNTER: Message("Counter"),
    Role.WORKSHOP: Message("Workshop"),
    Role.FIELD: Message("Field"),
    Role.LOGISTICS: Message("Logistics"),
    Role.ADMINISTRATOR: Message("Administrator"),
}

CONTACTS = {
    "reception": Message("Reception"),
    "shower": Message("Shower"),
    "laundry": Message("Laundry"),
}

RETURNED = {
    "declared": Message("as the person said"),
    "estimated": Message("estimated"),
    "weight": Message("by weight"),
    "volume": Message("by volume"),
}

_SHORT_UNITS = {"kg": "kg", "l": "l"}


def returned(method: str, unit: str) -> Message:
    """How used material was measured."""
    if method == "container" and unit in CONTAINERS:
        return CONTAINERS[unit][0]
    return RETURNED.get(method, Message("otherwise"))


def unit(name: str) -> str | Message:
    """What used material was measured in; `kg` and `l` are written so in every language."""
    if name in CONTAINERS:
        return CONTAINERS[name][0]
    return Counted("piece", "pieces", count=1) if name == "piece" else name


def with_unit(number: str, unit: str) -> str:
    """A measure as it is written; pieces bear no unit, containers are so many times one."""
    if unit in CONTAINERS:
        return f"{number} ×"
    return f"{number} {_SHORT_UNITS[unit]}" if unit in _SHORT_UNITS else ""
