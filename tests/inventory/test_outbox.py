"""The outbox: made once, taken by one, tried again ever more rarely, and known to be in doubt where it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory import outbox
from inventory.database import Database
from inventory.errors import NotAllowed, NotOnTheLists
from inventory.outbox import Answer, Claimed, File, State
from inventory.tables import Mail, MailFile

from .workshop import Books

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TO, COPY = "orders@supplier.example", "stock@example.org"
FORM = File("order.xlsx", "application/octet-stream", b"PK")


def queue(session: Session, about: str | None = "order:1") -> bool:
    return outbox.queue(
        session,
        about=about,
        recipients=[TO],
        copy_to=[COPY],
        subject="Order\r\nBcc: somebody",
        body="Dear supplier,",
        files=[FORM],
        now=NOW,
    )


def claim(session: Session, now: datetime = NOW) -> Claimed:
    found = outbox.claim(session, now=now)
    assert found is not None
    return found


def the_row(session: Session) -> Mail:
    return session.scalars(select(Mail)).one()


def accepted(*who: str) -> Answer:
    return Answer(accepted=frozenset(who))


def test_about_the_same_thing_one_is_made(books: Books) -> None:
    assert queue(books.session) and not queue(books.session)
    assert queue(books.session, None) and queue(books.session, None)
    assert the_subjects(books.session) == ["Order Bcc: somebody"] * 3


def the_subjects(session: Session) -> list[str]:
    return list(session.scalars(select(Mail.subject)))


def test_what_is_undone_was_never_queued(sqlite_database: Database) -> None:
    with pytest.raises(ZeroDivisionError), sqlite_database.writing() as session:
        queue(session)
        _ = 1 / 0
    with sqlite_database.reading() as session:
        assert not outbox.is_due(session, now=NOW)


def test_sent_it_keeps_neither_text_nor_files(books: Books) -> None:
    queue(books.session)
    taken = claim(books.session)
    assert (taken.recipients, taken.copy_to, taken.pending) == ((TO,), (COPY,), (TO, COPY))
    assert taken.files == (FORM,) and taken.body
    assert outbox.claim(books.session, now=NOW) is None
    assert outbox.hand_over(books.session, taken, now=NOW)
    outbox.answered(books.session, taken, accepted(TO, COPY), now=NOW)
    row = the_row(books.session)
    assert (row.state, row.body, row.next_at, row.doubtful) == (State.SENT, "", None, False)
    assert books.session.scalar(select(func.count()).select_from(MailFile)) == 0
    assert not queue(books.session)
    with pytest.raises(NotAllowed):
        outbox.retry(books.session, number=row.id.hex()[:8], now=NOW)


def test_it_waits_ever_longer_and_only_for_those_who_do_not_have_it(books: Books) -> None:
    queue(books.session)
    now = NOW
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        outbox.answered(books.session, claim(books.session, now), Answer(said="451 later"), now=now)
        assert not outbox.is_due(books.session, now=now + minutes * MINUTE - MINUTE / 2)
        now += minutes * MINUTE
        assert outbox.next_due(books.session) == now
    outbox.answered(books.session, claim(books.session, now), accepted(TO), now=now)
    assert the_row(books.session).pending == COPY
    assert claim(books.session, now + timedelta(hours=1)).pending == (COPY,)


def test_refused_for_good_it_stays_until_somebody_tries_again(books: Books) -> None:
    queue(books.session)
    answer = Answer(frozenset([TO]), frozenset([COPY]), "550 no such user")
    outbox.answered(books.session, claim(books.session), answer, now=NOW)
    row = the_row(books.session)
    assert (row.state, row.refused, row.said) == (State.FAILED, COPY, "550 no such user")
    assert outbox.in_trouble(books.session) == [row]
    assert outbox.claim(books.session, now=NOW + timedelta(days=9)) is None
    with pytest.raises(NotOnTheLists):
        outbox.retry(books.session, number="", now=NOW)
    outbox.retry(books.session, number=row.id.hex()[:6], now=NOW)
    taken = claim(books.session)
    assert taken.pending == (COPY,) and taken.files == (FORM,)


@pytest.mark.parametrize("left", [False, True])
def test_whoever_was_killed_is_late(books: Books, left: bool) -> None:
    """Doubtful only where the message may have left."""
    queue(books.session)
    killed = claim(books.session)
    if left:
        assert outbox.hand_over(books.session, killed, now=NOW)
    lease = outbox.ANSWER_LEASE if left else outbox.LEASE
    assert outbox.claim(books.session, now=NOW + lease - MINUTE) is None
    again = claim(books.session, NOW + lease)
    assert again.id == killed.id and the_row(books.session).doubtful is left
    assert not outbox.hand_over(books.session, killed, now=NOW + lease)
    # It was only slow, and got through after all: nobody sends it again.
    outbox.answered(books.session, killed, accepted(TO, COPY), now=NOW + lease)
    assert not outbox.hand_over(books.session, again, now=NOW + lease)
    assert the_row(books.session).state == State.SENT


def test_what_is_no_more_does_not_leave(books: Books) -> None:
    assert outbox.withdraw(books.session, "order:1")
    queue(books.session)
    assert outbox.withdraw(books.session, "order:1") and the_subjects(books.session) == []
    queue(books.session)  # while somebody is just sending it
    taken = claim(books.session)
    assert outbox.withdraw(books.session, "order:1")
    assert not outbox.hand_over(books.session, taken, now=NOW)
    outbox.answered(books.session, taken, Answer(), now=NOW)
    assert the_subjects(books.session) == []


@pytest.mark.parametrize("answer", [accepted(TO), accepted(TO, COPY), Answer(doubtful=True), None])
def test_what_may_have_left_is_not_taken_back(books: Books, answer: Answer | None) -> None:
    queue(books.session)
    taken = claim(books.session)
    assert outbox.hand_over(books.session, taken, now=NOW)
    if answer is not None:
        outbox.answered(books.session, taken, answer, now=NOW)
    assert not outbox.withdraw(books.session, "order:1")
    assert len(the_subjects(books.session)) == 1


def test_a_clock_that_was_wrong_is_not_waited_for(books: Books) -> None:
    queue(books.session)
    ahead = NOW + timedelta(days=400)
    outbox.answered(books.session, claim(books.session, ahead), Answer(), now=ahead)
    assert outbox.is_due(books.session, now=NOW)


def test_old_rows_go(books: Books) -> None:
    queue(books.session, "refused")
    answer = Answer(refused=frozenset([TO, COPY]))
    outbox.answered(books.session, claim(books.session), answer, now=NOW)
    queue(books.session, "sent")
    outbox.answered(books.session, claim(books.session), accepted(TO, COPY), now=NOW)
    for days, left in ((30, 2), (31, 1), (90, 1), (91, 0)):
        outbox.forget(books.session, today=NOW.date() + timedelta(days=days))
        assert len(outbox.all_mail(books.session)) == left
    assert books.session.scalar(select(func.count()).select_from(MailFile)) == 0


@pytest.mark.parametrize("state", outbox.WAITING)
def test_what_waits_stays_whatever_the_clock_says(books: Books, state: State) -> None:
    queue(books.session)
    if state is not State.QUEUED:
        taken = claim(books.session)
        assert state is State.SENDING or outbox.hand_over(books.session, taken, now=NOW)
    outbox.forget(books.session, today=NOW.date() + timedelta(days=4000))
    assert the_row(books.session).state == state and the_row(books.session).files


@pytest.mark.race
def test_eight_senders_take_each_message_once(database: Database) -> None:
    with database.writing() as session:
        for number in range(40):
            queue(session, f"order:{number}")
    barrier = Barrier(8)

    def send() -> list[bytes]:
        barrier.wait(60)
        found = []
        while (one := database.write(lambda session: outbox.claim(session, now=NOW))) is not None:
            found.append(one.id)
        return found

    with ThreadPoolExecutor(8) as pool:
        taken = [one for future in [pool.submit(send) for _ in range(8)] for one in future.result()]
    assert len(taken) == len(set(taken)) == 40


@pytest.mark.race
def test_two_that_tell_of_the_same_thing_at_once_make_one(database: Database) -> None:
    barrier = Barrier(4)

    def tell() -> bool:
        barrier.wait(60)
        return database.write(queue)

    with ThreadPoolExecutor(4) as pool:
        made = [future.result() for future in [pool.submit(tell) for _ in range(4)]]
    assert sorted(made) == [False, False, False, True]
