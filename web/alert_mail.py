"""Alerts as messages: at once, or as the digest of the week. Queued together with the note that they were told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from inventory import alerts, days, outbox, telling
from inventory.alerts import Alert
from inventory.messages import Counted, Message
from inventory.outbox import MAIL, NOTIFY
from web import notify
from web.i18n import say
from web.mail_settings import Mailing

NOBODY_IS_TOLD = Message(
    "Nobody is set up to be told (COMPTOIR_SMTP_HOST and COMPTOIR_ALERTS_TO, or COMPTOIR_NOTIFY): "
    "alerts are on the pages and in “comptoir alerts” only."
)


def tell_recalls(session: Session, *, mailing: Mailing, now: datetime) -> list[Alert]:
    """Recalls of which nobody was told, whatever the hour."""
    return _at_once(session, alerts.recalls(session), mailing, now) if mailing.tells else []


def tell_at_once(session: Session, *, mailing: Mailing, now: datetime) -> list[Alert]:
    """All that cannot wait for the digest, as far as the hour allows."""
    return _at_once(session, alerts.alerts(session, now=now), mailing, now) if mailing.tells else []


def tell_digest(session: Session, *, mailing: Mailing, now: datetime) -> list[Alert]:
    """What changed in the week, in five lines at most; no message where nothing did."""
    if not mailing.tells:
        return []
    found = alerts.alerts(session, now=now)
    telling.note(session, found, today=_day(now))
    lines = telling.digest(session, found)
    subject = Message("Stock: the week of %(day)s", day=_day(now))
    return _tell(session, lines, subject, mailing, now)


def tell_everything(session: Session, *, mailing: Mailing, now: datetime) -> list[Alert]:
    """What is not told yet, without waiting for hour or digest: somebody asked for it. Where nobody can be told, it is
    what would have been, and waits."""
    found = alerts.alerts(session, now=now)
    telling.note(session, found, today=_day(now))
    urgent = telling.untold(session, telling.at_once(found, hushed=False))
    lines = [*urgent, *telling.digest(session, found)]
    return _tell(session, lines, _subject(lines), mailing, now) if mailing.tells else lines


def _at_once(session: Session, found: list[Alert], mailing: Mailing, now: datetime) -> list[Alert]:
    telling.note(session, found, today=_day(now))
    hushed = telling.silent(session, now=now, quiet=mailing.quiet)
    lines = telling.untold(session, telling.at_once(found, hushed=hushed))
    return _tell(session, lines, _subject(lines), mailing, now)


def _tell(
    session: Session, lines: list[Alert], subject: Message, mailing: Mailing, now: datetime
) -> list[Alert]:
    if lines:
        telling.told(session, lines, today=_day(now))
        _queue(session, lines, say(subject, mailing.language), mailing, now)
    return lines


def _queue(
    session: Session, lines: Sequence[Alert], subject: str, mailing: Mailing, now: datetime
) -> None:
    """One mail to all; of the other ways each is a message of its own, since each may fail."""
    to = [(MAIL, mailing.alerts_to)] if mailing.smtp is not None and mailing.alerts_to else []
    to += [(NOTIFY, (notify.key(address),)) for address in mailing.notify]
    for way, recipients in to:
        outbox.queue(
            session,
            way=way,
            recipients=recipients,
            subject=subject,
            body=_body(lines, mailing),
            now=now,
        )


def _body(lines: Sequence[Alert], mailing: Mailing) -> str:
    language = mailing.language
    said = [f"• {say(one.says, language)}" for one in lines]
    more = Message("What there is to do is on the page “Stock and orders”.")
    said += ["", say(more, language)]
    if mailing.address:
        said += [f"{mailing.address}/orders"]
    return "\n".join(said) + "\n"


def _subject(lines: Sequence[Alert]) -> Message:
    if len(lines) == 1:
        return lines[0].says
    return Counted(
        "Stock: %(count)d thing to know now",
        "Stock: %(count)d things to know now",
        count=len(lines),
    )


def _day(now: datetime) -> date:
    return days.local(now).date()
