"""Two lanes: two workers serve two people at one screen. What is read next belongs to the current lane.

The session holds the current lane's part as its own; the other lane's is put aside as one value.
"""

from __future__ import annotations

from msgspec.structs import replace

from inventory.counter.parts import quiet_from
from inventory.counter.values import Lane, Line, Session

LANES = ("a", "b")


def to_lane(session: Session, lane: str) -> Session:
    """The session with `lane` as the current one, if one is said; a lane met for the first time has the same modes."""
    if lane in ("", session.lane):
        return session
    there = session.aside or _nobody_there(session)
    return replace(with_part(session, there), lane=lane, aside=part_of(session))


def part_of(session: Session) -> Lane:
    """What belongs to the current lane."""
    return Lane(**{name: getattr(session, name) for name in Lane.__struct_fields__})


def with_part(session: Session, lane: Lane) -> Session:
    """The session with another part as that of its current lane."""
    return replace(session, **{name: getattr(lane, name) for name in Lane.__struct_fields__})


def _nobody_there(lane: Lane) -> Lane:
    before = None if lane.before is None else _nobody_there(lane.before)
    return Lane(mode=lane.mode, mode_from_ms=lane.mode_from_ms, before=before)


def earlier(lane: Lane) -> tuple[Lane, ...]:
    """A lane as it was before each change of its mode, the latest first."""
    return () if lane.before is None else (lane.before, *earlier(lane.before))


def in_use(session: Session) -> tuple[Lane, ...]:
    """The part of each lane and of its earlier modes, the current one last."""
    aside = () if session.aside is None else (*earlier(session.aside), session.aside)
    return (*aside, *earlier(session), session)


def lines(session: Session) -> dict[str, tuple[Line, ...]]:
    """What the current person of each lane has."""
    aside = session.aside.lines if session.aside else ()
    return {lane: session.lines if lane == session.lane else aside for lane in LANES}


def quiet_at(session: Session) -> dict[str, int | None]:
    """When the silence in each lane has made what comes next there the next person's."""
    aside = quiet_from(session.aside) if session.aside else None
    return {lane: quiet_from(session) if lane == session.lane else aside for lane in LANES}
