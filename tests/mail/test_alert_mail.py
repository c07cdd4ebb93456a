"""Alerts by mail: told once, at once or by the week, never at night but a recall, and waiting as long as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from inventory import alerts, days, on_hold, opening_days, outbox
from inventory.alerts import Alert, Kind
from inventory.counter.sheets import SERVING
from inventory.database import Database, sqlite_url
from inventory.messages import Message
from inventory.tables import JobRun, Lot, Mail, Place, UnknownCode
from inventory.telling import Quiet
from tests import templates
from web import alert_mail
from web.jobs import Job, run_due
from web.mail_settings import Mailing, Moment, Security, Smtp
from web.worker import jobs

SMTP = Smtp("127.0.0.1", 25, "comptoir@example.org", Security.NONE)
LEADS = ("stock@example.org", "lead@example.org")
MAILING = Mailing(SMTP, LEADS, digest=Moment(time(9), 0), address="https://comptoir.example.org")
TICK = timedelta(minutes=30)
RECALLS, AT_ONCE, DIGEST = "tell-recalls", "tell-at-once", "weekly-digest"
FRIDAY = datetime(2026, 11, 20, 12, tzinfo=days.ZONE)


class Service:
    """The example, a clock, and some jobs of a worker that ticks every half hour."""

    def __init__(
        self, database: Database, now: datetime, *wanted: str, mailing: Mailing = MAILING
    ) -> None:
        self.database, self.mailing, self.wanted = database, mailing, wanted
        self.now = now.astimezone(UTC)
        with database.writing() as session:  # it ran before
            for job in self.jobs:
                session.add(JobRun(name=job.name, last_run_at=self.now))

    @property
    def jobs(self) -> list[Job]:
        return [job for job in jobs(self.mailing) if job.name in self.wanted]

    def until(self, moment: datetime) -> list[tuple[str, str]]:
        """Tick until then: what was queued, and when, by the clock of Brussels."""
        found = []
        known, timed = set(self.subjects()), self.jobs
        while self.now < moment:
            self.now += TICK
            if not run_due(self.database, self.now, timed):
                continue
            clock = f"{days.local(self.now):%a %H:%M}"
            found += [(clock, subject) for subject in self.subjects() if subject not in known]
            known = set(self.subjects())
        return found

    def subjects(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(Mail.subject)))

    def hold(self, code: str) -> None:
        with self.database.writing() as session:
            lot = session.scalars(select(Lot).where(Lot.code == code)).one()
            on_hold.put(session, lot=lot, day=days.service_day(self.now))

    def release(self, code: str) -> None:
        with self.database.writing() as session:
            on_hold.release(session, lot=session.scalars(select(Lot).where(Lot.code == code)).one())

    def hand_out_the_unknown(self, gtin: str = "05410036306703") -> None:
        with self.database.writing() as session:
            place = session.scalars(select(Place.id).where(Place.code == "CLIP")).one()
            row = UnknownCode(
                gtin=gtin, day=FRIDAY.date(), place_id=place, channel="counter", pieces=1
            )
            session.add(row)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(sqlite_url(templates.example(tmp_path / "comptoir.db")))) as database:
        yield database


@pytest.fixture
def runs_out(monkeypatch: pytest.MonkeyPatch) -> list[Alert]:
    """Essentials that run out, as the test says: how that is reckoned is proved in `tests.inventory.test_alerts`."""
    found: list[Alert] = []
    real = alerts.alerts
    monkeypatch.setattr(alerts, "alerts", lambda session, *, now: [*real(session, now=now), *found])
    return found


def essential(name: str) -> Alert:
    return Alert(Kind.RUNS_OUT, (f"runs-out:{name}",), Message(f"{name} runs out"))


def test_a_recall_is_told_at_any_hour_and_once(database: Database) -> None:
    service = Service(database, datetime(2026, 11, 21, 2, tzinfo=days.ZONE), RECALLS)
    service.hold("S1A2511")
    ((clock, subject),) = service.until(service.now + timedelta(days=1))
    assert clock == "Sat 02:30" and "S1A2511" in subject
    with database.reading() as session:
        mail = session.scalars(select(Mail)).one()
        assert outbox.addresses(mail.recipients) == LEADS
        assert mail.body.startswith(f"• {subject}") and MAILING.address in mail.body
    service.hold(another_lot(database))
    assert len(service.until(service.now + timedelta(days=1))) == 1


def test_a_second_recall_of_a_day_is_told_too(database: Database) -> None:
    """Whether or not somebody looked in between."""
    service = Service(database, FRIDAY, RECALLS)
    for minutes in (0, 0, 60):
        service.hold("S1A2511")
        service.hold("S1A2511")  # twice is harmless
        before = len(service.subjects())
        service.until(service.now + TICK)
        assert len(service.subjects()) == before + 1
        service.release("S1A2511")
        service.until(service.now + timedelta(minutes=minutes))
    assert len(service.subjects()) == 3


def another_lot(database: Database) -> str:
    with database.reading() as session:
        return (
            session.scalars(
                select(Lot.code)
                .where(Lot.on_hold_since.is_(None), Lot.code != "")
                .order_by(Lot.code)
            ).first()
            or ""
        )


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 11, 20), "08:"),
        (date(2026, 3, 29), "08:"),  # the night in which 02:30 does not exist
        (date(2026, 10, 25), "08:"),  # the night in which it is there twice
    ],
)
def test_what_runs_out_waits_for_the_morning(
    database: Database, runs_out: list[Alert], day: date, told: str
) -> None:
    service = Service(
        database, datetime.combine(day - timedelta(days=1), time(21), days.ZONE), AT_ONCE
    )
    runs_out.append(essential("Naloxone"))
    morning = datetime.combine(day, time(12), days.ZONE)
    ((clock, subject),) = service.until(morning)
    assert subject == "Naloxone runs out" and clock.split()[1].startswith(told)
    runs_out.append(essential("Water"))
    ((_, subject),) = service.until(morning + timedelta(hours=2))
    assert subject == "Water runs out"


def test_on_a_day_on_which_all_is_closed_it_waits_for_the_next(
    database: Database, runs_out: list[Alert]
) -> None:
    with database.writing() as session:
        places = session.scalars(select(Place.code).where(Place.kind.in_(SERVING))).all()
        for place in places:
            opening_days.set_exception(session, place=place, day=date(2026, 11, 23), open=False)
    service = Service(database, datetime(2026, 11, 22, 23, tzinfo=days.ZONE), AT_ONCE, DIGEST)
    runs_out.append(essential("Naloxone"))
    service.hand_out_the_unknown()
    told = service.until(datetime(2026, 11, 24, 12, tzinfo=days.ZONE))
    assert [clock.split()[0] for clock, _ in told] == ["Tue", "Tue"]  # the digest of Monday, too


def test_the_digest_comes_on_its_day_and_only_with_what_is_new(database: Database) -> None:
    service = Service(database, FRIDAY, DIGEST)
    service.hand_out_the_unknown()
    told = service.until(FRIDAY + timedelta(days=20))
    assert [clock for clock, _ in told] == ["Mon 09:00"]
    assert told[0][1] == "Stock\u00a0: la semaine du 23/11/26"
    with database.reading() as session:
        lines = session.scalars(select(Mail.body)).one().splitlines()
    assert 1 <= len([line for line in lines if line.startswith("•")]) <= 5
    service.hand_out_the_unknown("05410036306710")
    told = service.until(service.now + timedelta(days=8))
    assert [clock for clock, _ in told] == ["Mon 09:00"]


@pytest.mark.parametrize("at", [time(2, 30), time(9)])
@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_digest_on_the_days_on_which_the_clock_changes(
    database: Database, at: time, sunday: date
) -> None:
    mailing = Mailing(SMTP, LEADS, digest=Moment(at, 6), quiet=Quiet(0, 0))
    saturday = datetime.combine(sunday - timedelta(days=1), time(12), days.ZONE)
    service = Service(database, saturday, DIGEST, mailing=mailing)
    service.hand_out_the_unknown()
    told = service.until(saturday + timedelta(days=7))
    ((clock, _),) = told
    assert clock in (f"Sun {at:%H:%M}", "Sun 03:30")


def test_a_digest_that_was_missed_comes_once_and_one_of_a_wrong_clock_does_not_double(
    database: Database,
) -> None:
    service = Service(database, FRIDAY, DIGEST)
    service.hand_out_the_unknown()
    service.now += timedelta(days=10)  # off over two Mondays
    told = service.until(service.now + timedelta(days=2))
    assert len(told) == 1
    service.now += timedelta(days=3000)
    service.until(service.now + timedelta(hours=1))
    count = len(service.subjects())
    service.now -= timedelta(days=3000)
    service.hand_out_the_unknown("05410036306710")
    told = service.until(service.now + timedelta(days=8))
    assert len(told) == 1 and len(service.subjects()) == count + 1


def test_nobody_to_tell_piles_nothing_up_and_later_all_is_told(database: Database) -> None:
    service = Service(database, FRIDAY, RECALLS, DIGEST, mailing=Mailing())
    service.hold("S1A2511")
    assert service.until(FRIDAY + timedelta(days=3)) == []
    service.mailing = MAILING
    assert len(service.until(service.now + timedelta(hours=1))) == 1


def test_by_other_ways_each_is_a_message_that_holds_no_key(database: Database) -> None:
    mailing = Mailing(SMTP, LEADS, notify=("json://one:secret@x", "json://two:secret@x"))
    service = Service(database, FRIDAY, RECALLS, mailing=mailing)
    service.hold("S1A2511")
    service.until(FRIDAY + timedelta(days=1))
    with database.reading() as session:
        rows = session.scalars(select(Mail).order_by(Mail.way)).all()
        assert [row.way for row in rows] == ["mail", "notify", "notify"]
        assert not any("secret" in row.recipients for row in rows)


def test_asked_for_it_is_told_whatever_the_hour(database: Database) -> None:
    service = Service(database, datetime(2026, 11, 21, 2, tzinfo=days.ZONE), DIGEST)
    service.hand_out_the_unknown()
    for count in (1, 0):
        with database.writing() as session:
            told = alert_mail.tell_everything(session, mailing=MAILING, now=service.now)
            assert bool(told) is bool(count)
