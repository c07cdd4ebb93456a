"""The counter's state machine: one pure function.

`step(session, read, meaning)` says what the session becomes, what the journal must write and what the person is told.
The same function serves a live station and one that sends its evening the next day.

A number comes before what it is for: "× 5" then a kit, "2 . 5" then "kilograms returned". After that it is one again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as replace_feedback
from decimal import Decimal

from msgspec.structs import replace

from inventory import days
from inventory.counter import carrying, undoing
from inventory.counter.parts import (
    MODE_NAMES,
    MOST_PIECES,
    TIMES,
    after_quiet,
    any_number,
    count,
    half_pair,
    hours,
    ignored,
    next_person,
    recorded,
    refused_number,
    remember,
    scan_other,
    somebody,
    whole_number,
    with_line,
)
from inventory.counter.values import (
    Act,
    Close,
    Command,
    Details,
    Feedback,
    GiveBack,
    HandOut,
    Line,
    Meaning,
    Nothing,
    Pending,
    PlaceCode,
    Print,
    Product,
    ReadAt,
    Returned,
    Session,
    SetChannel,
    SetSite,
    Status,
    Step,
    UnknownProduct,
)
from inventory.messages import Message
from inventory.words import Mode

MOST_DIGITS = 7

_LOOKING = (Mode.LOOK_UP, Mode.ASSEMBLE, Mode.COUNT)
_CARRYING = (Mode.RECEIVE, Mode.LOAD, Mode.UNLOAD)


def step(session: Session, read: ReadAt, meaning: Meaning) -> Step:
    """Interpret one read."""
    done = _interpret(session, read, meaning)
    if session.training is not None and done.session.training is not None:
        # Everything works and nothing is written.
        return Step(done.session, done.feedback)
    return done


def _interpret(session: Session, read: ReadAt, meaning: Meaning) -> Step:
    if isinstance(meaning, Command):
        return _COMMANDS[meaning.name](replace(session, pending=None), read, meaning.value)
    if isinstance(meaning, Nothing):
        return Step(session, Feedback(Status.REFUSED, meaning.reason))
    if session.expect == "look-up" or session.mode in _LOOKING:
        return _look_up(session, meaning)
    if isinstance(meaning, PlaceCode):
        return _place(session, read, meaning)
    if isinstance(meaning, Returned):
        return _returned(replace(session, pending=None), read, meaning)
    if isinstance(meaning, UnknownProduct):
        return _unknown(replace(session, pending=None), read, meaning)
    if session.mode in _CARRYING:
        return carrying.step(session, read, meaning)
    if isinstance(meaning, Details):
        return _details(session, read, meaning)
    return _product(session, read, meaning)


def closing(session: Session, passages: int | None = None) -> Session:
    """The session as it is counted at closing: training is left, the last person's lines are closed, and the number
    of passages that was counted by hand, if any, replaces the clicked one."""
    if session.training is not None:
        session = session.training
    if somebody(session) and session.mode is Mode.HAND_OUT and not session.afterwards:
        session = count(session, f"passage:{days.hour_of(session.last_at_s)}", 1)
    session = replace(session, lines=(), acts=(), pending=None)
    return session if passages is None else _with_passages(session, passages)


def _with_passages(session: Session, passages: int) -> Session:
    difference = passages - session.passages
    counted = hours(session)
    if difference >= 0:
        last = counted[-1] if counted else f"passage:{days.hour_of(session.last_at_s)}"
        return count(session, last, difference)
    for key in reversed(counted):
        less = min(-difference, session.counters[key])
        session = count(session, key, -less)
        difference += less
    return session


# Handing out


def _product(session: Session, read: ReadAt, product: Product) -> Step:
    if session.expect == "correct":
        return undoing.correct(session, read, product)
    number, session = whole_number(session)
    pair = half_pair(session, read)
    waiting = pair.details if pair else None
    if waiting is not None and product.dated and product.lot is None:
        product = replace(product, lot=waiting.lot, expires=waiting.expires, count=waiting.count)
    session = replace(after_quiet(session, read), pending=None)
    if number is None or not 0 < number * product.pieces <= MOST_PIECES:
        return Step(session, refused_number())
    pieces = number * product.pieces
    pending = None
    if product.dated and product.lot is None:
        pending = Pending(read.id, int(read.at.timestamp()), product=product, pieces=pieces)
    session = _with_line(session, read, product, pieces, pending)
    entry = HandOut(read.id, product.item, pieces, product.lot, product.expires)
    return Step(session, recorded(product, pieces), (entry,))


def _with_line(
    session: Session, read: ReadAt, product: Product, pieces: int, pending: Pending | None
) -> Session:
    return replace(
        session,
        lines=with_line(session, Line(read.id, product.item, pieces, product.lot)),
        acts=remember(session, Act(read.id, product.item, pieces, stock=True)),
        last_at_s=int(read.at.timestamp()),
        pending=pending,
    )


def _details(session: Session, read: ReadAt, details: Details) -> Step:
    """The other of a box's two codes: it names the lot of the box just read, or waits for the box."""
    pending = half_pair(session, read)
    if pending is None or pending.product is None:
        pending = Pending(read.id, int(read.at.timestamp()), details=details)
        return Step(replace(session, pending=pending), scan_other(details))
    product = replace(pending.product, lot=details.lot, expires=details.expires)
    lines = tuple(line for line in session.lines if line.read != pending.read)
    acts = tuple(act for act in session.acts if act.quiet or act.read != pending.read)
    session = replace(session, lines=lines, acts=acts)
    session = _with_line(session, read, product, pending.pieces, None)
    entries = (
        GiveBack(pending.read),
        HandOut(read.id, product.item, pending.pieces, product.lot, product.expires),
    )
    feedback = recorded(replace(product, gtin=None), pending.pieces)
    if details.count is not None and details.count != product.pieces:
        message = Message(
            "Recorded: the box says %(box)d, the list says %(list)d.",
            box=details.count,
            list=product.pieces,
        )
        feedback = replace_feedback(feedback, message=message)
    return Step(session, feedback, entries)


def _unknown(session: Session, read: ReadAt, meaning: UnknownProduct) -> Step:
    if session.mode is not Mode.HAND_OUT:
        message = Message("No list has this code. Add it to the codes first.")
        return Step(session, Feedback(Status.UNKNOWN, message, gtin=meaning.gtin))
    number, session = whole_number(session)
    if session.expect == "correct":
        return Step(replace(session, expect=""), ignored(undoing.NO_LINE))
    if number is None or not 0 < number <= MOST_PIECES:
        return Step(session, refused_number())
    session = after_quiet(session, read)
    key = f"unknown:{meaning.gtin}"
    act = Act(read.id, pieces=number, count=(key, number))
    session = replace(
        count(session, key, number),
        acts=remember(session, act),
        last_at_s=int(read.at.timestamp()),
    )
    message = Message(
        "Kept: %(pieces)d of a code no list has. It can be named later.", pieces=number
    )
    return Step(session, Feedback(Status.UNKNOWN, message, gtin=meaning.gtin, pieces=number))


def _look_up(session: Session, meaning: Meaning) -> Step:
    session = replace(session, expect="")
    looked_up = Message("Looked up, nothing recorded.")
    match meaning:
        case Product():
            feedback = replace_feedback(recorded(meaning, meaning.pieces), message=looked_up)
        case Details():
            feedback = replace_feedback(scan_other(meaning), message=looked_up)
        case UnknownProduct():
            feedback = Feedback(
                Status.UNKNOWN, Message("No list has this code."), gtin=meaning.gtin
            )
        case _:
            feedback = Feedback(Status.IGNORED, Message("Nothing to look up."))
    return Step(session, feedback)


def _place(session: Session, read: ReadAt, place: PlaceCode) -> Step:
    session = replace(session, pending=None)
    told = Feedback(Status.ACCEPTED, Message("Place: %(place)s.", place=place.place))
    if session.expect == "channel":
        message = Message("The whole shift now counts for %(channel)s.", channel=place.channel)
        if not place.channel:
            message = Message("%(place)s has no channel.", place=place.place)
            return Step(replace(session, expect=""), Feedback(Status.REFUSED, message))
        entries = (SetChannel(place.channel),)
        return Step(replace(session, expect=""), Feedback(Status.ACCEPTED, message), entries)
    if session.mode in _CARRYING:
        return Step(replace(session, other=place.place), told)
    return Step(session, told, (SetSite(place.place),))


# Used material


def _returned(session: Session, read: ReadAt, returned: Returned) -> Step:
    number, session = any_number(session)
    if returned.measured:
        number = Decimal(returned.measured) * (1 if number is None else number)
    elif number is None and returned.method == "container":
        number = Decimal(1)
    thousandths = 0 if number is None else int((number * 1000).to_integral_value())
    if not 0 < thousandths <= MOST_PIECES * 1000:
        message = Message("First how many or how much, then this code.")
        return Step(session, Feedback(Status.REFUSED, message))
    origin = "street" if session.street else "person"
    key = f"return:{origin}:{returned.method}:{returned.unit}:{returned.factor}"
    session = after_quiet(session, read)
    session = replace(
        count(session, key, thousandths),
        acts=remember(session, Act(read.id, count=(key, thousandths))),
        street=False,
        last_at_s=int(read.at.timestamp()),
    )
    return Step(session, Feedback(Status.ACCEPTED, Message("Returned material noted. Thank you.")))


# Commands


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
    if not somebody(session):
        return Step(session, ignored(Message("Nothing recorded since the last person.")))
    _, session = any_number(session)
    return Step(next_person(session, read), Feedback(Status.ACCEPTED, Message("Next person.")))


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
    message = Message("%(count)d passages", count=session.passages)
    return Step(session, Feedback(Status.ACCEPTED, message))


def _contact(session: Session, read: ReadAt, value: str) -> Step:
    number, session = whole_number(session)
    if number is None or not 0 < number <= MOST_PIECES:
        return Step(session, refused_number())
    key = f"contact:{value}:{read.at.hour}"
    session = replace(
        count(session, key, number), acts=remember(session, Act(read.id, count=(key, number)))
    )
    return Step(session, Feedback(Status.ACCEPTED, Message("Contact noted.")))


def _afterwards(session: Session, read: ReadAt, value: str) -> Step:
    """What is recorded until "next person" was forgotten earlier: it counts, the person was counted then."""
    if session.afterwards:
        return Step(session, ignored(Message("Already adding afterwards.")))
    if somebody(session):
        session = next_person(session, read)
    else:
        session = replace(session, acts=remember(session, Act(read.id, afterwards=False)))
    message = Message("Adding afterwards: no passage is counted until “next person”.")
    return Step(replace(session, afterwards=True), Feedback(Status.ACCEPTED, message))


def _expect(session: Session, read: ReadAt, value: str) -> Step:
    asks = {
        "look-up": Message("Now the code to look up."),
        "correct": Message("Now the article whose line becomes this number."),
        "channel": Message("Now the place whose channel the whole shift counts for."),
    }
    return Step(replace(session, expect=value), Feedback(Status.ACCEPTED, asks[value]))


def _street(session: Session, read: ReadAt, value: str) -> Step:
    message = Message("Picked up in the street: now how it was measured.")
    return Step(replace(session, street=True), Feedback(Status.ACCEPTED, message))


def _mode(session: Session, read: ReadAt, value: str) -> Step:
    if somebody(session) and session.mode is Mode.HAND_OUT:
        session = next_person(session, read)
    session = replace(session, mode=Mode(value), other=None, number="", expect="", lines=())
    return Step(
        session, Feedback(Status.ACCEPTED, Message("Mode: %(mode)s", mode=MODE_NAMES[Mode(value)]))
    )


def _training(session: Session, read: ReadAt, value: str) -> Step:
    if session.training is not None:
        message = Message("Training is over: nothing of it was counted.")
        return Step(session.training, Feedback(Status.ACCEPTED, message))
    fresh = Session(mode=session.mode, training=session)
    return Step(fresh, Feedback(Status.ACCEPTED, Message("Training: nothing is counted.")))


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
    entries = (Print(value, int(read.at.timestamp())),)
    return Step(session, Feedback(Status.ACCEPTED, told[value]), entries)


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
    "mode": _mode,
    "training": _training,
    "close-shift": _close,
    "print": _print,
}
