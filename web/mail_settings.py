"""What the environment says of mail and of the hours of the service: read by those who send, not by every command."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from inventory.messages import Message
from inventory.outbox import MAIL, NOTIFY
from inventory.suppliers import WEEKDAYS, NotAReview, Review
from inventory.telling import Quiet
from web.i18n import DEFAULT_LANGUAGE, LANGUAGES
from web.settings import WrongSetting

_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")
_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_MOMENT = re.compile(r"(?:([^\s]+)\s+)?([0-9]{1,2}):([0-9]{2})")

MOST_ADDRESSES = 20


NIGHT = Quiet()


class Security(StrEnum):
    """How the conversation with a mail server is kept secret, and the port that is usual for it."""

    STARTTLS = "starttls"
    SSL = "ssl"
    NONE = "none"

    @property
    def port(self) -> int:
        return {Security.STARTTLS: 587, Security.SSL: 465, Security.NONE: 25}[self]


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server, and the address that mail comes from."""

    host: str
    port: int
    sender: str
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day, of one weekday (Monday is 0) where one is named."""

    at: time
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """By which ways something is said, to whom, when, and in which language."""

    smtp: Smtp | None = None
    alerts_to: tuple[str, ...] = ()
    notify: tuple[str, ...] = field(default=(), repr=False)
    """Addresses of the library apprise: they hold keys, so nothing shows or stores them."""
    digest: Moment = Moment(time(9), 0)
    draft: Moment = Moment(time(6))
    quiet: Quiet = NIGHT
    language: str = DEFAULT_LANGUAGE
    address: str = ""
    """Where the pages are, as COMPTOIR_ADDRESS has it."""

    @property
    def ways(self) -> tuple[str, ...]:
        """Those that are set up."""
        return (MAIL,) * (self.smtp is not None) + (NOTIFY,) * bool(self.notify)

    @property
    def tells(self) -> bool:
        """Whether alerts reach anybody by themselves."""
        return bool(self.notify) or (self.smtp is not None and bool(self.alerts_to))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Mailing:
        """COMPTOIR_SMTP_HOST, _PORT, _FROM, _SECURITY, _USER, _PASSWORD_FILE; COMPTOIR_ALERTS_TO, COMPTOIR_NOTIFY,
        COMPTOIR_DIGEST, COMPTOIR_QUIET, COMPTOIR_DRAFT, COMPTOIR_LANGUAGE. Raises WrongSetting."""
        said = {
            name.removeprefix("COMPTOIR_"): value.strip()
            for name, value in environ.items()
            if name.startswith("COMPTOIR_") and value.strip()
        }
        return cls(
            smtp=_smtp(said),
            alerts_to=_addresses(said, "ALERTS_TO"),
            notify=_notify(said),
            digest=_moment(said, "DIGEST", "MON 09:00", weekday=True),
            draft=_moment(said, "DRAFT", "06:00", weekday=False),
            quiet=_quiet(said),
            language=_one_of(said, "LANGUAGE", LANGUAGES, DEFAULT_LANGUAGE),
            address=said.get("ADDRESS", "").rstrip("/"),
        )


def _smtp(said: Mapping[str, str]) -> Smtp | None:
    host = said.get("SMTP_HOST")
    if host is None:
        return None
    security = Security(
        _one_of(said, "SMTP_SECURITY", [one.value for one in Security], Security.STARTTLS)
    )
    user = said.get("SMTP_USER", "")
    if user and security is Security.NONE and not _is_here(host):
        raise _wrong(
            "SMTP_SECURITY", "none", Message("a password goes to another machine encrypted")
        )
    sender = said.get("SMTP_FROM", "")
    if not _ADDRESS.fullmatch(sender) or not sender.isascii():
        raise _wrong("SMTP_FROM", sender, Message("the address that mail comes from"))
    return Smtp(
        host, _port(said, security.port), sender, security, user, _password(said) if user else ""
    )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _port(said: Mapping[str, str], usual: int) -> int:
    port = said.get("SMTP_PORT", str(usual))
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise _wrong("SMTP_PORT", port, Message("a number from 1 to 65535"))
    return int(port)


def _password(said: Mapping[str, str]) -> str:
    """From a file: what stands in the environment is shown by too many tools."""
    try:
        return Path(said.get("SMTP_PASSWORD_FILE", "")).read_text().strip()
    except (OSError, ValueError):
        # Neither the value nor the error, which shows it: it may be the password itself.
        raise WrongSetting(
            Message(
                "COMPTOIR_SMTP_PASSWORD_FILE names no file that can be read: write the password in a "
                "file, and the path of that file here.",
            )
        ) from None


def _addresses(said: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = (
        tuple(dict.fromkeys(re.split(r"[\s,;]+", said[name].strip(" ,;")))) if name in said else ()
    )
    if len(found) > MOST_ADDRESSES or not all(
        _ADDRESS.fullmatch(one) and one.isascii() and len(one) < 100 for one in found
    ):
        raise _wrong(
            name, said[name], Message("mail addresses with commas between, twenty at most")
        )
    return found


def _notify(said: Mapping[str, str]) -> tuple[str, ...]:
    found = tuple(said.get("NOTIFY", "").split())
    if found and find_spec("apprise") is None:
        # Not the value: it may hold a key.
        raise WrongSetting(
            Message("COMPTOIR_NOTIFY needs the library apprise: install comptoir[notify].")
        )
    return found


def _moment(said: Mapping[str, str], name: str, usual: str, *, weekday: bool) -> Moment:
    text = said.get(name, usual)
    read = _MOMENT.fullmatch(text)
    try:
        if read is None or bool(read[1]) is not weekday:
            raise ValueError
        day = _weekday(read[1]) if weekday else None
        return Moment(time(int(read[2]), int(read[3])), day)
    except (ValueError, NotAReview):
        expected = (
            Message("a weekday and a time, such as MON 09:00")
            if weekday
            else Message("a time, such as 06:00")
        )
        raise _wrong(name, text, expected) from None


def _weekday(text: str) -> int:
    """In any of the languages, as suppliers' days are written."""
    return WEEKDAYS.index(str(Review.parse(text)))


def _quiet(said: Mapping[str, str]) -> Quiet:
    text = said.get("QUIET")
    if text is None:
        return Quiet()
    read = _HOURS.fullmatch(text)
    if read is None or int(read[1]) > 24 or int(read[2]) > 24:
        raise _wrong("QUIET", text, Message("two hours, such as 21-8; 0-0 for never"))
    return Quiet(int(read[1]) % 24, int(read[2]) % 24)


def _one_of(
    said: Mapping[str, str], name: str, words: list[str] | tuple[str, ...], usual: str
) -> str:
    word = said.get(name, usual).lower()
    if word not in words:
        raise _wrong(name, said[name], Message("one of %(words)s", words=", ".join(words)))
    return word


def _wrong(name: str, value: str, expected: Message) -> WrongSetting:
    return WrongSetting(
        Message(
            "COMPTOIR_%(name)s is “%(value)s”; expected: %(expected)s.",
            name=name,
            value=value,
            expected=expected,
        )
    )
