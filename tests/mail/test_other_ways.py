"""Encrypted, signed in, and by other ways than mail."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy import select

from inventory import days, outbox
from inventory.database import Database, open_database, sqlite_url
from inventory.outbox import State
from inventory.tables import Mail
from tests.e2e.processes import free_port
from tests.mail.chat import Chat
from tests.mail.post_office import PostOffice
from web import notify
from web.mail_settings import Mailing, Security, Smtp
from web.postman import Postman


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(sqlite_url(tmp_path / "comptoir.db"))) as database:
        yield database


def queue(database: Database, way: str = "mail", *recipients: str) -> None:
    with database.writing() as session:
        outbox.queue(
            session,
            way=way,
            recipients=recipients or ["orders@supplier.example"],
            subject="Rappel",
            body="Le lot",
            now=days.now(),
        )


def deliver(database: Database, mailing: Mailing) -> Mail:
    Postman(database, mailing).deliver_due()
    with database.reading() as session:
        (found,) = session.scalars(select(Mail)).all()
        session.expunge_all()
        return found


# A server that wants to be talked to in secret


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that nobody vouches for, with its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate, both = (folder / name for name in ("key", "certificate", "both"))
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    out = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *names, *out], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


class Doorkeeper:
    """Lets `comptoir` in, with the password `right`."""

    def __init__(self) -> None:
        self.tried: list[bytes] = []

    def __call__(self, *asked: Any) -> AuthResult:
        said = asked[-1]
        assert isinstance(said, LoginPassword)
        self.tried.append(said.password)
        return AuthResult(success=said == LoginPassword(b"comptoir", b"right"), handled=False)


@pytest.fixture
def door() -> Doorkeeper:
    return Doorkeeper()


@pytest.fixture
def secret_office(certificate: Path, door: Doorkeeper) -> Iterator[PostOffice]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    office = PostOffice(free_port())
    office.more = {
        "tls_context": tls,
        "require_starttls": True,
        "authenticator": door,
        "auth_required": True,
    }
    office.start()
    yield office
    office.stop()


def signed_in(port: int, password: str) -> Mailing:
    sender = "comptoir@example.org"
    return Mailing(Smtp("127.0.0.1", port, sender, Security.STARTTLS, "comptoir", password))


def test_encrypted_and_signed_in(
    database: Database,
    secret_office: PostOffice,
    certificate: Path,
    door: Doorkeeper,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue(database)
    # Nobody vouches for it: no word of the password is said.
    assert deliver(database, signed_in(secret_office.port, "right")).state == State.QUEUED
    assert door.tried == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    now(database)
    found = deliver(database, signed_in(secret_office.port, "wrong"))
    assert found.state == State.QUEUED and found.said.startswith("535") and door.tried
    now(database)
    assert deliver(database, signed_in(secret_office.port, "right")).state == State.SENT
    assert len(secret_office.arrived) == 1


def now(database: Database) -> None:
    with database.writing() as session:
        session.scalars(select(Mail)).one().next_at = days.now()


def test_a_server_that_offers_no_secrecy_gets_nothing(
    database: Database, office: PostOffice
) -> None:
    queue(database)
    sender = "comptoir@example.org"
    mailing = Mailing(Smtp("127.0.0.1", office.port, sender, Security.STARTTLS))
    assert deliver(database, mailing).state == State.QUEUED
    assert office.calls.empty()


# Other ways


def test_by_another_way(database: Database, chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    address = chat.address
    mailing = Mailing(notify=(address,))
    queue(database, outbox.NOTIFY, notify.key(address))
    chat.answers.append(500)
    found = deliver(database, mailing)
    assert (found.state, found.tries, chat.got) == (State.QUEUED, 1, [])
    now(database)
    assert deliver(database, mailing).state == State.SENT
    ((title, message),) = [(one["title"], one["message"]) for one in chat.got]
    assert (title, message) == ("Rappel", "Le lot")
    assert "topsecret" not in caplog.text


@pytest.mark.parametrize("addresses", [("json://other@127.0.0.1:9",), ("nosuchservice://x",)])
def test_an_address_that_is_gone_or_unknown(database: Database, addresses: tuple[str, ...]) -> None:
    key = notify.key(addresses[0]) if "nosuch" in addresses[0] else "0123456789abcdef"
    queue(database, outbox.NOTIFY, key)
    assert deliver(database, Mailing(notify=addresses)).state == State.FAILED
