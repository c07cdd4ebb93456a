"""People who work here: their PINs and their open sign-ins. Nothing they hand out points back to them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import cache
from secrets import token_urlsafe

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.errors import ComptoirError
from inventory.messages import Message
from inventory.tables import Person, SignIn
from inventory.words import Role

SHORTEST_PIN = 4
LONGEST_PIN = 32
LONGEST_NAME = 60

SIGN_IN_LASTS = timedelta(hours=24)
RENEWED_BELOW = timedelta(hours=12)
"""A page in use signs nobody out in the middle of an evening: what is left is topped up when it falls below this."""

_hasher = PasswordHash((Argon2Hasher(),))


class NotAPin(ComptoirError):
    code = "not_a_pin"

    def __init__(self) -> None:
        super().__init__(Message("A PIN is at least %(digits)d digits.", digits=SHORTEST_PIN))


class NotAName(ComptoirError):
    code = "not_a_name"

    def __init__(self) -> None:
        super().__init__(
            Message("A name has one to %(most)d visible characters.", most=LONGEST_NAME)
        )


def add_person(session: Session, *, name: str, role: Role, pin: str) -> Person:
    """Somebody who may sign in. A name already there gets this role and this PIN, and is signed out everywhere."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise NotAName
    hashed = _hash(pin)
    person = find(session, name)
    if person is None:
        person = Person(name=name, role=role, pin_hash=hashed)
        session.add(person)
        session.flush()
        return person
    person.role, person.pin_hash = role, hashed
    sign_out_everywhere(session, person_id=person.id)
    return person


def find(session: Session, name: str) -> Person | None:
    """Somebody by name, however capitals are typed. A team is small: the database's own idea of capitals (ASCII only
    on SQLite) is not worth an index."""
    wanted = " ".join(name.split()).casefold()
    people = session.scalars(select(Person)).all()
    return next((person for person in people if person.name.casefold() == wanted), None)


def check_pin(session: Session, *, name: str, pin: str) -> Person | None:
    """Whose name and PIN these are. An unknown name takes as long as a wrong PIN: the time betrays no name."""
    person = find(session, name)
    right = _hasher.verify(pin[:LONGEST_PIN], person.pin_hash if person else _nobodys_hash())
    return person if right else None


def open_sign_in(session: Session, *, person_id: int, now: datetime) -> str:
    """A new secret for a cookie; only its SHA-256 is kept. Sign-ins that ran out are forgotten."""
    session.execute(delete(SignIn).where(SignIn.expires_at <= now))
    token = token_urlsafe(32)
    session.add(
        SignIn(hash=_token_hash(token), person_id=person_id, expires_at=now + SIGN_IN_LASTS)
    )
    session.flush()
    return token


def sign_in_of(session: Session, *, token: str, now: datetime) -> SignIn | None:
    """The open sign-in of a cookie."""
    sign_in = session.get(SignIn, _token_hash(token))
    return sign_in if sign_in is not None and sign_in.expires_at > now else None


def renew(session: Session, *, token: str, now: datetime) -> None:
    """Let an open sign-in last its full time again."""
    sign_in = sign_in_of(session, token=token, now=now)
    if sign_in is not None:
        sign_in.expires_at = now + SIGN_IN_LASTS


def sign_out(session: Session, *, token: str) -> None:
    session.execute(delete(SignIn).where(SignIn.hash == _token_hash(token)))


def sign_out_everywhere(session: Session, *, person_id: int) -> None:
    session.execute(delete(SignIn).where(SignIn.person_id == person_id))


def _hash(pin: str) -> str:
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        raise NotAPin
    return _hasher.hash(pin)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(token_urlsafe(16))


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
