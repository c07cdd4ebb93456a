"""The print queue: a closing queues its tally, nothing is printed twice unasked, and nothing in it tells of people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from inventory import backup, catalogue, days, printing
from inventory.counter import shifts
from inventory.database import SECRET, Database, open_database, sqlite_url
from inventory.printing import State
from inventory.stations import add_station
from inventory.tables import Item, PrintJob, Setting, Shift
from inventory.words import Mode

from . import house
from .house import command, picture

STATION = "CLIP-1"


@pytest.fixture(autouse=True)
def a_printer(database: Database) -> None:
    with database.writing() as session:
        add_station(
            session, name=STATION, place="CLIP", mode=Mode.HAND_OUT, printer="tcp://192.0.2.7:9100"
        )


def read(
    database: Database, *codes: str, station: str = STATION, ago: timedelta | None = None
) -> str:
    """Reads of this moment, or of some time ago; the last one's status."""
    at = datetime.now(UTC) - (ago or timedelta())
    return str(house.send(database, station, [house.raw_read(c, at) for c in codes])[-1]["status"])


def jobs(database: Database) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(select(PrintJob).order_by(PrintJob.id))
        return [
            {
                "id": job.id,
                "state": job.state,
                "copy": job.copy,
                "times": (job.began_at_s, job.ended_at_s),
                "shift": job.shift_id,
            }
            for job in rows
        ]


def states(database: Database) -> list[tuple[str, bool]]:
    return [(job["state"], job["copy"]) for job in jobs(database)]


def claim(database: Database) -> int:
    """The oldest job that waits, as the printer's process takes it."""
    with database.writing() as session:
        station_id = catalogue.station(session, STATION).id
        waiting = [
            job.id
            for job in printing.unfinished(session, station_id=station_id)
            if job.state == State.QUEUED
        ]
        taken = printing.claim(session, station_id=station_id, job_id=waiting[0])
        assert taken is not None
        assert printing.claim(session, station_id=station_id, job_id=taken.id) is None
        return taken.id


def report(database: Database, job: int, state: State) -> bool:
    with database.writing() as session:
        station_id = catalogue.station(session, STATION).id
        return printing.report(session, station_id=station_id, job_id=job, state=state).taken


def closed(database: Database) -> None:
    read(database, picture(database, "CUP"), command("close-shift"))


def test_closing_queues_the_tally_with_the_times_until_it_is_printed(database: Database) -> None:
    before = int(datetime.now(UTC).timestamp())
    closed(database)
    (job,) = jobs(database)
    assert (job["state"], job["copy"]) == ("queued", False)
    began, ended = job["times"]
    assert before <= began <= ended
    taken = claim(database)
    assert report(database, taken, State.PRINTED)
    assert jobs(database) == [{**job, "state": "printed", "times": (None, None)}]


def test_the_number_of_a_job_that_is_gone_does_not_come_back(database: Database) -> None:
    """A page that still shows labels, printed meanwhile, does not answer for those that came after."""

    def queued() -> int:
        with database.writing() as session:
            station_id = catalogue.station(session, STATION).id
            item = session.scalars(select(Item).limit(1)).one()
            lot = catalogue.lot(session, item_id=item.id, code="K1", expires=None)
            printing.kit_labels(session, station_id=station_id, lot_id=lot.id, copies=1)
            return max(session.scalars(select(PrintJob.id)))

    alone = queued()
    assert report(database, claim(database), State.PRINTED) and jobs(database) == []
    first, last = queued(), queued()
    with database.writing() as session:
        printing.cancel(session, job=printing.job(session, job_id=last))
    following = queued()
    assert len({alone, first, last, following}) == 4
    assert first < last and first < following


def test_a_station_without_a_printer_queues_nothing(database: Database) -> None:
    read(database, picture(database, "CUP"), command("close-shift"), station="CLIP-2")
    assert jobs(database) == []
    assert read(database, command("print-tally"), station="CLIP-2") == "ignored"


def test_every_way_of_closing_queues_it(database: Database) -> None:
    read(database, picture(database, "CUP"))
    with database.writing() as session:
        secret = session.get_one(Setting, SECRET).value
        shifts.close_station(session, station=STATION, secret=secret)
    assert states(database) == [("queued", False)]


def test_a_closing_that_fails_queues_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(shifts, "_erase", fails)
    with pytest.raises(RuntimeError):
        closed(database)
    assert jobs(database) == []


def test_the_tally_so_far_waits_once_and_gives_way_to_the_last_one(database: Database) -> None:
    read(database, picture(database, "CUP"))
    assert read(database, command("print-tally")) == "accepted"
    assert read(database, command("print-tally")) == "accepted"
    assert states(database) == [("queued", False)]
    assert jobs(database)[0]["times"] == (None, None)
    read(database, command("close-shift"))
    assert states(database) == [("cancelled", False), ("queued", False)]


def test_paper_opens_no_shift(database: Database) -> None:
    for code in ("print-tally", "print-again", "did-print-yes", "did-print-no"):
        assert read(database, command(code)) == "ignored"
    with database.reading() as session:
        assert session.scalar(select(func.count(Shift.id))) == 0
    closed(database)
    report(database, claim(database), State.PRINTED)
    assert read(database, command("print-tally")) == "accepted"
    assert states(database) == [("printed", False), ("queued", True)]
    with database.reading() as session:
        assert session.scalar(select(func.count(Shift.id))) == 1


def test_a_reprint_is_a_copy_and_only_asked_for(database: Database) -> None:
    closed(database)
    assert read(database, command("print-again")) == "accepted"
    assert states(database) == [("queued", False)], "it waits already"
    first = claim(database)
    assert read(database, command("print-again")) == "ignored", "it is being printed"
    report(database, first, State.PRINTED)
    assert read(database, command("print-again")) == "accepted"
    assert states(database) == [("printed", False), ("queued", True)]


def test_a_repeated_read_prints_nothing_more(database: Database) -> None:
    closed(database)
    report(database, claim(database), State.PRINTED)
    again = house.raw_read(command("print-again"), datetime.now(UTC))
    for _ in range(3):
        house.send(database, STATION, [again])
    assert states(database) == [("printed", False), ("queued", True)]


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [("did-print-yes", ("printed", False)), ("did-print-no", ("queued", True))],
)
def test_somebody_is_asked_about_silence(
    database: Database, answer: str, becomes: tuple[str, bool]
) -> None:
    closed(database)
    assert report(database, claim(database), State.UNKNOWN)
    assert read(database, command(answer)) == "accepted"
    assert states(database) == [becomes]
    assert (jobs(database)[0]["times"] == (None, None)) is (becomes[0] == "printed")
    assert read(database, command(answer)) == "ignored", "it is no longer in doubt"


def in_doubt(database: Database) -> int:
    """One more paper of which nobody knows whether it came out: its job."""
    closed(database)
    job = claim(database)
    report(database, job, State.UNKNOWN)
    return job


def of(database: Database, job: int) -> tuple[str, bool]:
    return next((one["state"], one["copy"]) for one in jobs(database) if one["id"] == job)


@pytest.mark.parametrize("answers", [("yes", "no"), ("no", "yes")])
def test_an_answer_is_to_the_question_that_is_asked(
    database: Database, answers: tuple[str, str]
) -> None:
    """One at a time, the oldest first; whatever becomes unknown meanwhile waits for its turn."""
    first, second = in_doubt(database), in_doubt(database)
    becomes = {"yes": ("printed", False), "no": ("queued", True)}
    for job, answer in zip((first, second), answers, strict=True):
        assert read(database, command(f"did-print-{answer}")) == "accepted"
        assert of(database, job) == becomes[answer]
    assert len(jobs(database)) == 2


def test_a_copy_in_doubt_waits_behind_the_question_that_is_asked(database: Database) -> None:
    first, second = in_doubt(database), in_doubt(database)
    read(database, command("did-print-no"))
    report(
        database, claim(database), State.UNKNOWN
    )  # the copy of the first, while the second is asked about
    read(database, command("did-print-yes"))
    assert (of(database, first), of(database, second)) == (("unknown", True), ("printed", False))
    read(database, command("did-print-yes"))
    assert of(database, first) == ("printed", True)


def test_an_answer_from_before_the_question_is_none_to_it(database: Database) -> None:
    """Read while the first was asked about, and kept in an outbox while somebody else answered for that one."""
    first, second = in_doubt(database), in_doubt(database)
    before = datetime.now(UTC) - timedelta(milliseconds=5)
    late = house.raw_read(command("did-print-yes"), before)
    read(database, command("did-print-no"))
    (told,) = house.send(database, STATION, [late])
    assert told["status"] == "ignored"
    assert (of(database, first), of(database, second)) == (("queued", True), ("unknown", False))
    assert read(database, command("did-print-yes")) == "accepted"
    assert of(database, second) == ("printed", False)


@pytest.mark.parametrize("goes", ["told late", "again", "cancelled", "forgotten"])
def test_whatever_becomes_of_a_question_the_next_one_is_asked(
    database: Database, goes: str
) -> None:
    first, second = in_doubt(database), in_doubt(database)
    with database.writing() as session:
        job = session.get_one(PrintJob, first)
        match goes:
            case "told late":
                printing.report(
                    session, station_id=job.station_id, job_id=first, state=State.PRINTED
                )
            case "again":
                printing.repeat(session, job=job, station=job.station)
            case "cancelled":
                printing.cancel(session, job=job)
            case _:
                job.day -= timedelta(days=8)
                printing.forget(session, today=days.today())
    assert read(database, command("did-print-yes")) == "accepted"
    assert of(database, second) == ("printed", False)


def test_what_the_printer_says_late_counts_unless_somebody_was_asked_meanwhile(
    database: Database,
) -> None:
    closed(database)
    job = claim(database)
    report(database, job, State.UNKNOWN)
    assert report(database, job, State.PRINTED), "better late than asked"
    assert report(database, job, State.PRINTED), "said again, for the answer was lost"
    assert not report(database, job, State.QUEUED)
    assert not report(database, job + 1, State.PRINTED)
    read(database, command("print-again"))
    copy = claim(database)
    report(database, copy, State.UNKNOWN)
    read(database, command("did-print-no"))
    assert not report(database, copy, State.PRINTED)
    assert states(database) == [("printed", False), ("queued", True)]


def lost(database: Database, *, is_away: bool = True) -> bool:
    """Somebody looks at the paper of a station of which nothing is heard."""
    with database.writing() as session:
        return printing.lose(session, station=STATION, is_away=lambda: is_away)


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [("did-print-yes", ("printed", False)), ("did-print-no", ("queued", True))],
)
@pytest.mark.parametrize("late", [State.QUEUED, State.PRINTED, State.UNKNOWN])
def test_somebody_is_asked_about_what_a_station_that_is_away_had_taken(
    database: Database, answer: str, becomes: tuple[str, bool], late: State
) -> None:
    closed(database)
    assert not lost(database), "nothing was taken"
    job = claim(database)
    closed(database)
    assert read(database, command(answer)) == "ignored"
    assert lost(database) and not lost(database)
    assert states(database) == [("unknown", False), ("queued", False)]
    assert read(database, command(answer)) == "accepted"
    assert of(database, job) == becomes
    assert report(database, job, late) is (late == becomes[0]), "it came back, and knew better"
    assert states(database) == [becomes, ("queued", False)]


def test_a_copy_of_what_a_station_that_is_away_had_taken_may_be_asked_for(
    database: Database,
) -> None:
    closed(database)
    claim(database)
    lost(database)
    assert read(database, command("print-tally")) == "accepted"
    assert states(database) == [("queued", True)]


@pytest.mark.parametrize("told", [State.QUEUED, State.PRINTED])
def test_a_station_that_is_back_before_anybody_answered_knows_best(
    database: Database, told: State
) -> None:
    closed(database)
    job = claim(database)
    lost(database)
    for _ in range(2):  # the answer to the first was lost
        assert report(database, job, told)
    assert states(database) == [(told, False)]
    assert read(database, command("did-print-no")) == "ignored"


def test_what_is_taken_at_the_last_moment_is_not_asked_about(database: Database) -> None:
    closed(database)
    claim(database)
    assert not lost(database, is_away=False)
    assert states(database) == [("sending", False)]


def test_labels_bear_no_mark(database: Database) -> None:
    with database.writing() as session:
        station = catalogue.station(session, STATION)
        item = session.scalars(select(Item).limit(1)).one()
        lot = catalogue.lot(session, item_id=item.id, code="K1", expires=None)
        printing.kit_labels(session, station_id=station.id, lot_id=lot.id, copies=1)
    report(database, claim(database), State.UNKNOWN)
    assert read(database, command("did-print-no")) == "accepted"
    report(database, claim(database), State.UNKNOWN)
    with database.writing() as session:
        job = session.scalars(select(PrintJob)).one()
        printing.repeat(session, job=job, station=job.station)
    assert states(database) == [("queued", False)]


def test_a_printer_that_was_not_ready_leaves_the_job_in_the_queue(database: Database) -> None:
    closed(database)
    assert report(database, claim(database), State.QUEUED)
    assert states(database) == [("queued", False)]


def test_a_command_that_comes_the_next_day_prints_nothing(database: Database) -> None:
    closed(database)
    report(database, claim(database), State.UNKNOWN)
    for code in ("print-tally", "print-again", "did-print-no"):
        assert read(database, command(code), ago=timedelta(hours=12)) == "ignored"
    assert states(database) == [("unknown", False)]


def test_training_prints_nothing(database: Database) -> None:
    read(database, picture(database, "CUP"), command("training"))
    assert read(database, command("print-tally")) == "ignored"
    assert jobs(database) == []


def test_cancelling_erases_the_times(database: Database) -> None:
    closed(database)
    with database.writing() as session:
        printing.cancel(session, job=session.scalars(select(PrintJob)).one())
    (job,) = jobs(database)
    assert (job["state"], job["times"]) == ("cancelled", (None, None))


def test_the_worker_forgets_what_is_over(database: Database) -> None:
    closed(database)
    report(database, claim(database), State.PRINTED)
    read(database, command("print-again"))
    today = days.today()
    for later, left in ((0, 2), (1, 1), (7, 1), (8, 0)):
        with database.writing() as session:
            printing.forget(session, today=today + timedelta(days=later))
        assert len(jobs(database)) == left, later


def test_a_backup_takes_no_paper(database: Database, tmp_path: Path) -> None:
    """Neither what waits nor what closing the open shifts in the copy would queue."""
    closed(database)
    read(database, picture(database, "CUP"))
    backup.backup(database, tmp_path / "a.backup")
    restored = open_database(sqlite_url(tmp_path / "restored.db"))
    backup.restore(restored, tmp_path / "a.backup", force=True)
    assert jobs(restored) == []
    restored.close()
    assert len(jobs(database)) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("decided", ["by its number", "all that wait"])
def test_the_printer_takes_no_job_that_somebody_decides_about(
    fresh_postgres: house.Fresh, decided: str
) -> None:
    with fresh_postgres() as database:
        closed_at_a_printer(database)
        number = jobs(database)[0]["id"]
        with database.writing() as session:
            if decided == "by its number":
                printing.job(session, job_id=number)  # looked at, not yet decided
            else:
                printing.again(session, station_id=catalogue.station(session, STATION).id)
            with pytest.raises(OperationalError, match="lock timeout"), database.writing() as other:
                other.execute(text("SET LOCAL lock_timeout = '50ms'"))
                claim_in(other, number)


@pytest.mark.postgres
def test_whether_a_station_is_away_is_asked_when_it_can_tell_nothing_more(
    fresh_postgres: house.Fresh,
) -> None:
    with fresh_postgres() as database:
        closed_at_a_printer(database)
        number = claim(database)

        def is_away() -> bool:
            with pytest.raises(OperationalError, match="lock timeout"), database.writing() as other:
                other.execute(text("SET LOCAL lock_timeout = '50ms'"))
                station_id = catalogue.station(other, STATION).id
                printing.report(other, station_id=station_id, job_id=number, state=State.PRINTED)
            return True

        with database.writing() as session:
            assert printing.lose(session, station=STATION, is_away=is_away)
        assert states(database) == [("unknown", False)]


def closed_at_a_printer(database: Database) -> None:
    """In a house of which only the lists are there."""
    with database.writing() as session:
        add_station(session, name=STATION, place="CLIP", mode=Mode.HAND_OUT, printer="tcp://x:9100")
    closed(database)


def claim_in(session: Session, number: int) -> None:
    printing.claim(session, station_id=catalogue.station(session, STATION).id, job_id=number)
