"""A badge read at a station: it opens it, or says that somebody else takes over. No answer holds a name or a number."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from inventory import badges, catalogue, days, station_opening
from inventory.counter.reads import Incoming
from inventory.counter.values import Feedback, Status
from inventory.messages import Message
from inventory.station_opening import Opened
from inventory.tables import Person
from inventory.words import Role
from web import access
from web.badges import number_in
from web.limits import Attempts, Key, TooManyTries

NOT_VALID = Message("This badge is not valid. Reads are recorded all the same.")
ANOTHER_STATION = Message("This badge or PIN opens stations of the workshop only.")
AN_OLD_ONE = Message("A badge read on another day: nothing was opened.")
OPENED = Message("The station is open until the end of the service day.")
HANDOVER = Message("Handover. The tally so far can be printed; the station stays open.")
ELSEWHERE = Message(
    "The station is open. Whoever opened it usually works elsewhere: is it the right station?"
)


def badge_read(session: Session, read: Incoming, *, station: str, attempts: Attempts) -> Feedback:
    """What a badge does at a station. Nothing of it is kept, so it is always `ignored`."""
    number = number_in(read.code)
    today = days.today()
    if number is None or days.service_day(read.at) != today:
        return Feedback(Status.IGNORED, AN_OLD_ONE)
    try:
        with attempts.trying([tries_at(station)]) as right:
            person = badges.whose(session, number)
            if person is None:
                return Feedback(Status.IGNORED, NOT_VALID)
            right()
    except TooManyTries as error:
        return Feedback(Status.IGNORED, error.message)
    if not may_open(session, person, station=station):
        return Feedback(Status.IGNORED, ANOTHER_STATION)
    return Feedback(Status.IGNORED, told(_open(session, station, person.place_id, today)))


def tries_at(station: str) -> Key:
    """Where the badges shown at a station are counted, whether its scanner reads them or a browser there."""
    return ("badge", "station", station)


def may_open(session: Session, person: Person, *, station: str) -> bool:
    """Whether a station is for whoever shows a badge or gives a PIN there."""
    kind = catalogue.station(session, station).place.kind
    return access.works_at(Role(person.role), kind)


def told(opened: Opened) -> Message:
    """What opening a station is answered with."""
    if opened.elsewhere:
        return ELSEWHERE
    return HANDOVER if opened.handover else OPENED


def _open(session: Session, station: str, place_id: int | None, today: date) -> Opened:
    return station_opening.open_station(session, station=station, place_id=place_id, today=today)
