"""Two lanes: two workers serve two people at one screen. What is read next belongs to the current lane.

The session holds the current lane's part as its own; the other lane's is put aside as one value.
"""

from __future__ import annotations

from msgspec.structs import replace

from inventory.counter.values import Lane, Line, Session

LANES = ("a", "b")

_OF_A_LANE = Lane.__struct_fields__


def to_lane(session: Session, lane: str) -> Session:
    """The session with `lane` as the current one; a lane met for the first time begins in the same mode."""
    if lane == session.lane:
        return session
    here = Lane(**{name: getattr(session, name) for name in _OF_A_LANE})
    there = session.aside or Lane(mode=session.mode)
    part = {name: getattr(there, name) for name in _OF_A_LANE}
    return replace(session, lane=lane, aside=here, **part)


def in_use(session: Session) -> tuple[Lane, ...]:
    """The part of each lane, the current one last."""
    return (session,) if session.aside is None else (session.aside, session)


def lines(session: Session) -> dict[str, tuple[Line, ...]]:
    """What the current person of each lane has."""
    aside = session.aside.lines if session.aside else ()
    return {lane: session.lines if lane == session.lane else aside for lane in LANES}
