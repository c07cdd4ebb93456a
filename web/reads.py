"""Reads from outside: parsing what was sent, reading the codes, recording them, answering in plain data.

What a code means is found by `web.meanings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from inventory import days, printing, replenish, statements
from inventory.counter import lanes, reads, returning, station_now
from inventory.counter.parts import TIMES
from inventory.counter.reads import Answer, Incoming
from inventory.counter.station_now import StationNow
from inventory.counter.step import awake, passages_at_closing
from inventory.counter.values import (
    Act,
    Feedback,
    Lane,
    Line,
    Status,
)
from inventory.database import Database
from inventory.messages import Message
from web import meanings, station_badges, workshop
from web.i18n import say
from web.limits import Attempts

MOST_READS = 200
"""A batch; a station with more unsent sends the rest in the next one."""

MOST_CODE_CHARACTERS = 4096
MOST_ID_ECHOED = 64

MOST_UNDERWAY = timedelta(seconds=15)
"""A batch that says it was sent so long ago was on its way, by a clock that is right: senders give up after 10 s."""

MOST_WRONG = timedelta(minutes=10)
"""Beyond it the sender's clock was set since it made the reads, or died: their own moments are the better ones."""

_UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I | re.A
)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A read nobody can record: answered alone, the rest of its batch goes on."""

    id: str | None
    message: Message


def clock_behind(sent: Any, now: datetime) -> timedelta:
    """How far the clock of whoever sent a batch is behind ours; nothing where it does not say what it shows.

    Two scanners of one station may stand at two computers: which read came before which is told by one clock.
    """
    shown = _moment(sent)
    behind = timedelta() if shown is None else now - shown
    is_wrong = behind < timedelta() or behind > MOST_UNDERWAY
    return behind if is_wrong and abs(behind) <= MOST_WRONG else timedelta()


def parse_read(raw: Any, behind: timedelta = timedelta()) -> Incoming | Malformed:
    """One element of `reads`, made by a clock that is so far behind, or what is wrong with it."""
    if not isinstance(raw, dict):
        return Malformed(None, Message("A read is an object with id, code and at."))
    sent_id, code, at = raw.get("id"), raw.get("code"), raw.get("at")
    echoed = _echo(sent_id) if isinstance(sent_id, str) else None
    read_id = _uuid4(sent_id)
    if read_id is None:
        return Malformed(echoed, Message("The read's id is not a UUID of version 4."))
    if not isinstance(code, str) or len(code) > MOST_CODE_CHARACTERS:
        return Malformed(echoed, Message("The read has no code, or one that is far too long."))
    moment = _moment(at)
    if moment is None:
        return Malformed(echoed, Message("The read's moment is not an RFC 3339 date and time."))
    lane = raw.get("lane") or ""
    if lane not in ("", *lanes.LANES):
        return Malformed(echoed, Message("The read's lane is neither a nor b."))
    return Incoming(read_id, code, moment + behind, lane, raw.get("separator") == "lost")


def _echo(text: str) -> str:
    # Half a surrogate pair, which JSON can hold, is no text to answer with.
    return text[:MOST_ID_ECHOED].encode(errors="replace").decode()


def _uuid4(text: Any) -> UUID | None:
    # Python's own reading is generous: braces, hyphens anywhere, digits of any script.
    return UUID(text) if isinstance(text, str) and _UUID4.fullmatch(text) else None


def _moment(text: Any) -> datetime | None:
    try:
        # RFC 3339 allows small letters, which Python does not read.
        moment = datetime.fromisoformat(text.upper()) if isinstance(text, str) else None
        # The far ends of the calendar cannot be shifted to Brussels; a clock that stands at 1970 can: such reads are
        # set aside for the lead.
        in_range = moment is not None and moment.tzinfo is not None and 1 < moment.year < 9999
    except ValueError:
        return None
    return moment if in_range else None


Answered = tuple[str | None, Answer | Malformed]
"""What became of one read, and its id as it was sent, capitals and all: its maker looks for it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A batch as it is answered."""

    answered: list[Answered]
    results: list[dict[str, Any]]
    session: dict[str, Any]
    erased: bool
    """Whether a journal, a batch or the like was erased, of which no file is to keep anything."""
    batch: dict[str, Any] | None = None
    """What the bench shows, where a read was of the workshop."""


def record(
    database: Database,
    *,
    station: str,
    raw_reads: Sequence[Any],
    language: str,
    token_hash: bytes | None = None,
    attempts: Attempts | None = None,
    sent: Any = None,
) -> Recorded | None:
    """Record a batch durably and answer in order; None if there is no such station, or not with that token.

    `sent` is what the sender's clock showed.

    One transaction: either every answer is kept or none was given.
    """
    now = days.now()
    behind = clock_behind(sent, now)
    parsed = [parse_read(raw, behind) for raw in raw_reads]
    first = next((read.at for read in parsed if isinstance(read, Incoming)), now)
    day = days.service_day(first)

    def work(session: Session) -> Recorded | None:
        here = station_now.station(session, name=station, day=day, token_hash=token_hash)
        if here is None:
            return None
        well_formed = [read for read in parsed if isinstance(read, Incoming)]
        badge_read = partial(
            station_badges.badge_read, session, station=here.name, attempts=attempts or Attempts()
        )
        answers = reads.record(
            here, well_formed, meaning_of=meanings.meaning, now=now, badge_read=badge_read
        )
        return _recorded(here, _in_order(raw_reads, parsed, answers), language)

    done = database.write(work)
    if done is not None and done.erased:
        database.forget_erased()
    return done


def _recorded(here: StationNow, answered: list[Answered], language: str) -> Recorded:
    """The answer to a batch, and what the station shows after it."""
    results = [result(one, language) for one in answered]
    view = session_view(here)
    if here.closed:
        view["low"] = low_there(here.session, here.place_id)
    erased = bool(here.closed) or here.erased
    batch = workshop.view(here) if here.made_kits else None
    return Recorded(answered, results, view, erased, batch)


def _in_order(
    raw_reads: Sequence[Any], parsed: Sequence[Incoming | Malformed], answers: Iterable[Answer]
) -> list[Answered]:
    """Every read of a batch with what became of it: the malformed ones too, in their places."""
    each = iter(answers)
    return [
        (read.id, read) if isinstance(read, Malformed) else (raw["id"], next(each))
        for raw, read in zip(raw_reads, parsed, strict=True)
    ]


def low_there(session: Session, place_id: int) -> list[dict[str, Any]]:
    """What a place has less of than its levels say: of interest once a shift is over."""
    below = replenish.low(session, place_id=place_id)
    return [{"item": one.item, "there": one.there, "level": one.level} for one in below]


def current_session(database: Database, *, station: str) -> dict[str, Any] | None:
    """The session of a station today, for a page that opens."""
    with database.reading() as session:
        here = station_now.station(session, name=station, day=days.today(), to_record=False)
        return session_view(here) if here else None


def result(answered: Answered, language: str) -> dict[str, Any]:
    """What became of a read, in plain data and in a reader's language."""
    sent_id, answer = answered
    if isinstance(answer, Malformed):
        return _answer(sent_id, Feedback(Status.REFUSED, answer.message), language)
    told = _answer(sent_id, answer.feedback, language)
    if answer.already_recorded:
        told["already_recorded"] = True
    if answer.feedback.on_hold:
        told["on_hold"] = True
    if answer.feedback.brought_back:
        told["brought_back"] = True
    shown = answer.feedback.workshop
    if shown is not None:
        told["workshop"] = {"show": shown.show, "tell": shown.tell, "params": dict(shown.params)}
    return told


def _answer(read_id: str | None, feedback: Feedback, language: str) -> dict[str, Any]:
    return {
        "id": read_id,
        "status": feedback.status.value,
        "item": feedback.item,
        "lot": feedback.lot or None,
        "expires": feedback.expires.isoformat() if feedback.expires else None,
        "gtin": feedback.gtin,
        "pieces": feedback.pieces,
        "command": feedback.command,
        "message": say(feedback.message, language),
    }


def session_view(here: StationNow) -> dict[str, Any]:
    """A session as a page shows it."""
    shift = here.latest or here.shift(days.today())
    state = awake(shift.state, days.now())
    by_lane = {lane: _lines(theirs) for lane, theirs in lanes.lines(state).items()}
    return {
        "station": here.name,
        "place": here.place,
        "channel": shift.channel,
        "day": shift.day.isoformat(),
        "open": shift.shift_id is not None,
        "mode": state.mode.value,
        "other": _far_end(here.session, state.other),
        "number": state.number.removeprefix(TIMES),
        "expect": state.expect,
        "street": state.street,
        "afterwards": state.afterwards,
        "training": state.training is not None,
        "passages": state.passages,
        "passages_at_closing": passages_at_closing(state),
        "lane": state.lane,
        "lines": by_lane[state.lane],
        "lanes": by_lane,
        "aside": _waiting_in(state.aside),
        "quiet_at": lanes.quiet_at(state),
        "returned": [
            {
                "method": back.method,
                "unit": back.unit,
                "measured": f"{back.measured.normalize():f}",
                "container": back.container,
            }
            for back in returning.used(state)
        ],
        "brought_back": _lines(returning.unopened(state)),
        "print": _paper(here),
    }


def _waiting_in(aside: Lane | None) -> dict[str, Any] | None:
    """What was read in the other lane for what comes next there, if anybody was served there."""
    if aside is None:
        return None
    return {
        "mode": aside.mode.value,
        "number": aside.number.removeprefix(TIMES),
        "expect": aside.expect,
        "street": aside.street,
        "afterwards": aside.afterwards,
    }


def _far_end(session: Session, code: str | None) -> dict[str, str] | None:
    """Where a load goes to or comes from, if a place was named."""
    found = statements.PLACE_NAME(session, code=code).first() if code else None
    return {"code": code, "name": found[0]} if code and found else None


def _paper(here: StationNow) -> dict[str, Any] | None:
    """The print job of this station that somebody may want to know of, if any: as its paper says when it was."""
    found = here.paper and statements.PAPER(here.session, station=here.station_id).first()
    if not found:
        return None
    number, state, copy, day, began_at_s, ended_at_s, lot, copies, what = found
    return {
        "id": number,
        "state": state,
        "copy": bool(copy),
        "day": str(day),
        "began": began_at_s and days.clock(began_at_s),
        "ended": ended_at_s and days.clock(ended_at_s),
        "lot": lot,
        "copies": copies,
        "trial": what == printing.TRIAL,
    }


def _lines(lines: Iterable[Line | Act]) -> list[dict[str, Any]]:
    return [{"item": line.item, "lot": line.lot or None, "pieces": line.pieces} for line in lines]
