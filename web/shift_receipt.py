"""The receipt of a shift: its tally, counted at this moment, in the words of the station."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from inventory import replenish
from inventory import tally as tallies
from inventory.messages import Message
from inventory.tables import PrintJob, Shift
from labels.receipt import Line, Receipt, Section
from web.i18n import say
from web.tally_receipt import receipt_of

WEEK = timedelta(days=7)


def job_receipt(session: Session, job: PrintJob, *, now: datetime, address: str) -> Receipt:
    """The shift's own figures beside those of the same weekday a week before, if there are any."""
    shift, station = job.shift, job.station
    assert shift is not None, "labels are no receipt"
    day = shift.day - WEEK
    receipt = receipt_of(
        tallies.tally(session, shift_id=shift.id),
        station.language,
        previous=tallies.tally(
            session, first=day, last=day, channel=shift.channel, place=shift.place.code
        ),
        place=shift.place.name,
        station=station.name,
        times=_times(job),
        printed_at=now,
        qr=f"{address}/tally?shift={shift.id}",
        copy=job.copy,
    )
    if shift.station_id is not None:
        return receipt
    return replace(receipt, sections=(*receipt.sections, *_low(session, shift, station.language)))


def _low(session: Session, shift: Shift, language: str) -> Iterator[Section]:
    """What is to be brought before the next opening: said where the shift is over."""
    low = replenish.low(session, place_id=shift.place_id)
    if low:
        yield Section(
            heading=say(Message("To be replenished"), language),
            value_heading=say(Message("there"), language),
            second_heading=say(Message("level"), language),
            lines=tuple(
                Line(one.names.in_language(language), str(one.there), str(one.level)) for one in low
            ),
        )


def _times(job: PrintJob) -> tuple[datetime, datetime] | None:
    if job.began_at_s is None or job.ended_at_s is None:
        return None
    return datetime.fromtimestamp(job.began_at_s, UTC), datetime.fromtimestamp(job.ended_at_s, UTC)
