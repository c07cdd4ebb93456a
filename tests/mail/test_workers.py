"""Mail through real workers: killed, doubled, stopped, and started again, with a server that does the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from inventory import days, outbox
from inventory.database import Database, open_database, sqlite_url
from inventory.outbox import State
from inventory.tables import Mail
from tests import templates
from tests.e2e.processes import LIMIT_S, Here, Process, free_port
from tests.mail.chat import Chat
from tests.mail.post_office import PostOffice

TO = "orders@supplier.example"


@dataclass(frozen=True)
class Posted(Here):
    """A service that has a mail server."""

    smtp_port: int
    notify: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **Here.environment.fget(self),  # type: ignore[attr-defined]
            "COMPTOIR_SMTP_HOST": "127.0.0.1",
            "COMPTOIR_SMTP_PORT": str(self.smtp_port),
            "COMPTOIR_SMTP_SECURITY": "none",
            "COMPTOIR_SMTP_FROM": "comptoir@example.org",
            "COMPTOIR_NOTIFY": self.notify,
            "COMPTOIR_ALERTS_TO": "stock@example.org",
            "COMPTOIR_LANGUAGE": "en",
        }

    @contextmanager
    def database(self) -> Iterator[Database]:
        with closing(open_database(sqlite_url(self.data / "comptoir.db"))) as database:
            yield database

    def queue(self, *subjects: str) -> None:
        with self.database() as database, database.writing() as session:
            for subject in subjects:
                outbox.queue(
                    session, recipients=[TO], subject=subject, body=subject, now=days.now()
                )

    def mail(self) -> Mail:
        """The only one."""
        with self.database() as database, database.reading() as session:
            (found,) = session.scalars(select(Mail)).all()
            session.expunge_all()
            return found

    def time_passes(self) -> None:
        """Until leases have run out and delays are over."""
        with self.database() as database, database.writing() as session:
            session.execute(
                update(Mail).where(Mail.next_at.is_not(None)).values(next_at=days.now())
            )

    def wait_until(self, *states: State) -> Mail:
        """Sent or queued again: written within moments of the answer, which no event tells from outside."""
        pause = threading.Event()
        with self.database() as database:
            for _ in range(600):
                with database.reading() as session:
                    state = session.scalars(select(Mail.state)).one()
                if state in states:
                    return self.mail()
                pause.wait(0.1)
        raise AssertionError(f"it is still {state}")


@pytest.fixture
def here(tmp_path: Path, office: PostOffice) -> Posted:
    made = Posted(tmp_path / "data", free_port(), office.port)
    made.data.mkdir()
    templates.example(made.data / "comptoir.db")
    return made


@contextmanager
def worker(here: Here) -> Iterator[Process]:
    with here.start("worker") as process:
        yield process


@pytest.mark.slow
@pytest.mark.race
def test_two_workers_by_mistake_tell_and_send_everything_once(
    here: Posted, office: PostOffice
) -> None:
    subjects = [f"number {number}" for number in range(20)]
    here.queue(*subjects)
    here.comptoir("hold", "S1A2511")
    with worker(here) as one, worker(here) as two:
        for _ in range(len(subjects) + 1):
            office.wait_for("message")
        assert one.stop() == two.stop() == 0
    told = [str(one.message["Subject"]) for one in office.arrived]
    (recall,) = (subject for subject in told if "S1A2511" in subject)
    assert sorted(told) == sorted([*subjects, recall])
    assert {row["state"] for row in here.json("mail", "list")} == {"sent"}
    # Again tomorrow, and after a restart: nobody hears of it twice.
    assert all(one["kind"] != "recall" for one in here.json("alerts", "--now"))
    runs = {row["name"]: row for row in here.json("jobs")}
    assert all(runs[name]["last"] for name in ("tell-recalls", "draft-orders", "send-mail"))
    assert runs["weekly-digest"]["next"] > runs["send-mail"]["last"]


@pytest.mark.slow
def test_killed_before_the_message_left_it_arrives_once(here: Posted, office: PostOffice) -> None:
    office.hold_sender = threading.Event()
    here.queue("order")
    with worker(here) as process:
        office.wait_for("mail")
        process.kill()
    assert here.mail().state == State.SENDING
    office.let_go()
    here.time_passes()
    with worker(here):
        found = here.wait_until(State.SENT)
    assert len(office.arrived) == 1 and not found.doubtful


@pytest.mark.slow
def test_killed_before_it_heard_the_answer_it_sends_the_same_message_again(
    here: Posted, office: PostOffice
) -> None:
    """The one case in which somebody has it twice, as no sender can tell: both bear the same Message-ID."""
    office.hold = threading.Event()
    here.queue("order")
    with worker(here) as process:
        office.wait_for("message")
        process.kill()
    office.let_go()  # it answers, and nobody listens
    assert here.mail().state == State.HANDING_OVER
    here.time_passes()
    with worker(here):
        found = here.wait_until(State.SENT)
    assert found.doubtful and found.tries == 2
    first, second = office.arrived
    assert first.id == second.id and first.text == second.text


@pytest.mark.slow
@pytest.mark.parametrize("taken", [False, True])
def test_a_server_that_stops_in_the_middle(here: Posted, office: PostOffice, taken: bool) -> None:
    held = threading.Event()
    office.hold, office.hold_sender = (held, None) if taken else (None, held)
    here.queue("order")
    with worker(here):
        office.wait_for("message" if taken else "mail")
        office.stop()
        found = here.wait_until(State.QUEUED)
        assert found.doubtful is taken and found.said and found.body
        office.let_go()
        office.start()
        here.time_passes()
        assert here.wait_until(State.SENT).doubtful is taken
    assert len(office.arrived) == 1 + taken
    assert len({one.id for one in office.arrived}) == 1


@pytest.mark.slow
def test_a_server_that_takes_its_time_holds_up_no_job_and_no_end(
    here: Posted, office: PostOffice
) -> None:
    office.hold = threading.Event()
    here.queue("order")
    with worker(here) as process:
        office.wait_for("message")
        here.comptoir("hold", "S1A2511")
        assert here.json("alerts")
        assert process.stop() == 0
    with here.database() as database, database.reading() as session:
        assert State.HANDING_OVER in session.scalars(select(Mail.state)).all()


@pytest.mark.slow
def test_a_mail_server_that_hangs_holds_up_no_recall_by_another_way(
    here: Posted, office: PostOffice, chat: Chat
) -> None:
    office.hold_sender = threading.Event()
    here.queue(*(f"older {number}" for number in range(5)))
    here.comptoir("hold", "S1A2511")
    with worker(replace(here, notify=chat.address)) as process:
        assert "S1A2511" in chat.calls.get(timeout=LIMIT_S)
        assert office.arrived == []
        assert process.stop() == 0


@pytest.mark.slow
def test_refused_for_good_it_is_said_and_tried_again_when_somebody_says_so(
    here: Posted, office: PostOffice
) -> None:
    office.to_recipient[TO] = ["550 5.1.1 No such user"]
    here.queue("order")
    with worker(here):
        here.wait_until(State.FAILED)
        (row,) = here.json("mail", "list")
        assert (row["state"], row["said"]) == ("failed", "550 5.1.1 No such user")
        assert "550 5.1.1" in here.comptoir("mail", "list").stdout
        here.comptoir("mail", "retry", "00ff", code=2)
        here.comptoir("mail", "retry", row["id"])
        office.wait_for("message")
        here.wait_until(State.SENT)
    here.comptoir("mail", "retry", row["id"], code=2)


def test_that_nobody_is_told_is_said_once(here: Posted) -> None:
    """A normal state, in which everything else goes on."""
    with Here(here.data, here.port).start("worker") as process:
        process.wait_for("COMPTOIR_SMTP_HOST")
        assert process.stop() == 0
        while (line := process.lines.get(timeout=LIMIT_S)) is not None:
            assert "COMPTOIR_SMTP_HOST" not in line


def test_a_setting_that_is_wrong_ends_the_worker_with_one_line(here: Posted) -> None:
    done = Posted(here.data, here.port, 99999).comptoir("worker", code=2)
    assert done.stderr.count("\n") == 1 and "COMPTOIR_SMTP_PORT" in done.stderr
