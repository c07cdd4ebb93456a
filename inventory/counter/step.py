"""The counter's state machine: one pure function.

`step(session, read, meaning)` says what the session becomes, what the journal must write and what the person is told.
The same function serves a live station and one that sends its evening the next day.

A number comes before what it is for: "× 5" then a kit, "2 . 5" then "kilograms returned". After that it is one again.
"""

from __future__ import annotations

from dataclasses import replace as replace_feedback
from datetime import datetime

from msgspec.structs import replace

from inventory.counter import carrying, commanding, modes, returning, undoing
from inventory.counter.lanes import in_use, to_lane
from inventory.counter.parts import (
    MOST_PIECES,
    WHOLE_SHIFT,
    after_adding,
    after_quiet,
    at_work,
    count,
    half_pair,
    hours,
    ignored,
    is_served,
    passage_at,
    recorded,
    refused_number,
    remember,
    scan_other,
    whole_number,
    with_line,
)
from inventory.counter.values import (
    Act,
    Assemble,
    Command,
    Details,
    Feedback,
    GiveBack,
    HandOut,
    Known,
    Line,
    Meaning,
    Nothing,
    Pending,
    PlaceCode,
    Product,
    ReadAt,
    Returned,
    Session,
    SetChannel,
    SetSite,
    Status,
    Step,
    Unchecked,
    UnknownProduct,
)
from inventory.messages import Message
from inventory.words import Mode

TRAINING_S = 30 * 60
"""Training ends by itself this long after it began, whatever is read: nobody must go on handing out uncounted."""

NOT_COUNTED = Message("Training: not counted.")

_OF_THE_STATION = ("lane", "training")
"""Commands of the station as it stands, whatever the mode was when they were read."""

_LOOKING = (Mode.LOOK_UP, Mode.COUNT)
_CARRYING = (Mode.RECEIVE, Mode.LOAD, Mode.UNLOAD)


def step(session: Session, read: ReadAt, meaning: Meaning) -> Step:
    """Interpret one read."""
    if isinstance(meaning, Nothing):
        return Step(session, Feedback(Status.REFUSED, meaning.reason))
    session = _after_training(session, read.at_ms)
    if session.training is not None and read.at_ms < session.training_from_ms:
        # Made before training began, and only now come in: it is of the evening.
        done = step(session.training, read, meaning)
        session = replace(session, training=done.session)
        return Step(session, done.feedback, done.entries)
    # A read that names its lane is as if the lane's command had come just before it.
    done = _in_its_mode(to_lane(session, read.lane), read, meaning)
    if done.session.training is None:
        return done
    # Everything works and nothing is written.
    return Step(done.session, _practised(session, meaning, done))


def awake(session: Session, at: datetime) -> Session:
    """The session at a moment: what ends by itself has ended."""
    read = ReadAt("", at)
    return after_adding(_after_training(session, read.at_ms), read)


def _after_training(session: Session, at_ms: int) -> Session:
    """Training that has lasted long enough is over, and nothing of it was counted."""
    if session.training is None or at_ms - session.training_from_ms < TRAINING_S * 1000:
        return session
    return session.real


def _practised(before: Session, meaning: Known, done: Step) -> Feedback:
    """What is told while somebody learns: whoever does not know it must hear that nothing is counted."""
    counts = done.entries or done.session.counters != before.counters
    steers = isinstance(meaning, Command) and meaning.name not in ("contact", "workshop")
    if not counts or steers or done.feedback.status is Status.REFUSED:
        return done.feedback
    return replace_feedback(done.feedback, message=NOT_COUNTED)


def _in_its_mode(session: Session, read: ReadAt, meaning: Known) -> Step:
    """A read is taken in the mode that was in force when it was made, however late it comes."""
    here = isinstance(meaning, Command) and meaning.name in _OF_THE_STATION
    if here or not modes.is_late(session, read.at_ms):
        return _interpret(after_adding(session, read), read, meaning)
    done = _in_its_mode(modes.as_it_was(session), read, meaning)
    return Step(modes.with_late(session, done.session), done.feedback, done.entries)


def _interpret(session: Session, read: ReadAt, meaning: Known) -> Step:
    if isinstance(meaning, Command):
        if session.mode is Mode.ASSEMBLE and commanding.is_of_workshop(meaning):
            return _assemble(session, meaning)
        return commanding.command(session, read, meaning)
    if session.mode is Mode.ASSEMBLE and session.expect != "look-up":
        return _assemble(session, meaning)
    if isinstance(meaning, Unchecked):
        return Step(session, ignored(commanding.ONLY_FOR_KITS))
    if session.expect == "look-up" or session.mode in _LOOKING:
        return _look_up(session, meaning)
    if isinstance(meaning, PlaceCode):
        return _place(session, read, meaning)
    if isinstance(meaning, Returned):
        return returning.returned(replace(session, pending=None), read, meaning)
    if isinstance(meaning, UnknownProduct):
        return _unknown(replace(session, pending=None), read, meaning)
    if session.mode in _CARRYING:
        return carrying.step(session, read, meaning)
    if isinstance(meaning, Details):
        return _details(session, read, meaning)
    return _product(session, read, meaning)


def _assemble(session: Session, meaning: Known) -> Step:
    """What kits are made of is not this session's: the workshop says what became of the read."""
    told = Feedback(Status.ACCEPTED, Message("For the workshop."))
    return Step(session, told, (Assemble(meaning),))


def closing(session: Session, passages: int | None = None) -> Session:
    """The session as it is counted at closing: training is left, the last person of each lane is counted, and the
    number of passages that was counted by hand, if any, replaces the clicked one."""
    session = session.real
    parts = in_use(session)
    for lane in parts:
        if is_served(lane):
            session = count(session, passage_at(lane.last_at_s), 1)
    last_at_s = max(lane.last_at_s for lane in parts)
    session = replace(session, lines=(), acts=(), pending=None, aside=None, before=None)
    return session if passages is None else _with_passages(session, passages, last_at_s)


def passages_at_closing(session: Session) -> int:
    """How many `closing` would count."""
    session = session.real
    return session.passages + sum(map(is_served, in_use(session)))


def _with_passages(session: Session, passages: int, last_at_s: int) -> Session:
    """More than were clicked are of the last hour; where nothing was read, of the whole shift: nobody knows better."""
    difference = passages - session.passages
    counted = hours(session)
    if difference >= 0:
        last = passage_at(last_at_s) if last_at_s else f"passage:{WHOLE_SHIFT}"
        return count(session, counted[-1] if counted else last, difference)
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
    back = session.expect == "brought-back"
    pending = None
    if product.dated and product.lot is None:
        at_s = read.at_s
        pending = Pending(read.id, at_s, product=product, pieces=pieces, brought_back=back)
    if back:
        return returning.brought_back(session, read, product, pieces, pending)
    return _hand_out(session, read, product, pieces, pending)


def _hand_out(
    session: Session, read: ReadAt, product: Product, pieces: int, pending: Pending | None
) -> Step:
    session = replace(
        session,
        lines=with_line(session, Line(read.id, product.item, pieces, product.lot)),
        acts=remember(session, Act(read.id, product.item, pieces, stock=True)),
        last_at_s=at_work(session, read),
        pending=pending,
    )
    entry = HandOut(read.id, product.item, pieces, product.lot, product.expires)
    return Step(session, recorded(product, pieces), (entry,))


def _details(session: Session, read: ReadAt, details: Details) -> Step:
    """The other of a box's two codes: it names the lot of the box just read, or waits for the box."""
    pending = half_pair(session, read)
    if pending is None or pending.product is None:
        pending = Pending(read.id, read.at_s, details=details)
        return Step(replace(session, pending=pending), scan_other(details))
    product = replace(pending.product, lot=details.lot, expires=details.expires)
    lines = tuple(line for line in session.lines if line.read != pending.read)
    acts = tuple(act for act in session.acts if act.quiet or act.read != pending.read)
    session = replace(session, lines=lines, acts=acts)
    again = returning.brought_back if pending.brought_back else _hand_out
    done = again(session, read, product, pending.pieces, None)
    feedback = replace_feedback(done.feedback, gtin=None)
    if details.count is not None and details.count != product.pieces:
        message = Message(
            "Recorded: the box says %(box)d, the list says %(list)d.",
            box=details.count,
            list=product.pieces,
        )
        feedback = replace_feedback(feedback, message=message)
    return Step(done.session, feedback, (GiveBack(pending.read), *done.entries))


def _unknown(session: Session, read: ReadAt, meaning: UnknownProduct) -> Step:
    if session.mode is not Mode.HAND_OUT or session.expect == "brought-back":
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
        last_at_s=at_work(session, read),
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
        return Step(_far_end(session, read, place.place), told)
    return Step(session, told, (SetSite(place.place),))


def _far_end(session: Session, read: ReadAt, place: str) -> Session:
    """Where a load comes from or goes to; another place is another load."""
    begun = session.lines or session.other
    if begun and place != session.other:
        return modes.change(session, read, session.mode, place)
    return replace(session, other=place)
