"""Orders, the rules alone: how many pieces are suggested, and what may happen to an order when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inventory.errors import ComptoirError
from inventory.messages import Message, Names
from inventory.tables import SupplierItem


class Status(StrEnum):
    """Stored words: they never change."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    CONFIRMED = "confirmed"
    RECEIVED = "received"
    """In part at least."""
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What somebody does to an order."""

    CHANGE = "change"
    APPROVE = "approve"
    SEND = "send"
    CONFIRM = "confirm"
    RECEIVE = "receive"
    CLOSE = "close"
    REOPEN = "reopen"
    CANCEL = "cancel"


OPEN = (Status.DRAFT, Status.APPROVED)
"""Not sent yet: it can still be changed."""

COMING = (Status.SENT, Status.CONFIRMED, Status.RECEIVED)
"""The supplier owes what has not come."""

TRANSITIONS = {
    (Status.DRAFT, Action.CHANGE): Status.DRAFT,
    (Status.APPROVED, Action.CHANGE): Status.DRAFT,  # what was approved is not what it is now
    (Status.DRAFT, Action.APPROVE): Status.APPROVED,
    (Status.APPROVED, Action.SEND): Status.SENT,
    (Status.SENT, Action.CONFIRM): Status.CONFIRMED,
    (Status.CONFIRMED, Action.CONFIRM): Status.CONFIRMED,  # another day
    (Status.SENT, Action.RECEIVE): Status.RECEIVED,
    (Status.CONFIRMED, Action.RECEIVE): Status.RECEIVED,
    (Status.RECEIVED, Action.RECEIVE): Status.RECEIVED,
    (Status.RECEIVED, Action.CLOSE): Status.CLOSED,
    (Status.CLOSED, Action.REOPEN): Status.RECEIVED,
    (Status.DRAFT, Action.CANCEL): Status.CANCELLED,
    (Status.APPROVED, Action.CANCEL): Status.CANCELLED,
    (Status.SENT, Action.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Action.CANCEL): Status.CANCELLED,
}

STATUS = {
    Status.DRAFT: Message("being prepared"),
    Status.APPROVED: Message("approved"),
    Status.SENT: Message("sent"),
    Status.CONFIRMED: Message("confirmed"),
    Status.RECEIVED: Message("received in part"),
    Status.CLOSED: Message("completed"),
    Status.CANCELLED: Message("cancelled"),
}
DONE = {
    Action.CHANGE: Message("changed"),
    Action.APPROVE: Message("approved"),
    Action.SEND: Message("sent"),
    Action.CONFIRM: Message("confirmed"),
    Action.RECEIVE: Message("received"),
    Action.CLOSE: Message("completed"),
    Action.REOPEN: Message("opened again"),
    Action.CANCEL: Message("cancelled"),
}


class Condition(StrEnum):
    """How what came is, the worst word first. Stored words: they never change."""

    DAMAGED = "damaged"
    WRONG = "wrong"
    """Not ordered."""
    SOON = "soon"
    """It expires before it would be used."""
    GOOD = "good"

    @property
    def as_ordered(self) -> bool:
        """Whether the supplier owes so much less."""
        return self in (Condition.GOOD, Condition.SOON)


CONDITION = {
    Condition.DAMAGED: Message("damaged"),
    Condition.WRONG: Message("not ordered"),
    Condition.SOON: Message("expires too soon"),
    Condition.GOOD: Message("in good order"),
}


class WrongState(ComptoirError):
    """What is asked of an order comes too early or too late."""

    code = "wrong_state"

    def __init__(self, *, number: str, status: Status, action: Action) -> None:
        params = {"number": number, "status": STATUS[status], "action": DONE[action]}
        said = Message(
            "Order %(number)s is %(status)s: it cannot be %(action)s. "
            "Look at it again; somebody else may have been at it.",
            **params,
        )
        if (status, action) == (Status.DRAFT, Action.SEND):
            said = Message(
                "Order %(number)s is %(status)s: approve it first, then it can be %(action)s.",
                **params,
            )
        super().__init__(said)
        self.status, self.action = status, action


def after(status: Status, action: Action, *, number: str = "") -> Status:
    """What an order is once that is done to it. Raises WrongState."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise WrongState(number=number, status=status, action=action) from None


@dataclass(frozen=True, slots=True)
class Terms:
    """In which quantities a supplier sells an item: whole packs of `multiple` pieces, at least and at most so many in
    one order; None: any number."""

    multiple: int = 1
    minimum: int = 0
    quota: int | None = None

    @classmethod
    def of(cls, row: SupplierItem) -> Terms:
        return cls(row.multiple, row.minimum, row.quota)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Pieces: what would fill up, and what the quota leaves of it."""

    wanted: int = 0
    pieces: int = 0


def suggestion(needed: int, terms: Terms) -> Suggestion:
    """Whole packs, upwards, and no fewer than the supplier sells; of those as many as its quota allows.

    >>> suggestion(130, Terms(multiple=100, minimum=500, quota=1050)), suggestion(0, Terms(minimum=500))
    (Suggestion(wanted=500, pieces=500), Suggestion(wanted=0, pieces=0))
    >>> suggestion(1130, Terms(multiple=100, quota=1050))
    Suggestion(wanted=1200, pieces=1000)
    """
    if needed <= 0:
        return Suggestion()
    wanted = _packs_up(max(needed, terms.minimum), terms.multiple)
    if terms.quota is None or wanted <= terms.quota:
        return Suggestion(wanted, wanted)
    allowed = terms.quota // terms.multiple * terms.multiple
    return Suggestion(wanted, allowed if allowed >= terms.minimum else 0)


def told(item: Names, pieces: int, terms: Terms) -> list[Message]:
    """What a person who orders so many should know; the order is theirs all the same."""
    found = []
    if pieces % terms.multiple:
        up = _packs_up(pieces, terms.multiple)
        found.append(
            Message(
                "%(item)s comes in packs of %(multiple)d: %(pieces)d is no whole number of them, "
                "%(up)d would be.",
                item=item,
                multiple=terms.multiple,
                pieces=pieces,
                up=up,
            )
        )
    if 0 < pieces < terms.minimum:
        found.append(
            Message(
                "Of %(item)s the supplier sells at least %(minimum)d at a time.",
                item=item,
                minimum=terms.minimum,
            )
        )
    if terms.quota is not None and pieces > terms.quota:
        found.append(
            Message(
                "Of %(item)s an order may hold at most %(quota)d.", item=item, quota=terms.quota
            )
        )
    return found


def _packs_up(pieces: int, multiple: int) -> int:
    return -(-pieces // multiple) * multiple
