"""Changes of mode. What was read before one and comes in later is taken as it would have been at its own moment.

A change puts the lane aside as it is and begins another; a read made earlier is a step of the lane put aside. Its
number, its halves of pairs, its persons and its undo are then those of that time, and nothing else need know of it.
"""

from __future__ import annotations

from msgspec.structs import replace

from inventory.counter.lanes import earlier, part_of, with_part
from inventory.counter.parts import count, is_served, passage_at
from inventory.counter.values import Act, Lane, ReadAt, Session
from inventory.words import Mode

MOST_EARLIER = 6
"""How many changes are remembered: a round that loads, hands out, looks something up, and unloads at two places. What
is older than all of them is taken as the oldest; a session must not grow with the evening."""


def change(session: Session, read: ReadAt, mode: Mode, other: str | None = None) -> Session:
    """Begin a mode, or a load to or from another place. Whoever is being served is counted.

    Undo comes back to the lane put aside.
    """
    at_s, counted = read.at_s, None
    before = replace(part_of(session), number="", expect="", street=False)
    if is_served(session):
        counted = (passage_at(at_s), 1)
        session = count(session, *counted)
        before = replace(before, afterwards=True)  # what is still to come of this person
    act = Act(read.id, count=counted, mode=session.mode)
    lane = Lane(mode=mode, other=other, mode_from_s=at_s, before=before, acts=(act,))
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


def is_late(session: Session, at_s: int) -> bool:
    """Whether a read was made before the current lane's mode began."""
    return session.before is not None and at_s < session.mode_from_s


def as_it_was(session: Session) -> Session:
    """The session with its current lane as it was put aside."""
    return session if session.before is None else with_part(session, session.before)


def with_late(session: Session, then: Session) -> Session:
    """The session after a read of the lane put aside has made `then` of it."""
    return _bounded(replace(session, counters=then.counters, before=part_of(then)))


def without_question(session: Session, at_s: int) -> Session:
    """The session where what a read was asked for could not be done: the code after it means what it always means."""
    if session.training is not None and at_s < session.training_from_s:
        return replace(session, training=without_question(session.training, at_s))
    if is_late(session, at_s):
        return with_late(session, without_question(as_it_was(session), at_s))
    return replace(session, expect="", number="") if session.expect else session


def _bounded(session: Session) -> Session:
    """Forget the oldest change; whoever was served before it is counted."""
    parts = earlier(session)
    if len(parts) <= MOST_EARLIER:
        return session
    oldest = parts[-1]
    if is_served(oldest):
        session = count(session, passage_at(oldest.last_at_s), 1)
    kept = None
    for lane in reversed(parts[:-1]):
        kept = replace(lane, before=kept)
    return replace(session, before=kept)
