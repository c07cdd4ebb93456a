"""GS1 element strings to be printed: judged before anything is drawn.

What stands on paper must be right by the GS1 General Specifications, since any scanner may read it; what is *read*
is judged more mildly, in `labels.elements`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from biip import ParseError

from labels import gs1_rules
from labels.elements import GS, identifier_of
from labels.errors import (
    EmptyCode,
    ImpossibleDate,
    NotBracketed,
    RepeatedIdentifier,
    UnknownIdentifier,
    WrongField,
)

_BRACKETED: Final = re.compile(r"(?:\([0-9]{2,4}\)[^()]*)+")
_FIELD: Final = re.compile(r"\(([0-9]{2,4})\)([^()]*)")
_COUNTS: Final = frozenset({"30", "37"})


@dataclass(frozen=True, slots=True)
class ElementString:
    """Fields in the order given: (application identifier, value). Whoever holds one holds a right one."""

    fields: tuple[tuple[str, str], ...]

    @property
    def bracketed(self) -> str:
        """As people write it: (01)05410036306703(10)ABC."""
        return "".join(f"({ai}){value}" for ai, value in self.fields)

    @property
    def data(self) -> str:
        """As a scanner sends it: GS for the FNC1 after each field of variable length but the last (section 7.8)."""
        *before, last = self.fields
        ended = (
            ai + value + (GS if identifier_of(ai).separator_required else "")
            for ai, value in before
        )
        return "".join(ended) + "".join(last)


def element_string(text: str) -> ElementString:
    """The fields of a bracketed text.

    Raises `EmptyCode`, `NotBracketed`, `UnknownIdentifier`, `RepeatedIdentifier`, `WrongField`, and what
    `gs1_rules.check` raises.

    >>> element_string("(01)05410036306703(10)ABC(17)260930").data
    '010541003630670310ABC\\x1d17260930'
    """
    if not text:
        raise EmptyCode
    if not _BRACKETED.fullmatch(text):
        raise NotBracketed
    fields: dict[str, str] = {}
    for ai, value in _FIELD.findall(text):
        if ai in fields:
            raise RepeatedIdentifier(ai)
        _check_format(ai, value)
        fields[ai] = value
    gs1_rules.check(fields)
    return ElementString(tuple(fields.items()))


def _check_format(ai: str, value: str) -> None:
    """By biip's table, whose traps are: identifiers found by their beginning, digits of any script, empty counts."""
    try:
        identifier = identifier_of(ai)
    except ParseError:
        raise UnknownIdentifier(ai) from None
    if identifier.ai != ai:
        raise UnknownIdentifier(ai)
    pattern = identifier.pattern.removesuffix("$")
    if not value or not re.fullmatch(pattern, ai + value, re.ASCII):
        if re.fullmatch("[0-9]{6}", value) and ai in gs1_rules.DATES:
            raise ImpossibleDate(ai, value)
        raise WrongField(ai, value, identifier.format.partition("+")[2])
    if ai in _COUNTS and int(value) < 1:
        raise WrongField(ai, value, identifier.format.partition("+")[2])
