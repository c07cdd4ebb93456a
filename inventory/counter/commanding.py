"""What each command code does to the session: numbers, people, lanes, modes, training, closing."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from inventory.counter import modes, undoing
from inventory.counter.lanes import to_lane
from inventory.counter.parts import (
    MODE_NAMES,
    MOST_PIECES,
    TIMES,
    at_work,
    count,
    hours,
    ignored,
    next_person,
    refused_number,
    remember,
    somebody,
    whole_number,
)
from inventory.counter.values import (
    Act,
    Close,
    Command,
    Feedback,
    Print,
    ReadAt,
    Session,
    Status,
    Step,
)
from inventory.messages import Counted, Message
from inventory.words import Mode

MOST_DIGITS = 7

NOBODY_SERVED = Message("Nobody is served in this mode.")

_CONTACTS = {
    "reception": Message("Reception"),
    "shower": Message("Shower"),
    "laundry": Message("Laundry"),
}

_LEAVES_PAIRS = ("lane", "page")
"""Between the two codes of a box, these change nothing."""


ONLY_FOR_KITS = Message("This is for where kits are made.")

_OF_WORKSHOP = ("workshop", "digit", "clear", "times")


def is_of_workshop(command: Command) -> bool:
    """Whether a command is for those who make kits, at a station where kits are made."""
    return command.name in _OF_WORKSHOP or command.value == "help"


def command(session: Session, read: ReadAt, command: Command) -> Step:
    """One command code."""
    if command.name not in _LEAVES_PAIRS:
        session = replace(session, pending=None)
    return _COMMANDS[command.name](session, read, command.value)


def _times(session: Session, read: ReadAt, value: str) -> Step:
    told = Feedback(Status.ACCEPTED, Message("× %(number)s", number=value))
    return Step(replace(session, number=TIMES + value if value != "1" else ""), told)


def _digit(session: Session, read: ReadAt, value: str) -> Step:
    typed = "" if session.number.startswith(TIMES) else session.number
    number = typed + value
    if len(number) > MOST_DIGITS or number.count(".") > 1:
        return Step(replace(session, number=""), refused_number())
    told = Feedback(Status.ACCEPTED, Message("× %(number)s", number=number))
    return Step(replace(session, number=number), told)


def _clear(session: Session, read: ReadAt, value: str) -> Step:
    if not (session.number or session.expect or session.street):
        return Step(session, ignored(Message("Nothing to clear.")))
    session = replace(session, number="", expect="", street=False)
    return Step(session, Feedback(Status.ACCEPTED, Message("Cleared.")))


def _next_person(session: Session, read: ReadAt, value: str) -> Step:
    if session.mode is not Mode.HAND_OUT:
        return Step(session, ignored(NOBODY_SERVED))
    if not somebody(session) and not session.afterwards:
        return Step(session, ignored(Message("Nothing recorded since the last person.")))
    told = Message("Adding afterwards is over.") if session.afterwards else Message("Next person.")
    session = replace(session, number="", expect="", street=False)
    return Step(next_person(session, read), Feedback(Status.ACCEPTED, told))


def _passages(session: Session, read: ReadAt, value: str) -> Step:
    number, session = whole_number(session)
    if number is None or number > MOST_PIECES:
        return Step(session, refused_number())
    change = number if value == "+" else -number
    key = f"passage:{read.at.hour}"
    if change < 0:
        with_some = [k for k in hours(session) if session.counters[k] >= -change]
        if not with_some:
            return Step(session, ignored(Message("No passage to take off.")))
        key = key if key in with_some else with_some[-1]
    session = replace(
        count(session, key, change), acts=remember(session, Act(read.id, count=(key, change)))
    )
    message = Counted("%(count)d passage", "%(count)d passages", count=session.passages)
    return Step(session, Feedback(Status.ACCEPTED, message))


def _contact(session: Session, read: ReadAt, value: str) -> Step:
    number, session = whole_number(session)
    if number is None or not 0 < number <= MOST_PIECES:
        return Step(session, refused_number())
    key = f"contact:{value}:{read.at.hour}"
    session = replace(
        count(session, key, number), acts=remember(session, Act(read.id, count=(key, number)))
    )
    told = Message("Contact noted: %(contact)s.", contact=_CONTACTS[value])
    return Step(session, Feedback(Status.ACCEPTED, told))


def _afterwards(session: Session, read: ReadAt, value: str) -> Step:
    """What is recorded until "next person" was forgotten earlier: it counts, the person was counted then."""
    if session.mode is not Mode.HAND_OUT:
        return Step(session, ignored(NOBODY_SERVED))
    if session.afterwards:
        return Step(session, ignored(Message("Already adding afterwards: “next person” ends it.")))
    if somebody(session):
        session = next_person(session, read)
    else:
        session = replace(session, acts=remember(session, Act(read.id, afterwards=False)))
    session = replace(session, afterwards=True, last_at_s=at_work(session, read))
    message = Message(
        "Adding afterwards: no passage is counted until “next person” or a minute without a read."
    )
    return Step(session, Feedback(Status.ACCEPTED, message))


_OF_HAND_OUTS = {
    "correct": Message("Lines are corrected where things are handed out. Here: undo."),
    "brought-back": Message("What comes back is read where things are handed out."),
}


def _expect(session: Session, read: ReadAt, value: str) -> Step:
    if value in _OF_HAND_OUTS and session.mode is not Mode.HAND_OUT:
        session = replace(session, number="")
        return Step(session, ignored(_OF_HAND_OUTS[value]))
    asks = {
        "look-up": Message("Now the code to look up."),
        "correct": Message("Now the article whose line becomes this number."),
        "brought-back": Message("Now the article that came back unopened."),
        "channel": Message("Now the place whose channel the whole shift counts for."),
    }
    return Step(replace(session, expect=value), Feedback(Status.ACCEPTED, asks[value]))


def _street(session: Session, read: ReadAt, value: str) -> Step:
    message = Message("Picked up in the street: now how it was measured.")
    return Step(replace(session, street=True), Feedback(Status.ACCEPTED, message))


def _lane(session: Session, read: ReadAt, value: str) -> Step:
    message = Message("Lane %(lane)s.", lane=value.upper())
    return Step(to_lane(session, value), Feedback(Status.ACCEPTED, message))


def _mode(session: Session, read: ReadAt, value: str) -> Step:
    session = modes.to_mode(session, read, Mode(value))
    message = Message("Mode: %(mode)s", mode=MODE_NAMES[session.mode])
    return Step(session, Feedback(Status.ACCEPTED, message))


def _training(session: Session, read: ReadAt, value: str) -> Step:
    if session.training is not None:
        message = Message("Training is over: nothing of it was counted.")
        return Step(session.real, Feedback(Status.ACCEPTED, message))
    fresh = Session(
        mode=session.mode, lane=session.lane, training=session, training_from_ms=read.at_ms
    )
    return Step(fresh, Feedback(Status.ACCEPTED, Message("Training: nothing is counted.")))


def _page(session: Session, read: ReadAt, value: str) -> Step:
    """For the page alone, which knows the command by its name."""
    told = {
        "handover": Message("Handover: the tally so far can be printed."),
        "hide": Message("The screen is hidden."),
        "help": Message("Help is on the screen."),
        "sound": Message("Sound on or off."),
    }
    return Step(session, Feedback(Status.ACCEPTED, told[value]))


def _close(session: Session, read: ReadAt, value: str) -> Step:
    if session.training is not None:
        return _training(session, read, value)
    # Only a number typed for it: a forgotten "× 5" is no count of people.
    passages = int(session.number) if session.number.isdigit() else None
    feedback = Feedback(Status.ACCEPTED, Message("Shift closed. Its journal is erased."))
    return Step(replace(session, number=""), feedback, (Close(passages),))


def _print(session: Session, read: ReadAt, value: str) -> Step:
    if session.training is not None:
        return Step(session, ignored(Message("Training: nothing is printed.")))
    told = {
        "tally": Message("The tally goes to the printer."),
        "again": Message("It is printed once more, as a copy."),
        "yes": Message("Noted: the paper came out."),
        "no": Message("It is printed once more, as a copy."),
    }
    entries = (Print(value, read.at.timestamp()),)
    return Step(session, Feedback(Status.ACCEPTED, told[value]), entries)


def _workshop(session: Session, read: ReadAt, value: str) -> Step:
    return Step(session, ignored(ONLY_FOR_KITS))


_COMMANDS: dict[str, Callable[[Session, ReadAt, str], Step]] = {
    "times": _times,
    "digit": _digit,
    "clear": _clear,
    "undo": undoing.undo,
    "next-person": _next_person,
    "passages": _passages,
    "contact": _contact,
    "afterwards": _afterwards,
    "expect": _expect,
    "street": _street,
    "lane": _lane,
    "mode": _mode,
    "training": _training,
    "close-shift": _close,
    "print": _print,
    "page": _page,
    "workshop": _workshop,
}
