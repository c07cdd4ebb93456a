"""Changes of mode. What was read before one and comes in later is taken as it would have been at its own moment.

A change puts the lane aside as it is and begins another; a read made earlier is a step of the lane put aside. Its
number, its halves of pairs, its persons and its undo are then those of that time, and nothing else need know of it.
Which of two came first is told in milliseconds, as the computers that read them tell it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from inventory.counter.lanes import earlier, part_of, with_part
from inventory.counter.parts import MOST_ACTS, MOST_LINES, count, is_served, passage_at
from inventory.counter.values import Act, Lane, ReadAt, Session
from inventory.words import Mode

MOST_EARLIER = 6
"""How many changes are remembered: a round that loads, hands out, looks something up, and unloads at two places. What
is older than all of them is taken as the oldest; a session must not grow with the evening."""

LEAST_KEPT = 4
"""How many acts and lines of each earlier mode are remembered, whatever was done since: enough to know that somebody
was served, so that who comes after them late is another person."""


def to_mode(session: Session, read: ReadAt, mode: Mode) -> Session:
    """Begin a mode. Read again before anything was done in it, its code changes nothing: a scanner held on it must not
    make the modes before it forgotten."""
    done = session.lines or any(act.mode is None for act in session.acts)
    if mode is session.mode and not done and session.other is None:
        return replace(session, number="", expect="", street=False)
    return change(session, read, mode)


def change(session: Session, read: ReadAt, mode: Mode, other: str | None = None) -> Session:
    """Begin a mode anew, or a load to or from another place. Whoever is being served is counted.

    Undo comes back to the lane put aside.
    """
    counted = None
    before = replace(part_of(session), number="", expect="", street=False)
    if is_served(session):
        counted = (passage_at(read.at_s), 1)
        session = count(session, *counted)
        before = replace(before, afterwards=True)  # what is still to come of this person
    act = Act(read.id, count=counted, mode=session.mode)
    lane = Lane(mode=mode, other=other, mode_from_ms=read.at_ms, before=before, acts=(act,))
    return _bounded(with_part(session, lane))


def back(session: Session, act: Act) -> Session:
    """Undo a change: whoever was being served still is, unless others came meanwhile."""
    before = session.before
    if before is None:
        return replace(session, acts=session.acts[:-1])
    if act.count and before.afterwards:
        key, _ = act.count
        session = count(session, key, -min(1, session.counters.get(key, 0)))
        before = replace(before, afterwards=False)
    return with_part(session, before)


def is_late(session: Session, at_ms: int) -> bool:
    """Whether a read was made before the current lane's mode began."""
    return session.before is not None and at_ms < session.mode_from_ms


def as_it_was(session: Session) -> Session:
    """The session with its current lane as it was put aside."""
    return session if session.before is None else with_part(session, session.before)


def with_late(session: Session, then: Session) -> Session:
    """The session after a read of the lane put aside has made `then` of it."""
    return _bounded(replace(session, counters=then.counters, before=part_of(then)))


def without_question(session: Session, at_s: int) -> Session:
    """The session where what a read was asked for could not be done: the code after it means what it always means.

    To the second: nobody changes the mode, is asked and answers within one.
    """
    at_ms = at_s * 1000 + 999
    if session.training is not None and at_ms < session.training_from_ms:
        return replace(session, training=without_question(session.training, at_s))
    if is_late(session, at_ms):
        return with_late(session, without_question(as_it_was(session), at_s))
    return replace(session, expect="", number="") if session.expect else session


def _bounded(session: Session) -> Session:
    """Forget the oldest change; whoever was served before it is counted. The others share the room of one lane."""
    parts = earlier(session)
    for oldest in parts[MOST_EARLIER:]:
        if is_served(oldest):
            session = count(session, passage_at(oldest.last_at_s), 1)
    kept = None
    for lane in reversed(_in_little_room(parts[:MOST_EARLIER])):
        kept = replace(lane, before=kept)
    return replace(session, before=kept)


def _in_little_room(parts: Sequence[Lane]) -> list[Lane]:
    """Earlier modes with what undo and late reads may still ask for, the latest first."""
    acts, lines, kept = MOST_ACTS, MOST_LINES, []
    for lane in parts:
        lane = replace(
            lane,
            acts=lane.acts[-max(acts, LEAST_KEPT) :],
            lines=lane.lines[-max(lines, LEAST_KEPT) :],
        )
        acts, lines = acts - len(lane.acts), lines - len(lane.lines)
        kept.append(lane)
    return kept
