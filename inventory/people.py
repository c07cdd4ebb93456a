"""People who work here and their PINs. Nothing they hand out points back to them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from secrets import token_urlsafe

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import badges, catalogue, sign_ins
from inventory.errors import AlreadyThere, ComptoirError, NotAllowed, NotOnTheLists
from inventory.messages import Message
from inventory.tables import Person
from inventory.words import PlaceKind, Role

SHORTEST_PIN = 4
LONGEST_PIN = 32
LONGEST_NAME = 60

YEARS = range(1920, 2040)
"""Four digits that read as a year are what people try first."""

PATTERNS = frozenset({"2580", "0852", "1379", "1397", "7913", "0007", "1004"})
"""Shapes on a keypad and favourites that no rule below finds."""

_hasher = PasswordHash((Argon2Hasher(),))


class NotAPin(ComptoirError):
    code = "not_a_pin"

    def __init__(self) -> None:
        super().__init__(Message("A PIN is at least %(digits)d digits.", digits=SHORTEST_PIN))


class WeakPin(ComptoirError):
    code = "weak_pin"

    def __init__(self) -> None:
        super().__init__(
            Message("This PIN is guessed first: no years, no repeats, no digits in a row.")
        )


class NotAName(ComptoirError):
    code = "not_a_name"

    def __init__(self) -> None:
        super().__init__(
            Message("A name has one to %(most)d visible characters.", most=LONGEST_NAME)
        )


class NobodyChosen(ComptoirError):
    code = "nobody_chosen"

    def __init__(self) -> None:
        super().__init__(Message("Nobody was chosen. Tick at least one name."))


def add_person(
    session: Session, *, name: str, role: Role, pin: str, place: str | None = None
) -> Person:
    """As `put_person`, hashing the PIN on the way: where nobody waits to write."""
    return put_person(session, name=name, role=role, hashed=hash_pin(pin), place=place)


def new_person(session: Session, *, name: str, role: Role, hashed: str, place: str) -> Person:
    """Somebody who was not there yet: on a page, a name typed twice must change nobody's PIN.

    `hashed` is from `hash_pin`, made before the transaction.
    """
    if find(session, name) is not None:
        raise AlreadyThere(Message("%(name)s is there already. Choose another name.", name=name))
    return put_person(session, name=name, role=role, hashed=hashed, place=place)


def put_person(
    session: Session, *, name: str, role: Role, hashed: str, place: str | None = None
) -> Person:
    """Somebody who may sign in. A name already there gets this role and this PIN, and is signed out everywhere.

    `hashed` is from `hash_pin`, made before the transaction.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise NotAName
    person = find(session, name)
    if person is None:
        person = Person(name=name, role=role, pin_hash=hashed)
        session.add(person)
        session.flush()
    else:
        set_role(session, person=person, role=role)
        set_pin(session, person=person, hashed=hashed)
    if place is not None:
        set_place(session, person=person, place=place)
    return person


def find(session: Session, name: str) -> Person | None:
    """Somebody by name, however capitals are typed. A team is small: the database's own idea of capitals (ASCII only
    on SQLite) is not worth an index."""
    wanted = " ".join(name.split()).casefold()
    return next((person for person in everybody(session) if person.name.casefold() == wanted), None)


def named(session: Session, name: str) -> Person:
    """Somebody by name. Raises NotOnTheLists."""
    person = find(session, name)
    if person is None:
        raise NotOnTheLists(Message("Person"), name)
    return person


def by_id(session: Session, person_id: int) -> Person:
    """Somebody by number. Raises NotOnTheLists."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotOnTheLists(Message("Person"), str(person_id))
    return person


def everybody(session: Session) -> Sequence[Person]:
    """By name."""
    return sorted(session.scalars(select(Person)), key=lambda person: person.name.casefold())


def check_pin(session: Session, *, name: str, pin: str) -> Person | None:
    """Whose name and PIN these are. An unknown name takes as long as a wrong PIN: the time betrays no name."""
    person = find(session, name)
    return person if is_pin(person, pin) else None


def is_pin(person: Person | None, pin: str) -> bool:
    """Whether this is somebody's PIN; for nobody it takes as long to say no."""
    right = _hasher.verify(pin[:LONGEST_PIN], person.pin_hash if person else _nobodys_hash())
    return right and person is not None


def hash_pin(pin: str) -> str:
    """What is kept of a PIN. Slow on purpose: outside a writing transaction. Raises NotAPin, WeakPin."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        raise NotAPin
    if is_weak(pin):
        raise WeakPin
    return _hasher.hash(pin)


def is_weak(pin: str) -> bool:
    """Whether digits are among those tried first: repeats, runs up or down, years, shapes on a keypad.

    >>> [pin for pin in ("1111", "1234", "9876", "2323", "123123", "1987", "2580", "4071") if not is_weak(pin)]
    ['4071']
    """
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return True
    repeated = any(
        len(pin) % size == 0 and pin == pin[:size] * (len(pin) // size)
        for size in range(1, len(pin) // 2 + 1)
    )
    return repeated or pin in PATTERNS or (len(pin) == 4 and int(pin) in YEARS)


def set_pin(session: Session, *, person: Person, hashed: str) -> None:
    """A new PIN (see `hash_pin`) signs somebody out everywhere."""
    person.pin_hash = hashed
    session.flush()
    sign_ins.close_all(session, person_id=person.id)


def set_role(session: Session, *, person: Person, role: Role) -> None:
    if role is not Role.ADMINISTRATOR:
        _keep_an_administrator(session, person)
    person.role = role
    session.flush()


def set_place(session: Session, *, person: Person, place: str) -> None:
    """Where somebody usually works; empty for nowhere in particular."""
    at = catalogue.place(session, place) if place else None
    if at is not None and not PlaceKind(at.kind).holds_stock:
        raise NotAllowed(Message("%(place)s is no place where somebody works.", place=place))
    person.place_id = at.id if at else None
    session.flush()


def remove(session: Session, *, person: Person) -> None:
    """Somebody who no longer works here: their badge and their sign-ins end with them."""
    _keep_an_administrator(session, person)
    badges.revoke(session, person_id=person.id)
    sign_ins.close_all(session, person_id=person.id)
    session.delete(person)
    session.flush()


def _keep_an_administrator(session: Session, person: Person) -> None:
    others = select(func.count()).where(Person.role == Role.ADMINISTRATOR, Person.id != person.id)
    if person.role == Role.ADMINISTRATOR and not session.scalar(others):
        raise NotAllowed(
            Message("%(name)s is the only administrator: name another one first.", name=person.name)
        )


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(token_urlsafe(16))
