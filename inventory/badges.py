"""Badges: what somebody shows to the scanner. A number drawn at random, kept only as a keyed hash.

A million numbers can be tried by whoever has the database and its key: the hash keeps a number out of sight, it does
not protect it. What does is that a badge alone opens little, and nothing where nobody signed in before (see
web.sign_in).
"""

from __future__ import annotations

import hmac
from secrets import randbelow

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.database import SECRET
from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.tables import Badge, Person, Setting

NUMBERS = 1_000_000
"""Six digits of an in-house code."""

TRIES = 100


class NoNumberFree(ComptoirError):
    code = "no_number_free"

    def __init__(self) -> None:
        super().__init__(Message("No number is free for a badge. Revoke badges nobody uses."))


def make(session: Session, *, person_id: int) -> int:
    """A new badge; the one before is no longer valid. The number is told once, to be printed."""
    revoke(session, person_id=person_id)
    for _ in range(TRIES):
        number = randbelow(NUMBERS)
        hash_ = _hash(session, number)
        if session.get(Badge, hash_) is None:
            session.add(Badge(hash=hash_, person_id=person_id))
            session.flush()
            return number
    raise NoNumberFree


def revoke(session: Session, *, person_id: int) -> None:
    """A lost badge opens nothing any more."""
    session.execute(delete(Badge).where(Badge.person_id == person_id))
    session.flush()


def whose(session: Session, number: int) -> Person | None:
    """Who holds the badge of this number, while it is valid."""
    badge = session.get(Badge, _hash(session, number))
    return badge.person if badge else None


def holders(session: Session) -> frozenset[int]:
    """Ids of those who have a valid badge."""
    return frozenset(session.scalars(select(Badge.person_id)))


def _hash(session: Session, number: int) -> bytes:
    key = bytes.fromhex(session.get_one(Setting, SECRET).value)
    return hmac.digest(key, b"badge %06d" % number, "sha256")
