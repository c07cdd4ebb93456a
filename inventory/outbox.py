"""The outbox: queued → sending → handing over → sent; failed, where the server refuses for good.

A message is a row, written in the same transaction as what it tells of. Whoever sends takes it by moving `next_at` a
lease ahead, and is known by the number of the try: somebody killed on the way is simply late, and another takes over.

Between the last byte of a message and the answer of the server nobody can know who has it (RFC 1047). So the row says
that it is being handed over before the first byte of the message leaves. Killed before, nothing has arrived, and the
next try is the first. Killed after, or the answer lost, it is sent again under the same Message-ID, so that whoever
has it twice can see it; the row says so. Losing it would be worse: it may be a recall.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from inventory import days
from inventory.errors import NotAllowed, NotOnTheLists
from inventory.messages import Message
from inventory.tables import Mail, MailFile

MAIL, NOTIFY = "mail", "notify"
"""The ways: by a mail server, or by any other service the settings name."""

LEASE = timedelta(minutes=5)
"""How long a try may take until the message itself leaves."""

ANSWER_LEASE = timedelta(minutes=15)
"""And from then on: RFC 5321, 4.5.3.2.6 has a client wait ten minutes for the answer."""

_CONTROL = re.compile(r"[\x00-\x20]+")
"""No line of a header ends in a subject."""

FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)

SENT_KEPT, KEPT = timedelta(days=30), timedelta(days=90)
"""How long a row is kept that was sent, and one that was refused."""


class State(StrEnum):
    """Stored words: they never change."""

    QUEUED = "queued"
    SENDING = "sending"
    HANDING_OVER = "handing-over"
    SENT = "sent"
    FAILED = "failed"


WAITING = (State.QUEUED, State.SENDING, State.HANDING_OVER)

STATE = {
    State.QUEUED: Message("waiting"),
    State.SENDING: Message("being sent"),
    State.HANDING_OVER: Message("being sent"),
    State.SENT: Message("sent"),
    State.FAILED: Message("refused"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along; `type` is its media type."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message somebody has taken, and for which try."""

    id: bytes
    attempt: int
    way: str
    recipients: tuple[str, ...]
    copy_to: tuple[str, ...]
    pending: tuple[str, ...]
    subject: str
    body: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try: who has it now, whom the server refuses for good. For all others it is tried again.

    `doubtful`: the message had left, and no answer came.
    """

    accepted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    said: str = ""
    doubtful: bool = False


def delay(tries: int) -> timedelta:
    """Until the next try, after so many: 1, 2, 4 … minutes, an hour at most.

    >>> [delay(tries).seconds // 60 for tries in (1, 2, 6, 7, 1000)]
    [1, 2, 32, 60, 60]
    """
    doubled: int = 2 ** min(tries - 1, 10)
    return min(FIRST_DELAY * doubled, LONGEST_DELAY)


# What queues


def queue(
    session: Session,
    *,
    recipients: Collection[str],
    subject: str,
    body: str,
    now: datetime,
    copy_to: Collection[str] = (),
    files: Iterable[File] = (),
    about: str | None = None,
    way: str = MAIL,
) -> bool:
    """A message that leaves once this transaction is committed; False where one about the same thing was made before.

    Nobody is written to twice who is among both.
    """
    if about is not None and session.scalar(select(Mail.id).where(Mail.about == about)) is not None:
        return False
    row = Mail(
        way=way,
        about=about,
        recipients=_joined(recipients),
        copy_to=_joined(copy_to),
        pending=_joined(dict.fromkeys([*recipients, *copy_to])),
        subject=_CONTROL.sub(" ", subject).strip()[:200],
        body=body,
        state=State.QUEUED,
        next_at=now,
        day=days.local(now).date(),
    )
    session.add(row)
    session.flush()
    session.add_all(
        MailFile(mail_id=row.id, name=one.name, type=one.type, data=one.data) for one in files
    )
    session.flush()
    return True


# What sends


def claim(session: Session, *, now: datetime, ways: Collection[str] = (MAIL,)) -> Claimed | None:
    """Take the message that is due longest, so that nobody else sends it; None where none is."""
    row = session.scalar(
        select(Mail)
        .where(_due(now), Mail.way.in_(ways))
        .order_by(Mail.next_at, Mail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    # Whoever had it last was killed: the server may have it.
    row.doubtful = row.doubtful or row.state == State.HANDING_OVER
    row.state, row.tries, row.next_at = State.SENDING, row.tries + 1, now + LEASE
    session.flush()
    return Claimed(
        id=row.id,
        attempt=row.tries,
        way=row.way,
        recipients=addresses(row.recipients),
        copy_to=addresses(row.copy_to),
        pending=addresses(row.pending),
        subject=row.subject,
        body=row.body,
        files=tuple(File(one.name, one.type, one.data) for one in row.files),
    )


def hand_over(session: Session, claimed: Claimed, *, now: datetime) -> bool:
    """To be committed before the first byte of the message leaves. False where somebody else has taken it meanwhile:
    then it must not leave."""
    row = _held(session, claimed.id)
    if row is None or row.tries != claimed.attempt or row.state != State.SENDING:
        return False
    row.state, row.next_at = State.HANDING_OVER, now + ANSWER_LEASE
    session.flush()
    return True


def answered(session: Session, claimed: Claimed, answer: Answer, *, now: datetime) -> None:
    """What became of a try. Who has it has it, also where somebody else has taken the message meanwhile."""
    row = _held(session, claimed.id)
    if row is None:
        return
    pending = [one for one in addresses(row.pending) if one not in answer.accepted]
    row.pending = _joined(pending)
    row.doubtful = row.doubtful or answer.doubtful
    if pending and row.tries != claimed.attempt:
        return
    refused = [*addresses(row.refused), *(one for one in pending if one in answer.refused)]
    pending = [one for one in pending if one not in answer.refused]
    row.pending, row.refused, row.said = _joined(pending), _joined(refused), answer.said[:300]
    if pending:
        row.state, row.next_at = State.QUEUED, now + delay(row.tries)
    else:
        _over(session, row, State.FAILED if refused else State.SENT)
    session.flush()


def next_due(session: Session, *, ways: Collection[str] = (MAIL,)) -> datetime | None:
    """When the next message is due."""
    found: datetime | None = session.scalar(
        select(func.min(Mail.next_at)).where(Mail.state.in_(WAITING), Mail.way.in_(ways))
    )
    return found


def is_due(session: Session, *, now: datetime, ways: Collection[str] = (MAIL,)) -> bool:
    """Whether something is to be sent now: a question for every few seconds."""
    wanted = select(Mail.id).where(_due(now), Mail.way.in_(ways)).limit(1)
    return session.scalar(wanted) is not None


# What people see and do


def all_mail(session: Session) -> Sequence[Mail]:
    """Latest day first; what waits or was refused before what was sent."""
    wanted = select(Mail).order_by(Mail.day.desc(), Mail.state == State.SENT, Mail.subject, Mail.id)
    return session.scalars(wanted).all()


def in_trouble(session: Session) -> Sequence[Mail]:
    """What was refused for good, and what waits after more than one try: said on the page."""
    late = and_(Mail.state.in_(WAITING), Mail.tries > 1)
    wanted = select(Mail).where(or_(Mail.state == State.FAILED, late)).order_by(Mail.day, Mail.id)
    return session.scalars(wanted).all()


def about(session: Session, what: str) -> Mail | None:
    """The message about this thing, as long as it is kept."""
    return session.scalar(select(Mail).where(Mail.about == what))


def withdraw(session: Session, what: str) -> bool:
    """What this was about is no more: its message does not leave. False where it has left already, for anybody, or may
    have: then somebody has to tell them. True also where there is none."""
    known = about(session, what)
    row = _held(session, known.id) if known is not None else None
    if row is None:
        return True
    nobody = {*addresses(row.pending), *addresses(row.refused)}.issuperset(
        [*addresses(row.recipients), *addresses(row.copy_to)]
    )
    if row.doubtful or not nobody or row.state in (State.HANDING_OVER, State.SENT):
        return False
    # Whoever is just sending it finds it gone before the message leaves.
    session.execute(delete(MailFile).where(MailFile.mail_id == row.id))
    session.execute(delete(Mail).where(Mail.id == row.id))
    return True


def retry(session: Session, *, number: str, now: datetime) -> Mail:
    """Try again at once: what waits, or what was refused and may be accepted by now. `number`: the beginning of its
    id as `comptoir mail list` shows it, enough of it to be the only one.

    Raises NotOnTheLists, and NotAllowed for what was sent or is being sent.
    """
    found = [
        one for one in session.scalars(select(Mail)) if number and one.id.hex().startswith(number)
    ]
    row = _held(session, found[0].id) if len(found) == 1 else None
    if row is None:
        raise NotOnTheLists(Message("Mail"), number)
    if row.state not in (State.QUEUED, State.FAILED):
        raise NotAllowed(Message("This mail was sent, or is being sent at this moment."))
    row.pending = _joined([*addresses(row.pending), *addresses(row.refused)])
    row.state, row.refused, row.next_at = State.QUEUED, "", now
    session.flush()
    return row


def forget(session: Session, *, today: date) -> None:
    """Rows go a month after they were sent, and three after they were refused. What waits stays, whatever a clock says:
    else one that is ahead, or a server that is down for long, would lose mail."""
    old = or_(
        and_(Mail.state == State.SENT, Mail.day < today - SENT_KEPT),
        and_(Mail.state == State.FAILED, Mail.day < today - KEPT),
    )
    gone = select(Mail.id).where(old)
    session.execute(delete(MailFile).where(MailFile.mail_id.in_(gone)))
    session.execute(delete(Mail).where(old))


def addresses(joined: str) -> tuple[str, ...]:
    return tuple(one for one in joined.split(", ") if one)


def _joined(found: Iterable[str]) -> str:
    return ", ".join(found)


def _due(now: datetime) -> ColumnElement[bool]:
    # What is due later than any lease or delay was written while the clock was wrong.
    due = or_(Mail.next_at <= now, Mail.next_at > now + 2 * LONGEST_DELAY)
    return and_(Mail.state.in_(WAITING), due)


def _held(session: Session, mail_id: bytes) -> Mail | None:
    """A row as it is now, locked: what is decided of it holds when it is written."""
    wanted = select(Mail).where(Mail.id == mail_id).with_for_update()
    return session.scalar(wanted, execution_options={"populate_existing": True})


def _over(session: Session, row: Mail, state: State) -> None:
    row.state, row.next_at = state, None
    if state is State.SENT:
        row.body = ""
        session.execute(delete(MailFile).where(MailFile.mail_id == row.id))
        session.expire(row, ["files"])
