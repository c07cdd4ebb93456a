"""A mail server that fails delays mail. It loses none, and doubles none but where its answer was lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from inventory import outbox
from inventory.database import Database, open_database, sqlite_url
from inventory.outbox import File, State
from inventory.tables import Mail
from tests.mail.post_office import NO_ANSWER, PostOffice
from web.mail_settings import Mailing, Security, Smtp
from web.postman import Postman

TO, COPY = "orders@supplier.example", "stock@example.org"
FORM = File("commande 2026-014 été.xlsx", "application/vnd.ms-excel", bytes(range(256)))
LATER = "451 4.3.0 Try again later"
NEVER = "550 5.1.1 No such user"


class Sender:
    """A database with an outbox, a clock that tests move, and a postman."""

    def __init__(self, database: Database, port: int) -> None:
        self.database = database
        self.now = datetime(2026, 11, 20, 9, tzinfo=UTC)
        smtp = Smtp("127.0.0.1", port, "comptoir@example.org", Security.NONE)
        self.postman = Postman(database, Mailing(smtp), clock=lambda: self.now)

    def queue(self, subject: str = "Commande n° 2026-014") -> None:
        with self.database.writing() as session:
            outbox.queue(
                session,
                recipients=[TO],
                copy_to=[COPY],
                subject=subject,
                body="Bonjour,\n\n.\nVoilà « notre » commande.\n",
                files=[FORM],
                now=self.now,
            )

    def send(self, after: timedelta = timedelta(0)) -> Mail:
        """Send what is due; the one message there is."""
        self.now += after
        self.postman.deliver_due()
        return self.mail()

    def mail(self) -> Mail:
        with self.database.reading() as session:
            (found,) = session.scalars(select(Mail)).all()
            session.expunge_all()
            return found


@pytest.fixture
def sender(tmp_path: Path, office: PostOffice) -> Iterator[Sender]:
    with closing(open_database(sqlite_url(tmp_path / "comptoir.db"))) as database:
        yield Sender(database, office.port)


HOUR = timedelta(hours=1)


def test_the_message_as_it_arrives(sender: Sender, office: PostOffice) -> None:
    sender.queue()
    assert sender.send().state == State.SENT
    (one,) = office.arrived
    assert one.to == [TO, COPY]
    assert one.message["From"] == "comptoir@example.org"
    assert (one.message["To"], one.message["Cc"], one.message["Reply-To"]) == (TO, COPY, COPY)
    assert one.message["Subject"] == "Commande n° 2026-014"
    assert one.text == "Bonjour,\n\n.\nVoilà « notre » commande.\n"
    assert one.files == {FORM.name: FORM.data}
    assert one.id == f"<{sender.mail().id.hex()}@example.org>"
    sender.send(100 * HOUR)
    assert len(office.arrived) == 1


@pytest.mark.parametrize("where", ["to_sender", "to_message"])
@pytest.mark.parametrize("answer", [LATER, "421 4.3.2 Going down", NO_ANSWER])
def test_not_now_means_later(sender: Sender, office: PostOffice, where: str, answer: str) -> None:
    """Cut off while the message was on its way or before it: either way nobody has it, and it arrives once."""
    getattr(office, where).extend([answer] * 3)
    sender.queue()
    for tries in (1, 2, 3):
        found = sender.send(HOUR)
        assert (found.state, found.tries) == (State.QUEUED, tries) and found.said
        assert office.arrived == [] and found.body
    assert sender.send(HOUR).state == State.SENT
    assert [one.to for one in office.arrived] == [[TO, COPY]]


@pytest.mark.parametrize("where", ["to_sender", "to_message"])
def test_never_means_never(sender: Sender, office: PostOffice, where: str) -> None:
    getattr(office, where).append(NEVER)
    sender.queue()
    found = sender.send()
    assert (found.state, found.said, found.refused) == (State.FAILED, NEVER, f"{TO}, {COPY}")
    sender.send(100 * HOUR)
    assert office.arrived == []
    with sender.database.writing() as session:
        outbox.retry(session, number=found.id.hex(), now=sender.now)
    assert sender.send().state == State.SENT and len(office.arrived) == 1


def test_of_two_one_gets_it_later(sender: Sender, office: PostOffice) -> None:
    office.to_recipient[COPY] = [LATER]
    sender.queue()
    found = sender.send()
    assert (found.state, found.pending, found.doubtful) == (State.QUEUED, COPY, False)
    assert sender.send(HOUR).state == State.SENT
    assert [one.to for one in office.arrived] == [[TO], [COPY]]
    assert len({one.id for one in office.arrived}) == 1


def test_of_two_one_is_unknown(sender: Sender, office: PostOffice) -> None:
    office.to_recipient[COPY] = [NEVER]
    sender.queue()
    found = sender.send()
    assert (found.state, found.refused, found.said) == (State.FAILED, COPY, NEVER)
    assert [one.to for one in office.arrived] == [[TO]]


def test_an_answer_that_is_lost_may_double_under_the_same_message_id(
    sender: Sender, office: PostOffice
) -> None:
    office.after_taking.append(NO_ANSWER)
    sender.queue()
    found = sender.send()
    assert (found.state, found.doubtful) == (State.QUEUED, True)
    found = sender.send(HOUR)
    assert (found.state, found.doubtful) == (State.SENT, True)
    first, second = office.arrived
    assert first.id == second.id and first.text == second.text


@pytest.mark.parametrize("answer", ["530 5.7.0 Authentication required", "421 Later"])
def test_a_server_that_wants_something_of_us_refuses_no_message(
    sender: Sender, office: PostOffice, answer: str
) -> None:
    office.to_sender.append(answer)
    sender.queue()
    assert sender.send().state == State.QUEUED
    assert sender.send(HOUR).state == State.SENT


def test_a_server_that_is_down_for_a_week(
    sender: Sender, office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    office.stop()
    for number in range(5):
        sender.queue(f"{number}")
    tried = []
    for _ in range(7 * 24):
        sender.now += HOUR
        tried.append(sender.postman.deliver_due())
    office.start()
    sender.now += HOUR
    assert sender.postman.deliver_due() == 5
    assert sorted(one.message["Subject"] for one in office.arrived) == list("01234")
    assert tried == [1] * len(tried)  # after one there is no use in trying the others
    # Said once, and once that it is over: neither who writes nor to whom.
    assert len(caplog.records) == 2 and "@" not in caplog.text


def test_a_mail_that_cannot_be_written_stops_no_other(sender: Sender, office: PostOffice) -> None:
    with sender.database.writing() as session:
        outbox.queue(session, recipients=["nobody@[1"], subject="x", body="x", now=sender.now)
        outbox.queue(session, recipients=[TO], subject="y", body="y", now=sender.now)
    assert sender.postman.deliver_due() == 2
    assert [one.message["Subject"] for one in office.arrived] == ["y"]


def test_without_a_mail_server_nothing_is_taken(sender: Sender) -> None:
    sender.queue()
    assert Postman(sender.database, Mailing()).deliver_due() == 0
    assert sender.mail().tries == 0
