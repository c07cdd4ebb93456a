"""Mail by SMTP: one try, and what became of it.

The conversation is held step by step, because what an answer means depends on when it comes: before the message itself
has left, silence means that nobody has it; after that, nobody knows. See `inventory.outbox`.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from inventory.outbox import Answer, Claimed
from web.mail_settings import Security, Smtp

TIMEOUT_S = 60.0
"""For each answer of the server."""

ANSWER_TIMEOUT_S = 600.0
"""For the last one: who gives up earlier sends what has arrived once more (RFC 5321, 4.5.3.2.6)."""

_POLICY = SMTP.clone(cte_type="7bit")


_NOT_FROM_US = (421, 530, 534, 535, 538)
"""Answers to a sender that say nothing of the message: going down, or sign in first (RFC 4954, 6)."""


class Unreachable(Exception):
    """The server does not take mail from us at this moment, whatever mail it is."""


class Unwritable(Exception):
    """No message can be made of this."""


def composed(claimed: Claimed, smtp: Smtp) -> bytes:
    """The message as it leaves; each try under the same Message-ID."""
    found = EmailMessage(policy=_POLICY)
    found["From"] = smtp.sender
    found["To"] = ", ".join(claimed.recipients)
    if claimed.copy_to:
        found["Cc"] = ", ".join(claimed.copy_to)
        found["Reply-To"] = ", ".join(claimed.copy_to)  # nobody reads what comes to the sender
    found["Subject"] = claimed.subject
    found["Date"] = formatdate(localtime=False)
    found["Message-ID"] = message_id(claimed.id, smtp)
    found["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot answers
    found.set_content(claimed.body)
    for file in claimed.files:
        main, _, sub = file.type.partition("/")
        found.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    return found.as_bytes()


def message_id(mail_id: bytes, smtp: Smtp) -> str:
    return f"<{mail_id.hex()}@{smtp.sender.rpartition('@')[2]}>"


def deliver(claimed: Claimed, smtp: Smtp, *, hand_over: Callable[[], bool]) -> Answer:
    """One try. `hand_over` is called before the message leaves; where it says no, it does not.

    Raises Unreachable where no conversation came about, and Unwritable.
    """
    try:
        message = composed(claimed, smtp)
    except Exception as error:  # the library's parser of addresses has errors of every kind
        raise Unwritable(_told(error)) from error
    try:
        server = _connected(smtp)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(_told(error)) from error
    try:
        return _converse(server, claimed, smtp, message, hand_over)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(said=_told(error))
    finally:
        # Nothing waits for its good-bye: until what it said is written down, nobody else knows it.
        with suppress(OSError, smtplib.SMTPException):
            server.putcmd("quit")
        server.close()


def _connected(smtp: Smtp) -> smtplib.SMTP:
    """Signed in. A refusal up to here is one of this service, not of a message."""
    if smtp.security is Security.SSL:
        tls = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            smtp.host, smtp.port, timeout=TIMEOUT_S, context=tls
        )
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_S)
    try:
        if smtp.security is Security.STARTTLS:
            server.starttls(context=ssl.create_default_context())
        if smtp.user:
            server.login(smtp.user, smtp.password)
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _converse(
    server: smtplib.SMTP,
    claimed: Claimed,
    smtp: Smtp,
    message: bytes,
    hand_over: Callable[[], bool],
) -> Answer:
    everybody = frozenset(claimed.pending)
    code, text = server.mail(smtp.sender)
    if code in _NOT_FROM_US:
        raise Unreachable(_line(code, text))
    if code != 250:
        return _no(code, text, everybody)
    taken, refused, said = set(), set(), ""
    for address in claimed.pending:
        code, text = server.rcpt(address)
        if code in (250, 251):
            taken.add(address)
            continue
        said = _line(code, text)
        if _for_good(code):
            refused.add(address)
    if not taken or not hand_over():
        return Answer(refused=frozenset(refused), said=said)
    answer = _hand_over(server, message, frozenset(taken))
    return Answer(
        answer.accepted, answer.refused | refused, answer.said or said, doubtful=answer.doubtful
    )


def _hand_over(server: smtplib.SMTP, message: bytes, taken: frozenset[str]) -> Answer:
    try:
        if server.sock is not None:
            server.sock.settimeout(ANSWER_TIMEOUT_S)
        code, text = server.data(message)
    except smtplib.SMTPDataError as error:  # not even the message was wanted
        return _no(error.smtp_code, error.smtp_error, taken)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(said=_told(error), doubtful=True)
    if code != 250:
        return _no(code, text, taken)
    return Answer(accepted=taken)


def _no(code: int, text: bytes | str, whom: frozenset[str]) -> Answer:
    return Answer(refused=whom if _for_good(code) else frozenset(), said=_line(code, text))


def _for_good(code: int) -> bool:
    return 500 <= code < 600


def _line(code: int, text: bytes | str) -> str:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {said}".split())


def _told(error: Exception) -> str:
    """What went wrong, in a line: the server's words where it has said any."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    return " ".join(str(error).split()) or type(error).__name__
