"""Open sign-ins: the secret of a cookie, kept as its hash. They know days and no times: nobody's hours are in them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from secrets import token_urlsafe

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.tables import SignIn

LASTS = timedelta(days=1)
"""Through the service day after the one on which it was last used: a page in use signs nobody out in an evening."""

LINK = "link"
"""The device of a sign-in that waits as a link to be opened once."""


def open_sign_in(
    session: Session, *, person_id: int, today: date, device: str, by_badge: bool = False
) -> str:
    """A new secret for a cookie; only its SHA-256 is kept. `by_badge`: no PIN was given with it."""
    token = token_urlsafe(32)
    session.add(
        SignIn(
            hash=_token_hash(token),
            person_id=person_id,
            device=device,
            since=today,
            until=today + LASTS,
            by_badge=by_badge,
        )
    )
    session.flush()
    return token


def sign_in_of(session: Session, *, token: str, today: date) -> SignIn | None:
    """The open sign-in of a cookie. A link's is none, whatever somebody writes into a cookie."""
    sign_in = _open(session, token, today)
    return sign_in if sign_in is not None and sign_in.device != LINK else None


def renew(session: Session, *, token: str, today: date) -> None:
    """Used today: let it last its full time again."""
    sign_in = sign_in_of(session, token=token, today=today)
    if sign_in is not None:
        sign_in.until = today + LASTS


def close(session: Session, *, token: str) -> None:
    session.execute(delete(SignIn).where(SignIn.hash == _token_hash(token)))


def open_of(session: Session, *, person_id: int, today: date) -> Sequence[SignIn]:
    """Where somebody is signed in, oldest first."""
    query = select(SignIn).where(SignIn.person_id == person_id, SignIn.until >= today)
    return session.scalars(query.order_by(SignIn.since, SignIn.device, SignIn.hash)).all()


def close_one(session: Session, *, person_id: int, hash_: bytes) -> None:
    session.execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.hash == hash_))


def close_all(session: Session, *, person_id: int) -> None:
    """Sign somebody out everywhere, links not yet opened included."""
    session.execute(delete(SignIn).where(SignIn.person_id == person_id))


def forget_ended(session: Session, *, today: date) -> None:
    session.execute(delete(SignIn).where(SignIn.until < today))


def make_link(session: Session, *, person_id: int, today: date) -> str:
    """A secret that signs somebody in once, until the service day ends: the console's way past every limit."""
    token = token_urlsafe(24)
    hash_ = _token_hash(LINK + token)  # so that it is no cookie
    session.add(SignIn(hash=hash_, person_id=person_id, device=LINK, since=today, until=today))
    session.flush()
    return token


def use_link(session: Session, *, token: str, today: date) -> int | None:
    """Whom a link signs in; it is used up."""
    sign_in = _open(session, LINK + token, today)
    if sign_in is None or sign_in.device != LINK:
        return None
    session.delete(sign_in)
    session.flush()
    return sign_in.person_id


def _open(session: Session, token: str, today: date) -> SignIn | None:
    sign_in = session.get(SignIn, _token_hash(token))
    return sign_in if sign_in is not None and sign_in.until >= today else None


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
