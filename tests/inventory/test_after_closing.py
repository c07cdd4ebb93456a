"""Reads that arrive after their evening was closed: part of the closed shift, each piece once and nobody twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory import catalogue, days, desk, shift_list, tally
from inventory.counter import correcting, joining, sheets, shifts
from inventory.counter.correcting import Where
from inventory.counter.sheets import Sheet
from inventory.database import SECRET, Database
from inventory.tables import Booking, Evening, Move, PrintJob, Setting, Shift, Station
from inventory.tally import Tally
from inventory.verify import verify
from inventory.words import HANDED_OUT
from labels.house import Kind, house_code
from web import reads
from web.worker import close_idle_shifts

from . import house
from .house import TODAY, YESTERDAY, assert_sound, command, donate, picture, raw_read

EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=days.ZONE)
"""Of yesterday."""

MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=days.ZONE)
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
    database: Database, batch: Sequence[house.Raw], *, now: datetime, station: str = "CLIP-1"
) -> list[dict[str, Any]]:
    with patch("inventory.days.now", lambda: now):
        done = reads.record(database, station=station, raw_reads=batch, language="en")
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
    close_idle_shifts(database, until)


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


def test_a_number_that_came_late_replaces_none(database: Database) -> None:
    evening(database, 3)
    codes = [*person(database), *house.number(3), command("close-shift")]
    send(database, *codes, at=EVENING + 10 * MINUTE, now=MORNING)
    assert figures(database) == (1, 0, 3, 4)


def test_it_is_told_and_somebody_may_say_that_they_were_more(database: Database) -> None:
    evening(database, 2)
    send(database, *person(database), *person(database), at=EVENING, now=MORNING)
    with database.reading() as session:
        (late,) = joining.waiting(session)
        assert joining.waiting(session, first=TODAY) == []
    assert (late.day, late.place, late.reads) == (YESTERDAY, "CLIP", 4)
    assert (late.passages, late.held) == (2, True)

    def more(session: Session) -> None:
        secret = session.get_one(Setting, SECRET).value
        shifts.close(
            session, shift=session.get_one(Shift, late.shift_id), secret=secret, passages=2
        )

    database.write(more)
    assert figures(database) == (1, 0, 4, 5)


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


def test_what_names_another_channel_is_a_shift_of_its_own(database: Database) -> None:
    evening(database, 3)
    codes = [
        command("correct-channel"),
        house_code(Kind.PLACE, place_id(database, "VAN")),
    ]
    send(database, *person(database), *codes, at=EVENING, now=MORNING)
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


made = st.tuples(st.integers(0, 3), st.integers(1, 3), st.booleans())
"""A person: pieces of two articles, and whether their reads arrive after closing."""


@given(people=st.lists(made, min_size=1, max_size=6), by_hand=st.booleans())
@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
