"""An order at random: what people do to it in any order; and boxes good, damaged, sent back, of a note that was
imported or not, undone in any order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory import order_outcome, orders
from inventory.order_outcome import outcome
from inventory.order_rules import COMING, Action, Status, WrongState
from inventory.tables import Purchase
from tests import LONG

from .ordering import (
    LATER,
    NOW,
    announce,
    came,
    drafted,
    in_need,
    is_sound,
    put,
    quarantine,
    received,
    sold,
    supplier,
    undo,
)
from .workshop import Books, Workshop

IMPORTED = 50

EXAMPLES = 200 if LONG else 25


@dataclass(frozen=True)
class Box:
    pieces: int
    how: str
    note: str


@dataclass(frozen=True)
class Undo:
    """One of those that stand, counted from the first."""

    which: int


@dataclass
class Kept:
    """A box that stands: how much of it the imported note had announced."""

    number: UUID
    box: Box
    announced: int


boxes = st.builds(
    Box,
    st.sampled_from([1, 7, 30, 100_000]),
    st.sampled_from(["good", "good", "damaged", "refused"]),
    st.sampled_from(["", "BL-7", "BL-8"]),
)
acts = st.lists(st.one_of(boxes, boxes, st.builds(Undo, st.integers(0, 5))), max_size=6)


def in_store(standing: list[Kept]) -> int:
    """What the note put there, what it did not announce, less what was no good of what it did."""
    found = IMPORTED
    for one in standing:
        if one.box.how == "good":
            found += one.box.pieces - one.announced
        else:
            found -= one.announced
    return found


def total(standing: list[Kept], how: str) -> int:
    return sum(one.box.pieces for one in standing if one.box.how == how)


@settings(max_examples=EXAMPLES)
@given(acts=acts)
def test_whatever_comes_and_is_undone(workshop: Workshop, acts: list[Box | Undo]) -> None:
    with workshop.books() as books:
        quarantine(books)
        order = in_need(books)
        announce(books, "BL-7", "CUP", IMPORTED)
        standing: list[Kept] = []
        for act in acts:
            if isinstance(act, Undo):
                if standing:
                    undo(books, standing.pop(act.which % len(standing)).number)
            else:
                left = IMPORTED - sum(one.announced for one in standing)
                number, _ = came(
                    books,
                    order,
                    "CUP",
                    act.pieces,
                    note=act.note,
                    damaged=act.how == "damaged",
                    refused=act.how == "refused",
                )
                announced = 0 if act.note == "BL-8" else min(left, act.pieces)
                standing.append(Kept(number, act, announced))

            good = total(standing, "good")
            assert received(books, order) == {"CUP": good, "SER": 0}
            there = books.on_hand()
            assert there.get(("STORE", "CUP", "L"), 0) == in_store(standing)
            assert there.get(("Q", "CUP", "L"), 0) == total(standing, "damaged")
            assert order.status == ("received" if standing else "sent")
            owed = orders.on_order(books.session).get(books.item("CUP").id, 0)
            assert owed == max(0, 300 - good)
            (cup,) = (one for one in outcome(books.session, order=order) if one.item.code == "CUP")
            assert (cup.damaged, cup.refused) == tuple(
                total(standing, how) for how in ("damaged", "refused")
            )
        assert is_sound(books)


# The whole of it

STEPS: dict[Action, Callable[[Books, Purchase], Any]] = {
    Action.CHANGE: lambda books, order: put(books, order, "CUP", 300),
    Action.APPROVE: lambda books, order: orders.approve(books.session, order=order, now=NOW),
    Action.SEND: lambda books, order: orders.mark_sent(books.session, order=order, now=NOW),
    Action.CONFIRM: lambda books, order: orders.confirm(books.session, order=order, now=NOW),
    Action.RECEIVE: lambda books, order: came(books, order, "CUP", 70, now=LATER),
    Action.CLOSE: lambda books, order: order_outcome.close(books.session, order=order, now=LATER),
    Action.REOPEN: lambda books, order: order_outcome.reopen(books.session, order=order, now=LATER),
    Action.CANCEL: lambda books, order: orders.cancel(books.session, order=order, now=LATER),
}
"""What people do, all of it."""

UNDO = "undo"
"""The first booking that stands is taken back, whatever the order is by then."""

A_LIFE = list(Action)[:5]
"""Most at random would never leave the desk."""

steps = st.lists(st.sampled_from([*Action, Action.RECEIVE, UNDO, UNDO]), max_size=8)


@dataclass
class Life:
    """What an order should be, reckoned apart from it."""

    status: str = "draft"
    confirmed: bool = False
    came: int = 0

    def may(self, step: str) -> bool:
        return {
            Action.CHANGE: self.status in ("draft", "approved"),
            Action.APPROVE: self.status == "draft",
            Action.SEND: self.status == "approved",
            Action.CONFIRM: self.status in ("sent", "confirmed"),
            Action.RECEIVE: self.status in ("sent", "confirmed", "received"),
            Action.CLOSE: self.status == "received",
            Action.REOPEN: self.status == "closed",
            Action.CANCEL: self.status in ("draft", "approved", "sent", "confirmed"),
        }[Action(step)]

    def goes_on(self, step: str) -> None:
        self.status = {
            Action.CHANGE: "draft",
            Action.APPROVE: "approved",
            Action.SEND: "sent",
            Action.CONFIRM: "confirmed",
            Action.RECEIVE: "received",
            Action.CLOSE: "closed",
            Action.REOPEN: "received",
            Action.CANCEL: "cancelled",
        }[Action(step)]
        self.confirmed |= step == Action.CONFIRM
        self.came += step == Action.RECEIVE

    def is_undone(self) -> None:
        self.came -= 1
        if not self.came and self.status == "received":
            self.status = "confirmed" if self.confirmed else "sent"


@settings(max_examples=EXAMPLES)
@given(begins=st.integers(0, len(A_LIFE)), then=steps)
def test_whatever_people_do_to_it(workshop: Workshop, begins: int, then: list[str]) -> None:
    """What comes too early or too late changes nothing; owed is what did not come of what was sent."""
    with workshop.books() as books:
        by = supplier(books)
        sold(books, by, "CUP", 100, 300)
        order, life = drafted(books, by), Life()
        standing: list[UUID] = []
        for step in [*A_LIFE[:begins], *then]:
            if step == UNDO:
                if standing:
                    undo(books, standing.pop(0))
                    life.is_undone()
            elif life.may(step):
                done = STEPS[Action(step)](books, order)
                if step == Action.RECEIVE:
                    standing.append(done[0])
                life.goes_on(step)
            else:
                _is_refused(books, order, Action(step))
            assert (order.status, received(books, order)) == (life.status, {"CUP": 70 * life.came})
            assert (order.closed_on is not None) == (life.status in ("closed", "cancelled"))
            owed = max(0, 300 - 70 * life.came) if Status(life.status) in COMING else 0
            assert orders.on_order(books.session).get(books.item("CUP").id, 0) == owed
            assert books.on_hand().get(("STORE", "CUP", "L"), 0) == 70 * life.came
        assert is_sound(books)


def _is_refused(books: Books, order: Purchase, step: Action) -> None:
    try:
        with books.session.begin_nested():
            STEPS[step](books, order)
    except WrongState as refused:
        assert refused.action == step
    else:
        raise AssertionError(f"{step} was done to an order that is {order.status}")
