"""Reads that arrive after their evening was closed: part of the closed shift, each piece once and nobody twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory import catalogue, days, desk, shift_list, tally
from inventory.counter import correcting, joining, sheets, shifts
from inventory.counter.correcting import Where
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database
from inventory.errors import NotAllowed
from inventory.tables import Booking, Closing, Evening, Move, PrintJob, Setting, Shift, Station
from inventory.tally import Tally
from inventory.verify import verify
from inventory.words import HANDED_OUT
from labels.house import Kind, house_code
from tests import LONG
from web import reads
from web.jobs import at_once
from web.worker import close_idle_shifts, forget_old

from . import house, racing
from .house import TODAY, YESTERDAY, assert_sound, command, donate, picture, raw_read

EVENING = datetime.combine(YESTERDAY, time(20), days.ZONE)
"""Of yesterday."""

MORNING = datetime.combine(TODAY, time(9), days.ZONE)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def send(
    database: Database,
    *codes: str,
    at: datetime,
    now: datetime | None = None,
    station: str = "CLIP-1",
) -> list[dict[str, Any]]:
    """Reads made one second after the other, arriving at once or when it says."""
    batch = [raw_read(code, at + timedelta(seconds=n)) for n, code in enumerate(codes)]
    return arrive(database, batch, now=now or at + timedelta(seconds=len(codes)), station=station)


def arrive(
    database: Database,
    batch: Sequence[house.Raw],
    *,
    now: datetime,
    station: str = "CLIP-1",
    sent: str | None = None,
) -> list[dict[str, Any]]:
    with patch("inventory.days.now", lambda: now):
        done = reads.record(database, station=station, raw_reads=batch, language="en", sent=sent)
    assert done is not None
    return done.results


def person(database: Database, pieces: int = 1) -> list[str]:
    return [*[picture(database, "SER")] * pieces, command("next-person")]


def close(database: Database, passages: int | None = None, at: datetime = EVENING + HOUR) -> None:
    digits = [] if passages is None else house.number(passages)
    send(database, *digits, command("close-shift"), at=at)


def told(database: Database, day: date = YESTERDAY) -> Tally:
    with database.reading() as session:
        assert_sound(session)
        assert verify(session).faults == []
        return tally.tally(session, first=day, last=day)


def figures(database: Database, day: date = YESTERDAY) -> tuple[int, int, int, int]:
    """Shifts, open ones, passages and pieces."""
    found = told(database, day)
    pieces = sum(row.handed_out for row in found.rows)
    return found.shifts, found.open_shifts, found.passages, pieces


def wait(database: Database, until: datetime) -> None:
    at_once(database, close_idle_shifts, until)


def evening(database: Database, passages: int | None) -> None:
    """Two people, a box of ten on the shelf; the number given at closing may say more."""
    with database.writing() as session:
        donate(session, "SER", "a", 10, "CLIP")
    send(database, *person(database, 2), *person(database), at=EVENING)
    close(database, passages)


@pytest.mark.parametrize(("typed", "passages"), [(3, 3), (None, 3), (2, 2), (0, 0)])
def test_somebody_who_arrives_late_is_part_of_the_evening(
    database: Database, typed: int | None, passages: int
) -> None:
    """Who was counted by hand is not counted again; where nobody gave a number the third person is."""
    evening(database, typed)
    send(database, *person(database, 4), at=EVENING + 10 * MINUTE, now=MORNING)
    assert figures(database) == (1, 1, passages, 7)
    wait(database, MORNING + HOUR / 2)
    assert figures(database)[1] == 1
    wait(database, MORNING + HOUR + MINUTE)
    assert figures(database) == (1, 0, passages, 7)
    with database.reading() as session:
        (row,) = shift_list.shifts_of(session, first=YESTERDAY, last=TODAY)
        assert (row.passages, row.pieces) == (passages, 7)
        assert session.scalars(select(Evening)).all() == []
        assert session.scalars(select(Move.shift_id).where(Move.to_id == HANDED_OUT)).all() == [
            row.id,
            row.id,
        ]


def test_undo_and_numbers_work_from_one_batch_to_the_next(database: Database) -> None:
    evening(database, 3)
    syringe = picture(database, "SER")
    send(database, syringe, *house.number(4), at=EVENING + 10 * MINUTE, now=MORNING)
    send(database, syringe, syringe, at=EVENING + 11 * MINUTE, now=MORNING + MINUTE)
    send(database, command("undo"), at=EVENING + 12 * MINUTE, now=MORNING + 2 * MINUTE)
    wait(database, MORNING + 2 * HOUR)
    assert figures(database) == (1, 0, 3, 3 + 5)


def test_sent_again_it_changes_nothing(database: Database) -> None:
    evening(database, 3)
    codes = person(database, 4)
    batch = [raw_read(code, EVENING + 10 * MINUTE) for code in codes]
    for now in (MORNING, MORNING + MINUTE):
        arrive(database, batch, now=now)
    wait(database, MORNING + 2 * HOUR)
    again = arrive(database, batch, now=MORNING + 3 * HOUR)
    assert all(answer["already_recorded"] for answer in again)
    assert figures(database) == (1, 0, 3, 7)


def test_returns_and_contacts_are_added_to_those_of_the_evening(database: Database) -> None:
    back = [command("returned-declared-20"), command("contact-shower")]
    send(database, *back, at=EVENING)
    close(database, 1)
    send(database, *back, *back, at=EVENING, now=MORNING)
    wait(database, MORNING + 2 * HOUR)
    found = told(database)
    assert (found.shifts, found.passages, found.returned) == (1, 1, 60)
    assert found.contacts == {"shower": 3}


def test_who_comes_after_closing_is_no_late_read(database: Database) -> None:
    evening(database, 2)
    send(database, *person(database), at=EVENING + 2 * HOUR)
    close(database, at=EVENING + 3 * HOUR)
    assert figures(database) == (2, 0, 3, 4)


def test_the_counter_opens_again_while_late_reads_wait(database: Database) -> None:
    """Who is there now counts, whoever came in late before."""
    evening(database, 3)
    back = EVENING + 2 * HOUR
    send(database, *person(database), at=EVENING, now=back)
    assert figures(database) == (1, 1, 3, 4)
    send(database, picture(database, "SER"), at=back + MINUTE)
    assert figures(database) == (2, 1, 3, 5)
    close(database, at=back + HOUR)
    assert figures(database) == (2, 0, 4, 5)


# Late or a second opening: the moment of closing decides


def test_a_second_opening_without_a_network_counts_its_own(database: Database) -> None:
    """Its number and its closing too, however late they come in."""
    evening(database, 2)
    again = [*person(database) * 5, *house.number(5), command("close-shift")]
    send(database, *again, at=EVENING + 2 * HOUR, now=EVENING + 4 * HOUR)
    assert figures(database) == (2, 0, 2 + 5, 3 + 5)


def test_a_second_opening_whose_network_came_back(database: Database) -> None:
    evening(database, 2)
    again = EVENING + 2 * HOUR
    send(database, *person(database) * 3, at=again, now=again + 5 * MINUTE)
    send(database, *person(database) * 2, at=again + 6 * MINUTE)
    with database.reading() as session:
        assert joining.waiting(session) == []
    close(database, at=again + HOUR)
    assert figures(database) == (2, 0, 2 + 5, 3 + 5)


def test_another_station_of_the_place_joins_nothing(database: Database) -> None:
    evening(database, 2)
    there: dict[str, Any] = {"station": "CLIP-2"}
    send(database, *person(database) * 5, at=EVENING, now=EVENING + 2 * HOUR, **there)
    assert figures(database) == (2, 1, 2 + 5, 3 + 5)
    send(database, *house.number(6), command("close-shift"), at=EVENING + 3 * HOUR, **there)
    assert figures(database) == (2, 0, 2 + 6, 3 + 5)


def test_the_moment_a_clock_showed_is_put_right_first(database: Database) -> None:
    """A clock that is five minutes slow: who comes two minutes after closing is no late read."""
    evening(database, 2)
    now = EVENING + HOUR + 2 * MINUTE
    shown = now - 5 * MINUTE
    batch = [raw_read(code, shown) for code in person(database)]
    arrive(database, batch, now=now, sent=shown.isoformat())
    assert figures(database) == (2, 1, 3, 4)


def test_each_of_two_shifts_of_a_day_gets_its_own(database: Database) -> None:
    evening(database, 2)
    send(database, *person(database), at=EVENING + 2 * HOUR)
    close(database, 1, at=EVENING + 3 * HOUR)
    for at, codes in ((EVENING, 1), (EVENING + 2 * HOUR, 2), (EVENING + 4 * HOUR, 3)):
        send(database, *person(database, codes), at=at, now=MORNING)
    with database.reading() as session:
        (open_one,) = session.scalars(select(Shift).where(Shift.station_id.is_not(None))).all()
        assert not joining.is_late(session, open_one)
        found = shift_list.shifts_of(session, first=YESTERDAY, last=YESTERDAY)
    assert sorted((row.passages, row.pieces) for row in found) == [(1, 3), (1, 3), (2, 4)]
    assert figures(database) == (3, 1, 2 + 1 + 1, 3 + 1 + 6)


def test_a_close_that_comes_late_closes_no_later_opening(database: Database) -> None:
    evening(database, 2)
    send(database, *person(database), at=EVENING + 2 * HOUR)
    late = send(database, command("close-shift"), at=EVENING, now=EVENING + 2 * HOUR + MINUTE)
    assert (late[0]["status"], late[0]["message"]) == ("ignored", "No shift is open.")
    assert figures(database) == (2, 1, 3, 4)


def test_after_a_week_nobody_knows_when_a_counter_closed(database: Database) -> None:
    evening(database, 2)
    with database.reading() as session:
        assert session.scalars(select(Closing.day)).all() == [YESTERDAY]
    at_once(database, forget_old, MORNING + 6 * 24 * HOUR)
    with database.reading() as session:
        assert session.scalars(select(Closing.day)).all() == [YESTERDAY]
    at_once(database, forget_old, EVENING + HOUR + MINUTE + joining.KEPT)
    with database.reading() as session:
        assert session.scalars(select(Closing)).all() == []
    send(database, *person(database), at=EVENING, now=EVENING + 10 * 24 * HOUR)
    assert figures(database) == (2, 1, 3, 4)


# A number alone is no shift


def test_a_number_is_counted_once_however_often_it_is_sent(database: Database) -> None:
    evening(database, 12)
    for n in range(1, 3):
        twelve = [*house.number(12), command("close-shift")]
        again = send(database, *twelve, at=EVENING + HOUR + n * MINUTE)
        assert (again[-1]["status"], again[-1]["message"]) == ("ignored", "No shift is open.")
    assert figures(database) == (1, 0, 12, 3)


def test_a_number_is_counted_once_without_a_network(database: Database) -> None:
    with database.writing() as session:
        donate(session, "SER", "a", 10, "CLIP")
    three = [*house.number(3), command("close-shift")]
    send(database, *person(database) * 3, *three, *three, at=EVENING, now=EVENING + HOUR)
    assert figures(database) == (1, 0, 3, 3)


def test_two_pages_close_at_the_same_moment(database: Database) -> None:
    with database.writing() as session:
        donate(session, "SER", "a", 30, "CLIP")
    send(database, *person(database) * 12, at=EVENING)

    def twelve(db: Database) -> None:
        codes = [*house.number(12), command("close-shift")]
        done = reads.record(
            db,
            station="CLIP-1",
            raw_reads=[raw_read(code, EVENING + HOUR) for code in codes],
            language="en",
        )
        assert done is not None

    with patch("inventory.days.now", lambda: EVENING + HOUR):
        racing.threads(database, [twelve, twelve])
    assert figures(database) == (1, 0, 12, 12)


@pytest.mark.parametrize("by", ["lead", "itself"])
def test_a_number_alone_leaves_no_shift_whoever_closes(database: Database, by: str) -> None:
    evening(database, 2)
    send(database, *house.number(7), command("clear"), *house.number(7), at=EVENING + 2 * HOUR)
    if by == "itself":
        wait(database, MORNING)
    else:

        def close_it(session: Session) -> None:
            secret = session.get_one(Setting, SECRET).value
            assert shifts.close_station(session, station="CLIP-1", secret=secret, passages=7) == []

        database.write(close_it)
    assert figures(database) == (1, 0, 2, 3)
    with database.reading() as session:
        assert session.scalars(select(Evening)).all() == []


def test_a_number_that_nothing_follows_yet_waits_for_what_it_is_of(database: Database) -> None:
    with database.writing() as session:
        donate(session, "SER", "a", 10, "CLIP")
    send(database, *house.number(4), at=EVENING)
    send(database, picture(database, "SER"), at=EVENING + MINUTE)
    close(database)
    assert figures(database) == (1, 0, 1, 4)


def test_a_number_that_came_late_replaces_none(database: Database) -> None:
    evening(database, 3)
    codes = [*person(database), *house.number(3), command("close-shift")]
    send(database, *codes, at=EVENING + 10 * MINUTE, now=MORNING)
    assert figures(database) == (1, 0, 3, 4)


def answer_button(database: Database, seen: joining.Waiting, more: bool) -> date | None:
    def work(session: Session) -> date | None:
        secret = session.get_one(Setting, SECRET).value
        return shifts.close_late(
            session, shift_id=seen.shift_id, secret=secret, seen=seen.seen, more=more
        )

    return database.write(work)


def waiting(database: Database) -> joining.Waiting:
    with database.reading() as session:
        (late,) = joining.waiting(session)
    return late


def test_it_is_told_and_somebody_may_say_that_they_were_more(database: Database) -> None:
    evening(database, 2)
    send(database, *person(database), *person(database), at=EVENING, now=MORNING)
    late = waiting(database)
    with database.reading() as session:
        assert joining.waiting(session, first=TODAY) == []
    assert (late.day, late.place, late.reads) == (YESTERDAY, "CLIP", 4)
    assert (late.passages, late.joins, late.held) == (2, True, True)
    assert answer_button(database, late, more=True) == YESTERDAY
    assert answer_button(database, late, more=True) is None
    assert figures(database) == (1, 0, 4, 5)


def test_a_page_of_before_decides_nothing_about_what_came_since(database: Database) -> None:
    """Not even where just as many come in under the same number, as numbers of shifts are used again."""
    evening(database, 2)
    send(database, *person(database), at=EVENING, now=MORNING)
    before = waiting(database)
    send(database, *person(database), at=EVENING + MINUTE, now=MORNING + MINUTE)
    with pytest.raises(NotAllowed, match="changed meanwhile"):
        answer_button(database, before, more=True)
    between = waiting(database)
    assert answer_button(database, between, more=False) == YESTERDAY
    send(database, *person(database), at=EVENING + 2 * MINUTE, now=MORNING + HOUR)
    since = replace(waiting(database), shift_id=before.shift_id)
    if waiting(database).shift_id == before.shift_id:  # always so on SQLite
        with pytest.raises(NotAllowed, match="changed meanwhile"):
            answer_button(database, before, more=True)
        assert (since.reads, since.passages) == (before.reads, before.passages)
    else:
        assert answer_button(database, before, more=True) is None
    assert figures(database) == (1, 1, 2, 3 + 3)


def test_a_round_ends_by_itself_where_it_only_adds_to_one(database: Database) -> None:
    van: dict[str, Any] = {"station": "VAN"}
    send(database, house_code(Kind.PLACE, place_id(database, "MIDI")), at=EVENING, **van)
    send(database, *person(database), command("close-shift"), at=EVENING, **van)
    send(database, *person(database), at=EVENING, now=MORNING, **van)
    wait(database, MORNING + 2 * HOUR)
    found = told(database)
    assert (found.shifts, found.open_shifts, found.passages) == (1, 0, 2)
    assert [(row.site, row.handed_out) for row in found.rows] == [("MIDI", 2)]


def place_id(database: Database, code: str) -> int:
    with database.reading() as session:
        return catalogue.place(session, code).id


def test_the_channel_is_corrected_meanwhile(database: Database) -> None:
    evening(database, 3)
    send(database, *person(database), at=EVENING, now=MORNING)
    with database.reading() as session:
        shift_id = session.scalars(select(Shift.id).where(Shift.station_id.is_(None))).one()
    here, there = Where("counter", "CLIP"), Where("rounds", "MIDI")
    database.write(
        lambda session: correcting.correct(session, shift_id=shift_id, seen=here, wanted=there)
    )
    wait(database, MORNING + 2 * HOUR)
    assert figures(database) == (1, 0, 3, 4)
    assert {(row.channel, row.site) for row in told(database).rows} == {("rounds", "MIDI")}


def of_the_van(database: Database) -> list[str]:
    """Somebody whose shift names another channel."""
    van = house_code(Kind.PLACE, place_id(database, "VAN"))
    return [*person(database), command("correct-channel"), van]


def test_what_names_another_channel_is_a_shift_of_its_own(database: Database) -> None:
    evening(database, 3)
    send(database, *of_the_van(database), at=EVENING, now=MORNING)
    late = waiting(database)
    assert (late.joins, late.held, late.passages) == (False, False, 1)
    assert figures(database) == (2, 1, 4, 4)
    wait(database, MORNING + 2 * HOUR)
    assert figures(database) == (2, 0, 4, 4)


def test_what_names_another_channel_counts_its_passages_once(database: Database) -> None:
    evening(database, 3)
    send(database, *of_the_van(database), at=EVENING, now=MORNING)
    assert answer_button(database, waiting(database), more=True) == YESTERDAY
    assert figures(database) == (2, 0, 4, 4)


def test_what_names_its_own_channel_keeps_it_when_the_closed_shift_is_corrected(
    database: Database,
) -> None:
    evening(database, 3)
    send(database, *of_the_van(database), at=EVENING, now=MORNING)
    with database.reading() as session:
        shift_id = session.scalars(select(Shift.id).where(Shift.station_id.is_(None))).one()
        own = session.scalars(select(Shift).where(Shift.station_id.is_not(None))).one()
        named = (own.channel, own.site_id)
    here, there = Where("counter", "CLIP"), Where("counter", "MIDI")
    database.write(
        lambda session: correcting.correct(session, shift_id=shift_id, seen=here, wanted=there)
    )
    with database.reading() as session:
        own = session.scalars(select(Shift).where(Shift.station_id.is_not(None))).one()
        assert (own.channel, own.site_id) == named
    wait(database, MORNING + 2 * HOUR)
    assert figures(database) == (2, 0, 4, 4)


def test_only_the_shift_of_a_station_is_joined(database: Database) -> None:
    """A sheet may be taken back, and what was picked up in the street undone."""

    def at_a_desk(session: Session) -> None:
        secret = session.get_one(Setting, SECRET).value
        sheet = Sheet(id=uuid4(), place="CLIP", day=YESTERDAY, passages=2)
        sheets.record_sheet(session, sheet=sheet, secret=secret, now=MORNING)
        booking = Booking(id=uuid4().bytes, content=b"", day=YESTERDAY)
        session.add(booking)
        session.flush()
        place = catalogue.place(session, "CLIP")
        how = {"method": "declared", "unit": "piece", "factor": "1", "measured": Decimal(3)}
        desk.picked_up(session, booking=booking, place=place, **how)  # type: ignore[arg-type]

    database.write(at_a_desk)
    send(database, *person(database), at=EVENING, now=MORNING)
    with database.reading() as session:
        assert joining.waiting(session) == []
    assert figures(database) == (3, 1, 3, 1)


def test_nothing_is_printed_unasked_and_the_station_stays_open(database: Database) -> None:
    with database.writing() as session:
        found = catalogue.station(session, "CLIP-1")
        found.printer, found.opened_on, found.is_open = "tcp://192.0.2.7:9100", YESTERDAY, True
    evening(database, 3)
    with database.writing() as session:
        catalogue.station(session, "CLIP-1").is_open = True
    send(database, *person(database), at=EVENING, now=MORNING)
    with database.writing() as session:
        late = session.scalars(select(Shift).where(Shift.station_id.is_not(None))).one()
        shift_id, station = late.id, session.scalars(select(Station)).first()
        assert station is not None
        session.add(
            PrintJob(
                station_id=late.station_id,
                shift_id=shift_id,
                what="tally",
                state="queued",
                day=TODAY,
            )
        )
    wait(database, MORNING + 2 * HOUR)
    with database.reading() as session:
        (one,) = session.scalars(select(Shift.id)).all()
        assert session.scalars(select(PrintJob.shift_id)).all() == [one, one]
        assert catalogue.station(session, "CLIP-1").is_open


@pytest.mark.parametrize("live", [True, False])
def test_nothing_is_printed_for_late_reads_of_another_channel_either(
    database: Database, live: bool
) -> None:
    with database.writing() as session:
        catalogue.station(session, "CLIP-1").printer = "tcp://192.0.2.7:9100"
    evening(database, 3)
    with database.writing() as session:
        found = catalogue.station(session, "CLIP-1")
        found.opened_on, found.is_open = YESTERDAY, True
        session.execute(delete(PrintJob))
    later = EVENING + 2 * HOUR
    send(database, *of_the_van(database), at=EVENING, now=later)
    if live:
        send(database, *person(database), at=later + MINUTE)
    else:
        wait(database, later + 2 * HOUR)
    with database.reading() as session:
        assert session.scalars(select(PrintJob)).all() == []
        assert catalogue.station(session, "CLIP-1").is_open
    assert figures(database) == ((3, 1, 5, 5) if live else (2, 0, 4, 4))


made = st.tuples(st.integers(0, 3), st.integers(1, 3), st.booleans())
"""A person: pieces of two articles, and whether their reads arrive after closing."""


@given(people=st.lists(made, min_size=1, max_size=6), by_hand=st.booleans())
@settings(
    deadline=None,
    max_examples=90 if LONG else 7,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whoever_arrives_late_the_day_is_the_same(
    template: house.Template, people: list[tuple[int, int, bool]], by_hand: bool
) -> None:
    found = []
    for any_late in (True, False):
        with template.copy() as database:
            database.write(lambda session: donate(session, "SER", "a", 8, "CLIP"))
            cup, syringe = picture(database, "CUP"), picture(database, "SER")
            batches = [
                (
                    [
                        raw_read(code, EVENING + n * 2 * MINUTE)
                        for code in [cup] * cups + [syringe] * syringes
                    ],
                    late and any_late,
                )
                for n, (cups, syringes, late) in enumerate(people)
            ]
            for batch, late in batches:
                if not late:
                    arrive(database, batch, now=EVENING + HOUR)
            close(database, len(people) if by_hand else None, at=EVENING + 2 * HOUR)
            for batch, late in batches:
                if late:
                    arrive(database, batch, now=MORNING)
            wait(database, MORNING + 7 * HOUR)
            day = told(database)
            found.append((day.passages, day.rows, day.short, day.contents))
    assert found[0] == found[1]
