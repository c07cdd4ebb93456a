"""A plain HTML form: what somebody filled in, and what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID, uuid4

from inventory.lists.fields import Unfit
from inventory.messages import Message

T = TypeVar("T")

NUMBER = "number"
"""The hidden field with the id that the form was given when it was made."""

MISSING = Message("Something is needed here.")


@dataclass(slots=True)
class Form:
    """`values` is what was typed, shown again as it was; `faults` what is wrong, by field ("" for the whole)."""

    values: Mapping[str, str]
    faults: dict[str, Message] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        return not self.faults

    @property
    def number(self) -> UUID:
        """The form's own id; a new one where it came without."""
        try:
            return UUID(self.values.get(NUMBER, ""), version=4)
        except ValueError:
            return uuid4()

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def get(self, name: str, parse: Callable[[str], T]) -> T | None:
        """A field that must be filled in."""
        if not self[name]:
            self.fault(name, MISSING)
            return None
        return self.optional(name, parse)

    def optional(self, name: str, parse: Callable[[str], T]) -> T | None:
        """A field that may stay empty."""
        if not self[name]:
            return None
        try:
            return parse(self[name])
        except Unfit as unfit:
            self.fault(name, Message("Expected: %(expected)s.", expected=unfit.expected))
            return None

    def fault(self, name: str, message: Message) -> None:
        self.faults.setdefault(name, message)

    def content(self, *apart: str) -> str:
        """What it says, as one text: the same for the same. Without its own id and what goes with every form."""
        leave = {NUMBER, *apart}
        return "\n".join(
            f"{name}={value.strip()}"
            for name, value in sorted(self.values.items())
            if name not in leave
        )
