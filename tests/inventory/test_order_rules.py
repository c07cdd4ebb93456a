"""The rules of orders alone: suggestions against brute force, and every action in every state."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.messages import Names
from inventory.order_rules import (
    DONE,
    STATUS,
    TRANSITIONS,
    Action,
    Status,
    Suggestion,
    Terms,
    WrongState,
    after,
    suggestion,
    told,
)

terms = st.builds(Terms, st.integers(1, 12), st.integers(0, 40), st.none() | st.integers(1, 60))


def sold(pieces: int, terms: Terms) -> bool:
    """Whether the supplier sells so many at a time, its quota aside."""
    return pieces % terms.multiple == 0 and pieces >= terms.minimum


@given(st.integers(-50, 120), terms)
def test_a_suggestion_is_what_counting_finds(needed: int, terms: Terms) -> None:
    wanted = next(n for n in itertools.count(needed) if sold(n, terms)) if needed > 0 else 0
    allowed = [
        n for n in range(1, wanted + 1) if sold(n, terms) and (not terms.quota or n <= terms.quota)
    ]
    assert suggestion(needed, terms) == Suggestion(wanted, max(allowed, default=0))


@given(st.integers(-50, 120), terms)
def test_nobody_is_warned_of_a_suggestion(needed: int, terms: Terms) -> None:
    assert told(Names("a", "a", "a"), suggestion(needed, terms).pieces, terms) == []


@pytest.mark.parametrize(
    ("pieces", "warnings"),
    [(0, 0), (50, 0), (20, 1), (25, 2), (5, 2), (100, 0), (110, 1), (111, 2)],
)
def test_whoever_orders_otherwise_is_told(pieces: int, warnings: int) -> None:
    wanted = Terms(multiple=10, minimum=50, quota=100)
    assert len(told(Names("a", "a", "a"), pieces, wanted)) == warnings


ALLOWED = {
    Status.DRAFT: "change→draft approve→approved cancel→cancelled",
    Status.APPROVED: "change→draft send→sent cancel→cancelled",
    Status.SENT: "confirm→confirmed receive→received cancel→cancelled",
    Status.CONFIRMED: "confirm→confirmed receive→received cancel→cancelled",
    Status.RECEIVED: "receive→received close→closed",
    Status.CLOSED: "reopen→received",
    Status.CANCELLED: "",
}
"""The same as the table of transitions, written down a second time by hand."""


@pytest.mark.parametrize(("status", "action"), [*itertools.product(Status, Action)])
def test_every_action_in_every_state(status: Status, action: Action) -> None:
    allowed = dict(one.split("→") for one in ALLOWED[status].split())
    if action in allowed:
        assert after(status, action) == allowed[action]
        return
    with pytest.raises(WrongState) as refused:
        after(status, action, number="2026-014")
    error = refused.value
    assert (error.code, error.status, error.action) == ("wrong_state", status, action)
    for word in ("2026-014", str(STATUS[status]), str(DONE[action])):
        assert word in str(error.message)


def test_what_has_ended_is_opened_again_at_most_and_nothing_is_sent_without_approval() -> None:
    ended = {Status.CLOSED, Status.CANCELLED}
    assert {one for one in TRANSITIONS if one[0] in ended} == {(Status.CLOSED, Action.REOPEN)}
    assert [one for one in TRANSITIONS.items() if one[1] == Status.SENT] == [
        ((Status.APPROVED, Action.SEND), Status.SENT)
    ]
