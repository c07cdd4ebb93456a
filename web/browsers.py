"""Browsers: what to call one in a list, and which names have signed in with it before.

The cookie `browser` holds a random number and, for each person who gave their PIN in it, a mark that only this service
can make. Nothing of it is stored here; a new PIN, or somebody's removal, makes their marks worthless.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from secrets import token_hex

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inventory import people
from inventory.database import SECRET
from inventory.tables import Person, Setting
from web import access

COOKIE = "browser"
LASTS_S = 400 * 24 * 3600
"""As long as browsers keep any cookie."""

MOST_MARKS = 24

# The first that is found; others claim to be Chrome or Safari too.
_NAMES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def words(user_agent: str) -> str:
    """What people call a browser and its machine; "?" for one that says nothing known.

    >>> words("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
    'Firefox, Linux'
    """
    found = [
        next((name for sign, name in of if sign in user_agent), "") for of in (_NAMES, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or "?"


def device() -> str:
    """The browser of this request, in words."""
    return words(request.headers.get("User-Agent", ""))


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request's cookie says: its number, and the marks of those who signed in with it."""

    number: str
    marks: tuple[str, ...]

    def knows(self, session: Session, person: Person) -> bool:
        """Whether this person gave their PIN in this browser before."""
        mark = _mark(session, self.number, person)
        return any(hmac.compare_digest(mark, kept) for kept in self.marks)

    def knows_somebody(self, session: Session) -> bool:
        """Whether anybody who works here did."""
        return bool(self.marks) and any(
            self.knows(session, person) for person in people.everybody(session)
        )

    def with_mark(self, session: Session, person: Person) -> Browser:
        mark = _mark(session, self.number, person)
        others = tuple(kept for kept in self.marks if kept != mark)
        return Browser(self.number, (mark, *others)[:MOST_MARKS])


def current() -> Browser:
    """The browser of this request; a new number for one that has none."""
    cookie = request.cookies.get(COOKIE, "")
    if not re.fullmatch(r"[0-9a-f]{32}(\.[0-9a-f]{32}){0,24}", cookie):
        return Browser(token_hex(16), ())
    number, *marks = cookie.split(".")
    return Browser(number, tuple(marks))


def remember(response: Response, browser: Browser) -> None:
    value = ".".join((browser.number, *browser.marks))
    access.set_cookie(response, COOKIE, value, max_age=LASTS_S, samesite="Strict")


def _mark(session: Session, number: str, person: Person) -> str:
    key = bytes.fromhex(session.get_one(Setting, SECRET).value)
    whose = f"browser {number} {person.id} {person.pin_hash}"
    return hmac.digest(key, whose.encode(), "sha256").hex()[:32]
