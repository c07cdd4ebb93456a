"""One root, one class and one stable code per failure. HTTP and exit codes appear only in the outer ring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DontWrapMixin

from inventory.messages import Counted, Message, Names


class ComptoirError(Exception):
    """Something a person can act on: `code` never changes, `message` says what is wrong and what to do."""

    code = "error"

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NotOnTheLists(ComptoirError):
    code = "not_on_the_lists"

    def __init__(self, what: Message, value: str) -> None:
        super().__init__(Message("%(what)s “%(value)s” is on no list.", what=what, value=value))


class NotEnoughStock(ComptoirError):
    code = "not_enough_stock"

    def __init__(
        self, *, item: Names, place: str, wanted: int, there: int, on_hold: int = 0
    ) -> None:
        said: dict[str, Any] = {"item": item, "place": place, "wanted": wanted, "there": there}
        message = Message(
            "%(place)s holds %(there)d of %(item)s on the books, %(wanted)d are asked for. "
            "Nothing was moved: count the place or ask for less.",
            **said,
        )
        if on_hold > 0:
            message = Message(
                "%(place)s holds %(there)d of %(item)s on the books and %(on_hold)d on hold, "
                "%(wanted)d are asked for. Nothing was moved: ask for less, or release the lot.",
                on_hold=on_hold,
                **said,
            )
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A component there is too little of: pieces wanted, pieces that can be used."""

    item: str
    wanted: int
    there: int

    def __str__(self) -> str:
        return f"{self.item} {self.there}/{self.wanted}"


class ComponentsLacking(ComptoirError):
    """Every component that kits cannot be made for want of, at once."""

    code = "components_lacking"

    def __init__(self, *, place: str, lacking: list[Lacking]) -> None:
        super().__init__(
            Message(
                "%(place)s lacks components on the books, lots expired or on hold left out: "
                "%(lacking)s. "
                "Nothing was made.",
                place=place,
                lacking=", ".join(map(str, lacking)),
            )
        )
        self.lacking = lacking


class NotAllowed(ComptoirError):
    """A rule of the ledger says no."""

    code = "not_allowed"


class LotOnHold(NotAllowed):
    """Somebody named a lot on hold for a use that must wait."""


class AlreadyThere(ComptoirError):
    code = "already_there"


class NumbersUsedUp(DontWrapMixin, ComptoirError):
    """A lot needs a number, and hardly any is left of those a label can show."""

    code = "numbers_used_up"

    def __init__(self) -> None:
        super().__init__(Message("Nearly all numbers of lots are taken: no new lot can be made."))


class DatabaseNotEmpty(ComptoirError):
    code = "database_not_empty"


class NotABackup(ComptoirError):
    code = "not_a_backup"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a list handed over: `line` counts from 1, the header being line 1."""

    file: str
    line: int
    column: str
    value: str
    expected: Message


class FaultyLists(ComptoirError):
    """Every fault of every file, found before anything was written."""

    code = "faulty_lists"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(
            Counted(
                "%(count)d fault; nothing was imported.",
                "%(count)d faults; nothing was imported.",
                count=len(faults),
            )
        )
        self.faults = faults
