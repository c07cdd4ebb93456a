"""Boxes of an order at random: good, damaged, sent back, of a note that was imported or not, undone in any order."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from inventory import orders
from inventory.order_outcome import outcome

from .ordering import announce, came, in_need, is_sound, quarantine, received, undo
from .workshop import Workshop

IMPORTED = 50


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
