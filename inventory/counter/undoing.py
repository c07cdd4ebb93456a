"""Undo, and correcting a line."""

from __future__ import annotations

from msgspec.structs import replace

from inventory.counter import modes
from inventory.counter.parts import (
    MODE_NAMES,
    MOST_PIECES,
    count,
    ignored,
    recorded,
    refused_number,
    remember,
    whole_number,
    with_line,
)
from inventory.counter.values import (
    Act,
    Entry,
    Feedback,
    GiveBack,
    HandOut,
    Line,
    Product,
    ReadAt,
    Session,
    Status,
    Step,
)
from inventory.messages import Message

NO_LINE = Message("The current person has no line of this article.")


def undo(session: Session, read: ReadAt, value: str) -> Step:
    """Take back the last thing done; silence that closed somebody's lines goes with what came before it.

    Undoing what waits (a number, a question) comes first: it is what the person sees.
    """
    if session.number or session.expect or session.street:
        session = replace(session, number="", expect="", street=False)
        return Step(session, Feedback(Status.ACCEPTED, Message("Cleared.")))
    while session.acts and session.acts[-1].quiet:
        session = _without_last(session)
    if not session.acts:
        return Step(session, ignored(Message("Nothing to undo.")))
    act = session.acts[-1]
    session = _without_last(session)
    entries: list[Entry] = [GiveBack(act.read)] if act.stock else []
    for line in act.again:
        # In the name of the read that first handed them out, so that undoing that one takes back all of it.
        entries.append(HandOut(line.read, line.item, line.pieces, line.lot))
    message = Message("Undone.")
    if act.mode is not None:
        message = Message("Mode: %(mode)s", mode=MODE_NAMES[act.mode])
    told = Feedback(
        Status.ACCEPTED,
        message,
        item=act.item,
        pieces=-act.pieces if act.item else None,
        brought_back=act.brought_back,
    )
    return Step(session, told, tuple(entries))


def _without_last(session: Session) -> Session:
    act = session.acts[-1]
    if act.mode is not None:
        return modes.back(session, act)
    lines = act.lines
    if lines is None:
        lines = tuple(line for line in session.lines if line.read != act.read)
    session = replace(session, acts=session.acts[:-1], lines=lines, pending=None)
    if act.afterwards is not None:
        session = replace(session, afterwards=act.afterwards)
    if act.count is None:
        return session
    key, change = act.count
    # Passages are of both lanes: the other one may have taken this one off already.
    return count(session, key, -min(change, session.counters.get(key, 0)))


def correct(session: Session, read: ReadAt, product: Product) -> Step:
    """Make the current person's line of an article this many pieces."""
    number, session = whole_number(session)
    session = replace(session, expect="", pending=None)
    mine = [line for line in session.lines if line.item == product.item]
    if not mine:
        return Step(session, ignored(NO_LINE))
    if number is None or not 0 <= number <= MOST_PIECES:
        return Step(session, refused_number())
    now = sum(line.pieces for line in mine)
    if number == now:
        return Step(session, ignored(Message("The line is already right.")))
    if number > now:
        return _more(session, read, product, number - now)
    return _fewer(session, read, product, now - number)


def _more(session: Session, read: ReadAt, product: Product, pieces: int) -> Step:
    line = Line(read.id, product.item, pieces, product.lot)
    act = Act(read.id, product.item, pieces, stock=True)
    session = replace(session, lines=with_line(session, line), acts=remember(session, act))
    entry = HandOut(read.id, product.item, pieces, product.lot, product.expires)
    return Step(session, recorded(product, pieces), (entry,))


def _fewer(session: Session, read: ReadAt, product: Product, pieces: int) -> Step:
    """Take off the latest reads of the article first."""
    before, lines, entries, again, left = session.lines, [], [], [], pieces
    for line in reversed(before):
        less = min(line.pieces, left) if line.item == product.item else 0
        left -= less
        if less:
            entries.append(GiveBack(line.read, less))
            again.append(replace(line, pieces=less))
        if line.pieces > less:
            lines.append(replace(line, pieces=line.pieces - less))
    act = Act(read.id, product.item, -pieces, lines=before, again=tuple(again))
    session = replace(session, lines=tuple(reversed(lines)), acts=remember(session, act))
    return Step(session, recorded(product, -pieces), tuple(entries))
