"""What the environment says of mail: read once, and told in a sentence where it is wrong."""

from __future__ import annotations

import traceback
from datetime import time
from pathlib import Path

import pytest

from inventory.telling import Quiet
from web.mail_settings import Mailing, Moment, Security
from web.settings import WrongSetting

HOST = {"SMTP_HOST": "mail.example.org", "SMTP_FROM": "comptoir@example.org"}


def read(**said: str) -> Mailing:
    return Mailing.from_environment({f"COMPTOIR_{name}": value for name, value in said.items()})


def test_nothing_is_said() -> None:
    assert read() == Mailing() and not Mailing().tells and Mailing().ways == ()


def test_everything_is_said(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    found = read(
        **HOST,
        SMTP_USER="comptoir",
        SMTP_PASSWORD_FILE=str(tmp_path / "password"),
        ALERTS_TO="stock@example.org, lead@example.org;stock@example.org",
        NOTIFY="json://one:key@x ntfy://two",
        DIGEST="lundi 8:30",
        QUIET="22-7",
        DRAFT="05:15",
        LANGUAGE="NL",
        ADDRESS="https://comptoir.example.org/",
    )
    assert found.smtp is not None and (found.smtp.port, found.smtp.password) == (587, "secret")
    assert found.alerts_to == ("stock@example.org", "lead@example.org")
    assert found.notify == ("json://one:key@x", "ntfy://two") and found.tells
    assert (found.digest, found.draft) == (Moment(time(8, 30), 0), Moment(time(5, 15)))
    assert (found.quiet, found.language) == (Quiet(22, 7), "nl")
    assert found.address == "https://comptoir.example.org"
    assert "secret" not in repr(found) and "key" not in repr(found)


@pytest.mark.parametrize(
    ("security", "port"), [("starttls", 587), ("SSL", 465), ("none", 25), ("", 587)]
)
def test_each_way_of_talking_has_its_port(security: str, port: int) -> None:
    smtp = read(**HOST, SMTP_SECURITY=security).smtp
    assert smtp is not None and smtp.port == port
    assert smtp.security is Security(security.lower() or "starttls")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_PORT", "mail"),
        ("SMTP_PORT", "0"),
        ("SMTP_SECURITY", "perhaps"),
        ("SMTP_FROM", "nobody"),
        ("SMTP_FROM", "zoé@example.org"),
        ("ALERTS_TO", "lead@example.org, nobody"),
        ("ALERTS_TO", ",".join(f"lead{n}@example.org" for n in range(21))),
        ("DIGEST", "someday"),
        ("DIGEST", "09:00"),
        ("DIGEST", "MON 25:00"),
        ("DIGEST", "FRI1 09:00"),
        ("QUIET", "late"),
        ("QUIET", "21-25"),
        ("DRAFT", "MON 06:00"),
        ("LANGUAGE", "de"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"COMPTOIR_{name} .*{value[:9]}"):
        read(**{**HOST, name: value})


@pytest.mark.parametrize("set_by_mistake", ["hunter2", "hunter2/" * 900, ""])
def test_a_password_in_the_place_of_its_file_is_not_shown(set_by_mistake: str) -> None:
    with pytest.raises(WrongSetting, match="COMPTOIR_SMTP_PASSWORD_FILE") as raised:
        read(**HOST, SMTP_USER="comptoir", SMTP_PASSWORD_FILE=set_by_mistake)
    shown = "".join(traceback.format_exception(raised.value))
    assert "hunter2" not in shown + repr(raised.value.message.params)


def test_a_password_is_told_nobody_on_the_way() -> None:
    said = {**HOST, "SMTP_USER": "comptoir", "SMTP_SECURITY": "none"}
    with pytest.raises(WrongSetting, match="SMTP_SECURITY"):
        read(**said)
